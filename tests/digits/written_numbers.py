"""Numbers written by a made-up hand: digits as strokes, painted as on the pad, without any data."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from digits.number_pieces import Mark

Stroke = list[tuple[float, float]]

STROKES: dict[str, list[Stroke]] = {
    "0": [[(50, 0), (20, 10), (5, 50), (20, 90), (50, 100), (75, 90), (88, 50), (75, 10), (50, 0)]],
    "1": [[(10, 0), (10, 35), (9, 70), (10, 100)]],
    "2": [[(5, 20), (20, 3), (45, 0), (62, 15), (60, 38), (35, 68), (3, 98), (40, 97), (70, 98)]],
    "3": [[(5, 8), (30, 0), (55, 10), (55, 30), (25, 46), (58, 60), (62, 82), (40, 100), (5, 92)]],
    "4": [[(30, 0), (15, 30), (2, 62), (40, 62), (75, 60)], [(55, 25), (54, 60), (52, 100)]],
    "5": [[(12, 2), (10, 25), (8, 42), (40, 38), (62, 58), (58, 85), (30, 100), (2, 92)], [(12, 2), (40, 1), (65, 0)]],
    "7": [[(2, 2), (35, 0), (70, 2), (52, 40), (40, 70), (32, 100)]],
}
"""The strokes of each digit, 100 high; 4 and 5 have two."""


def written(number: str, gap: float = 22, size: float = 1.2, pen: int = 12) -> list[list[Mark]]:
    """The marks of each digit of a number; `gap` is the paper between the digits' lines, in hundredths of their height."""
    left, digits = 20.0, []
    for character in number:
        strokes = [np.array(stroke) for stroke in STROKES[character]]
        digits.append([mark(stroke * size + [left, 30], pen) for stroke in strokes])
        left += size * (np.concatenate(strokes)[:, 0].max() + gap)
    return digits


def mark(points: np.ndarray, pen: int) -> Mark:
    """A stroke as the page sends it: its own pixels, and its points."""
    left, top = np.floor(points.min(axis=0) - pen).astype(int)
    width, height = np.ceil(points.max(axis=0) + pen).astype(int) - (left, top)
    image = Image.new("L", (int(width), int(height)))
    line = [(float(x - left), float(y - top)) for x, y in points]
    ImageDraw.Draw(image).line(line, fill=255, width=pen, joint="curve")
    for x, y in (line[0], line[-1]):
        ImageDraw.Draw(image).ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return Mark(np.asarray(image), int(left), int(top), points)
