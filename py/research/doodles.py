"""What people draw that is no digit: scribbles, stray lines, dots, crosses, filled areas, shapes; as strokes like a drawing's.

Each kind is a function of a random generator; `KINDS` lists them. Those in `UNSEEN` are for measuring only: no network is
trained on them, so the share of them that is flagged estimates how other scribbles are treated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from research.ink import Stroke

Doodle = Callable[[np.random.Generator], list[Stroke]]


def polyline(points: np.ndarray) -> Stroke:
    return np.asarray(points, np.float32) * 1000


def curve(corners: np.ndarray, samples: int = 12) -> Stroke:
    """A smooth line through the corners (n, 2) (Catmull and Rom 1974)."""
    p = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, samples, endpoint=False)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    line = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return polyline(np.concatenate([line.transpose(1, 0, 2).reshape(-1, 2), corners[-1:]]))


def scribble(rng: np.random.Generator) -> list[Stroke]:
    """A curve through many random points."""
    return [curve(rng.random((rng.integers(7, 18), 2)))]


def walk(rng: np.random.Generator) -> list[Stroke]:
    """A random walk with momentum."""
    steps = np.cumsum(rng.standard_normal((rng.integers(25, 80), 2)), axis=0)
    line = np.cumsum(0.6 * steps / 10 + rng.standard_normal(steps.shape), axis=0)
    line -= line.min(axis=0)
    return [curve(line / line.max(), 4)]


def zigzag(rng: np.random.Generator) -> list[Stroke]:
    """Back and forth along a line of any direction."""
    n = rng.integers(6, 16)
    across = np.where(np.arange(n) % 2, 1, 0) * rng.uniform(0.7, 1.0, n)
    points = np.stack([np.linspace(0, rng.uniform(0.4, 1.5), n) + 0.05 * rng.standard_normal(n), across], axis=1)
    points = _turned(points, rng.uniform(0, 2 * np.pi))
    return [polyline(points) if rng.random() < 0.5 else curve(points)]


def loops(rng: np.random.Generator) -> list[Stroke]:
    """A spring: loops along a line."""
    turns = rng.uniform(3, 7)
    t = np.linspace(0, 2 * np.pi * turns, 160)
    wobble = 1 + 0.15 * np.sin(t * rng.uniform(0.2, 0.6))
    points = np.stack([wobble * np.cos(t) + t * rng.uniform(0.1, 0.5), wobble * np.sin(t)], axis=1)
    return [polyline(_turned(points, rng.uniform(0, 2 * np.pi)) / 4)]


def tangle(rng: np.random.Generator) -> list[Stroke]:
    """Round and round the same place."""
    t = np.linspace(0, 2 * np.pi * rng.uniform(4, 10), 240)
    radius = 0.5 * np.abs(np.sin(t * rng.uniform(0.35, 0.9) + rng.uniform(0, 6))) + 0.15
    return [polyline(np.stack([radius * np.cos(t), rng.uniform(0.5, 1) * radius * np.sin(t)], axis=1))]


def stray_lines(rng: np.random.Generator) -> list[Stroke]:
    """Lines that do not form a digit; a single one is nearly horizontal, because a vertical one would be a 1."""
    n = rng.integers(1, 5)
    if n == 1:
        angle = np.deg2rad(rng.uniform(-35, 35))
        return [polyline(np.array([[0, 0], [np.cos(angle), np.sin(angle)]]))]
    if rng.random() < 0.5:  # parallel
        step = _turned(np.array([[rng.uniform(0.2, 0.5), 0]]), rng.uniform(0, 2 * np.pi))
        first = _turned(np.array([[0, -0.5], [0, 0.5]]), rng.uniform(0, np.pi))
        return [polyline(first + step * k + 0.03 * rng.standard_normal((2, 2))) for k in range(n)]
    return [polyline(rng.random((2, 2))) for _ in range(n + 1)]


def dots(rng: np.random.Generator) -> list[Stroke]:
    """One dot or several."""
    n = 1 if rng.random() < 0.4 else rng.integers(2, 7)
    return [polyline(np.repeat(rng.random((1, 2)), 2, axis=0)) for _ in range(n)]


def cross(rng: np.random.Generator) -> list[Stroke]:
    """Plus, times, asterisk, hash."""
    n, offset = rng.integers(2, 5), rng.uniform(0, np.pi)
    if rng.random() < 0.25:
        a, b = rng.uniform(0.25, 0.4, 2)
        lines = [[[a, 0], [a, 1]], [[1 - a, 0], [1 - a, 1]], [[0, b], [1, b]], [[0, 1 - b], [1, 1 - b]]]
        return [polyline(np.array(line) + 0.04 * rng.standard_normal((2, 2))) for line in lines]
    return [
        polyline(_turned(np.array([[-0.5, 0], [0.5, 0]]), offset + np.pi * k / n) + 0.05 * rng.standard_normal((2, 2)))
        for k in range(n)
    ]


def shape(rng: np.random.Generator) -> list[Stroke]:
    """Triangles, squares, stars, arrows, houses, faces, hearts, ticks."""
    kind = rng.integers(8)
    if kind == 0:
        strokes = [_closed(3, rng)]
    elif kind == 1:
        strokes = [_closed(4, rng)]
    elif kind == 2:
        corner = np.pi / 2 + np.arange(6) * 4 * np.pi / 5
        strokes = [np.stack([np.cos(corner), -np.sin(corner)], axis=1)]
    elif kind == 3:
        turn = rng.uniform(0, 2 * np.pi)
        strokes = [_turned(np.array(s, float), turn) for s in ([[-1, 0], [1, 0]], [[0.4, -0.5], [1, 0], [0.4, 0.5]])]
    elif kind == 4:
        strokes = [np.array([[-1, 1], [-1, -0.2], [0, -1], [1, -0.2], [1, 1], [-1, 1]]), np.array([[-1, -0.2], [1, -0.2]])]
    elif kind == 5:
        t = np.linspace(0, 2 * np.pi, 40)
        face, mouth = np.stack([np.cos(t), np.sin(t)], axis=1), np.linspace(0.2, 0.8, 12) * np.pi
        eyes = [np.array([[side, -0.3], [side, -0.25 + 0.1 * rng.random()]]) for side in (-0.35, 0.35)]
        strokes = [face, *eyes, 0.55 * np.stack([np.cos(mouth), np.sin(mouth)], axis=1)]
    elif kind == 6:
        t = np.linspace(0, 2 * np.pi, 60)
        strokes = [np.stack([np.sin(t) ** 3, -(0.81 * np.cos(t) - 0.31 * np.cos(2 * t) - 0.13 * np.cos(3 * t))], axis=1)]
    else:
        strokes = [np.array([[-0.5, 0], [-0.1, 0.6], [0.9, -0.9]])]
    bend = np.eye(2) + 0.12 * rng.standard_normal((2, 2))
    return [polyline((s + 0.03 * rng.standard_normal(s.shape)) @ bend) for s in strokes]


def filled(rng: np.random.Generator) -> list[Stroke]:
    """An area filled line by line."""
    rows = rng.integers(12, 24)
    height, width = rng.uniform(0.4, 1, 2)
    x = np.where((np.arange(2 * rows) // 2 + np.arange(2 * rows)) % 2, width, 0.0)
    points = np.stack([x, np.repeat(np.linspace(0, height, rows), 2)], axis=1) + 0.02 * rng.standard_normal((2 * rows, 2))
    return [polyline(_turned(points, rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])))]


def knot(rng: np.random.Generator) -> list[Stroke]:
    """A closed curve that crosses itself often (Lissajous); for measuring only."""
    a, b = rng.choice([2, 3, 4, 5, 7], 2, replace=False)
    t = np.linspace(0, 2 * np.pi, 300)
    return [polyline(0.5 * np.stack([np.sin(a * t + rng.uniform(0, 3)), np.sin(b * t)], axis=1))]


def hatching(rng: np.random.Generator) -> list[Stroke]:
    """Two sets of parallel lines that cross; for measuring only."""
    n, turn = rng.integers(3, 7), rng.uniform(0, np.pi)
    place = np.linspace(-0.5, 0.5, n)
    lines = [[[p, -0.5], [p, 0.5]] for p in place] + [[[-0.5, p], [0.5, p]] for p in place[:: rng.integers(1, 3)]]
    return [polyline(_turned(np.array(line), turn) + 0.03 * rng.standard_normal((2, 2))) for line in lines]


KINDS: tuple[Doodle, ...] = (scribble, walk, zigzag, loops, tangle, stray_lines, dots, cross, shape, filled)
UNSEEN: tuple[Doodle, ...] = (knot, hatching)


def _turned(points: np.ndarray, angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]])


def _closed(corners: int, rng: np.random.Generator) -> np.ndarray:
    angle = 2 * np.pi * np.arange(corners + 1) / corners + rng.uniform(-0.3, 0.3) + (np.pi / 4 if corners == 4 else -np.pi / 2)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
