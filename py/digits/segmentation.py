"""Several marks in one picture: which of them are one drawing, and which drawing is the digit to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digits.connected_components import Components, components, join
from digits.preprocessing import Box

SPECK = 0.12  # marks smaller than this part of the largest are dust
NEAR = 0.3  # a small mark belongs to a large one within this part of its size: a five's flag, a seven's bar
TOUCHING = 0.08  # marks of similar size are one drawing only if they nearly touch: a gap in a stroke
FAINTEST = 0.1
MOST_MARKS = 60  # compared with each other: a page of text or a noisy picture has many thousands
MOST_POINTS = 300  # of a mark that are measured
SECTORS = 36  # of the horizon around a mark, to see whether another encloses it


@dataclass(frozen=True)
class Drawing:
    """The drawing that is read.

    Attributes:
        ink: (height, width), all other ink taken away.
        box: its (top, bottom, left, right).
        others: how many more drawings the picture holds.
        specks: how many marks are too small to be anything but dust.
        marked: whether a circle or box around it, or a line below it, was left out.
    """

    ink: np.ndarray
    box: Box
    others: int
    specks: int
    marked: bool


def one_drawing(ink: np.ndarray) -> Drawing | None:
    """The largest drawing near the middle of the picture, or None where there is no ink.

    A circle or box around it is left out, and so are lines below it.
    """
    parts = components(ink > FAINTEST)
    if not len(parts):
        return None
    extents = parts.extents
    weights = extents * trust(parts.boxes, *ink.shape)
    marks = np.argsort(-weights, kind="stable")[:MOST_MARKS]  # from here on, arrays have a row a mark
    marks = marks[extents[marks] >= SPECK * extents[marks[0]]]
    points = [points_of(parts, mark) for mark in marks]
    boxes, extent, weight = parts.boxes[marks], extents[marks], weights[marks]
    left_out = enclosures(boxes, extent, points) | underlines(boxes, extent, parts.areas[marks])
    weight = np.where(left_out, 0, weight)
    main = int(np.argmax(weight))
    touched = edges_touched(boxes, *ink.shape)
    usable = ~left_out & (extent >= SPECK * extent[main]) & ((touched == 0) | (touched[main] > 0))
    group = grouped(boxes, extent, points, usable)
    chosen = group == group[main]
    others = len(np.unique(group[usable & ~chosen & (weight > 0.4 * weight[main])]))
    keep = np.zeros(len(parts) + 1, bool)
    keep[marks[chosen] + 1] = True
    top, left = boxes[chosen][:, [0, 2]].min(axis=0)
    bottom, right = boxes[chosen][:, [1, 3]].max(axis=0)
    specks = int((extents < SPECK * extent[main]).sum())
    box = int(top), int(bottom), int(left), int(right)
    return Drawing(np.where(keep[parts.labels], ink, 0), box, others, specks, bool(left_out.any()))


def trust(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,): how likely each box holds the digit; less near the picture's edge, where tables and fingers are."""
    top, bottom, left, right = boxes.T
    away = np.hypot((top + bottom) / height - 1, (left + right) / width - 1) / np.sqrt(2)
    return (1 - 0.5 * away) * np.array([1, 0.4, 0.1, 0.05, 0.05])[edges_touched(boxes, height, width)]


def edges_touched(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,): how many of the picture's edges each box reaches."""
    top, bottom, left, right = boxes.T
    return (top <= 1).astype(int) + (bottom >= height - 1) + (left <= 1) + (right >= width - 1)


def points_of(parts: Components, mark: int) -> np.ndarray:
    """(up to `MOST_POINTS`, 2): rows and columns of a mark's pixels, spread evenly over it."""
    top, bottom, left, right = parts.boxes[mark]
    rows, columns = np.nonzero(parts.labels[top:bottom, left:right] == mark + 1)
    step = max(1, len(rows) // MOST_POINTS)
    return np.stack([rows[::step] + top, columns[::step] + left], axis=1).astype(np.float64)


def enclosures(boxes: np.ndarray, extent: np.ndarray, points: list[np.ndarray]) -> np.ndarray:
    """(n,) bool: whether each mark is a circle or box around another: seen from the other's middle, it is nearly all around."""
    found = np.zeros(len(boxes), bool)
    for i, (top, bottom, left, right) in enumerate(boxes):
        inside = (boxes[:, 0] > top) & (boxes[:, 1] < bottom) & (boxes[:, 2] > left) & (boxes[:, 3] < right)
        for other in np.flatnonzero(inside & (extent > 0.3 * extent[i]))[:3]:
            middle = (boxes[other, 0::2] + boxes[other, 1::2]) / 2
            angle = np.arctan2(*(points[i] - middle).T)
            seen = np.bincount(np.int64((angle / (2 * np.pi) + 0.5) * SECTORS) % SECTORS, minlength=SECTORS)
            found[i] |= (seen > 0).mean() > 0.85
    return found


def underlines(boxes: np.ndarray, extent: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """(n,) bool: whether each mark is a level line below a larger one."""
    top, bottom, left, right = boxes.T
    wide = right - left
    line = (bottom - top < 0.3 * wide) & (areas < 0.15 * wide * wide)
    found = np.zeros(len(boxes), bool)
    for i in np.flatnonzero(line):
        overlap = np.minimum(right, right[i]) - np.maximum(left, left[i])
        above_it = (bottom <= top[i] + 0.1 * (bottom - top)) & (overlap > 0.5 * np.minimum(wide, wide[i]))
        found[i] = (above_it & ~line & (extent > 0.5 * wide[i])).any()
    return found


def grouped(boxes: np.ndarray, extent: np.ndarray, points: list[np.ndarray], usable: np.ndarray) -> np.ndarray:
    """(n,): the group of each mark, those of one drawing having the same; what is not usable is alone."""
    pairs = []
    for i in np.flatnonzero(usable):
        larger, smaller = np.maximum(extent[:i], extent[i]), np.minimum(extent[:i], extent[i])
        room = np.where((smaller < 0.5 * larger) | above(boxes[:i], boxes[i]), NEAR, TOUCHING) * larger
        for j in np.flatnonzero(usable[:i] & (box_gap(boxes[:i], boxes[i]) <= room)):
            if pixel_gap(points[i], points[j]) <= room[j]:
                pairs.append((i, j))
    a, b = np.array(pairs, int).reshape(-1, 2).T
    return join(len(boxes), a, b)


def above(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,) bool: whether each of the boxes is above or below the other one, as a five's flag is above its bow."""
    overlap = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 2], box[2])
    return overlap > 0.5 * np.minimum(boxes[:, 3] - boxes[:, 2], box[3] - box[2])


def box_gap(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,): the distance between each of the boxes and the other one; 0 where they overlap."""
    down = np.maximum(boxes[:, 0] - box[1], box[0] - boxes[:, 1])
    right = np.maximum(boxes[:, 2] - box[3], box[2] - boxes[:, 3])
    return np.hypot(np.maximum(down, 0), np.maximum(right, 0))


def pixel_gap(a: np.ndarray, b: np.ndarray) -> float:
    """The smallest distance between a point of `a` and a point of `b`."""
    apart = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2 * (a @ b.T)
    return float(np.sqrt(max(apart.min(), 0)))
