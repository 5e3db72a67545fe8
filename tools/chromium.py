"""The Chromium that prints and draws: how it is found, and how it is started."""

import contextlib
import os
import shutil
import sys

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
FLAGS = ("--no-sandbox", "--disable-gpu")
MISSING = "No Chromium found; set CHROMIUM to its path, or install the package."


def find():
    """The path of a Chromium, or None."""
    here = filter(None, map(shutil.which, NAMES))
    return os.environ.get("CHROMIUM") or next(here, None)


def needed():
    """The path of a Chromium; where there is none, one sentence says so and the program ends."""
    return find() or sys.exit(MISSING)


@contextlib.contextmanager
def started(*flags):
    """A Chromium that runs without a window, with these flags besides; closed in the end."""
    path = needed()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()
