"""Pages that are made of the chapters: a line with a fence of one of these names becomes what its function returns."""

import re
from pathlib import Path

from sphinx.errors import ExtensionError

from . import claims, gallery

MAKERS = {"claims": claims.markdown, "gallery": gallery.markdown}
FENCE = re.compile(r"^```\{(claims|gallery)\}\n```$", re.MULTILINE)


def fill_in(app, docname, source):
    """Put what is made in the place of its fence; the page depends on the files that it is made of."""

    def made(match):
        try:
            text, files = MAKERS[match[1]](app.srcdir)
        except ValueError as error:
            raise ExtensionError(f"{docname}: {error}") from error
        for file in [*files, *Path(__file__).parent.glob("*.py")]:
            app.env.note_dependency(str(file))
        return text

    source[0] = FENCE.sub(made, source[0])


def setup(app):
    app.connect("source-read", fill_in)
