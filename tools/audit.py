"""Judge the built site as a phone would: Lighthouse and the newest axe-core, one line a page.

python tools/audit.py [--runs 5] [NAME ...]     NAME is part of a page's address, `04` for chapter 4

Lighthouse's numbers are medians of the runs: performance depends on how busy this machine is, the rest does not. Axe
uses all its default rules, on a wide and on a narrow page, light and dark, and counts violations of every level.
Needs Node, which fetches both programs into .cache/audit, and a Chromium. Nothing else of the course needs Node.
"""

import argparse
import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import chromium
from files import page_names
from sections import ROOT

SITE = ROOT / "_build" / "html"
PROGRAMS = ROOT / ".cache" / "audit"
SCORES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {
    "first paint": "first-contentful-paint",
    "largest": "largest-contentful-paint",
    "blocked": "total-blocking-time",
}
SHIFT = "cumulative-layout-shift"
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
NO_NODE = "audit: Lighthouse and axe-core run on Node 20 or newer with npm, which is not here. Nothing else of the course needs it."


class Zipped(http.server.SimpleHTTPRequestHandler):
    """Serves files as a web host does: text compressed, connections kept open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return self.send_error(404)
        content, kind = path.read_bytes(), self.guess_type(str(path))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "max-age=600")
        if kind.startswith("text/") or kind.endswith(("script", "json", "svg+xml")):
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


def serve(folder):
    """Serve the folder on a free port of this machine; returns the address."""
    handler = functools.partial(Zipped, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def pages(wanted):
    """The pages in reading order, or those whose address holds one of the wanted words."""
    names = [f"{name}.html" for name in page_names()]
    return [
        name for name in names if not wanted or any(word in name for word in wanted)
    ]


def install():
    """Fetch the newest Lighthouse and axe-core with npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        sys.exit(NO_NODE)
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(PROGRAMS), "--no-audit", "--no-fund"]
    newest = ["--silent", "--no-save", "lighthouse@latest", "axe-core@latest"]
    if subprocess.run(command + newest, check=False).returncode:
        sys.exit("audit: npm could not fetch Lighthouse and axe-core.")


def lighthouse(address, browser):
    """One report: four scores of 100, three times in milliseconds and how much the page moves."""
    command = [str(PROGRAMS / "node_modules" / ".bin" / "lighthouse"), address]
    flags = " ".join(("--headless=new", *chromium.FLAGS))
    command += ["--quiet", "--output=json", f"--chrome-flags={flags}"]
    command += [f"--only-categories={','.join(SCORES)}"]
    run = subprocess.run(
        command,
        env=os.environ | {"CHROME_PATH": browser},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        sys.exit(f"audit: Lighthouse failed on {address}:\n{run.stderr[-2000:]}")
    report = json.loads(run.stdout)
    found = {name: 100 * report["categories"][name]["score"] for name in SCORES}
    found |= {
        name: report["audits"][audit]["numericValue"] for name, audit in TIMES.items()
    }
    return found | {"shift": report["audits"][SHIFT]["numericValue"]}


def medians(reports):
    return {name: statistics.median(r[name] for r in reports) for name in reports[0]}


def violations(browser, address, script):
    """What axe finds on a page in its four looks: how often each rule is broken, and where first."""
    found = {}
    for width, colours in LOOKS:
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=colours)
        page.goto(address, wait_until="networkidle")
        page.wait_for_selector("html[data-measured]")
        page.evaluate(script)
        for violation in page.evaluate("axe.run().then((report) => report.violations)"):
            count, where = found.get(
                violation["id"], (0, violation["nodes"][0]["target"])
            )
            found[violation["id"]] = (max(count, len(violation["nodes"])), where)
        page.close()
    return found


def line(name, scores, found):
    """One line on one page."""
    numbers = " ".join(f"{round(scores[score]):>4}" for score in SCORES)
    times = " ".join(f"{scores[time] / 1000:6.1f}" for time in TIMES)
    broken = (
        ", ".join(
            f"{rule} {count} at {where}" for rule, (count, where) in found.items()
        )
        or "none"
    )
    return f"{name:34} {numbers} {times} {scores['shift']:6.3f}  {broken}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--site", type=Path, default=SITE, help="the built site")
    given = parser.parse_args()
    install()
    executable, address = chromium.needed(), serve(given.site)
    script = (PROGRAMS / "node_modules" / "axe-core" / "axe.min.js").read_text(
        encoding="utf-8"
    )
    print(
        f"{'page':34} perf  acc best  seo  first  large blockd  shift  axe: violations of any level"
    )
    clean = True
    with chromium.started() as browser:
        for name in pages(given.names):
            url = f"{address}/{name}"
            scores = medians([lighthouse(url, executable) for _ in range(given.runs)])
            found = violations(browser, url, script)
            clean = clean and not found
            print(line(name, scores, found), flush=True)
    sys.exit(not clean)


if __name__ == "__main__":
    main()
