"""Draw the picture shown where a link to the course is shared: book/_static/card.png. Needs a Chromium.

python tools/card.py
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "book" / "_static"
LOGO = Path(__file__).parents[1] / "book" / "_ext" / "course" / "templates" / "logo.svg"
PAGE = """
<style>
@font-face {{ font-family: Card; src: url({font}); font-weight: 400 700; }}
body {{ margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 70px 80px; background: #fdfcf9; color: #1c2230;
  font-family: Card; --rk-ink: #3b4358; }}
svg {{ width: 480px; height: 240px; margin: -20px 0 20px -30px; }}
h1 {{ font-size: 84px; line-height: 1.05; font-weight: 600; margin: 0; }}
p {{ font-size: 44px; margin: 18px 0 0; color: #565d6d; }}
</style>{logo}<h1>Recurrent Neural Networks</h1><p>Derived and Checked</p>
"""


def main():
    chromium = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
    )
    page_file = STATIC / "card.html"
    page_file.write_text(
        PAGE.format(font="fonts/text.woff2", logo=LOGO.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        page.goto(page_file.as_uri(), wait_until="networkidle")
        page.screenshot(path=STATIC / "card.png")
        browser.close()
    page_file.unlink()


if __name__ == "__main__":
    main()
