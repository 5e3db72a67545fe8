"""Figures in the style of the course, drawn without a window."""

import matplotlib

from rnnkit.show import style

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pytest


@pytest.fixture
def course_style():
    with matplotlib.rc_context():
        style.use()
        yield
        plt.close("all")
