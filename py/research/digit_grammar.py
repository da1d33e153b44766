"""A grammar of digits: short programs that draw a digit the way some people write it, with random proportions.

They add what the pen drawings rarely show: ones with an up-stroke as long as the stem, sevens whose tail swings up, fours in
one stroke, eights begun in the middle. A style is a function of a random generator that returns strokes, each (points, 2) in
0…1000, y down. `STYLES` are trained on. Those in `HELD_OUT` are for measuring only, so they estimate how yet other styles are
read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from research.doodles import curve, polyline
from research.ink import Stroke

Style = Callable[[np.random.Generator], list[Stroke]]
Point = Sequence[float]


def arc(center: Point, radii: Point, begin: float, end: float) -> np.ndarray:
    """Points (n, 2) of an ellipse; degrees, 0 to the right, 90 down."""
    angle = np.deg2rad(np.linspace(begin, end, 8 + int(abs(end - begin) / 12)))
    return np.asarray(center) + np.stack([np.cos(angle), np.sin(angle)], axis=1) * radii


def jitter(points: Sequence[Any] | np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The points, each moved a little."""
    return np.asarray(points, float) + 0.015 * rng.standard_normal((len(points), 2))


def one(rng: np.random.Generator, base: bool, curved: bool = False) -> list[Stroke]:
    """A steep up-stroke of 35 to 100 % of the stem's height, and the stem."""
    slope, rise, lean = np.deg2rad(rng.uniform(38, 72)), rng.uniform(0.35, 1.0), rng.uniform(-0.15, 0.1)
    start, top, foot = np.array([-rise / np.tan(slope), rise]), np.zeros(2), np.array([lean, 1.0])
    up = [start, (start + top) / 2 + [0.06, 0.08], top] if curved else [start, top]
    stroke = np.concatenate([curve(jitter(up, rng)), polyline(jitter([top, foot], rng))])
    half = rng.uniform(0.15, 0.45)
    return [stroke, polyline(jitter([[lean - half, 1], [lean + half, 1]], rng))] if base else [stroke]


def seven(
    rng: np.random.Generator, bar: bool = False, hook: bool = False, tail: bool = False, bow: float = 0.05
) -> list[Stroke]:
    """A nearly level top, and a stem; maybe a bar, a hook at the left of the top, a tail that swings up."""
    width, lean = rng.uniform(0.45, 0.8), rng.uniform(0.1, 0.5)
    corner, foot = np.array([width, rng.uniform(-0.06, 0.05)]), np.array([width - lean, 1.0])
    middle = (corner + foot) / 2 + [-rng.uniform(0, bow), 0]
    stem = [
        corner,
        middle,
        foot,
        *([foot + [0.1, 0.0], foot + [rng.uniform(0.15, 0.28), -rng.uniform(0.1, 0.25)]] if tail else []),
    ]
    start = [[0.02, rng.uniform(0.12, 0.28)], [0.0, 0.0]] if hook else [[0.0, rng.uniform(0.0, 0.05)]]
    strokes = [np.concatenate([polyline(jitter([*start, corner], rng)), curve(jitter(stem, rng))])]
    if bar:
        half = rng.uniform(0.15, 0.3)
        strokes.append(polyline(jitter([middle - [half, 0], middle + [half, 0]], rng)))
    return strokes


def nine(rng: np.random.Generator, radius: tuple[float, float], curl: float) -> list[Stroke]:
    """A loop, counterclockwise from its right, and a tail that is straight or curls to the left, by a share `curl`."""
    r = rng.uniform(*radius)
    loop = arc([0.5, r], [r * rng.uniform(0.8, 1.3), r], -20, -360)
    right = loop[-1]
    tail = [right, right + [rng.uniform(-0.08, 0.02), 0.35], [right[0] - rng.uniform(0.0, 0.2), 1.0]]
    if curl:
        reach = curl * rng.uniform(0.4, 0.6)
        tail = [right, [right[0], 0.75], [right[0] - 0.2 * curl, 1.0], [right[0] - reach, rng.uniform(0.82, 0.95)]]
    return [np.concatenate([polyline(loop), curve(jitter(tail, rng))])]


