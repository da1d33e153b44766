"""The command lines with the oldest NumPy and Pillow: `python3 tests/run.py` installs them beside the usual ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from picture_files import GOOD
from running import PROJECT

OLDEST = PROJECT / ".venv" / "oldest" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

pytestmark = pytest.mark.skipif(not OLDEST.exists(), reason="The oldest NumPy and Pillow have no wheels for this Python")


def run(python: Path | str, *arguments: Path | str) -> str:
    return subprocess.run([python, *arguments], capture_output=True, text=True, check=True, cwd=PROJECT).stdout


def test_pictures_are_read_as_with_the_newest(tmp_path: Path) -> None:
    for name, make in GOOD.items():
        if not name.startswith("photo"):  # those differ in what is on them, not in how the file is made
            (tmp_path / name).write_bytes(make())
    command = ("py/predict_single.py", "--json", *sorted(tmp_path.iterdir()))
    oldest, newest = ([json.loads(line) for line in run(python, *command).splitlines()] for python in (OLDEST, sys.executable))
    assert [(answer["file"], answer["digit"], answer["is_digit"]) for answer in oldest] == [
        (answer["file"], answer["digit"], answer["is_digit"]) for answer in newest
    ]


def test_a_network_is_trained_and_measured(tmp_path: Path) -> None:
    network = tmp_path / "network.npz"
    settings = ("--layers", "784-16-10", "--samples", "6400", "--epochs", "1", "--plain")
    run(OLDEST, "py/train.py", *settings, "--run", tmp_path / "run", "--output", network)
    measured = json.loads(run(OLDEST, "py/evaluate.py", "--json", "--weights", network))
    assert measured["mnist_test_accuracy"] > 0.5
