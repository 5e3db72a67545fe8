"""Put values into a text: ``<<name>>`` as it was given, ``<<name:.3f>>`` rounded, arrays as TeX."""

import re

import numpy as np

PLACE = re.compile(r"<<(\w+)(?::([^>]+))?>>")


def fill(text, values):
    """The text with its values, and the set of names that it used.

    Raises:
        ValueError: a name without a value.
    """
    used = set()

    def written(match):
        name, form = match.groups()
        if name not in values:
            raise ValueError(f"text: expected a value called {name!r}, got none")
        used.add(name)
        return tex(values[name], form)

    return PLACE.sub(written, text), used


def tex(value, form=None):
    """A value as it stands in a text: numbers with few digits, vectors in a row, matrices in brackets."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        value = np.asarray(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return "(" + r",\ ".join(number(x, form) for x in value) + ")"
    if isinstance(value, np.ndarray) and value.ndim == 2:
        rows = r" \\ ".join(" & ".join(number(x, form) for x in row) for row in value)
        return r"\begin{pmatrix} " + rows + r" \end{pmatrix}"
    return number(value, form)


def number(value, form=None):
    """One number: whole ones with thin spaces, ``form`` "e" as a power of ten, others as Python formats them."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}".replace(",", r"\,")
    if form and form.endswith("e"):
        mantissa, _, exponent = f"{value:{form}}".partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    if form:
        shown = f"{value:{form}}"
        return shown.lstrip("-") if float(shown) == 0 else shown
    return f"{value:.6g}"
