"""One text from many files: what an explorable imports, once each, in order; and how long the files are."""

import re
import shutil
import subprocess

import pytest

from rnnkit.show import bundle as bundling
from rnnkit.show.bundle import WEB, bundle, bundle_style

VIEWS = sorted(
    path.stem
    for path in (WEB / "views").glob("*.js")
    if "export default" in path.read_text(encoding="utf-8")
)
SCRIPTS = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js"))
FUNCTION = re.compile(r"^( *)(?!(?:if|for|while|else)\b)[^ /*].*(?:\)|=>) \(?\{$")
MOST_LINES, MOST_OF_A_FUNCTION = 250, 60


@pytest.mark.parametrize("name", VIEWS)
def test_bundle_is_one_module_without_imports(name):
    text = bundle(name)
    assert len(re.findall(r"^export default", text, re.MULTILINE)) == 1
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert text == bundle(name)
    scopes = re.findall(r"^const (\w+) = \(\(\) => \{$", text, re.MULTILINE)
    assert len(scopes) == len(set(scopes))
    assert not re.search("^@import", bundle_style(name), re.MULTILINE)


@pytest.fixture
def web(tmp_path, monkeypatch):
    """web(view=..., **files): a folder with a view and other files; kit__a is kit/a.js."""
    folder = tmp_path / "web"
    shutil.copytree(WEB / "kit", folder / "kit")
    (folder / "views").mkdir()
    (folder / "css").mkdir()
    (folder / "css" / "explorables.css").write_text("a {}\n", encoding="utf-8")
    monkeypatch.setattr(bundling, "WEB", folder)

    def web(view, **files):
        for name, text in {"views__view": view, **files}.items():
            path = folder / (name.replace("__", "/") + ".js")
            path.write_text(text, encoding="utf-8")
        return folder

    return web


A = 'import { b } from "./b.js";\nexport const a = b + 1;\n'
B = "export const b = 1;\nexport function twice(x) { return 2 * x; }\n"
VIEW = """import {
  a,
  two as double,
} from "../kit/a.js";
import { b } from "../kit/b.js";
export const sum = double(a) + b;
export default {
  render() {},
};
"""


def test_modules_run_once_and_after_those_they_need(web):
    web(VIEW, kit__a='export { twice as two } from "./b.js";\n' + A, kit__b=B)
    text = bundle("view")
    assert text.count("export const b") + text.count("const b = 1") == 1
    assert text.index("const kit_b =") < text.index("const kit_a =")
    assert "const { a, two: double } = kit_a;" in text
    assert "return { a, two: kit_b.twice };" in text
    assert "export const sum" in text


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_bundle_computes_what_its_files_do(web, tmp_path):
    web(VIEW, kit__a='export { twice as two } from "./b.js";\n' + A, kit__b=B)
    made = tmp_path / "made.mjs"
    made.write_text(bundle("view"), encoding="utf-8")
    code = f"import({str(made)!r}).then((made) => console.log(made.sum, typeof made.default.render))"
    run = subprocess.run(
        ["node", "-e", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["5", "function"]


DEFAULT = "export default {};\n"


@pytest.mark.parametrize(
    ("view", "files", "message"),
    [
        ('import { html } from "../kit/dom.js";\n', {}, "exactly one line"),
        (DEFAULT + DEFAULT, {}, "views/view.js: expected exactly one line"),
        (
            'import { nothing } from "../kit/dom.js";\n' + DEFAULT,
            {},
            "views/view.js: kit/dom.js does not export nothing",
        ),
        (
            'import { html } from "../kit/other.js";\n' + DEFAULT,
            {},
            "views/view.js: imports from '../kit/other.js', where there is no file",
        ),
        ('import { html } from "dom";\n' + DEFAULT, {}, "a path inside web that"),
        ('import { x } from "../../x.js";\n' + DEFAULT, {}, "a path inside web that"),
        (
            'import { a } from "../kit/a.js";\n' + DEFAULT,
            {"kit__a": A, "kit__b": 'import { a } from "./a.js";\n' + B},
            "circle of imports: kit/a.js -> kit/b.js -> kit/a.js",
        ),
        (
            'import { a } from "../kit/a.js";\n' + DEFAULT,
            {"kit__a": 'export { c as a } from "./b.js";\n', "kit__b": B},
            "kit/a.js: kit/b.js does not export c",
        ),
        ('import * as all from "../kit/dom.js";\n' + DEFAULT, {}, "cannot bundle `imp"),
        ('import "../kit/dom.js";\n' + DEFAULT, {}, "cannot bundle `import"),
        ("export const [a] = [1];\n" + DEFAULT, {}, "cannot bundle `export const"),
        ("const a = 1;\nexport { a };\n" + DEFAULT, {}, "cannot bundle `export { a"),
        ('const a = import("./a.js");\n' + DEFAULT, {}, "cannot bundle `const a ="),
        (
            'import { b } from "../kit/b.js";\n' + DEFAULT,
            {"kit__b": B + DEFAULT},
            "kit/b.js: cannot bundle `export default",
        ),
    ],
)
def test_bundle_refuses_what_it_does_not_understand(web, view, files, message):
    web(view, **files)
    with pytest.raises(ValueError, match=re.escape(message)):
        bundle("view")


def test_stylesheets_come_with_those_that_they_import(web):
    css = web(DEFAULT) / "css"
    with pytest.raises(ValueError, match=r"css/view.css: no such file"):
        bundle_style("view")
    (css / "view.css").write_text('@import "b.css";\nc {}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"imports from './b.css', where there is no"):
        bundle_style("view")
    (css / "b.css").write_text("b {}\n", encoding="utf-8")
    assert bundle_style("view") == "a {}\nb {}\nc {}\n"
    (css / "b.css").write_text('@import "view.css";\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"circle of imports: css/view.css -> css/b"):
        bundle_style("view")


def functions(lines):
    """(first line, number of lines) of every function that runs over several: what is indented as it is ends it."""
    for first, line in enumerate(lines):
        if match := FUNCTION.match(line):
            end = next(
                i
                for i, other in enumerate(lines[first + 1 :], first + 1)
                if other.startswith(f"{match[1]}}}")
            )
            yield line.strip(), end - first + 1


def test_the_length_of_functions_is_seen():
    lines = ["f(() => {", "  if (a) {", "  }", "});", "function g(x) {", "}"]
    assert [length for _, length in functions(lines)] == [4, 2]


@pytest.mark.parametrize("script", SCRIPTS)
def test_modules_and_functions_stay_short(script):
    lines = (WEB / script).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    long = {
        name: length for name, length in functions(lines) if length > MOST_OF_A_FUNCTION
    }
    assert long == {}


def test_what_computes_needs_no_page():
    """`models`, and what it takes from the kit, can run without a document."""
    for script in SCRIPTS:
        text = (WEB / script).read_text(encoding="utf-8")
        if script.startswith("models/") or script == "kit/scene.js":
            assert not re.search(r"\b(document|window|Image)\b", text), script
            assert set(re.findall(r'from "\.\./(.*)"', text)) <= {"kit/scene.js"}


def test_what_every_page_loads_stays_short():
    assert len((WEB / "kit/mount.js").read_text(encoding="utf-8").splitlines()) < 120
