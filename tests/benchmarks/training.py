#!/usr/bin/env python3
"""How fast the browser trains: ours against TensorFlow.js and ConvNetJS, in one page, in turns.

    python tests/benchmarks/training.py [--turns 5] [--batches 60] [--json]

All train 784-128-64-10 on MNIST with batches of 128, Adam and float32. Ours is the training room itself in a frame, with its
plots and stored checkpoints: with the relaxed SIMD kernel, with the SIMD kernel, and with NumPy alone. Its speed is measured
in wall time without its tests on the 10,000 test images, because the others make no tests; the time of an epoch of 60,000
images includes them. TensorFlow.js runs its WASM backend, with `fit` and with a raw `minimize` loop, and once each its WebGL
and CPU backends. Other work on the machine slows all of them, so only the ratios within a turn are comparable. Needs
Playwright and Chromium (the environment variable CHROMIUM, or `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "py"))

from hosting.build import build  # noqa: E402
from hosting.site import Site  # noqa: E402
from vendoring.vendor import VendorError, ensure, project_vendor  # noqa: E402

BATCH = 128
YARDSTICK = "TensorFlow.js WASM, raw loop"

OURS = {"ours, relaxed SIMD": "relaxed", "ours, SIMD": "simd", "ours, NumPy alone": "numpy"}
"""Folders of the built pages."""

EACH_TURN = ("ours, relaxed SIMD", YARDSTICK, "ours, SIMD", "TensorFlow.js WASM, fit", "ours, NumPy alone")
ONCE = ("ConvNetJS", "TensorFlow.js WebGL, raw loop", "TensorFlow.js CPU, raw loop")
SHARE = {"ours, relaxed SIMD": 10, "ours, SIMD": 8} | dict.fromkeys(ONCE, 0.2)
"""Factors on the number of batches, so that each takes some seconds."""


class Host(SimpleHTTPRequestHandler):
    """The project's own folder, and the built pages under rooms/."""

    rooms: Path

    def translate_path(self, path: str) -> str:
        inside = super().translate_path(path)
        own = Path(inside).relative_to(self.directory)
        return str(self.rooms / Path(*own.parts[1:])) if own.parts[:1] == ("rooms",) else inside

    def log_message(self, *_: object) -> None:
        pass


def build_rooms(folder: Path) -> None:
    """Build the page three times: with the relaxed SIMD kernel, with the SIMD kernel, and without a kernel."""
    for name in OURS.values():
        site = build(Site(PROJECT), folder / name, project_vendor())
        if name == "simd":
            kernel = (site / "js/python/kernel.js").read_text()
            (site / "js/python/kernel.js").write_text(kernel.replace("WebAssembly.validate(RELAXED)", "false"))
        if name == "numpy":
            (site / "js/python/kernel.js").write_text("export const kernelPath = () => null, installKernel = () => {};\n")


@contextmanager
def opened() -> Iterator[Page]:
    """A browser page with all libraries and training rooms."""
    with TemporaryDirectory() as rooms, sync_playwright() as p:
        build_rooms(Path(rooms))
        Host.rooms = Path(rooms)
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(PROJECT))) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = p.chromium.launch(executable_path=executable, args=["--disable-background-networking"])
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/tests/benchmarks/training.html")
            page.evaluate("([rooms, batch]) => start(rooms, batch)", [OURS, BATCH])
            yield page
            browser.close()
            server.shutdown()


def measure(page: Page, name: str, batches: int) -> float:
    """Samples per second."""
    count = BATCH * max(4, round(batches * SHARE.get(name, 1)))
    return count / page.evaluate("([name, count, batch]) => contenders[name](count, batch)", [name, count, BATCH])


def compare(turns: int, batches: int) -> dict[str, dict[str, float | list[float]]]:
    """For each contender its samples per second (median, lowest, highest) and its ratios to the yardstick in each turn."""
    speeds: dict[str, list[float]] = {}
    with opened() as page:
        for turn in range(turns + 1):  # the first one warms up
            order = EACH_TURN[turn % len(EACH_TURN) :] + EACH_TURN[: turn % len(EACH_TURN)]
            for name in (*order, *(ONCE if turn == turns else ())):
                speed = measure(page, name, batches)
                if turn:
                    speeds.setdefault(name, []).append(speed)
                if sys.stderr.isatty():
                    print(f"turn {turn} of {turns}: {name:<32}{speed:>10,.0f} samples/s", file=sys.stderr)
        epoch = {name: page.evaluate("(name) => epochSeconds(name)", name) for name in OURS}
    table = {}
    for name, measured in speeds.items():
        ratios = [speed / yardstick for speed, yardstick in zip(measured, speeds[YARDSTICK], strict=False)]
        if len(measured) < turns:
            ratios = [measured[0] / statistics.median(speeds[YARDSTICK])]
        table[name] = {
            "samples_per_second": round(statistics.median(measured)),
            "lowest": round(min(measured)),
            "highest": round(max(measured)),
            "ratio": round(statistics.median(ratios), 2),
            "ratios": [round(ratio, 2) for ratio in ratios],
        }
        if name in epoch:
            table[name]["epoch_seconds"] = round(epoch[name], 2)
    return table


def print_table(table: dict[str, dict[str, float | list[float]]]) -> None:
    print(f"{'':<32}{'samples/s':>10}{'spread':>18}{'ratio':>8}{'spread':>14}{'epoch':>9}")
    for name, row in table.items():
        spread = f"{row['lowest']:,}–{row['highest']:,}"
        ratios = f"{min(row['ratios']):.2f}–{max(row['ratios']):.2f}"
        epoch = f"{row['epoch_seconds']:.2f} s" if "epoch_seconds" in row else ""
        print(f"{name:<32}{row['samples_per_second']:>10,}{spread:>18}{row['ratio']:>7.2f}×{ratios:>14}{epoch:>9}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5, help="number of measurements of each (5)")
    parser.add_argument("--batches", type=int, default=60, help="batches per measurement (60)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        for group in ("runtime", "mnist", "benchmark"):
            ensure(group)
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    table = compare(options.turns, options.batches)
    print(json.dumps(table, ensure_ascii=False)) if options.json else print_table(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
