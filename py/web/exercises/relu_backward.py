"""Exercise: the backward pass of ReLU."""

from __future__ import annotations

from web.code_checks import Code, gradients_of
from web.exercises import Exercise

GRADIENTS = gradients_of(lambda of: [of.Dense(8), of.ReLU(), of.Dense(5)])


def check(code: Code) -> None:
    GRADIENTS(code, [])


EXERCISE = Exercise(
    title="The backward pass of ReLU",
    task="ReLU passes every gradient on, also to inputs that it replaced by 0. Such an input had no influence on the loss. "
    "Which gradient should it get? Write it.",
    hint="forward keeps its output in self.y, which is 0 where the input was negative. Multiply dy by a mask.",
    file="nn/activations.py",
    start=("return dy * (self.y > 0)", "return dy"),
    solution=("        return dy\n", "        return dy * (self.y > 0)\n"),
    check=check,
)
