"""The sheet that the digit is on: a piece of paper on a desk, a window on a screen, a figure on a page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from digits.connected_components import components
from digits.photo import DARKEST, extreme
from digits.preprocessing import resized

SMALL = 160  # sheets are looked for in the picture reduced to this many pixels
LEVELS = 12  # of brightness, at each of which the picture is split in two
LEAST_SIDE = 16  # pixels of the picture: no sheet is smaller
LEAST, MOST = 0.05, 0.985  # of the picture, that a sheet covers
STEP = 0.2  # in the logarithm of brightness, between a sheet and what it lies on
FAINTEST = 0.15  # likewise, between the sheet and what is on it; less is the texture of paper
MARGIN = 2  # pixels of the reduced picture along the sheet's edge that are left out


def inside_sheet(gray: np.ndarray) -> tuple[np.ndarray, int, int] | None:
    """The picture within the largest sheet with something on it, extended to a rectangle; and the left and top of that.

    None if there is no such sheet.
    """
    if min(gray.shape) < LEAST_SIDE:
        return None
    zoom = min(1.0, SMALL / max(gray.shape))
    small = resized(gray, min(SMALL, max(gray.shape)))
    best, most = None, LEAST * small.size
    for mask in masks(small):
        parts = components(mask)
        for part in np.flatnonzero(parts.areas > most / 2):
            region = parts.labels == part + 1
            outline, corners = convex_outline(region)
            area = float((outline[2] - outline[1]).sum())
            if len(outline[0]) < LEAST_SIDE / 2:
                continue
            if most < area < MOST * small.size and four_corners(corners) > 0.86 and is_sheet(small, region, outline):
                best, most = outline, area
    if best is None:
        return None
    levels, left, right = (np.asarray(side, float) for side in best)
    inner = slice(MARGIN, -MARGIN)
    levels, left, right = levels[inner], left[inner] + MARGIN, right[inner] - MARGIN
    y = np.arange(int(np.ceil(levels[0] / zoom)), int((levels[-1] + 1) / zoom))
    first = np.interp((y + 0.5) * zoom - 0.5, levels, left) / zoom
    last = np.interp((y + 0.5) * zoom - 0.5, levels, right) / zoom - 1
    x = np.arange(int(first.min()), int(last.max()) + 1)
    inside = gray[y[:, None], np.clip(x, np.ceil(first)[:, None], np.floor(last)[:, None]).astype(int)]
    return inside, int(x[0]), int(y[0])


def masks(small: np.ndarray) -> Iterator[np.ndarray]:
    """What may be a sheet: what is brighter or darker than some level, and, under uneven light, what has no edges in it."""
    for level in np.linspace(small.min(), small.max(), LEVELS + 2)[1:-1]:
        yield small > level
        yield small < level
    down, right = np.gradient(np.log(small + DARKEST))
    steepness = np.hypot(down, right)
    for steep in (0.03, 0.05, 0.08):
        yield steepness < steep


Outline = tuple[np.ndarray, np.ndarray, np.ndarray]


def convex_outline(region: np.ndarray) -> tuple[Outline, np.ndarray]:
    """The convex hull of a region: its rows, its left and right end (exclusive) in each; and its corners (n, 2)."""
    rows = np.flatnonzero(region.any(axis=1))
    left = chain(rows, region[rows].argmax(axis=1))
    right = chain(rows, region[rows, ::-1].argmax(axis=1) - region.shape[1])
    every = np.arange(rows[0], rows[-1] + 1)
    corners = np.concatenate([left, (right * [1, -1])[::-1]])
    return (every, np.interp(every, *left.T), -np.interp(every, *right.T)), corners


def chain(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, 2): the corners of the lower convex hull of points whose x rises (Andrew 1979)."""
    hull: list[tuple[int, int]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) > 1 and turn(hull[-2], hull[-1], point) <= 0:
            hull.pop()
        hull.append(point)
    return np.array(hull)


def turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """Twice the area of a triangle, positive if its corners go counterclockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def is_sheet(small: np.ndarray, region: np.ndarray, outline: Outline) -> bool:
    """Whether a region has an edge in brightness along its outline, and something on it that the outline does not cut."""
    rows, left, right = outline
    x = np.arange(small.shape[1])
    hull, inner, outer = np.zeros_like(region), np.zeros_like(region), np.zeros_like(region)
    hull[rows] = (x >= left[:, None]) & (x < right[:, None])
    inner = shrunk(hull, 2)
    outer = ~shrunk(~hull, 2) & shrunk(~hull, 1)
    edge = inner & ~shrunk(inner, 2) & region
    if not edge.any() or outer.sum() < 0.15 * edge.sum():
        return False
    step = np.log((small + DARKEST) / (np.median(small[edge]) + DARKEST))
    beyond = step[outer]
    if abs(np.median(beyond)) < STEP or (beyond * np.sign(np.median(beyond)) > STEP / 2).mean() < 0.8:
        return False
    on_it = components(hull & ~region)
    short = min(len(rows), (right - left).max())
    deep = shrunk(hull, max(3, round(0.05 * short)))
    content = 0
    for part, (top, bottom, a, b) in enumerate(on_it.boxes):
        where = on_it.labels[top:bottom, a:b] == part + 1
        whole = not (where & ~inner[top:bottom, a:b]).any()
        if not whole and (where & deep[top:bottom, a:b]).any():
            return False  # something reaches in from outside
        here = step[top:bottom, a:b]
        paper = here[region[top:bottom, a:b]]
        if whole and paper.size and np.abs(here[where] - np.median(paper)).max() > FAINTEST:
            content = max(content, bottom - top, b - a)
    return bool(content > 0.1 * short and region.sum() > 0.5 * hull.sum())


def four_corners(corners: np.ndarray) -> float:
    """The part of a convex polygon that its four most important corners span: 1 for a quadrilateral, 0.64 for an ellipse."""
    whole = area_of(corners)
    while len(corners) > 4:
        before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
        corners = np.delete(corners, np.argmin(np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])), axis=0)
    return area_of(corners) / max(whole, 1e-9)


def area_of(polygon: np.ndarray) -> float:
    y, x = polygon.T
    return float(abs((y * np.roll(x, 1) - x * np.roll(y, 1)).sum()) / 2)


def shrunk(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask without its outermost pixels, those at the picture's edge staying."""
    return extreme(mask, 2 * by + 1, np.minimum)
