"""Preprocessing: from a picture of a digit to the network's 784 inputs, the way MNIST itself was made.

"The original black and white images were size normalized to fit in a 20x20 pixel box while preserving their aspect ratio
[…] centered in a 28x28 image by computing the center of mass of the pixels" (LeCun et al., "THE MNIST DATABASE").
A network reads well only what looks like its training data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SIDE, BOX = 28, 20
MIDDLE = 14.5  # MNIST's mean center of mass, measured over its training images: the middle of pixel 14
POLARITIES = ("auto", "light-on-dark", "dark-on-light")

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Steps:
    """The result of each preprocessing step; all arrays float32, 0…1.

    Attributes:
        gray: (height, width), the picture's brightness.
        ink: (height, width), 1 where there is ink and 0 where there is none.
        box: (top, bottom, left, right) of the ink, or None without ink.
        scaled: (h, w), the box scaled to 20 pixels on its longer side; (0, 0) without ink.
        image: (28, 28), the scaled digit with its center of mass at (14.5, 14.5); all 0 without ink.
    """

    gray: np.ndarray
    ink: np.ndarray
    box: Box | None
    scaled: np.ndarray
    image: np.ndarray


def preprocess(pixels: np.ndarray, polarity: str = "auto") -> Steps:
    """Turn a picture into the network's input, `.image.reshape(1, 784)`.

    Args:
        pixels: (height, width), or (height, width, 1, 2, 3 or 4): gray, gray and alpha, RGB or RGBA. Integers range
            to their type's maximum, floats to 1.
        polarity: "light-on-dark" or "dark-on-light" ink; "auto" decides from the picture.
    Raises:
        ValueError: the array is empty or has a shape or type that no picture has.
    """
    gray = to_gray(pixels)
    ink = find_ink(gray, polarity)
    return steps_of(gray, ink, ink_box(ink))


def steps_of(gray: np.ndarray, ink: np.ndarray, box: Box | None) -> Steps:
    """The remaining steps, from the ink and its box to the network's input."""
    if box is None:
        return Steps(gray, ink, None, np.zeros((0, 0), np.float32), np.zeros((SIDE, SIDE), np.float32))
    top, bottom, left, right = box
    scaled = scale(ink[top:bottom, left:right])
    return Steps(gray, ink, box, scaled, center(scaled))


def to_gray(pixels: np.ndarray) -> np.ndarray:
    """Brightness (height, width) float32, 0…1: see `brightness` and, for transparent pictures, `over_background`."""
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or not pixels.size:
        raise ValueError(f"a picture is (height, width) or (height, width, 1…4) and not empty; this is {pixels.shape}")
    if pixels.dtype.kind not in "buf":
        raise ValueError(f"a picture's values are unsigned integers or floats, not {pixels.dtype}")
    largest = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    values = pixels.astype(np.float32) / np.float32(largest)
    if not np.isfinite(values).all():
        raise ValueError("a picture's values must be finite, and some of these are not")
    gray = values[:, :, 0] if values.shape[2] < 3 else brightness(values[:, :, :3])
    return over_background(gray, values[:, :, -1]) if values.shape[2] in (2, 4) else gray


LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def brightness(colors: np.ndarray) -> np.ndarray:
    """(height, width): luma of ITU-R BT.601; or the color that differs most from pixel to pixel, where that shows the strokes
    three times as clearly: red ink on an equally bright green, for example."""
    changes = np.concatenate([np.diff(colors, axis=axis).reshape(-1, 3) for axis in (0, 1)])
    energy = changes.T @ changes
    strengths, axes = np.linalg.eigh(energy)
    if strengths[-1] <= 9 * (LUMA @ energy @ LUMA):
        return colors @ LUMA
    axis = axes[:, -1] * (1 if axes[:, -1].sum() > 0 else -1)
    return (colors @ axis - np.minimum(axis, 0).sum()) / np.abs(axis).sum()


