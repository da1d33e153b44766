"""Exercise: numbers that are too large for exp."""

from __future__ import annotations

from web.exercises import Exercise, passes

EXERCISE = Exercise(
    title="Softmax without overflow",
    task="This softmax follows the textbook to the letter, and gives “not a number” for large logits: exp(1000) is larger than "
    "any float. Change it so that it works for every logit and gives the same probabilities.",
    hint="Subtracting the same number from all logits does not change the quotient. Subtract the largest one "
    "(keepdims=True keeps the axis), and the largest exponent is 0.",
    file="nn/loss.py",
    start=("np.exp(logits - logits.max(axis=-1, keepdims=True))", "np.exp(logits)"),
    solution=("np.exp(logits)", "np.exp(logits - logits.max(axis=-1, keepdims=True))"),
    check=passes("Softmax sums to 1"),
)
