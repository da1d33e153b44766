"""Progress on stderr, for all commands: one line that is redrawn on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import math
import sys
import time
from typing import TextIO

BAR = 24  # characters


def readable(size: int) -> str:
    """A number of bytes for a person."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


class ProgressBar:
    """Shows the progress of a long task.

    Args:
        patience: seconds between two lines where the line cannot be redrawn.
    """

    def __init__(self, stream: TextIO | None = None, patience: float = 60) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.patience = patience
        self._began, self._first, self._shown = time.monotonic(), math.nan, -math.inf

    def show(self, done: float, text: str) -> None:
        """`done` is the part that is done, from 0 to 1; `text` says more."""
        now = time.monotonic()
        self._first = done if math.isnan(self._first) else self._first
        if now - self._shown < (0.05 if self.live else self.patience) and done < 1:
            return
        self._shown = now
        left = (now - self._began) * (1 - done) / (done - self._first) / 60 if done > self._first else 0
        text += f"  {left:,.0f} min left" if left >= 1 else ""
        full = round(BAR * min(1, done))
        self._write(f"{'█' * full}{'░' * (BAR - full)} {text}" if self.live else f"{done:6.1%}  {text}\n")

    def note(self, sentence: str) -> None:
        """Print a line of its own."""
        self._write(f"{sentence}\n")

    def close(self) -> None:
        """Remove the bar from the terminal."""
        if self.live:
            self._write("")

    def _write(self, text: str) -> None:
        erase = "\r\x1b[K" if self.live else ""
        try:
            self.stream.write(erase + text)
        except UnicodeEncodeError:  # a terminal without block characters
            self.stream.write(erase + text.replace("█", "#").replace("░", ".").encode("ascii", "replace").decode())
        self.stream.flush()


class DownloadBar(ProgressBar):
    """Bytes that have arrived, of `total`; elsewhere than on a terminal, one line for each file."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        super().__init__(stream, math.inf)
        self.total = total
        self._sizes: dict[str, int] = {}

    def arrived(self, name: str, size: int) -> None:
        """So many bytes of the file `name` are here now; 0 takes back what was damaged."""
        self._sizes[name] = size
        if self.live:
            done = sum(self._sizes.values())
            self.show(done / max(1, self.total), f"{readable(done)} of {readable(self.total)}  {name}")

    def finished(self, name: str, size: int) -> None:
        """The file `name` is checked and at its place."""
        if not self.live:
            self.note(f"{name}  {readable(size)}")
