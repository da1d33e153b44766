"""Corruptions of 28×28 images: each changes the picture, more with more strength, and depends on the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from research import corruptions
from research.corruptions import KINDS, corrupt_some, corrupted
from research.digit_grammar import STYLES
from research.more_images import grammar_images

DIGITS = grammar_images(STYLES, 4, seed=0)[0].astype(np.float32) / 255


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "threshold"])  # its strength is the level
def test_a_corruption_grows_with_its_strength(kind: str) -> None:
    def distance(strength: float) -> float:
        changed = corrupted(DIGITS, kind, np.random.default_rng(0), strength)
        assert changed.shape == DIGITS.shape
        assert changed.dtype == np.float32
        assert changed.min() >= 0
        assert changed.max() <= 1
        return float(np.abs(changed - DIGITS).mean())

    assert 0 < distance(0.1) < distance(0.9)


def test_some_images_are_corrupted_and_the_seed_decides_which() -> None:
    once, again, other = (corrupt_some(DIGITS, np.random.default_rng(seed), 0.4) for seed in (0, 0, 1))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
    assert 0.2 < (once != DIGITS).any(axis=1).mean() < 0.6


def test_the_measured_strengths_are_not_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []

    def spy(x: np.ndarray, rng: np.random.Generator, s: np.ndarray) -> np.ndarray:
        seen.append(s)
        return x

    monkeypatch.setattr(corruptions, "KINDS", {"spy": spy})
    corrupt_some(np.zeros((5_000, 784), np.float32), np.random.default_rng(0), 1.0)
    strengths, (low, high) = np.concatenate(seen), corruptions.MEASURED
    assert ((strengths <= low) | (strengths >= high)).all()
    assert strengths.min() < 0.05
    assert strengths.max() > 0.95
