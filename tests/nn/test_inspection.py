"""Stages and neurons: what comes in, what goes on, and what is gone when a neuron is switched off."""

from __future__ import annotations

import numpy as np
import pytest

from nn import Conv2D, Dense, Network, architecture
from nn.ablation import silenced
from nn.inspection import neuron, stages

DENSE = architecture.build("784-30-20-10", seed=3)
CONVOLUTIONAL = architecture.build("28x28-conv4-norm-pool-conv6x5-norm-pool-20-norm-10", seed=3).folded()
X = np.random.default_rng(0).random(784, np.float32)
BOTH = pytest.mark.parametrize("network", [DENSE, CONVOLUTIONAL])


def outputs(network: Network) -> list[np.ndarray]:
    return [output[0] for output in network.activations(X[None])]


def test_a_stage_is_a_weighted_sum_and_what_follows_it() -> None:
    assert [stage.layers for stage in stages(DENSE)] == [range(0, 2), range(2, 4), range(4, 5)]
    names = [[type(CONVOLUTIONAL.layers[i]).__name__ for i in stage.layers] for stage in stages(CONVOLUTIONAL)]
    assert names == [
        ["Reshape", "Conv2D", "MaxPool2D", "ReLU"],
        ["Conv2D", "MaxPool2D", "ReLU"],
        ["Flatten", "Dense", "ReLU"],
        ["Dense"],
    ]
    kinds = [type(CONVOLUTIONAL.layers[stage.sums]).__name__ for stage in stages(CONVOLUTIONAL)]
    assert kinds == ["MaxPool2D", "MaxPool2D", "Dense", "Dense"]


@BOTH
def test_a_neurons_products_and_bias_are_its_sum(network: Network) -> None:
    activations = outputs(network)
    for number, stage in enumerate(stages(network)):
        sums = activations[stage.sums]
        for index in range(sums.shape[-1]):
            seen = neuron(network, X, activations, number, index)
            assert seen.products.sum() + seen.bias == pytest.approx(seen.total, abs=1e-5)
            assert seen.total == pytest.approx(sums[..., index].max(), abs=1e-5)
            np.testing.assert_array_equal(seen.output, activations[stage.output][..., index])


@BOTH
def test_what_all_neurons_send_on_is_the_next_stages_sums(network: Network) -> None:
    activations, found = outputs(network), stages(network)
    for number, (stage, after) in enumerate(zip(found, found[1:], strict=False)):
        neurons = activations[stage.output].shape[-1]
        outgoing = sum(neuron(network, X, activations, number, index).outgoing for index in range(neurons))
        layer = network.layers[after.linear]
        assert isinstance(layer, (Conv2D, Dense))
        np.testing.assert_allclose(outgoing + layer.parameters["bias"], activations[after.linear], atol=1e-4)


def test_the_window_of_a_feature_map_is_where_it_answers_most_strongly() -> None:
    activations = outputs(CONVOLUTIONAL)
    seen = neuron(CONVOLUTIONAL, X, activations, 0, 2)
    assert seen.place
    row, column = seen.place
    padded = np.pad(X.reshape(28, 28), 1)
    np.testing.assert_array_equal(seen.inputs[:, :, 0], padded[row : row + 3, column : column + 3])
    assert activations[1][row, column, 2] == activations[1][:, :, 2].max()


@BOTH
def test_without_a_neuron_the_next_sums_lack_what_it_sent(network: Network) -> None:
    found, whole = stages(network), outputs(network)
    before = neuron(network, X, whole, 0, 1)
    without = outputs(silenced(network, {found[0].output: [1]}))
    assert not without[found[0].output][..., 1].any()
    np.testing.assert_allclose(whole[found[1].linear] - without[found[1].linear], before.outgoing, atol=1e-4)


@BOTH
def test_off_is_off_going_back_too_and_the_original_is_as_it_was(network: Network) -> None:
    whole = network.forward(X[None])
    twin = silenced(network, {stages(network)[0].output: [0, 2], stages(network)[1].output: []})
    by_hand = np.where(np.isin(np.arange(network.shapes()[stages(network)[0].output + 1][-1]), [0, 2]), 0, 1).astype(np.float32)
    activation = network.activations(X[None])[stages(network)[0].output] * by_hand
    for layer in network.layers[stages(network)[0].output + 1 :]:
        activation = layer.forward(activation)
    np.testing.assert_allclose(twin.forward(X[None], training=True), activation, atol=1e-6)
    twin.backward(np.ones((1, 10), np.float32))
    first = twin.layers[stages(network)[0].linear].gradients["weights"]
    assert not first[:, [0, 2]].any()
    assert first[:, 1].any()
    np.testing.assert_array_equal(network.forward(X[None]), whole)


def test_what_is_not_there_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no stage 9"):
        neuron(DENSE, X, outputs(DENSE), 9, 0)
    with pytest.raises(ValueError, match="no neuron 30"):
        neuron(DENSE, X, outputs(DENSE), 0, 30)
    with pytest.raises(ValueError, match="neurons 0 to 29"):
        silenced(DENSE, {1: [30]})
    with pytest.raises(ValueError, match="no layer 5"):
        silenced(DENSE, {5: [0]})
