"""How good a candidate is: the score of a group of pieces as each digit, from the network's answer and from its shape.

The weights were learned by `research.number_learning` from numbers that were composed from pen drawings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from digits.number_lattice import Piece
from digits.recognizer import evidence
from nn.loss import softmax

WEIGHTS = {
    "digit": -0.38,
    "is_digit": 4.81,
    "one": -0.35,
    "tall": 3.47,
    "low": -2.04,
    "wide": -2.2,
    "broad": -0.39,
    "gap": -1.01,
    "overlap": -1.19,
    "covered": -3.12,
    "inside": -0.74,
    "pieces": -1.69,
    "late": 0.08,
    "cuts": -3.29,
    "links": -0.27,
}
SEVERAL: tuple[float, ...] = (2.85, 2.34, -1.18, -0.6, 2.56, 1.49, -1.14, 0.01, -0.03, -1.64)
"""For each digit, the weight of having several strokes: many fours have; what seems a three of two strokes is rather a "31"."""
CAUTION = 16
"""The odds of a number are divided by it: of the numbers that are read incorrectly, at most a tenth have a confidence above
0.9. For numbers by held-out writers, which `research.number_learning` counts, less would do; 16 allows for other writers."""


def cautious(log_p: float) -> float:
    """The confidence in a number whose probability has this logarithm; lower than the share of such numbers that are right."""
    p = min(math.exp(log_p), 1.0)
    return p / (p + CAUTION * (1 - p))


def scores_of(
    groups: Sequence[int], pieces: Sequence[Piece], height: float, logits: np.ndarray, knows_none: bool = True
) -> np.ndarray:
    """(candidates, 11): the score of each candidate as each digit: log p(digit), and a weighted sum of its features; and of
    leaving it out, which only what may link two digits can be.

    Args:
        groups: the candidates; each a set of pieces, as in `digits.number_lattice`.
        height: of the line.
        logits: (candidates, 10).
        knows_none: whether the network was trained with drawings of no digit, so that it can say which cuts are wrong.
    """
    features = features_of(groups, pieces, height, logits, knows_none)
    digits = digit_scores(np.array([*WEIGHTS.values(), *SEVERAL]), features, log_probabilities(logits))
    return np.column_stack([digits, [0.0 if may_be_left_out(group, pieces) else -np.inf for group in groups]])


def digit_scores(weights: np.ndarray, features: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    """(candidates, 10).

    Args:
        weights: those of `WEIGHTS`, then those of `SEVERAL`.
        features: (candidates, features), see `features_of`.
        log_p: (candidates, 10), see `log_probabilities`.
    """
    shared, several = weights[: len(WEIGHTS)], weights[len(WEIGHTS) :]
    return (features[:, :-1] @ shared)[:, None] + features[:, -1:] * several + log_p


def may_be_left_out(group: int, pieces: Sequence[Piece]) -> bool:
    return group.bit_count() == 1 and pieces[group.bit_length() - 1].link


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """(candidates, 10): the logarithm of the probability of each digit, if it is one."""
    return logits - evidence(logits)[:, None]


def features_of(
    groups: Sequence[int], pieces: Sequence[Piece], height: float, logits: np.ndarray, knows_none: bool = True
) -> np.ndarray:
    """(candidates, features), in the order of `WEIGHTS`; the last one is whether the candidate has several strokes.

    digit: 1, so that its weight is the score of any digit against that of a line that is left out.
    is_digit: the logarithm of the probability that it is any digit; if the network knows no "none", of the likeliest digit.
    one: the probability that it is a one, which is what parts of other digits look like.
    The others: see `shapes_of`.
    """
    likeliest = log_probabilities(logits).max(axis=1)
    is_digit = -np.logaddexp(0, -evidence(logits)) if knows_none else likeliest
    ones = softmax(logits)[:, 1]
    return np.column_stack([np.ones(len(groups)), is_digit, ones, shapes_of(groups, pieces, height)])


def shapes_of(groups: Sequence[int], pieces: Sequence[Piece], height: float) -> np.ndarray:
    """(candidates, 13), the features that need no network; lengths are in heights of the line.

    tall: how tall it is.
    low: how much lower than 0.7; the logarithm of the ratio.
    wide: how much wider than 0.9.
    broad: its width divided by its height, at most 1.
    gap: how far one of its pieces is from all others.
    overlap: the part of its width, or of another piece's if that is narrower, that both share; of the piece that shares most.
    covered: by how much more than half.
    inside: how many other pieces have their middle between its left and its right end; at most 2.
    pieces: how many pieces it has beyond the first.
    late: how many strokes were written between its first and its last that are not in it; at most 3.
    cuts: how many of its ends are cuts through a mark.
    links: how many of these ends are lines that may only link it to the next digit.
    several: whether it has several strokes.
    """
    own = np.array([[group >> i & 1 for i in range(len(pieces))] for group in groups], bool)
    boxes = np.array([piece.box for piece in pieces], float)
    left, top = (np.where(own, boxes[:, side], np.inf).min(axis=1) for side in (0, 1))
    right, bottom = (np.where(own, boxes[:, side], -np.inf).max(axis=1) for side in (2, 3))
    tall, wide = (bottom - top) / height, (right - left) / height
    start, end = boxes[:, 0], boxes[:, 2]
    shared = np.minimum(right[:, None], end) - np.maximum(left[:, None], start)
    overlap = np.where(own, 0, shared / np.minimum((right - left)[:, None], end - start)).max(axis=1, initial=0)
    middle = (start + end) / 2
    inside = (~own & (left[:, None] < middle) & (middle < right[:, None])).sum(axis=1)
    marks = np.array([piece.mark for piece in pieces])
    first, last = np.where(own, marks, np.inf).min(axis=1), np.where(own, marks, -1).max(axis=1)
    count = np.array([len(set(marks[row])) for row in own])
    return np.column_stack([
        np.minimum(tall, 2),
        np.maximum(0, np.log(0.7 / tall)),
        np.maximum(0, np.minimum(wide, 2) - 0.9),
        np.minimum(wide / tall, 1),
        np.minimum(gaps_of(own, boxes) / height, 0.5),
        overlap,
        np.maximum(overlap - 0.5, 0),
        np.minimum(inside, 2),
        own.sum(axis=1) - 1,
        np.minimum(last - first + 1 - count, 3),
        *cut_ends(own, pieces),
        count > 1,
    ])  # fmt: skip


def gaps_of(own: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(candidates,): the largest distance from a piece of each candidate to the nearest other piece of it.

    Args:
        own: (candidates, pieces) bool; boxes: (pieces, 4).
    """
    start, end = boxes[:, None, :2], boxes[None, :, 2:]
    apart = np.maximum(start - end, 0)
    apart = np.hypot(*np.moveaxis(np.maximum(apart, apart.swapaxes(0, 1)), 2, 0))
    np.fill_diagonal(apart, np.inf)
    nearest = np.where(own[:, None, :], apart, np.inf).min(axis=2)
    return np.where(own & np.isfinite(nearest), nearest, 0).max(axis=1)


def cut_ends(own: np.ndarray, pieces: Sequence[Piece]) -> tuple[np.ndarray, np.ndarray]:
    """At how many places each candidate was cut from the rest of its marks, and how often a line to the next digit is left.

    Args:
        own: (candidates, pieces) bool.
    """
    place = {(piece.mark, piece.part): i for i, piece in enumerate(pieces)}
    cuts, links = np.zeros(len(own)), np.zeros(len(own))
    for i, piece in enumerate(pieces):
        for part in (piece.part - 1, piece.part + 1):
            if 0 <= part < piece.parts:
                neighbor = place.get((piece.mark, part))
                ends = own[:, i] if neighbor is None else own[:, i] & ~own[:, neighbor]
                cuts += ends
                links += ends * piece.link
    return cuts, links
