"""Images as the numbers that a network takes, and what augmentation does to them; in the browser, the kernel does it.

Images are (batch, side, side) float32, and empty (0) outside of their edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from nn.layers import Array

MARGIN = 2  # empty pixels around an image that is warped, for interpolation just outside of it


def scale(pixels: np.ndarray) -> Array:
    """Bytes 0…255 as float32 0…1, in an array of the same shape."""
    return pixels.astype(np.float32) / 255


def interpolate(images: Array, rows: Array, columns: Array) -> Array:
    """Each image at its own positions, by bilinear interpolation of the four pixels around each.

    Args:
        rows, columns: (batch, count) float32, at least 0 and less than side − 1.
    Returns:
        (batch, count) float32.
    """
    side = images.shape[1]
    (down, top), (right, left) = np.modf(rows), np.modf(columns)
    corner = (top * side + left).astype(np.int32) + (np.arange(len(images), dtype=np.int32) * side**2)[:, None]
    flat = images.reshape(-1)
    a = flat.take(corner)
    b = flat.take(corner + 1)
    corner += side
    c, d = flat.take(corner), flat.take(corner + 1)
    a += right * (b - a)
    c += right * (d - c)
    a += down * (c - a)
    return a


def warp(images: Array, basis: Array, knots: Array) -> Array:
    """Each pixel from another position of its image; the positions are weighted sums of a few knots:

        row[i, j] = Σ_{p, q} basis[i, p] · knots[0, p, q] · basis[j, q],  and the column likewise with knots[1]

    Args:
        basis: (side, count) float32.
        knots: (batch, 2, count, count) float32, different for each image.
    """
    batch, side, _ = images.shape
    padded = np.pad(images, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
    positions = np.clip(basis @ knots @ basis.T + MARGIN, 0, np.float32(side + 2 * MARGIN - 1.001))
    rows, columns = positions.reshape(batch, 2, side**2).swapaxes(0, 1)
    return interpolate(padded, rows, columns).reshape(images.shape)


def neighbors(images: Array, combine: np.ufunc) -> Array:
    """Each pixel combined with its four neighbors: np.maximum for a wider pen, np.minimum for a thinner one."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    up, down, left, right = padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]
    return reduce(combine, (images, up, down, left, right))


def change_width(images: Array, shares: Array) -> Array:
    """Each image a share (batch,) of the way to a pen that is one pixel wider on each side; or thinner, if it is negative."""
    out = images.copy()
    for chosen, combine in ((shares > 0, np.maximum), (shares < 0, np.minimum)):
        some = images[chosen]
        out[chosen] += np.abs(shares[chosen])[:, None, None] * (neighbors(some, combine) - some)
    return out


def blur(images: Array, shares: Array) -> Array:
    """Each image a share (batch,) of the way to the mean of each pixel and its four neighbors."""
    chosen, out = shares != 0, images.copy()
    some = images[chosen]
    out[chosen] += shares[chosen][:, None, None] * (neighbors(some, np.add) / 5 - some)
    return out


@dataclass(frozen=True)
class Noise:
    """A part of `numbers` (count,) for each image of a batch: from its place (batch,) int32 on, times its amount (batch,)."""

    numbers: Array
    places: np.ndarray
    amounts: Array


def add_noise(images: Array, noise: Noise) -> Array:
    """Each image plus its noise, clipped to 0…1."""
    parts = np.lib.stride_tricks.sliding_window_view(noise.numbers, images.shape[1] ** 2)[noise.places]
    noisy = images + noise.amounts[:, None, None] * parts.reshape(images.shape)
    return noisy.clip(0, 1)


def roughen(images: Array, widths: Array, blurs: Array, noise: Noise) -> Array:
    """Each image with a wider or thinner pen, blurred and noisy, by its own shares (batch,)."""
    return add_noise(blur(change_width(images, widths), blurs), noise)
