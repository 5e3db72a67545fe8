"""Whether all that a release says agrees: version, changelog, citation, environments, pictures and built pages.

    python tools/release.py                 say what does not agree, or that all does and how to tag it
    python tools/release.py --as 1.2.0      first make a release of what the changelog calls "Unreleased"

The version has one home, rnnkit/__init__.py; CITATION.cff and the changelog repeat it for those who read only them, so
`--as` writes all three, or none. The site has to be built already; `make release` sees to that. Nothing is published.
"""

import argparse
import datetime
import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from built_site import in_site
from changelog import (
    CHANGELOG,
    EXAMPLE,
    FORM,
    UNRELEASED,
    entries_of,
    headed,
    is_date,
    order,
)
from files import page_names, read
from sections import ROOT

VERSION, CITATION = "rnnkit/__init__.py", "CITATION.cff"
ASSIGNED = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)
# Where an environment is built, and the words by which it takes the pinned versions.
ENVIRONMENTS = {
    "binder/postBuild": "-c constraints.txt",
    "tools/colab.py": "/constraints.txt",
    ".devcontainer/devcontainer.json": "make data",
}
# Where a Python is chosen for them.
PYTHONS = {
    "binder/runtime.txt": r"python-([\d.]+)",
    ".devcontainer/Dockerfile": r"FROM python:([\d.]+)",
    ".github/workflows/publish.yml": r'python-version: "([\d.]+)"',
}


def version_of(root):
    """The version, from its one home."""
    found = ASSIGNED.findall(read(root, VERSION))
    if len(found) != 1 or not FORM.fullmatch(found[0]):
        raise ValueError(
            f'{VERSION}: expected one line such as __version__ = "1.2.0", got {found}'
        )
    return found[0]


# ---- what may disagree; each says in sentences what does


def in_changelog(root):
    """The changelog's entries are complete, in order, and the newest is the version."""
    entries = headed(read(root, CHANGELOG))
    if entries and entries[0].is_unreleased:
        if entries.pop(0).says:
            yield (
                f'{CHANGELOG}: expected a version in place of "{UNRELEASED}", '
                "under which changes stand; `python tools/release.py --as 1.2.0` gives them one"
            )
    if not entries:
        yield f'{CHANGELOG}: expected a heading such as "## {EXAMPLE}", got none'
        return
    for entry in entries:
        if not entry.says:
            yield f"{CHANGELOG}: expected a sentence on what {entry.version} changed, got nothing"
    for newer, older in itertools.pairwise(entries):
        if order(newer.version) <= order(older.version) or newer.date < older.date:
            yield f'{CHANGELOG}: expected the newest first, got "{newer.heading}" before "{older.heading}"'
    if entries[0].version != version_of(root):
        yield f"{CHANGELOG}: expected {version_of(root)} as the newest, as in {VERSION}, got {entries[0].version}"


def in_citation(root):
    """The citation names the version, and the day that the changelog gives it."""
    cited = yaml.safe_load(read(root, CITATION))
    days = {entry.version: entry.date for entry in entries_of(read(root, CHANGELOG))}
    version = version_of(root)
    if str(cited.get("version")) != version:
        yield f"{CITATION}: version: expected {version}, as in {VERSION}, got {cited.get('version')}"
    day = str(cited.get("date-released"))
    if version in days and day != days[version]:
        yield f"{CITATION}: date-released: expected {days[version]}, as in {CHANGELOG}, got {day}"


def in_package(root):
    """The package takes its version from that home, and has no other."""
    project = tomllib.loads(read(root, "pyproject.toml"))
    if "version" in project["project"]:
        yield f"pyproject.toml: expected no version, which stands in {VERSION}, got {project['project']['version']}"


def in_environments(root):
    """All that runs the chapters elsewhere is built from constraints.txt, on one Python."""
    for name, words in ENVIRONMENTS.items():
        if words not in read(root, name):
            yield f'{name}: expected "{words}", so that it takes the versions in constraints.txt, got none'
    pythons = {
        name: found[1] if (found := re.search(form, read(root, name))) else None
        for name, form in PYTHONS.items()
    }
    if len(set(pythons.values())) > 1 or None in pythons.values():
        yield f"expected one Python for all environments, got {', '.join(f'{v} in {k}' for k, v in pythons.items())}"


