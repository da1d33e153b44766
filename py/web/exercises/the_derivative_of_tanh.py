"""Exercise: a derivative that is nearly right."""

from __future__ import annotations

from web.exercises import Exercise, passes

EXERCISE = Exercise(
    title="The derivative of tanh",
    task="Somebody wrote 1 − y for the derivative of tanh. A network still learns a little with it, which makes such a mistake "
    "hard to see. The numerical gradient sees it. Put the derivative right.",
    hint="tanh = sinh / cosh, so tanh′ = (cosh² − sinh²) / cosh² = 1 − tanh².",
    file="nn/activations.py",
    start=("return dy * (1 - self.y * self.y)", "return dy * (1 - self.y)"),
    solution=("return dy * (1 - self.y)\n", "return dy * (1 - self.y * self.y)\n"),
    check=passes("Gradients of Tanh"),
)
