"""The course's own Sphinx extension: one module for each thing that Jupyter Book does not do."""

import hashlib
from pathlib import Path

from . import (
    assets,
    cells,
    explorables,
    generated,
    head_line,
    inks,
    launch,
    mathml,
    meta,
    missing,
    numbers,
    outline,
    polish,
    problem_sets,
    reading,
    releases,
    sitemap,
    stylesheet,
    takeaways,
    teaching,
    weights,
)

MODULES = (
    mathml,
    inks,
    explorables,
    cells,
    generated,
    launch,
    teaching,
    problem_sets,
    meta,
    numbers,
    outline,
    assets,
    reading,
    releases,
    weights,
    polish,
    takeaways,
    head_line,
    missing,
    sitemap,
    stylesheet,
)


def fingerprint():
    """A mark of the extension's own files: where it changes, Sphinx writes every page anew."""
    files = sorted(Path(__file__).parent.rglob("*.[ph]*"))  # Python and templates
    content = b"".join(path.read_bytes() for path in files if path.suffix != ".pyc")
    return hashlib.sha256(content).hexdigest()


def setup(app):
    app.add_config_value("course_fingerprint", fingerprint(), "html")
    for module in MODULES:
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
