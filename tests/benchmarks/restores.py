#!/usr/bin/env python3
"""Restores Python from the snapshot many times in a row, and compares what it reads.

    python tests/benchmarks/restores.py [--count 200] [--browser chromium|firefox]

Prints how often Python was restored, with the beginning of what it read in one drawing: the bits of the probabilities and of
all activations. Exits with 1 if anything differs. Needs what the page tests need.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from served_page import CHROMIUM, PROJECT

sys.path += [str(PROJECT / "tests" / "page"), str(PROJECT / "py")]

from firefox import Firefox
from playwright.sync_api import sync_playwright
from static_host import Host, hosting

# A script of the page, as Firefox lends others no modules.
READ = """
import { recognizer } from "./js/main.js";
const html = document.documentElement;
while (html.dataset.state !== "ready") await new Promise(requestAnimationFrame);
const pixels = new Uint8Array(280 * 280);
for (let i = 0; i < pixels.length; i++) pixels[i] = i % 280 > 120 && i % 280 < 150 && i > 280 * 60 && i < 280 * 220 ? 255 : 0;
const { probabilities, activations } = await recognizer.ask({ kind: "read", pixels });
const bits = [probabilities, ...activations].map(({ data }) => new Uint32Array(data.slice().buffer).join());
const marks = performance.getEntriesByType("mark").map(({ name, detail }) => (detail ? `${name} (${detail})` : name));
html.dataset.read = `${marks}: ${bits}`;
"""
FOUND = "document.documentElement.dataset.read"
CONTROLLED = "navigator.serviceWorker.ready.then(() => true)"

Visit = Callable[[], str]


@contextmanager
def chromium(url: str) -> Iterator[Visit]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(300_000)

        def visit() -> str:
            page.goto(url)
            page.wait_for_selector("html[data-read]", state="attached")
            return str(page.evaluate(FOUND))

        visit()
        page.evaluate(CONTROLLED)
        yield visit
        browser.close()


@contextmanager
def firefox(url: str) -> Iterator[Visit]:
    with tempfile.TemporaryDirectory() as profile:
        browser = Firefox(Path(profile))

        def visit() -> str:
            browser.open(url)
            browser.wait_for(FOUND)
            return str(browser.evaluate(f"return {FOUND}"))

        try:
            visit()
            browser.evaluate(f"return {CONTROLLED}")
            yield visit
        finally:
            browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        subprocess.run([sys.executable, PROJECT / "serve.py", "--build", site], check=True, stdout=subprocess.DEVNULL)
        (site / "read.js").write_text(READ)
        page = (site / "index.html").read_text(encoding="utf-8")
        page = page.replace("</head>", '<script src="read.js" type="module"></script></head>')
        (site / "index.html").write_text(page, encoding="utf-8")
        with hosting(Host(site, site, compresses=False)) as host:
            with (chromium if chosen.browser == "chromium" else firefox)(host.url) as visit:
                found = Counter(visit() for _ in range(chosen.count))
    for read, times in found.items():
        print(times, read[:100])
    return 0 if len(found) == 1 and next(iter(found)).startswith("Python restored:") else 1


if __name__ == "__main__":
    sys.exit(main())
