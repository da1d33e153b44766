"""What people photograph, scan, capture and export: of each kind of picture, nearly every digit is read."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from picture_kinds import KINDS, Marks

from digits.mnist import load_mnist
from digits.picture_file import read_picture
from digits.recognizer import Recognizer
from digits.shipped_models import default_weights
from vendoring import vendor

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
DRAWINGS = 10
"""Of those kinds where one may be misread; half of them for the others."""
ENCLOSED = ("circled", "boxed_by_hand", "figure_with_axes")


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load(default_weights(WEIGHTS))


@pytest.fixture(scope="module")
def drawings(recognizer: Recognizer) -> list[tuple[Marks, int]]:
    """Digits of MNIST's test set that are surely read where nothing is in the way."""
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    sure = []
    for image, label in zip(images.reshape(-1, 28, 28), labels, strict=True):
        reading = recognizer.read(image)
        if reading.digit == label and reading.confidence > 0.99:
            sure.append((image, int(label)))
        if len(sure) == DRAWINGS:
            break
    return sure


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_picture_is_read(name: str, recognizer: Recognizer, drawings: list[tuple[Marks, int]]) -> None:
    wrong = []
    drawings = drawings if name in ENCLOSED else drawings[: DRAWINGS // 2]
    for number, (marks, digit) in enumerate(drawings):
        data = KINDS[name](marks, np.random.default_rng([zlib.crc32(name.encode()), number]))
        reading = recognizer.read_steps(read_picture(data).steps)
        if reading.digit != digit:
            wrong.append((number, digit, reading.digit, round(reading.confidence, 2), reading.is_digit))
    print(f"\n{name}: {len(drawings) - len(wrong)} of {len(drawings)}")
    assert len(wrong) <= (0.1 if name in ENCLOSED else 0.05) * len(drawings), wrong
    assert not any(confidence > 0.9 and is_digit for *_, confidence, is_digit in wrong), wrong
