"""A logit taken apart: the parts add up to it, and each is what it claims to be."""

from __future__ import annotations

import numpy as np
import pytest

from nn import Network, architecture
from nn.attribution import contributions

NETWORKS = ["784-30-20-10", "28x28-conv4-norm-pool-conv6x5-norm-pool-20-norm-10"]


def seasoned(words: str, activation: str = "relu") -> Network:
    """A network whose biases are not 0."""
    network = architecture.build(words, seed=1, activation=activation).folded()
    rng = np.random.default_rng(2)
    for layer in network.layers:
        if "bias" in layer.parameters:
            layer.parameters["bias"] += rng.normal(0, 0.3, layer.parameters["bias"].shape).astype(np.float32)
    return network


@pytest.mark.parametrize("words", NETWORKS)
def test_inputs_and_biases_add_up_to_the_logit(words: str) -> None:
    network = seasoned(words)
    x = np.random.default_rng(0).random(784, np.float32) * (np.arange(784) % 3 == 0)
    logits = network.forward(x[None])[0]
    for answer in range(10):
        parts = contributions(network, x, answer)
        assert parts.logit == pytest.approx(logits[answer], abs=1e-6)
        assert parts.inputs.sum() + sum(parts.biases.values()) == pytest.approx(parts.logit, abs=1e-5)
        assert parts.rest == pytest.approx(0, abs=1e-5)
        assert not parts.inputs[x == 0].any()


@pytest.mark.parametrize("words", NETWORKS)
def test_an_inputs_share_is_its_value_times_the_measured_slope(words: str) -> None:
    network = seasoned(words).astype(np.float64)
    x = np.random.default_rng(0).random(784)
    parts = contributions(network, x, 7)
    for place in (0, 100, 405, 783):
        above, below = x.copy(), x.copy()
        above[place] += 1e-6
        below[place] -= 1e-6
        slope = (network.forward(above[None]) - network.forward(below[None]))[0, 7] / 2e-6
        assert parts.inputs[place] == pytest.approx(x[place] * slope, abs=1e-6)


def test_what_a_tanh_bends_is_left_over_and_said() -> None:
    parts = contributions(seasoned("784-30-10", "tanh"), np.random.default_rng(0).random(784, np.float32), 3)
    assert abs(parts.rest) > 1e-3
    assert parts.inputs.sum() + sum(parts.biases.values()) + parts.rest == pytest.approx(parts.logit, abs=1e-5)


def test_batchnorm_is_refused_with_a_remedy() -> None:
    with pytest.raises(ValueError, match="folded"):
        contributions(architecture.build("784-8-norm-10"), np.zeros(784, np.float32), 0)
