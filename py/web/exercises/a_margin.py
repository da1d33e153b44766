"""Exercise: change the preprocessing, and see what the network makes of it."""

from __future__ import annotations

import numpy as np

from web.code_checks import CheckFailed, Code
from web.exercises import Exercise


def check(code: Code) -> None:
    drawing = np.zeros((280, 280), np.uint8)
    drawing[30:250, 100:180] = 255
    image = code.modules["digits.preprocessing"].preprocess(drawing, polarity="light-on-dark").image
    rows, columns = (np.flatnonzero(image.max(axis=axis) > 0.1) for axis in (1, 0))
    height, width = len(rows), len(columns)
    if image.shape != (28, 28):
        raise CheckFailed(f"the image should stay (28, 28), not {image.shape}")
    if max(height, width) != 16:
        raise CheckFailed(f"the longer side of the digit should be 16 pixels; it is {max(height, width)}")


EXERCISE = Exercise(
    title="Keep a margin",
    task="MNIST's digits fit into 20 × 20 pixels. Change the preprocessing so that the longer side of a digit is 16 pixels. "
    "Does the network still read yours? What does that say about what it has learned?",
    hint="The size is a constant near the top of the file.",
    file="digits/preprocessing.py",
    start=None,
    solution=("SIDE, BOX = 28, 20", "SIDE, BOX = 28, 16"),
    check=check,
)
