"""UNIPEN stroke files of both kinds: pendigits, and UNIPEN's own collections."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from research.ink import InkError
from research.ink_collections import at_most, ink_of, pendigits, unipen
from research.unipen import read_unipen, statements

PENDIGITS = """.INCLUDE dene.doc
.LEXICON "0" "1"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0-1 ? "4"
.COMMENT 4 12 224
.PEN_DOWN
  10  90
  20  50
.PEN_UP
.DT 100
.PEN_DOWN
  40  90
  40  10
.PEN_UP
.SEGMENT DIGIT 2 ? "1"
.COMMENT 1 3 7
.PEN_DOWN
 273 323
 273 123
.PEN_UP
"""

SEGMENTS = """.VERSION 1.0
.INCLUDE abc/abc.doc
.INCLUDE abc/data/w1/s1.dat
.SEGMENT CHARACTER 0 OK "7"
.SEGMENT CHARACTER 2-3 ? "A"
.SEGMENT CHARACTER 3 "\\\\"
.SEGMENT WORD 0-3 OK "7A"
"""

POINTS = """.INCLUDE abc/nested.doc
.WRITER_ID somebody
.WRITER_INFO
    First name: someone
.PEN_DOWN
\t5\t100\t7
\t5\t200\t9
.PEN_UP

