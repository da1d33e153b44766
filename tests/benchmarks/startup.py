#!/usr/bin/env python3
"""How long the page takes to its first prediction, and how many bytes, against a bare page with Pyodide as it comes.

    python tests/benchmarks/startup.py [--turns 5] [--only serve.py,host,…] [--json]

The bare page loads Pyodide, then NumPy, then the parameters of a dense network, then predicts: one step after another, in a
worker as ours does. In every turn both pages are opened in a new profile (cold), again in a new browser with the same profile
(second visit), and the page once more without its host (offline); each time the browser itself has started before. The hosts
are `serve.py`, and one that compresses the built site with gzip and lets browsers cache it for ten minutes, as GitHub Pages
does: at full speed, over a 4G and a 50 Mbit/s link, and with a CPU of a quarter of the speed. Set NO_SNAPSHOT=1 to measure
without the snapshot. Needs Playwright and Chromium (the environment variable CHROMIUM, else `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Request, ResourceTiming, sync_playwright
from served_page import CHROMIUM, PROJECT, serving
from static_host import Host, Link, hosting

STOCK_PAGE = """<!doctype html><html><script type="module">
const worker = new Worker("worker.js", { type: "module" });
worker.onmessage = () => { document.documentElement.dataset.state = "ready"; };
</script></html>"""

STOCK_WORKER = """
const { loadPyodide } = await import("./pyodide.mjs");
const pyodide = await loadPyodide();
await pyodide.loadPackage("numpy", { messageCallback() {} });
pyodide.globals.set("parameters", new Uint8Array(await (await fetch("model_params_stored_mnist.pk1")).arrayBuffer()));
pyodide.runPython(`
import pickle
import numpy as np
network = pickle.loads(parameters.to_bytes())
x = np.zeros((1, 784), np.float32)
for w, b in zip(network["weights"], network["biases"]):
    x = np.maximum(x @ w + b, 0)
`);
postMessage("ready");
"""

NOTE_READY = """new MutationObserver((_, observer) => {
    if (document.documentElement.dataset.state !== "ready") return;
    window.readyAt = performance.now();
    observer.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });"""

COPIED = """async () => {
    while ((await navigator.serviceWorker.getRegistration())?.active?.state !== "activated") {
        await new Promise((next) => setTimeout(next, 100));
    }
}"""


LINKS = {
    "host": Link(),
    "host, 50 Mbit/s": Link(50, 0.02),
    "host, 4G": Link(8.1, 0.165),  # "Fast 4G" of Chromium's developer tools
    "host, CPU 4× slower": Link(slow_cpu=4),
}


@contextmanager
def slowed(times: int, profile: Path) -> Iterator[None]:
    """Let the browser with this profile run in one of so many moments only, all its threads and processes alike.

    (The slow-down of Chromium's developer tools leaves workers as fast as they are.)
    """
    over = threading.Event()

    def alternate() -> None:
        while not over.is_set():
            pids = processes(profile)
            for which, seconds in ((signal.SIGSTOP, 0.01 * (times - 1)), (signal.SIGCONT, 0.01)):
                for pid in pids:
                    try:
                        os.kill(pid, which)
                    except ProcessLookupError:
                        pass
                time.sleep(seconds)

    thread = threading.Thread(target=alternate)
    if times > 1:
        thread.start()
    yield
    over.set()
    if times > 1:
        thread.join()


def processes(profile: Path) -> list[int]:
    """The browser's processes, children included."""
    children: dict[int, list[int]] = {}
    found = []
    for entry in Path("/proc").iterdir():
        try:
            pid = int(entry.name)
            children.setdefault(int((entry / "stat").read_text().rpartition(")")[2].split()[1]), []).append(pid)
            if f"--user-data-dir={profile}" in (entry / "cmdline").read_text():
                found.append(pid)
        except (ValueError, OSError):
            continue
    for pid in found:
        found += [child for child in children.get(pid, []) if child not in found]
    return found


def wait_until_idle(profile: Path) -> None:
    """Wait until the browser itself has started: for about a second, its own pages take most of two cores."""
    before, quiet = -1, 0
    while quiet < 3:
        time.sleep(0.2)
        ticks = 0
        for pid in processes(profile):
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])  # of user and system time
        before, quiet = ticks, quiet + 1 if ticks - before <= 1 else 0


def was_answered(timing: ResourceTiming, ready: float) -> bool:
    """Whether an answer was complete when the page became ready.

    What the first prediction needs was; the page asks for the rest at that very moment. Without an answer the start is 0.
    """
    return timing["startTime"] > 0 and 0 <= timing["responseEnd"] <= ready - timing["startTime"]


