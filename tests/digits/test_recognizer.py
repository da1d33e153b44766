"""What is claimed of a drawing, with a tiny network made by hand: it looks where the ink is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from digits.recognizer import Recognizer, evidence
from digits.shipped_models import default_weights
from nn import Network, ParameterError, architecture, parameters

DRAWING = np.pad(np.full((160, 40), 255, np.uint8), ((60, 60), (120, 120)))


def says(**logits: float) -> Network:
    """A network that says the same of everything: `says(d3=9, d8=8)`."""
    network = Network.dense(784, 10)
    network.layers[0].parameters["weights"][:] = 0
    network.layers[0].parameters["bias"][:] = [logits.get(f"d{digit}", -9) for digit in range(10)]
    return network


CARD = {"thresholds": {"evidence": 1.0, "sure": 0.7}}


@pytest.mark.parametrize(
    ("logits", "verdict", "is_digit"),
    [
        ({"d3": 9.0}, "digit", True),
        ({"d3": 9.0, "d8": 8.9}, "unsure", True),
        ({"d3": 0.5}, "not-a-digit", False),
        ({"d3": 0.2, "d8": 0.1}, "not-a-digit", False),
    ],
)
def test_verdicts(logits: dict[str, float], verdict: str, is_digit: bool) -> None:
    reading = Recognizer(says(**logits), CARD).read(DRAWING)
    assert (reading.verdict, reading.is_digit, reading.digit) == (verdict, is_digit, 3)
    assert reading.second == (8 if "d8" in logits else reading.second)
    assert reading.confidence == reading.probabilities[3] == reading.probabilities.max()
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.dtype == np.float32
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("card", [None, {}, {"thresholds": {}}, {"thresholds": {"sure": 0.7}}])
def test_without_a_threshold_it_cannot_tell(card: dict | None) -> None:
    assert Recognizer(says(d3=0.5), card).read(DRAWING).is_digit is None
    assert Recognizer(says(d3=9), card).read(DRAWING).verdict == "digit"


def test_of_an_empty_pad_nothing_is_claimed() -> None:
    reading = Recognizer(says(d3=9), CARD).read(np.zeros((280, 280), np.uint8))
    assert (reading.digit, reading.second, reading.confidence, reading.is_digit) == (None, None, 0, None)
    assert reading.verdict == "empty"
    assert not reading.image.any()


def test_a_reading_shows_every_layer() -> None:
    network = Network.dense(784, 12, 8, 10, seed=1)
    reading = Recognizer(network).read(DRAWING)
    assert [a.shape for a in reading.activations] == [(12,), (12,), (8,), (8,), (10,)]
    np.testing.assert_array_equal(reading.activations[-1], network.forward(reading.image.reshape(1, 784))[0])
    assert reading.image.shape == (28, 28)


def test_evidence_is_stable_and_by_hand() -> None:
    assert evidence(np.log([1.0, 2.0, 5.0])) == pytest.approx(np.log(8))
    assert evidence(np.array([[1e4, 0.0], [-1e4, -1e4]])) == pytest.approx([1e4, -1e4 + np.log(2)])


@pytest.mark.parametrize("words", ["784-9", "783-10", "20x20-conv2-10"])
def test_a_network_that_reads_no_digits_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="takes 784 numbers and gives 10"):
        Recognizer(architecture.build(words))


def test_the_card_beside_the_weights_is_read_and_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "mine.pk1"
    parameters.save(path, says(d3=0.5))
    assert Recognizer.load(path).card is None
    path.with_suffix(".json").write_text(json.dumps(CARD | {"name": "mine"}))
    recognizer = Recognizer.load(path)
    assert recognizer.card["name"] == "mine"
    assert recognizer.read(DRAWING).verdict == "not-a-digit"


BROKEN_CARDS = ["", "{", "[1, 2]", '"card"', '{"thresholds": 5}']
BROKEN_CARDS += ['{"thresholds": {"evidence": "much"}}', '{"thresholds": {"sure": null}}']
NO_LISTS = [None, "", "{}", "[]", '{"default": "a", "models": []}', '{"default": "a", "models": [{"name": "a"}]}']


@pytest.mark.parametrize("card", BROKEN_CARDS)
def test_a_broken_card_is_one_sentence(tmp_path: Path, card: str) -> None:
    parameters.save(tmp_path / "mine.pk1", says(d3=9))
    (tmp_path / "mine.json").write_text(card)
    with pytest.raises(ParameterError, match=r"mine\.json, the card of mine\.pk1, is broken"):
        Recognizer.load(tmp_path / "mine.pk1")


@pytest.mark.parametrize("listing", NO_LISTS)
def test_a_list_of_networks_that_names_none_is_one_sentence(tmp_path: Path, listing: str | None) -> None:
    if listing is not None:
        (tmp_path / "models.json").write_text(listing)
    with pytest.raises(ValueError, match="does not name a default network"):
        default_weights(tmp_path)
