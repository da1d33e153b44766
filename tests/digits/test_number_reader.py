"""Whole numbers, as a person would write them: spaced, touching, with a stroke added late; and what is no number."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from written_numbers import STROKES, written

from digits.number_reader import NumberReader
from digits.recognizer import Recognizer
from digits.shipped_models import default_weights

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"


@pytest.fixture(scope="module")
def reader() -> NumberReader:
    return NumberReader(Recognizer.load(default_weights(WEIGHTS)))


@pytest.mark.parametrize("number", ["2025", "1", "40", "555", "470123"])
@pytest.mark.parametrize("gap", [25, 12])
def test_a_number_is_read(reader: NumberReader, number: str, gap: float) -> None:
    reading = reader.read([*chain.from_iterable(written(number, gap))])
    assert reading.number == number
    assert reading.confidence > 0.5
    assert [place.reading.digit for place in reading.places] == [int(digit) for digit in number]
    assert sum(candidate.won for candidate in reading.candidates) == len(number)
    assert reading.runner_up is None or reading.runner_up[1] < reading.confidence


def test_the_boxes_and_the_strokes_of_each_digit(reader: NumberReader) -> None:
    digits = written("450")
    reading = reader.read([*chain.from_iterable(digits)])
    assert [place.marks for place in reading.places] == [(0, 1), (2, 3), (4,)]
    for place, marks in zip(reading.places, digits, strict=True):
        left, top, right, bottom = place.box
        rows, columns = zip(*(np.nonzero(mark.ink > 25) for mark in marks), strict=True)
        columns = np.concatenate([x + mark.left for x, mark in zip(columns, marks, strict=True)])
        rows = np.concatenate([y + mark.top for y, mark in zip(rows, marks, strict=True)])
        assert (left, right - 1, top, bottom - 1) == (columns.min(), columns.max(), rows.min(), rows.max())


@pytest.mark.parametrize("digit", STROKES)
def test_a_number_of_one_digit_is_read_as_the_digit(reader: NumberReader, digit: str) -> None:
    (marks,) = written(digit)
    pad = np.zeros((280, 280), np.uint8)
    for mark in marks:  # as a canvas paints one stroke over another
        height, width = mark.ink.shape
        part = pad[mark.top : mark.top + height, mark.left : mark.left + width]
        part[:] = np.round(255 * (1 - (1 - part / 255) * (1 - mark.ink / 255)))
    alone = reader.recognizer.read(pad, "light-on-dark")
    (place,) = reader.read(marks).places
    np.testing.assert_array_equal(place.reading.probabilities, alone.probabilities)
    np.testing.assert_array_equal(place.reading.image, alone.image)
    assert (place.reading.digit, place.reading.verdict) == (alone.digit, alone.verdict)


def test_without_ink_there_is_no_number(reader: NumberReader) -> None:
    reading = reader.read([])
    assert (reading.number, reading.confidence, reading.places, reading.runner_up) == ("", 0, (), None)


def test_thirty_digits_are_refused(reader: NumberReader) -> None:
    with pytest.raises(ValueError, match="at most 20 digits"):
        reader.read([*chain.from_iterable(written("1" * 30))])
