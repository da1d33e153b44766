"""Learns the weights of `digits.number_score` from numbers composed from pen drawings.

    PYTHONPATH=py python3 -m research.number_learning ink/train.npz

prints them, and how many numbers by other writers are read incorrectly with high confidence (`digits.number_score.CAUTION`).
It maximizes the likelihood of the right division of the ink into digits among all divisions in the lattice: a conditional
random field (Lafferty et al. 2001), trained as a whole as the graph transformer networks of LeCun et al. 1998 are.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digits import shipped_models
from digits.number_finder import find_marks
from digits.number_lattice import Step, groups, lattice, line_height, log_add
from digits.number_pieces import Mark, pieces_of
from digits.number_reader import NumberReader
from digits.number_score import SEVERAL, WEIGHTS, digit_scores, features_of, log_probabilities, may_be_left_out
from digits.recognizer import Recognizer
from research.ink import Ink, load_ink
from research.number_ink import HABITS, SPACINGS, WrittenNumber, chosen, compose, painted
from research.pen_datasets import split_by_writer
from research.report_numbers import SURE

NUMBERS = 3000
ROUNDS = 12
PRIOR = 2e-4  # a Gaussian prior on the weights, for each number
MISTAKEN = 1e-3  # the likelihood that a label is wrong, or that no division is right


@dataclass(frozen=True)
class Example:
    """A number's lattice.

    Attributes:
        features: (candidates, features), see `digits.number_score.features_of`.
        log_p: (candidates, 10); left_out: (candidates,), 0 or -inf.
        steps: see `digits.number_lattice.lattice`.
        right, digits: the candidates that are the number's digits, and which.
    """

    features: np.ndarray
    log_p: np.ndarray
    left_out: np.ndarray
    steps: list[Step]
    right: list[int]
    digits: list[int]


def example(written: WrittenNumber, marks: Sequence[Mark], reader: NumberReader) -> Example | None:
    """None if the right division is not in the lattice."""
    pieces = pieces_of(marks)
    height = line_height(pieces)
    candidates = groups(pieces, height)
    owners = [written.owner(piece) for piece in pieces]
    truth = [sum(1 << i for i, owner in enumerate(owners) if owner == place) for place in range(len(written.number))]
    if not all(group in candidates for group in truth):
        return None
    logits = reader.logits(candidates, pieces)
    features = features_of(candidates, pieces, height, logits)
    left_out = np.array([0.0 if may_be_left_out(group, pieces) else -np.inf for group in candidates])
    right = [candidates.index(group) for group in truth]
    digits = [int(digit) for digit in written.number]
    return Example(features, log_probabilities(logits), left_out, lattice(candidates), right, digits)


def composed(ink: Ink, count: int) -> Iterator[tuple[WrittenNumber, Sequence[Mark]]]:
    """Numbers of 1 to 6 digits with all spacings, and their marks: of six, two are plain, one is a picture."""
    for index in range(count):
        rng = np.random.default_rng([7, index])
        spacing, habit = list(SPACINGS.values())[index % 3], (*HABITS, "plain", "picture")[index // 3 % 6]
        if habit == "picture":
            written = compose(ink, chosen(ink, int(rng.integers(1, 7)), rng), SPACINGS["spaced"], rng)
            picture, left, top = painted(written)
            marks = [replace(mark, left=mark.left + left, top=mark.top + top) for mark in find_marks(picture).marks]
        else:
            written = compose(ink, chosen(ink, int(rng.integers(1, 7)), rng), spacing, rng, habit)
            marks = written.marks
        yield written, marks


def log_likelihood(weights: np.ndarray, seen: Example) -> tuple[float, np.ndarray]:
    """The logarithm of the probability of the right division and digits, and its gradient.

    The gradient is the features on the right path less those that the model expects, by the forward-backward algorithm.
    """
    scores = digit_scores(weights, seen.features, seen.log_p)
    totals_array = np.logaddexp(np.logaddexp.reduce(scores, axis=1), seen.left_out)
    totals = totals_array.tolist()
    forward = {0: 0.0}
    for done, index, then in seen.steps:
        forward[then] = log_add(forward.get(then, -math.inf), forward[done] + totals[index])
    total = forward[then]
    backward = {then: 0.0}
    expected = np.zeros(len(totals))
    for done, index, then in reversed(seen.steps):
        if then in backward:
            rest = totals[index] + backward[then]
            backward[done] = log_add(backward.get(done, -math.inf), rest)
            expected[index] += math.exp(forward[done] + rest - total)
    likelihood = scores[seen.right, seen.digits].sum() - total
    excess = expected[:, None] * np.exp(scores - totals_array[:, None])
    excess[seen.right, seen.digits] -= 1
    shared, several = seen.features[:, :-1], seen.features[:, -1]
    return float(likelihood), -np.concatenate([excess.sum(axis=1) @ shared, several @ excess])


def learn(numbers: Sequence[Example]) -> tuple[dict[str, float], tuple[float, ...]]:
    """`WEIGHTS` and `SEVERAL`.

    By natural gradient steps with the empirical Fisher matrix, damped as by Levenberg and Marquardt.
    """
    weights = best = np.array([float(name == "is_digit") for name in WEIGHTS] + [0.0] * len(SEVERAL))
    reached, damping = -math.inf, 0.01
    step, fisher = np.zeros_like(best), np.eye(len(best))
    for _ in range(ROUNDS):
        objective, slopes = -PRIOR * float(weights @ weights), []
        for seen in numbers:
            value, slope = log_likelihood(weights, seen)
            likelihood = math.exp(max(value, -60.0))
            objective += math.log(likelihood + MISTAKEN) / len(numbers)
            slopes.append(likelihood / (likelihood + MISTAKEN) * slope)
        if objective > reached:
            reached, best, damping = objective, weights, damping / 4
            gradients = np.array(slopes)
            step = gradients.mean(axis=0) - 2 * PRIOR * best
            fisher = gradients.T @ gradients / len(numbers) + 2 * PRIOR * np.eye(len(best))
        else:
            damping *= 8
        weights = best + np.linalg.solve(fisher + damping * np.eye(len(best)), step)
    rounded = [round(float(weight), 2) for weight in best]
    return dict(zip(WEIGHTS, rounded, strict=False)), tuple(rounded[len(WEIGHTS) :])


def main() -> None:
    ink = load_ink(sys.argv[1], digits=True)
    weights = Path(__file__).resolve().parents[2] / "weights"
    reader = NumberReader(Recognizer.load(shipped_models.default_weights(weights)))
    seen = [example(written, marks, reader) for written, marks in composed(ink, NUMBERS)]
    numbers = [each for each in seen if each is not None]
    print(f"{len(numbers)} of {NUMBERS} numbers have their right division in the lattice.")
    weights_of_features, several = learn(numbers)
    print(f"WEIGHTS = {weights_of_features}\nSEVERAL = {several}")
    read = [(written.number, reader.read(marks)) for written, marks in composed(split_by_writer(ink)[1], NUMBERS)]
    wrong = [reading.confidence for number, reading in read if reading.number != number]
    sure = sum(confidence > SURE for confidence in wrong)
    print(f"{len(wrong)} of {NUMBERS} numbers by held-out writers are read incorrectly, {sure} with a confidence above {SURE}.")


if __name__ == "__main__":
    main()
