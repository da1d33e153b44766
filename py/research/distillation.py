"""Distillation: a small network learns from what large ones say, which is more than a label says.

The teachers' probabilities tell how much a seven looks like a one (Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a
Neural Network"). Teachers are slow and the pupil is fast, so their answers for a large bank of deformed images are asked
once and kept on disk, and the pupil goes through the bank many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from digits.mixed_batches import Mixture
from digits.mnist import as_inputs
from nn import Network
from nn.loss import softmax


def with_none(logits: np.ndarray) -> np.ndarray:
    """Probabilities (n, 11) of ten digits and none, whose logit is 0 (`nn.loss.cross_entropy_or_none`)."""
    return softmax(np.concatenate([logits, np.zeros((len(logits), 1), logits.dtype)], axis=1))


class Bank:
    """Deformed images and what the teachers say of them: a folder of three NumPy files, filled once.

    Args:
        folder: where images.npy (n, 784) uint8, labels.npy (n,) uint8 and said.npy (n, 11) float16 lie.
        size: how many images.
    """

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.size = size
        self.images = _array(folder / "images.npy", (size, 784), np.uint8)
        self.labels = _array(folder / "labels.npy", (size,), np.uint8)
        self.said = _array(folder / "said.npy", (size, 11), np.float16)

    def fill(self, lessons: Mixture, teachers: Sequence[Network]) -> Iterator[float]:
        """Ask the teachers, a batch of lessons at a time, yielding how much is done (0…1); what is already there is kept."""
        batch = int(lessons.counts.sum())
        for step, start in enumerate(range(0, self.size, batch)):
            end = min(start + batch, self.size)
            if self.said[end - 1].sum() == 0:
                inputs, targets = (part[: end - start] for part in lessons[step])
                self.images[start:end] = np.round(inputs * 255)
                self.labels[start:end] = targets.argmax(axis=1)
                self.said[start:end] = sum(with_none(teacher.forward(inputs)) for teacher in teachers) / len(teachers)
            yield end / self.size


class BankBatches:
    """The bank in a new order each epoch, a batch a step, as `nn.train` takes it.

    Args:
        labels: (11, 11), what is taught for each label without a teacher.
        truth: how much that counts; the rest is what the teachers say.
        soften: the temperature T that makes of their p ∝ exp(z) a p ∝ exp(z / T): above 1, what they hold for less likely
            comes out (Hinton et al., section 2).
    """

    def __init__(self, bank: Bank, batch: int, seed: int, labels: np.ndarray, truth: float = 0.1, soften: float = 1.0) -> None:
        self.bank, self.batch, self.seed = bank, batch, seed
        self.labels, self.truth, self.soften = labels, np.float32(truth), np.float32(soften)
        self.steps_per_epoch = bank.size // batch
        self.epoch = -1

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, np.random.default_rng([self.seed, epoch]).permutation(self.bank.size)
        chosen = self.order[place * self.batch : (place + 1) * self.batch]
        said = self.bank.said[chosen].astype(np.float32) ** (1 / self.soften)
        said /= said.sum(axis=1, keepdims=True)
        targets = self.truth * self.labels[self.bank.labels[chosen]] + (1 - self.truth) * said
        return as_inputs(self.bank.images[chosen]), targets


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """An array that lives in a file; one of this shape that is already there is gone on with."""
    if path.exists():
        array = np.lib.format.open_memmap(path, mode="r+")
        if array.shape == shape and array.dtype == dtype:
            return array
    return np.lib.format.open_memmap(path, mode="w+", shape=shape, dtype=dtype)
