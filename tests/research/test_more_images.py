"""The grammar of digits, and the other images that are trained on: readable as what they are, and a function of the seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from digits.recognizer import Recognizer
from research.digit_grammar import HELD_OUT, STYLES
from research.ink import Ink
from research.ink_collections import Drawing, ink_of
from research.more_images import crossed_out_images, grammar_images, outlined_images, sign_images, typefaces

WEIGHTS = Path(__file__).resolve().parents[2] / "weights" / "convolutional.npz"
PLAIN = {name: STYLES[name] for name in ("two, corner", "three, round", "five, one stroke", "six", "eight, open")}


@pytest.fixture(scope="module")
def ink() -> Ink:
    return ink_of([Drawing(str(label), "a-1", style(np.random.default_rng(0))) for label, style in STYLES.values()])


def test_the_grammar_draws_digits_that_a_network_trained_on_others_reads() -> None:
    images, labels = grammar_images(PLAIN, 20, seed=0)
    network = Recognizer.load(WEIGHTS).network
    assert (network.forward(images.astype(np.float32) / 255).argmax(axis=1) == labels).mean() > 0.9


def test_styles_are_trained_on_or_held_out() -> None:
    assert not set(STYLES) & set(HELD_OUT)
    assert {label for label, _ in STYLES.values()} == set(range(10))


def test_images_are_a_function_of_the_seed(ink: Ink) -> None:
    for make in (
        lambda seed: grammar_images({**STYLES, **HELD_OUT}, 2, seed)[0],
        lambda seed: outlined_images(ink, 6, seed)[0],
        lambda seed: crossed_out_images(ink, 6, seed),
        lambda seed: sign_images(ink, 1, seed),
    ):
        images = make(1)
        assert images.dtype == np.uint8
        assert (images.max(axis=1) > 200).all()
        np.testing.assert_array_equal(images, make(1))
        assert (images != make(2)).any()


def test_an_outlined_digit_is_hollow(ink: Ink) -> None:
    outlined, labels = outlined_images(ink, 20, seed=0)
    assert set(labels) <= set(range(10))
    assert 20 < (outlined > 128).sum(axis=1).mean() < 250


def test_typefaces_are_trained_on_or_held_out(tmp_path: Path) -> None:
    for name in ("Sans-Bold.ttf", "Serif.ttf"):
        (tmp_path / name).touch()
    assert [path.name for path in typefaces(tmp_path, held_out=False)] == ["Sans-Bold.ttf"]
    assert [path.name for path in typefaces(tmp_path, held_out=True)] == ["Serif.ttf"]
    with pytest.raises(ValueError, match="no typefaces"):
        typefaces(tmp_path / "nowhere", held_out=True)
