"""Measures a network: on MNIST's test images, on pen drawings under many conditions, and on drawings of no digit.

Figures have flat names ("ink_size_15_25") and are shares, 0…1, except for counts, the confusion matrix (a list of rows) and
the recall of each digit (a list). `py/evaluate.py` prints them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from digits.calibration import logits_of
from digits.metrics import accuracy, confusion_matrix, expected_calibration_error, recall
from digits.preprocessing import preprocess
from digits.recognizer import Recognizer, evidence
from nn.loss import softmax
from research import doodles
from research.ink import Ink, Placement, Stroke, render
from research.pen_images import as_bytes, bar, fair_letters, slash

Figures = dict[str, float | int | list[Any]]
Place = Callable[[np.random.Generator], Placement]
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]

# Parts of the pad's side; the first range is the usual one, to compare the others with.
SIZES = ((0.40, 0.60), (0.15, 0.25), (0.25, 0.40), (0.60, 0.80), (0.80, 0.95))
# The pen's width as a part of the longer side of the drawing.
PENS = ((1 / 14, 1 / 9), (1 / 40, 1 / 25), (1 / 25, 1 / 14), (1 / 9, 1 / 7), (1 / 7, 1 / 6))
TILTS = (0, -15, -10, -5, 5, 10, 15)


def usual_placement(rng: np.random.Generator) -> Placement:
    """As people draw on the pad: at 35 to 85 % of its side, anywhere, with a pen 12 to 26 pixels wide."""
    return Placement(rng.uniform(0.35, 0.85), rng.random(), rng.random(), rng.uniform(12, 26) / 280)


def picture(strokes: list[Stroke], placement: Placement, change: Change | None, rng: np.random.Generator) -> np.ndarray:
    """A drawing as the network's input (784,) uint8: rendered on the pad, changed, preprocessed.

    The polarity of the pad is known; that of a changed picture is detected.
    """
    pixels = render(strokes, placement)
    steps = preprocess(pixels, "light-on-dark") if change is None else preprocess(change(pixels, rng))
    return as_bytes(steps.image)


def pictures(ink: Ink, place: Place, change: Change | None = None, seed: int = 0) -> np.ndarray:
    """All drawings of an ink file as inputs (D, 784) uint8; each has a random generator of its own."""
    rngs = [np.random.default_rng([seed, i]) for i in range(len(ink))]
    return np.stack([picture(ink[i], place(rng), change, rng) for i, rng in enumerate(rngs)])


def dark_on_light(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 255 - pixels


def faint(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gray on a lighter gray."""
    return (200 - pixels.astype(np.float32) * 0.3).astype(np.uint8)


