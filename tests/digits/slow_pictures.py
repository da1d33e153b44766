"""Picture files of countless, endless or nested marks, which are slow to look through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from picture_files import encoded
from PIL import Image

SIDE = 1000
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def inked(where: np.ndarray) -> np.ndarray:
    return np.uint8(np.where(where, 0, 255))


def noise(share: float) -> np.ndarray:
    return inked(np.random.default_rng(0).random((SIDE, SIDE)) < share)


def comb() -> np.ndarray:
    return inked(((COLUMNS % 2 == 0) & (ROWS < SIDE // 2)) | (ROWS == SIDE // 2))


def spiral() -> np.ndarray:
    """One stroke of a pixel's width that winds through the picture, as long as half its pixels."""
    paper = np.full((SIDE, SIDE), 255, np.uint8)
    for turn in range(2, 498, 4):
        paper[turn, turn - 2 : 1000 - turn] = paper[1000 - turn, turn : 1000 - turn + 1] = 0
        paper[turn : 1000 - turn, 999 - turn] = paper[turn + 4 : 1000 - turn, turn] = 0
        paper[turn + 2 : turn + 5, turn : turn + 3] = 0
    return paper


def angles() -> np.ndarray:
    return inked(np.minimum(ROWS, COLUMNS) % 5 == 0)


def frames() -> np.ndarray:
    """Squares in squares, in which no digit is found."""
    from_edge = np.minimum(np.minimum(ROWS, COLUMNS), SIDE - 1 - np.maximum(ROWS, COLUMNS))
    return inked(from_edge % 6 < 2)


def animation() -> bytes:
    pictures = [Image.fromarray(np.roll(frames(), shift, axis=0)) for shift in range(12)]
    return encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


def boxes() -> np.ndarray:
    down, right = ROWS % 10, COLUMNS % 10
    return inked((down < 8) & (right < 8) & ((down % 7 == 0) | (right % 7 == 0)))


def text() -> np.ndarray:
    """Words of a printed page: short strokes in lines."""
    rng = np.random.default_rng(0)
    letters = rng.random((SIDE // 10, SIDE // 5, 7, 3)) < 0.6
    page = np.zeros((SIDE // 10, 10, SIDE // 5, 5), bool)
    page[:, :7, :, :3] = letters.transpose(0, 2, 1, 3)
    return inked(page.reshape(SIDE, SIDE))


ARRAYS: dict[str, Callable[[], np.ndarray]] = {
    "specks": lambda: inked((ROWS % 2 == 0) & (COLUMNS % 2 == 0)),
    "dots": lambda: inked((ROWS % 3 == 0) & (COLUMNS % 3 == 0)),
    "checkerboard": lambda: inked((ROWS + COLUMNS) % 2 == 0),
    "rings": lambda: inked(np.hypot(ROWS - 500, COLUMNS - 500).astype(int) % 3 == 0),
    "comb": comb,
    "grid": lambda: np.uint8(np.where((ROWS % 3 == 0) | (COLUMNS % 3 == 0), 120, 255)),
    "spiral": spiral,
    "angles": angles,
    "frames": frames,
    "boxes": boxes,
    "text": text,
    "noise 2 %": lambda: noise(0.02),
    "noise 8 %": lambda: noise(0.08),
    "noise 30 %": lambda: noise(0.3),
    "gray noise": lambda: np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8),
    "16 bits": lambda: np.random.default_rng(0).integers(0, 65536, (2 * SIDE, 2 * SIDE)).astype(np.uint16),
    "49 megapixels": lambda: np.kron(comb(), np.ones((7, 7), np.uint8)),
}

SLOW: dict[str, Callable[[], bytes]] = {
    **{name: lambda make=make: encoded(Image.fromarray(make()), "PNG", compress_level=1) for name, make in ARRAYS.items()},
    "animation": animation,
}
"""By name."""
