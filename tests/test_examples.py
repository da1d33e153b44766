"""The examples run as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "train_mnist.py"


def test_mnist_is_learned_in_one_screen_of_code() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 25
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    accuracy = re.search(r"test accuracy (\d+\.\d+)%", done.stdout)
    assert accuracy
    assert float(accuracy[1]) >= 97
