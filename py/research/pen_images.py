"""Pen drawings as training images: each is rendered many times, with different deformations and pens.

The strokes are deformed and rendered, and the picture goes through the same preprocessing as in the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digits.preprocessing import preprocess
from research.doodles import KINDS, Doodle
from research.ink import Ink, InkError, Placement, Stroke, render

FAIR_LETTERS = tuple("AEFHKMNPRTWXadefhkmnprtwx")  # those that look like no digit
THINNEST, THICKEST = 0.02, 0.19  # pens, as parts of the longer side of the drawing


def bend(strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """The strokes stretched, slanted and rotated, and each point displaced a little by a smooth field."""
    tall, wide = np.exp(rng.uniform(-0.2, 0.2, 2))
    slant, angle = rng.uniform(-0.25, 0.25), np.deg2rad(rng.uniform(-15, 15))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    frequency, phase = rng.uniform(0.002, 0.007, (2, 2)), rng.uniform(0, 2 * np.pi, 2)
    amount = rng.uniform(0, 35)
    out = []
    for stroke in strokes:
        moved = (stroke * [wide, tall] + np.outer(stroke[:, 1], [slant, 0])) @ turn
        out.append((moved + amount * np.sin(stroke @ frequency + phase)).astype(np.float32))
    return out


def slash(strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A zero with a stroke through it, from the lower left to the upper right."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    reach = rng.uniform(-0.15, 0.2, 4)
    start = low + (high - low) * [reach[0], 1 - reach[1]]
    end = low + (high - low) * [1 - reach[2], reach[3]]
    return [*strokes, np.array([start, end], np.float32)]


def bar(strokes: Sequence[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A seven with a bar through its stem."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    level = low[1] + rng.uniform(0.42, 0.62) * (high[1] - low[1])
    near = points[np.abs(points[:, 1] - level) < 0.12 * (high[1] - low[1])]
    middle = near[:, 0].mean() if len(near) else (low[0] + high[0]) / 2
    half = rng.uniform(0.15, 0.35) * (high[1] - low[1])
    tilt = rng.uniform(-0.08, 0.08) * half
    return [*strokes, np.array([[middle - half, level + tilt], [middle + half, level - tilt]], np.float32)]


def image_of(strokes: Sequence[Stroke], rng: np.random.Generator, thickest: float = THICKEST) -> np.ndarray:
    """The strokes rendered with a random pen width and preprocessed: (784,) uint8."""
    size = rng.uniform(0.35, 0.8)
    pen = size * np.exp(rng.uniform(np.log(THINNEST), np.log(thickest)))
    return as_bytes(preprocess(render(strokes, Placement(size=size, pen=pen)), "light-on-dark").image)


def as_bytes(image: np.ndarray) -> np.ndarray:
    """An image (28, 28), 0…1, as MNIST stores it: (784,) uint8."""
    return np.round(image * 255).astype(np.uint8).reshape(784)


def digit_images(ink: Ink, variants: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Each drawing `variants` times, some zeros with a slash, some sevens with a bar: images (n, 784), labels (n,), uint8."""
    images = np.empty((variants * len(ink), 784), np.uint8)
    for i in range(len(images)):
        rng = np.random.default_rng([seed, i])
        drawing = i % len(ink)
        strokes, label = ink[drawing], ink.label[drawing]
        if label == 0 and rng.random() < 0.12:
            strokes = slash(strokes, rng)
        elif label == 7 and rng.random() < 0.12:
            strokes = bar(strokes, rng)
        images[i] = image_of(bend(strokes, rng), rng)
    return images, np.tile(ink.label.astype(np.uint8), variants)


def letter_images(letters: Ink, variants: int, seed: int) -> np.ndarray:
    """The letters that look like no digit, each `variants` times: (n, 784) uint8."""
    fair = fair_letters(letters)
    rngs = [np.random.default_rng([seed, 1, i]) for i in range(variants * len(fair))]
    return np.stack([image_of(bend(letters[fair[i % len(fair)]], rng), rng) for i, rng in enumerate(rngs)])


def fair_letters(letters: Ink) -> list[int]:
    """The indices of the letters that look like no digit; raises InkError if there are none."""
    if not (fair := [index for index, label in enumerate(letters.label) if str(label) in FAIR_LETTERS]):
        raise InkError(f"the ink file of letters has none of {', '.join(FAIR_LETTERS)}")
    return fair


def doodle_images(count: int, seed: int, kinds: Sequence[Doodle] = KINDS) -> np.ndarray:
    """Drawings that are no digits, of all kinds in turn: (count, 784) uint8."""
    rngs = [np.random.default_rng([seed, 2, i]) for i in range(count)]
    return np.stack([image_of(kinds[i % len(kinds)](rng), rng, 0.3) for i, rng in enumerate(rngs)])


def crowd_images(ink: Ink, count: int, seed: int) -> np.ndarray:
    """Two or three digits side by side, which are not a single digit: (count, 784) uint8."""
    images = np.empty((count, 784), np.uint8)
    for i in range(count):
        rng = np.random.default_rng([seed, 3, i])
        strokes, left = [], 0.0
        for drawing in rng.integers(0, len(ink), rng.integers(2, 4)):
            points = np.concatenate(ink[drawing])
            shift = np.array([left - points[:, 0].min(), 0], np.float32)
            strokes += [stroke + shift for stroke in ink[drawing]]
            left += np.ptp(points[:, 0]) + rng.uniform(60, 400)
        images[i] = image_of(strokes, rng, 0.08)
    return images
