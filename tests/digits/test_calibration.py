"""Honest confidence: the temperature is found, folded in, and changes no reading."""

from __future__ import annotations

import numpy as np
import pytest

from digits import NONE
from digits.calibration import calibrate, fit_temperature, logits_of
from digits.metrics import expected_calibration_error
from nn import Network
from nn.loss import softmax


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true_temperature: float) -> None:
    rng = np.random.default_rng(0)
    honest = 2 * rng.standard_normal((20_000, 10))
    labels = np.array([rng.choice(10, p=p) for p in softmax(honest)])
    boastful = honest * true_temperature
    assert fit_temperature(boastful, labels) == pytest.approx(true_temperature, rel=0.05)


def test_it_is_folded_into_the_last_layer() -> None:
    rng = np.random.default_rng(1)
    network = Network.dense(784, 12, 10, seed=1)
    images = rng.integers(0, 256, (800, 784), np.uint8)
    before = logits_of(network, images)
    labels = np.array([rng.choice(10, p=p) for p in softmax(before / 3)])
    labels[::8] = NONE
    temperature, thresholds = calibrate(network, images, labels, knows_none=True)
    after = logits_of(network, images)
    np.testing.assert_allclose(after, before / temperature, rtol=1e-4, atol=1e-4)
    digits = labels != NONE
    assert expected_calibration_error(softmax(after[digits]), labels[digits]) < 0.06
    assert set(thresholds) == {"sure", "evidence"}


def test_a_network_that_was_taught_no_none_gets_no_threshold() -> None:
    rng = np.random.default_rng(2)
    network = Network.dense(784, 10, seed=2)
    _, thresholds = calibrate(network, rng.integers(0, 256, (50, 784), np.uint8), np.arange(50) % 10, knows_none=False)
    assert "evidence" not in thresholds
