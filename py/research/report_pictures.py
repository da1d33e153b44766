"""Pictures for README: how far the confidence can be trusted, what is read incorrectly, and the grammar of digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digits.calibration import logits_of
from digits.metrics import expected_calibration_error, reliability
from digits.preprocessing import SIDE
from digits.recognizer import Recognizer
from nn.loss import softmax
from research.digit_grammar import HELD_OUT, STYLES
from research.ink import Ink
from research.more_images import grammar_images
from research.report import pictures, usual_placement

PAPER, INK, QUIET, ACCENT, WARM = "#ffffff", "#1d2433", "#8a93a6", "#2563eb", "#d9661f"
ZOOM = 2  # for high-resolution screens


def draw_pictures(folder: Path, recognizer: Recognizer, images: np.ndarray, labels: np.ndarray, ink: Ink | None) -> list[Path]:
    """Write reliability.png, of MNIST's test images and the pen drawings if there are any, and mistakes.png, and styles.png.

    Returns their paths. The mistakes are MNIST's only: the project includes no pen drawings.
    """
    sets = [("MNIST test", images, labels)]
    if ink is not None:
        sets.append(("pen drawings", pictures(ink, usual_placement), ink.label))
    read = [(name, x, y, softmax(logits_of(recognizer.network, x))) for name, x, y in sets]
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "reliability.png", folder / "mistakes.png"
    reliability_plot([(name, p, y) for name, _, y, p in read]).save(paths[0], optimize=True)
    mistakes_gallery(*read[0][1:]).save(paths[1], optimize=True)
    styles_sheet().save(folder / "styles.png", optimize=True)
    return [*paths, folder / "styles.png"]


def styles_sheet(across: int = 16) -> Image.Image:
    """Drawings of every style of the grammar, a row each; those that no network was trained on at the bottom."""
    images, _ = grammar_images({**STYLES, **HELD_OUT}, across, seed=0)
    rows = (255 - images).reshape(-1, across, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(-1, across * SIDE)
    return Image.fromarray(rows).resize((across * SIDE * ZOOM, len(rows) * ZOOM))


def reliability_plot(sets: list[tuple[str, np.ndarray, np.ndarray]]) -> Image.Image:
    """Accuracy against confidence in ten bins; the radius of a dot grows with the logarithm of its number of images."""
    side, left, top = 360, 64, 28
    image = Image.new("RGB", ((left + side + 24) * ZOOM, (top + side + 56 + 22 * len(sets)) * ZOOM), PAPER)
    pencil, small = ImageDraw.Draw(image), ImageFont.load_default(13 * ZOOM)

    def at(x: float, y: float) -> tuple[float, float]:
        return ((left + x * side) * ZOOM, (top + (1 - y) * side) * ZOOM)

    for tick in np.linspace(0, 1, 6):
        pencil.line([at(0, tick), at(1, tick)], fill="#e6e9ef", width=ZOOM)
        pencil.line([at(tick, 0), at(tick, 1)], fill="#e6e9ef", width=ZOOM)
        pencil.text(at(tick, -0.02), f"{tick:.0%}", fill=QUIET, font=small, anchor="mt")
        pencil.text(at(-0.02, tick), f"{tick:.0%}", fill=QUIET, font=small, anchor="rm")
    pencil.line([at(0, 0), at(1, 1)], fill=QUIET, width=ZOOM)
    pencil.text(at(0.5, -0.09), "confidence", fill=INK, font=small, anchor="mt")
    pencil.text(at(0, 1.05), "accuracy", fill=INK, font=small, anchor="mm")
    for row, ((name, probabilities, labels), color) in enumerate(zip(sets, (ACCENT, WARM), strict=False)):
        for sure, right, count in reliability(probabilities, labels, 10):
            radius = (2 + 1.5 * np.log10(count)) * ZOOM
            x, y = at(sure, right)
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color, outline=PAPER, width=ZOOM)
        error = expected_calibration_error(probabilities, labels)
        y = (top + side + 56 + 22 * row) * ZOOM
        pencil.ellipse(((left - 5) * ZOOM, y - 5 * ZOOM, (left + 5) * ZOOM, y + 5 * ZOOM), fill=color)
        text = f"{name}: {len(labels):,} images, calibration error {error:.2%}"
        pencil.text(((left + 14) * ZOOM, y), text, fill=INK, font=small, anchor="lm")
    return image


def mistakes_gallery(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, across: int = 14) -> Image.Image:
    """The mistakes with the highest confidence, in three rows: the image, its label, and the digit that was read."""
    cell, caption, margin, title = 48, 18, 16, 26
    said = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(said != labels)
    surest = wrong[np.argsort(-probabilities[wrong, said[wrong]])][: 3 * across]
    rows = -(-len(surest) // across)
    size = 2 * margin + across * cell, 2 * margin + title + rows * (cell + caption)
    image = Image.new("RGB", (size[0] * ZOOM, size[1] * ZOOM), PAPER)
    pencil, small = ImageDraw.Draw(image), ImageFont.load_default(12 * ZOOM)
    text = f"{len(wrong)} of {len(labels):,} test images of MNIST are read incorrectly; ordered by confidence"
    pencil.text((margin * ZOOM, margin * ZOOM), text, fill=INK, font=small)
    for place, index in enumerate(surest):
        row, column = divmod(place, across)
        x, y = margin + column * cell, margin + title + row * (cell + caption)
        digit = Image.fromarray(255 - images[index].reshape(28, 28))
        image.paste(digit.resize([(cell - 4) * ZOOM] * 2, Image.Resampling.NEAREST), (x * ZOOM, y * ZOOM))
        below = ((x + cell / 2 - 2) * ZOOM, (y + cell - 1) * ZOOM)
        pencil.text(below, f"{labels[index]} as {said[index]}", fill=WARM, font=small, anchor="mt")
    return image
