"""Numbers composed from pen drawings of digits, each number from the drawings of one writer.

An ink file knows no true sizes and places: the longer side of every drawing is 1000. So they are drawn at random here.
Lengths are parts of the height of the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digits.number_lattice import Piece
from digits.number_pieces import Mark
from research.ink import Ink, Stroke, draw
from research.pen_images import bar, slash

SPACINGS = {"spaced": (0.08, 0.35), "touching": (-0.05, 0.05), "overlapping": (-0.25, -0.05)}
"""The paper between the boxes of two digits' ink. Boxes overlap by at most half of the narrower one."""

HABITS = ("plain", "late", "joined", "barred")
"""Plain: one digit after the other. Barred: zeros are slashed and sevens barred. Late: the same, and the last stroke of a digit
that has several is written after the next digit. Joined: one stroke runs through two digits."""

HEIGHT = (80, 150)  # of the line, in pixels
PEN = (1 / 14, 1 / 8)
SIZE = (0.75, 1.2)  # of a digit
BASELINE = 0.08  # how far a digit stands above or below the line
SLOPE = 0.06  # of the line, up or down


@dataclass(frozen=True)
class WrittenNumber:
    """A number as the page sends it.

    Attributes:
        number: "2026".
        digits: the strokes of each digit.
        marks: all strokes in the order of writing, some of them joined.
    """

    number: str
    digits: list[list[Mark]]
    marks: list[Mark]

    def owner(self, piece: Piece) -> int | None:
        """The digit that has most of a piece's ink; None if it is a line between two digits."""
        shares = [sum(shared_ink(piece, mark) for mark in digit) for digit in self.digits]
        return None if piece.link and max(shares) < 0.6 * (piece.ink > 100).sum() else int(np.argmax(shares))


def shared_ink(piece: Piece, mark: Mark) -> float:
    """How many pixels have ink of both."""
    left, top, right, bottom = piece.box
    height, width = mark.ink.shape
    left, right = max(left, mark.left), min(right, mark.left + width)
    top, bottom = max(top, mark.top), min(bottom, mark.top + height)
    if left >= right or top >= bottom:
        return 0.0
    a = piece.ink[top - piece.box[1] : bottom - piece.box[1], left - piece.box[0] : right - piece.box[0]]
    b = mark.ink[top - mark.top : bottom - mark.top, left - mark.left : right - mark.left]
    return float((np.minimum(a, b) > 100).sum())


def compose(
    ink: Ink, indices: np.ndarray, spacing: tuple[float, float], rng: np.random.Generator, habit: str = "plain"
) -> WrittenNumber:
    """The drawings with these indices, from left to right, as one number."""
    drawings = [ink[int(index)] for index in indices]
    labels = [int(ink.label[index]) for index in indices]
    if habit in ("late", "barred"):
        added = {0: slash, 7: bar}
        drawings = [added[k](d, rng) if k in added else d for d, k in zip(drawings, labels, strict=True)]
    digits, pen = laid_out(drawings, spacing, rng)
    written = [list(digit) for digit in digits]
    if habit == "late":
        for digit, following in zip(written, written[1:], strict=False):
            if len(digit) > 1:
                following.append(digit.pop())
    if habit == "joined" and len(digits) > 1:
        first = int(rng.integers(len(digits) - 1))
        written[first][-1] = np.concatenate([written[first][-1], written[first + 1].pop(0)])
    number = "".join(map(str, labels))
    painted = [[mark_of(stroke, pen) for stroke in digit] for digit in digits]
    return WrittenNumber(number, painted, [mark_of(stroke, pen) for digit in written for stroke in digit])


def laid_out(
    drawings: Sequence[list[Stroke]], spacing: tuple[float, float], rng: np.random.Generator
) -> tuple[list[list[Stroke]], float]:
    """The strokes of each digit in pixels, and the width of the pen."""
    height, slope = rng.uniform(*HEIGHT), rng.uniform(-SLOPE, SLOPE)
    pen = height * rng.uniform(*PEN)
    digits: list[list[Stroke]] = []
    right, last_width = 0.0, np.inf
    for drawing in drawings:
        points = np.concatenate(drawing)
        low, high = points.min(axis=0), points.max(axis=0)
        zoom = height * rng.uniform(*SIZE) / max(float((high - low).max()), 1.0)
        width = float(high[0] - low[0]) * zoom + pen
        gap = max(rng.uniform(*spacing) * height, -min(width, last_width) / 2) if digits else 0.0
        left = right + gap
        base = 1.5 * height + left * slope + rng.uniform(-BASELINE, BASELINE) * height
        origin = np.array([left + pen / 2, base - (high[1] - low[1]) * zoom], np.float32)
        digits.append([(stroke - low) * np.float32(zoom) + origin for stroke in drawing])
        right, last_width = left + width, width
    return digits, pen


def mark_of(stroke: Stroke, pen: float) -> Mark:
    """A stroke painted alone, within the box around it."""
    margin = pen / 2 + 2
    left, top = np.floor(stroke.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(stroke.max(axis=0) + margin).astype(int)
    pixels = draw([stroke - (left, top)], pen, max(right - left, bottom - top))
    return Mark(pixels[: bottom - top, : right - left], int(left), int(top), stroke)


def chosen(ink: Ink, digits: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of drawings by one writer."""
    writers = np.unique(ink.writer)
    return rng.choice(np.flatnonzero(ink.writer == writers[rng.integers(len(writers))]), digits)


def painted(number: WrittenNumber, margin: int = 30) -> tuple[np.ndarray, int, int]:
    """The number as a picture, light on dark (height, width) uint8, and where its left and top are."""
    left = min(mark.left for mark in number.marks) - margin
    top = min(mark.top for mark in number.marks) - margin
    right = max(mark.left + mark.ink.shape[1] for mark in number.marks) + margin
    bottom = max(mark.top + mark.ink.shape[0] for mark in number.marks) + margin
    picture = np.zeros((bottom - top, right - left), np.uint8)
    for mark in number.marks:
        height, width = mark.ink.shape
        part = picture[mark.top - top : mark.top - top + height, mark.left - left : mark.left - left + width]
        np.maximum(part, mark.ink, out=part)
    return picture, left, top
