"""Exercise: why weights start at random, and how large."""

from __future__ import annotations

import numpy as np

from web.code_checks import CheckFailed, Code
from web.exercises import Exercise


def check(code: Code) -> None:
    layer = code.modules["nn.layers"].Dense(200)
    layer.build((800,), np.random.default_rng(0))
    deviation = float(layer.parameters["weights"].std())
    if deviation == 0:
        raise CheckFailed("all weights are equal, so all units of a layer learn the same")
    if not 0.048 < deviation < 0.052:
        raise CheckFailed(f"with 800 inputs the standard deviation should be √(2 / 800) = 0.05, not {deviation:.3f}")


EXERCISE = Exercise(
    title="How large weights start",
    task="Here every weight starts with a standard deviation of 1. Look at the first training steps: the loss is enormous. "
    "Choose the scale so that signals keep their size from layer to layer of a ReLU network. The docstring of build says how.",
    hint="A sum of n products has n times the variance of one. A ReLU halves it. So the variance of a weight should be 2 / n; "
    "math.prod(wanted[:-1]) is n.",
    file="nn/layers.py",
    start=("scale = math.sqrt(2 / math.prod(wanted[:-1]))", "scale = 1.0"),
    solution=("scale = 1.0", "scale = math.sqrt(2 / math.prod(wanted[:-1]))"),
    check=check,
)
