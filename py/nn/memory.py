"""How much memory a training run needs, known before any of it is allocated."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.layers import Layer, Shape
from nn.optimizers import OPTIMIZERS

FLOAT = 4  # bytes of a float32


def parameter_count(layers: Sequence[Layer], shape: Shape) -> int:
    """How many parameters these layers will have for inputs of `shape`; raises ValueError where they do not fit."""
    count = 0
    for layer in layers:
        after = layer.output_shape(shape)
        count += sum(math.prod(wanted) for wanted in layer.parameter_shapes(shape).values())
        shape = after
    return count


def training_bytes(layers: Sequence[Layer], shape: Shape, batch: int, optimizer: str = "adam") -> int:
    """About how many bytes a training run holds at its peak, without the data. Raises as `parameter_count` does."""
    copies = 3 + len(OPTIMIZERS[optimizer].memory)  # a parameter, its gradient, a working copy, and the optimizer's arrays
    parameters, floats = parameter_count(layers, shape), 0
    for layer in layers:
        floats += layer.training_floats(shape)
        shape = layer.output_shape(shape)
    return FLOAT * (parameters * copies + batch * floats)
