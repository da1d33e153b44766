"""The activations: what goes forward, and networks built of them. (Their gradients: test_gradients.py.)"""

from __future__ import annotations

import numpy as np
import pytest

from nn import architecture, parameters
from nn.activations import LeakyReLU, Sigmoid, Tanh
from nn.layers import ACTIVATIONS


def test_each_gives_what_its_equation_says() -> None:
    x = np.array([[-1000, -2, 0, 0.5, 1000]], np.float32)
    np.testing.assert_allclose(LeakyReLU(0.1).forward(x), [[-100, -0.2, 0, 0.5, 1000]])
    np.testing.assert_allclose(Tanh().forward(x), np.tanh(x))
    np.testing.assert_allclose(Sigmoid().forward(x), [[0, 0.11920292, 0.5, 0.62245933, 1]], rtol=1e-6)
    for layer in (LeakyReLU(), Tanh(), Sigmoid()):
        assert layer.forward(x, training=True).dtype == np.float32
        assert layer.backward(np.ones_like(x)).dtype == np.float32


@pytest.mark.parametrize("word", ACTIVATIONS)
def test_a_network_of_them_is_built_from_words_and_kept(word: str) -> None:
    network = architecture.build("28x28-conv4-pool-16-10", 1, word)
    assert [type(layer) for layer in network.layers].count(ACTIVATIONS[word]) == 2
    again = parameters.loads(parameters.dumps_npz(network))
    x = np.random.default_rng(0).random((3, 784), np.float32)
    np.testing.assert_array_equal(again.forward(x), network.forward(x))
