"""Whole numbers: what the page asks for in its number mode."""

from __future__ import annotations

from typing import Any

import numpy as np

from digits.number_lattice import around, composite
from digits.number_pieces import Mark, whole_pieces
from digits.number_reader import Candidate, NumberReader, NumberReading, Place
from digits.preprocessing import Steps, area_weights
from digits.recognizer import Recognizer
from web import shared_memory


class Numbers:
    """Reads numbers for the page, and keeps the last one."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._reader = NumberReader(recognizer)
        self._places: tuple[Place, ...] = ()

    def read(self, bitmaps: bytes, strokes: list[dict[str, Any]]) -> dict[str, Any]:
        """Read a number from its strokes.

        Args:
            bitmaps: the strokes' bitmaps one after the other, each row by row, 255 where there is ink.
            strokes: for each stroke, in the order of writing, `left`, `top`, `width` and `height` of its bitmap in pixels,
                and `points`, a list of [x, y] in the same pixels; without points, the stroke is never cut.
        Returns:
            number: "2026"; "" without ink.
            confidence: 0…1, of the whole number.
            alternatives: {number, confidence, candidates} of the next likely numbers, the likeliest first; `candidates` are
                indices of those that would be its digits.
            note: a sentence about what was left out, or "".
            digits: from left to right, {digit, second, confidence, verdict, probabilities, image} as of one digit, its
                box [left, top, right, bottom] in pixels, and the indices of its strokes.
            candidates: {box, strokes, digit, confidence, score, won} of every group of strokes that was read.
        Raises:
            ValueError: the bitmaps do not have the size that the strokes say, or there is too much ink.
        """
        pixels = np.frombuffer(bitmaps, np.uint8)
        ends = np.cumsum([stroke["width"] * stroke["height"] for stroke in strokes], dtype=int)
        if pixels.size != (ends[-1] if strokes else 0):
            raise ValueError("the bitmaps of the strokes do not have the size that the strokes say")
        marks = [
            Mark(ink.reshape(stroke["height"], stroke["width"]), stroke["left"], stroke["top"], points_of(stroke))
            for stroke, ink in zip(strokes, np.split(pixels, ends[:-1]), strict=False)
        ]
        reading = self._reader.read(marks)
        self._places = reading.places
        return shown(reading)

    def read_picture(self, data: bytes) -> dict[str, Any]:
        """Read the number in the bytes of a picture file.

        Returns:
            What `read` returns, `strokes` being the marks of the picture; and `ink`, (rows, columns) float32, 0…1, of the
            number with at most 280 rows, in whose pixels the boxes are.
        Raises:
            ValueError: the file is not a picture (PictureError), has no ink or too much.
        """
        from digits.number_picture import read_number_picture  # needs Pillow, which comes with the first picture only

        picture = read_number_picture(self._reader, data)
        if not picture.reading.places:
            raise ValueError("no ink was found in it: use a picture in which the number stands out from its paper")
        self._places = picture.reading.places
        answer = shown(picture.reading) | {"note": " ".join(picture.notes)}
        pieces = whole_pieces(picture.found.marks)
        left, top, right, bottom = around([candidate.box for candidate in picture.reading.candidates])
        line = [piece for piece in pieces if piece.box[1] < bottom and piece.box[3] > top]
        ink = composite(line) / np.float32(255)
        left, top, right, bottom = around([piece.box for piece in line])
        zoom = min(1.0, shared_memory.SIDE / (bottom - top))
        rows, columns = max(1, round((bottom - top) * zoom)), max(1, round((right - left) * zoom))
        scaled = area_weights(bottom - top, rows) @ ink @ area_weights(right - left, columns).T
        for each in (*answer["digits"], *answer["candidates"]):
            each["box"] = [round((side - start) * zoom) for side, start in zip(each["box"], 2 * (left, top), strict=True)]
        return answer | {"ink": scaled}

    def steps_at(self, place: int) -> Steps:
        """The preprocessing steps of one digit of the last number; raises ValueError if it has no such digit."""
        if not 0 <= place < len(self._places):
            raise ValueError("the number has no such digit")
        return self._places[place].reading.steps


def points_of(stroke: dict[str, Any]) -> np.ndarray | None:
    points = stroke.get("points") or None
    return None if points is None else np.array(points, np.float32).reshape(-1, 2)


def shown(reading: NumberReading) -> dict[str, Any]:
    """A number as `Numbers.read` returns it."""
    return {
        "number": reading.number,
        "confidence": reading.confidence,
        "alternatives": [vars(alternative) for alternative in reading.alternatives],
        "note": reading.note,
        "digits": [place.reading.as_dict() | {"box": place.box, "strokes": place.marks} for place in reading.places],
        "candidates": [candidate_shown(candidate) for candidate in reading.candidates],
    }


def candidate_shown(candidate: Candidate) -> dict[str, Any]:
    return {
        "box": candidate.box,
        "strokes": candidate.marks,
        "digit": candidate.digit,
        "confidence": candidate.confidence,
        "score": candidate.score,
        "won": candidate.won,
    }
