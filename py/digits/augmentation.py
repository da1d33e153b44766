"""Augmentation: every image of a batch is tilted, slanted, stretched, thickened or thinned by random amounts of its own.

The whole batch at once: a displacement for each pixel (affine, plus a smooth random field: Simard, Steinkraus, Platt 2003,
"Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis", section 2) and one bilinear
interpolation, then the pen's width, a little blur and a little noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from digits.preprocessing import SIDE
from nn import pixels
from nn.layers import Dense

PIXELS = SIDE * SIDE
MARGIN = 2  # empty pixels around the image, for interpolation just outside of it


@dataclass(frozen=True)
class Deformation:
    """The largest deformations; each image gets random amounts up to them.

    Attributes:
        tilt: degrees, to either side.
        slant: of vertical lines, as a tangent.
        stretch: of each side, as a part of it.
        shift: pixels, in each direction.
        elastic: pixels, the standard deviation of the smooth field.
        width: change of the pen's width: 1 is one pixel on each side.
        blur: the share of images that are blurred.
        noise: the standard deviation of the noise.
    """

    tilt: float = 15.0
    slant: float = 0.25
    stretch: float = 0.15
    shift: float = 1.2
    elastic: float = 0.6
    width: float = 0.6
    blur: float = 0.15
    noise: float = 0.04

    def scaled(self, share: float) -> Deformation:
        """The same with a `share` of each geometric deformation."""
        names = ("tilt", "slant", "stretch", "shift", "elastic", "width")
        return replace(self, **{name: share * getattr(self, name) for name in names})


def _smooth_field_basis(knots: int = 8) -> np.ndarray:
    """(28, knots): each pixel as a weighted sum of a few random knots, Gaussian with a width of 4 pixels, variance 1."""
    pixel = np.arange(SIDE)[:, None]
    knot = np.linspace(-2, SIDE + 1, knots)[None, :]
    bell = np.exp(-0.5 * ((pixel - knot) / 4.0) ** 2)
    basis: np.ndarray = (bell / np.sqrt(np.square(bell).sum(axis=1, keepdims=True))).astype(np.float32)
    return basis


FIELD = _smooth_field_basis()
SMOOTH = Dense(PIXELS)  # from knots to a field: in the browser, the kernel computes it
SMOOTH.parameters = {"weights": np.kron(FIELD, FIELD).T.copy(), "bias": np.zeros(PIXELS, np.float32)}
CENTER = (SIDE - 1) / 2
ROWS, COLUMNS = (axis.reshape(1, PIXELS).astype(np.float32) - CENTER for axis in np.mgrid[:SIDE, :SIDE])


def augment(images: np.ndarray, rng: np.random.Generator, how: Deformation | None = None) -> np.ndarray:
    """Deformed copies of `images` (batch, 784), uint8 or float32 0…1; returns (batch, 784) float32 0…1."""
    how = how or Deformation()
    if images.dtype == np.uint8:
        images = images.astype(np.float32) * np.float32(1 / 255)
    images = warp(images, rng, how)
    images = change_width(images, rng, how.width)
    return add_noise(blur(images, rng, how.blur), rng, how.noise)


def warp(images: np.ndarray, rng: np.random.Generator, how: Deformation) -> np.ndarray:
    """Affine deformation about the middle, plus a smooth random displacement."""
    batch = len(images)

    def uniform(limit: float) -> np.ndarray:
        return rng.uniform(-limit, limit, (batch, 1)).astype(np.float32)

    angle, slant = uniform(np.deg2rad(how.tilt)), uniform(how.slant)
    tall, wide = np.exp(uniform(how.stretch)), np.exp(uniform(how.stretch))
    cos, sin = np.cos(angle), np.sin(angle)
    down, right = elastic_field(batch, rng, how.elastic)
    rows = cos * tall * ROWS - sin * wide * COLUMNS + uniform(how.shift) + down
    columns = (sin * tall + slant) * ROWS + cos * wide * COLUMNS + uniform(how.shift) + right
    return interpolate(images, rows + CENTER, columns + CENTER)


def elastic_field(batch: int, rng: np.random.Generator, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Two smooth random fields (batch, 784) of standard deviation `sigma` pixels: displacements down and right."""
    knots = np.float32(sigma) * rng.standard_normal((2 * batch, FIELD.shape[1] ** 2), np.float32)
    field = SMOOTH.forward(knots)
    return field[:batch], field[batch:]


def interpolate(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Each image at positions between its pixels, by bilinear interpolation; 0 outside. All (batch, 784) float32."""
    padded_side = SIDE + 2 * MARGIN
    padded = np.zeros((len(images), padded_side, padded_side), np.float32)
    padded[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = images.reshape(-1, SIDE, SIDE)
    limit = padded_side - 1.001
    rows, columns = np.clip(rows + MARGIN, 0, limit), np.clip(columns + MARGIN, 0, limit)
    return pixels.interpolate(padded, rows, columns)


def neighbors(images: np.ndarray, combine: np.ufunc) -> np.ndarray:
    """Each pixel combined with its four neighbors (np.maximum: a wider pen; np.minimum: a thinner one)."""
    square = images.reshape(-1, SIDE, SIDE)
    out = square.copy()
    combine(out[:, 1:], square[:, :-1], out=out[:, 1:])
    combine(out[:, :-1], square[:, 1:], out=out[:, :-1])
    combine(out[:, :, 1:], square[:, :, :-1], out=out[:, :, 1:])
    combine(out[:, :, :-1], square[:, :, 1:], out=out[:, :, :-1])
    return out.reshape(images.shape)


def change_width(images: np.ndarray, rng: np.random.Generator, most: float) -> np.ndarray:
    """A wider or thinner pen: part of the way from an image to its dilation or erosion; half of the images are unchanged."""
    amount = rng.uniform(-2 * most, 2 * most, (len(images), 1)).astype(np.float32)
    amount = np.sign(amount) * np.maximum(np.abs(amount) - most, 0)
    out = images.copy()
    for chosen, combine in ((amount[:, 0] > 0, np.maximum), (amount[:, 0] < 0, np.minimum)):
        some = images[chosen]
        out[chosen] = some + np.abs(amount[chosen]) * (neighbors(some, combine) - some)
    return out


def blur(images: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """A `share` of the images blurred: part of the way to the mean of each pixel and its four neighbors."""
    chosen = rng.random(len(images)) < share
    some = images[chosen]
    amount = rng.uniform(0.3, 1, (len(some), 1)).astype(np.float32)
    images = images.copy()
    images[chosen] = some + amount * (neighbors(some, np.add) / 5 - some)
    return images


def add_noise(images: np.ndarray, rng: np.random.Generator, most: float) -> np.ndarray:
    """Noise with a standard deviation of up to `most`, different for each image; clipped to 0…1."""
    amount = np.maximum(rng.uniform(-most, most, (len(images), 1)), 0).astype(np.float32)
    images, chosen = images.copy(), amount[:, 0] > 0
    images[chosen] += amount[chosen] * rng.standard_normal((np.count_nonzero(chosen), PIXELS), np.float32)
    return np.clip(images, 0, 1, out=images)