def six(rng: np.random.Generator, radius: tuple[float, float]) -> list[Stroke]:
    """A stroke down and a loop, counterclockwise from its left."""
    r = rng.uniform(*radius)
    loop = arc([0.5, 1 - r], [r * rng.uniform(0.9, 1.4), r], 180, -rng.uniform(150, 185))
    stem = [[loop[0, 0] + rng.uniform(0.15, 0.5), 0], loop[0] + [rng.uniform(0.0, 0.1), -0.45 + r], loop[0]]
    return [np.concatenate([curve(jitter(stem, rng)), polyline(loop)])]


def eight(rng: np.random.Generator, begin: str) -> list[Stroke]:
    """An eight begun in the middle, open at the top, or made of two circles."""
    high = rng.uniform(0.19, 0.26)
    low = 0.5 - high
    wide, wider = high * rng.uniform(0.7, 1.2), low * rng.uniform(0.7, 1.2)
    if begin == "circles":
        return [polyline(arc([0, high], [wide, high], -90, 275)), polyline(arc([0, 1 - low], [wider, low], -90, 275))]
    if begin == "middle":
        loops = [arc([0, high], [wide, high], 90, 440), arc([0, 1 - low], [wider, low], -90, -450)]
        return [polyline(np.concatenate(loops))]
    gap, middle = rng.uniform(0.3, 0.6) * wide, 2 * high
    corners = [[wide, 0.08], [0, 0], [-wide, high], [0, middle], [wider, 1 - low], [0, 1], [-wider, 1 - low], [0, middle]]
    return [curve(jitter([*corners, [wide * 0.9, high * 0.9], [wide + gap, 0.02]], rng))]


def four(rng: np.random.Generator, form: str) -> list[Stroke]:
    """A four in one stroke that goes back down its stem or crosses itself, or an open one in two strokes."""
    level, right = rng.uniform(0.45, 0.68), rng.uniform(0.55, 0.75)
    if form == "crossing":
        return [
            polyline(jitter([[right, 0], [0, level], [1, level - 0.03], [right + 0.1, level - 0.25], [right - 0.03, 1]], rng))
        ]
    if form == "one stroke":
        return [polyline(jitter([[0.12, 0], [0, level], [right, level], [right + 0.08, 0.05], [right, 1]], rng))]
    return [
        polyline(jitter([[0.12, 0], [0, level], [1, level]], rng)),
        polyline(jitter([[right, 0.1], [right - 0.05, 1]], rng)),
    ]


def zero(rng: np.random.Generator, mark: str) -> list[Stroke]:
    """An ellipse with a slash, a dot, a slash that falls, or a steep one that leans to either side."""
    width = rng.uniform(0.28, 0.45)
    strokes = [polyline(arc([0, 0], [width, 0.5], -90, 270 + rng.uniform(-15, 30)))]
    if mark == "dot":
        return [*strokes, polyline(0.03 * rng.standard_normal((1, 2)).repeat(2, axis=0))]
    side = rng.uniform(-0.5, 0.5) if mark == "steep" else rng.uniform(0.7, 1.2) * (1 if mark == "slash" else -1)
    return [*strokes, polyline(jitter([[-side * width, 0.45], [side * width, -0.45]], rng))]


def two(rng: np.random.Generator, loop: bool) -> list[Stroke]:
    """A bow and a base, with a corner between them or a loop."""
    foot = [[0.08, 0.98], [0.0, 0.9], [0.12, 0.84], [0.4, 0.96]] if loop else [[0.0, 1.0]]
    bow = curve(jitter([[0, 0.2], [0.3, 0], [0.65, 0.2], [0.45, 0.55], *foot], rng))
    return [np.concatenate([bow, polyline(jitter([foot[-1], [rng.uniform(0.6, 0.85), 1 - rng.uniform(0, 0.08)]], rng))])]


