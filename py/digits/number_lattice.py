"""Which pieces of ink could be one digit, and how good each way to divide a number into digits is.

This is heuristic over-segmentation (LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", section V).
There, cuts are ordered from left to right. Here, a path may use the pieces in any order, because people add the bar of a seven
after they wrote the next digit: a path divides the set of pieces, each being a bit of an integer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[int, int, int, int]
"""left, top, right, bottom"""

MOST_PIECES_OF_A_DIGIT = 4
MOST_CANDIDATES = 120
WIDEST, TALLEST = 1.3, 1.6  # of a digit that is made of several pieces, in heights of the line
FARTHEST = 0.35  # between the pieces of a digit, in heights of the line
RUNNERS_UP = 4  # numbers that are kept at every point of the lattice

FEATURES = ("digits", "is_digit", "evidence", "low", "tall", "wide", "gap", "overlap", "pieces", "late", "cuts")
WEIGHTS = {
    "digits": 0.0,
    "is_digit": 1.0,
    "evidence": 0.0,
    "low": -3.0,
    "tall": -3.0,
    "wide": -3.0,
    "gap": -6.0,
    "overlap": -4.0,
    "pieces": 0.5,
    "late": -0.3,
    "cuts": -2.0,
}
DIGIT_WEIGHT = 1.0  # of the logarithm of the digit's probability


@dataclass(frozen=True)
class Piece:
    """A stroke, a mark of a picture, or a part of one of them.

    Attributes:
        ink: (height, width) uint8, 255 where there is ink.
        box: where it stands.
        mark: the index of the stroke or mark.
        part, parts: which of how many parts of the mark it is.
    """

    ink: np.ndarray
    box: Box
    mark: int
    part: int = 0
    parts: int = 1


def line_height(pieces: Sequence[Piece]) -> float:
    """The height of a digit: the median of the tall pieces, for every digit has one that is about as tall as itself."""
    heights = np.array([bottom - top for _, top, _, bottom in (piece.box for piece in pieces)])
    return float(np.median(heights[heights >= heights.max() / 2]))


def around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def distance(a: Box, b: Box) -> float:
    """Between two boxes; 0 where they overlap."""
    return math.hypot(max(a[0] - b[2], b[0] - a[2], 0), max(a[1] - b[3], b[1] - a[3], 0))


def members(group: int) -> list[int]:
    """The pieces of a group, which is a set of bits."""
    return [index for index in range(group.bit_length()) if group >> index & 1]


def groups(pieces: Sequence[Piece], height: float) -> list[int]:
    """The sets of pieces that could be one digit: each piece alone, and what is near enough and not too large together."""
    boxes = [piece.box for piece in pieces]
    near = [
        sum(1 << j for j, other in enumerate(boxes) if j != i and distance(box, other) <= FARTHEST * height)
        for i, box in enumerate(boxes)
    ]
    found = {1 << i: box for i, box in enumerate(boxes)}
    newest = list(found)
    for _ in range(MOST_PIECES_OF_A_DIGIT - 1):
        larger: dict[int, Box] = {}
        for group in newest:
            neighbors = 0
            for i in members(group):
                neighbors |= near[i]
            for j in members(neighbors & ~group):
                box = around([found[group], boxes[j]])
                if box[2] - box[0] <= WIDEST * height and box[3] - box[1] <= TALLEST * height:
                    larger[group | 1 << j] = box
        larger = {group: box for group, box in larger.items() if is_whole(group, pieces)}
        found |= larger
        newest = list(larger)
    chosen = sorted(found, key=lambda group: (group.bit_count() > 1, found[group][2] - found[group][0]))
    return chosen[: max(len(pieces), MOST_CANDIDATES)]


def is_whole(group: int, pieces: Sequence[Piece]) -> bool:
    """Whether the parts of one mark in the group are neighbors."""
    parts: dict[int, list[int]] = {}
    for i in members(group):
        parts.setdefault(pieces[i].mark, []).append(pieces[i].part)
    return all(max(each) - min(each) == len(each) - 1 for each in parts.values())


def composite(pieces: Sequence[Piece]) -> np.ndarray:
    """The ink of several pieces painted over each other, 1 − (1 − a)(1 − b), within the box around them: uint8."""
    if len(pieces) == 1:
        return pieces[0].ink
    left, top, right, bottom = around([piece.box for piece in pieces])
    paper = np.ones((bottom - top, right - left), np.float32)
    for piece in pieces:
        x, y = piece.box[0] - left, piece.box[1] - top
        height, width = piece.ink.shape
        paper[y : y + height, x : x + width] *= 1 - piece.ink / np.float32(255)
    return np.round(255 * (1 - paper)).astype(np.uint8)


def shape_features(group: int, pieces: Sequence[Piece], height: float) -> list[float]:
    """The features of a candidate that need no network, in the order of `FEATURES` from "low" on.

    low, tall, wide: how much smaller than 0.7, taller than 1.2 and wider than 0.9 heights of the line it is.
    gap: the farthest that one of its pieces is from the others, in heights.
    overlap: how much of its width, or of another piece's if that is narrower, has both; of the other piece that has most.
    pieces: how many more than one.
    late: how many strokes were written between its first and its last that are not in it.
    cuts: how many ends of it are cuts through a mark.
    """
    inside = [pieces[i] for i in members(group)]
    left, top, right, bottom = around([piece.box for piece in inside])
    tall, wide = (bottom - top) / height, (right - left) / height
    gap = 0.0
    if len(inside) > 1:
        gap = max(min(distance(a.box, b.box) for b in inside if b is not a) for a in inside) / height
    overlap = 0.0
    for i, piece in enumerate(pieces):
        if not group >> i & 1:
            common = min(right, piece.box[2]) - max(left, piece.box[0])
            if common > 0:
                overlap = max(overlap, common / min(right - left, piece.box[2] - piece.box[0]))
    marks = {piece.mark for piece in inside}
    used = {(piece.mark, piece.part) for piece in inside}
    cuts = sum(
        (piece.part > 0 and (piece.mark, piece.part - 1) not in used)
        + (piece.part < piece.parts - 1 and (piece.mark, piece.part + 1) not in used)
        for piece in inside
    )
    return [
        max(0.0, math.log(0.7 / tall)),
        max(0.0, math.log(tall / 1.2)),
        max(0.0, wide - 0.9),
        gap,
        overlap,
        len(inside) - 1.0,
        float(max(marks) - min(marks) + 1 - len(marks)),
        float(cuts),
    ]


Path = tuple[int, ...]
"""The groups of a number's digits, in the order of their leftmost pieces."""


