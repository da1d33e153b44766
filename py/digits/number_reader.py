"""Reads whole numbers: the ink is divided into digits in the way that the network finds most likely.

See `digits.number_lattice` for the ways to divide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digits.number_lattice import LEFT_OUT, Box, Piece, around, best_numbers, composite, groups, line_height, members
from digits.number_pieces import Mark, pieces_of
from digits.number_score import cautious, scores_of
from digits.number_signs import sign_of
from digits.preprocessing import Steps, steps_of
from digits.recognizer import Reading, Recognizer
from nn.loss import softmax, with_none

MOST_DIGITS = 20
MOST_PIECES = 60
ALTERNATIVES = 3
LINE = 0.5  # in heights of a digit: lower ink is not a line
TOO_MUCH = f"this is too much to read at once: write a number of at most {MOST_DIGITS} digits"


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
class Alternative:
    """Another number that the ink could be: its probability, and which of the candidates would be its digits."""

    number: str
    confidence: float
    candidates: tuple[int, ...]


@dataclass(frozen=True)
class NumberReading:
    """A number that was read.

    Attributes:
        number: the likeliest digit of each place, with the signs between them: "2026", "-3.14"; "" without ink.
        confidence: the probability of this number among all that the candidates can form, with caution: see `cautious`.
        alternatives: the next likely numbers, the likeliest first.
        places: its digits, from left to right.
        candidates: all groups of pieces that were read.
        note: a sentence about what was left out, or "".
    """

    number: str
    confidence: float
    alternatives: tuple[Alternative, ...]
    places: tuple[Place, ...]
    candidates: tuple[Candidate, ...]
    note: str = ""


class NumberReader:
    """Reads numbers with a recognizer. Candidates that were already in the last number are not read again."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self._known: dict[bytes, tuple[Steps, np.ndarray]] = {}
        self._readings: dict[int, Reading] = {}

    def read(self, marks: Sequence[Mark]) -> NumberReading:
        """Read a number from its strokes, in the order in which they were written, or from the marks of a picture.

        Raises:
            ValueError: there is too much ink.
        """
        pieces = pieces_of(marks)
        if not pieces:
            return NumberReading("", 0.0, (), (), ())
        if len(pieces) > MOST_PIECES:
            raise ValueError(TOO_MUCH)
        pieces, note = first_line(pieces)
        height = line_height(pieces)
        classified = [(piece, sign_of(piece, pieces, height)) for piece in pieces]
        signs = [(piece.box[0] + piece.box[2], sign) for piece, sign in classified if sign]
        pieces = [piece for piece, sign in classified if not sign]
        candidates = groups(pieces, height)
        read = self._read(candidates, pieces)
        logits = np.stack([logits for _, logits in read])
        scores = scores_of(candidates, pieces, height, logits, self.recognizer.least_evidence is not None)
        numbers, total = best_numbers(candidates, scores)
        path = numbers[0][2]
        if len(path) > MOST_DIGITS:
            raise ValueError(TOO_MUCH)
        own = [[pieces[i] for i in members(group)] for group in candidates]
        boxes = [around([piece.box for piece in each]) for each in own]
        indices = [tuple(sorted({piece.mark for piece in each})) for each in own]
        likeliest = scores[:, :LEFT_OUT].argmax(axis=1)
        probabilities = softmax(with_none(logits))
        shown = [
            Candidate(boxes[i], indices[i], int(k), float(probabilities[i, k]), float(scores[i, k]), i in path)
            for i, k in enumerate(likeliest)
        ]
        self._readings = {id(steps): self._reading(steps) for steps in (read[i][0] for i in path)}
        places = [Place(self._readings[id(read[i][0])], boxes[i], indices[i]) for i in path]
        best, *alternatives = [
            Alternative(with_signs(digits, [boxes[i] for i in path], signs), cautious(summed - total), path)
            for digits, summed, path in numbers[: 1 + ALTERNATIVES]
        ]
        return NumberReading(best.number, best.confidence, tuple(alternatives), tuple(places), tuple(shown), note)

    def _reading(self, steps: Steps) -> Reading:
        """A digit read alone, exactly as one digit is read; that of the last number if it was in it."""
        known = self._readings.get(id(steps))
        return known if known and known.steps is steps else self.recognizer.read_steps(steps)

    def logits(self, candidates: Sequence[int], pieces: Sequence[Piece]) -> np.ndarray:
        """(candidates, 10), all that are new read in one batch."""
        return np.stack([logits for _, logits in self._read(candidates, pieces)])

    def _read(self, candidates: Sequence[int], pieces: Sequence[Piece]) -> list[tuple[Steps, np.ndarray]]:
        """The preprocessing steps and the logits of each candidate."""
        known = [repr(piece.box).encode() + piece.ink.tobytes() for piece in pieces]
        keys = [b"".join(known[i] for i in members(group)) for group in candidates]
        fresh = [(key, group) for key, group in zip(keys, candidates, strict=True) if key not in self._known]
        if fresh:
            inks = [composite([pieces[i] for i in members(group)]) / np.float32(255) for _, group in fresh]
            steps = [steps_of(ink, ink, (0, ink.shape[0], 0, ink.shape[1])) for ink in inks]
            logits = self.recognizer.network.forward(np.stack([each.image.reshape(784) for each in steps]))
            self._known |= {key: read for (key, _), read in zip(fresh, zip(steps, logits, strict=True), strict=True)}
        self._known = {key: self._known[key] for key in keys}
        return [self._known[key] for key in keys]


def with_signs(digits: str, boxes: Sequence[Box], signs: Sequence[tuple[int, str]]) -> str:
    """The digits, with each sign, (left + right, sign), where it stands between their boxes."""
    characters = list(digits)
    for middle, sign in reversed(signs):  # from right to left, as pieces are sorted by their middles
        characters.insert(sum(left + right < middle for left, _, right, _ in boxes), sign)
    return "".join(characters)


def first_line(pieces: Sequence[Piece]) -> tuple[list[Piece], str]:
    """The pieces of the first line, and a sentence if there are more: one below the other, with paper between them.

    Low ink, such as the flag of a five, is not a line.
    """
    height = line_height(pieces)
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.box[1]):
        if lines and piece.box[1] < max(other.box[3] for other in lines[-1]):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    boxes = [around([piece.box for piece in line]) for line in lines]
    tall = [box[3] - box[1] >= LINE * height for box in boxes]
    if sum(tall) < 2:
        return list(pieces), ""
    first, second = (index for index, is_tall in enumerate(tall) if is_tall and sum(tall[: index + 1]) <= 2)
    a, b = boxes[first], boxes[second]
    if min(a[2], b[2]) <= max(a[0], b[0]):
        return list(pieces), ""
    middle = (a[3] + b[1]) / 2
    above = [piece for piece in pieces if piece.box[1] < middle]
    return above, "There is more than one line of ink. The first one was read."
