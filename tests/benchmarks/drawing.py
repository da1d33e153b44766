#!/usr/bin/env python3
"""How the page feels while one draws: the way from the pen to the painted answer, and what the main thread does for it.

    python tests/benchmarks/drawing.py [--strokes 20] [--epochs 200] [--lessons] [--against FOLDER] [--json]

Draws with real pointer events, sixty a second, in the rooms Draw and Inside with each network, as the last of six digits of a
number, and beside a training run of so many epochs; with --lessons, in the chapters of Learn instead. Every point counts: one
that was overtaken waits for the answer to a later one. Then it draws slowly, to see all that the main thread computes for one
point, from the event to the painted answer. Without --lessons, it last times in a worker, as Python itself sees it, how long
each network takes for one drawing with every layer's output. --against measures another version of this project after it. Needs
Playwright and Chromium (the environment variable CHROMIUM, else `chromium` on the PATH), and a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page
from served_page import PROJECT, served_in_chromium

POINTS = 24  # of a stroke
FAST, SLOW = 60, 12  # points a second

PAUSE = 100  # ms in which nothing is drawn: a person needs longer from the button to the pad

ROOMS = {
    "Draw, convolutional": "?model=convolutional",
    "Draw, dense": "?model=dense",
    "Inside, convolutional": "?room=inside&all=1&model=convolutional",
    "Inside, dense": "?room=inside&all=1&model=dense",
    "Draw, the sixth digit of a number": "?mode=number",
}

# Chapters of Learn, and what is done before one draws; chapter 8 does not depend on the drawing.
LESSONS = {f"Learn, chapter {number}": "() => {}" for number in (1, 2, 3, 4, 5, 6)} | {
    "Learn, chapter 7": """() => {
        const step = [...document.querySelectorAll("#learn button")].find((button) => button.textContent === "Take a step");
        for (let n = 0; n < 15; n++) step.click();
    }""",
    "Learn, chapter 9": """() => {
        const strength = document.querySelector("#learn input[type=range]");
        strength.value = 100;
        strength.dispatchEvent(new Event("input", { bubbles: true }));
    }""",
}

# A point's time is its event's own; it is answered when the frame that shows an answer to it, or to a later one, is painted.
# Changes by other events, such as a click on Clear, are no points.
WATCH = """(shown) => {
    const pad = document.querySelector("#pad"), answer = document.querySelector(shown);
    let pointed = null, waiting = [];
    globalThis.answers = [];
    globalThis.tasks = [];
    for (const kind of ["pointerdown", "pointerrawupdate", "pointermove"]) {
        pad.addEventListener(kind, (event) => { pointed = event.timeStamp; }, { capture: true });
    }
    addEventListener("click", () => { pointed = null; }, { capture: true });
    new MutationObserver(() => pointed !== null && waiting.push([Number(pad.dataset.revision), pointed]))
        .observe(pad, { attributeFilter: ["data-revision"] });
    new MutationObserver(() => {
        const newest = Number(answer.dataset.revision);
        const answered = waiting.filter(([revision]) => revision <= newest);
        waiting = waiting.filter(([revision]) => revision > newest);
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel(); // its message comes after the frame
            port1.onmessage = () => answers.push(...answered.map(([, at]) => performance.now() - at));
            port2.postMessage(0);
        });
    }).observe(answer, { attributeFilter: ["data-revision"] });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
        .observe({ type: "longtask" });
}"""

# Opens the room Code's worker: its console runs Python. What the console sees as `nn` is NumPy alone; `web` has the kernel.
FORWARD = """async ({ file, code }) => {
    const { Recognizer } = await import("./js/python/client.js");
    const python = new Recognizer();
    python.start();
    const path = `weights/${file}`;
    await python.ask({ kind: "open", values: { file }, files: [path, path.replace(/[.][^.]+$/, ".json")] });
    await python.ask({ kind: "editable", archives: ["sources", "random", "editing"] });
    const outcome = await python.ask({ kind: "console_edited", values: { files: {}, network: file, text: code } });
    python.stop();
    return outcome;
}"""
TIMES = """
import time, web
network = web._page.recognizer.network
x = np.random.default_rng(0).random((1, 784), np.float32)
def microseconds(times=25):
    began = time.perf_counter()
    for _ in range(times): network.activations(x)
    return 1e6 * (time.perf_counter() - began) / times
