"""Trains only the dense layers of a convolutional network: its other layers stay as they are, and are not differentiated.

This costs a third of the training of the whole network, and leaves the features it has learned alone.
"""

from __future__ import annotations

import numpy as np

from nn import Network
from nn.layers import Dense, Flatten
from nn.training import Batches


def split(network: Network) -> tuple[Network, Network]:
    """The layers up to Flatten, and the dense layers after it; both share their arrays with `network`.

    Raises:
        ValueError: there is no Flatten.
    """
    cut = next((index for index, layer in enumerate(network.layers, 1) if isinstance(layer, Flatten)), 0)
    if not cut:
        raise ValueError("only a convolutional network has dense layers to train alone")
    features, head = Network([], network.input_shape), Network([], network.shapes()[cut])
    features.layers, head.layers = network.layers[:cut], network.layers[cut:]
    features.output_shape, head.output_shape = head.input_shape, network.output_shape
    return features, head


def words_of(head: Network) -> str:
    """The dense layers as words of `nn.architecture`, such as "576-128-10"."""
    return "-".join(map(str, [*head.input_shape, *(layer.units for layer in head.layers if isinstance(layer, Dense))]))


def joined(features: Network, head: Network) -> Network:
    """One network of both."""
    whole = Network([], features.input_shape)
    whole.layers, whole.output_shape = features.layers + head.layers, head.output_shape
    return whole


class FeatureBatches:
    """Other batches, as they leave a network that is not trained."""

    def __init__(self, network: Network, batches: Batches) -> None:
        self.network, self.batches, self.steps_per_epoch = network, batches, batches.steps_per_epoch

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        inputs, targets = self.batches[step]
        return self.network.forward(inputs), targets
