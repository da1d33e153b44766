"""Photographs: removes uneven light, grain and shadows, so that the ink looks as in a clean drawing."""

from __future__ import annotations

import numpy as np

from digits.connected_components import components
from digits.preprocessing import resized
from digits.ruled_lines import without_rules
from digits.segmentation import edges_touched

LEAST = 200  # pixels on the longer side; smaller pictures are enlarged
SMALL = 96  # the light is estimated on the picture reduced to this many pixels
WIDE = 31  # of those: a window that is mostly paper
THICKEST = 0.3  # in parts of the shorter side: strokes up to this are ink, wider things are paper, light or shadow
DARKEST = 0.03  # added to brightness, so that ratios of nearly black pixels stay small
FAINT, FULL = 0.2, 0.75  # in parts of the strongest ink nearby: below the one is paper, above the other is ink
FAINTEST, FADED = 0.05, 0.2  # in parts of the picture's strongest ink: below is paper; what glare leaves of strokes
TWO_TONES = 0.85  # a picture has two clear tones if they explain this part of the variance of its brightness
FINE, NEARBY = 100, 7  # "nearby" is within NEARBY pixels of the picture reduced to FINE pixels


def is_even(gray: np.ndarray) -> bool:
    """Whether the background is equally bright nearly everywhere, as in a drawing made on a screen."""
    frame = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    ground = np.median(frame)
    return all((np.abs(part - ground) < 0.006).mean() > share for part, share in ((frame, 0.7), (gray, 0.4)))


