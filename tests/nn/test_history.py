"""A run's history, and what guidance reads in it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pytest

from nn.advice import advice
from nn.history import LONGEST, History
from nn.training import Progress


def run(loss: Callable[[int], float], accuracy: Callable[[int], float] = lambda step: 0.5, steps: int = 400) -> History:
    history = History()
    for step in range(1, steps + 1):
        history.record(Progress(step, step / 100, loss(step), accuracy(step), 0.1))
    return history


def test_the_first_steps_are_kept_one_by_one() -> None:
    history = run(lambda step: 1 / step, steps=100)
    assert [point[0] for point in history.points] == list(range(1, 101))
    assert [point[1] for point in history.points] == [1 / step for step in range(1, 101)]


def test_a_long_run_is_thinned_to_means() -> None:
    steps = 16 * LONGEST
    history = run(lambda step: float(step), steps=steps)
    assert LONGEST / 2 <= len(history.points) <= LONGEST
    assert history.points[-1][0] == steps
    for before, (step, loss, _) in zip([[0], *history.points], history.points, strict=False):
        assert loss == pytest.approx((before[0] + 1 + step) / 2)


def test_where_a_run_was_cut_leaves_no_trace() -> None:
    rng = np.random.default_rng(0)
    losses = rng.random(3000)
    whole = run(lambda step: losses[step - 1], steps=3000)
    cut = History()
    for step in range(1, 3001):
        if step % 97 == 0:
            cut = History.from_dict(json.loads(json.dumps(cut.as_dict())))
        cut.record(Progress(step, step / 100, losses[step - 1], 0.5, 0.1))
    assert cut.as_dict() == whole.as_dict()


def test_a_run_that_goes_well_needs_no_advice() -> None:
    history = run(lambda step: 2.3 * math.exp(-step / 60) + 0.05, lambda step: 1 - 0.9 * math.exp(-step / 60))
    for step, share in ((100, 0.9), (200, 0.95), (300, 0.97), (400, 0.971)):
        history.record_test(step, 0.1, share)
    assert advice(history, 0.002) is None
    assert advice(History(), 0.002) is None


def test_an_exploding_loss_is_said_with_a_smaller_rate() -> None:
    said = advice(run(lambda step: 2.3 * 1.05**step, steps=100), learning_rate=0.5)
    assert said is not None
    assert "explodes" in said
    assert "began at 2.4" in said
    assert "try a learning rate of 0.05" in said


def test_a_loss_that_stands_still_is_said() -> None:
    noisy = run(lambda step: 2.3 + 0.02 * math.sin(step))
    said = advice(noisy, learning_rate=1e-6)
    assert said is not None
    assert "does not move" in said
    assert "1e-05" in said
    assert advice(run(lambda step: 2.3, steps=100), 1e-6) is None  # too early to tell
    assert advice(run(lambda step: 2.3 - 0.001 * step), 1e-3) is None


def test_learning_by_heart_is_said_only_while_training_gets_better() -> None:
    def tested(shares: list[float], accuracy: Callable[[int], float]) -> str | None:
        history = run(lambda step: 1 / step, accuracy)
        for n, share in enumerate(shares, 1):
            history.record_test(400 * n // len(shares), 0.1, share)
        return advice(history, 0.002)

    falling, rising = [0.90, 0.96, 0.957, 0.95], [0.90, 0.94, 0.95, 0.96]
    said = tested(falling, lambda step: step / 400)
    assert said is not None
    assert "96.00% to 95.00%" in said
    assert "by heart" in said
    assert tested(falling, lambda step: 0.9) is None
    assert tested(rising, lambda step: step / 400) is None
    assert tested([0.90, 0.96, 0.9595, 0.9590], lambda step: step / 400) is None  # a few images are no fall
