"""The learning curve of a run: its training progress in few enough points to draw, and its tests."""

from __future__ import annotations

from typing import Any

from nn.training import Progress

LONGEST = 512
"""At this many points, each two are merged into one. That depends on the steps alone, not on how often a run stops."""


class History:
    """Means of the training loss and accuracy over `stride` steps each, and (step, loss, accuracy) of every test."""

    def __init__(self) -> None:
        self.stride = 1
        self.points: list[list[float]] = []  # [last step, loss, accuracy]
        self.open = [0.0, 0.0, 0.0]  # steps, sum of losses and sum of accuracies since the last point
        self.tests: list[list[float]] = []

    def record(self, progress: Progress) -> None:
        self.open = [self.open[0] + 1, self.open[1] + progress.loss, self.open[2] + progress.accuracy]
        if self.open[0] < self.stride:
            return
        self.points.append([progress.step, self.open[1] / self.stride, self.open[2] / self.stride])
        self.open = [0.0, 0.0, 0.0]
        if len(self.points) == LONGEST:
            pairs = zip(self.points[::2], self.points[1::2], strict=True)
            self.points = [[b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2] for a, b in pairs]
            self.stride *= 2

    def record_test(self, step: int, loss: float, accuracy: float) -> None:
        self.tests.append([step, loss, accuracy])

    def recent(self, steps: int = 50) -> tuple[float, float] | None:
        """Mean loss and accuracy over about the last `steps` steps; None before the first."""
        last = self.points[-max(1, steps // self.stride) :]
        if not last:
            return (self.open[1] / self.open[0], self.open[2] / self.open[0]) if self.open[0] else None
        return sum(p[1] for p in last) / len(last), sum(p[2] for p in last) / len(last)

    def as_dict(self) -> dict[str, Any]:
        """All of it, as a JSON object."""
        return {"stride": self.stride, "points": self.points, "open": self.open, "tests": self.tests}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> History:
        """The history that `as_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        history = cls()
        history.stride = int(kept["stride"])
        history.points, history.tests, (history.open,) = map(_triples, (kept["points"], kept["tests"], [kept["open"]]))
        return history


def _triples(rows: list[list[float]]) -> list[list[float]]:
    return [[float(a), float(b), float(c)] for a, b, c in rows]