.PEN_DOWN
0 0 0
.PEN_UP
.START_BOX
.PEN_DOWN
1.5 -2 0
3 4 0
.PEN_UP
.PEN_DOWN
9 9 0
.PEN_UP
"""


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A folder laid out as Train-R01/V07."""
    for name, text in {
        "data/1a/abc/w1/s1.dat": SEGMENTS,
        "data/1b/abc/w1/s1.dat": SEGMENTS,
        "data/1c/xyz/s1.dat": SEGMENTS.replace('"A"', '"q"'),
        "include/abc/data/w1/s1.dat": POINTS,
        "include/abc/nested.doc": ".COMMENT columns\n.COORD X Y T\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "strokes.dat"
    path.write_text(text)
    return path


def test_statements_run_to_the_next_keyword() -> None:
    text = ".COMMENT two\n  lines\n\n.PEN_DOWN\n1 2\n.PEN_UP\n"
    assert list(statements(text)) == [("COMMENT", "two\n  lines"), ("PEN_DOWN", "1 2"), ("PEN_UP", "")]


def test_pendigits(tmp_path: Path) -> None:
    path = write(tmp_path, PENDIGITS)
    four, one = read_unipen(path)
    assert (four.label, four.comment, len(four.strokes)) == ("4", "4 12 224", 2)
    np.testing.assert_array_equal(four.strokes[1], [[40, -90], [40, -10]])
    assert [drawing.writer for drawing in pendigits(path)] == ["pendigits-train-12", "pendigits-train-3"]
    assert [drawing.label for drawing in pendigits(path, writers=[3])] == ["1"]
    assert [drawing.label for drawing in pendigits(path, without=[3])] == ["4"]


def test_unipens_own_collections(collection: Path) -> None:
    (seven,) = unipen(collection)
    assert (seven.label, seven.writer) == ("7", "unipen-abc-w1")
    np.testing.assert_array_equal(seven.strokes[0], [[5, -100], [5, -200]])
    letters = unipen(collection, letters=True)
    assert [(letter.label, letter.writer) for letter in letters] == [("A", "unipen-1b-abc-w1"), ("q", "unipen-1c-xyz")]
    assert [letter.label for letter in unipen(collection, ["xyz"], letters=True)] == ["q"]
    np.testing.assert_array_equal(letters[0].strokes[0], [[1.5, 2], [3, -4]])


def test_ink_is_upright_and_spans_a_thousand(tmp_path: Path) -> None:
    ink = ink_of(pendigits(write(tmp_path, PENDIGITS)))
    assert ink.points.dtype == np.int16
    assert ink.label.tolist() == [4, 1]
    np.testing.assert_array_equal(ink[0][0], [[0, 0], [125, 500]])
    np.testing.assert_array_equal(ink[0][1], [[375, 0], [375, 1000]])
    np.testing.assert_array_equal(ink[1][0], [[0, 0], [0, 1000]])


def test_a_dot_stays_a_dot(tmp_path: Path) -> None:
    dot = '.SEGMENT DIGIT 0 ? "1"\n.COMMENT 1 1 1\n.PEN_DOWN\n5 5\n.PEN_UP\n'
    np.testing.assert_array_equal(ink_of(pendigits(write(tmp_path, dot)))[0][0], [[0, 0]])


def test_a_lot_keeps_the_order_and_is_the_seeds(tmp_path: Path) -> None:
    drawings = pendigits(write(tmp_path, PENDIGITS)) * 10
    some = at_most(drawings, 4, seed=1)
    assert [drawing.label for drawing in some].count("4") == 4
    assert len(some) == 8
    assert at_most(drawings, 4, seed=1) == some
    assert at_most(drawings, 99, seed=1) == drawings


def test_parts_of_strokes(tmp_path: Path) -> None:
    text = '.SEGMENT CHARACTER 0:1-1:0,2 OK "x"\n' + "".join(f".PEN_DOWN\n{n} 0\n{n} 1\n{n} 2\n.PEN_UP\n" for n in range(3))
    (segment,) = read_unipen(write(tmp_path, text))
    assert [stroke.tolist() for stroke in segment.strokes] == [[[0, -1], [0, -2]], [[1, 0]], [[2, 0], [2, -1], [2, -2]]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a UNIPEN file"),
        ("Dear Sir,\nno strokes here.\n", "not a UNIPEN file"),
        (".PEN_DOWN\n1 2\n.PEN_UP\n", "not a UNIPEN file"),
        ('.SEGMENT DIGIT 0-1 ? "4"\n.PEN_DOWN\n1 2\n.PEN_UP\n', "asks for strokes 0-1, and there are 1"),
        ('.SEGMENT DIGIT 3-1 ? "4"\n', "asks for strokes 3-1"),
        ('.SEGMENT DIGIT 1-2-3 ? "4"\n', "should be like 4-5, not '1-2-3'"),
        ('.SEGMENT DIGIT 0 ? "4"\n.PEN_DOWN\n1 two\n.PEN_UP\n', "rows of numbers"),
        ('.SEGMENT DIGIT 0 ? "4"\n.PEN_DOWN\n1\n.PEN_UP\n', "rows of numbers"),
        ('.SEGMENT DIGIT 0 ? "4"\n.PEN_DOWN\n1 nan\n.PEN_UP\n', "finite"),
        (".COORD T P\n", "names no X and Y"),
        (".INCLUDE none.dat\n", "includes none.dat, and there is no such file"),
        (".INCLUDE ../../secret.dat\n", "outside of"),
        (".INCLUDE strokes.dat\n", "included by itself"),
        (".INCLUDE strokes.dat\n" * 9, "included by itself, or more than 100 files"),
        (".INCLUDE a\0b\n", "cannot be the name of a file"),
        (f".INCLUDE {'x' * 5000}\n", "cannot be the name of a file"),
        (".INCLUDE .\n", "includes ., and there is no such file"),
        (f'.SEGMENT DIGIT {"1" * 5000} ? "4"\n', "should be like 4-5"),
        ('.SEGMENT DIGIT 0-100 ? "4"\n' + ".PEN_DOWN\n1 2\n.PEN_UP\n" * 101, "more than 100 strokes"),
        (f'.SEGMENT DIGIT {",".join("0" * 101)} ? "4"\n.PEN_DOWN\n1 2\n.PEN_UP\n', "more than 100 strokes"),
        ('.SEGMENT DIGIT 0 ? "4"\n.PEN_DOWN\n1e300 2\n.PEN_UP\n', "finite"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InkError, match=rf"strokes\.dat.*{says}"):
        read_unipen(write(tmp_path, text))


@pytest.mark.parametrize("argument", ["1" * 10**6, '1 "' + "\\\\x" * 10**5, "1 " + "x " * 10**6, "\n" * 10**5, '"' * 10**6])
def test_long_arguments_take_no_time(tmp_path: Path, argument: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InkError, match="not a UNIPEN file"):
        read_unipen(write(tmp_path, f".SEGMENT CHARACTER {argument}\n"))
    assert time.perf_counter() - began < 5, "the regular expression of old took 40 s for a twentieth of that"


def test_what_is_not_there_is_named(tmp_path: Path, collection: Path) -> None:
    with pytest.raises(InkError, match="cannot be read: No such file"):
        read_unipen(tmp_path / "none.dat")
    with pytest.raises(InkError, match="not pendigits-orig"):
        pendigits(write(tmp_path, PENDIGITS.replace(".COMMENT 4 12 224\n", "")))
    with pytest.raises(InkError, match="not pendigits-orig"):
        pendigits(write(tmp_path, PENDIGITS.replace("4 12 224", "4 twelve 224")))
    with pytest.raises(InkError, match="no folder data/1a"):
        unipen(tmp_path / "elsewhere")
    with pytest.raises(InkError, match="nothing of nobody"):
        unipen(collection, ["abc", "nobody"])
    with pytest.raises(InkError, match="there is no drawing"):
        ink_of([])
