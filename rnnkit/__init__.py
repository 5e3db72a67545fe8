"""The shared code of the course: numpy cells with hand-derived gradients, data, figures and explorables."""

__version__ = "0.1.0"
