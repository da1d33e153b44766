#!/usr/bin/env python3
"""Slow and hostile files, given to the command line and to the page: how long each takes, and what is said of it.

    python tests/benchmarks/hostile_files.py [FOLDER …] [--only command,page]

Without a folder it makes the slow pictures of tests/digits/slow_pictures.py. A command may take 1 GiB of address space.
Files that take longer than 5 s or end in a traceback are marked; the second time is what was computed, which depends less
on what else the machine does. Needs Linux or macOS, Playwright and Chromium (the environment variable CHROMIUM, else
`chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page
from served_page import PROJECT, served_in_chromium

sys.path[:0] = [str(PROJECT / "py"), str(PROJECT / "tests" / "digits")]

SECONDS, BYTES = 5, 2**30
NETWORKS = (".pk1", ".npz")
ICON = PROJECT / "assets" / "icon-180.png"  # a picture to read with a network

# Until there is an answer to the picture, or a message; and whether the page said meanwhile that it waits.
PICTURE_ANSWERED = """async () => {
    const [pad, prediction, alert] = ["#pad", "#prediction", "#alert"].map((name) => document.querySelector(name));
    const before = Number(pad.dataset.revision);
    let waits = false;
    const busy = () => document.documentElement.hasAttribute("data-busy");
    const isAnswered = () => Number(pad.dataset.revision) > before && prediction.dataset.revision === pad.dataset.revision;
    while (busy() || (!isAnswered() && !alert.innerText)) {
        waits ||= busy();
        await new Promise(requestAnimationFrame);
    }
    return [waits ? "(said to be busy)" : "", prediction.textContent, alert.innerText].filter(Boolean).join(" ");
}"""
NETWORK_ANSWERED = """async () => {
    const [model, alert] = ["#model", "#train-alert"].map((name) => document.querySelector(name));
    const before = alert.innerText;
    while (model.value !== "yours" && ["", before].includes(alert.innerText)) await new Promise(requestAnimationFrame);
    return model.value === "yours" ? "loaded" : alert.innerText;
}"""


def commands(path: Path) -> Iterator[list[str | Path]]:
    """All commands that could be given this file."""
    if path.suffix in NETWORKS:
        yield ["predict_single.py", ICON, "--weights", path]
    if path.suffix == ".npz":
        yield ["evaluate.py", "--ink", path]
    if path.suffix == ".uni":
        yield ["make_ink.py", os.devnull, "--pendigits", path]
    if path.suffix not in (*NETWORKS, ".uni"):
        yield ["predict_single.py", path]


def run_command(script: str | Path, *arguments: str | Path) -> tuple[float, float, str]:
    """Seconds that passed and that were computed, and the last line that was printed."""
    began, computed = time.perf_counter(), computed_by_commands()
    run = subprocess.run(
        [sys.executable, PROJECT / "py" / script, *arguments],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),
    )
    said = "Traceback" if "Traceback" in run.stderr else f"killed by {-run.returncode}" if run.returncode < 0 else ""
    said = " ".join([said, *(run.stdout + run.stderr).strip().splitlines()[-1:]]).strip()
    return time.perf_counter() - began, computed_by_commands() - computed, said


def computed_by_commands() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def computed_by_page(browser: Browser) -> float:
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return max(float(process["cpuTime"]) for process in processes if process["type"] == "renderer")


def open_in_page(page: Page, path: Path) -> tuple[float, float, str]:
    """Seconds that passed and that the page computed, and what it shows."""
    is_network = path.suffix in NETWORKS
    page.locator(f"nav [data-room={'train' if is_network else 'draw'}]").click()
    page.locator("#clear").click()
    for close in page.get_by_role("button", name="Close").all():
        close.click()
    answered = page.evaluate_handle(
        f"() => {{ globalThis.answered = ({NETWORK_ANSWERED if is_network else PICTURE_ANSWERED})(); }}"
    )
    answered.dispose()
    assert page.context.browser
    began, computed = time.perf_counter(), computed_by_page(page.context.browser)
    page.set_input_files("#load-network" if is_network else "#upload", path)
    said = page.evaluate("async () => await globalThis.answered")
    seconds, computed = time.perf_counter() - began, computed_by_page(page.context.browser) - computed
    if is_network and said == "loaded":
        page.locator("#model").select_option(index=0)
    return seconds, computed, said


def report(name: str, way: str, seconds: float, computed: float, said: str) -> bool:
    """Print a line; returns whether there is nothing wrong."""
    is_right = seconds <= SECONDS and not said.startswith(("Traceback", "killed"))
    mark = "" if is_right else "!"
    print(f"{mark:2}{name:36.36} {way:18.18} {seconds:6.2f} s {computed:6.2f} s  {' '.join(said.split()):.140}", flush=True)
    return is_right


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER", help="files of any kind, also in its folders")
    parser.add_argument("--only", choices=("command", "page"), help="one of the two ways [both]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        paths = [path for folder in options.folders for path in sorted(folder.rglob("*.*")) if path.suffix != ".md"]
        if not paths:
            from slow_pictures import SLOW

            for name, make in SLOW.items():
                paths.append(Path(made, f"{name}.png"))
                paths[-1].write_bytes(make())
        right = []
        if options.only != "page":
            right += [
                report(path.name, str(command[0]), *run_command(*command)) for path in paths for command in commands(path)
            ]
        if options.only != "command":
            right += in_page([path for path in paths if path.suffix != ".uni"])
    return int(not all(right))


def in_page(paths: list[Path]) -> list[bool]:
    with served_in_chromium() as (url, browser):
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("html[data-state=ready]", timeout=300_000)
        open_in_page(page, ICON)  # fetches Pillow
        return [report(path.name, "page", *open_in_page(page, path)) for path in paths]


if __name__ == "__main__":
    sys.exit(main())
