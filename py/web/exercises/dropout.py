"""Exercise: write a layer that is random while it trains."""

from __future__ import annotations

import numpy as np

from web.code_checks import CheckFailed, Code
from web.exercises import Exercise

MISSING = '''

class Dropout(Layer, saved=False):
    """Sets a share of its inputs to 0 while it trains, and scales up the others; does nothing otherwise.

        forward     y = x m / (1 − s),  m = 0 with probability s, else 1
        backward    dL/dx = dL/dy m / (1 − s)

    (Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".)
    """

    def __init__(self, share: float = 0.5) -> None:
        super().__init__()
        self.share = share
        self.rng = np.random.default_rng(0)

    def forward(self, x: Array, training: bool = False) -> Array:
        return x

    def backward(self, dy: Array) -> Array:
        return dy
'''
WRITTEN = MISSING.replace(
    "        return x\n",
    """        if not training:
            return x
        self.mask = (self.rng.random(x.shape) >= self.share) / (1 - self.share)
        return x * self.mask
""",
).replace("return dy\n", "return dy * self.mask\n")
LAST = "        return dy * self.y * (1 - self.y)\n"


def check(code: Code) -> None:
    layer = code.modules["nn.activations"].Dropout(0.25)
    x = np.ones((40, 100))
    if not np.array_equal(layer.forward(x), x):
        raise CheckFailed("without training=True, forward should return its input")
    y = layer.forward(x, training=True)
    dropped = float((y == 0).mean())
    if not 0.2 < dropped < 0.3:
        raise CheckFailed(f"with a share of 0.25, about 25 % of the outputs should be 0, not {100 * dropped:.0f} %")
    if not np.allclose(y[y != 0], 1 / 0.75):
        raise CheckFailed("what is left should be divided by 1 − 0.25, so that the mean stays the same")
    if not np.allclose(layer.backward(2 * x), 2 * y):
        raise CheckFailed("backward should use the mask of the forward pass: what was dropped gets no gradient")
    if np.array_equal(layer.forward(x, training=True), y):
        raise CheckFailed("each forward pass should drop others")


EXERCISE = Exercise(
    title="Write Dropout",
    task="Dropout keeps a network from relying on single units. Write forward and backward of the class at the end of the file "
    "from the equations in its docstring.",
    hint="self.rng.random(x.shape) >= self.share is True for what is kept. Keep the mask, divided by 1 − share, for backward.",
    file="nn/activations.py",
    start=(LAST, LAST + MISSING),
    solution=(MISSING, WRITTEN),
    check=check,
)
