"""How good a candidate is: the score of a group of pieces as each digit, from the network's answer and from its shape.

The weights were learned by `research.number_learning` from numbers that were composed from pen drawings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from digits.number_lattice import Piece, around, distance, members
from digits.recognizer import evidence
from nn.loss import softmax

WEIGHTS = {
    "digit": -1.34,
    "is_digit": 4.56,
    "one": -1.1,
    "tall": 3.78,
    "low": -2.61,
    "wide": -2.87,
    "broad": -0.14,
    "gap": -0.63,
    "overlap": -2.71,
    "inside": -0.93,
    "pieces": -1.41,
    "late": 0.6,
    "cuts": -3.06,
    "links": -0.7,
}


def scores_of(
    groups: Sequence[int],
    pieces: Sequence[Piece],
    height: float,
    logits: np.ndarray,
    knows_none: bool = True,
    weights: Mapping[str, float] = WEIGHTS,
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
    digits = (features @ np.array(list(weights.values())))[:, None] + log_probabilities(logits)
    return np.column_stack([digits, [0.0 if may_be_left_out(group, pieces) else -np.inf for group in groups]])


def may_be_left_out(group: int, pieces: Sequence[Piece]) -> bool:
    return group.bit_count() == 1 and pieces[group.bit_length() - 1].link


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """(candidates, 10): the logarithm of the probability of each digit, if it is one."""
    log_p: np.ndarray = logits - evidence(logits)[:, None]
    return log_p


def features_of(
    groups: Sequence[int], pieces: Sequence[Piece], height: float, logits: np.ndarray, knows_none: bool = True
) -> np.ndarray:
    """(candidates, features), in the order of `WEIGHTS`.

    digit: 1, so that its weight is the score of any digit against that of a line that is left out.
    is_digit: the logarithm of the probability that it is any digit; if the network knows no "none", of the likeliest digit.
    one: the probability that it is a one, which is what parts of other digits look like.
    The others: see `shape_of`.
    """
    likeliest = log_probabilities(logits).max(axis=1)
    is_digit = -np.logaddexp(0, -evidence(logits)) if knows_none else likeliest
    shapes = [shape_of(group, pieces, height) for group in groups]
    return np.column_stack([np.ones(len(groups)), is_digit, softmax(logits)[:, 1], shapes])


def shape_of(group: int, pieces: Sequence[Piece], height: float) -> list[float]:
    """The features of a candidate that need no network; lengths are in heights of the line.

    tall: how tall it is.
    low: how much lower than 0.7; the logarithm of the ratio.
    wide: how much wider than 0.9.
    broad: its width divided by its height, at most 1.
    gap: how far one of its pieces is from all others.
    overlap: the part of its width, or of another piece's if that is narrower, that both share; of the piece that shares most.
    inside: how many other pieces have their middle between its left and its right end; at most 2.
    pieces: how many pieces it has beyond the first.
    late: how many strokes were written between its first and its last that are not in it; at most 3.
    cuts: how many of its ends are cuts through a mark.
    links: how many of these ends are lines that may only link it to the next digit.
    """
    own = [pieces[i] for i in members(group)]
    left, top, right, bottom = around([piece.box for piece in own])
    tall, wide = (bottom - top) / height, (right - left) / height
    gap = max(min(distance(a.box, b.box) for b in own if b is not a) for a in own) / height if len(own) > 1 else 0
    overlap, inside = 0.0, 0
    for i, (start, _, end, _) in enumerate(piece.box for piece in pieces):
        if not group >> i & 1:
            shared = min(right, end) - max(left, start)
            overlap = max(overlap, shared / min(right - left, end - start))
            inside += left < (start + end) / 2 < right
    marks = {piece.mark for piece in own}
    late = max(marks) - min(marks) + 1 - len(marks)
    return [
        min(tall, 2),
        max(0, np.log(0.7 / tall)),
        max(0, min(wide, 2) - 0.9),
        min(wide / tall, 1),
        min(gap, 0.5),
        overlap,
        min(inside, 2),
        len(own) - 1,
        min(late, 3),
        *cut_ends(own),
    ]


def cut_ends(pieces: Sequence[Piece]) -> tuple[int, int]:
    """At how many places these pieces were cut from the rest of their marks, and how often a line to the next digit is left."""
    own = {(piece.mark, piece.part) for piece in pieces}
    ends = [
        piece
        for piece in pieces
        for part in (piece.part - 1, piece.part + 1)
        if 0 <= part < piece.parts and (piece.mark, part) not in own
    ]
    return len(ends), sum(piece.link for piece in ends)
