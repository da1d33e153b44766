"""Printed lines of paper, ruled, squared or a margin: found because they run straight across the whole picture."""

from __future__ import annotations

import numpy as np

from digits.components import runs

STEEPEST = np.tan(np.deg2rad(12))  # how far paper may lie turned
CROSSES = 0.6  # the part of the picture's width that a rule's ink covers, gaps and all
THICKEST = 0.02  # of the picture's longer side


def without_rules(ink: np.ndarray) -> np.ndarray:
    """The ink without the lines that run across the picture, level or upright within 12 degrees."""
    for _ in range(2):  # level lines, then upright ones
        ink = _without_level_rules(ink).T
    return ink


def _without_level_rules(ink: np.ndarray) -> np.ndarray:
    """Erase where a rule is all there is; where a stroke crosses it, what is thicker than the rule stays."""
    height, width = ink.shape
    thickest = max(3, round(THICKEST * max(height, width)))
    columns, tops, bottoms = runs((ink > 0).T)  # upright runs: thin ones may be a rule's
    thin = bottoms - tops <= thickest
    if not thin.any():
        return ink
    x, top, bottom = columns[thin], tops[thin], bottoms[thin]
    middle = (top + bottom) / 2
    erased = np.zeros(len(x), bool)
    reach = round(STEEPEST * width)
    for slope in np.linspace(-STEEPEST, STEEPEST, 2 * reach // 4 + 1):
        crossing = np.round(middle - slope * (x - width / 2)).astype(int) + reach
        counts = np.bincount(crossing, minlength=height + 2 * reach + 2)
        counts[:-1] += counts[1:]
        for level in np.flatnonzero(counts > CROSSES * width):
            on = np.abs(crossing - level - 0.5) < 2.5
            third = np.bincount(np.minimum(3 * x[on] // width, 2), minlength=3)
            if third.min() > CROSSES / 2 * width / 3:
                erased |= on
    if not erased.any():
        return ink
    ink = ink.copy()
    for column, a, b in zip(x[erased], top[erased], bottom[erased], strict=True):
        ink[a:b, column] = 0
    return ink
