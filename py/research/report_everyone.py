"""Measures a network on other ways to write a digit, on bad paper, and on signs and printed letters, which are no digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from digits.calibration import logits_of
from digits.recognizer import Recognizer, evidence
from research.corruptions import KINDS, MEASURED, corrupted
from research.digit_grammar import HELD_OUT, STYLES, Style
from research.ink import Ink
from research.more_images import PRINTED, grammar_images, outlined_images, printed_images, sign_images, typefaces

EACH = 200  # drawings of each style
CONFUSED = "one, long up-stroke", "one, long up-stroke and base", "seven"  # trained on, but with other random numbers


def grammar_figures(recognizer: Recognizer) -> dict[str, float]:
    """The share read correctly of each held-out style, and of ones with a long up-stroke and sevens without a bar."""
    styles: dict[str, tuple[int, Style]] = dict(HELD_OUT) | {name: STYLES[name] for name in CONFUSED}
    images, labels = grammar_images(styles, EACH, seed=1_000)
    right = logits_of(recognizer.network, images).argmax(axis=1) == labels
    return {f"grammar_{_word(name)}": float(part.mean()) for name, part in zip(styles, right.reshape(-1, EACH), strict=True)}


def corruption_figures(recognizer: Recognizer, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy and flagged share of MNIST's test images under each corruption, with strengths that are not trained on."""
    figures, rng = {}, np.random.default_rng(1_000)
    for kind in KINDS:
        x = corrupted(images.astype(np.float32) / 255, kind, rng, rng.uniform(*MEASURED, len(images)))
        logits = logits_of(recognizer.network, np.round(x * 255).astype(np.uint8))
        figures[f"corrupted_{kind}"] = float((logits.argmax(axis=1) == labels).mean())
        if recognizer.least_evidence is not None:
            figures[f"corrupted_{kind}_flagged"] = float((evidence(logits) < recognizer.least_evidence).mean())
    for suffix in ("", "_flagged"):
        if found := [figures[f"corrupted_{kind}{suffix}"] for kind in KINDS if f"corrupted_{kind}{suffix}" in figures]:
            figures[f"corrupted_mean{suffix}"] = float(np.mean(found))
    return figures


def outlined_figures(recognizer: Recognizer, ink: Ink) -> dict[str, float]:
    """Accuracy and flagged share of outlined digits."""
    images, labels = outlined_images(ink, 600, seed=1_000)
    figures = {"outlined": float((logits_of(recognizer.network, images).argmax(axis=1) == labels).mean())}
    return figures | flagged("outlined_flagged", recognizer, images)


def sign_figures(recognizer: Recognizer, signs: Ink | None, fonts: Path | None) -> dict[str, float]:
    """The shares called no digit: of signs of other alphabets, and of letters in typefaces that are not trained on."""
    figures: dict[str, float] = {}
    if signs is not None:
        figures |= flagged("flagged_signs", recognizer, sign_images(signs, 1, seed=1_000))
    if fonts is not None:
        printed = printed_images(typefaces(fonts, held_out=True), PRINTED, 1_000, seed=1_000)
        figures |= flagged("flagged_printed", recognizer, printed)
    return figures


def flagged(name: str, recognizer: Recognizer, images: np.ndarray) -> dict[str, float]:
    """The share called no digit, under this name; nothing if the network has no threshold for it."""
    least = recognizer.least_evidence
    return {} if least is None else {name: float((evidence(logits_of(recognizer.network, images)) < least).mean())}


def _word(name: str) -> str:
    return name.replace(",", "").replace("-", "_").replace(" ", "_")
