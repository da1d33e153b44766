"""What goes wrong in a training run, and what to try, from its history and learning rate."""

from __future__ import annotations

import math

from nn.history import History

FIRST_STEPS = 200  # after so many steps, the loss should have fallen …
LEAST_FALL = 0.03  # … by at least this fraction of its first value
HIGHEST_RATE = 0.1  # a larger learning rate is rarely useful
OVERFITTING = 0.002  # a drop of the test accuracy below its best: 20 of 10,000 images


def advice(history: History, learning_rate: float, classes: int = 10) -> str | None:
    """What is wrong with a run and what to try, in two sentences; None if all is well."""
    return explosion(history, learning_rate, classes) or plateau(history, learning_rate) or overfitting(history)


def explosion(history: History, learning_rate: float, classes: int) -> str | None:
    """The loss is far above its start and above ln(classes), the loss of a random guess."""
    recent = history.recent(20)
    if recent is None or len(history.points) < 5:
        return None
    first, now = history.points[0][1], recent[0]
    if math.isfinite(now) and now < 2 * max(first, math.log(classes)):
        return None
    return (
        f"The loss explodes: it began at {first:.2f} and is {now:,.2f} now, worse than guessing ({math.log(classes):.2f}). "
        f"Each step jumps too far: try a learning rate of {min(learning_rate / 10, HIGHEST_RATE):.2g}."
    )


def plateau(history: History, learning_rate: float) -> str | None:
    """After some hundred steps the loss is where it began."""
    if not history.points or history.points[-1][0] < FIRST_STEPS:
        return None
    count = max(1, len(history.points) // 10)
    first = sum(point[1] for point in history.points[:count]) / count
    now = sum(point[1] for point in history.points[-count:]) / count
    least = min(point[1] for point in history.points)
    if now < (1 - LEAST_FALL) * first or least < (1 - 3 * LEAST_FALL) * first:
        return None
    step = int(history.points[-1][0])
    return (
        f"The loss does not move: {first:.2f} at the start, {now:.2f} after {step:,} steps. Try a learning rate of "
        f"{learning_rate * 10:.2g}, or of {learning_rate / 10:.2g} if the curve is jagged; with sigmoid, fewer layers or ReLU."
    )


def overfitting(history: History) -> str | None:
    """The test accuracy was below its best for two tests in a row, while the training accuracy rose."""
    if len(history.tests) < 4:
        return None
    best = max(history.tests, key=lambda test: test[2])
    later = [test for test in history.tests if test[0] > best[0]]
    if len(later) < 2 or max(test[2] for test in later[-2:]) > best[2] - OVERFITTING:
        return None
    then, now = _training_accuracy(history, best[0]), _training_accuracy(history, history.tests[-1][0])
    if now <= then:
        return None
    return (
        f"Test accuracy has fallen from {best[2]:.2%} to {later[-1][2]:.2%} while training’s rose from {then:.2%} to "
        f"{now:.2%}: the network learns its examples by heart. Try fewer epochs, more images or deformed ones, narrower layers."
    )


def _training_accuracy(history: History, step: float, over: int = 8) -> float:
    """The mean of the last points up to this step."""
    before = [point[2] for point in history.points if point[0] <= step][-over:]
    return sum(before) / len(before) if before else 0.0
