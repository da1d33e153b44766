"""Picture files on the page's pad."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from digits.preprocessing import Steps, resized
from web import shared_memory

if TYPE_CHECKING:
    from digits.picture_file import Picture

LONGER_SIDE = 200
"""Of a picture's ink on the pad, in pad units: as large as people draw."""


@lru_cache(maxsize=2)
def decoded(data: bytes) -> Picture:
    """The digit in the bytes of a picture file; raises PictureError (`digits.picture_file.read_picture`)."""
    from digits.picture_file import read_picture  # needs Pillow, which comes with the first picture only

    return read_picture(data)


def ink_on_pad(steps: Steps) -> np.ndarray:
    """(280, 280) float32, 0…1: the ink found in a picture, cut out, scaled, and in the middle of the pad; all 0 without ink."""
    pad = np.zeros((shared_memory.SIDE, shared_memory.SIDE), np.float32)
    if steps.box is None:
        return pad
    top, bottom, left, right = steps.box
    scaled = resized(steps.ink[top:bottom, left:right], LONGER_SIDE)
    rows, columns = scaled.shape
    y, x = (shared_memory.SIDE - rows) // 2, (shared_memory.SIDE - columns) // 2
    pad[y : y + rows, x : x + columns] = scaled
    return pad
