"""A network seen from inside: its stages of neurons, and what each neuron receives and passes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nn.convolution import Conv2D, MaxPool2D, windows
from nn.layers import ACTIVATIONS, Array, Dense, Flatten, Reshape
from nn.network import Network


@dataclass(frozen=True)
class Stage:
    """A Dense or Conv2D with the layers that belong to it: Flatten before, MaxPool2D and an activation after.

    Attributes:
        layers: the indices of its layers.
        linear: the index of its Dense or Conv2D, whose function is linear.
        sums: the index of the layer whose output is the neurons' weighted sums, before the activation.
    """

    layers: range
    linear: int
    sums: int

    @property
    def output(self) -> int:
        """The index of the layer whose output is the next stage's input."""
        return self.layers[-1]


def stages(network: Network) -> list[Stage]:
    """The stages of a network without BatchNorm (see `Network.folded`); the last one gives the logits."""
    starts = [0]
    linear: list[int] = []
    for index, layer in enumerate(network.layers):
        begins = isinstance(layer, (Flatten, Reshape, Dense, Conv2D))
        if begins and len(linear) == len(starts):
            starts.append(index)
        if isinstance(layer, (Dense, Conv2D)):
            linear.append(index)
    found = []
    for start, end, linear_index in zip(starts, [*starts[1:], len(network.layers)], linear, strict=False):
        activated = isinstance(network.layers[end - 1], tuple(ACTIVATIONS.values()))
        found.append(Stage(range(start, end), linear_index, end - 2 if activated else end - 1))
    return found


@dataclass(frozen=True)
class Neuron:
    """What one neuron does with one example; in a Conv2D, at the place where its output is largest.

    Attributes:
        weights, inputs, products: in the shape of the layer's input (of a Conv2D: of its window); products = weights · inputs.
        bias, total: total = Σ products + bias.
        place: (row, column) in the Conv2D's output, None for a Dense.
        output: what the neuron passes to the next stage: (height, width), or () for a Dense.
        outgoing: what that adds to the sums of the next stage, in the shape of that layer's output; None in the last stage.
    """

    weights: Array
    inputs: Array
    products: Array
    bias: float
    total: float
    place: tuple[int, int] | None
    output: Array
    outgoing: Array | None


def neuron(network: Network, x: Array, activations: Sequence[Array], stage: int, index: int) -> Neuron:
    """Neuron `index` of stage number `stage` of `stages(network)`, for the example x.

    Args:
        x: (*input_shape,).
        activations: the output of every layer for x, without the batch axis.
    Raises:
        ValueError: there is no such stage or neuron.
    """
    found = stages(network)
    if not 0 <= stage < len(found):
        raise ValueError(f"the network has the stages 0 to {len(found) - 1}, and no stage {stage}")
    here = found[stage]
    sums = activations[here.sums]
    if not 0 <= index < sums.shape[-1]:
        raise ValueError(f"stage {stage} has the neurons 0 to {sums.shape[-1] - 1}, and no neuron {index}")
    layer, values = network.layers[here.linear], [x, *activations]  # values[i] is the input of layer i
    if isinstance(layer, Conv2D):
        feature_map = activations[here.linear][..., index]
        place = _strongest(feature_map, network, here)
        row = place[0] * feature_map.shape[1] + place[1]
        inputs = windows(values[here.linear][None], layer.size, layer.padding)[row].reshape(layer.size, layer.size, -1)
        total = feature_map[place]
    else:
        flattened = here.linear > 0 and isinstance(network.layers[here.linear - 1], Flatten)
        inputs = values[here.linear - 1 if flattened else here.linear]
        place, total = None, activations[here.linear][index]
    weights, bias = layer.parameters["weights"][:, index].reshape(inputs.shape), float(layer.parameters["bias"][index])
    return Neuron(
        weights, inputs, weights * inputs, bias, float(total), place,
        activations[here.output][..., index], _outgoing(network, activations, found, stage, index),
    )  # fmt: skip


def _strongest(feature_map: Array, network: Network, stage: Stage) -> tuple[int, int]:
    """Where a feature map is largest, among the places that a MaxPool2D after it covers."""
    height, width = feature_map.shape
    for index in range(stage.linear + 1, stage.output + 1):
        layer = network.layers[index]
        if isinstance(layer, MaxPool2D):
            height, width = height // layer.size * layer.size, width // layer.size * layer.size
            break
    row, column = np.unravel_index(feature_map[:height, :width].argmax(), (height, width))
    return int(row), int(column)


def _outgoing(network: Network, activations: Sequence[Array], found: Sequence[Stage], stage: int, index: int) -> Array | None:
    """The next stage's sums are linear in its input: pass on this neuron alone, and leave out the biases."""
    if stage + 1 == len(found):
        return None
    sent = activations[found[stage].output]
    alone = np.zeros_like(sent)[None]
    alone[..., index] = sent[..., index]
    after = found[stage + 1]
    for layer in network.layers[after.layers[0] : after.linear + 1]:
        alone = layer.forward(alone)
    return (alone - network.layers[after.linear].parameters["bias"])[0]
