"""More training images: the grammar's digits, outlined and printed digits; signs, printed letters and crossed-out digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits.preprocessing import preprocess
from research.digit_grammar import Style
from research.ink import PAD, Ink, Placement, draw, place, render
from research.pen_images import as_bytes, bend, image_of

# Those that look like no digit.
PRINTED = "AEFHKMNPRTWXYadefhkmnprtwxy@#%&?!+=<>{}§€£*"
HELD_OUT_TYPEFACES = ("Serif", "Math")  # in the name of the file; no network is trained on them


def grammar_images(styles: Mapping[str, tuple[int, Style]], each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Every style `each` times: images (n, 784) and labels (n,), uint8, one style after another."""
    images, labels = np.empty((each * len(styles), 784), np.uint8), np.empty(each * len(styles), np.uint8)
    programs = list(styles.values())
    for i in range(len(images)):
        rng = np.random.default_rng([seed, 4, i])
        labels[i], style = programs[i // each]
        images[i] = image_of(bend(style(rng), rng), rng)
    return images, labels


def outlined_images(ink: Ink, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits of which only the outline is drawn: images (n, 784) and labels (n,), uint8."""
    images, chosen = np.empty((count, 784), np.uint8), np.random.default_rng([seed, 5]).integers(0, len(ink), count)
    for i, drawing in enumerate(chosen):
        rng = np.random.default_rng([seed, 5, i])
        strokes, wide = bend(ink[drawing], rng), rng.uniform(0.12, 0.22)
        line = rng.uniform(0.02, 0.035)
        outer = Placement(size=0.6, pen=wide)
        inner = draw(place(strokes, outer), (wide - 2 * line) * PAD)
        images[i] = as_image(np.where(inner > 0, 0, render(strokes, outer)).astype(np.uint8))
    return images, ink.label[chosen].astype(np.uint8)


def crossed_out_images(ink: Ink, count: int, seed: int) -> np.ndarray:
    """Digits crossed out with an X, several lines or a zigzag: (count, 784) uint8."""
    images = np.empty((count, 784), np.uint8)
    for i in range(count):
        rng = np.random.default_rng([seed, 6, i])
        strokes = ink[int(rng.integers(len(ink)))]
        points = np.concatenate(strokes)
        low, size = points.min(axis=0) - 60, np.maximum(np.ptp(points, axis=0), 350) + 120
        if rng.random() < 0.4:
            lines = [[[0, 0], [1, 1]], [[1, 0], [0, 1]]]
        elif rng.random() < 0.5:
            lines = [[[0, y + 0.1], [1, y - 0.1]] for y in np.linspace(0.25, 0.75, rng.integers(2, 5))]
        else:
            lines = [[[k % 2, y] for k, y in enumerate(np.linspace(0.05, 0.95, rng.integers(6, 12)))]]
        over = [
            (low + size * (np.array(line) + 0.06 * rng.standard_normal((len(line), 2)))).astype(np.float32) for line in lines
        ]
        images[i] = image_of([*strokes, *over], rng, 0.1)
    return images


def typefaces(folder: Path, held_out: bool) -> list[Path]:
    """The .ttf files of a folder that are trained on, or those held out; raises ValueError if there are none."""
    fonts = [
        path for path in sorted(folder.rglob("*.ttf")) if any(name in path.name for name in HELD_OUT_TYPEFACES) == held_out
    ]
    if not fonts:
        raise ValueError(f"{folder} has no typefaces (.ttf) to use")
    return fonts


def printed_images(fonts: Sequence[Path], characters: str, count: int, seed: int) -> np.ndarray:
    """The characters in turn, each in a random typeface, a little tilted: (count, 784) uint8."""
    images = np.empty((count, 784), np.uint8)
    opened = [ImageFont.truetype(path, 170) for path in fonts]
    for i in range(count):
        rng = np.random.default_rng([seed, 7, i])
        image = Image.new("L", (PAD, PAD))
        font, character = opened[rng.integers(len(opened))], characters[i % len(characters)]
        ImageDraw.Draw(image).text((PAD / 2, PAD / 2), character, fill=255, font=font, anchor="mm")
        images[i] = as_image(np.asarray(image.rotate(rng.uniform(-8, 8))))
    return images


def sign_images(signs: Ink, variants: int, seed: int) -> np.ndarray:
    """Signs of other alphabets, each `variants` times: (n, 784) uint8."""
    rngs = [np.random.default_rng([seed, 8, i]) for i in range(variants * len(signs))]
    return np.stack([image_of(bend(signs[i % len(signs)], rng), rng) for i, rng in enumerate(rngs)])


def as_image(pixels: np.ndarray) -> np.ndarray:
    """Light ink on dark, preprocessed: (784,) uint8."""
    return as_bytes(preprocess(pixels, "light-on-dark").image)
