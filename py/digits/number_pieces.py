"""From marks to pieces: a mark that may run through two digits is cut where one could end and the next begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digits.number_lattice import Piece, line_height
from digits.preprocessing import ink_box

LONG = 0.9  # a mark wider than this, in heights of the line, may run through two digits
APART = 0.25  # cuts are at least this far apart, and from the ends of the mark, in heights of the line
BACKWARD = 0.2  # so far may a digit reach back over the one before it, in heights of the line
MOST_CUTS = 4  # of one mark


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
    pieces = []
    for piece in whole:
        mark = marks[piece.mark]
        wide = piece.box[2] - piece.box[0] > LONG * height
        owners = parts_of_ink(mark, height) if wide else []
        pieces += _parts(mark, piece.mark, owners) or [piece]
    return sorted(pieces, key=lambda piece: (piece.box[0] + piece.box[2], piece.box[1]))


def whole_pieces(marks: Sequence[Mark]) -> list[Piece]:
    """Each mark as one piece."""
    return [piece for index, mark in enumerate(marks) for piece in _parts(mark, index, [])]


def _parts(mark: Mark, index: int, masks: Sequence[np.ndarray]) -> list[Piece]:
    """A mark, or its parts where the masks are; what has no ink is left out."""
    inks = [np.where(mask, mark.ink, 0) for mask in masks] or [mark.ink]
    boxes = [ink_box(ink / np.float32(255)) for ink in inks]
    found = [(ink, box) for ink, box in zip(inks, boxes, strict=True) if box is not None]
    return [
        Piece(
            ink[top:bottom, left:right],
            (mark.left + left, mark.top + top, mark.left + right, mark.top + bottom),
            index,
            part,
            len(found),
        )
        for part, (ink, (top, bottom, left, right)) in enumerate(found)
    ]


def parts_of_ink(mark: Mark, height: float) -> list[np.ndarray]:
    """Masks of the parts into which a long mark is cut, each pixel being in one; none if there is no place to cut it."""
    if mark.points is None:
        edges = column_cuts(mark.ink, height)
        part = np.searchsorted(edges, np.arange(mark.ink.shape[1]), side="right")[None, :] * np.ones((len(mark.ink), 1), int)
        return [part == k for k in range(len(edges) + 1)] if len(edges) else []
    points = dense(mark.points, height / 30)
    cuts = stroke_cuts(points, height)
    if not len(cuts):
        return []
    rows, columns = np.nonzero(mark.ink)
    pixels = np.stack([columns + mark.left + 0.5, rows + mark.top + 0.5], axis=1).astype(np.float32)
    line = points.astype(np.float32)
    apart = np.square(line).sum(axis=1) - 2 * (pixels @ line.T)  # squared distances, up to what is the same in a row
    part = np.full(mark.ink.shape, -1)
    part[rows, columns] = np.searchsorted(cuts, apart.argmin(axis=1), side="right")
    return [part == k for k in range(len(cuts) + 1)]


def dense(points: np.ndarray, step: float) -> np.ndarray:
    """The line through the points, at points about `step` apart: (m, 2)."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0], np.cumsum(lengths)])
    places = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1))
    return np.stack([np.interp(places, along, axis) for axis in points.T], axis=1)


def stroke_cuts(points: np.ndarray, height: float) -> np.ndarray:
    """Where a stroke could pass from one digit to the next: indices into its points, rising.

    These are the points at which most of what came before is to the left of most of what follows.
    """
    x = points[:, 0]
    before, after = np.maximum.accumulate(x), np.minimum.accumulate(x[::-1])[::-1]
    back = np.append(np.inf, before[:-1] - after[1:])  # how far what follows reaches back over what came before
    wide_enough = (before - x[0] > -1) & (before - np.minimum.accumulate(x) > APART * height)
    wide_enough &= np.maximum.accumulate(x[::-1])[::-1] - after > APART * height
    return chosen(np.where(wide_enough, back, np.inf), BACKWARD * height, x, APART * height)


def column_cuts(ink: np.ndarray, height: float) -> np.ndarray:
    """Where a mark of a picture could be cut from top to bottom: the columns with the least ink."""
    amount = ink.sum(axis=0) / np.float32(255)
    x = np.arange(len(amount), dtype=np.float32)
    inner = (x > APART * height) & (x < len(x) - APART * height)
    return chosen(np.where(inner, amount, np.inf), 0.5 * height, x, APART * height)


def chosen(cost: np.ndarray, most: float, x: np.ndarray, apart: float) -> np.ndarray:
    """The places of least cost, not above `most`, whose x are at least `apart`; the middle one where several cost the same."""
    cuts: list[int] = []
    cost = cost.astype(np.float64)
    while len(cuts) < MOST_CUTS and cost.min() <= most:
        cheapest = np.flatnonzero(cost <= cost.min() + 0.02 * apart)
        run = cheapest[: np.argmax(np.append(np.diff(cheapest) > 1, True)) + 1]
        cut = int(run[len(run) // 2])
        cuts.append(cut)
        cost[np.abs(x - x[cut]) < apart] = np.inf
    return np.array(sorted(cuts), int)
