"""The built site, a server for it and a browser. The site is built once, and again only when a source is newer.

What is dear is done once: a browser for all tests, a tab for the tests of a file (every test loads its page afresh),
a page without figures for all calls of plain functions, a static picture for every state of an explorable.
"""

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import chromium
import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

import make
from rnnkit.show.bundle import WEB
from rnnkit.show.explorable import to_json

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
ORIGIN = "http://explorables.test"
TYPES = {"js": "text/javascript", "css": "text/css"}
BARE = """<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>test</title>
<link rel="stylesheet" href="css/explorables.css"><script type="module" src="kit/mount.js"></script>
<body style="margin: 15px; background: var(--rk-paper)"><main>{figures}</main>"""
ALIVE = """document.fonts.status === "loaded"
    && [...document.querySelectorAll(".rk-explorable")].every((figure) => figure.dataset.mounted)"""


def build_site():
    """Build the site with every warning an error; fail with what Sphinx said."""
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", str(ROOT), "-W", "-n", "--keep-going", "-q"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    if run.returncode:
        pytest.fail(
            f"the site does not build without warnings:\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}",
            pytrace=False,
        )


@pytest.fixture(scope="session")
def site_dir():
    """The folder with the built site; COURSE_SITE names one that is built already."""
    if given := os.environ.get("COURSE_SITE"):
        return Path(given)
    site = ROOT / "_build" / "html"
    index = site / "index.html"
    site.mkdir(parents=True, exist_ok=True)
    with FileLock(site.parent / "building.lock"):  # of several workers, one builds
        if not index.is_file() or index.stat().st_mtime < make.newest_source():
            build_site()
            index.touch()
    return site


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def site_url(site_dir):
    """Address of a server of the site on this machine."""
    handler = functools.partial(QuietHandler, directory=str(site_dir))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests. Without one, tests are skipped, but in CI they fail."""
    if chromium.find() is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(chromium.MISSING)
    with chromium.started(*FLAGS) as browser:
        yield browser


def watch(page, origin):
    """Collect everything that should not happen on a page into `page.page_problems`."""
    problems = page.page_problems = []
    page.on(
        "console",
        lambda message: problems.append(f"console {message.type}: {message.text}"),
    )
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on(
        "requestfailed",
        lambda request: problems.append(f"failed request: {request.url}"),
    )
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400 and problems.append(f"{answer.status}: {answer.url}")
        ),
    )

    def foreign(request):
        parts = urlsplit(request.url)
        if (
            parts.scheme not in ("data", "blob", "about")
            and f"{parts.scheme}://{parts.netloc}" != origin
        ):
            problems.append(f"foreign request: {request.url}")

    page.on("request", foreign)


# ---- pages of the site


def fresh(page):
    """Bring a tab that has been used to where a new one starts."""
    page.mouse.move(0, 0)
    page.emulate_media(reduced_motion="no-preference")


@pytest.fixture(scope="session")
def new_tab(browser, site_url):
    """new_tab(width, color_scheme): a tab for the site, which has nothing in common with others.

    It shows pages whole: no figure and no section waits until the reader comes near.
    """

    def new_tab(width, color_scheme):
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=color_scheme)
        page = context.new_page()
        page.add_init_script("window.rkWhole = true")
        watch(page, site_url)
        return page

    return new_tab


@pytest.fixture(scope="session")
def visit(site_url):
    """visit(page, path): load a page of the site, and wait until its figures live."""

    def visit(page, path):
        fresh(page)
        # First an empty page, so that nothing of the last one is taken for this one's.
        page.goto("about:blank")
        page.page_problems.clear()
        page.goto(f"{site_url}/{path}")
        # A busy machine asks for fonts late, and lines break elsewhere in the ones that stand in.
        page.evaluate("Promise.all([...document.fonts].map((font) => font.load()))")
        page.wait_for_function(ALIVE)
        return page

    return visit


@pytest.fixture(scope="module")
def tabs(new_tab):
    """The tabs of a file's tests, by width and colour scheme, opened when first needed."""
    opened = {}

    def tabs(*look):
        if look not in opened:
            opened[look] = new_tab(*look)
        return opened[look]

    yield tabs
    for page in opened.values():
        page.context.close()


@pytest.fixture
def open_page(tabs, visit):
    """open_page(path, width, color_scheme): load a page of the site in a tab of this file's tests."""
    used = []

    def open_page(path, width=1280, color_scheme="light"):
        used.append(visit(tabs(width, color_scheme), path))
        return used[-1]

    yield open_page
    for page in used:
        page.evaluate("localStorage.clear()")


