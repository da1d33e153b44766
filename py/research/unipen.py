"""Pen strokes in the UNIPEN format, as far as isolated characters need it.

"UNIPEN 1.0 Format Definition" (I. Guyon 1994): a line that begins with a dot is a keyword and what follows, up to the next
such line, its arguments. Those read here:

    .INCLUDE imp/imp0.doc               another file in this place, below the include folder
    .COORD X Y T                        what the columns of a point mean
    .PEN_DOWN  … points …  .PEN_UP      a stroke; strokes are counted from 0, over all included files
    .SEGMENT CHARACTER 4-5 OK "7"       strokes 4 and 5 are a 7; the quality may be OK, BAD, ?, or be missing
    .COMMENT 7 12 224                   in pendigits, after a segment: label, writer, number

y runs upwards. Segments come before their strokes (pendigits) or after them (UNIPEN's own collections).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from research.ink import InkError

DEEPEST = 8  # includes within includes
KINDS = ("CHARACTER", "DIGIT")


@dataclass(frozen=True)
class Segment:
    """A labelled character.

    Attributes:
        label: what it shows.
        strokes: its lines, each (points, 2) float32, x to the right and y down.
        comment: what the .COMMENT after its .SEGMENT says, "" without one.
    """

    label: str
    strokes: list[np.ndarray]
    comment: str = ""


@dataclass
class _Contents:
    strokes: list[np.ndarray] = field(default_factory=list)
    segments: list[list[str]] = field(default_factory=list)  # kind, strokes, label, comment
    columns: tuple[int, int] = (0, 1)


def read_unipen(path: str | os.PathLike[str], include: str | os.PathLike[str] | None = None) -> list[Segment]:
    """The labelled characters of a file.

    Args:
        include: the folder that .INCLUDE looks in; by default the file's own.
    Raises:
        InkError: missing, no UNIPEN, or with strokes or includes that lead nowhere.
    """
    path = Path(path)
    contents = _Contents()
    _read(path, Path(include or path.parent), contents, 0)
    if not contents.segments:
        raise InkError(f"{path} is no UNIPEN file of characters: it has no .SEGMENT CHARACTER or .SEGMENT DIGIT")
    segments = []
    for _, delineation, label, comment in contents.segments:
        strokes = [stroke for part in delineation.split(",") for stroke in _strokes(path, part, contents.strokes)]
        segments.append(Segment(label, [stroke for stroke in strokes if len(stroke)], comment))
    return segments


def statements(text: str) -> Iterator[tuple[str, str]]:
    """(keyword, arguments) in the file's order; arguments may run over several lines."""
    for found in re.finditer(r"^[ \t]*\.([A-Z_]+)[ \t]*(.*?)(?=^[ \t]*\.[A-Z_]|\Z)", text, re.MULTILINE | re.DOTALL):
        yield found[1], found[2].strip()


def _read(path: Path, include: Path, contents: _Contents, depth: int) -> None:
    if depth > DEEPEST:
        raise InkError(f"{path} is included by itself, or too deep")
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise InkError(f"{path} cannot be read: {error.strerror or error}") from error
    for keyword, arguments in statements(text):
        if keyword == "INCLUDE":
            _include(path, include, arguments, contents, depth)
        elif keyword == "COORD":
            names = arguments.upper().split()
            if not {"X", "Y"} <= set(names):
                raise InkError(f"{path}: .COORD names no X and Y, but {arguments or 'nothing'}")
            contents.columns = names.index("X"), names.index("Y")
        elif keyword == "PEN_DOWN":
            contents.strokes.append(_points(path, arguments, contents.columns))
        elif keyword == "SEGMENT":
            parsed = re.match(r'(\w+)\s+([\d:,\-]+)\s*(?:\S+\s+)?"((?:\\.|[^"\\])*)"', arguments)
            if parsed and parsed[1] in KINDS:
                contents.segments.append([parsed[1], parsed[2], re.sub(r"\\(.)", r"\1", parsed[3]), ""])
        elif keyword == "COMMENT" and contents.segments and not contents.segments[-1][3]:
            contents.segments[-1][3] = arguments


def _include(path: Path, include: Path, name: str, contents: _Contents, depth: int) -> None:
    target = (include / name).resolve()
    if not target.is_relative_to(include.resolve()):
        raise InkError(f"{path} includes {name}, which is outside of {include}")
    if target.exists():
        _read(target, include, contents, depth + 1)
    elif target.suffix not in (".doc", ".lex"):  # documents hold no strokes, and some collections leave them out
        raise InkError(f"{path} includes {name}, and there is no such file in {include}")


def _points(path: Path, arguments: str, columns: tuple[int, int]) -> np.ndarray:
    rows = [line.split() for line in arguments.splitlines() if line.strip()]
    try:
        points = np.array([[float(row[columns[0]]), -float(row[columns[1]])] for row in rows], np.float32)
    except (ValueError, IndexError) as error:
        raise InkError(f"{path}: a stroke's points should be rows of numbers ({error})") from error
    if not np.isfinite(points).all():
        raise InkError(f"{path}: a stroke's points should be finite numbers")
    return points.reshape(-1, 2)


def _strokes(path: Path, part: str, strokes: list[np.ndarray]) -> Iterator[np.ndarray]:
    """The strokes of "4", "4-5" or, from a point of one to a point of another, "4:10-5:7"."""
    parsed = re.fullmatch(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?", part)
    if not parsed:
        raise InkError(f"{path}: a segment's strokes should be like 4-5, not {part!r}")
    first, begin, last, end = (None if number is None else int(number) for number in parsed.groups())
    last = first if last is None else last
    if not first <= last < len(strokes):
        raise InkError(f"{path}: a segment asks for strokes {part}, and there are {len(strokes)}, from 0 on")
    for number in range(first, last + 1):
        stroke = strokes[number]
        to = end + 1 if number == last and end is not None else None
        yield stroke[begin if number == first else None : to]
