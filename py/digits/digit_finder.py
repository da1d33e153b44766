"""Where in a picture the digit is: the steps from pixels to the network's input, for drawings and photographs alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digits import photo
from digits.preprocessing import Steps, find_ink, ink_box, steps_of, to_gray
from digits.ruled_lines import without_rules
from digits.segmentation import Drawing, one_drawing
from digits.sheet import inside_sheet

LARGEST_PLAIN = 64  # a picture up to this size with an even background shows one digit, as MNIST's images do
DUSTY = 5  # this many specks are dust or a dithered background, not part of the drawing
DEEPEST = 3  # sheets within sheets: a note on a board on a wall


@dataclass(frozen=True)
class FoundInk:
    """The ink of a picture.

    Attributes:
        gray, ink: (height, width) float32, 0…1, of the sheet in the picture.
        even: whether its background is even, as in a drawing made on a screen.
        plain: whether the picture is so small that it shows one digit.
        left, top: where the sheet begins in the picture.
        zoom: by how much it was enlarged.
    """

    gray: np.ndarray
    ink: np.ndarray
    even: bool
    plain: bool
    left: int
    top: int
    zoom: float


def found_ink(pixels: np.ndarray) -> FoundInk:
    """The ink of a picture's pixels, of a drawing or a photograph."""
    gray = to_gray(pixels)
    left = top = 0
    for _ in range(DEEPEST):
        sheet = inside_sheet(gray)
        if sheet is None:
            break
        gray, x, y = sheet
        left, top = left + x, top + y
    even = photo.is_even(gray)
    width = gray.shape[1]
    if not even:
        gray = photo.enlarged(gray)
    ink = find_ink(gray) if even else photo.find_ink(gray)
    plain = even and max(gray.shape) <= LARGEST_PLAIN
    if even and not plain:
        ink = without_rules(ink)
    return FoundInk(gray, ink, even, plain, left, top, gray.shape[1] / width)


def find_digit(pixels: np.ndarray) -> tuple[Steps, int]:
    """The steps from a picture's pixels to the network's input, and how many more drawings the picture holds.

    A single drawing on an even background gives exactly what `digits.preprocessing.preprocess` gives.
    """
    found = found_ink(pixels)
    drawing = one_drawing(found.ink)
    if drawing is None or (found.even and is_all(drawing, found.ink, found.plain)):
        return steps_of(found.gray, found.ink, ink_box(found.ink)), 0
    return steps_of(found.gray, drawing.ink, drawing.box), drawing.others


def is_all(drawing: Drawing, ink: np.ndarray, plain: bool) -> bool:
    """Whether a picture with an even background holds only the drawing, and a few specks within its box."""
    if plain:
        return not drawing.marked
    return not drawing.others and drawing.specks < DUSTY and drawing.box == ink_box(ink)
