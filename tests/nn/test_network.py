"""Networks: what they say of themselves, in words and as JSON, and the shapes they refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nn import Conv2D, Dense, Flatten, MaxPool2D, Network, ReLU, Reshape, architecture
from nn.layers import BatchNorm
from nn.network import layers_from_config


def test_the_seeds_network_says_what_it_is() -> None:
    text = repr(Network.dense(784, 128, 64, 10))
    assert "109,386 parameters" in text
    assert "Dense(128)" in text
    assert "784×128" in text
    assert len(text.splitlines()) == 6


def test_the_same_seed_makes_the_same_network() -> None:
    a, b, c = (Network.dense(6, 5, 4, seed=seed).layers[0].parameters["weights"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    assert a.dtype == np.float32


def test_weights_start_as_he_says() -> None:
    network = Network([Dense(400), ReLU(), Dense(10)], (300,))
    assert network.layers[0].parameters["weights"].std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert (network.layers[0].parameters["bias"] == 0).all()


def test_activations_are_what_each_layer_gives() -> None:
    network = architecture.build("8x8-conv4-norm-pool-6-3")
    x = np.random.default_rng(0).random((2, 64), np.float32)
    outputs = network.activations(x)
    assert len(outputs) == len(network.layers)
    np.testing.assert_array_equal(outputs[-1], network.forward(x))
    shape = network.input_shape
    for layer, output in zip(network.layers, outputs, strict=True):
        shape = layer.output_shape(shape)
        assert output.shape == (2, *shape)


def test_predictions_do_not_depend_on_the_batch() -> None:
    network = architecture.build("8x8-conv4-norm-pool-6-norm-3", seed=1)
    x = np.random.default_rng(0).random((7, 64), np.float32)
    np.testing.assert_allclose(network.predict(x, batch=3), network.predict(x), atol=1e-6)
    np.testing.assert_allclose(network.predict(x).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("words", ["8x8-conv4-norm-pool-conv5x5-norm-6-norm-3", "64-20-norm-10-norm-3", "8x8-conv4-3"])
def test_a_folded_network_gives_the_same_without_batchnorm(words: str) -> None:
    network = architecture.build(words, seed=1)
    rng = np.random.default_rng(0)
    for layer in network.layers:
        for name, array in [*layer.parameters.items(), *layer.state.items()]:
            array[...] = rng.uniform(0.3, 1.5, array.shape) if name == "variance" else array + rng.normal(0, 0.2, array.shape)
    x = rng.random((5, 64)).astype(np.float32)
    folded = network.folded()
    assert not any(isinstance(layer, BatchNorm) for layer in folded.layers)
    np.testing.assert_allclose(folded.forward(x), network.forward(x), rtol=1e-4, atol=1e-4)
    assert folded.output_shape == network.output_shape
    assert folded.parameter_count < network.parameter_count or "norm" not in words


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "tanh", "sigmoid"])
def test_a_network_survives_json(activation: str) -> None:
    network = architecture.build("28x28-conv4x5-norm-pool-conv6-pool-12-norm-10", activation=activation)
    twin = Network(*layers_from_config(json.loads(json.dumps(network.config()))))
    assert repr(twin) == repr(network)
    assert twin.config() == network.config()


def test_a_copy_in_another_type_is_its_own() -> None:
    network = Network([Dense(3), BatchNorm(), Dense(2)], (4,))
    twin = network.astype(np.float64)
    twin.layers[0].parameters["weights"][:] = 7
    assert network.layers[0].parameters["weights"].max() < 7
    assert twin.forward(np.ones((1, 4))).dtype == np.float64
    assert network.forward(np.ones((1, 4), np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("layers", "shape", "says"),
    [
        ([Dense(3)], (2, 2, 1), "Flatten"),
        ([Conv2D(3)], (9,), "Conv2D takes images"),
        ([Conv2D(3, 5, padding=0)], (4, 4, 1), "at least 5 pixels"),
        ([MaxPool2D(3)], (2, 2, 1), "at least 3 pixels"),
        ([Reshape((3, 3, 1))], (8,), "the sizes differ"),
        ([Conv2D(3), Dense(4)], (4, 4, 1), "Flatten"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: list, shape: tuple[int, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Network(layers, shape)


@pytest.mark.parametrize(
    "config",
    [
        {"input_shape": [4], "layers": [{"type": "Danse", "units": 3}]},
        {"input_shape": [4], "layers": [{"type": "Dense", "unit": 3}]},
        {"input_shape": [4], "layers": [{"units": 3}]},
        {"input_shape": [5], "layers": [{"type": "Reshape", "shape": [2, 2, 1]}]},
    ],
)
def test_a_description_of_no_network_is_refused(config: dict) -> None:
    with pytest.raises(ValueError, match=r"layer|take|Reshape"):
        Network(*layers_from_config(config))


def test_words_make_the_layers_they_say() -> None:
    network = architecture.build("28x28-conv16-norm-pool-conv32x5-pool-128-norm-10")
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == [
        *("Reshape", "Conv2D", "BatchNorm", "MaxPool2D", "ReLU", "Conv2D", "MaxPool2D", "ReLU"),
        *("Flatten", "Dense", "BatchNorm", "ReLU", "Dense"),
    ]
    assert network.input_shape == (784,)
    assert network.output_shape == (10,)
    assert repr(architecture.build("784-128-64-10")) == repr(Network.dense(784, 128, 64, 10))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "begin with the size"),
        ("0-10", "begin with the size"),
        ("big-10", "begin with the size"),
        ("784", "last layer is a dense one"),
        ("784-pool", "pool"),
        ("784-10-pool", "pool"),
        ("28x28-conv8", "last layer is a dense one"),
        ("28x28-norm-10", "norm"),
        ("784-conv8-10", "conv8 needs an image"),
        ("28x28-10-conv8-10", "conv8 needs an image"),
        ("784-0-10", "not 0"),
        ("784-5000-10", "not 5000"),
        ("784-ten", "ten"),
        ("784--10", "is not a layer"),
        ("784-64-10-norm", "last layer is a dense one"),
        ("4x4-conv2-pool-pool-pool-10", "at least 2 pixels"),
    ],
)
def test_words_that_make_no_network_are_named(words: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        architecture.build(words)


def test_flatten_is_undone_on_the_way_back() -> None:
    layer = Flatten()
    x = np.arange(12.0).reshape(2, 3, 2, 1)
    np.testing.assert_array_equal(layer.backward(layer.forward(x)), x)
