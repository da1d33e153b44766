"""What a curve says of its run, and what to try: a function of the history and the learning rate alone."""

from __future__ import annotations

import math

from nn.history import History

STILL = 200  # steps after which a loss should have moved
MOVED = 0.03  # the part of its first value by which it has then fallen, at least
HIGHEST = 0.1  # a learning rate above it is hardly ever of use
LOST = 0.002  # of test accuracy, below its best: 20 of 10,000 images


def advice(history: History, learning_rate: float, classes: int = 10) -> str | None:
    """The one thing worth saying about a run now, in two sentences; None where it goes as it should."""
    return explodes(history, learning_rate, classes) or stands_still(history, learning_rate) or overfits(history)


def explodes(history: History, learning_rate: float, classes: int) -> str | None:
    """The loss is far above what guessing blindly costs, ln(classes), and above where it began."""
    recent = history.recent(20)
    if recent is None or len(history.points) < 5:
        return None
    first, now = history.points[0][1], recent[0]
    if math.isfinite(now) and now < 2 * max(first, math.log(classes)):
        return None
    return (
        f"The loss explodes: it began at {first:.2f} and is {now:,.2f} now, worse than guessing ({math.log(classes):.2f}). "
        f"Each step jumps too far: try a learning rate of {min(learning_rate / 10, HIGHEST):.2g}."
    )


def stands_still(history: History, learning_rate: float) -> str | None:
    """After some hundred steps the loss is where it was."""
    if not history.points or history.points[-1][0] < STILL:
        return None
    count = max(1, len(history.points) // 10)
    first = sum(point[1] for point in history.points[:count]) / count
    now = sum(point[1] for point in history.points[-count:]) / count
    least = min(point[1] for point in history.points)
    if now < (1 - MOVED) * first or least < (1 - 3 * MOVED) * first:
        return None
    step = int(history.points[-1][0])
    return (
        f"The loss does not move: {first:.2f} at the start, {now:.2f} after {step:,} steps. Try a learning rate of "
        f"{learning_rate * 10:.2g}, or of {learning_rate / 10:.2g} if the curve is jagged; with sigmoid, fewer layers or ReLU."
    )


def overfits(history: History) -> str | None:
    """For two tests on end the test accuracy has been below its best, while training's was above what it was then."""
    if len(history.tests) < 4:
        return None
    best = max(history.tests, key=lambda test: test[2])
    later = [test for test in history.tests if test[0] > best[0]]
    if len(later) < 2 or max(test[2] for test in later[-2:]) > best[2] - LOST:
        return None
    then, now = _training_accuracy(history, best[0]), _training_accuracy(history, history.tests[-1][0])
    if now <= then:
        return None
    return (
        f"Test accuracy has fallen from {best[2]:.2%} to {later[-1][2]:.2%} while training’s rose from {then:.2%} to "
        f"{now:.2%}: the network learns its examples by heart. Try fewer epochs, more images or deformed ones, narrower layers."
    )


def _training_accuracy(history: History, step: float, over: int = 8) -> float:
    """The mean of the points before this step."""
    before = [point[2] for point in history.points if point[0] <= step][-over:]
    return sum(before) / len(before) if before else 0.0
