"""Photographs: uneven light, grain and shadows taken away, so that ink stands out as on a clean drawing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from digits.connected_components import components
from digits.preprocessing import area_weights
from digits.ruled_lines import without_rules
from digits.segmentation import edges_touched

SMALL = 48  # the light is estimated on the picture reduced to this many pixels
WIDE = 31  # of those: a window that is mostly paper
THICKEST = 0.3  # in parts of the shorter side: strokes up to this are ink, wider things are paper, light or shadow
DARKEST = 0.03  # added to brightness, lest a ratio of near-blacks count for much
FAINT, FULL = 0.2, 0.75  # in parts of the strongest ink: below the one is paper, above the other is ink


def is_even(gray: np.ndarray) -> bool:
    """Whether the ground is the same to a shade nearly everywhere, as in a drawing made on a screen: no light to even out."""
    frame = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    ground = np.median(frame)
    return all((np.abs(part - ground) < 0.006).mean() > 0.4 for part in (frame, gray))


def find_ink(gray: np.ndarray) -> np.ndarray:
    """How much ink there is at each pixel of a photograph: float32, 0…1; all 0 where nothing stands out of the grain.

    Printed rules are left out, and so is what reaches in from the picture's edge where there is something else.
    """
    strength = contrast(gray)
    for _ in range(3):
        strength = soften(strength)
        paper = float(np.median(strength))
        grain = 1.4826 * float(np.median(np.abs(strength - paper)))
        faintest = max(0.05, 4 * grain)
        if strength.max() - paper > 3 * faintest:
            break
    height, width = gray.shape
    middle = strength[height // 4 : height - height // 4, width // 4 : width - width // 4] - paper
    faintest = max(faintest, FAINT * float(np.quantile(middle, 0.995)))
    ink = without_borders(without_rules(np.maximum(strength - paper - faintest, 0)))
    if not ink.any():
        return ink
    strongest = float(np.quantile(ink[ink > 0], 0.9))
    return np.clip((ink / strongest - FAINT) / (FULL - FAINT), 0, 1)


def contrast(gray: np.ndarray) -> np.ndarray:
    """How far each pixel is from the light that falls there, towards the ink's side: a logarithm, about 0 on bare paper.

    Brightness is light times reflectance, so the logarithm of brightness over light is the ink's alone. The light is the
    picture, much reduced, with all that is thinner than a window filled in by its surroundings (morphological closing,
    Serra 1982, "Image Analysis and Mathematical Morphology"), which leaves the edges of shadows where they are.
    """
    height, width = gray.shape
    zoom = min(1.0, SMALL / max(height, width))
    rows, columns = max(1, round(height * zoom)), max(1, round(width * zoom))
    small = area_weights(height, rows) @ gray @ area_weights(width, columns).T
    window = 2 * round(THICKEST * min(rows, columns) / 2) + 1
    if ink_is_darker(small):
        light, sign = extreme(extreme(small, window, np.max), window, np.min), -1
    else:
        light, sign = extreme(extreme(small, window, np.min), window, np.max), 1
    light = between(rows, height) @ light @ between(columns, width).T
    return (sign * np.log((gray + DARKEST) / (light + DARKEST))).astype(np.float32)


def ink_is_darker(small: np.ndarray) -> bool:
    """Whether what stands out, most of all towards the middle, is darker than the median over a wide window around it."""
    reach = WIDE // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(small, reach, mode="symmetric"), (WIDE, WIDE))
    light = np.median(around.reshape(*small.shape, -1), axis=2)
    difference = np.log((small + DARKEST) / (light + DARKEST))
    rows, columns = (np.sin(np.pi * (np.arange(side) + 0.5) / side) for side in small.shape)
    difference *= np.outer(rows, columns)
    return bool(np.square(np.minimum(difference, 0)).sum() >= np.square(np.maximum(difference, 0)).sum())


def extreme(image: np.ndarray, window: int, of: Callable[..., np.ndarray]) -> np.ndarray:
    """The largest or smallest of the window × window pixels around each, the image mirrored at its edges."""
    for _ in range(2):
        padded = np.pad(image, ((window // 2, window // 2), (0, 0)), mode="symmetric")
        image = of(np.lib.stride_tricks.sliding_window_view(padded, window, axis=0), axis=-1).T
    return image


def between(parts: int, length: int) -> np.ndarray:
    """(length, parts) float32: row i interpolates linearly at pixel i between `parts` samples spread over the line."""
    place = np.clip((np.arange(length) + 0.5) * parts / length - 0.5, 0, parts - 1)
    return np.maximum(1 - np.abs(place[:, None] - np.arange(parts)), 0).astype(np.float32)


def soften(image: np.ndarray) -> np.ndarray:
    """Each pixel with its neighbours, weighted 1 2 1 in both directions; the grain halves and more."""
    for _ in range(2):
        padded = np.pad(image, ((1, 1), (0, 0)), mode="edge")
        image = ((padded[:-2] + padded[2:]) / 2 + image).T / 2
    return image


def without_borders(ink: np.ndarray) -> np.ndarray:
    """The ink without what touches the picture's edge (a table, a finger, a shadow), if then a mark is left."""
    marks = components(ink > 0)
    if not len(marks):
        return ink
    inside = edges_touched(marks.boxes, *ink.shape) == 0
    extent = np.maximum(marks.boxes[:, 1] - marks.boxes[:, 0], marks.boxes[:, 3] - marks.boxes[:, 2])
    if not inside.any() or extent[inside].max() < 0.08 * min(ink.shape):
        return ink
    return np.where(np.concatenate([[False], inside])[marks.labels], ink, 0)
