"""From the bytes of images to the numbers that a network takes, and images at positions between their pixels."""

from __future__ import annotations

import numpy as np

from nn.layers import Array


def scale(pixels: np.ndarray) -> Array:
    """Bytes 0…255 as float32 0…1, in an array of the same shape."""
    return pixels.astype(np.float32) / 255


def interpolate(images: Array, rows: Array, columns: Array) -> Array:
    """Each image at its own positions, by bilinear interpolation of the four pixels around each.

    Args:
        images: (batch, side, side) float32.
        rows, columns: (batch, count) float32, at least 0 and less than side − 1.
    Returns:
        (batch, count) float32.
    """
    side = images.shape[1]
    (down, top), (right, left) = np.modf(rows), np.modf(columns)
    corner = (top * side + left).astype(np.int32) + (np.arange(len(images), dtype=np.int32) * side**2)[:, None]
    flat = images.reshape(-1)
    a: Array = flat.take(corner)
    b = flat.take(corner + 1)
    corner += side
    c, d = flat.take(corner), flat.take(corner + 1)
    a += right * (b - a)
    c += right * (d - c)
    a += down * (c - a)
    return a
