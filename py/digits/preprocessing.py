"""From any picture of a digit to the 784 numbers the network reads, the way MNIST itself was made.

"The original black and white images were size normalized to fit in a 20x20 pixel box while preserving their aspect ratio
[…] centered in a 28x28 image by computing the center of mass of the pixels" (LeCun et al., "THE MNIST DATABASE").
A network sees well only what looks like its training data: this is half of reading real drawings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SIDE, BOX = 28, 20
MIDDLE = 14.5  # where MNIST has its centres of mass: in the middle of pixel 14, measured over its training images
POLARITIES = ("auto", "light-on-dark", "dark-on-light")

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Steps:
    """What each step made of the picture; all arrays float32, 0…1.

    Attributes:
        grey: (height, width), the picture without its colours.
        ink: (height, width), 1 where the pen was and 0 where it was not.
        box: (top, bottom, left, right) of the ink, or None where there is none.
        scaled: (h, w), the box with its longer side at 20; (0, 0) without ink.
        image: (28, 28), the scaled digit with its centre of mass at (14.5, 14.5); all 0 without ink.
    """

    grey: np.ndarray
    ink: np.ndarray
    box: Box | None
    scaled: np.ndarray
    image: np.ndarray


def preprocess(pixels: np.ndarray, polarity: str = "auto") -> Steps:
    """Every step from a picture to the network's input; `.image.reshape(1, 784)` is that input.

    Args:
        pixels: (height, width), or (height, width, 1, 2, 3 or 4): grey, grey and alpha, RGB or RGBA. Integers count up to
            their type's largest, floats up to 1.
        polarity: whether the ink is lighter or darker than its ground; "auto" looks.
    Raises:
        ValueError: no picture has this shape or type, or it is empty.
    """
    grey = to_grey(pixels)
    ink = find_ink(grey, polarity)
    return steps_of(grey, ink, ink_box(ink))


def steps_of(grey: np.ndarray, ink: np.ndarray, box: Box | None) -> Steps:
    """The steps from ink that was found, and its box, to the network's input."""
    if box is None:
        return Steps(grey, ink, None, np.zeros((0, 0), np.float32), np.zeros((SIDE, SIDE), np.float32))
    top, bottom, left, right = box
    scaled = scale(ink[top:bottom, left:right])
    return Steps(grey, ink, box, scaled, centre(scaled))


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Brightness (height, width) float32, 0…1: luma of ITU-R BT.601; what is transparent shows the ground behind it."""
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or not pixels.size:
        raise ValueError(f"a picture is (height, width) or (height, width, 1…4) and not empty; this is {pixels.shape}")
    if pixels.dtype == bool:
        largest = 1
    elif np.issubdtype(pixels.dtype, np.unsignedinteger):
        largest = np.iinfo(pixels.dtype).max
    elif np.issubdtype(pixels.dtype, np.floating):
        largest = 1
    else:
        raise ValueError(f"a picture's numbers are unsigned integers or floats, not {pixels.dtype}")
    values = pixels.astype(np.float32) / np.float32(largest)
    if not np.isfinite(values).all():
        raise ValueError("a picture's numbers are finite, and some of these are not")
    colours = values.shape[2]
    grey = values[:, :, 0] if colours < 3 else values[:, :, :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    if colours in (2, 4):
        alpha = values[:, :, -1]
        # Ink on a transparent ground: dark ink was drawn for white paper, light ink for a blackboard.
        weight = float(alpha.sum())
        dark = weight == 0 or float((grey * alpha).sum()) < 0.5 * weight
        grey = grey * alpha + (1 - alpha) * np.float32(dark)
    return grey


def find_ink(grey: np.ndarray, polarity: str = "auto") -> np.ndarray:
    """How much ink there is at each pixel: float32, 0…1 at the strongest; all 0 where nothing stands out.

    The ground is what the picture's frame shows; ink is what differs from it, in the direction in which more does.
    """
    if polarity not in POLARITIES:
        raise ValueError(f"polarity is one of {', '.join(POLARITIES)}, not {polarity!r}")
    if polarity == "light-on-dark":
        return grey
    if polarity == "dark-on-light":
        return 1 - grey
    frame = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = np.median(frame)
    difference = grey - ground
    if np.square(np.minimum(difference, 0)).sum() > np.square(np.maximum(difference, 0)).sum():
        difference = -difference
    grain = 1.5 * float(np.median(np.abs(frame - ground)))
    strongest = float(difference.max())
    if strongest < max(0.08, 4 * grain):
        return np.zeros_like(grey)
    ink = np.clip(difference / strongest, 0, 1)
    return np.where(ink > 4 * grain / strongest, ink, 0).astype(np.float32)


def ink_box(ink: np.ndarray, faintest: float = 0.1) -> Box | None:
    """(top, bottom, left, right) of all ink that is more than a breath, or None."""
    inked = ink > faintest
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def scale(crop: np.ndarray) -> np.ndarray:
    """The crop with its longer side at 20 pixels, each the average of the area it covers; the strongest ink at 1.

    A thin pen on a large pad would fade in the averaging, and MNIST's pens do not: so the mean of the ten strongest
    pixels becomes 1.
    """
    height, width = crop.shape
    longer = max(height, width)
    rows, columns = (max(1, round(side * BOX / longer)) for side in (height, width))
    scaled = area_weights(height, rows) @ crop @ area_weights(width, columns).T
    strongest = np.sort(scaled, axis=None)[-10:].mean()
    return np.minimum(scaled / strongest, 1).astype(np.float32)


@lru_cache(maxsize=256)
def area_weights(length: int, parts: int) -> np.ndarray:
    """(parts, length) float32: row i averages the stretch [i, i + 1) · length / parts of a line of `length` pixels."""
    edges = np.linspace(0, length, parts + 1)
    pixel = np.arange(length)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (np.maximum(overlap, 0) * (parts / length)).astype(np.float32)


def centre(scaled: np.ndarray) -> np.ndarray:
    """(28, 28): the scaled digit, moved by whole pixels so that its centre of mass lies in the middle, and none is lost."""
    image = np.zeros((SIDE, SIDE), np.float32)
    height, width = scaled.shape
    mass = scaled.sum()
    top = MIDDLE - (scaled.sum(axis=1) @ (np.arange(height) + 0.5)) / mass
    left = MIDDLE - (scaled.sum(axis=0) @ (np.arange(width) + 0.5)) / mass
    top, left = min(max(round(float(top)), 0), SIDE - height), min(max(round(float(left)), 0), SIDE - width)
    image[top : top + height, left : left + width] = scaled
    return image