def over_background(gray: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """A picture with transparent parts as it was meant to be seen.

    A window with a shadow or soft corners is placed on more of its own background. Where only the ink is opaque, dark ink was
    drawn for white paper, and light ink for a blackboard.
    """
    if alpha.min() == alpha.max():
        return gray  # says nothing, even if it is 0 everywhere: some programs write no alpha
    solid = alpha > 0.9 * alpha.max()
    box = ink_box(solid, 0)
    if box is not None and solid.sum() > 0.6 * (box[1] - box[0]) * (box[3] - box[2]):
        inner = np.pad(solid, 1)
        rim = solid & ~(inner[2:, 1:-1] & inner[:-2, 1:-1] & inner[1:-1, 2:] & inner[1:-1, :-2])
        ground = np.median(gray[rim])
        if (np.abs(gray[solid] - ground) > 0.2).mean() > 0.01:
            return np.where(solid, gray, ground)
    dark = float((gray * alpha).sum()) < 0.5 * float(alpha.sum())
    return gray * alpha + (1 - alpha) * np.float32(dark)


def find_ink(gray: np.ndarray, polarity: str = "auto") -> np.ndarray:
    """The amount of ink at each pixel: float32, 1 at the strongest; all 0 if nothing stands out.

    The background is the median of the picture's border; ink is what differs from it, in the direction in which more does.
    """
    if polarity not in POLARITIES:
        raise ValueError(f"polarity is one of {', '.join(POLARITIES)}, not {polarity!r}")
    if polarity == "light-on-dark":
        return gray
    if polarity == "dark-on-light":
        return 1 - gray
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    background = np.median(border)
    difference = gray - background
    if np.square(np.minimum(difference, 0)).sum() > np.square(np.maximum(difference, 0)).sum():
        difference = -difference
    grain = 1.5 * float(np.median(np.abs(border - background)))
    strongest = float(difference.max())
    if strongest < max(0.08, 4 * grain):
        return np.zeros_like(gray)
    ink = np.clip(difference / strongest, 0, 1)
    return np.where(ink > 4 * grain / strongest, ink, 0).astype(np.float32)


def ink_box(ink: np.ndarray, faintest: float = 0.1) -> Box | None:
    """(top, bottom, left, right) of all ink stronger than `faintest`, or None."""
    inked = ink > faintest
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def scale(crop: np.ndarray) -> np.ndarray:
    """The crop scaled to 20 pixels on its longer side.

    Averaging fades a thin pen on a large pad, and MNIST's strokes are not faded: so the result is divided by the mean of
    its ten strongest pixels.
    """
    scaled = resized(crop, BOX)
    strongest = np.sort(scaled, axis=None)[-10:].mean()
    return np.minimum(scaled / strongest, 1).astype(np.float32)


def resized(image: np.ndarray, longer_side: int) -> np.ndarray:
    """The image with `longer_side` pixels on its longer side, by area averaging."""
    rows, columns = (max(1, round(side * longer_side / max(image.shape))) for side in image.shape)
    return area_weights(image.shape[0], rows) @ image @ area_weights(image.shape[1], columns).T


@lru_cache(maxsize=256)
def area_weights(length: int, parts: int) -> np.ndarray:
    """(parts, length) float32: row i averages the pixels [i, i + 1) · length / parts of a line of `length` pixels."""
    edges = np.linspace(0, length, parts + 1)
    pixel = np.arange(length)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (np.maximum(overlap, 0) * (parts / length)).astype(np.float32)


def center(scaled: np.ndarray) -> np.ndarray:
    """(28, 28): the digit shifted by whole pixels so that its center of mass is in the middle; nothing is cut off."""
    image = np.zeros((SIDE, SIDE), np.float32)
    height, width = scaled.shape
    mass = scaled.sum()
    top = MIDDLE - (scaled.sum(axis=1) @ (np.arange(height) + 0.5)) / mass
    left = MIDDLE - (scaled.sum(axis=0) @ (np.arange(width) + 0.5)) / mass
    top, left = min(max(round(float(top)), 0), SIDE - height), min(max(round(float(left)), 0), SIDE - width)
    image[top : top + height, left : left + width] = scaled
    return image