class Visitor:
    """Opens pages in browsers that share one profile."""

    def __init__(self, playwright: Any, slow_cpu: int) -> None:
        self.playwright, self.slow_cpu = playwright, slow_cpu
        self.profile = Path(tempfile.mkdtemp(prefix="profile-"))

    def visit(self, url: str, offline: bool = False, settle: bool = False) -> tuple[float, list[str], bool]:
        """Seconds to the first prediction, the addresses answered until then, and whether Python was restored from a snapshot.

        `settle` notes the addresses, and waits for the offline copy afterwards.
        """
        context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        )
        requests: list[Request] = []
        try:
            page = context.pages[0]
            context.set_offline(offline)
            page.add_init_script(NOTE_READY)
            if settle:  # only then, as it takes time
                context.on("request", lambda request: requests.append(request))
            wait_until_idle(self.profile)
            with slowed(self.slow_cpu, self.profile):
                page.goto(url, wait_until="commit", timeout=300_000)
                while not page.evaluate("window.readyAt"):
                    page.wait_for_timeout(200)
            seconds = page.evaluate("window.readyAt") / 1000
            ready = page.evaluate("performance.timeOrigin + window.readyAt")
            answered = [request.url for request in requests if was_answered(request.timing, ready)]
            if settle:
                page.evaluate(COPIED)
                page.wait_for_timeout(4000)  # Chromium stores compiled code some seconds after it ran
            return seconds, answered, page.evaluate("performance.getEntriesByName('Python restored').length > 0")
        finally:
            context.close()

    def forget(self) -> None:
        shutil.rmtree(self.profile, ignore_errors=True)


def turn(playwright: Any, ours: str, stock: str, slow_cpu: int, first: bool) -> dict[str, float]:
    """Seconds of one turn."""
    found: dict[str, float] = {}
    for name in ("stock", "ours") if first else ("ours", "stock"):
        visitor = Visitor(playwright, slow_cpu)
        url = stock if name == "stock" else ours
        found[f"{name} cold"], requests, restored = visitor.visit(url, settle=name == "ours")
        found[f"{name} second"], _, restored_again = visitor.visit(url)
        if name == "ours":
            found |= {"requests": len(set(requests)), "restored cold": restored, "restored second": restored_again}
            found["ours offline"], *_ = visitor.visit(url, offline=True)
        visitor.forget()
    return found


def summary(turns: list[dict[str, float]]) -> dict[str, Any]:
    medians = {name: round(statistics.median(each[name] for each in turns), 2) for name in turns[0]}
    medians |= {name: statistics.mean(each[name] for each in turns) for name in turns[0] if name.startswith("restored")}
    ratio = {
        visit: round(statistics.median(each[f"ours {visit}"] / each[f"stock {visit}"] for each in turns), 3)
        for visit in ("cold", "second")
    }
    return {"seconds": medians, "ratio": ratio}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", default="", help=f"of serve.py; {'; '.join(LINKS)}, separated by semicolons")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    wanted = [name.strip() for name in chosen.only.split(";")] if chosen.only else ["serve.py", *LINKS]
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site, stock = Path(folder) / "site", Path(folder) / "stock"
        subprocess.run([sys.executable, PROJECT / "serve.py", "--build", site], check=True, stdout=subprocess.DEVNULL)
        shutil.copytree(PROJECT / "vendor" / "runtime", stock)
        shutil.copy(PROJECT / "weights" / "model_params_stored_mnist.pk1", stock)
        (stock / "index.html").write_text(STOCK_PAGE)
        (stock / "worker.js").write_text(STOCK_WORKER)
        for name in wanted:
            serves = name == "serve.py"
            with hosting(Host(site, stock, compresses=not serves, link=LINKS.get(name, Link()))) as host:
                with serving() as (served, _):
                    ours = served if serves else host.url
                    turns = [
                        turn(playwright, ours, f"{host.url}stock/", host.link.slow_cpu, n % 2 == 0) for n in range(chosen.turns)
                    ]
                results[name] = summary(turns)
            if name == "host":
                results["bytes"] = first_visit(playwright, host, site, stock)
            if not chosen.json:
                print(name, json.dumps(results[name]))
    if chosen.json:
        print(json.dumps(results))
    elif "bytes" in results:
        show_bytes(results["bytes"])
    return 0


def first_visit(playwright: Any, before: Host, site: Path, stock: Path) -> dict[str, list[int]]:
    """Bytes of everything up to the first prediction by path: on the wire, and of the file."""
    with hosting(Host(site, stock, compresses=True)) as host:
        visitor = Visitor(playwright, 1)
        _, requests, _ = visitor.visit(host.url, settle=True)
        visitor.forget()
        paths = dict.fromkeys(request.removeprefix(host.url.rstrip("/")) for request in requests)
        found = {path: host.sent[path] for path in paths if path in host.sent}  # not what was just asked for
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def show_bytes(sent: dict[str, list[int]]) -> None:
    for path, (wire, raw) in sent.items():
        print(f"{wire:>10,} {raw:>10,}  {path}")
    wire, raw = (sum(sizes[i] for sizes in sent.values()) for i in (0, 1))
    print(f"{wire:>10,} {raw:>10,}  in {len(sent)} requests")


if __name__ == "__main__":
    sys.exit(main())
