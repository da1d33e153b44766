"""Printed lines of paper, ruled, squared or a margin: found because they run straight across the whole picture."""

from __future__ import annotations

import numpy as np

from digits.connected_components import runs

STEEPEST = np.tan(np.deg2rad(12))  # how far paper may lie turned
CROSSES = 0.6  # the part of a rule that must be seen, where no stroke hides it
SHORTEST = 0.4  # of a rule's visible part, in parts of the picture's width
THICKEST = 0.02  # of the picture's longer side


def without_rules(ink: np.ndarray) -> np.ndarray:
    """The ink without the lines that run across the picture, level or upright within 12 degrees."""
    for _ in range(2):  # level lines, then upright ones
        ink = _without_level_rules(ink).T
    return ink


def _without_level_rules(ink: np.ndarray) -> np.ndarray:
    """Erase where a rule is all there is; where a stroke crosses it, what is thicker than the rule stays.

    For each slope, every upright run of ink votes for the level at which a line of this slope would pass through it
    (Hough 1962). A rule has the votes of most columns in which it lies within the picture and no stroke covers it.
    """
    height, width = ink.shape
    thickest = max(3, round(THICKEST * max(height, width)))
    columns, tops, bottoms = runs((ink > 0).T)
    thin = bottoms - tops <= thickest
    if thin.sum() < CROSSES * SHORTEST * width:
        return ink
    x, middle = columns[thin], (tops[thin] + bottoms[thin]) / 2
    erased = np.zeros(len(x), bool)
    reach = round(STEEPEST * width)
    for slope in np.linspace(-STEEPEST, STEEPEST, reach + 1):
        drop = np.round(slope * (np.arange(width) - width / 2)).astype(int) - reach
        level = np.round(middle).astype(int) - drop[x]
        votes = np.bincount(level, minlength=height + 2 * reach + 2)
        votes[:-1] += votes[1:]
        free = count_between(-drop, height - drop, len(votes))
        free -= count_between(tops[~thin] - drop[columns[~thin]], bottoms[~thin] - drop[columns[~thin]], len(votes))
        for rule in np.flatnonzero((votes > CROSSES * free) & (votes > CROSSES * SHORTEST * width)):
            on = np.abs(level - rule - 0.5) < 2
            spread = np.bincount(6 * x[on] // width, minlength=6) > CROSSES / 2 * width / 6
            if spread.sum() >= 3:
                erased |= on
    if not erased.any():
        return ink
    ink = ink.copy()
    for column, a, b in zip(x[erased], tops[thin][erased], bottoms[thin][erased], strict=True):
        ink[a:b, column] = 0
    return ink


def count_between(starts: np.ndarray, ends: np.ndarray, length: int) -> np.ndarray:
    """(length,): how many of the stretches [start, end) cover each place."""
    return np.cumsum(np.bincount(starts, minlength=length + 1) - np.bincount(ends, minlength=length + 1))[:length]
