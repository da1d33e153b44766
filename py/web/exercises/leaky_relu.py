"""Exercise: write an activation function and its derivative."""

from __future__ import annotations

import numpy as np

from web.code_checks import CheckFailed, Code
from web.exercises import Exercise, passes

FORWARD = """        y = np.where(x > 0, x, self.slope * x)
        if training:
            self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        return np.where(self.y > 0, dy, self.slope * dy)
"""
MISSING = """        raise NotImplementedError("write the forward pass")

    def backward(self, dy: Array) -> Array:
        raise NotImplementedError("write the backward pass")
"""


def check(code: Code) -> None:
    layer = code.modules["nn.activations"].LeakyReLU(0.25)
    y = layer.forward(np.array([[-4.0, 0.0, 3.0]]))
    if y is None or not np.allclose(y, [[-1, 0, 3]]):
        raise CheckFailed(f"with a slope of 0.25, forward should turn −4, 0, 3 into −1, 0, 3, not into {y}")
    passes("Gradients of LeakyReLU")(code)


EXERCISE = Exercise(
    title="Write LeakyReLU",
    task="LeakyReLU has lost its code. Write forward and backward from the equations in its docstring. With training=True, "
    "forward has to keep what backward needs.",
    hint="np.where(condition, a, b) chooses number by number. The output has the sign of the input, so backward can use it.",
    file="nn/activations.py",
    start=(FORWARD, MISSING),
    solution=(MISSING, FORWARD),
    check=check,
)
