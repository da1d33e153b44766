"""Printed lines of paper, ruled, squared or a margin: found because they run straight across the whole picture."""

from __future__ import annotations

import numpy as np

from digits.connected_components import runs

STEEPEST = np.tan(np.deg2rad(12))  # how far paper may lie turned
CROSSES = 0.6  # the part of a rule that must be seen, where no stroke hides it
SHORTEST = 0.4  # of a rule's visible part, in parts of the picture's width
SHORT_OF_EDGE = 0.1  # how far from the picture's edge a rule may end, in parts of its visible part
THICKEST = 0.02  # of the picture's longer side
BOLDER = 1.5  # a stroke that runs along a rule is this many times thicker or darker than the rule
MOST_VOTERS = 30_000  # runs of ink that vote; of more, every second or third column votes, and so on
MOST_TRIED = 300  # lines with most votes, that are looked at
MOST_LINES = 2_000  # with enough votes: squared paper has some hundred, and a picture with more is a pattern


def without_rules(ink: np.ndarray) -> np.ndarray:
    """The ink without the lines that run across the picture, level or upright within 12 degrees."""
    for _ in range(2):  # level lines, then upright ones
        ink = _without_level_rules(ink).T
    return ink


def _without_level_rules(ink: np.ndarray) -> np.ndarray:
    """Erase where a rule is all there is; where a stroke crosses it or runs along it, what is thicker or darker stays.

    For each slope, every upright run of ink votes for the level at which a line of this slope would pass through it
    (Hough 1962). A rule has the votes of most columns in which it lies within the picture and no stroke covers it.
    """
    height, width = ink.shape
    columns, tops, bottoms = runs((ink > 0).T)
    thin = bottoms - tops <= max(3, round(THICKEST * max(height, width)))
    if thin.sum() < CROSSES * SHORTEST * width:
        return ink
    thick_columns, thick_tops, thick_bottoms = columns[~thin], tops[~thin], bottoms[~thin]
    x, tops, bottoms = columns[thin], tops[thin], bottoms[thin]
    middle = (tops + bottoms) // 2
    every = -(-len(columns) // MOST_VOTERS)
    voters, thick = x % every == 0, thick_columns % every == 0
    reach = round(STEEPEST * width)
    slopes = np.linspace(-STEEPEST, STEEPEST, reach + 1)
    drops = np.round(slopes[:, None] * (np.arange(width) - width / 2)).astype(int) - reach
    lines = []
    for number, drop in enumerate(drops):
        votes = np.bincount(middle[voters] - drop[x[voters]], minlength=height + 2 * reach + 2)
        votes[:-1] += votes[1:]
        free = count_between(-drop[::every], height - drop[::every], len(votes))
        hidden = drop[thick_columns[thick]]
        free -= count_between(thick_tops[thick] - hidden, thick_bottoms[thick] - hidden, len(votes))
        likely = np.flatnonzero((votes > CROSSES * free) & (votes > CROSSES * SHORTEST * width / every))
        lines += [(votes[level] / max(free[level], 1), number, level) for level in likely[: MOST_LINES + 1]]
        if len(lines) > MOST_LINES:
            return ink
    strength, thickness = ink[middle, x], bottoms - tops
    erased = np.zeros(len(x), bool)
    for _, number, level in sorted(lines, reverse=True)[:MOST_TRIED]:
        on = np.flatnonzero(np.abs(middle - drops[number][x] - level - 0.5) < 2)
        at = np.flatnonzero((drops[number] + level >= 0) & (drops[number] + level < height))
        room = SHORT_OF_EDGE * len(at)
        spread = np.bincount(6 * x[on] // width, minlength=6) > CROSSES / 2 * width / 6
        if len(at) and spread.sum() >= 3 and x[on].min() <= at[0] + room and x[on].max() >= at[-1] - room:
            faint = strength[on] <= BOLDER * np.median(strength[on])
            fine = thickness[on] <= BOLDER * np.median(thickness[on]) + 1
            erased[on[faint & fine]] = True
    begin_end = np.zeros((height + 1, width), np.int8)
    begin_end[tops[erased], x[erased]] = 1
    begin_end[bottoms[erased], x[erased]] = -1
    return np.where(np.cumsum(begin_end[:-1], axis=0, dtype=np.int8), 0, ink)


def count_between(starts: np.ndarray, ends: np.ndarray, length: int) -> np.ndarray:
    """(length,): how many of the intervals [start, end) cover each place."""
    return np.cumsum(np.bincount(starts, minlength=length + 1) - np.bincount(ends, minlength=length + 1))[:length]
