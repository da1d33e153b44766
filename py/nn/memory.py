"""How much memory a training run needs, known before any of it is allocated."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.layers import Layer, Shape, with_shapes
from nn.optimizers import OPTIMIZERS

FLOAT = 4  # bytes of a float32


def parameter_count(layers: Sequence[Layer], shape: Shape) -> int:
    """How many parameters these layers will have for inputs of `shape`; raises ValueError where they do not fit."""
    wanted = [shape for layer, before, _ in with_shapes(layers, shape) for shape in layer.parameter_shapes(before).values()]
    return sum(map(math.prod, wanted))


def example_bytes(layers: Sequence[Layer], shape: Shape) -> int:
    """About how many bytes a training step holds for each example of its batch. Raises as `parameter_count` does."""
    return FLOAT * sum(layer.training_floats(before) for layer, before, _ in with_shapes(layers, shape))


def training_bytes(layers: Sequence[Layer], shape: Shape, batch: int, optimizer: str) -> int:
    """About how many bytes a training run holds at its peak, without the data. Raises as `parameter_count` does."""
    copies = 3 + len(OPTIMIZERS[optimizer].memory)  # a parameter, its gradient, a working copy, and the optimizer's arrays
    return FLOAT * copies * parameter_count(layers, shape) + batch * example_bytes(layers, shape)
