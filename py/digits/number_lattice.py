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
MOST_CANDIDATES = 80
SPAN = 7  # pieces from left to right, among which all pieces of a digit are: bounds the number of ways to divide a scribble
WIDEST, TALLEST = 1.5, 1.8  # of a digit that is made of several pieces, in heights of the line
FARTHEST = 0.3  # between the pieces of a digit, in heights of the line
LEFT_OUT = 10  # the column after those of the digits
UNLIKELY = 12  # a candidate's second digit is ignored if its score is this much lower than the first one's
RUNNERS_UP = 4  # numbers that are kept at every point of the lattice


@dataclass(frozen=True)
class Piece:
    """A stroke, a mark of a picture, or a part of one of them.

    Attributes:
        ink: (height, width) uint8, 255 where there is ink.
        box: where it stands.
        mark: the index of the stroke or mark.
        part, parts: which of how many parts of the mark it is.
        link: whether it may be only a line from one digit to the next.
    """

    ink: np.ndarray
    box: Box
    mark: int
    part: int = 0
    parts: int = 1
    link: bool = False


def line_height(pieces: Sequence[Piece]) -> float:
    """The height of a digit: the mean of the tall pieces, for nearly every digit has one that is about as tall as itself."""
    heights = np.array([bottom - top for _, top, _, bottom in (piece.box for piece in pieces)])
    return float(heights[heights >= 0.7 * heights.max()].mean())


def around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def joined(a: Box, b: Box) -> Box:
    """The box around two boxes."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def distance(a: Box, b: Box) -> float:
    """Between two boxes; 0 where they overlap."""
    return math.hypot(max(a[0] - b[2], b[0] - a[2], 0), max(a[1] - b[3], b[1] - a[3], 0))


def members(group: int) -> list[int]:
    """The pieces of a group, which is a set of bits."""
    return [index for index in range(group.bit_length()) if group >> index & 1]


def groups(pieces: Sequence[Piece], height: float) -> list[int]:
    """The sets of pieces that could be one digit: each piece alone, and what is near enough and not too large together."""
    marks: dict[int, int] = {}
    for i, piece in enumerate(pieces):
        marks[piece.mark] = marks.get(piece.mark, 0) | 1 << i
    found = grown([1 << i for i in range(len(pieces))], pieces, height)
    if len(marks) < len(pieces):
        found |= grown(list(marks.values()), pieces, height)
    chosen = sorted(found, key=lambda group: (group.bit_count() > 1, found[group]))
    return chosen[: max(len(pieces), MOST_CANDIDATES)]


def grown(units: Sequence[int], pieces: Sequence[Piece], height: float) -> dict[int, int]:
    """The units, which are groups of pieces, and the groups of several neighbors among them: {group: its width}."""
    boxes = [around([pieces[i].box for i in members(unit)]) for unit in units]
    near = [
        [j for j, other in enumerate(boxes) if j != i and distance(box, other) <= FARTHEST * height]
        for i, box in enumerate(boxes)
    ]
    newest = {unit: (box, frozenset([i])) for i, (unit, box) in enumerate(zip(units, boxes, strict=True))}
    found = {unit: box[2] - box[0] for unit, (box, _) in newest.items()}
    for _ in range(MOST_PIECES_OF_A_DIGIT - 1):
        larger: dict[int, tuple[Box, frozenset[int]]] = {}
        for group, (box, own) in newest.items():
            for j in {j for i in own for j in near[i]} - own:
                grouped = group | units[j]
                if grouped in larger or span(grouped) > SPAN:
                    continue
                left, top, right, bottom = together = joined(box, boxes[j])
                near_enough = right - left <= WIDEST * height and bottom - top <= TALLEST * height
                if near_enough and is_whole(grouped, pieces):
                    larger[grouped] = (together, own | {j})
                    found[grouped] = right - left
        newest = larger
    return found


def span(group: int) -> int:
    """How many pieces there are from the first to the last of a group."""
    return group.bit_length() - (group & -group).bit_length() + 1


def is_whole(group: int, pieces: Sequence[Piece]) -> bool:
    """Whether the parts of one mark in the group are neighbors."""
    parts: dict[int, list[int]] = {}
    for i in members(group):
        if pieces[i].parts > 1:
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


Path = tuple[int, ...]
"""The candidates that are a number's digits, in the order of their leftmost pieces."""

Step = tuple[int, int, int]


def lattice(groups: Sequence[int]) -> list[Step]:
    """(pieces that have a digit, candidate that is the next digit, pieces that then have one), all ways from none to all.

    The next digit always has the leftmost piece that is free, so each way to divide the pieces is one path. Steps that follow
    others come later.
    """
    starting: dict[int, list[int]] = {}
    everything = 0
    for index, group in enumerate(groups):
        starting.setdefault(group & -group, []).append(index)
        everything |= group
    steps: list[Step] = []
    waiting, seen = [0], {0}
    while (done := heapq.heappop(waiting)) != everything:  # adding bits makes an integer larger
        free = ~done & (done + 1)
        for index in starting[free]:
            if not groups[index] & done:
                then = done | groups[index]
                steps.append((done, index, then))
                if then not in seen:
                    seen.add(then)
                    heapq.heappush(waiting, then)
    return steps


def best_numbers(groups: Sequence[int], scores: np.ndarray) -> tuple[list[tuple[str, float, Path]], float]:
    """The best numbers, from the sums over all ways to divide the pieces.

    Args:
        groups: the candidates, each a set of bits; every piece is a candidate of its own, too.
        scores: (candidates, 11), the score of each candidate as each digit, and of leaving it out.
    Returns:
        (number, logarithm of its summed scores, its best path) of some numbers, the best first; and the logarithm of the sum
        over all numbers and paths.
    """
    totals = np.logaddexp.reduce(scores, axis=1).tolist()
    likely = [
        [(digit, row[digit]) for digit in two if row[digit] > row[two[0]] - UNLIKELY]
        for two, row in zip(np.argsort(-scores, axis=1, kind="stable")[:, :2].tolist(), scores.tolist(), strict=True)
    ]
    sums = {0: 0.0}
    # Of each number for each set of pieces: the logarithm of its sum, the score of its best path, and that path.
    numbers: dict[int, dict[str, tuple[float, float, Path]]] = {0: {"": (0.0, 0.0, ())}}
    kept: dict[str, tuple[float, float, Path]] = {}
    before, then = -1, 0
    for done, index, then in lattice(groups):
        if done != before:
            kept, before = dict(sorted(numbers.pop(done).items(), key=lambda item: -item[1][0])[:RUNNERS_UP]), done
        sums[then] = log_add(sums.get(then, -math.inf), sums[done] + totals[index])
        longer = numbers.setdefault(then, {})
        for digit, score in likely[index]:
            for number, (total, best, path) in kept.items():
                name, places = (number, path) if digit == LEFT_OUT else (number + str(digit), (*path, index))
                old_total, old_best, old_path = longer.get(name, (-math.inf, -math.inf, ()))
                longer[name] = (log_add(old_total, total + score), *max((old_best, old_path), (best + score, places)))
    found = sorted(numbers[then].items(), key=lambda item: -item[1][0])
    return [(number, total, path) for number, (total, _, path) in found], sums[then]


def log_add(a: float, b: float) -> float:
    """log(exp a + exp b)"""
    return a if b == -math.inf else max(a, b) + math.log1p(math.exp(-abs(a - b)))
