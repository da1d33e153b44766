"""The backward pass with all its numbers: the gradient of everything in a network, for one example."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nn.layers import Array, BatchNorm
from nn.loss import cross_entropy
from nn.network import Network


@dataclass(frozen=True)
class Gradients:
    """How the loss L of one example changes with every number that the network computed it from.

    Attributes:
        loss: L, in nats.
        activations: the output y of every layer, as `Network.activations` gives it, without the batch axis.
        outputs: dL/dy of every layer; the last one is softmax(z) − t.
        input: dL/dx, (*input_shape,).
        parameters: dL/dθ of every layer, by the parameter's name; {} for a layer without parameters.
    """

    loss: float
    activations: list[Array]
    outputs: list[Array]
    input: Array
    parameters: list[dict[str, Array]]


def gradients(network: Network, x: Array, label: int) -> Gradients:
    """Forward with x, then backward from the cross-entropy with its label: the chain rule, one layer at a time.

    (Rumelhart, Hinton, Williams 1986, "Learning representations by back-propagating errors".)

    Args:
        x: one example (*input_shape,).
        label: the right answer, the index of a logit.
    Raises:
        ValueError: the network has a BatchNorm, whose gradient needs a batch; `network.folded()` has none.
    """
    if any(isinstance(layer, BatchNorm) for layer in network.layers):
        raise ValueError("gradients of one example need a network without BatchNorm: give network.folded()")
    activations = network.activations(x[None], training=True)
    loss, gradient = cross_entropy(activations[-1], np.array([label]))
    outputs: list[Array] = []
    for layer in reversed(network.layers):
        outputs.insert(0, gradient[0])
        gradient = layer.backward(gradient)
    return Gradients(
        loss, [output[0] for output in activations], outputs, gradient[0], [layer.gradients for layer in network.layers]
    )
