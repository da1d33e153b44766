"""The gradients of one example are the slopes that small changes measure, in float64 and in float32."""

from __future__ import annotations

import numpy as np
import pytest

from nn import Network, architecture
from nn.backpropagation import gradients
from nn.gradient_check import numerical_gradient, relative_error
from nn.layers import Dense
from nn.loss import cross_entropy, softmax

NETWORKS = ["784-30-20-10", "784-10", "28x28-conv4-norm-pool-conv6x5-norm-pool-20-norm-10"]
LABEL = 3


def example() -> np.ndarray:
    return np.random.default_rng(0).random(784, np.float32)  # no two pixels equal: a maximum of equals has no derivative


def loss_of(network: Network, x: np.ndarray) -> float:
    return cross_entropy(network.forward(x[None]), np.array([LABEL]))[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-3)])
@pytest.mark.parametrize("words", NETWORKS)
def test_they_are_what_small_changes_measure(words: str, dtype: type[np.floating], tolerance: float) -> None:
    network = architecture.build(words, seed=1).folded().astype(dtype)
    twin, x = network.astype(np.float64), example().astype(np.float64)
    found = gradients(network, example().astype(dtype), LABEL)
    rng = np.random.default_rng(1)
    pairs = [(x, found.input)]
    for layer, parameters in zip(twin.layers, found.parameters, strict=True):
        assert parameters.keys() == layer.parameters.keys()
        pairs += [(array, parameters[name]) for name, array in layer.parameters.items()]
    for array, gradient in pairs:
        assert (gradient.shape, gradient.dtype) == (array.shape, dtype)
        places = rng.choice(array.size, min(30, array.size), replace=False)
        slopes = numerical_gradient(lambda: loss_of(twin, x), array, places)
        assert relative_error(gradient.reshape(-1)[places], slopes) < tolerance


@pytest.mark.parametrize("words", NETWORKS)
def test_each_layer_has_the_gradient_of_its_output(words: str) -> None:
    network = architecture.build(words, seed=1).folded()
    found = gradients(network, example(), LABEL)
    logits = network.forward(example()[None])[0]
    assert found.loss == pytest.approx(loss_of(network, example()), rel=1e-6)
    np.testing.assert_allclose(found.activations[-1], logits, rtol=1e-5)
    np.testing.assert_allclose(found.outputs[-1], softmax(logits) - np.eye(10)[LABEL], atol=1e-6)
    for index, layer in enumerate(network.layers):
        assert found.outputs[index].shape == found.activations[index].shape
        if isinstance(layer, Dense):
            np.testing.assert_allclose(found.parameters[index]["bias"], found.outputs[index], atol=1e-7)


def test_a_batchnorm_needs_a_batch() -> None:
    with pytest.raises(ValueError, match=r"give network\.folded\(\)"):
        gradients(architecture.build("784-20-norm-10"), example(), LABEL)
