#!/usr/bin/env python3
"""Restores Python from the snapshot many times in a row, and compares what it reads.

    python tests/benchmarks/restores.py [--count 200] [--browser chromium|firefox]

Prints how often Python was restored, with the answer to one drawing, bit for bit (in Firefox: of the empty pad, as the page
shows it; before each start of Python is taken for good, a drawing is compared bit for bit). Exits with 1 if anything differs.
Needs what the page tests need.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path += [str(PROJECT / "tests" / "page"), str(PROJECT / "py")]

from firefox import Firefox  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

READ = """
const { pad, recognizer } = await import("./js/main.js");
const pixels = new Uint8Array(280 * 280);
for (let i = 0; i < pixels.length; i++) pixels[i] = i % 280 > 120 && i % 280 < 150 && i > 280 * 60 && i < 280 * 220 ? 255 : 0;
const { probabilities, activations } = await recognizer.ask({ kind: "read", pixels });
const bits = [probabilities, ...activations].map(({ data }) => new Uint32Array(data.slice().buffer).join());
return `${MARKS}: ${bits}`;
"""
# Firefox lends scripts like this one no modules of the page: they see what the page shows.
SEE = """
const bars = [...document.querySelectorAll("#bars [data-digit]")].map((bar) => bar.ariaValueNow);
return `${MARKS}: ${bars}`;
"""
MARKS = 'performance.getEntriesByType("mark").map(({ name, detail }) => (detail ? `${name} (${detail})` : name))'


@contextmanager
def chromium(url: str) -> Iterator[Callable[[], str]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()

        def visit() -> str:
            page.goto(url)
            page.wait_for_selector("html[data-state=ready]", state="attached", timeout=120_000)
            return str(page.evaluate("async () => {" + READ.replace("MARKS", MARKS) + "}"))

        yield visit
        browser.close()


@contextmanager
def firefox(url: str) -> Iterator[Callable[[], str]]:
    with tempfile.TemporaryDirectory() as profile:
        browser = Firefox(Path(profile))

        def visit() -> str:
            browser.open(url)
            browser.wait_for("document.querySelector('html[data-state=ready]')")
            return str(browser.evaluate(SEE.replace("MARKS", MARKS)))

        try:
            yield visit
        finally:
            browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    chosen = parser.parse_args()
    command = [sys.executable, str(PROJECT / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().removeprefix("Serving ").strip()
            with (chromium if chosen.browser == "chromium" else firefox)(url) as visit:
                visit()  # a first visit may start Python, on a slow machine
                found = Counter(visit() for _ in range(chosen.count))
        finally:
            server.terminate()
    for answer, times in found.items():
        print(times, answer[:100])
    return 0 if len(found) == 1 and "restored" in next(iter(found)) else 1


if __name__ == "__main__":
    sys.exit(main())
