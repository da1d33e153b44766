"""Whole numbers, as a person would write them: spaced, touching, with a stroke added late; and what is no number."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from written_numbers import STROKES, mark, written

from digits.number_lattice import MOST_CANDIDATES, groups, lattice, line_height
from digits.number_pieces import pieces_of
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
    assert all(other.confidence < reading.confidence for other in reading.alternatives)


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
    for stroke in marks:  # as a canvas paints one stroke over another
        height, width = stroke.ink.shape
        part = pad[stroke.top : stroke.top + height, stroke.left : stroke.left + width]
        part[:] = np.round(255 * (1 - (1 - part / 255) * (1 - stroke.ink / 255)))
    alone = reader.recognizer.read(pad, "light-on-dark")
    (place,) = reader.read(marks).places
    np.testing.assert_array_equal(place.reading.probabilities, alone.probabilities)
    np.testing.assert_array_equal(place.reading.image, alone.image)
    assert (place.reading.digit, place.reading.verdict) == (alone.digit, alone.verdict)


def test_without_ink_there_is_no_number(reader: NumberReader) -> None:
    reading = reader.read([])
    assert (reading.number, reading.confidence, reading.places, reading.alternatives) == ("", 0, (), ())


def test_thirty_digits_are_refused(reader: NumberReader) -> None:
    with pytest.raises(ValueError, match="at most 20 digits"):
        reader.read([*chain.from_iterable(written("1" * 30))])


def test_the_bar_of_a_seven_may_be_written_after_the_next_digit(reader: NumberReader) -> None:
    seven, two = written("72")
    bar = mark(np.array([(24.0, 88.0), (50.0, 90.0), (94.0, 87.0)]), 12)
    reading = reader.read([*seven, *two, bar])
    assert reading.number == "72"
    assert [place.marks for place in reading.places] == [(0, 2), (1,)]


@pytest.mark.parametrize("number", ["52", "307", "2040"])
@pytest.mark.parametrize("gap", [5, -8])
def test_digits_may_touch_and_overlap(reader: NumberReader, number: str, gap: float) -> None:
    assert reader.read([*chain.from_iterable(written(number, gap))]).number == number


@pytest.mark.parametrize("number", ["31", "51", "71", "17", "14"])
def test_a_one_may_touch_its_neighbor(reader: NumberReader, number: str) -> None:
    """Together they look like the neighbor alone, or the neighbor begins to the left of the one."""
    assert reader.read([*chain.from_iterable(written(number, -6))]).number == number


@pytest.mark.parametrize("number", ["20", "30", "22"])
def test_one_stroke_may_run_through_two_digits(reader: NumberReader, number: str) -> None:
    first, second = (digit[0] for digit in written(number, 6))
    assert first.points is not None
    assert second.points is not None
    reading = reader.read([mark(np.concatenate([first.points, second.points]), 12)])
    assert reading.number == number
    assert [place.marks for place in reading.places] == [(0,), (0,)]


def test_of_two_lines_the_first_is_read_and_it_says_so(reader: NumberReader) -> None:
    first, second = ([*chain.from_iterable(written(number))] for number in ("2025", "407"))
    lower = [replace(stroke, top=stroke.top + 180) for stroke in second]
    reading = reader.read([*lower, *first])
    assert reading.number == "2025"
    assert "more than one line" in reading.note
    assert reader.read(first).note == ""


def test_what_is_no_digit_is_said_and_the_others_are_read(reader: NumberReader) -> None:
    two, _, seven = written("207")
    left = two[0].left + 100
    zigzag = mark(np.array([(left + 6 * i, 45 + 90 * (i % 2)) for i in range(10)], float), 12)
    reading = reader.read([*two, zigzag, *(replace(stroke, left=stroke.left + 20) for stroke in seven)])
    assert [place.reading.digit for place in reading.places if place.reading.is_digit] == [2, 7]
    assert len(reading.places) > 2


@pytest.mark.parametrize("number", ["20", "57", "341"])
def test_a_minus_a_point_and_a_comma_are_read_where_they_stand_alone(reader: NumberReader, number: str) -> None:
    first, *others = written(number, 40)
    right = max(stroke.left + stroke.ink.shape[1] for stroke in first)
    rest = [replace(stroke, left=stroke.left + 70) for stroke in chain.from_iterable(others)]
    minus = mark(np.array([(-60.0, 90), (-15.0, 91)]), 12)
    point = mark(np.array([(right + 20.0, 146), (right + 21.0, 147)]), 14)
    comma = mark(np.array([(right + 24.0, 138), (right + 16.0, 162)]), 12)
    for sign, stroke in ((".", point), (",", comma)):
        reading = reader.read([minus, *first, stroke, *rest])
        assert reading.number == f"-{number[0]}{sign}{number[1:]}"
        assert [place.reading.digit for place in reading.places] == [int(digit) for digit in number]


def test_a_speck_before_the_first_digit_is_no_comma(reader: NumberReader) -> None:
    speck = mark(np.array([(4.0, 140), (2.0, 158)]), 12)
    assert "," not in reader.read([speck, *chain.from_iterable(written("52", 40))]).number


@pytest.mark.parametrize("count", [12, 28])
def test_a_scribble_of_many_strokes_is_answered(reader: NumberReader, count: int) -> None:
    """The ways to divide it are bounded: without that, 30 strokes over each other take minutes."""
    rng = np.random.default_rng(0)
    pieces = pieces_of([mark(rng.uniform(20, 140, (4, 2)), 12) for _ in range(count)])
    candidates = groups(pieces, line_height(pieces))
    assert len(candidates) <= MOST_CANDIDATES
    assert len(lattice(candidates)) < 20_000
