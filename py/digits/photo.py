"""Photographs: uneven light, grain and shadows taken away, so that ink stands out as on a clean drawing."""

from __future__ import annotations

import numpy as np

from digits.preprocessing import area_weights

SMALL = 64  # the light is estimated on the picture reduced to this many pixels
WINDOW = 25  # of those; ink is not taken for light as long as strokes are thinner than half of it
DARKEST = 0.03  # added to brightness, lest a ratio of near-blacks count for much


def is_even(grey: np.ndarray) -> bool:
    """Whether the ground is the same everywhere, as in a drawing made on a screen: then no light needs evening out."""
    frame = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = np.median(frame)
    same = np.abs(grey - ground) < 0.02
    return bool(np.abs(frame - ground).mean() < 0.02 and same.mean() > 0.4)


def contrast(grey: np.ndarray) -> np.ndarray:
    """How much brighter (above 0) or darker (below) each pixel is than the light that falls there: a logarithm.

    Brightness is light times reflectance, so the logarithm of brightness over light is the ink's alone. The light is a
    running median over a large window, which keeps the edges of shadows and does not see thin strokes.
    """
    height, width = grey.shape
    zoom = min(1.0, SMALL / max(height, width))
    rows, columns = max(1, round(height * zoom)), max(1, round(width * zoom))
    small = area_weights(height, rows) @ grey @ area_weights(width, columns).T
    light = between(rows, height) @ running_median(small, WINDOW) @ between(columns, width).T
    return np.log((grey + DARKEST) / (light + DARKEST)).astype(np.float32)


def running_median(image: np.ndarray, window: int) -> np.ndarray:
    """The median of the window × window pixels around each, the image mirrored at its edges."""
    reach = window // 2
    padded = np.pad(image, reach, mode="symmetric")
    around = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    return np.median(around.reshape(*image.shape, -1), axis=2).astype(np.float32)


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


def find_ink(grey: np.ndarray) -> np.ndarray:
    """How much ink there is at each pixel of a photograph: float32, 0…1; all 0 where nothing stands out of the grain."""
    difference = contrast(grey)
    for _ in range(3):
        difference = soften(difference)
        grain = 1.4826 * float(np.median(np.abs(difference - np.median(difference))))
        faintest = max(0.05, 4 * grain)
        darker, lighter = (np.maximum(sign * difference - faintest, 0) for sign in (-1, 1))
        ink = darker if np.square(darker).sum() >= np.square(lighter).sum() else lighter
        if ink.max() > 2 * faintest:
            break
    if not ink.any():
        return ink
    strongest = float(np.quantile(ink[ink > 0], 0.9))
    return np.minimum(ink / strongest, 1)
