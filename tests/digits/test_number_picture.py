"""Numbers in pictures: drawings, scans and photographs, with what else may be on the paper."""

from __future__ import annotations

import io
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from photographs import Scene, photograph
from picture_files import GOOD
from PIL import Image
from written_numbers import written

from digits.number_picture import NumberPicture, read_number_picture
from digits.number_reader import NumberReader
from digits.picture_file import PictureError
from digits.recognizer import Recognizer
from digits.shipped_models import default_weights

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"


@pytest.fixture(scope="module")
def reader() -> NumberReader:
    return NumberReader(Recognizer.load(default_weights(WEIGHTS)))


def painted(number: str, gap: float = 25) -> np.ndarray:
    """Light on dark, 200 high."""
    marks = [*chain.from_iterable(written(number, gap))]
    pixels = np.zeros((200, max(mark.left + mark.ink.shape[1] for mark in marks) + 30), np.uint8)
    for mark in marks:
        height, width = mark.ink.shape
        part = pixels[mark.top : mark.top + height, mark.left : mark.left + width]
        np.maximum(part, mark.ink, out=part)
    return pixels


def read(reader: NumberReader, pixels: np.ndarray, **options: object) -> NumberPicture:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return read_number_picture(reader, file.getvalue())


@pytest.mark.parametrize("number", ["2025", "1", "40", "730512"])
def test_a_number_in_a_picture_is_read_whatever_its_polarity(reader: NumberReader, number: str) -> None:
    pixels = painted(number)
    for picture in (pixels, 255 - pixels):
        assert read(reader, picture).reading.number == number


def test_a_photograph_of_a_number_is_read(reader: NumberReader) -> None:
    scene = Scene(width=900, height=480, size=1.2, light=0.3, noise=0.02, rules="ruled")
    assert read(reader, photograph(painted("2025"), scene)).reading.number == "2025"


def test_touching_digits_of_a_picture_are_cut(reader: NumberReader) -> None:
    picture = read(reader, painted("22", gap=3))
    assert picture.reading.number == "22"
    assert len(picture.found.marks) == 1


def test_boxes_are_in_the_pixels_of_the_file(reader: NumberReader) -> None:
    """A picture of 3,000 pixels is reduced to 1,000 before it is read."""
    small = read(reader, painted("205"))
    large = read(reader, np.kron(painted("205"), np.ones((6, 6), np.uint8)))
    assert large.reading.number == "205"
    for place, larger in zip(small.reading.places, large.reading.places, strict=True):
        box = small.found.in_picture(place.box, small.zoom)
        assert large.found.in_picture(larger.box, large.zoom) == pytest.approx([6 * side for side in box], abs=8)


def test_a_file_with_a_damaged_optional_part_is_read(reader: NumberReader) -> None:
    assert read_number_picture(reader, GOOD["bad-checksum.png"]()).reading.number == "7"


def test_a_picture_without_ink_has_no_number(reader: NumberReader) -> None:
    assert read(reader, np.full((100, 300), 255, np.uint8)).reading.number == ""
    with pytest.raises(PictureError, match="empty"):
        read_number_picture(reader, b"")
