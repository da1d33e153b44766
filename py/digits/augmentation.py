"""Augmentation: every image of a batch is tilted, slanted, stretched, thickened or thinned by random amounts of its own.

The whole batch at once: a displacement for each pixel (affine, plus a smooth random field: Simard, Steinkraus, Platt 2003,
"Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis", section 2) and one bilinear
interpolation, then the pen's width, a little blur and a little noise. Images are (batch, 28, 28) float32.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from digits.preprocessing import SIDE
from nn import pixels
from nn.layers import Array


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


CENTER = (SIDE - 1) / 2
LINE = np.arange(SIDE) - CENTER
KNOTS = 8


def _smooth_field_basis() -> Array:
    """(28, KNOTS): each pixel as a weighted sum of the random knots around it, variance 1.

    The weights are raised cosines, about as wide as Gaussians of 4 pixels, but 0 from 11 pixels on, which saves time.
    """
    knots = np.linspace(-2, SIDE + 1, KNOTS)
    bell = np.cos(np.pi / 2 * np.clip((np.arange(SIDE)[:, None] - knots) / 11, -1, 1)) ** 2
    bell[bell < 1e-9] = 0
    return (bell / np.sqrt(np.square(bell).sum(axis=1, keepdims=True))).astype(np.float32)


FIELD = _smooth_field_basis()
BASIS = np.column_stack([FIELD, np.ones(SIDE), LINE]).astype(np.float32)
"""(28, KNOTS + 2). With knots for the last two columns, a field also has a shift and affine terms."""


def augment(images: np.ndarray, rng: np.random.Generator, how: Deformation | None = None) -> Array:
    """Deformed copies of `images` (batch, 784), uint8 or float32 0…1; returns (batch, 784) float32 0…1."""
    how = how or Deformation()
    square = (pixels.scale(images) if images.dtype == np.uint8 else images).reshape(-1, SIDE, SIDE)
    batch = len(images)
    shares = random_widths(batch, rng, how.width), random_blurs(batch, rng, how.blur), random_noise(batch, rng, how.noise)
    return pixels.roughen(warp(square, rng, how), *shares).reshape(images.shape)


def warp(images: Array, rng: np.random.Generator, how: Deformation) -> Array:
    """Affine deformation about the middle, plus a smooth random displacement."""
    limits = np.array([np.deg2rad(how.tilt), how.slant, how.stretch, how.stretch, how.shift, how.shift])
    angle, slant, tall, wide, down, right = limits[:, None] * rng.uniform(-1, 1, (6, len(images)))
    cos, sin, tall, wide = np.cos(angle), np.sin(angle), np.exp(tall), np.exp(wide)
    one, line = KNOTS, KNOTS + 1
    knots = np.zeros((len(images), 2, KNOTS + 2, KNOTS + 2), np.float32)
    knots[:, :, :KNOTS, :KNOTS] = elastic_knots(len(images), rng, how.elastic)
    row, column = knots[:, 0], knots[:, 1]
    row[:, line, one], row[:, one, line], row[:, one, one] = cos * tall, -sin * wide, CENTER + down
    column[:, line, one], column[:, one, line], column[:, one, one] = sin * tall + slant, cos * wide, CENTER + right
    return pixels.warp(images, BASIS, knots)


def elastic_knots(batch: int, rng: np.random.Generator, sigma: float) -> Array:
    """The knots of two smooth random fields for each image, (batch, 2, KNOTS, KNOTS): displacements down and right."""
    parts = normal_knots()[places(batch, rng, 2 * KNOTS**2)]
    return np.float32(sigma) * parts.reshape(batch, 2, KNOTS, KNOTS)


def elastic_field(batch: int, rng: np.random.Generator, sigma: float) -> Array:
    """Smooth random fields (batch, 2, 28, 28) of standard deviation `sigma` pixels."""
    return FIELD @ elastic_knots(batch, rng, sigma) @ FIELD.T


def random_widths(batch: int, rng: np.random.Generator, most: float) -> Array:
    """How far each image goes to its dilation, or, if negative, to its erosion: up to `most`, and 0 for half of them."""
    amount = rng.uniform(-2 * most, 2 * most, batch).astype(np.float32)
    return np.sign(amount) * np.maximum(np.abs(amount) - np.float32(most), 0)


def random_blurs(batch: int, rng: np.random.Generator, share: float) -> Array:
    """How far each image goes to its blurred copy: 0.3 to 1 for a `share` of them, and 0 for the others."""
    return rng.uniform(0.3, 1, batch).astype(np.float32) * (rng.random(batch) < share)


def random_noise(batch: int, rng: np.random.Generator, most: float) -> pixels.Noise:
    """Noise with a standard deviation of up to `most`, different for each image, and 0 for half of them."""
    amounts = np.maximum(rng.uniform(-most, most, batch), 0).astype(np.float32)
    return pixels.Noise(normal_numbers(), places(batch, rng, SIDE * SIDE), amounts)


@cache
def normal_numbers() -> Array:
    """Numbers from N(0, 1). Fields and noise are random parts of them, because drawing new ones takes longer than the rest."""
    return np.random.default_rng(0).standard_normal(2**17, np.float32)


@cache
def normal_knots() -> np.ndarray:
    """All parts of `normal_numbers()` that are as long as two fields have knots, one below the other."""
    return np.lib.stride_tricks.sliding_window_view(normal_numbers(), 2 * KNOTS**2)


def places(batch: int, rng: np.random.Generator, count: int) -> np.ndarray:
    """Where `batch` random parts of `count` numbers begin in `normal_numbers()`, int32."""
    return rng.integers(0, len(normal_numbers()) - count, batch, np.int32)
