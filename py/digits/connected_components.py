"""Connected components: groups of inked pixels that touch, found from runs of pixels, not pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Components:
    """The parts of a mask whose pixels touch, at sides or corners.

    Attributes:
        labels: (height, width) int32, from 1 on; 0 where the mask is false.
        boxes: (n, 4), the (top, bottom, left, right) of component i + 1.
        areas: (n,), how many pixels each has.
    """

    labels: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def extents(self) -> np.ndarray:
        """(n,), the longer side of each box."""
        return (self.boxes[:, 1::2] - self.boxes[:, ::2]).max(axis=1)


def components(mask: np.ndarray) -> Components:
    """The connected components of a boolean (height, width).

    Runs of neighboring rows that touch are joined (He et al. 2008, "A Run-Based Two-Scan Labeling Algorithm").
    """
    height, width = mask.shape
    rows, starts, ends = runs(mask)
    count = len(rows)
    stride = width + 2  # so that runs of different rows never overlap as numbers
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts)
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    touching = np.maximum(last - first, 0)
    above = np.repeat(np.arange(count), touching)
    below = np.arange(len(above)) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    label = join(count, above, below)
    _, label = np.unique(label, return_inverse=True)
    number = int(label.max(initial=-1)) + 1
    boxes = np.zeros((number, 4), np.int64)
    boxes[:, [0, 2]] = max(height, width)
    for side, values in ((0, rows), (2, starts)):
        np.minimum.at(boxes[:, side], label, values)
    for side, values in ((1, rows + 1), (3, ends)):
        np.maximum.at(boxes[:, side], label, values)
    lengths = ends - starts
    labels = np.zeros((height, width), np.int32)
    labels[mask] = np.repeat(label + 1, lengths)
    return Components(labels, boxes, np.bincount(label, lengths, number).astype(np.int64))


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, start and end (one past the last) of every horizontal run of true pixels, in reading order."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    return rows, starts, np.nonzero(edges == -1)[1]


def join(count: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Group `count` things of which a[i] and b[i] belong together: (count,), the smallest index in the group of each.

    Union-find on all pairs at once: the larger root of each pair is hung below the smaller, then every path is shortened to
    its root by pointer jumping (Shiloach and Vishkin 1982). Each round halves the groups that have a neighbor, or more.
    """
    root = np.arange(count)
    while len(a):
        a, b = root[a], root[b]
        apart = a != b
        a, b = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        root[b] = a
        while not np.array_equal(above := root[root], root):
            root = above
    return root
