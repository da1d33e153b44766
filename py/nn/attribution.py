"""What caused an answer: a logit split into the contribution of every input and every bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn.layers import Array, BatchNorm
from nn.network import Network


@dataclass(frozen=True)
class Contributions:
    """The parts of one logit, which add up to it.

    Attributes:
        inputs: (*input_shape,), gradient × input of every input: positive if it raised the logit.
        biases: the contribution of each layer's biases, by the layer's index.
        rest: what is left over: 0 except for rounding, unless the network has a Tanh or a Sigmoid.
        logit: the sum of all parts.
    """

    inputs: Array
    biases: dict[int, float]
    rest: float
    logit: float


def contributions(network: Network, x: Array, answer: int, logits: Array | None = None) -> Contributions:
    """Split a logit into its parts: z = Σ_i x_i ∂z/∂x_i + Σ_b b ∂z/∂b.

    Dense, Conv2D, ReLU, LeakyReLU and MaxPool2D together give twice the logits for twice the inputs and twice the
    biases; for such a function this is Euler's theorem. Gradient × input is due to Shrikumar et al. 2016, "Not Just a
    Black Box"; the biases' share to Srinivas and Fleuret 2019, "Full-Gradient Representation for Neural Network
    Visualization", section 3.

    Args:
        x: one example (*input_shape,), float32.
        answer: which logit.
        logits: (classes,), if the network's last call was `forward(x, training=True)`; None to make that call here.
    Raises:
        ValueError: the network has a BatchNorm, whose shift is not a bias; `network.folded()` has none.
    """
    if any(isinstance(layer, BatchNorm) for layer in network.layers):
        raise ValueError("contributions need a network without BatchNorm: give network.folded()")
    if logits is None:
        logits = network.forward(x[None], training=True)[0]
    gradient = np.zeros((1, len(logits)), logits.dtype)
    gradient[0, answer] = 1
    biases: dict[int, float] = {}
    for index, layer in reversed(list(enumerate(network.layers))):
        if "bias" in layer.parameters:
            biases[index] = float(gradient.reshape(-1, gradient.shape[-1]).sum(axis=0) @ layer.parameters["bias"])
        gradient = layer.input_gradient(gradient)
    inputs, logit = gradient[0] * x, float(logits[answer])
    rest = logit - float(inputs.sum(dtype=np.float64)) - sum(biases.values())
    return Contributions(inputs, dict(reversed(biases.items())), rest, logit)