def enlarged(gray: np.ndarray) -> np.ndarray:
    """A small picture enlarged by linear interpolation, because the windows below are made for larger ones."""
    factor = -(-LEAST // max(gray.shape))
    if factor <= 1:
        return gray
    height, width = gray.shape
    return between(height, factor * height) @ gray @ between(width, factor * width).T


def find_ink(gray: np.ndarray) -> np.ndarray:
    """How much ink there is at each pixel of a photograph: float32, 0…1; all 0 if nothing stands out from the grain.

    Printed lines are left out, and so is what touches the picture's edge, if anything else is left.
    """
    strength = contrast(gray)
    for _ in range(3):
        strength = soften(strength)
        bare = strength[strength < 0.5 * np.quantile(strength, 0.995)]
        paper = float(np.median(bare)) if bare.size else 0.0
        grain = 1.4826 * float(np.median(np.abs(bare - paper))) if bare.size else 0.0
        faintest = max(0.05, 4 * grain)
        if strength.max() - paper > 3 * faintest:
            break
    height, width = gray.shape
    middle = strength[height // 4 : height - height // 4, width // 4 : width - width // 4] - paper
    strongest = float(np.quantile(middle, 0.995))
    faintest = max(faintest, FAINTEST * strongest)
    ink = without_borders(without_rules(np.maximum(strength - paper - faintest, 0)))
    if not ink.any():
        return ink
    return leveled(ink)


def leveled(ink: np.ndarray) -> np.ndarray:
    """The ink divided by the strongest nearby, since glare fades parts of it: 0…1; without marks that are faint everywhere."""
    strongest = float(np.quantile(ink[ink > 0], 0.9))
    height, width = ink.shape
    step = -(-max(height, width) // FINE)
    tall, wide = -(-height // step), -(-width // step)
    blocks = np.pad(ink, ((0, tall * step - height), (0, wide * step - width))).reshape(tall, step, wide, step).max(axis=(1, 3))
    nearby = np.clip(extreme(blocks, NEARBY, np.maximum), FADED * strongest, strongest)
    nearby = between(tall, tall * step)[:height] @ nearby @ between(wide, wide * step)[:width].T
    level = np.clip((ink / nearby - FAINT) / (FULL - FAINT), 0, 1)
    marks = components(level > 0)
    strong = np.zeros(len(marks) + 1, bool)
    strong[marks.labels[ink > 0.25 * strongest]] = True
    return np.where(strong[marks.labels], level, 0)


def contrast(gray: np.ndarray) -> np.ndarray:
    """How much darker each pixel is than the light on it, or lighter if the ink is: a logarithm, about 0 on bare paper.

    Brightness is light times reflectance, so the logarithm of brightness over light is the ink's alone. The light is the
    picture, much reduced, with all that is thinner than a window filled in by its surroundings (morphological closing,
    Serra 1982, "Image Analysis and Mathematical Morphology"), which leaves the edges of shadows where they are.
    """
    small = resized(gray, min(SMALL, max(gray.shape)))
    (height, width), (rows, columns) = gray.shape, small.shape
    window = 2 * round(THICKEST * min(rows, columns) / 2) + 1
    toned = light_of_two_tones(small, window)
    if toned is not None:
        light, sign = toned
    else:
        first, then, sign = (np.maximum, np.minimum, -1) if ink_is_darker(small) else (np.minimum, np.maximum, 1)
        light = extreme(extreme(small, window, first), window, then)
        # Within half a window of the edge, closing takes a gradient for ink: it is divided out first.
        gradient = np.exp(plane(np.log(light + DARKEST), np.ones(light.shape, bool)))
        light = gradient * extreme(extreme((small + DARKEST) / gradient, window, first), window, then) - DARKEST
    light = between(rows, height) @ light @ between(columns, width).T
    return (sign * np.log((gray + DARKEST) / (light + DARKEST))).astype(np.float32)


def light_of_two_tones(small: np.ndarray, window: int) -> tuple[np.ndarray, int] | None:
    """The light on a picture with two clear tones and ink wider than the window; and -1 for dark ink or 1 for light.

    The light is a plane through the logarithms of the background, which covers nearly all of the edge. None for other pictures.
    """
    tone = np.log(small + DARKEST)
    ordered = np.sort(tone, axis=None)
    count = np.arange(1, ordered.size)
    total = np.cumsum(ordered, dtype=np.float64)
    below, above = total[:-1] / count, (total[-1] - total[:-1]) / (ordered.size - count)
    between_tones = count * (ordered.size - count) / ordered.size**2 * np.square(above - below)  # Otsu 1979
    best = int(np.argmax(between_tones))
    if between_tones[best] < TWO_TONES * ordered.var():
        return None
    bright = tone > ordered[best]
    edge = np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]]).mean()
    if 0.15 < edge < 0.85:
        return None
    ground = bright == (edge >= 0.85)
    if extreme(extreme(ground, window, np.maximum), window, np.minimum).all():
        return None
    return np.exp(plane(tone, ground)) - DARKEST, -1 if edge >= 0.85 else 1


def plane(tone: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """The plane through `tone` where `ground` is True, by least squares; float32, of the same shape."""
    place = np.stack([np.ones_like(tone), *np.meshgrid(*map(np.arange, tone.shape), indexing="ij")], axis=2)
    fitted = place @ np.linalg.lstsq(place[ground], tone[ground], rcond=None)[0]
    return fitted.astype(np.float32)


def ink_is_darker(small: np.ndarray) -> bool:
    """Whether the pixels that differ from the median around them are mostly darker; those near the middle count most."""
    reach = WIDE // 2
    small = small[::2, ::2]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(small, reach, mode="symmetric"), (WIDE, WIDE))
    light = np.median(around.reshape(*small.shape, -1), axis=2)
    difference = np.log((small + DARKEST) / (light + DARKEST))
    rows, columns = (np.sin(np.pi * (np.arange(side) + 0.5) / side) for side in small.shape)
    difference *= np.outer(rows, columns)
    return bool(np.square(np.minimum(difference, 0)).sum() >= np.square(np.maximum(difference, 0)).sum())


def extreme(image: np.ndarray, window: int, of: np.ufunc) -> np.ndarray:
    """np.maximum or np.minimum of the window × window pixels around each, the image mirrored at its edges."""
    for _ in range(2):
        padded = np.pad(image, ((window // 2, window // 2), (0, 0)), mode="symmetric")
        image = of.reduce([padded[i : i + len(image)] for i in range(window)]).T
    return image


def between(parts: int, length: int) -> np.ndarray:
    """(length, parts) float32: row i interpolates linearly at pixel i between `parts` samples spread over the line."""
    place = np.clip((np.arange(length) + 0.5) * parts / length - 0.5, 0, parts - 1)
    return np.maximum(1 - np.abs(place[:, None] - np.arange(parts)), 0).astype(np.float32)


def soften(image: np.ndarray) -> np.ndarray:
    """Each pixel with its neighbors, weighted 1 2 1 in both directions, which more than halves the grain."""
    for _ in range(2):
        padded = np.pad(image, ((1, 1), (0, 0)), mode="edge")
        image = ((padded[:-2] + padded[2:]) / 2 + image).T / 2
    return image


def without_borders(ink: np.ndarray) -> np.ndarray:
    """The ink without what touches the picture's edge (a table, a finger, a shadow), if a mark is left then."""
    marks = components(ink > 0)
    if not len(marks):
        return ink
    inside = edges_touched(marks.boxes, *ink.shape) == 0
    if not inside.any() or marks.extents[inside].max() < 0.08 * min(ink.shape):
        return ink
    return np.where(np.concatenate([[False], inside])[marks.labels], ink, 0)
