"""How much memory a training will need, told before any is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.layers import Conv2D, Layer, Shape

FLOAT = 4  # bytes of a float32
COPIES = {"sgd": 3, "momentum": 4, "adam": 5}  # a parameter, its gradient, what the optimiser remembers, and a working copy


def parameter_count(layers: Sequence[Layer], shape: Shape) -> int:
    """How many parameters these layers will have for inputs of `shape`; raises ValueError where they do not fit."""
    count = 0
    for layer in layers:
        after = layer.output_shape(shape)
        count += layer.parameter_count(shape)
        shape = after
    return count


def training_bytes(layers: Sequence[Layer], shape: Shape, batch: int, optimizer: str = "adam") -> int:
    """About how many bytes a training holds at its fullest, data aside; raises as `parameter_count`.

    What grows with the batch: each layer's output and the gradient with respect to it, and a convolution's patches twice
    (going forward, and coming back).
    """
    parameters, numbers = parameter_count(layers, shape), 0
    for layer in layers:
        after = layer.output_shape(shape)
        numbers += 2 * math.prod(after)
        if isinstance(layer, Conv2D):
            numbers += 2 * after[0] * after[1] * layer.size**2 * shape[2]
        shape = after
    return FLOAT * (parameters * COPIES[optimizer] + batch * numbers)
