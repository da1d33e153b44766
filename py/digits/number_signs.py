"""Signs in a number: a minus, and a decimal point or a comma between digits. They are recognized by their shape
and place, with nothing above or below them."""

from __future__ import annotations

from collections.abc import Sequence

from digits.number_lattice import Piece

# Lengths are in heights of the line.
TALL = 0.6  # a piece this tall is a digit or a large part of one, beside which a sign has its place
SMALL = 0.35  # neither side of a point or comma is longer
FLAT, SHORTEST, LONGEST = 0.22, 0.2, 0.9  # the height of a minus, and its width
COMMA = 0.17  # a comma is taller than this, a point is not


def sign_of(piece: Piece, pieces: Sequence[Piece], height: float) -> str:
    """ "-", "." or ","; "" if the piece is no sign."""
    left, top, right, bottom = piece.box
    wide, tall = (right - left) / height, (bottom - top) / height
    others = [other.box for other in pieces if other is not piece]
    large = [box for box in others if box[3] - box[1] >= TALL * height]
    if piece.parts > 1 or not large or max(tall, wide) > LONGEST or any(left < box[2] and box[0] < right for box in others):
        return ""
    nearest = min(large, key=lambda box: max(left - box[2], box[0] - right))
    low, high = ((side - nearest[1]) / (nearest[3] - nearest[1]) for side in (bottom, top))
    if tall <= FLAT and SHORTEST <= wide and wide > 1.5 * tall and 0.25 < (low + high) / 2 < 0.75:
        return "-"
    between = any(box[2] <= left for box in large) and any(box[0] >= right for box in large)
    if between and max(tall, wide) <= SMALL and high > 0.65 and low > 0.85:
        return "," if tall > COMMA and tall > wide else "."
    return ""
