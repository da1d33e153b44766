"""The training loop, as a generator of its own progress: whoever drives it may pause it, stop it or draw a curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nn.loss import cross_entropy
from nn.network import Network
from nn.optimizers import Optimizer, Schedule

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


class Batches(Protocol):
    """Training data as a function of the step, so that a resumed run sees what an uninterrupted one would."""

    steps_per_epoch: int

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (batch, *input_shape) float32, and targets: labels (batch,) or probabilities (batch, classes)."""


class Shuffled:
    """The examples in a new order each epoch, a batch a step; the order depends on the seed and the epoch alone."""

    def __init__(self, x: np.ndarray, targets: np.ndarray, batch: int = 128, seed: int = 0) -> None:
        self.x, self.targets, self.batch, self.seed = x, targets, min(batch, len(x)), seed
        self.steps_per_epoch = len(x) // self.batch
        self.epoch = -1

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.x))
        chosen = self.order[place * self.batch : (place + 1) * self.batch]
        return self.x[chosen], self.targets[chosen]


@dataclass(frozen=True)
class Progress:
    """One step of training: `step` steps are done, `epoch` (a decimal) times the data was seen; loss and accuracy are this
    batch's, before the step."""

    step: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float


class Diverged(ArithmeticError):
    """The loss is no longer a number."""


def train(
    network: Network,
    optimizer: Optimizer,
    batches: Batches,
    epochs: float,
    schedule: Schedule | None = None,
    loss: Loss = cross_entropy,
    start: int = 0,
) -> Iterator[Progress]:
    """Train `network` in place, one step for each item asked of this generator.

    Args:
        schedule: the learning rate at each part of the run done (0…1); None leaves the optimiser's own.
        start: the step to go on from, after a resume.
    Raises:
        Diverged: the loss became infinite or not a number; the network as it was before that step is kept.
    """
    total = math.ceil(epochs * batches.steps_per_epoch)
    for step in range(start, total):
        x, targets = batches[step]
        if schedule is not None:
            optimizer.learning_rate = schedule(step / total)
        logits = network.forward(x, training=True)
        value, grad = loss(logits, targets)
        if not math.isfinite(value):
            raise Diverged(
                f"training diverged at step {step:,}: the loss is {value}. Try a learning rate below "
                f"{optimizer.learning_rate:.2g}, a third of it for a start."
            )
        network.fill_gradients(grad)
        optimizer.step(network)
        yield Progress(
            step=step + 1,
            epoch=(step + 1) / batches.steps_per_epoch,
            loss=value,
            accuracy=batch_accuracy(logits, targets),
            learning_rate=optimizer.learning_rate,
        )


def batch_accuracy(logits: np.ndarray, targets: np.ndarray) -> float:
    """The share of a batch whose likeliest class is the target's; a class beyond the logits is "none", of logit 0."""
    labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
    classes = logits.shape[1]
    said = np.where((labels == classes) & (logits.max(axis=1) < 0), classes, logits.argmax(axis=1))
    return float((said == labels).mean())
