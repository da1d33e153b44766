"""The main path in a second engine: start, draw, read, open a picture, train, and go on without a network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from firefox import EXECUTABLE, Firefox
from hand import SEVEN, Stroke
from picture_files import GOOD

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.skipif(EXECUTABLE is None, reason="Firefox is not installed: the tests in a second engine are left out"),
    pytest.mark.skipif(sys.platform == "win32", reason="Firefox is tested on Linux and macOS"),
]

READY = "document.querySelector('html[data-state=ready]')"
COPIED = "(await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"
PAD = "const { x, y, width, height } = document.querySelector('#pad').getBoundingClientRect(); return [x, y, width, height];"


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    (tmp_path / "profile").mkdir()
    browser = Firefox(tmp_path / "profile")
    yield browser
    browser.close()


@pytest.fixture
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a serve.py of its own, and its process."""
    command = [sys.executable, str(PROJECT / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().removeprefix("Serving ").strip(), process
        process.kill()


def draw(firefox: Firefox, strokes: list[Stroke]) -> None:
    firefox.click("#clear")
    x, y, width, height = firefox.evaluate(PAD)
    for stroke in strokes:
        firefox.draw([(round(x + a * width / 280), round(y + b * height / 280)) for a, b in stroke])


def reads(digit: str) -> str:
    return f"document.querySelector('#prediction').textContent === '{digit}'"


def test_the_main_path_in_firefox(firefox: Firefox, server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    url, process = server
    firefox.open(url)
    firefox.wait_for(READY)
    draw(firefox, SEVEN)
    firefox.wait_for(reads("7"))

    (tmp_path / "four.png").write_bytes(GOOD["color.png"]())
    firefox.choose_file("#upload", tmp_path / "four.png")
    firefox.wait_for(reads("4"))

    firefox.open(f"{url}?room=train&layers=784-16-10&samples=6400&batch=64&epochs=1&seed=1")
    firefox.wait_for(READY)
    firefox.wait_for("document.querySelector('#plan:not(:empty)')")
    firefox.click("#train-start")
    firefox.wait_for("document.querySelector('#train[data-stage=finished]')")
    assert firefox.evaluate("return Number(document.querySelector('[data-metric=test-accuracy]').dataset.value)") > 50

    firefox.wait_for(COPIED)
    process.kill()
    firefox.open(f"{url}?room=draw")
    firefox.wait_for(READY)
    draw(firefox, SEVEN)
    firefox.wait_for(reads("7"))
