#!/usr/bin/env python3
"""How fast the browser trains: ours against TensorFlow.js and ConvNetJS, in one page, in turns.

    python tests/benchmarks/training.py [--turns 5] [--batches 60] [--json]

All train 784-128-64-10 on MNIST with batches of 128, Adam and float32. Ours is `digits.run`, as `train.py` and the
training room drive it: with the kernel that has relaxed SIMD, with the one that has not, and with NumPy alone.
TensorFlow.js runs its WASM backend, with `fit` and with a raw `minimize` loop, and once its WebGL and CPU backends. Other
work on the machine slows them all: trust the ratios, taken turn by turn. Needs Playwright and Chromium (the environment
variable CHROMIUM, else `chromium` on the PATH).
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

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "py"))

from hosting.site import PYTHON_MANIFEST, Site  # noqa: E402
from hosting.vendor import VendorError, ensure  # noqa: E402

BATCH = 128
YARDSTICK = "TensorFlow.js WASM, raw loop"

OURS = {
    "ours, relaxed SIMD": "/py/nn/kernel/relaxed.wasm",
    "ours, SIMD": "/py/nn/kernel/simd.wasm",
    "ours, NumPy alone": None,
}
EACH_TURN = ("ours, relaxed SIMD", YARDSTICK, "ours, SIMD", "TensorFlow.js WASM, fit", "ours, NumPy alone")
ONCE = ("ConvNetJS", "TensorFlow.js WebGL, raw loop", "TensorFlow.js CPU, raw loop")
SHARE = {"ConvNetJS": 0.1, "TensorFlow.js WebGL, raw loop": 0.2, "TensorFlow.js CPU, raw loop": 0.2}
"""The slow ones train on this share of the batches."""


class Host(SimpleHTTPRequestHandler):
    """The project's own folder, and the one file that is made."""

    def do_GET(self) -> None:
        if self.path != f"/{PYTHON_MANIFEST}":
            return super().do_GET()
        body = Site(PROJECT).python_manifest()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def opened() -> Iterator[Page]:
    """The page with all the libraries, in a browser."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(PROJECT))) as server, sync_playwright() as p:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = p.chromium.launch(executable_path=executable, args=["--disable-background-networking"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/tests/benchmarks/training.html")
        page.evaluate("(kernels) => start(kernels)", OURS)
        yield page
        browser.close()
        server.shutdown()


def measure(page: Page, name: str, batches: int) -> float:
    """Samples a second."""
    count = BATCH * max(4, round(batches * SHARE.get(name, 1)))
    return count / page.evaluate("([name, count, batch]) => contenders[name](count, batch)", [name, count, BATCH])


def compare(turns: int, batches: int) -> dict[str, dict[str, float | list[float]]]:
    """For each contender its samples a second (median, lowest, highest) and its ratio to the yardstick, turn by turn."""
    speeds: dict[str, list[float]] = {}
    with opened() as page:
        for turn in range(turns + 1):  # the first is to warm up
            order = EACH_TURN[turn % len(EACH_TURN) :] + EACH_TURN[: turn % len(EACH_TURN)]
            for name in (*order, *(ONCE if turn == turns else ())):
                speed = measure(page, name, batches)
                if turn:
                    speeds.setdefault(name, []).append(speed)
                if sys.stderr.isatty():
                    print(f"turn {turn} of {turns}: {name:<32}{speed:>10,.0f} samples/s", file=sys.stderr)
        epoch = {name: 60_000 / measure(page, name, 60_000 // BATCH) for name in OURS if name != "ours, NumPy alone"}
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
    parser.add_argument("--turns", type=int, default=5, help="how often each is timed (5)")
    parser.add_argument("--batches", type=int, default=60, help="batches a turn (60)")
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
