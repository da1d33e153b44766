"""What the benchmarks share: `serve.py` as a process of its own, Chromium, and the memory of a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def serving(project: Path = PROJECT) -> Iterator[tuple[str, int]]:
    """The address of the page as the `serve.py` of a project serves it, and the number of that process."""
    command = [sys.executable, str(project / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("Serving "), f"serve.py did not start: {line}"
            yield line.removeprefix("Serving ").strip(), process.pid
        finally:
            process.terminate()


@contextmanager
def served_in_chromium(project: Path = PROJECT) -> Iterator[tuple[str, Browser]]:
    """The address of the served page, and a browser to open it in."""
    with serving(project) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu", "--no-first-run"])
        yield url, browser
        browser.close()


def resident_megabytes(process: int) -> float:
    """The memory that a process holds. Needs Linux."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1000
