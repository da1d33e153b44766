"""The progress bar on stderr."""

from __future__ import annotations

import io

from vendoring.progress_bar import DownloadBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class OldTerminal(Terminal):
    """One that cannot show block characters."""

    def write(self, text: str) -> int:
        text.encode("ascii")
        return super().write(text)


def test_on_a_terminal_one_line_is_redrawn_with_sizes() -> None:
    terminal = Terminal()
    progress = DownloadBar(2_000_000, terminal)
    progress.arrived("numpy.whl", 1_000_000)
    progress.arrived("pyodide.mjs", 1_000_000)
    progress.finished("pyodide.mjs", 1_000_000)
    progress.close()
    assert "1.0 MB of 2.0 MB  numpy.whl" in terminal.getvalue()
    assert "█ 2.0 MB of 2.0 MB  pyodide.mjs" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()


def test_elsewhere_there_is_one_line_a_file() -> None:
    log = io.StringIO()
    progress = DownloadBar(1_500_000, log)
    for size in range(1000, 1_500_001, 1000):
        progress.arrived("numpy.whl", size)
    progress.finished("numpy.whl", 1_500_000)
    progress.close()
    assert log.getvalue() == "numpy.whl  1.5 MB\n"


def test_a_terminal_without_block_characters_gets_plain_ones() -> None:
    terminal = OldTerminal()
    DownloadBar(10, terminal).arrived("a", 10)
    assert "######## 0.0 kB of 0.0 kB  a" in terminal.getvalue()
