"""The commands, as a person runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def command(file: str) -> Command:
    """Runs `file` of py/ with these arguments, and comes back with what it printed."""

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, PROJECT / "py" / file, *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, timeout=300, **options)

    return run


def called(main: Callable[[list[str]], int], *arguments: str | Path) -> int:
    """The exit status of a command that is called in this process: for the many that end at once."""
    try:
        return main([*map(str, arguments)])
    except SystemExit as end:
        return int(end.code or 0)
