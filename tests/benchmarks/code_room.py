#!/usr/bin/env python3
"""The room Code: how soon after a keystroke in layers.py the new answer is painted, and how quickly the pad reads meanwhile.

    python tests/benchmarks/code_room.py [--edits 40] [--json]

The code runs once typing has paused for half a second; the pause is not counted. Needs Playwright and Chromium (the
environment variable CHROMIUM, else `chromium` on the PATH), and a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys

from playwright.sync_api import Page
from served_page import served_in_chromium

PAUSE = 500  # ms, as in js/code/room.js
TRAINING = 2500  # ms that the 50 training steps may take

# The bars change with every edit below; they are painted when a message that was posted in a frame arrives.
WATCH = """() => {
    let typed = 0;
    globalThis.answers = [];
    addEventListener("keydown", (event) => { typed = event.timeStamp; }, { capture: true });
    new MutationObserver(() => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => answers.push(performance.now() - typed);
        port2.postMessage(0);
    })).observe(document.querySelector("#edited-bars"), { attributeFilter: ["aria-label"] });
}"""

BEGIN = """() => {
    const editor = ace.edit(document.querySelector("#editor"));
    const [before, after] = ["return x @ W + b", "return 0.10 * (x @ W + b)"];
    const line = editor.getValue().split("\\n").findIndex((text) => text.includes(before));
    editor.setValue(editor.getValue().replace(before, after), -1);
    editor.gotoLine(line + 1, "        return 0.10".length);
    editor.focus();
}"""

# A reading of the pad that is asked for right after the keystroke, as a stroke would.
READ = """async () => {
    const { recognizer, pad } = await import("./js/main.js");
    const began = performance.now();
    await new Promise((resolve) => recognizer.read(() => pad.request(null), resolve));
    return performance.now() - began;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=40, help="keystrokes that change the code [40]")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    options = parser.parse_args()
    with served_in_chromium() as (url, browser):
        figures = measure(browser.new_page(viewport={"width": 1280, "height": 900}), url, options.edits)
    print(json.dumps(figures) if options.json else "\n".join(f"{name:30} {value:8.1f}" for name, value in figures.items()))
    return 0


def measure(page: Page, url: str, edits: int) -> dict[str, float]:
    page.goto(f"{url}?room=code")
    page.wait_for_selector("html[data-state=ready]", timeout=300_000)
    draw_a_seven(page)
    page.wait_for_function("() => document.querySelector('#edited-prediction').textContent === '7'", timeout=300_000)
    label = page.locator("#edited-bars").get_attribute("aria-label")
    page.evaluate(BEGIN)
    settle(page, label)
    page.evaluate(WATCH)
    reading: list[float] = []
    for number in range(edits):
        label = page.locator("#edited-bars").get_attribute("aria-label")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("28"[number % 2])
        page.wait_for_timeout(PAUSE)  # the code runs now
        reading.append(page.evaluate(READ))
        settle(page, label)
    answers = [answer - PAUSE for answer in page.evaluate("answers")]
    assert len(answers) == edits, f"{len(answers)} of {edits} edits changed the answer"
    return {
        "edits": edits,
        "answer_ms_p50": statistics.median(answers),
        "answer_ms_p95": p95(answers),
        "pad_reads_meanwhile_ms_p50": statistics.median(reading),
        "pad_reads_meanwhile_ms_p95": p95(reading),
    }


def draw_a_seven(page: Page) -> None:
    box = page.locator("#pad").bounding_box()
    assert box
    for number, (x, y) in enumerate(((0.27, 0.25), (0.73, 0.25), (0.46, 0.82))):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def settle(page: Page, before: str | None) -> None:
    """Wait until the bars no longer have the label `before`, and the checks and the training steps have ended as well."""
    page.wait_for_function("(before) => document.querySelector('#edited-bars').ariaLabel !== before", arg=before)
    page.wait_for_function("() => document.querySelector('#edited-status').textContent.includes('checks')", timeout=300_000)
    page.wait_for_timeout(TRAINING)


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


if __name__ == "__main__":
    sys.exit(main())
