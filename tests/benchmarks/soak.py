#!/usr/bin/env python3
"""One page for a long time: thousands of strokes and uploads beside a training run. Does memory grow, does it get slower?

    python tests/benchmarks/soak.py [--strokes 20000] [--uploads 2000] [--minutes 30] [--json]

Draws with real pointer events, chooses real files, and waits for each answer. Memory (MB) is measured after garbage
collection: the JavaScript of the page and of the worker, and all of the renderer process, WebAssembly's memory included.
The first fifth is warm-up. `growth` compares the last tenth of what follows with its first tenth (medians), and `drift` the
same for the time from pen to answer. Needs Linux, Playwright, Pillow and Chromium (the environment variable CHROMIUM, else
`chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page
from served_page import PROJECT, resident_megabytes, served_in_chromium

sys.path[:0] = [str(PROJECT / "tests" / "page"), str(PROJECT / "py")]

from hand import FOUR, ONE, SEVEN, ZERO, Hand, Stroke  # noqa: E402

DIGITS = (ZERO, ONE, FOUR, SEVEN)
SAMPLES = 100  # how often memory is measured
EPOCHS = 10_000  # more than a run here can finish

ANSWERED = """async (before) => {
    const [pad, prediction] = ["#pad", "#prediction"].map((name) => document.querySelector(name));
    const waits = () => Number(pad.dataset.revision) <= before || prediction.dataset.revision !== pad.dataset.revision;
    while (waits()) await new Promise(requestAnimationFrame);
}"""
CLEAR = """() => {
    document.querySelector("#clear").click();
    return Number(document.querySelector("#pad").dataset.revision);
}"""


class Worker:
    """The inspector of the page's Python worker, which is reached by messages through the page's session."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.attached: list[str] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.session.on("Target.attachedToTarget", self._attach)
        self.session.on("Target.receivedMessageFromTarget", self._receive)
        self.session.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})

    def _attach(self, event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] == "worker" and "/js/python/" in event["targetInfo"]["url"]:
            self.attached.append(event["sessionId"])

    def _receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        self.answers[message.get("id", 0)] = message

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = len(self.answers) + 1
        message = json.dumps({"id": number, "method": method, "params": parameters})
        self.session.send("Target.sendMessageToTarget", {"message": message, "sessionId": self.attached[-1]})
        while number not in self.answers:
            self.page.wait_for_timeout(1)
        return dict(self.answers[number]["result"])

    def memory(self) -> float:
        self.send("HeapProfiler.collectGarbage")
        heap = self.send("Runtime.getHeapUsage")
        return (float(heap["usedSize"]) + float(heap["backingStorageSize"])) / 1e6


class Soak:
    """The page under test, what it holds and how long its answers take."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={"width": 1200, "height": 900})
        self.worker, self.hand = Worker(self.page), Hand(self.page)
        self.session = self.page.context.new_cdp_session(self.page)
        self.memory: list[dict[str, float]] = []
        self.latency: list[float] = []
        self.page.goto(f"{url}?room=train&epochs={EPOCHS}")
        self.page.wait_for_selector("html[data-state=ready]", timeout=300_000)
        self.page.locator("#plan:not(:empty)").wait_for(timeout=300_000)
        processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        self.renderer = max((process["id"] for process in processes if process["type"] == "renderer"), key=resident_megabytes)

    def start_training(self) -> None:
        self.page.locator("#train-start").click()
        self.page.locator("[data-metric=test-accuracy][data-value]").wait_for(timeout=300_000)

    def stop_training(self) -> float:
        """The memory of the renderer process some seconds later."""
        self.page.locator("#train-stop").click()
        self.page.wait_for_selector("#train[data-stage=finished]", timeout=300_000)
        self.page.wait_for_timeout(10_000)
        self.session.send("HeapProfiler.collectGarbage")
        return resident_megabytes(self.renderer)

    def run(self, strokes: int, uploads: int, minutes: float) -> None:
        """All strokes, the uploads spread among them, and as long as `minutes` in any case."""
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            pictures = [draw_picture(Path(folder) / f"{number}.png", strokes) for number, strokes in enumerate(DIGITS)]
            for number in range(strokes):
                self.stroke(DIGITS[number % len(DIGITS)])
                for upload in range(number * uploads // strokes, (number + 1) * uploads // strokes):
                    self.upload(pictures[upload % len(pictures)])
                if number * SAMPLES // strokes < (number + 1) * SAMPLES // strokes:
                    self.measure()
                    print(f"{number + 1:6,} strokes  {self.memory[-1]}", file=sys.stderr, flush=True)
        while time.monotonic() - began < 60 * minutes:
            self.page.wait_for_timeout(1000)

    def stroke(self, digit: list[Stroke]) -> None:
        before = self.page.evaluate(CLEAR)
        began = time.perf_counter()
        self.hand.draw(digit[:1], between=1)
        self.page.evaluate(ANSWERED, before)
        self.latency.append(time.perf_counter() - began)

    def upload(self, picture: Path) -> None:
        before = self.page.evaluate(CLEAR)
        self.page.set_input_files("#upload", picture)
        self.page.evaluate(ANSWERED, before)

    def measure(self) -> None:
        self.session.send("HeapProfiler.collectGarbage")
        page = self.session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        self.memory.append({"page": page, "worker": self.worker.memory(), "renderer": resident_megabytes(self.renderer)})

    def figures(self) -> dict[str, float]:
        found = {"strokes": len(self.latency), "latency_ms": 1000 * statistics.median(self.latency)}
        found["latency_drift"] = change(self.latency)
        for name in self.memory[0]:
            values = [sample[name] for sample in self.memory]
            found |= {f"{name}_mb": values[-1], f"{name}_growth": change(values)}
        return found


def change(values: list[float]) -> float:
    """The median of the last tenth over that of the first, without the warm-up."""
    warm = values[len(values) // 5 :]
    tenth = max(1, len(warm) // 10)
    return statistics.median(warm[-tenth:]) / statistics.median(warm[:tenth])


def draw_picture(path: Path, strokes: list[Stroke]) -> Path:
    image = Image.new("L", (280, 280), 255)
    for stroke in strokes:
        ImageDraw.Draw(image).line(list(stroke), fill=0, width=18, joint="curve")
    image.save(path)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=20_000)
    parser.add_argument("--uploads", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=30, help="train at least so long [30]; 0 does not train")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with served_in_chromium() as (url, browser):
        soak = Soak(browser, url)
        if options.minutes:
            soak.start_training()
        soak.run(options.strokes, options.uploads, options.minutes)
        figures = soak.figures()
        if options.minutes:
            figures["renderer_mb_after_stop"] = soak.stop_training()
    print(json.dumps(figures) if options.json else "\n".join(f"{name:24} {value:10,.2f}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
