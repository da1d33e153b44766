#!/usr/bin/env python3
"""Make the README's pictures of the page: .venv/bin/python tests/screenshots.py, after python3 tests/run.py has set up.

It needs the browser that `tests/run.py` found, named in the environment as CHROMIUM.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
SEVEN = [(0.30, 0.22), (0.68, 0.20), (0.60, 0.42), (0.50, 0.62), (0.42, 0.82)]


def draw(page: Page, line: list[tuple[float, float]]) -> None:
    box = page.locator("#pad").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in line]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def main() -> None:
    folder = PROJECT / "assets" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, PROJECT / "serve.py", "--no-browser", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    address = next(filter(None, (re.search(r"Serving (\S+)", line) for line in server.stdout)))[1]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"])
            page = browser.new_page(viewport={"width": 1280, "height": 780})
            for room in ("draw", "inside"):
                page.goto(f"{address}?room={room}")
                page.wait_for_selector("html[data-state=ready]", timeout=120_000)
                draw(page, SEVEN)
                page.wait_for_selector("#prediction[data-verdict=digit]", state="attached")
                page.locator("#status", has_text="That is").wait_for(state="attached")
                page.screenshot(path=folder / f"{room}.png")
                page.locator("#clear").click()
            browser.close()
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
