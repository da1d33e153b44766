"""Several marks in one picture: which of them are one drawing, and which drawing is the digit to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digits.connected_components import Components, components, join
from digits.preprocessing import Box

SPECK = 0.12  # marks smaller than this part of the largest are dust
NEAR = 0.3  # a small mark belongs to a large one within this part of its size: a five's flag, a seven's bar
TOUCHING = 0.08  # marks of like size are one drawing only when as good as touching: a gap in a stroke
FAINTEST = 0.1


@dataclass(frozen=True)
class Drawing:
    """The drawing that is read.

    Attributes:
        ink: (height, width), all other ink taken away.
        box: its (top, bottom, left, right).
        others: how many more drawings the picture holds.
        specks: how many marks are too small to be anything but dust.
    """

    ink: np.ndarray
    box: Box
    others: int
    specks: int


def one_drawing(ink: np.ndarray) -> Drawing | None:
    """The largest drawing near the middle of the picture, or None where there is no ink."""
    parts = components(ink > FAINTEST)
    if not len(parts):
        return None
    height, width = ink.shape
    extent = np.maximum(parts.boxes[:, 1] - parts.boxes[:, 0], parts.boxes[:, 3] - parts.boxes[:, 2])
    weight = extent * trust(parts.boxes, height, width)
    main = int(np.argmax(weight))
    edges = edges_touched(parts.boxes, height, width)
    marks = np.flatnonzero((extent >= SPECK * extent[main]) & ((edges == 0) | (edges[main] > 0)))
    group = grouped(parts, marks, extent)
    chosen = marks[group == group[np.flatnonzero(marks == main)[0]]]
    others = {g for g in np.unique(group) if weight[marks[group == g]].max() > 0.4 * weight[main]}
    top, left = parts.boxes[chosen][:, [0, 2]].min(axis=0)
    bottom, right = parts.boxes[chosen][:, [1, 3]].max(axis=0)
    keep = np.isin(parts.labels, chosen + 1)
    box = int(top), int(bottom), int(left), int(right)
    return Drawing(np.where(keep, ink, 0), box, len(others) - 1, int((extent < SPECK * extent[main]).sum()))


def trust(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,): how likely each box holds what was meant; less towards the picture's edge, where tables and fingers are."""
    top, bottom, left, right = boxes.T
    away = np.hypot((top + bottom) / height - 1, (left + right) / width - 1) / np.sqrt(2)
    return (1 - 0.5 * away) * np.array([1, 0.4, 0.1, 0.05, 0.05])[edges_touched(boxes, height, width)]


def edges_touched(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """(n,): how many of the picture's edges each box reaches."""
    top, bottom, left, right = boxes.T
    return (top <= 1).astype(int) + (bottom >= height - 1) + (left <= 1) + (right >= width - 1)


def grouped(parts: Components, marks: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """(len(marks),): the group of each mark, those of one drawing having the same."""
    boxes, extent = parts.boxes[marks], extent[marks]
    pairs = []
    for i in range(1, len(marks)):  # each with all before it: a page of text has thousands
        larger, smaller = np.maximum(extent[:i], extent[i]), np.minimum(extent[:i], extent[i])
        room = np.where((smaller < 0.5 * larger) | above(boxes[:i], boxes[i]), NEAR, TOUCHING) * larger
        for j in np.flatnonzero(box_gap(boxes[:i], boxes[i]) <= room):
            if pixel_gap(parts, marks[i], marks[j]) <= room[j]:
                pairs.append((i, j))
    a, b = np.array(pairs, int).reshape(-1, 2).T
    return join(len(marks), a, b)


def above(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,) bool: whether each of the boxes and the other one stand over each other, as a five's flag over its bow."""
    overlap = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 2], box[2])
    return overlap > 0.5 * np.minimum(boxes[:, 3] - boxes[:, 2], box[3] - box[2])


def box_gap(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,): the distance between each of the boxes and the other one; 0 where they overlap."""
    down = np.maximum(boxes[:, 0] - box[1], box[0] - boxes[:, 1])
    right = np.maximum(boxes[:, 2] - box[3], box[2] - boxes[:, 3])
    return np.hypot(np.maximum(down, 0), np.maximum(right, 0))


def pixel_gap(parts: Components, a: int, b: int, most: int = 400) -> float:
    """The distance between the nearest pixels of two components, measured at up to `most` pixels of each."""
    places = []
    for mark in (a, b):
        top, bottom, left, right = parts.boxes[mark]
        found = np.argwhere(parts.labels[top:bottom, left:right] == mark + 1) + [top, left]
        places.append(found[:: max(1, len(found) // most)])
    apart = places[0][:, None, :] - places[1][None, :, :]
    return float(np.sqrt(np.square(apart).sum(axis=2).min()))