def three(rng: np.random.Generator, flat: bool) -> list[Stroke]:
    """Two bows; the upper one may be a flat top and a diagonal."""
    top = (
        polyline(jitter([[0, 0], [0.65, 0], [0.3, 0.4]], rng))
        if flat
        else curve(jitter([[0, 0.12], [0.35, 0], [0.6, 0.2], [0.25, 0.45]], rng))
    )
    return [np.concatenate([top, curve(jitter([top[-1] / 1000, [0.7, 0.6], [0.6, 0.92], [0.25, 1], [0, 0.85]], rng))])]


def five(rng: np.random.Generator, strokes: int) -> list[Stroke]:
    """A neck, a bow and a flag, in one stroke or two."""
    flag, neck = [[0.7, rng.uniform(-0.04, 0.06)], [0.1, 0]], [[0.1, 0], [0.05, 0.42]]
    bow = curve(jitter([[0.05, 0.42], [0.4, 0.36], [0.68, 0.65], [0.4, 1], [0, 0.9]], rng))
    if strokes == 1:
        return [np.concatenate([polyline(jitter([*flag, neck[1]], rng)), bow])]
    return [np.concatenate([polyline(jitter(neck, rng)), bow]), polyline(jitter(flag, rng))]


USUAL, SMALL, TINY = (0.2, 0.3), (0.14, 0.2), (0.07, 0.14)

STYLES: Mapping[str, tuple[int, Style]] = {
    "zero, slash": (0, lambda rng: zero(rng, "slash")),
    "zero, dot": (0, lambda rng: zero(rng, "dot")),
    "one, long up-stroke": (1, lambda rng: one(rng, base=False)),
    "one, long up-stroke and base": (1, lambda rng: one(rng, base=True)),
    "two, corner": (2, lambda rng: two(rng, loop=False)),
    "two, loop": (2, lambda rng: two(rng, loop=True)),
    "three, flat": (3, lambda rng: three(rng, flat=True)),
    "three, round": (3, lambda rng: three(rng, flat=False)),
    "four, one stroke": (4, lambda rng: four(rng, "one stroke")),
    "four, open": (4, lambda rng: four(rng, "open")),
    "five, one stroke": (5, lambda rng: five(rng, 1)),
    "five, two strokes": (5, lambda rng: five(rng, 2)),
    "six, tiny loop": (6, lambda rng: six(rng, TINY)),
    "six": (6, lambda rng: six(rng, USUAL)),
    "seven": (7, seven),
    "seven, bar": (7, lambda rng: seven(rng, bar=True)),
    "seven, hook": (7, lambda rng: seven(rng, hook=True)),
    "seven, tail": (7, lambda rng: seven(rng, tail=True)),
    "eight, begun in the middle": (8, lambda rng: eight(rng, "middle")),
    "eight, open": (8, lambda rng: eight(rng, "open")),
    "nine": (9, lambda rng: nine(rng, USUAL, curl=0)),
    "nine, curled tail": (9, lambda rng: nine(rng, USUAL, curl=1)),
    "nine, tiny loop": (9, lambda rng: nine(rng, TINY, curl=0)),
    "zero, steep slash": (0, lambda rng: zero(rng, "steep")),
    "nine, small loop and curled tail": (9, lambda rng: nine(rng, SMALL, curl=1)),
    "nine, tiny loop and hooked tail": (9, lambda rng: nine(rng, TINY, curl=0.5)),
}
HELD_OUT: Mapping[str, tuple[int, Style]] = {
    "zero, falling slash": (0, lambda rng: zero(rng, "falling")),
    "one, curved up-stroke": (1, lambda rng: one(rng, base=False, curved=True)),
    "one, curved up-stroke and base": (1, lambda rng: one(rng, base=True, curved=True)),
    "four, crossing itself": (4, lambda rng: four(rng, "crossing")),
    "seven, bowed": (7, lambda rng: seven(rng, bow=0.2)),
    "seven, bar and hook": (7, lambda rng: seven(rng, bar=True, hook=True)),
    "seven, bar and tail": (7, lambda rng: seven(rng, bar=True, tail=True)),
    "eight, two circles": (8, lambda rng: eight(rng, "circles")),
    "nine, tiny loop and curled tail": (9, lambda rng: nine(rng, TINY, curl=1)),
}
