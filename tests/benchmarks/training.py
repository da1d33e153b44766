#!/usr/bin/env python3
"""How fast the browser trains: ours against TensorFlow.js, jax-js, ConvNetJS and PyTorch, in turns.

    python tests/benchmarks/training.py [--convolutional] [--against FOLDER] [--turns 5] [--batches 60] [--json]

All train 784-128-64-10 on MNIST with batches of 128, Adam and float32. Ours is the training room itself in a frame, with its
plots and stored checkpoints: with the relaxed SIMD kernel, with the SIMD kernel, and with NumPy alone. Its speed is measured
in wall time without its tests on the 10,000 test images, because the others make no tests; the time of an epoch of 60,000
images includes them. TensorFlow.js runs its WASM backend, with `fit` and with a raw `minimize` loop, and once each its WebGL
and CPU backends. jax-js runs its WASM backend, on one thread and on all, for which its page is cross-origin isolated.
PyTorch runs outside of the browser, if this Python can import it. A test reads the 10,000 test images. The heap is the size of
Pyodide's memory at the end, which only grows: what Python, NumPy, MNIST and the training took at most.

With --convolutional, all train 28x28-conv16-pool-conv32-pool-128-10. TensorFlow.js's WASM backend cannot, so ConvNetJS is what
the others are compared with. With --against, another version of this project takes its turns too.

Other work on the machine slows all of them, so only the ratios within a turn are comparable. Needs Playwright and Chromium
(the environment variable CHROMIUM, or `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import training_pytorch
from playwright.sync_api import Page, sync_playwright
from served_page import CHROMIUM, PROJECT

sys.path.insert(0, str(PROJECT / "py"))

from hosting.build import build
from hosting.site import Site
from vendoring.vendor import VendorError, ensure, project_vendor

BATCH = 128
OURS = {"ours, relaxed SIMD": "relaxed", "ours, SIMD": "simd", "ours, NumPy alone": "numpy"}
"""Folders of the built pages."""
OTHER_VERSION = "other version, relaxed SIMD"

ISOLATED = "jax-js, all threads"
"""Runs in a page of its own that is cross-origin isolated, which threads need."""
PYTORCH = {"PyTorch on CPython, one thread": 1, "PyTorch on CPython, all threads": os.cpu_count() or 1}

EVALUATE = """
from time import perf_counter
from digits.calibration import logits_of
from web.evaluation import Evaluation
from web.training_requests import current

def seconds():
    began, training = perf_counter(), current()
    images, labels = training._tests
    Evaluation(0, logits_of(training.run.reader, images), images, labels)
    return perf_counter() - began

