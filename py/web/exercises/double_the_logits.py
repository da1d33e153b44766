"""Exercise: what a temperature does."""

from __future__ import annotations

import numpy as np

from nn.loss import softmax
from web.code_checks import CheckFailed, Code
from web.exercises import Exercise


def check(code: Code) -> None:
    logits = np.random.default_rng(0).standard_normal((5, 10))
    probabilities = code.modules["nn.loss"].softmax(logits)
    if not np.allclose(probabilities, softmax(2 * logits), atol=1e-6):
        raise CheckFailed("softmax(z) does not give the probabilities of 2 z yet")


EXERCISE = Exercise(
    title="Double the logits",
    task="Let softmax double its logits before it does anything else. The answer stays the same digit, but the confidence "
    "changes. Why? (Doubling every weight and bias of the last layer would do the same.)",
    hint="The order of the logits stays, so the largest stays the largest. But the quotient of two probabilities is "
    "exp(z₁ − z₂), and the difference doubles. Multiply logits by 2 in the first line of softmax.",
    file="nn/loss.py",
    start=None,
    solution=("    exponentials = np.exp(logits -", "    logits = 2 * logits\n    exponentials = np.exp(logits -"),
    check=check,
)
