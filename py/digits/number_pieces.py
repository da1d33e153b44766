"""From marks to pieces: a mark that may run through two digits is cut where one could end and the next begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digits.number_lattice import Piece, line_height
from digits.preprocessing import ink_box

LONG = 0.9  # a mark wider than this, in heights of the line, may run through two digits
APART = 0.25  # cuts are at least this far apart, and from the ends of the mark, in heights of the line
BACKWARD = 0.2  # how far a digit may reach back over the one before it, in heights of the line
LINK = 0.12  # a line between two digits is at least this wide, in heights of the line
SAME = 0.02  # costs that differ by less than this are taken as equal, in heights of the line
MOST_CUTS = 4  # of one mark
FAINTEST = 25  # of 255: what is fainter is paper, as in `digits.preprocessing.ink_box`


@dataclass(frozen=True)
class Mark:
    """A stroke of the pen, or a mark found in a picture.

    Attributes:
        ink: (height, width) uint8, 255 where there is ink; of this mark alone.
        left, top: where its pixels begin.
        points: (n, 2), x and y along the stroke, in the same pixels; None if it has none, as in a picture.
    """

    ink: np.ndarray
    left: int = 0
    top: int = 0
    points: np.ndarray | None = None


def pieces_of(marks: Sequence[Mark]) -> list[Piece]:
    """All pieces from left to right, without the paper around them."""
    whole = whole_pieces(marks)
    if not whole:
        return []
    height = line_height(whole)
    pieces: list[Piece] = []
    for piece in whole:
        mark = marks[piece.mark]
        cuts = cuts_of(mark, height) if piece.box[2] - piece.box[0] > LONG * height else []
        pieces += parts_of(mark, piece.mark, cuts, height) if cuts else [piece]
    return sorted(pieces, key=lambda piece: (piece.box[0] + piece.box[2], piece.box[1]))


def whole_pieces(marks: Sequence[Mark]) -> list[Piece]:
    """Each mark that has ink as one piece."""
    return [piece for index, mark in enumerate(marks) if (piece := trimmed(mark.ink, mark, index))]


def trimmed(ink: np.ndarray, mark: Mark, index: int) -> Piece | None:
    """Ink of a mark without the paper around it; None if there is no ink."""
    box = ink_box(ink, FAINTEST)
    if box is None:
        return None
    top, bottom, left, right = box
    return Piece(ink[top:bottom, left:right], (mark.left + left, mark.top + top, mark.left + right, mark.top + bottom), index)


Cut = tuple[int, int]
"""The first and the last index between two digits: of a stroke's points, or of a picture's columns. What is between two
different ones may only link the digits."""


def parts_of(mark: Mark, index: int, cuts: Sequence[Cut], height: float) -> list[Piece]:
    """The parts into which the cuts divide a mark; each pixel of a stroke belongs to the part with the nearest point."""
    edges = sorted({edge for cut in cuts for edge in cut})
    rows, columns = np.nonzero(mark.ink)
    along = columns
    if mark.points is not None:
        line = resampled(mark.points, height).astype(np.float32)
        pixels = np.stack([columns + mark.left + 0.5, rows + mark.top + 0.5], axis=1).astype(np.float32)
        squares = np.square(line).sum(axis=1) - 2 * (pixels @ line.T)  # distances, less what is the same in a row
        along = squares.argmin(axis=1)
    part = np.full(mark.ink.shape, -1)
    part[rows, columns] = np.searchsorted(edges, along, side="right")
    links = {edges.index(last) for first, last in cuts if first < last}
    found = [(trimmed(np.where(part == k, mark.ink, 0), mark, index), k in links) for k in range(len(edges) + 1)]
    pieces = [replace(piece, link=link) for piece, link in found if piece]
    return [replace(piece, part=k, parts=len(pieces)) for k, piece in enumerate(pieces)]


def cuts_of(mark: Mark, height: float) -> list[Cut]:
    """Where a long mark could be cut."""
    return column_cuts(mark.ink, height) if mark.points is None else stroke_cuts(resampled(mark.points, height), height)


def resampled(points: np.ndarray, height: float) -> np.ndarray:
    """Points along the line through the points, a twentieth of the height apart: (m, 2)."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0], np.cumsum(lengths)])
    places = np.linspace(0, along[-1], max(2, int(20 * along[-1] / height) + 1))
    return np.stack([np.interp(places, along, axis) for axis in points.T], axis=1)


def stroke_cuts(points: np.ndarray, height: float) -> list[Cut]:
    """Where a stroke could pass from one digit to the next: where what came before is to the left of what follows.

    Where the pen only goes to the right for a while, it may just link the two.
    """
    x = points[:, 0]
    left_of, right_of = np.minimum.accumulate(x), np.maximum.accumulate(x[::-1])[::-1]
    before, after = np.maximum.accumulate(x), np.minimum.accumulate(x[::-1])[::-1]
    back = np.append(np.inf, before[:-1] - after[1:])  # how far what follows reaches back over what came before
    long_enough = (before - left_of > APART * height) & (right_of - after > APART * height)
    cost = np.where(long_enough, np.maximum(back, 0), np.inf)
    return cheapest(cost, BACKWARD * height, x, height)


def column_cuts(ink: np.ndarray, height: float) -> list[Cut]:
    """Where a mark of a picture could be cut from top to bottom: the columns with the least ink."""
    amount = ink.sum(axis=0) / np.float32(255)
    x = np.arange(len(amount), dtype=np.float32)
    inner = (x > APART * height) & (x < len(x) - APART * height)
    return cheapest(np.where(inner, amount, np.inf), 0.5 * height, x, height)


def cheapest(cost: np.ndarray, most: float, x: np.ndarray, height: float) -> list[Cut]:
    """The places of least cost, not above `most`, with some distance between their x.

    Where neighbors cost about the same, both ends of their run are taken if it is long, else its middle.
    """
    cost = cost.astype(np.float64)
    cuts: list[Cut] = []
    while len(cuts) < MOST_CUTS and (least := cost.min()) <= most:
        best = int(cost.argmin())
        within = cost <= least + SAME * height
        first = best - int(np.argmin(np.append(within[best::-1], False))) + 1
        last = best + int(np.argmin(np.append(within[best:], False))) - 1
        middle = (first + last) // 2
        cuts.append((first, last) if x[last] - x[first] > LINK * height else (middle, middle))
        cost[(x > x[first] - APART * height) & (x < x[last] + APART * height)] = np.inf
    return sorted(cuts)
