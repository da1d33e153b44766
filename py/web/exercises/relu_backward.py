"""Exercise: the backward pass of ReLU."""

from __future__ import annotations

from web.exercises import Exercise, passes

EXERCISE = Exercise(
    title="The backward pass of ReLU",
    task="ReLU passes every gradient on, also to inputs that it replaced by 0. Such an input had no influence on the loss. "
    "Which gradient should it get? Write it.",
    hint="forward keeps its output in self.y, which is 0 where the input was negative. Multiply dy by a mask.",
    file="nn/activations.py",
    start=("return dy * (self.y > 0)", "return dy"),
    solution=("        return dy\n", "        return dy * (self.y > 0)\n"),
    check=passes("Gradients of ReLU"),
)
