"""The built site, a server for it and a browser. The site is built once, and again only when a source is newer."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "rnnkit" / "show" / "modules"
SOURCES = ("_config.yml", "_toc.yml", "book", "notebooks", "rnnkit/show/modules")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
ORIGIN = "http://explorables.test"
TYPES = {"js": "text/javascript", "css": "text/css"}
MISSING = "no Chromium found: set CHROMIUM to its path, or install the package chromium"


def is_source(path):
    return (
        path.is_file()
        and path.suffix != ".pyc"
        and ".ipynb_checkpoints" not in path.parts
    )


def newest_source():
    """When the site's sources last changed, in seconds."""
    roots = [ROOT / name for name in SOURCES]
    files = [
        path
        for root in roots
        for path in ([root] if root.is_file() else root.rglob("*"))
    ]
    return max(path.stat().st_mtime for path in files if is_source(path))


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
    if not index.is_file() or index.stat().st_mtime < newest_source():
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


def find_chromium():
    names = (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    )
    return os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests. Without one, tests are skipped, but in CI they fail."""
    executable = find_chromium()
    if executable is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


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


@pytest.fixture
def open_page(browser, site_url):
    """A function that opens a page of the site in a fresh context and waits until it is still."""
    contexts = []

    def open_page(path, width=1280, color_scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=color_scheme
        )
        contexts.append(context)
        page = context.new_page()
        watch(page, site_url)
        page.goto(f"{site_url}/{path}", wait_until="networkidle")
        figures = page.locator(".rk-explorable")
        if figures.count():
            page.wait_for_function(
                "[...document.querySelectorAll('.rk-explorable')].every((f) => f.dataset.mounted)"
            )
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(browser, site_url):
    """An empty page in a fresh context that records its problems."""
    context = browser.new_context()
    page = context.new_page()
    watch(page, site_url)
    yield page
    context.close()


@pytest.fixture
def in_browser():
    """in_browser(figure, code, *arguments): call `code`, a function of the module and the arguments, in the page.

    The module is the page's own copy of the one that the figure names, beside mount.js.
    """
    script = """async (figure, [code, ...a]) => {
      const mount = document.querySelector('script[src*="mount.js"]').src;
      const module = await import(new URL(`./${figure.dataset.module}.js`, mount));
      return (0, eval)(`(${code})`)(module, ...a);
    }"""
    return lambda figure, code, *arguments: figure.evaluate(script, [code, *arguments])


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder with a copy of the package's modules, which explorables take theirs from."""
    for path in MODULES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("rnnkit.show.explorable.MODULES", tmp_path)
    return tmp_path


@pytest.fixture
def mount_page(browser, modules):
    """Return mount_page(*explorables, dark=False, width=900) -> page, mounted; pages close after the test."""
    contexts = []

    def open_it(*explorables, dark=False, width=900, javascript=True):
        figures = "".join(e._repr_mimebundle_()[0]["text/html"] for e in explorables)
        html = (
            f'<!doctype html><html lang="en" data-theme="{"dark" if dark else "light"}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>test</title>'
            '<link rel="stylesheet" href="explorables.css"><script type="module" src="mount.js"></script>'
            f'<body style="margin: 15px; background: var(--rk-paper)"><main>{figures}</main>'
        )

        def serve(route):
            name = route.request.url.removeprefix(f"{ORIGIN}/")
            if not name:
                route.fulfill(body=html, content_type="text/html")
            elif (modules / name).is_file():
                route.fulfill(
                    body=(modules / name).read_bytes(),
                    content_type=TYPES[name.split(".")[-1]],
                )
            else:
                route.fulfill(status=404)

        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, java_script_enabled=javascript)
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                page.errors.append(message.text) if message.type == "error" else None
            ),
        )
        page.route("**/*", serve)
        page.goto(f"{ORIGIN}/")
        if javascript:
            page.wait_for_function(
                "document.querySelectorAll('.rk-explorable:not([data-mounted])').length === 0"
            )
        return page

    yield open_it
    for context in contexts:
        context.close()
