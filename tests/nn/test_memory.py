"""What a training will need, told before it begins."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from nn import Adam, architecture, memory, train
from nn.training import Shuffled

WORDS = ("784-128-64-10", "28x28-conv8-norm-pool-conv16x5-norm-pool-32-norm-10")


@pytest.mark.parametrize("words", WORDS)
def test_parameters_are_counted_before_they_are_made(words: str) -> None:
    layers, shape = architecture.parse(words)
    assert memory.parameter_count(layers, shape) == architecture.build(words).parameter_count


def test_layers_that_do_not_fit_are_refused_before_they_are_made() -> None:
    layers, shape = architecture.parse("28x28-conv4-pool-conv4-pool-conv4-pool-conv4-pool-conv4-pool-10")
    with pytest.raises(ValueError, match="MaxPool2D takes images"):
        memory.parameter_count(layers, shape)


@pytest.mark.parametrize("words", ["784-1024-512-10", WORDS[1]])
def test_the_estimate_is_near_what_a_training_takes(words: str) -> None:
    batch = 64
    data = Shuffled(np.zeros((batch, 784), np.float32), np.zeros(batch, np.int64), batch)
    layers, shape = architecture.parse(words)
    tracemalloc.start()
    for _ in train(architecture.build(words), Adam(), data, epochs=3):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / 2 < memory.training_bytes(layers, shape, batch, "adam") < peak * 2
