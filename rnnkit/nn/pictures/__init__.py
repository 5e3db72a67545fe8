"""Pictures as sequences: read glimpse by glimpse, and painted step by step. Many small networks side by side."""
