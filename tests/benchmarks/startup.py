#!/usr/bin/env python3
"""How long the page takes to its first prediction, and how many bytes, against a bare page with Pyodide as it comes.

    python tests/benchmarks/startup.py [--turns 5] [--only serve.py,host,…] [--json]

The bare page loads Pyodide, then NumPy, then the parameters of a dense network, then predicts: one step after another, in a
worker as ours does. In every turn both pages are opened in a new profile (cold), again in a new browser with the same profile
(second visit), and the page once more without its host (offline); each time the browser itself has started before. The hosts
are `serve.py`, and one that compresses the built site with gzip and lets browsers cache it for ten minutes, as GitHub Pages
does: at full speed, over a 4G and a 50 Mbit/s link, and with a CPU of a quarter of the speed. No developer tools look at the
pages meanwhile, as they would slow them down. Set NO_SNAPSHOT=1 to measure without the snapshot. Needs Playwright and Chromium
(the environment variable CHROMIUM, else `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
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
from urllib.request import Request, urlopen

from playwright.sync_api import sync_playwright
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

# An extension that writes into the page's title when it became ready: what the browser's developer tools report of a page
# while it loads would take time of ours, which downloads on the main thread.
MANIFEST = {
    "manifest_version": 3,
    "name": "When a page is ready",
    "version": "1",
    "content_scripts": [{"matches": ["http://127.0.0.1/*"], "js": ["note_ready.js"], "run_at": "document_start"}],
}
NOTE_READY = """new MutationObserver((_, observer) => {
    if (document.documentElement.dataset.state !== "ready") return;
    document.title = `ready ${performance.now()} ${performance.getEntriesByName("Python restored").length}`;
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


class Visitor:
    """Opens pages in browsers that share one profile."""

    def __init__(self, playwright: Any, slow_cpu: int) -> None:
        self.playwright, self.slow_cpu = playwright, slow_cpu
        self.profile = Path(tempfile.mkdtemp(prefix="profile-"))
        self.extension = self.profile / "note_ready"
        self.extension.mkdir()
        (self.extension / "manifest.json").write_text(json.dumps(MANIFEST))
        (self.extension / "note_ready.js").write_text(NOTE_READY)

    @contextmanager
    def browser(self, *options: str) -> Iterator[str]:
        """The address of the developer tools of a browser that has started."""
        port = self.profile / "DevToolsActivePort"
        port.unlink(missing_ok=True)
        browser = subprocess.Popen(
            [
                str(CHROMIUM),
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
                f"--user-data-dir={self.profile}",
                "--remote-debugging-port=0",
                f"--load-extension={self.extension}",
                *options,
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not port.exists() or not port.read_text():
                time.sleep(0.05)
            wait_until_idle(self.profile)
            yield f"http://127.0.0.1:{port.read_text().split()[0]}"
        finally:
            browser.terminate()
            browser.wait()

    def visit(self, url: str, offline: bool = False, settle: bool = False) -> tuple[float, bool]:
        """Seconds to the first prediction, and whether Python was restored from a snapshot.

        `settle` waits for the offline copy afterwards.
        """
        no_network = ("--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>")  # nobody listens there
        with self.browser(*(no_network if offline else ())) as developer_tools:
            with slowed(self.slow_cpu, self.profile):
                urlopen(Request(f"{developer_tools}/json/new?{url}", method="PUT")).close()
                milliseconds, restored = was_ready(developer_tools)
            if settle:
                browser = self.playwright.chromium.connect_over_cdp(developer_tools)
                next(page for page in browser.contexts[0].pages if page.url.startswith(url)).evaluate(COPIED)
                time.sleep(4)  # Chromium stores compiled code some seconds after it ran
                browser.close()
        return milliseconds / 1000, restored

    def forget(self) -> None:
        shutil.rmtree(self.profile, ignore_errors=True)


def was_ready(developer_tools: str) -> tuple[float, bool]:
    """What `NOTE_READY` wrote: when the page became ready, in milliseconds, and whether Python was restored."""
    for _ in range(1500):
        time.sleep(0.2)
        with urlopen(f"{developer_tools}/json/list") as answer:
            for tab in json.load(answer):
                if found := re.fullmatch(r"ready (\S+) (\d+)", tab["title"]):
                    return float(found[1]), found[2] != "0"
    raise TimeoutError("The page did not become ready within five minutes.")


def turn(playwright: Any, ours: str, stock: str, slow_cpu: int, first: bool) -> dict[str, float]:
    """Seconds of one turn."""
    found: dict[str, float] = {}
    for name in ("stock", "ours") if first else ("ours", "stock"):
        visitor = Visitor(playwright, slow_cpu)
        url = stock if name == "stock" else ours
        found[f"{name} cold"], restored = visitor.visit(url, settle=name == "ours")
        found[f"{name} second"], restored_again = visitor.visit(url)
        if name == "ours":
            found |= {"restored cold": restored, "restored second": restored_again}
            found["ours offline"], _ = visitor.visit(url, offline=True)
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
                results["bytes"] = first_visit(playwright, site, stock)
            if not chosen.json:
                print(name, json.dumps(results[name]))
    if chosen.json:
        print(json.dumps(results))
    elif "bytes" in results:
        show_bytes(results["bytes"])
    return 0


def first_visit(playwright: Any, site: Path, stock: Path) -> dict[str, list[int]]:
    """Bytes of everything up to the first prediction by path: on the wire, and of the file."""
    requests: list[Any] = []
    with hosting(Host(site, stock, compresses=True)) as host:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        context.on("request", lambda request: requests.append(request))
        page = context.new_page()
        page.add_init_script(NOTE_READY)
        page.goto(host.url)
        while not (title := page.title()).startswith("ready "):
            page.wait_for_timeout(200)
        ready = page.evaluate("performance.timeOrigin") + float(title.split()[1])
        answered = [request.url for request in requests if was_answered(request.timing, ready)]
        browser.close()
        paths = dict.fromkeys(url.removeprefix(host.url.rstrip("/")) for url in answered)
        found = {path: host.sent[path] for path in paths if path in host.sent}
        return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def was_answered(timing: dict[str, float], ready: float) -> bool:
    """Whether an answer was complete when the page became ready.

    What the first prediction needs was; the page asks for the rest at that very moment. Without an answer the start is 0.
    """
    return timing["startTime"] > 0 and 0 <= timing["responseEnd"] <= ready - timing["startTime"]


def show_bytes(sent: dict[str, list[int]]) -> None:
    for path, (wire, raw) in sent.items():
        print(f"{wire:>10,} {raw:>10,}  {path}")
    wire, raw = (sum(sizes[i] for sizes in sent.values()) for i in (0, 1))
    print(f"{wire:>10,} {raw:>10,}  in {len(sent)} requests")


if __name__ == "__main__":
    sys.exit(main())
