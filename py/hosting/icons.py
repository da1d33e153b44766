"""Writes the PNG icons of the web app manifest from the drawing of assets/icon.svg: `python3 py/hosting/icons.py`.

Standard library only; a few seconds. Run it again when the drawing changes.
"""

from __future__ import annotations

import struct
import zlib
from math import hypot
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
Colour = tuple[int, int, int]
Line = list[tuple[float, float]]

# assets/icon.svg: a square of 64 units with rounded corners, and on it lines with round ends.
SIDE, CORNER, GROUND = 64, 15, (0x24, 0x57, 0xD6)
STROKES: list[tuple[Line, float, Colour]] = [
    ([(19, 18), (44, 18), (28, 47)], 7, (0xFF, 0xFF, 0xFF)),
    ([(27, 33), (42, 33)], 5, (0xFF, 0xB0, 0x66)),
]
# name: (side in pixels, size of the drawing, whether the corners are round). Launchers cut a maskable icon down to its
# middle 80 %, and Apple's round the corners themselves.
ICONS = {
    "icon-192.png": (192, 1.0, True),
    "icon-512.png": (512, 1.0, True),
    "icon-maskable-512.png": (512, 0.8, False),
    "icon-180.png": (180, 1.0, False),
}


def icon(pixels: int, size: float, rounded: bool) -> bytes:
    """A PNG of RGBA, each edge softened over one pixel."""
    unit = SIDE / pixels
    rows = []
    for row in range(pixels):
        line = bytearray([0])  # no filter
        for column in range(pixels):
            x, y = (column + 0.5) * unit, (row + 0.5) * unit
            inside = _coverage(_outside_square(x, y), unit) if rounded else 1.0
            colour: tuple[float, ...] = GROUND
            u, v = SIDE / 2 + (x - SIDE / 2) / size, SIDE / 2 + (y - SIDE / 2) / size
            for points, width, ink in STROKES:
                share = _coverage((_distance(u, v, points) - width / 2) * size, unit)
                if share:
                    colour = tuple(c + (i - c) * share for c, i in zip(colour, ink, strict=True))
            line += bytes([*map(round, colour), round(255 * inside)])
        rows.append(bytes(line))
    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 6, 0, 0, 0)
    data = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _coverage(distance: float, unit: float) -> float:
    return min(max(0.5 - distance / unit, 0.0), 1.0)


def _outside_square(x: float, y: float) -> float:
    """Distance to the rounded square, below 0 inside of it."""
    dx, dy = (abs(at - SIDE / 2) - (SIDE / 2 - CORNER) for at in (x, y))
    return hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - CORNER


def _distance(x: float, y: float, points: Line) -> float:
    """Distance to the nearest of the line's segments."""
    nearest = float("inf")
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        dx, dy = x1 - x0, y1 - y0
        along = min(max(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0), 1)
        nearest = min(nearest, hypot(x - x0 - along * dx, y - y0 - along * dy))
    return nearest


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    for name, drawn in ICONS.items():
        (ASSETS / name).write_bytes(icon(*drawn))
