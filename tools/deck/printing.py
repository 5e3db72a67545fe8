"""Decks as PDF, a page a slide, printed by a Chromium; the same bytes for the same deck."""

import re

from chromium import started

# When it was made, which would differ every time. Of the same length, so that no address in the file moves.
DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
FIXED = rb"/\1 (D:20260101000000"
# reveal.js is ready before its slides are pages, and hides them until they are.
LAID_OUT = "document.querySelector('.pdf-page') && !document.querySelector('.loading-scroll-mode')"


def to_pdf(paths):
    """Print HTML decks, each into a PDF beside it."""
    with started() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        for path in paths:
            path.with_suffix(".pdf").write_bytes(printed(page, path))


def printed(page, path):
    """The PDF of an HTML deck, printed by a browser's page."""
    page.goto(f"{path.as_uri()}?print-pdf")
    page.wait_for_function(LAID_OUT)
    page.evaluate("document.fonts.ready.then(() => true)")
    made = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
    return DATE.sub(FIXED, made)
