"""Reads whole numbers: the ink is divided into digits in the way that the network finds most likely.

See `digits.number_lattice` for the ways to divide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digits.number_lattice import (
    DIGIT_WEIGHT,
    FEATURES,
    WEIGHTS,
    Box,
    Path,
    Piece,
    best_numbers,
    composite,
    groups,
    line_height,
    members,
    shape_features,
)
from digits.preprocessing import Steps, ink_box, preprocess
from digits.recognizer import Reading, Recognizer, evidence
from nn.loss import softmax

MOST_DIGITS = 20
MOST_PIECES = 60
TOO_MUCH = f"this is too much to read at once: write a number of at most {MOST_DIGITS} digits"

Weights = dict[str, float]


@dataclass(frozen=True)
class Mark:
    """A stroke of the pen, or a mark found in a picture.

    Attributes:
        ink: (height, width) uint8, 255 where there is ink; of this mark alone.
        left, top: where its pixels begin.
        points: (n, 2), x and y along the stroke, in the same pixels; None if it should not be cut.
    """

    ink: np.ndarray
    left: int = 0
    top: int = 0
    points: np.ndarray | None = None


@dataclass(frozen=True)
class Place:
    """A digit of a number: its reading, the (left, top, right, bottom) of its ink, and the indices of its marks."""

    reading: Reading
    box: Box
    marks: tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """A group of pieces that could be a digit.

    Attributes:
        box, marks: as in `Place`.
        digit: what it would be.
        confidence: the probability that it is a digit and this one.
        score: what it adds to the score of a path.
        won: whether it is in the path that was chosen.
    """

    box: Box
    marks: tuple[int, ...]
    digit: int
    confidence: float
    score: float
    won: bool


@dataclass(frozen=True)
class NumberReading:
    """A number that was read.

    Attributes:
        number: the likeliest digit of each place; "" without ink.
        confidence: the probability of this number among all that the candidates can form.
        runner_up: the second likeliest number and its probability, or None.
        places: its digits, from left to right.
        candidates: all groups of pieces that were read.
        note: a sentence about what was left out, or "".
    """

    number: str
    confidence: float
    runner_up: tuple[str, float] | None
    places: tuple[Place, ...]
    candidates: tuple[Candidate, ...]
    note: str = ""


class NumberReader:
    """Reads numbers with a recognizer. Candidates that were already in the last number are not read again."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self._known: dict[bytes, tuple[Steps, np.ndarray]] = {}

    def read(self, marks: Sequence[Mark]) -> NumberReading:
        """Read a number from its strokes, in the order in which they were written, or from the marks of a picture.

        Raises:
            ValueError: there is too much ink.
        """
        pieces = pieces_of(marks)
        if not pieces:
            return NumberReading("", 0.0, None, (), ())
        if len(pieces) > MOST_PIECES:
            raise ValueError(TOO_MUCH)
        height = line_height(pieces)
        candidates = groups(pieces, height)
        read = self._logits([[pieces[i] for i in members(group)] for group in candidates])
        features = np.array([shape_features(group, pieces, height) for group in candidates])
        scores = digit_scores(np.stack([logits for _, logits in read]), features, self.recognizer.least_evidence is not None)
        numbers, total = best_numbers(candidates, scores)
        (number, sum_of_paths, path), *others = numbers
        if len(number) > MOST_DIGITS:
            raise ValueError(TOO_MUCH)
        boxes = [_box(read[index][0], [pieces[i] for i in members(group)]) for index, group in enumerate(candidates)]
        marks_of = [tuple(sorted({pieces[i].mark for i in members(group)})) for group in candidates]
        places = [Place(self.recognizer.read_steps(read[index][0]), boxes[index], marks_of[index]) for index in path]
        return NumberReading(
            number,
            float(np.exp(sum_of_paths - total)),
            (others[0][0], float(np.exp(others[0][1] - total))) if others else None,
            tuple(places),
            tuple(self._shown(read, scores, boxes, marks_of, path)),
        )

    def _logits(self, candidates: Sequence[Sequence[Piece]]) -> list[tuple[Steps, np.ndarray]]:
        """The steps and the logits of each candidate; those that are new are read in one batch."""
        keys = [b"".join(repr(piece.box).encode() + piece.ink.tobytes() for piece in pieces) for pieces in candidates]
        fresh = [index for index, key in enumerate(keys) if key not in self._known]
        steps = [preprocess(composite(candidates[index]), "light-on-dark") for index in fresh]
        if fresh:
            logits = self.recognizer.network.forward(np.stack([each.image.reshape(784) for each in steps]))
            self._known |= {keys[index]: (steps[i], logits[i]) for i, index in enumerate(fresh)}
        self._known = {key: self._known[key] for key in keys}
        return [self._known[key] for key in keys]

    @staticmethod
    def _shown(
        read: Sequence[tuple[Steps, np.ndarray]],
        scores: np.ndarray,
        boxes: Sequence[Box],
        marks: Sequence[tuple[int, ...]],
        path: Path,
    ) -> list[Candidate]:
        shown = []
        for index, (_, logits) in enumerate(read):
            digit = int(scores[index].argmax())
            confidence = float(softmax(np.append(logits, 0))[digit])
            shown.append(Candidate(boxes[index], marks[index], digit, confidence, float(scores[index, digit]), index in path))
        return shown


def digit_scores(logits: np.ndarray, shapes: np.ndarray, knows_none: bool = True, weights: Weights = WEIGHTS) -> np.ndarray:
    """(candidates, 10): the score of each candidate as each digit, a weighted sum of the features and of log p(digit).

    Args:
        logits: (candidates, 10).
        shapes: (candidates, 8), as `shape_features`.
        knows_none: whether the network was trained with examples of no digit, so that "none" says which cuts are wrong.
    """
    features = np.concatenate([network_features(logits, knows_none), shapes], axis=1)
    log_p = logits - evidence(logits)[:, None]
    scores: np.ndarray = (features @ [weights[name] for name in FEATURES])[:, None] + DIGIT_WEIGHT * log_p
    return scores


def network_features(logits: np.ndarray, knows_none: bool) -> np.ndarray:
    """(candidates, 3): the first `FEATURES`: 1; the logarithm of the probability that it is any digit; its log-odds / 10.

    Of a network that knows no "none", the confidence takes the place of that probability.
    """
    odds = evidence(logits) if knows_none else evidence(logits) * 0
    is_digit = -np.logaddexp(0, -odds) if knows_none else (logits.max(axis=1) - evidence(logits))
    return np.stack([np.ones(len(logits)), is_digit, odds / 10], axis=1)


def pieces_of(marks: Sequence[Mark]) -> list[Piece]:
    """The pieces from left to right, without the paper around them."""
    pieces = []
    for index, mark in enumerate(marks):
        box = ink_box(mark.ink / np.float32(255))
        if box is not None:
            top, bottom, left, right = box
            place = (mark.left + left, mark.top + top, mark.left + right, mark.top + bottom)
            pieces.append(Piece(mark.ink[top:bottom, left:right], place, index))
    return sorted(pieces, key=lambda piece: (piece.box[0] + piece.box[2], piece.box[1]))


def _box(steps: Steps, pieces: Sequence[Piece]) -> Box:
    left, top = min(piece.box[0] for piece in pieces), min(piece.box[1] for piece in pieces)
    if steps.box is None:
        raise ValueError("a piece has ink")
    first, last, start, end = steps.box
    return left + start, top + first, left + end, top + last
