"""Where in a picture the digit is: the steps from pixels to the network's input, for drawings and photographs alike."""

from __future__ import annotations

import numpy as np

from digits import photo
from digits.preprocessing import Steps, find_ink, ink_box, steps_of, to_gray
from digits.ruled_lines import without_rules
from digits.segmentation import Drawing, one_drawing
from digits.sheet import inside_sheet

LARGEST_PLAIN = 64  # a picture no larger than this, on even ground, was made of one digit, as MNIST's are
DUSTY = 5  # so many specks are dust, or a dithered ground, and no part of what was drawn
DEEPEST = 3  # sheets within sheets: a note on a board on a wall


def find_digit(pixels: np.ndarray) -> tuple[Steps, int]:
    """The steps from a picture's pixels to the network's input, and how many more drawings the picture holds.

    One drawing on even ground gives exactly what `digits.preprocessing.preprocess` gives.
    """
    gray = to_gray(pixels)
    for _ in range(DEEPEST):
        sheet = inside_sheet(gray)
        if sheet is None:
            break
        gray = sheet
    even = photo.is_even(gray)
    if not even:
        gray = photo.enlarged(gray)
    ink = find_ink(gray) if even else photo.find_ink(gray)
    plain = even and max(gray.shape) <= LARGEST_PLAIN
    if even and not plain:
        ink = without_rules(ink)
    drawing = one_drawing(ink)
    if drawing is None or (even and is_all(drawing, ink, plain)):
        return steps_of(gray, ink, ink_box(ink)), 0
    return steps_of(gray, drawing.ink, drawing.box), drawing.others


def is_all(drawing: Drawing, ink: np.ndarray, plain: bool) -> bool:
    """Whether there is nothing but the drawing in a picture of even ground, up to a few specks within it."""
    if plain:
        return not drawing.marked
    return not drawing.others and drawing.specks < DUSTY and drawing.box == ink_box(ink)
