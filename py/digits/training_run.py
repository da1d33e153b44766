"""One training run, from its settings to a finished network. `py/train.py` and the page's training room drive it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from digits.calibration import FLAGGED, calibrate
from digits.training_data import TrainingData
from digits.training_settings import RunSettings
from nn import Network, architecture, checkpoint, loss
from nn.optimizers import OPTIMIZERS, SCHEDULES, WeightAverage
from nn.training import Batches, Progress, train_step


class Run:
    """A network in training, with its optimizer and its weight average.

    Args:
        batches: what it is trained on.
    Attributes:
        step: how many steps are done.
        seconds: how long they took; kept in checkpoints, counted by the caller.
        rates: {first step: learning rate}; may be added to during the run.
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
        """The number of steps of the run."""
        return math.ceil(self.settings.epochs * self.batches.steps_per_epoch)

    @property
    def learning_rate(self) -> float:
        """The highest learning rate of the schedule, as it is at this step."""
        begun = [step for step in self.rates if step <= self.step]
        return self.rates[max(begun)] if begun else self.settings.learning_rate

    @property
    def reader(self) -> Network:
        """The most accurate network so far: the average, if there is one."""
        return self.average.network if self.average else self.network

    @property
    def sound(self) -> bool:
        """Whether all parameters are finite; a run that has just diverged raises Diverged only at its next step."""
        return all(np.isfinite(array).all() for _, array in self.network.named_parameters())

    def checkpoint(self) -> bytes:
        """Everything the run needs to continue exactly as if it had not stopped."""
        return checkpoint.dumps(self.network, self.optimizer, self.average, self.step, self.seconds)

    def begin_with(self, data: bytes) -> None:
        """Begin with the network of another run's checkpoint. Raises as `restore` does."""
        other = Run(self.settings, self.batches)
        other.restore(data)
        self.begin_with_network(other.reader)

    def begin_with_network(self, network: Network) -> None:
        """Begin with a trained network; raises ValueError if its arrays have other shapes than this run's."""
        own, other = self.network.named_arrays(), network.named_arrays()
        if {name: array.shape for name, array in own.items()} != {name: array.shape for name, array in other.items()}:
            raise ValueError("the network to begin with has other layers than this run")
        for name, array in own.items():
            array[...] = other[name]
        self.average = WeightAverage(self.network, self.settings.average) if self.settings.average else None

    def restore(self, data: bytes) -> None:
        """Continue from a checkpoint; raises ParameterError if it is damaged or belongs to another network."""
        self.step, self.seconds = checkpoint.loads(data, self.network, self.optimizer, self.average)


def finished(network: Network, data: TrainingData, flagged: float = FLAGGED) -> tuple[Network, dict[str, Any]]:
    """The network to save, with its norms folded in and its confidence calibrated; and what that adds to its card."""
    network = network.folded()
    temperature, thresholds = calibrate(network, *data.held_out(), knows_none=data.none is not None, flagged=flagged)
    return network, {"temperature": round(temperature, 4), "thresholds": thresholds}


def blended(first: Network, second: Network, share: float) -> Network:
    """The second network with its parameters averaged with the first one's; `share` is the weight of its own.

    The average of a network and its fine-tuned successor keeps most of what both can do (Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models").
    """
    others = dict(first.named_parameters())
    for name, array in second.named_parameters():
        array[...] = (1 - share) * others[name] + share * array
    return second
