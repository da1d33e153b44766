"""Switch neurons or activation functions off, to see what the network does without them."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

import numpy as np

from nn.layers import ACTIVATIONS, Array, Layer, Shape
from nn.network import Network


class Silenced(Layer, saved=False):
    """A layer some of whose neurons (feature maps, in a Conv2D) always output 0.

    forward     y = m · f(x)                    m is 0 for the silenced neurons and 1 for the others
    backward    dL/d(f(x)) = m · dL/dy
    """

    def __init__(self, layer: Layer, shape: Shape, off: Collection[int]) -> None:
        super().__init__()
        neurons = shape[-1]
        if not all(0 <= neuron < neurons for neuron in off):
            raise ValueError(f"{layer!r} has the neurons 0 to {neurons - 1}, and not all of {sorted(off)}")
        self.layer, self.off = layer, off
        self.parameters, self.state = layer.parameters, layer.state
        self.mask = np.ones(neurons, np.float32)
        self.mask[list(off)] = 0

    def forward(self, x: Array, training: bool = False) -> Array:
        return self.layer.forward(x, training) * self.mask

    def backward(self, dy: Array) -> Array:
        dx = self.layer.backward(dy * self.mask)
        self.gradients = self.layer.gradients
        return dx

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def __repr__(self) -> str:
        return repr(self.layer)


def silenced(network: Network, off: Mapping[int, Collection[int]]) -> Network:
    """The network with the neurons `{layer index: neurons}` switched off; it shares all parameters with the original.

    Raises:
        ValueError: a layer has no such neuron, or the network no such layer.
    """
    twin = copy.copy(network)
    twin.layers = list(network.layers)
    shapes = network.shapes()
    for index, neurons in off.items():
        if not 0 <= index < len(twin.layers):
            raise ValueError(f"the network has the layers 0 to {len(twin.layers) - 1}, and no layer {index}")
        if neurons:
            twin.layers[index] = Silenced(twin.layers[index], shapes[index + 1], neurons)
    return twin


def without_activations(network: Network) -> Network:
    """The network without its activation functions, so that its layers are no more than one; it shares all parameters."""
    twin = copy.copy(network)
    twin.layers = [layer for layer in network.layers if not isinstance(layer, tuple(ACTIVATIONS.values()))]
    return twin
