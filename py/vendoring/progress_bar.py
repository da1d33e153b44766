"""A progress bar with sizes on stderr: one line redrawn on a terminal, one line a file elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

BAR = 24


def readable(size: int) -> str:
    """A number of bytes for a person."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


class Progress:
    """Bytes that have come, out of `total` (both in bytes)."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total = total
        self.done = 0
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self._drawn = 0.0

    def note(self, sentence: str) -> None:
        """Says something on a line of its own."""
        self._write(f"{sentence}\n")

    def advance(self, size: int, name: str) -> None:
        """`size` more bytes of the file `name` have come; a negative size takes back what proved bad."""
        self.done += size
        now = time.monotonic()
        if self.live and (now - self._drawn > 0.05 or self.done >= self.total):
            self._drawn = now
            full = round(BAR * min(1.0, self.done / max(1, self.total)))
            self._write(f"{'█' * full}{'░' * (BAR - full)} {readable(self.done)} of {readable(self.total)}  {name}")

    def finished(self, name: str, size: int) -> None:
        """The file `name` stands checked in its place."""
        if not self.live:
            self.note(f"{name}  {readable(size)}")

    def close(self) -> None:
        if self.live:
            self._write("")

    def _write(self, text: str) -> None:
        erase = "\r\x1b[K" if self.live else ""
        try:
            self.stream.write(erase + text)
        except UnicodeEncodeError:  # a terminal without block characters
            self.stream.write(erase + text.replace("█", "#").replace("░", ".").encode("ascii", "replace").decode())
        self.stream.flush()
