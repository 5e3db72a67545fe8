"""What `show_source` shows is the real source."""

import numpy as np
import pytest

from rnnkit.show import show_source

from .samples import Demo


def documented(x):
    """Say nothing."""
    return x  # a comment


def test_show_source_is_the_real_source():
    text = show_source(documented)._repr_markdown_()
    assert text.startswith('```python\ndef documented(x):\n    """Say nothing."""\n')
    assert text.endswith("    return x  # a comment\n```")


def test_show_source_joins_and_can_leave_out_docstrings():
    text = show_source(documented, Demo.static_figure, docstring=False).text
    assert text.startswith(
        "def documented(x):\n    return x  # a comment\n\n\ndef static_figure(self):"
    )


@pytest.mark.parametrize("thing", [len, 3, np.tanh])
def test_show_source_refuses_what_has_no_source(thing):
    with pytest.raises(ValueError, match="objects: expected a function"):
        show_source(thing)


def test_show_source_needs_an_object():
    with pytest.raises(ValueError, match="at least one"):
        show_source()