def blurred(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Out of focus: three box filters of 9 pixels, about a Gaussian of 4.5."""
    soft: np.ndarray = np.pad(pixels.astype(np.float32), 12, mode="edge")
    for _ in range(3):
        for axis in (0, 1):
            total = np.cumsum(soft, axis=axis)
            soft = (np.take(total, range(9, total.shape[axis]), axis) - np.take(total, range(total.shape[axis] - 9), axis)) / 9
    return soft.clip(0, 255).astype(np.uint8)


def noisy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise of a tenth of the contrast, on paper that is not quite white."""
    return np.clip(230 - 0.8 * pixels + 20 * rng.standard_normal(pixels.shape), 0, 255).astype(np.uint8)


def conditions() -> Iterator[tuple[str, Place, Change | None]]:
    """(name, placement, change) of each condition; the first one of a group is the usual one."""
    middle = Placement(0.5, 0.5, 0.5, 0.5 * 0.09)
    for low, high in SIZES:
        yield f"size_{low * 100:.0f}_{high * 100:.0f}", partial(_sized, low, high), None
    for name, x, y in (("middle", 0.5, 0.5), ("left", 0, 0.5), ("right", 1, 0.5), ("top", 0.5, 0), ("corner", 1, 1)):
        yield f"place_{name}", partial(_fixed, Placement(0.35, x, y, 0.35 * 0.09)), None
    for low, high in PENS:
        yield f"pen_1/{1 / low:.0f}_1/{1 / high:.0f}", partial(_penned, low, high), None
    for tilt in TILTS:
        yield f"tilt_{tilt:+d}" if tilt else "tilt_0", partial(_fixed, replace(middle, tilt=tilt)), None
    for name, change in (
        ("light_on_dark", lambda pixels, rng: pixels),
        ("dark_on_light", dark_on_light),
        ("faint", faint),
        ("blurred", blurred),
        ("noisy", noisy),
    ):
        yield f"look_{name}", partial(_fixed, middle), change


def _fixed(placement: Placement, rng: np.random.Generator) -> Placement:
    return placement


def _sized(low: float, high: float, rng: np.random.Generator) -> Placement:
    size = rng.uniform(low, high)
    return Placement(size, rng.random(), rng.random(), max(size * 0.09, 4 / 280))


def _penned(low: float, high: float, rng: np.random.Generator) -> Placement:
    return Placement(0.7, 0.5, 0.5, 0.7 * rng.uniform(low, high))


def has_flag(strokes: list[Stroke]) -> bool:
    """Whether a one has a flag: its first stroke goes up before it goes down."""
    first, points = strokes[0], np.concatenate(strokes)
    height = max(float(np.ptp(points[:, 1])), 1.0)
    return bool(first[0, 1] - first[:, 1].min() > 0.12 * height)


def is_open(strokes: list[Stroke]) -> bool:
    """Whether a four is open at the top: the highest points of its two strokes are apart."""
    if len(strokes) < 2:
        return False
    tops = [stroke[stroke[:, 1].argmin()] for stroke in strokes[:2]]
    return bool(abs(tops[0][0] - tops[1][0]) > 150)


def mnist_figures(recognizer: Recognizer, images: np.ndarray, labels: np.ndarray) -> Figures:
    """Accuracy, calibration, recall of each digit and the confusion matrix on MNIST's test images (n, 784) uint8."""
    logits = logits_of(recognizer.network, images)
    probabilities = softmax(logits)
    matrix = confusion_matrix(probabilities.argmax(axis=1), labels)
    figures: Figures = {
        "mnist_test_accuracy": accuracy(probabilities, labels),
        "mnist_test_calibration_error": expected_calibration_error(probabilities, labels),
        "mnist_test_recall": [round(float(r), 4) for r in recall(matrix)],
        "mnist_test_confusion": matrix.tolist(),
    }
    if recognizer.least_evidence is not None:
        figures["mnist_test_flagged"] = float((evidence(logits) < recognizer.least_evidence).mean())
    return figures


def ink_figures(recognizer: Recognizer, ink: Ink, tell: Callable[[float, str], None] = lambda done, condition: None) -> Figures:
    """How the drawings of an ink file are read: placed as usual, by source; under each condition; and some special shapes.

    Each condition takes about a second; `tell` is called with its name and the part that is done.
    """
    network = recognizer.network

    def read(images: np.ndarray) -> np.ndarray:
        return softmax(logits_of(network, images))

    usual = logits_of(network, pictures(ink, usual_placement))
    probabilities = softmax(usual)
    right = probabilities.argmax(axis=1) == ink.label
    matrix = confusion_matrix(probabilities.argmax(axis=1), ink.label)
    figures: Figures = {
        "ink_drawings": len(ink),
        "ink_accuracy": float(right.mean()),
        "ink_calibration_error": expected_calibration_error(probabilities, ink.label),
        "ink_recall": [round(float(r), 4) for r in recall(matrix)],
    }
    for source in np.unique(ink.source):
        figures[f"ink_accuracy_{source}"] = float(right[ink.source == source].mean())
        figures[f"ink_accuracy_{source}_drawings"] = int((ink.source == source).sum())
    if recognizer.least_evidence is not None:
        figures["ink_flagged"] = float((evidence(usual) < recognizer.least_evidence).mean())
    tests = list(conditions())
    for index, (name, place, change) in enumerate(tests):
        tell(index / len(tests), name)
        figures[f"ink_{name}"] = accuracy(read(pictures(ink, place, change)), ink.label)
    drawings = [(ink[i], int(label)) for i, label in enumerate(ink.label)]
    rng = np.random.default_rng(0)
    for name, label, shapes in (
        ("slashed_zeros", 0, [slash(s, rng) for s, label in drawings if label == 0]),
        ("barred_sevens", 7, [bar(s, rng) for s, label in drawings if label == 7]),
        ("flagged_ones", 1, [s for s, label in drawings if label == 1 and has_flag(s)]),
        ("open_fours", 4, [s for s, label in drawings if label == 4 and is_open(s)]),
    ):
        if shapes:
            images = np.stack([picture(s, usual_placement(rng), None, rng) for s in shapes])
            figures[f"ink_{name}"] = float((read(images).argmax(axis=1) == label).mean())
            figures[f"ink_{name}_drawings"] = len(shapes)
    return figures


def none_figures(recognizer: Recognizer, letters: Ink | None) -> Figures:
    """The share called no digit: of doodles of kinds trained on and not trained on, and of letters that look like no digit."""
    if recognizer.least_evidence is None:
        return {}

    def flagged(shapes: list[list[Stroke]]) -> float:
        rngs = [np.random.default_rng([5, i]) for i in range(len(shapes))]
        images = np.stack([picture(s, usual_placement(rng), None, rng) for s, rng in zip(shapes, rngs, strict=True)])
        return float((evidence(logits_of(recognizer.network, images)) < recognizer.least_evidence).mean())

    def drawn(kinds: tuple[doodles.Doodle, ...], count: int) -> list[list[Stroke]]:
        return [kinds[i % len(kinds)](np.random.default_rng([6, i])) for i in range(count)]

    figures: Figures = {
        "flagged_doodles": flagged(drawn(doodles.KINDS, 1000)),
        "flagged_doodles_unseen": flagged(drawn(doodles.UNSEEN, 400)),
    }
    if letters is not None:
        fair = fair_letters(letters)
        figures["flagged_letters"] = flagged([letters[int(i)] for i in fair])
        figures["flagged_letters_drawings"] = len(fair)
    return figures


def prediction_milliseconds(recognizer: Recognizer, times: int = 60) -> float:
    """The median time from 280 × 280 pixels to a reading, in milliseconds."""
    pixels = render([np.array([[200, 100], [800, 100], [400, 900]], np.float32)])
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        recognizer.read(pixels, "light-on-dark")
        taken.append(time.perf_counter() - began)
    return float(np.median(taken) * 1000)
