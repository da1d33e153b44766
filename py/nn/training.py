"""The training loop: one step, and a generator of steps that may be paused or stopped between any two."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nn.layers import Array
from nn.loss import cross_entropy
from nn.network import Network
from nn.optimizers import Optimizer, Schedule

Loss = Callable[[Array, np.ndarray], tuple[float, Array]]


class Batches(Protocol):
    """Training data as a function of the step, so that a resumed run sees what an uninterrupted one would."""

    steps_per_epoch: int

    def __getitem__(self, step: int) -> tuple[Array, np.ndarray]:
        """Inputs (batch, *input_shape) float32, and targets: labels (batch,) or probabilities (batch, classes)."""


class Shuffled:
    """The examples in a new random order each epoch, which depends on the random seed and the epoch alone."""

    def __init__(self, x: Array, targets: np.ndarray, batch: int = 128, seed: int = 0) -> None:
        self.x, self.targets, self.batch, self.seed = x, targets, min(batch, len(x)), seed
        self.steps_per_epoch = len(x) // self.batch
        self._shuffle(0)

    def _shuffle(self, epoch: int) -> None:
        self.epoch, self.order = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.x))

    def __getitem__(self, step: int) -> tuple[Array, np.ndarray]:
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self.epoch:
            self._shuffle(epoch)
        chosen = self.order[place * self.batch : (place + 1) * self.batch]
        return self.x[chosen], self.targets[chosen]


@dataclass(frozen=True)
class Progress:
    """One step of training.

    Attributes:
        step: how many steps are done.
        epoch: how many times the data was seen, a decimal.
        loss, accuracy: of this step's batch, before the step.
        learning_rate: the rate of this step.
    """

    step: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float


class Diverged(ArithmeticError):
    """The loss is no longer a number."""


def train(
    network: Network, optimizer: Optimizer, batches: Batches, epochs: float, schedule: Schedule | None = None, start: int = 0
) -> Iterator[Progress]:
    """Train `network` in place, one step for each item asked of this generator.

    Args:
        schedule: the learning rate for each fraction of the run (0…1); None keeps the optimizer's own.
        start: the step to continue from.
    Raises:
        Diverged: as `train_step`.
    """
    total = math.ceil(epochs * batches.steps_per_epoch)
    for step in range(start, total):
        if schedule is not None:
            optimizer.learning_rate = schedule(step / total)
        yield train_step(network, optimizer, batches, step)


def train_step(network: Network, optimizer: Optimizer, batches: Batches, step: int, loss: Loss = cross_entropy) -> Progress:
    """Forward, loss, backward, and one move of all parameters, with the batch of this step.

    Raises:
        Diverged: the loss is infinite or not a number; the network is left as it was before this step.
    """
    x, targets = batches[step]
    logits = network.forward(x, training=True)
    value, gradient = loss(logits, targets)
    check_finite(value, step, optimizer.learning_rate)
    network.fill_gradients(gradient)
    optimizer.step(network)
    epoch = (step + 1) / batches.steps_per_epoch
    return Progress(step + 1, epoch, value, batch_accuracy(logits, targets), optimizer.learning_rate)


def check_finite(loss: float, step: int, rate: float) -> None:
    """Raises Diverged for a loss that is infinite or not a number."""
    if not math.isfinite(loss):
        raise Diverged(
            f"training diverged at step {step:,}: the loss is {loss}. Try a learning rate below {rate:.2g}, "
            f"for example {rate / 3:.2g}."
        )


def batch_accuracy(logits: Array, targets: np.ndarray) -> float:
    """The share of a batch where the likeliest class is the target's; a class beyond the logits is "none", with logit 0."""
    labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
    right = logits.argmax(axis=1) == labels
    none = labels == logits.shape[1]
    if none.any():
        right[none] = logits[none].max(axis=1) < 0
    return np.count_nonzero(right) / len(labels)
