"""Optimisers against steps worked out by hand, the schedules, and the average of the weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nn import SGD, Adam, Dense, Momentum, Network
from nn.optimizers import OPTIMIZERS, SCHEDULES, Optimizer, WeightAverage, constant, one_cycle


def one_weight(value: float = 1.0) -> Network:
    network = Network([Dense(1)], (1,))
    network.layers[0].parameters = {"weights": np.array([[value]], np.float32), "bias": np.array([value], np.float32)}
    return network


def after(optimizer: Optimizer, gradients: list[float], value: float = 1.0) -> np.ndarray:
    """The weight and the bias after steps with these gradients."""
    network = one_weight(value)
    for g in gradients:
        network.layers[0].gradients = {"weights": np.array([[g]], np.float32), "bias": np.array([g], np.float32)}
        optimizer.step(network)
    return np.array([network.layers[0].parameters["weights"][0, 0], network.layers[0].parameters["bias"][0]])


def test_sgd() -> None:
    np.testing.assert_allclose(after(SGD(0.1), [2.0, -1.0]), 1 - 0.2 + 0.1, rtol=1e-6)


def test_momentum_remembers() -> None:
    # v: 2, then 0.5 · 2 − 1 = 0
    np.testing.assert_allclose(after(Momentum(0.1, momentum=0.5), [2.0, -1.0]), 1 - 0.2 - 0, rtol=1e-6)


def test_adam_takes_a_first_step_of_the_learning_rate_whatever_the_gradient() -> None:
    for g in (1e-3, 1.0, 1e3):
        np.testing.assert_allclose(after(Adam(0.01), [g]), 1 - 0.01, rtol=1e-4)


def test_adam_by_hand() -> None:
    m = v = 0.0
    theta = 1.0
    for t, g in enumerate([0.5, -2.0, 1.0], 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= 0.02 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(after(Adam(0.02), [0.5, -2.0, 1.0]), theta, rtol=1e-5)


def test_weight_decay_shrinks_weights_and_not_biases() -> None:
    weight, bias = after(Adam(0.1, weight_decay=0.5), [0.0])
    assert weight == pytest.approx(1 - 0.1 * 0.5)
    assert bias == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_finds_the_bottom_of_a_bowl(name: str) -> None:
    optimizer = OPTIMIZERS[name](0.05)
    network = Network([Dense(3)], (2,), seed=1)
    goal = {key: array + 0.5 for key, array in network.layers[0].parameters.items()}
    for _ in range(400):
        parameters = network.layers[0].parameters
        network.layers[0].gradients = {key: parameters[key] - goal[key] for key in goal}
        optimizer.step(network)
    for key, array in network.layers[0].parameters.items():
        np.testing.assert_allclose(array, goal[key], atol=1e-2)
        assert array.dtype == np.float32


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_positive_and_never_above_their_rate(name: str) -> None:
    rates = [SCHEDULES[name](0.01)(done) for done in np.linspace(0, 1, 1001)]
    assert min(rates) > 0
    assert max(rates) <= 0.01 * 1.002


def test_one_cycle_rises_then_falls_to_nothing() -> None:
    rate = one_cycle(1.0, warm_up=0.1)
    rising = [rate(done) for done in np.linspace(0, 0.099, 50)]
    falling = [rate(done) for done in np.linspace(0.1, 1, 50)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert rate(0) < 0.01
    assert rate(1) < 0.01
    assert rate(0.1) == pytest.approx(1, abs=0.01)
    assert constant(0.3)(0) == constant(0.3)(1) == 0.3


def test_the_average_follows_slowly_and_soon_forgets_the_start() -> None:
    network = one_weight(0.0)
    average = WeightAverage(network, decay=0.99)
    network.layers[0].parameters["weights"][:] = 1
    seen = []
    for _ in range(500):
        average.update(network)
        seen.append(float(average.network.layers[0].parameters["weights"][0, 0]))
    assert seen == sorted(seen)
    assert 0 < seen[0] < 1
    assert seen[-1] > 0.99
    assert network.layers[0].parameters["weights"][0, 0] == 1, "the network itself is left alone"
