"""From the bytes of images to the numbers that a network takes."""

from __future__ import annotations

import numpy as np

from nn.layers import Array


def scale(pixels: np.ndarray) -> Array:
    """Bytes 0…255 as float32 0…1, in an array of the same shape."""
    return pixels.astype(np.float32) / 255
