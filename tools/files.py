"""The course's files: read, written whole, and what the two that Jupyter Book reads say of title and pages."""

import os
from pathlib import Path

import nbformat
import yaml
from sections import ROOT


def read(root, name):
    """The text of a file of the repository; ValueError if it is not there."""
    path = Path(root, name)
    if not path.is_file():
        raise ValueError(f"{name}: expected a file, got nothing")
    return path.read_text(encoding="utf-8")


def put(path, content):
    """Write bytes as a whole file: whoever looks finds the old one or the new one, never half of it."""
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    os.replace(partial, path)


def text_of(notebook):
    """A notebook as the text of its file, which ends its lines alike on every system."""
    return nbformat.writes(notebook, version=4) + "\n"


def settings(root=ROOT):
    """What the site is told in _config.yml: its title, its author and so on."""
    return yaml.safe_load(read(root, "_config.yml"))


def pages(root=ROOT):
    """(name, part) of every page in the reading order of _toc.yml; part: what begins with this page, else ""."""
    toc = yaml.safe_load(read(root, "_toc.yml"))
    found = [(toc["root"], "")]
    for part in toc["parts"]:
        names = [chapter["file"] for chapter in part["chapters"]]
        found += [(n, "" if i else part["caption"]) for i, n in enumerate(names)]
    return found


def page_names(root=ROOT):
    """The names of all pages in reading order, "notebooks/03_bptt"."""
    return [name for name, _ in pages(root)]
