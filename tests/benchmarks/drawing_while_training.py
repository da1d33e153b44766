#!/usr/bin/env python3
"""How the page feels while it trains: answers to strokes, the main thread's longest tasks, and how the training fares.

    python tests/benchmarks/drawing_while_training.py [--strokes 60] [--epochs 20] [--json]

Trains the usual network in the room's own way and draws meanwhile, with real pointer events. Needs Playwright and Chromium
(the environment variable CHROMIUM, else `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]

WATCH = """() => {
    const pad = document.querySelector("#pad"), prediction = document.querySelector("#prediction");
    const drawn = new Map();
    globalThis.answers = [];
    globalThis.tasks = [];
    new MutationObserver(() => drawn.set(pad.dataset.revision, performance.now()))
        .observe(pad, { attributeFilter: ["data-revision"] });
    new MutationObserver(() => {
        const began = drawn.get(prediction.dataset.revision);
        if (began !== undefined) answers.push(performance.now() - began);
    }).observe(prediction, { attributeFilter: ["data-revision"] });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: "longtask" });
}"""


def draw(page: Page, rng: random.Random) -> None:
    box = page.locator("#pad").bounding_box()
    assert box
    for n in range(8):
        x, y = box["x"] + box["width"] * rng.uniform(0.2, 0.8), box["y"] + box["height"] * rng.uniform(0.2, 0.8)
        page.mouse.move(x, y)
        if n == 0:
            page.mouse.down()
        page.wait_for_timeout(16)
    page.mouse.up()
    page.wait_for_timeout(100)
    page.locator("#clear").click()


def measure(page: Page, strokes: int) -> dict[str, float]:
    page.locator("#train-start").click()
    page.wait_for_selector("#train[data-stage=running]", timeout=300_000)
    page.locator("[data-metric=test-accuracy][data-value]").wait_for(timeout=300_000)
    page.evaluate(WATCH)
    rng = random.Random(0)
    for _ in range(strokes):
        draw(page, rng)
    trained = page.locator("#train").get_attribute("data-stage") == "running"
    answers, tasks = sorted(page.evaluate("answers")), page.evaluate("tasks")
    return {
        "answers": len(answers),
        "answer_ms_median": round(statistics.median(answers), 1),
        "answer_ms_p95": round(answers[int(0.95 * (len(answers) - 1))], 1),
        "tasks_over_50_ms": len(tasks),
        "longest_task_ms": max(tasks, default=0),
        "images_a_second": float(page.locator("[data-metric=samples-per-second]").get_attribute("data-value") or 0),
        "still_training": trained,
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--strokes", type=int, default=60)
    options.add_argument("--epochs", type=float, default=20)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    serve = [sys.executable, str(PROJECT / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        try:
            assert server.stdout
            url = server.stdout.readline().removeprefix("Serving ").strip()
            browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu", "--no-first-run"])
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"{url}?room=train&epochs={chosen.epochs}")
            page.wait_for_selector("html[data-state=ready]", timeout=300_000)
            page.locator("#plan:not(:empty)").wait_for(timeout=300_000)
            found = measure(page, chosen.strokes)
            browser.close()
        finally:
            server.terminate()
    if chosen.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' '):<20} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
