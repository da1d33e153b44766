"""One training run, from its settings to a network that reads: what `py/train.py` and the page's training room drive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from digits.calibration import calibrate
from digits.training_data import TrainingData
from digits.training_settings import RunSettings
from nn import Network, architecture, checkpoint, loss
from nn.optimizers import OPTIMIZERS, SCHEDULES, WeightAverage
from nn.training import Batches, Progress, train_step


class Run:
    """A network on its way, and all that moves it.

    Args:
        batches: what it learns from; its own lessons, or a teacher's.
    Attributes:
        step: how many steps are done.
        seconds: how long they took; kept in checkpoints, counted by whoever drives the run.
        rates: the learning rates that hold from a step on; may be added to while it runs.
    """

    def __init__(self, settings: RunSettings, batches: Batches) -> None:
        self.settings, self.batches = settings, batches
        self.network = architecture.build(settings.layers, settings.seed, settings.activation)
        self.optimizer = OPTIMIZERS[settings.optimizer](settings.learning_rate, settings.weight_decay)
        self.average = WeightAverage(self.network, settings.average) if settings.average else None
        self.rates = settings.rates
        self.step, self.seconds = 0, 0.0

    def advance(self) -> Progress:
        """Take the next step. Raises Diverged as `train_step` does."""
        schedule = SCHEDULES[self.settings.schedule](self.learning_rate)
        self.optimizer.learning_rate = schedule(self.step / self.total)
        progress = train_step(self.network, self.optimizer, self.batches, self.step, loss.cross_entropy_or_none)
        if self.average is not None:
            self.average.update(self.network)
        self.step = progress.step
        return progress

    @property
    def done(self) -> bool:
        return self.step >= self.total

    @property
    def total(self) -> int:
        """How many steps the run takes."""
        return math.ceil(self.settings.epochs * self.batches.steps_per_epoch)

    @property
    def learning_rate(self) -> float:
        """The highest rate of the schedule, as it holds at this step."""
        begun = [step for step in self.rates if step <= self.step]
        return self.rates[max(begun)] if begun else self.settings.learning_rate

    @property
    def reader(self) -> Network:
        """The network that reads best so far: the average where there is one."""
        return self.average.network if self.average else self.network

    @property
    def sound(self) -> bool:
        """Whether all its numbers are finite: a run that diverged a moment ago does not know it before its next step."""
        return all(np.isfinite(array).all() for _, array in self.network.named_parameters())

    def checkpoint(self) -> bytes:
        """Everything it needs to go on exactly as if it had not stopped."""
        return checkpoint.dumps(self.network, self.optimizer, self.average, self.step, self.seconds)

    def begin_with(self, data: bytes) -> None:
        """Begin with the network another run ended with, as its checkpoint holds it; raises as `restore`."""
        other = Run(self.settings, self.batches)
        other.restore(data)
        self.network = other.reader
        self.average = WeightAverage(self.network, self.settings.average) if self.settings.average else None

    def restore(self, data: bytes) -> None:
        """Go on from a checkpoint; raises ParameterError where it is broken or another network's."""
        self.step, self.seconds = checkpoint.loads(data, self.network, self.optimizer, self.average)


def finished(network: Network, data: TrainingData) -> tuple[Network, dict[str, Any]]:
    """The network as it is kept: norms folded in, confidence calibrated on what was held out; and what its card says of it."""
    network = network.folded()
    temperature, thresholds = calibrate(network, *data.held_out(), knows_none=data.none is not None)
    return network, {"temperature": round(temperature, 4), "thresholds": thresholds}