def best_numbers(groups: Sequence[int], scores: np.ndarray) -> tuple[list[tuple[str, float, Path]], float]:
    """The best numbers, from the sums over all ways to divide the pieces.

    Args:
        groups: the candidates, each a set of bits; all pieces are in one that has only them.
        scores: (candidates, 10), the score of each candidate as each digit.
    Returns:
        (number, logarithm of its summed scores, its best path) of some numbers, the best first; and the logarithm of the sum
        over all numbers and paths.
    """
    starting: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        starting.setdefault((group & -group).bit_length() - 1, []).append(index)
    totals = np.logaddexp.reduce(scores, axis=1).tolist()
    likely = np.argsort(-scores, axis=1, kind="stable")[:, :2].tolist()
    everything = 0
    for group in groups:
        everything |= group
    sums = {0: 0.0}
    # For each set of pieces that is divided: of each number, the logarithm of its sum, and its best path with its score.
    numbers: dict[int, dict[str, tuple[float, float, Path]]] = {0: {"": (0.0, 0.0, ())}}
    waiting = [0]
    while waiting[0] != everything:
        done = heapq.heappop(waiting)  # adding bits makes an integer larger: all that lead here were taken before
        kept = dict(sorted(numbers.pop(done).items(), key=lambda item: -item[1][0])[:RUNNERS_UP])
        first = (~done & (done + 1)).bit_length() - 1
        for index in starting[first]:
            if groups[index] & done:
                continue
            then = done | groups[index]
            if then not in sums:
                sums[then], numbers[then] = -math.inf, {}
                heapq.heappush(waiting, then)
            sums[then] = float(np.logaddexp(sums[then], sums[done] + totals[index]))
            for digit in likely[index]:
                score = float(scores[index, digit])
                for number, (total, best, path) in kept.items():
                    longer = number + str(digit)
                    old_total, old_best, old_path = numbers[then].get(longer, (-math.inf, -math.inf, ()))
                    new = (best + score, (*path, index))
                    numbers[then][longer] = (float(np.logaddexp(old_total, total + score)), *max((old_best, old_path), new))
    found = sorted(numbers[everything].items(), key=lambda item: -item[1][0])
    return [(number, total, path) for number, (total, _, path) in found], sums[everything]
