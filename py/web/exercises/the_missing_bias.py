"""Exercise: a layer that forgets its bias."""

from __future__ import annotations

import numpy as np

from web.code_checks import CheckFailed, Code
from web.exercises import Exercise


def check(code: Code) -> None:
    layer = code.modules["nn.layers"].Dense(3)
    layer.build((4,), np.random.default_rng(0))
    layer.parameters["bias"] += 1
    x = np.random.default_rng(1).standard_normal((2, 4)).astype(np.float32)
    y = layer.forward(x)
    if np.allclose(y, x @ layer.parameters["weights"], atol=1e-5):
        raise CheckFailed("the bias is still not added")
    if not np.allclose(y, x @ layer.parameters["weights"] + 1, atol=1e-5):
        raise CheckFailed("the output is not x W + b")


EXERCISE = Exercise(
    title="The missing bias",
    task="Dense computes x W, but its docstring says x W + b. Look at the checks: which gradient is wrong, and why just this "
    "one? Then add the bias.",
    hint="backward computes dL/db for a bias that forward never uses, so the numerical gradient is 0. NumPy adds a (units,) "
    "array to each row of a (batch, units) array.",
    file="nn/layers.py",
    start=("return x @ W + b", "return x @ W"),
    solution=("return x @ W", "return x @ W + b"),
    check=check,
)