sorted(seconds() for _ in range(5))[2]
"""
"""Runs in Python: reads the 10,000 test images as a training run does."""
ANSWER = """{
  const memories = [], channel = new BroadcastChannel(location.pathname.split("/")[2]);
  const answers = {
    heap: () => Math.max(0, ...memories.map(({ buffer }) => buffer.byteLength)),
    evaluation: async () => (await python).pyodide.runPython(EVALUATE),
  };
  channel.onmessage = async ({ data }) => {
    try {
      if (data in answers) channel.postMessage({ answer: await answers[data]() });
    } catch {} // this worker does not train
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await original(...given), { memory } = (result.instance ?? result).exports;
      if (memory) memories.push(memory);
      return result;
    };
  }
}
""".replace("EVALUATE", json.dumps(EVALUATE))
"""Goes into each built page's worker: it tells the size of Pyodide's memory, and the time of an evaluation, to who asks."""
ASK = """async ([folder, question]) => {
  const answers = [0], channel = new BroadcastChannel(folder);
  channel.postMessage(question);
  await new Promise((done) => {
    setTimeout(done, 60000); // if there is no answer
    channel.onmessage = ({ data }) => {
      answers.push(data.answer);
      setTimeout(done, 2000); // there may be several workers
    };
  });
  channel.close();
  return Math.max(...answers);
}"""


@dataclass(frozen=True)
class Contest:
    """Who takes part: the first of `each_turn` is the yardstick, and `share` has factors on the number of batches."""

    each_turn: tuple[str, ...]
    once: tuple[str, ...]
    share: dict[str, float]


DENSE = Contest(
    (
        "TensorFlow.js WASM, raw loop",
        "ours, relaxed SIMD",
        "ours, SIMD",
        "TensorFlow.js WASM, fit",
        "jax-js, one thread",
        ISOLATED,
        "ours, NumPy alone",
    ),
    ("ConvNetJS", "TensorFlow.js WebGL, raw loop", "TensorFlow.js CPU, raw loop"),
    {"ours, relaxed SIMD": 10, OTHER_VERSION: 10, "ours, SIMD": 8, "ConvNetJS": 0.2}
    | dict.fromkeys(PYTORCH, 8)
    | dict.fromkeys(("TensorFlow.js WebGL, raw loop", "TensorFlow.js CPU, raw loop"), 0.2),
)
CONVOLUTIONAL = Contest(
    ("ConvNetJS", "ours, relaxed SIMD", "ours, SIMD", "ours, NumPy alone"),
    ("TensorFlow.js WebGL, raw loop", "TensorFlow.js CPU, raw loop"),
    {"ours, relaxed SIMD": 2, OTHER_VERSION: 2, "ours, SIMD": 2, "ours, NumPy alone": 0.2, "ConvNetJS": 0}
    | dict.fromkeys(PYTORCH, 2),
)


class Host(SimpleHTTPRequestHandler):
    """The project's own folder, and the built pages under rooms/."""

    rooms: Path
    isolated = False

    def end_headers(self) -> None:
        if self.isolated:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def translate_path(self, path: str) -> str:
        inside = super().translate_path(path)
        own = Path(inside).relative_to(self.directory)
        return str(self.rooms / Path(*own.parts[1:])) if own.parts[:1] == ("rooms",) else inside

    def log_message(self, *_: object) -> None:
        pass


class IsolatedHost(Host):
    isolated = True


def build_rooms(folder: Path, other: Path | None) -> None:
    """Build the page with the relaxed SIMD kernel, with the SIMD kernel, and without a kernel; and the other version."""
    if other:
        command = [sys.executable, str(other / "serve.py"), "--build", str(folder / "other")]
        subprocess.run(command, check=True, stdout=sys.stderr)
    for name in OURS.values():
        site = build(Site(PROJECT), folder / name, project_vendor())
        if name == "simd":
            kernel = (site / "js/python/kernel.js").read_text()
            (site / "js/python/kernel.js").write_text(kernel.replace("WebAssembly.validate(RELAXED)", "false"))
        if name == "numpy":
            (site / "js/python/kernel.js").write_text("export const kernelPath = () => null, installKernel = () => {};\n")
    for worker in folder.glob("*/js/**/worker.js"):
        worker.write_text(ANSWER + worker.read_text())


@contextmanager
def opened(other: Path | None, convolutional: bool) -> Iterator[dict[bool, Page]]:
    """A browser page with all libraries and training rooms, and one that is cross-origin isolated, with the libraries only."""
    with TemporaryDirectory() as rooms, sync_playwright() as p, ExitStack() as stack:
        build_rooms(Path(rooms), other)
        Host.rooms = Path(rooms)
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--disable-background-networking"])
        folders = OURS | ({OTHER_VERSION: "other"} if other else {})
        pages = {}
        for host in (Host, IsolatedHost):
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(host, directory=str(PROJECT))))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            page = pages[host.isolated] = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/tests/benchmarks/training.html")
            arguments = [{} if host.isolated else folders, BATCH, convolutional]
            page.evaluate("([rooms, batch, convolutional]) => start(rooms, batch, convolutional)", arguments)
        yield pages
        browser.close()


def measure(page: Page, name: str, batches: float, convolutional: bool) -> float:
    """Samples per second."""
    count = BATCH * max(4, round(batches))
    if name in PYTORCH:
        return count / training_pytorch.seconds(PROJECT / "vendor/mnist", count, BATCH, PYTORCH[name], convolutional)
    return count / page.evaluate("([name, count, batch]) => contenders[name](count, batch)", [name, count, BATCH])