@pytest.fixture(scope="session")
def published(site_dir):
    """published(path, id): the state of an explorable as a page of the site holds it."""

    @functools.cache
    def published(path, id):
        html = (site_dir / path).read_text(encoding="utf-8")
        figure = BeautifulSoup(html, "html.parser").find(id=id)
        if beside := figure.get("data-state"):
            file = (site_dir / path).parent / beside
            return json.loads(file.read_text(encoding="utf-8"))
        return json.loads(figure.find("script", type="application/json").string)

    return published


# ---- pages with nothing but explorables


def bare_tab(browser, folder, **options):
    """A tab with a made-up origin: it serves `page.html`, and the files of the folder beside it."""
    page = browser.new_context(**options).new_page()
    page.html, page.errors = BARE.format(theme="light", figures=""), []
    page.on("pageerror", lambda error: page.errors.append(str(error)))

    def note(message):
        if message.type == "error":
            page.errors.append(message.text)

    def serve(route):
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        file = folder / name
        if not name:
            route.fulfill(body=page.html, content_type="text/html")
        elif file.is_file():
            kind = TYPES[file.suffix.removeprefix(".")]
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    page.on("console", note)
    page.route("**/*", serve)
    return page


@pytest.fixture(scope="session")
def calculator(browser):
    """A page that serves the package's files for the browser and shows no figure."""
    page = bare_tab(browser, WEB)
    page.goto(f"{ORIGIN}/")
    yield page
    page.context.close()


@pytest.fixture
def call(calculator):
    """call(modules, code, *arguments): call `code`, a function of modules and the arguments, in the browser.

    modules: one, as "models/vqa", or several with spaces between them; the code gets all their names in one object.
    Arguments and result travel as JSON: exact for finite numbers, and fast; what is not finite arrives as None.
    """
    script = """async (given) => {
      const [names, code, ...a] = JSON.parse(given);
      const found = await Promise.all(names.split(" ").map((name) => import(`/${name}.js`)));
      const result = await (0, eval)(`(${code})`)(Object.assign({}, ...found), ...a);
      return JSON.stringify(result ?? null);
    }"""
    calculator.errors = []
    yield lambda *given: json.loads(calculator.evaluate(script, json.dumps(given)))
    assert calculator.errors == []


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """A copy of the package's files for the browser, which the explorables of a file's tests take theirs from."""
    folder = tmp_path_factory.mktemp("explorables") / "web"
    shutil.copytree(WEB, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnkit.show.bundle.WEB", folder)
        yield folder


@pytest.fixture(scope="module")
def add_view(web):
    """add_view(name, source, style=""): put another view and its stylesheet into that copy."""

    def add_view(name, source, style=""):
        (web / "views" / f"{name}.js").write_text(source, encoding="utf-8")
        (web / "css" / f"{name}.css").write_text(style, encoding="utf-8")

    return add_view


@pytest.fixture(scope="session")
def html_of():
    """html_of(explorable): its HTML for a page. The static picture is drawn once for every state."""
    known = {}

    def html_of(explorable):
        given = explorable.dom_id, explorable.alt, explorable.caption
        key = type(explorable), *given, to_json(explorable.state())
        if key not in known:
            known[key] = explorable._repr_mimebundle_()[0]["text/html"]
        return known[key]

    return html_of


@pytest.fixture(scope="module")
def bare_tabs(browser, web):
    """The bare tabs of a file's tests, with and without JavaScript, opened when first needed."""
    opened = {}

    def bare_tabs(javascript):
        if javascript not in opened:
            opened[javascript] = bare_tab(browser, web, java_script_enabled=javascript)
        return opened[javascript]

    yield bare_tabs
    for page in opened.values():
        page.context.close()


@pytest.fixture
def mount_page(bare_tabs, html_of):
    """mount_page(*explorables, dark=False, width=900): load them into a tab of this file's tests, mounted."""

    def mount_page(*explorables, dark=False, width=900, javascript=True):
        page = bare_tabs(javascript)
        figures = "".join(map(html_of, explorables))
        page.html = BARE.format(theme="dark" if dark else "light", figures=figures)
        page.errors = []
        fresh(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{ORIGIN}/")
        if javascript:
            page.wait_for_function(ALIVE)
        return page

    return mount_page


@pytest.fixture(scope="session")
def violations():
    """violations(page, without=(), first=None): what axe finds on a page by all its rules but the named ones.

    `first` is a function to call in the page before, which may tell axe what to pass over. Of what passes, one
    example a rule is enough: to describe it all takes axe as long as to find it.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    script = """(without) => axe.run({ resultTypes: ["violations"],
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])) })
      .then((report) => report.violations)"""

    def violations(page, without=(), first=None):
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        if first:
            page.evaluate(first)
        return page.evaluate(script, list(without))

    return violations
