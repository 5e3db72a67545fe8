"""One text from many files: an explorable's ES modules, and its stylesheets, as a notebook front end wants them.

The published page loads the files of `web/` as they are. anywidget takes a single text each for script and style, so
every module that a view imports, directly or not, runs once, in a scope of its own, where its names cannot clash; an
import becomes a look into that scope. Of the language of modules this much is understood, each at a line's start:

    import { a, b as c } from "../kit/dom.js";    // a relative path; it may run over several lines
    export { a, b as c } from "./other.js";       // a re-export
    export function f ...                         // async function, const, let, class: one name each
    export default {                              // once in a view, nowhere else

Everything else that begins with import or export is an error, as are a file or a name that is not there and a circle
of imports. Stylesheets may begin with `@import "other.css";`.
"""

import re
from pathlib import Path

WEB = Path(__file__).parent / "web"
FRAME = "kit/frame.js"  # what a live widget has around a view

_NAMES = r"\{([^}]*)\}\s*from\s*\"([^\"]+)\";?[ \t]*$"
_IMPORT = re.compile(rf"^import\s*{_NAMES}", re.MULTILINE)
_REEXPORT = re.compile(rf"^export\s*{_NAMES}", re.MULTILINE)
_EXPORT = re.compile(
    r"^export ((?:async )?function|const|let|class) (\w+)", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default \{", re.MULTILINE)
_REST = re.compile(
    r"^(?:import|export)\b.*|^(?!\s*//).*\bimport\s*(?:\(|\.meta).*", re.MULTILINE
)
_STYLE = re.compile(r"^@import \"([^\"]+)\";\n", re.MULTILINE)


def bundle(view: str) -> str:
    """Return the ES module of the view `views/<view>.js`, with all that it imports and the frame of a live widget.

    Its exports are the view's own. Raises ValueError, naming the file, for what the module's docstring rules out.
    """
    entry = f"views/{view}.js"
    if len(_DEFAULT.findall(_read(entry))) != 1:
        raise ValueError(
            f"{entry}: expected exactly one line that starts with `export default {{`"
        )
    scopes = [
        _scope(name) for name in _in_order(entry, FRAME) if name not in (entry, FRAME)
    ]
    body = _DEFAULT.sub("const explorable = {", _linked(entry), count=1)
    _check_rest(entry, _EXPORT.sub("", body))
    framed = f"export default {_variable(FRAME)}.framed(explorable);\n"
    return "\n".join([*scopes, _scope(FRAME), body, framed])


def bundle_style(view: str) -> str:
    """Return the style that all explorables share and then the view's, `css/<view>.css`, with what they import."""
    return _styled("css/explorables.css") + _styled(f"css/{view}.css")


def _read(name):
    path = WEB / name
    if not path.is_file():
        raise ValueError(f"{name}: no such file in {WEB.name}")
    return path.read_text(encoding="utf-8")


def _target(name, path):
    """The file, counted from WEB, that a path in the file `name` means."""
    target = (WEB / name).parent.joinpath(path).resolve()
    if not path.startswith(("./", "../")) or not target.is_relative_to(WEB.resolve()):
        raise ValueError(
            f'{name}: expected a path inside {WEB.name} that starts with "./" or "../", got {path!r}'
        )
    if not target.is_file():
        raise ValueError(f"{name}: imports from {path!r}, where there is no file")
    return target.relative_to(WEB.resolve()).as_posix()


def _imports(name):
    """The files that a file imports from, in the order of their lines."""
    text = _read(name)
    found = sorted(
        [*_IMPORT.finditer(text), *_REEXPORT.finditer(text)], key=re.Match.start
    )
    return [_target(name, match[2]) for match in found]


def _in_order(*entries):
    """The entries and all that they import, every file after those it needs."""
    done, open_ = {}, []

    def visit(name):
        if name in open_:
            circle = " -> ".join([*open_[open_.index(name) :], name])
            raise ValueError(f"a circle of imports: {circle}")
        if name not in done:
            open_.append(name)
            for needed in _imports(name):
                visit(needed)
            open_.pop()
            done[name] = True

    for entry in entries:
        visit(entry)
    return list(done)


def _pairs(names):
    """The (name there, name here) of `a, b as c`."""
    pairs = (part.split(" as ") for part in names.split(",") if part.strip())
    return [(pair[0].strip(), pair[-1].strip()) for pair in pairs]


def _exported(name):
    """What a file exports: dict from names to how its scope calls them."""
    text = _read(name)
    found = {match[2]: match[2] for match in _EXPORT.finditer(text)}
    for names, path in _REEXPORT.findall(text):
        scope = _variable(_target(name, path))
        found |= {here: f"{scope}.{there}" for there, here in _pairs(names)}
    return found


def _variable(name):
    """The variable that holds a file's exports: kit/dom.js is kit_dom."""
    return re.sub(r"\W", "_", name.removesuffix(".js"))


def _linked(name):
    """A file's text with its imports turned into looks into scopes, after checking that what they name is there."""

    def look(match):
        target = _target(name, match[2])
        pairs = _pairs(match[1])
        missing = sorted({there for there, _ in pairs} - set(_exported(target)))
        if missing:
            raise ValueError(f"{name}: {target} does not export {', '.join(missing)}")
        if match.re is _REEXPORT:
            return ""
        wanted = (
            there if there == here else f"{there}: {here}" for there, here in pairs
        )
        return f"const {{ {', '.join(wanted)} }} = {_variable(target)};"

    return _REEXPORT.sub(look, _IMPORT.sub(look, _read(name)))


def _scope(name):
    """A file as an object of what it exports."""
    body = _EXPORT.sub(r"\1 \2", _linked(name))
    _check_rest(name, body)
    names = ", ".join(
        own if own == given else f"{own}: {given}"
        for own, given in _exported(name).items()
    )
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def _check_rest(name, text):
    """Raise ValueError if an import or export is left, of a form that the module's docstring does not list."""
    if rest := _REST.search(text):
        raise ValueError(f"{name}: cannot bundle `{rest[0].strip()[:60]}`")


def _styled(name, open_=()):
    """A stylesheet with those that it imports in place of its imports."""
    if name in open_:
        raise ValueError(f"a circle of imports: {' -> '.join([*open_, name])}")

    def put(match):
        return _styled(_target(name, f"./{match[1]}"), (*open_, name))

    return _STYLE.sub(put, _read(name))
