"""A network as one meets it when looking inside: stages of neurons, and what goes into and out of each neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nn import backend
from nn.activations import ACTIVATIONS
from nn.layers import Conv2D, Dense, Flatten, MaxPool2D, Reshape
from nn.network import Network


@dataclass(frozen=True)
class Stage:
    """One step of weighted sums, with the layers that belong to it: Flatten before, MaxPool2D and an activation after.

    Attributes:
        layers: indices of its layers, in a row.
        weighs: the index of its Dense or Conv2D.
        sums: the index of the layer whose output is the neurons' sums, before the activation bends them.
    """

    layers: range
    weighs: int
    sums: int

    @property
    def sends(self) -> int:
        """The index of the layer whose output the next stage gets."""
        return self.layers[-1]


def stages(network: Network) -> list[Stage]:
    """The stages of a network without BatchNorm (see `Network.folded`); the last gives the logits."""
    starts, weighs = [0], []
    for index, layer in enumerate(network.layers):
        begins = isinstance(layer, (Flatten, Reshape, Dense, Conv2D))
        if begins and len(weighs) == len(starts):
            starts.append(index)
        if isinstance(layer, (Dense, Conv2D)):
            weighs.append(index)
    found = []
    for start, end, weigher in zip(starts, [*starts[1:], len(network.layers)], weighs, strict=False):
        bent = isinstance(network.layers[end - 1], tuple(ACTIVATIONS.values()))
        found.append(Stage(range(start, end), weigher, end - 2 if bent else end - 1))
    return found


@dataclass(frozen=True)
class Neuron:
    """What one neuron does with one example. Of a Conv2D: at the place where its pattern answers most strongly.

    Attributes:
        weights, inputs, products: of the shape of what comes in (of a Conv2D: of its window); products = weights · inputs.
        bias, total: total = Σ products + bias.
        place: (row, column) in the Conv2D's output, else None.
        sends: what the stage sends on of it: (height, width), or () for a Dense.
        onward: what that adds to the sums of the next stage, of the shape of its Dense's or Conv2D's output; None in the last.
    """

    weights: np.ndarray
    inputs: np.ndarray
    products: np.ndarray
    bias: float
    total: float
    place: tuple[int, int] | None
    sends: np.ndarray
    onward: np.ndarray | None


def neuron(network: Network, x: np.ndarray, activations: Sequence[np.ndarray], stage: int, index: int) -> Neuron:
    """Neuron `index` of the stage-th of `stages(network)`, for the example x.

    Args:
        x: (*input_shape,).
        activations: what each layer gave for x, without the batch axis.
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
    layer = network.layers[here.weighs]
    comes_in = activations[here.weighs - 1] if here.weighs else x
    weights, bias = layer.parameters["weights"][:, index], float(layer.parameters["bias"][index])
    place = None
    if isinstance(layer, Conv2D):
        answers = activations[here.weighs][..., index]
        place = _strongest(answers, network, here)
        row = place[0] * answers.shape[1] + place[1]
        window = (layer.size, layer.size, comes_in.shape[-1])
        inputs = backend.patches(comes_in[None], layer.size, layer.padding)[row].reshape(window)
        weights = weights.reshape(window)
        total = answers[place]
    else:
        before_flatten = activations[here.weighs - 2] if here.weighs > 1 else x
        inputs = before_flatten if isinstance(network.layers[here.weighs - 1], Flatten) and here.weighs else comes_in
        weights = weights.reshape(inputs.shape)
        total = activations[here.weighs][index]
    return Neuron(
        weights, inputs, weights * inputs, bias, float(total), place,
        activations[here.sends][..., index], _onward(network, activations, found, stage, index),
    )  # fmt: skip


def _strongest(answers: np.ndarray, network: Network, stage: Stage) -> tuple[int, int]:
    """Where a feature map is largest, among the places that a MaxPool2D after it looks at."""
    height, width = answers.shape
    for index in range(stage.weighs + 1, stage.sends + 1):
        layer = network.layers[index]
        if isinstance(layer, MaxPool2D):
            height, width = height // layer.size * layer.size, width // layer.size * layer.size
            break
    row, column = np.unravel_index(answers[:height, :width].argmax(), (height, width))
    return int(row), int(column)


def _onward(
    network: Network, activations: Sequence[np.ndarray], found: Sequence[Stage], stage: int, index: int
) -> np.ndarray | None:
    """The next stage's sums are linear in what comes in: so let this neuron speak alone, and leave the biases out."""
    if stage + 1 == len(found):
        return None
    sent = activations[found[stage].sends]
    alone = np.zeros_like(sent)[None]
    alone[..., index] = sent[..., index]
    after = found[stage + 1]
    for layer in network.layers[after.layers[0] : after.weighs + 1]:
        alone = layer.forward(alone)
    return (alone - network.layers[after.weighs].parameters["bias"])[0]
