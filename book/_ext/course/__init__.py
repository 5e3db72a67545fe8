"""The course's own Sphinx extension: one module for each thing that Jupyter Book does not do."""

from . import (
    assets,
    explorables,
    inks,
    launch,
    mathml,
    meta,
    numbers,
    polish,
    reading,
    stylesheet,
    teaching,
    weights,
)

MODULES = (
    mathml,
    inks,
    explorables,
    launch,
    teaching,
    meta,
    numbers,
    assets,
    reading,
    weights,
    polish,
    stylesheet,
)


def setup(app):
    for module in MODULES:
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
