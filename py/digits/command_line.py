"""Shared by the command lines: errors become one sentence and an exit status, never a traceback."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable


def status(program: str, act: Callable[[], int | None]) -> int:
    """Run `act` and return the exit status: its result (None is 0), 1 after an error, which is printed, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # many consoles of Windows have no “×”
    try:
        return act() or 0
    except ImportError as error:
        print(missing_library(program, error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        print(f"{program}: there is not enough memory: try smaller batches, networks or files", file=sys.stderr)
        return 1
    except (ValueError, OSError, ArithmeticError, RuntimeError) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1


def missing_library(program: str, error: ImportError) -> str:
    return f"{program} needs NumPy and Pillow: python3 -m pip install numpy pillow ({error})"
