"""The data of the course: one module per data set; `archive` fetches and verifies what is not generated."""
