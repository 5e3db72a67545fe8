"""Explorables on the static page: their scripts and styles, and a directive that shows one elsewhere."""

import json
import shutil
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

WEB = Path("rnnkit/show/web")
TARGET = "_explorables"
MARK = 'class="rk-explorable"'


def figure_in_notebook(path, identifier):
    """The HTML of the explorable with this id among a notebook's stored outputs, or None."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if MARK in html and f'id="{identifier}"' in html:
                return html
    return None


class ExplorableDirective(SphinxDirective):
    """Show an explorable that lives in a chapter: ``{explorable} rk-ID`` with ``:from: notebooks/NAME.ipynb``.

    It says which page that is: what is answered in it counts there.
    """

    required_arguments = 1
    option_spec = {"from": directives.unchanged_required}  # noqa: RUF012 (the name docutils reads)

    def run(self):
        identifier, source = self.arguments[0], self.options.get("from")
        if source is None:
            raise self.error(f"explorable {identifier}: which notebook is it :from:?")
        path = Path(self.env.srcdir, source)
        self.env.note_dependency(str(path))
        html = figure_in_notebook(path, identifier) if path.is_file() else None
        if html is None:
            raise self.error(
                f"explorable {identifier}: not among the outputs of {source}"
            )
        page = Path(source).with_suffix("").as_posix()
        html = html.replace(MARK, f'{MARK} data-page="{page}"', 1)
        return [nodes.raw("", html, format="html")]


def copy_web(app, error):
    """Put the files where pages can load them, outside _static (Jupyter Book loads all of that on every page)."""
    source = Path(app.srcdir, WEB)
    if error or app.builder.format != "html" or not source.is_dir():
        return
    target = Path(app.outdir, TARGET)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def setup(app):
    app.add_directive("explorable", ExplorableDirective)
    app.connect("build-finished", copy_web)
