"""Pen strokes in the UNIPEN format, as far as isolated characters need it.

"UNIPEN 1.0 Format Definition" (I. Guyon 1994): a line that begins with a dot has a keyword and its arguments, which may run
on to the next such line. The keywords read here:

    .INCLUDE imp/imp0.doc               another file at this place, in the include folder
    .COORD X Y T                        what the columns of a point mean
    .PEN_DOWN  … points …  .PEN_UP      a stroke; strokes are counted from 0, over all included files
    .SEGMENT CHARACTER 4-5 OK "7"       strokes 4 and 5 are a 7; the quality is OK, BAD, ?, or missing
    .COMMENT 7 12 224                   in pendigits, after a segment: label, writer, number

y points up. Segments come before their strokes (pendigits) or after them (UNIPEN's own collections).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from research.ink import InkError

KINDS = ("CHARACTER", "DIGIT")
LARGEST_FILE = 64 * 2**20  # bytes, with all included files
MOST_INCLUDES = 100
MOST_STROKES = 100  # of one character


@dataclass(frozen=True)
class Segment:
    """A labeled character.

    Attributes:
        label: what it shows.
        strokes: its lines, each (points, 2) float32, x to the right and y down.
        comment: the .COMMENT after its .SEGMENT, "" without one.
    """

    label: str
    strokes: list[np.ndarray]
    comment: str = ""


@dataclass
class _Contents:
    """What was read so far, over all included files; a segment is [strokes, label, comment]."""

    include: Path
    strokes: list[np.ndarray] = field(default_factory=list)
    segments: list[list[str]] = field(default_factory=list)
    columns: tuple[int, int] = (0, 1)
    files: int = 0
    bytes: int = 0


def read_unipen(path: str | os.PathLike[str], include: str | os.PathLike[str] | None = None) -> list[Segment]:
    """The labeled characters of a file.

    Args:
        include: the folder that .INCLUDE looks in; by default the file's own.
    Raises:
        InkError: missing, too large, not UNIPEN, or with strokes or includes that do not exist.
    """
    path = Path(path)
    contents = _Contents(Path(include or path.parent))
    _read(path, contents)
    if not contents.segments:
        raise InkError(f"{path} is not a UNIPEN file of characters: it has no .SEGMENT CHARACTER or .SEGMENT DIGIT")
    return [
        Segment(label, [stroke for stroke in _strokes(path, numbers, contents.strokes) if len(stroke)], comment)
        for numbers, label, comment in contents.segments
    ]


def statements(text: str) -> Iterator[tuple[str, str]]:
    """(keyword, arguments) in the file's order; arguments may run over several lines."""
    keyword, arguments = "", [""]
    for line in text.split("\n"):
        if found := re.match(r"[ \t]*\.([A-Z_]+)", line):
            if keyword:
                yield keyword, "\n".join(arguments).strip()
            keyword, arguments = found[1], [line[found.end() :]]
        else:
            arguments.append(line)
    if keyword:
        yield keyword, "\n".join(arguments).strip()


def _read(path: Path, contents: _Contents) -> None:
    contents.files += 1
    if contents.files > MOST_INCLUDES:
        raise InkError(f"{path} is included by itself, or more than {MOST_INCLUDES} files are included")
    try:
        contents.bytes += path.stat().st_size
        if contents.bytes > LARGEST_FILE:
            raise InkError(f"{path} has, with the files it includes, more than {LARGEST_FILE >> 20} MB")
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise InkError(f"{path} cannot be read: {error.strerror or error}") from error
    for keyword, arguments in statements(text):
        if keyword == "INCLUDE":
            _include(path, arguments, contents)
        elif keyword == "COORD":
            names = arguments.upper().split()
            if not {"X", "Y"} <= set(names):
                raise InkError(f"{path}: .COORD names no X and Y, but {arguments[:60] or 'nothing'}")
            contents.columns = names.index("X"), names.index("Y")
        elif keyword == "PEN_DOWN":
            contents.strokes.append(_points(path, arguments, contents.columns))
        elif keyword == "SEGMENT":
            before, quote, after = arguments.partition('"')
            words, label = before.split(), _unquoted(after)
            if len(words) in (2, 3) and words[0] in KINDS and quote and label is not None:
                contents.segments.append([words[1], label, ""])
        elif keyword == "COMMENT" and contents.segments and not contents.segments[-1][2]:
            contents.segments[-1][2] = arguments


def _unquoted(text: str) -> str | None:
    r"""The text before the closing quotation mark, \" and \\ inside it replaced; None where none closes it."""
    characters, label = iter(text), ""
    for character in characters:
        if character == '"':
            return label
        label += next(characters, "") if character == "\\" else character
    return None


def _include(path: Path, name: str, contents: _Contents) -> None:
    folder = contents.include
    try:
        target = (folder / name).resolve()
        inside, there = target.is_relative_to(folder.resolve()), target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, a loop of links
        raise InkError(f"{path} includes {name[:60]!r}, which cannot be the name of a file") from error
    if not inside:
        raise InkError(f"{path} includes {name[:60]}, which is outside of {folder}")
    if there:
        _read(target, contents)
    elif target.suffix not in (".doc", ".lex"):  # documents hold no strokes, and some collections leave them out
        raise InkError(f"{path} includes {name[:60]}, and there is no such file in {folder}")


def _points(path: Path, arguments: str, columns: tuple[int, int]) -> np.ndarray:
    rows = [line.split() for line in arguments.splitlines() if line.strip()]
    try:
        with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is refused below
            points = np.array([[float(row[columns[0]]), -float(row[columns[1]])] for row in rows], np.float32)
    except (ValueError, IndexError) as error:
        raise InkError(f"{path}: the points of a stroke should be rows of numbers ({str(error)[:100]})") from error
    if not np.isfinite(points).all():
        raise InkError(f"{path}: the points of a stroke should be finite numbers")
    return points.reshape(-1, 2)


def _strokes(path: Path, numbers: str, strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The strokes of "4", "4-5", "4,7" or, from a point of one to a point of another, "4:10-5:7"."""
    taken: list[np.ndarray] = []
    for part in numbers.split(","):
        parsed = re.fullmatch(r"([0-9]{1,9})(?::([0-9]{1,9}))?(?:-([0-9]{1,9})(?::([0-9]{1,9}))?)?", part)
        if not parsed:
            raise InkError(f"{path}: the strokes of a segment should be like 4-5, not {part[:60]!r}")
        first, begin, last, end = (int(number) if number else None for number in parsed.groups())
        assert first is not None
        last = first if last is None else last
        if not first <= last < len(strokes):
            raise InkError(f"{path}: a segment asks for strokes {part}, and there are {len(strokes)}, from 0 on")
        if len(taken) + last - first >= MOST_STROKES:
            raise InkError(f"{path}: a segment has more than {MOST_STROKES} strokes")
        for number in range(first, last + 1):
            to = end + 1 if number == last and end is not None else None
            taken.append(strokes[number][begin if number == first else None : to])
    return taken
