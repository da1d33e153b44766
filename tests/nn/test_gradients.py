"""Is every layer's backward pass the derivative of its forward pass? Checked numerically, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import architecture
from nn.activations import ReLU
from nn.convolution import Conv2D, MaxPool2D
from nn.gradient_check import gradient_errors, numerical_gradient, relative_error
from nn.layers import ACTIVATIONS, LAYERS, BatchNorm, Dense, Flatten, Layer, Reshape
from nn.loss import cross_entropy, cross_entropy_or_none
from nn.network import Network

RIGHT = 1e-4  # as nn.gradient_check says; a gradient of 0 (a bias before BatchNorm) is compared with rounding

# What stands before and after each layer, so that its gradients pass through others on their way.
IN_COMPANY: dict[str, tuple[tuple[int, ...], list[Layer]]] = {
    "Dense": ((7,), [Dense(5)]),
    "Conv2D": ((6, 5, 2), [Conv2D(3), Flatten(), Dense(4)]),
    "Conv2D of size 5": ((7, 6, 2), [Conv2D(3, 5), Flatten(), Dense(4)]),
    "Conv2D of even size": ((6, 6, 1), [Conv2D(2, 2), Flatten(), Dense(4)]),
    "Conv2D without padding": ((6, 5, 2), [Conv2D(3, 3, padding=0), Flatten(), Dense(4)]),
    "Conv2D with wide padding": ((4, 4, 1), [Conv2D(2, 3, padding=2), Flatten(), Dense(4)]),
    "MaxPool2D": ((6, 6, 2), [Conv2D(2), MaxPool2D(), Flatten(), Dense(4)]),
    "MaxPool2D that leaves a rest": ((7, 5, 2), [MaxPool2D(2), Flatten(), Dense(4)]),
    "MaxPool2D of 3": ((7, 6, 1), [MaxPool2D(3), Flatten(), Dense(4)]),
    "BatchNorm of rows": ((6,), [Dense(5), BatchNorm(), ReLU(), Dense(4)]),
    "BatchNorm of images": ((5, 4, 2), [Conv2D(3), BatchNorm(), ReLU(), Flatten(), Dense(4)]),
    "Flatten": ((3, 4, 2), [Flatten(), Dense(4)]),
    "Reshape": ((12,), [Reshape((3, 4, 1)), Conv2D(2), Flatten(), Dense(4)]),
    **{kind.__name__: ((6,), [Dense(8), kind(), Dense(4)]) for kind in ACTIVATIONS.values()},
}


def batch_for(network: Network, seed: int = 1, size: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((size, *network.input_shape)), rng.integers(0, network.output_shape[0], size)


@pytest.mark.parametrize("name", IN_COMPANY)
def test_layer(name: str) -> None:
    shape, layers = IN_COMPANY[name]
    network = Network(layers, shape, seed=3)
    errors = gradient_errors(network, *batch_for(network))
    assert {"input"} | {name for name, _ in network.named_parameters()} == errors.keys()
    assert max(errors.values()) < RIGHT, errors


def test_no_layer_is_forgotten() -> None:
    checked = {type(layer).__name__ for _, layers in IN_COMPANY.values() for layer in layers}
    assert set(LAYERS) <= checked


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.sampled_from(["conv2", "conv3-norm", "conv2-pool", "conv2x5"]), max_size=2),
    st.lists(st.sampled_from(["5", "6-norm"]), max_size=2),
    st.sampled_from(list(ACTIVATIONS)),
    st.integers(0, 1000),
)
def test_any_network_in_words(images: list[str], dense: list[str], activation: str, seed: int) -> None:
    network = architecture.build("-".join(["8x7", *images, *dense, "3"]), seed, activation)
    errors = gradient_errors(network, *batch_for(network, seed), places=10, seed=seed)
    # A nudge now and then carries a number over a kink, ReLU's or the maximum's: then one array's error shows it.
    assert sorted(errors.values())[len(errors) // 2] < RIGHT, errors
    assert sum(error > 1e-2 for error in errors.values()) <= 1, errors


@pytest.mark.parametrize("loss", [cross_entropy, cross_entropy_or_none])
@pytest.mark.parametrize("smoothed", [False, True])
def test_loss(loss: object, smoothed: bool) -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((5, 4)) * 3
    classes = 4 + (loss is cross_entropy_or_none)
    targets = rng.dirichlet(np.ones(classes), 5) if smoothed else rng.integers(0, classes, 5)
    _, grad = loss(logits, targets)
    slopes = numerical_gradient(lambda: loss(logits, targets)[0], logits, np.arange(logits.size))
    assert relative_error(grad.reshape(-1), slopes) < 1e-7


def test_a_wrong_backward_pass_is_found() -> None:
    class Wrong(Dense, saved=False):
        def backward(self, dy: np.ndarray) -> np.ndarray:
            return 1.1 * super().backward(dy)

    network = Network([Dense(6), ReLU(), Wrong(4)], (5,))
    errors = gradient_errors(network, *batch_for(network))
    assert errors["input"] > 1e-2
    assert errors["2.weights"] < RIGHT, "that gradient is right"


def test_checking_leaves_the_network_as_it_was() -> None:
    network = Network([Dense(6), BatchNorm(), ReLU(), Dense(4)], (5,))
    before = [array.copy() for _, array in network.named_parameters()]
    gradient_errors(network, *batch_for(network))
    assert all(np.array_equal(a, b) for a, (_, b) in zip(before, network.named_parameters(), strict=True))
    assert (network.layers[1].state["mean"] == 0).all()


def test_training_fills_the_same_gradients_as_going_back_all_the_way() -> None:
    network = architecture.build("8x8-conv4-norm-pool-conv4-norm-6-norm-3", seed=2)
    x, labels = batch_for(network)
    x = x.astype(np.float32)
    _, grad = cross_entropy(network.forward(x, training=True), labels)
    network.backward(grad)
    whole = [layer.gradients for layer in network.layers]
    network.fill_gradients(grad)
    for layer, gradients in zip(network.layers, whole, strict=True):
        for name, gradient in gradients.items():
            np.testing.assert_array_equal(layer.gradients[name], gradient)