def in_contents(root):
    """The table of contents has every notebook, and no other."""
    listed = {f"{name}.ipynb" for name in page_names(root) if "notebooks/" in name}
    there = {
        path.relative_to(root).as_posix()
        for path in Path(root, "notebooks").glob("*.ipynb")
    }
    for name in sorted(there - listed):
        yield f"_toc.yml: expected {name}, which is a chapter, got no such page"
    for name in sorted(listed - there):
        yield f"_toc.yml: expected pages that are there, got {name}"


def in_cards(cards):
    """Every picture for shared links is drawn from what it shows now."""
    stale = [card.path.name for card in cards if not card.is_fresh()]
    if stale:
        yield f"expected cards drawn from the chapters as they are, got {', '.join(stale)}; `python tools/cards.py` draws them"


def in_history(root, version):
    """The version's tag, if there is one, is this very commit, and nothing is uncommitted."""
    if not Path(root, ".git").exists():
        return
    if changed := git(root, "status", "--porcelain"):
        yield f"expected everything committed, got changes in {', '.join(line[3:] for line in changed.splitlines()[:5])}"
    tagged = git(root, "rev-parse", "--verify", "--quiet", f"v{version}^{{commit}}")
    if tagged and tagged != git(root, "rev-parse", "HEAD"):
        yield f"expected a version that is not released yet, got {version}, whose tag v{version} is another commit"


def git(root, *words):
    run = subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, check=False
    )
    return run.stdout.rstrip("\n")


# ---- making a release


def stamped(root, version, day):
    """The three files that name the version as they read with a new one: dict from names to texts.

    Raises ValueError for what is no version or not after the last one, and where nothing has changed.
    """
    if not FORM.fullmatch(version):
        raise ValueError(f"--as: expected a version such as 1.2.0, got {version}")
    if order(version) <= order(version_of(root)):
        raise ValueError(
            f"--as: expected a version after {version_of(root)}, got {version}"
        )
    if not is_date(day):
        raise ValueError(f"--on: expected a date such as 2027-01-31, got {day}")
    changes = read(root, CHANGELOG)
    entries = entries_of(changes)
    if not entries or not entries[0].is_unreleased or not entries[0].says:
        raise ValueError(
            f'{CHANGELOG}: expected changes under "## {UNRELEASED}", got none'
        )
    head = f"## {UNRELEASED}"
    cited = re.sub(r"(?m)^version: .*$", f"version: {version}", read(root, CITATION))
    return {
        VERSION: ASSIGNED.sub(f'__version__ = "{version}"', read(root, VERSION)),
        CHANGELOG: changes.replace(head, f"## {version}, {day}", 1),
        CITATION: re.sub(r"(?m)^date-released: .*$", f"date-released: {day}", cited),
    }


def disagreements(root, site, cards):
    """All sentences on what does not agree. What cannot even be read is one of them."""
    version_of(root)
    checks = [in_changelog, in_citation, in_package, in_environments, in_contents]
    for found in (
        *(check(root) for check in checks),
        in_cards(cards),
        in_site(root, site, version_of(root)),
        in_history(root, version_of(root)),
    ):
        try:
            yield from found
        except ValueError as error:
            yield str(error)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--as",
        dest="version",
        metavar="VERSION",
        help="make this release of what is unreleased",
    )
    parser.add_argument(
        "--on",
        default=datetime.date.today().isoformat(),
        metavar="DATE",
        help="its day; today",
    )
    parser.add_argument(
        "--site", type=Path, default=ROOT / "_build" / "html", help="the built site"
    )
    given = parser.parse_args()
    if given.version:
        for name, text in stamped(ROOT, given.version, given.on).items():
            (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
        print(
            f"{VERSION}, {CHANGELOG} and {CITATION} now say {given.version}, {given.on}."
        )
        return
    from cards import cards

    said = disagreements(ROOT, given.site, cards())
    found = list(dict.fromkeys(said))  # two checks may stumble over one heading
    if found:
        sys.exit("\n".join(["This is no release yet:", *(f"- {one}" for one in found)]))
    version = version_of(ROOT)
    print(
        f"All agrees on version {version}. To publish it: git tag -a v{version} -m 'Version {version}' && git push origin v{version}"
    )


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(f"release: {error}")
