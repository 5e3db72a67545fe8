"""The shared code of the course: numpy cells, data, figures and explorables."""

__version__ = "0.1.0"