print(sorted(microseconds() for _ in range(101))[50])
"""


class Pen:
    """Draws on a page, and knows what its main thread did between two points."""

    def __init__(self, page: Page) -> None:
        self.page, self.rng = page, random.Random(0)
        self.box = page.locator("#pad").bounding_box()
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.busy: list[float] = []
        self.before = 0.0
        self.place, self.places, self.before_stroke = 0, 1, "clear"
        if page.locator("html[data-pad=wide]").count():
            self.places = 6
            for _ in range(self.places - 1):
                self.stroke()
                self.place, self.before_stroke = self.place + 1, "pad"  # the strokes stay
            self.stroke()
            self.before_stroke = "undo"

    def stroke(self, rate: int = FAST) -> None:
        """Clears the pad, or takes back the last digit of a number, and draws a round one, so many points a second."""
        box, rng = self.box, self.rng
        wide, high, turn = rng.uniform(0.1, 0.35), rng.uniform(0.2, 0.4), rng.uniform(0, math.tau)
        self.page.evaluate("(id) => document.getElementById(id).click()", self.before_stroke)
        self.page.wait_for_timeout(PAUSE)
        for n in range(POINTS):
            began = time.perf_counter()
            angle = turn + math.tau * n / POINTS
            x = (self.place + 0.5 + wide * math.cos(angle)) / self.places
            y = 0.5 + high * math.sin(angle)
            self.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            if n == 0:
                self.page.mouse.down()
            else:
                time.sleep(max(0.0, 1 / rate - (time.perf_counter() - began)))
            if rate == SLOW:  # not while answers are timed: it makes the page compute its layout
                spent = self.milliseconds()
                if n:
                    self.busy.append(spent)
        self.page.mouse.up()
        self.page.wait_for_timeout(PAUSE)

    def milliseconds(self) -> float:
        """What the main thread computed since the last time it was asked."""
        metrics = self.browser.send("Performance.getMetrics")["metrics"]
        now = 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
        self.before, passed = now, now - self.before
        return passed


def measure(page: Page, strokes: int, shown: str = "#prediction") -> dict[str, float]:
    pen = Pen(page)
    for _ in range(3):  # code warms up
        pen.stroke()
    page.evaluate(WATCH, shown)
    for _ in range(strokes):
        pen.stroke()
    answers = page.evaluate("answers")
    for _ in range(strokes // 2):
        pen.stroke(SLOW)
    tasks = page.evaluate("tasks")
    return {
        "points": len(answers),
        "answer_ms_median": round(statistics.median(answers), 1),
        "answer_ms_p95": round(p95(answers), 1),
        "main_thread_ms_median": round(statistics.median(pen.busy), 1),
        "main_thread_ms_p95": round(p95(pen.busy), 1),
        "tasks_over_50_ms": len(tasks),
        "longest_task_ms": max(tasks, default=0),
    }


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    page.wait_for_selector("html[data-state=ready]", timeout=300_000)
    page.wait_for_timeout(1000)
    return page


def rooms(new_page: Callable[[], Page], url: str, chosen: argparse.Namespace) -> dict[str, dict[str, float]]:
    found = {}
    for name, address in ROOMS.items():
        page = opened(new_page(), url + address)
        found[name] = measure(page, chosen.strokes)
        page.close()
    page = opened(new_page(), f"{url}?room=train&epochs={chosen.epochs}")
    found["Train, while it trains"] = training(page, chosen.strokes)
    page.close()
    found["One forward pass with all activations, in a worker"] = forward(opened(new_page(), url))
    return found


def lesson(page: Page, name: str, strokes: int) -> dict[str, float]:
    page.locator("#learn [data-number][data-value]").first.wait_for(timeout=300_000)
    Pen(page).stroke()
    page.evaluate(LESSONS[name])
    return measure(page, strokes, "#learn article")


def training(page: Page, strokes: int) -> dict[str, float]:
    page.locator("#plan:not(:empty)").wait_for(timeout=300_000)
    page.locator("#train-start").click()
    page.locator("[data-metric=test-accuracy][data-value]").wait_for(timeout=300_000)
    found = measure(page, strokes)
    assert page.locator("#train").get_attribute("data-stage") == "running", "the run was over too soon: give it more --epochs"
    speed = page.locator("[data-metric=samples-per-second]").get_attribute("data-value")
    return found | {"images_a_second": round(float(speed or 0))}


def forward(page: Page) -> dict[str, float]:
    """Microseconds that a forward pass takes in a worker, for each network."""
    listed = json.loads((PROJECT / "weights" / "models.json").read_text(encoding="utf-8"))["models"]
    outcomes = {model["name"]: page.evaluate(FORWARD, {"file": model["file"], "code": TIMES}) for model in listed}
    return {f"{name}_us_median": round(float(outcome["printed"]), 1) for name, outcome in outcomes.items()}


def measured(project: Path, chosen: argparse.Namespace) -> dict[str, dict[str, float]]:
    """All figures of one version of the project."""
    with served_in_chromium(project) as (url, browser):
        new_page = partial(browser.new_page, viewport={"width": 1200, "height": 900})
        if not chosen.lessons:
            return rooms(new_page, url, chosen)
        found: dict[str, dict[str, float]] = {}
        for name in LESSONS:
            page = opened(new_page(), f"{url}?room=learn&chapter={name[-1]}")
            found[name] = lesson(page, name, chosen.strokes)
            page.close()
        return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--strokes", type=int, default=20)
    options.add_argument("--epochs", type=float, default=200)
    options.add_argument("--lessons", action="store_true")
    options.add_argument("--against", type=Path, metavar="FOLDER")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    found = measured(PROJECT, chosen)
    if chosen.against:
        found |= {f"{name} (the other version)": figures for name, figures in measured(chosen.against, chosen).items()}
    if chosen.json:
        print(json.dumps(found))
        return 0
    for name, figures in found.items():
        print(name)
        for figure, value in figures.items():
            print(f"    {figure.replace('_', ' '):<24}{value:>8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
