"""Digits on bad paper and through bad cameras: noise, stripes, shadow, ruled squares, low resolution and others.

Each kind takes images (n, 28, 28) float32 in 0…1, a random generator, and a strength in 0…1 for each image, (n, 1, 1), and
returns images of the same shape. Mu and Gilmer 2019, "MNIST-C: A Robustness Benchmark for Computer Vision", describe such
kinds; these are written from scratch, so that the benchmark stays a test. Training leaves out the strengths in `MEASURED`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from digits.augmentation import elastic_field
from digits.preprocessing import SIDE
from nn.pixels import neighbors

Corruption = Callable[[np.ndarray, np.random.Generator, np.ndarray], Any]
MEASURED = 0.55, 0.65
ROW, COLUMN = np.mgrid[:SIDE, :SIDE].astype(np.float32)[:, None]


def gaussian_noise(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    return x + (0.1 + 0.35 * s) * rng.standard_normal(x.shape, np.float32)


def speckle_noise(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    return x + (0.2 + 0.6 * s) * x * rng.standard_normal(x.shape, np.float32)


def shot_noise(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    light = 40 - 35 * s
    return rng.poisson(x * light) / light


def impulse_noise(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    hit = rng.random(x.shape, np.float32) < 0.03 + 0.25 * s
    return np.where(hit, rng.random(x.shape, np.float32) < 0.5, x)


def stripes(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """Brighter bands at any angle."""
    wave = np.sin(2 * np.pi * _distance(rng, len(x)) / _each(rng, len(x), 3, 12) + _each(rng, len(x), 0, 6.3))
    return _over(x, (0.2 + 0.5 * s) * (wave > _each(rng, len(x), -0.3, 0.8)))


def shadow(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """A half-plane of the paper is darker, with a soft or hard edge."""
    edge = _distance(rng, len(x)) / _each(rng, len(x), 0.3, 5) + _each(rng, len(x), -2, 2)
    return _over(x, (0.2 + 0.55 * s) / (1 + np.exp(-edge.clip(-30, 30))))


def inverted_band(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """A band where light and dark are exchanged."""
    inside = np.abs(_distance(rng, len(x)) + _each(rng, len(x), -9, 9)) < 1 + 4 * s
    return np.where(inside, 1 - x, x)


def ruled_squares(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    step, n = _each(rng, len(x), 3.5, 10), len(x)
    lines = ((ROW + _each(rng, n, 0, 10)) % step < 1) | ((COLUMN + _each(rng, n, 0, 10)) % step < 1)
    return np.maximum(x, (0.2 + 0.65 * s) * lines)


def ruled_lines(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    step = _each(rng, len(x), 4, 14)
    return np.maximum(x, (0.3 + 0.65 * s) * ((_distance(rng, len(x), 0.2) + _each(rng, len(x), 0, 14)) % step < 1))


def stray_line(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """One thin line through the picture, some of them dotted."""
    along, dotted = (ROW + COLUMN) % 4 < 2, rng.random((len(x), 1, 1)) < 0.5
    line = np.abs(_distance(rng, len(x)) + _each(rng, len(x), -9, 9)) < 0.6
    return np.maximum(x, (0.4 + 0.6 * s) * (line & (along | ~dotted)))


def occlusion(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """A rectangle of any gray."""
    n = len(x)
    inside = np.abs(ROW - _each(rng, n, 4, 24)) < _each(rng, n, 1, 2) + 2.5 * s
    inside &= np.abs(COLUMN - _each(rng, n, 4, 24)) < _each(rng, n, 1, 2) + 2.5 * s
    return np.where(inside, _each(rng, n, 0, 1) * (rng.random((n, 1, 1)) < 0.6), x)


def low_resolution(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """Scaled down to between 20×20 and 11×11 pixels and back, smooth or in blocks, some of them thresholded."""
    out = np.empty_like(x)
    sides = np.round(20 - 9 * s[:, 0, 0]).astype(int)
    for side in np.unique(sides):
        edge = np.arange(SIDE + 1) * side / SIDE
        shares = np.clip(
            np.minimum(edge[1:], np.arange(1, side + 1)[:, None]) - np.maximum(edge[:-1], np.arange(side)[:, None]), 0, 1
        )
        shares = shares.astype(np.float32)
        out[sides == side] = (
            (shares / shares.sum(axis=0)).T @ (shares @ x[sides == side] @ shares.T) @ (shares / shares.sum(axis=0))
        )
    return np.where(rng.random((len(x), 1, 1)) < 0.3, out > 0.45, out)


def threshold(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    return x > 0.15 + 0.6 * s


def texture(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """Uneven paper: a smooth random field."""
    field = elastic_field(len(x), rng, 1.0)[:, 0]
    return _over(x, np.clip((0.1 + 0.3 * s) * (1 + field), 0, 0.75))


def contrast(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """Faint ink on gray paper."""
    return _each(rng, len(x), 0, 0.35) + x * (0.8 - 0.6 * s)


def blur(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    soft = x
    for turn in range(3):
        soft = soft + np.clip(3 * s - turn, 0, 1) * (neighbors(soft, np.add) / 5 - soft)
    return soft


def compression(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> Any:
    """The cosines of 7×7 blocks, rounded coarsely, as JPEG rounds those of 8×8 blocks."""
    k, place = np.mgrid[:7, :7]
    basis = (np.cos(np.pi * (place + 0.5) * k / 7) * np.where(k == 0, np.sqrt(1 / 7), np.sqrt(2 / 7))).astype(np.float32)
    blocks = x.reshape(-1, 4, 7, 4, 7).transpose(0, 1, 3, 2, 4)
    step = ((0.1 + 0.5 * s) * (1 + (k + place) / 4))[:, None, None]
    rounded = basis.T @ (np.round(basis @ blocks @ basis.T / step) * step) @ basis
    return rounded.transpose(0, 1, 3, 2, 4).reshape(x.shape)


KINDS: Mapping[str, Corruption] = {
    kind.__name__: kind
    for kind in (
        gaussian_noise, speckle_noise, shot_noise, impulse_noise, stripes, shadow, inverted_band, ruled_squares, ruled_lines,
        stray_line, occlusion, low_resolution, threshold, texture, contrast, blur, compression,
    )
}  # fmt: skip


def corrupted(images: np.ndarray, kind: str, rng: np.random.Generator, strength: np.ndarray | float) -> np.ndarray:
    """Images (n, 784) float32 with one kind of corruption, clipped to 0…1."""
    strengths = np.broadcast_to(np.float32(strength), (len(images),)).reshape(-1, 1, 1)
    changed = KINDS[kind](images.reshape(-1, SIDE, SIDE), rng, strengths)
    return np.clip(changed, 0, 1).astype(np.float32).reshape(images.shape)


def corrupt_some(images: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """A copy with a `share` of the images corrupted, each by a random kind with a strength outside of `MEASURED`."""
    images, kinds = images.copy(), list(KINDS)
    chosen = np.where(rng.random(len(images)) < share, rng.integers(0, len(kinds), len(images)), -1)
    low, high = MEASURED
    for number, kind in enumerate(kinds):
        if some := np.flatnonzero(chosen == number).tolist():
            strength = rng.uniform(0, 1 - (high - low), len(some))
            images[some] = corrupted(images[some], kind, rng, np.where(strength > low, strength + high - low, strength))
    return images


def _each(rng: np.random.Generator, count: int, low: float, high: float) -> Any:
    return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)


def _distance(rng: np.random.Generator, count: int, most: float = np.pi) -> Any:
    """Each pixel's distance from a line through the middle that is tilted by up to `most` radians."""
    angle = _each(rng, count, -most, most)
    return np.cos(angle) * (ROW - SIDE / 2) + np.sin(angle) * (COLUMN - SIDE / 2)


def _over(x: np.ndarray, paper: np.ndarray) -> Any:
    """Ink on paper that is not black."""
    return paper + x * (1 - paper)
