"""What is heavy in an explorable, its weights and its static picture, lies beside the page instead of in it.

The notebooks keep both in one piece. A file is named by its content, so that pages share it and browsers may keep it.
"""

import base64
import hashlib
import posixpath
import re
from pathlib import Path

FOLDER = "_weights"
LARGE = 8_000  # characters of JSON; what is smaller costs less than a request
PICTURE = "data:image/png;base64,"


def store(outdir, content, ending):
    """Write the bytes into a file that is named by them, unless it is there, and return its name."""
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
    path = Path(outdir, FOLDER, name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return name


def move_out(soup, outdir, pagename):
    """Put large states of explorables, and pictures inlined in the page, into files; mount.js fetches `data-state`."""
    up = posixpath.relpath(FOLDER, posixpath.dirname(pagename) or ".")
    for figure in soup.select("figure.rk-explorable"):
        script = figure.find("script", type="application/json")
        if script and len(script.string) > LARGE:
            name = store(outdir, script.string.encode(), "json")
            figure["data-state"] = f"{up}/{name}"
            script.decompose()
    for picture in soup.select(f'img[src^="{PICTURE}"]'):
        content = base64.b64decode(picture["src"].removeprefix(PICTURE))
        picture["src"] = f"{up}/{store(outdir, content, 'png')}"
        picture["loading"] = "lazy"


def remove_unused(app, error):
    """Delete what earlier builds have left and no page names any more."""
    folder = Path(app.outdir, FOLDER)
    if error or not folder.is_dir():
        return
    pages = Path(app.outdir).rglob("*.html")
    used = set(
        re.findall(
            rf"{FOLDER}/([\w.]+)",
            "\n".join(page.read_text(encoding="utf-8") for page in pages),
        )
    )
    for path in folder.iterdir():
        if path.name not in used:
            path.unlink()


def setup(app):
    app.connect("build-finished", remove_unused)
