"""The marks of a picture that a number could be made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digits.connected_components import components
from digits.digit_finder import found_ink
from digits.number_lattice import Box
from digits.number_pieces import Mark
from digits.segmentation import FAINTEST, MOST_MARKS, edges_touched, enclosures, points_of, trust, underlines

DUST = 0.1  # marks smaller than this part of the largest are dust


@dataclass(frozen=True)
class FoundMarks:
    """The marks of a picture, and where they stand in it.

    Attributes:
        marks: from left to right; their places count from the sheet of paper in the picture.
        left, top: where the sheet begins in the picture.
        zoom: by how much the sheet was enlarged.
    """

    marks: list[Mark]
    left: int
    top: int
    zoom: float

    def in_picture(self, box: Box, zoom: float) -> Box:
        """A box around marks, in pixels of the picture, or of a larger one that it was reduced from."""
        starts = 2 * (self.left, self.top)
        left, top, right, bottom = (round((side / self.zoom + at) * zoom) for side, at in zip(box, starts, strict=True))
        return left, top, right, bottom


def find_marks(pixels: np.ndarray) -> FoundMarks:
    """The marks in a picture's pixels.

    What reaches in from the picture's edge is left out, and so are dust, a frame around the number and a line below it.
    """
    found = found_ink(pixels)
    parts = components(found.ink > FAINTEST)
    marks: list[Mark] = []
    if len(parts):
        largest = np.argsort(-parts.extents * trust(parts.boxes, *found.ink.shape), kind="stable")[:MOST_MARKS]
        boxes, extent = parts.boxes[largest], parts.extents[largest]
        left_out = enclosures(boxes, extent, [points_of(parts, mark) for mark in largest])
        left_out |= underlines(boxes, extent, parts.areas[largest])
        touched = edges_touched(boxes, *found.ink.shape) > 0
        if (~left_out & ~touched).any():
            left_out |= touched
        tallest = (boxes[:, 1] - boxes[:, 0])[~left_out].max(initial=0)
        left_out |= extent < DUST * tallest
        for mark, (top, bottom, left, right) in zip(largest[~left_out], boxes[~left_out], strict=True):
            own = parts.labels[top:bottom, left:right] == mark + 1
            ink = np.where(own, found.ink[top:bottom, left:right], 0)
            marks.append(Mark(np.round(255 * ink).astype(np.uint8), int(left), int(top)))
    return FoundMarks(sorted(marks, key=lambda mark: mark.left), found.left, found.top, found.zoom)