def ask(page: Page, folder: str, question: str) -> float:
    """The largest answer of the workers of a room: "heap" in bytes, or "evaluation" in seconds."""
    return float(page.evaluate(ASK, [folder, question]))


def compare(contest: Contest, other: Path | None, turns: int, batches: int) -> dict[str, dict[str, float | list[float]]]:
    """For each contender its samples per second (median, lowest, highest) and its ratios to the yardstick in each turn."""
    speeds: dict[str, list[float]] = {}
    yardstick = contest.each_turn[0]
    convolutional = contest is CONVOLUTIONAL
    if not training_pytorch.torch:
        print("PyTorch is not installed, and left out.", file=sys.stderr)
    each_turn = (*contest.each_turn, *([OTHER_VERSION] if other else []), *(PYTORCH if training_pytorch.torch else ()))
    with opened(other, convolutional) as pages:
        for turn in range(turns + 1):  # the first one warms up
            start = turn % len(each_turn)
            for name in (*each_turn[start:], *each_turn[:start], *(contest.once if turn == turns else ())):
                speed = measure(pages[name == ISOLATED], name, batches * contest.share.get(name, 1), convolutional)
                if turn:
                    speeds.setdefault(name, []).append(speed)
                if sys.stderr.isatty():
                    print(f"turn {turn} of {turns}: {name:<32}{speed:>10,.0f} samples/s", file=sys.stderr)
        timed = list(OURS)[: 1 if convolutional else None]
        epoch = {name: pages[False].evaluate("(name) => epochSeconds(name)", name) for name in timed}
        folders = OURS | ({OTHER_VERSION: "other"} if other else {})
        heap = {name: ask(pages[False], folder, "heap") / 1e6 for name, folder in folders.items()}
        evaluation = {name: ask(pages[False], OURS[name], "evaluation") for name in timed}
    table = {}
    for name, measured in speeds.items():
        ratios = [speed / reference for speed, reference in zip(measured, speeds[yardstick], strict=False)]
        if len(measured) < turns:
            ratios = [measured[0] / statistics.median(speeds[yardstick])]
        table[name] = {
            "samples_per_second": round(statistics.median(measured)),
            "lowest": round(min(measured)),
            "highest": round(max(measured)),
            "ratio": round(statistics.median(ratios), 2),
            "ratios": [round(ratio, 2) for ratio in ratios],
        }
        if name in epoch:
            table[name]["epoch_seconds"] = round(epoch[name], 2)
            table[name]["evaluation_seconds"] = round(evaluation[name], 3)
        if name in heap:
            table[name]["heap_megabytes"] = round(heap[name])
    return table


def print_table(table: dict[str, dict[str, float | list[float]]]) -> None:
    print(f"{'':<32}{'samples/s':>10}{'spread':>18}{'ratio':>8}{'spread':>14}{'epoch':>9}{'test':>9}{'heap':>9}")
    for name, row in table.items():
        spread = f"{row['lowest']:,}–{row['highest']:,}"
        ratios = f"{min(row['ratios']):.2f}–{max(row['ratios']):.2f}"
        epoch = f"{row['epoch_seconds']:.2f} s" if "epoch_seconds" in row else ""
        test = f"{row['evaluation_seconds']:.2f} s" if "evaluation_seconds" in row else ""
        heap = f"{row['heap_megabytes']} MB" if "heap_megabytes" in row else ""
        print(
            f"{name:<32}{row['samples_per_second']:>10,}{spread:>18}{row['ratio']:>7.2f}×{ratios:>14}{epoch:>9}{test:>9}{heap:>9}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--convolutional", action="store_true", help="train a convolutional network")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another version of this project, to compare with")
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
    contest = CONVOLUTIONAL if options.convolutional else DENSE
    table = compare(contest, options.against, options.turns, options.batches)
    print(json.dumps(table, ensure_ascii=False)) if options.json else print_table(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
