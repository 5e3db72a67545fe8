"""The course's own Sphinx extension: one module for each thing that Jupyter Book does not do."""

from . import assets, explorables, launch, mathml, meta, numbers, polish

MODULES = (mathml, explorables, launch, meta, numbers, assets, polish)


def setup(app):
    for module in MODULES:
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
