"""Distillation: a small network, the student, is trained on the probabilities that large ones, its teachers, give.

The probabilities say more than a label, for example how much a seven looks like a one (Hinton, Vinyals, Dean 2015, "Distilling
the Knowledge in a Neural Network"). Teachers are slow and the student is fast, so the teachers read a large bank of deformed
images once, their answers are kept on disk, and the student is trained on the bank for many epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digits.mixed_batches import Corrupt, MixedBatches
from digits.mnist import as_inputs
from nn import Network
from nn.loss import softmax, with_none


class Bank:
    """Deformed images and the teachers' answers, in a folder of three NumPy files.

    Args:
        folder: where images.npy (n, 784) uint8, labels.npy (n,) uint8 and said.npy (n, 11) float16 are.
        size: the number of images.
    """

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.size = size
        self.images = _array(folder / "images.npy", (size, 784), np.uint8)
        self.labels = _array(folder / "labels.npy", (size,), np.uint8)
        self.said = _array(folder / "said.npy", (size, 11), np.float16)

    def fill(self, batches: MixedBatches, teachers: Sequence[Network]) -> Iterator[float]:
        """Let the teachers read a batch at a time, and yield the part that is done (0…1); existing answers are kept."""
        batch = int(batches.counts.sum())
        for step, start in enumerate(range(0, self.size, batch)):
            end = min(start + batch, self.size)
            if self.said[end - 1].sum() == 0:
                inputs, targets = (part[: end - start] for part in batches[step])
                self.images[start:end] = np.round(inputs * 255)
                self.labels[start:end] = targets.argmax(axis=1)
                self.said[start:end] = sum(softmax(with_none(teacher.forward(inputs))) for teacher in teachers) / len(teachers)
            yield end / self.size


class BankBatches:
    """The bank in a new order each epoch, one batch a step, as `nn.train` takes it.

    Args:
        labels: (11, 11), the target for each label without teachers.
        truth: the weight of that target; the rest is the weight of the teachers' answer.
        soften: the temperature T that turns the teachers' p ∝ exp(z) into p ∝ exp(z / T): above 1, the less likely classes
            count more (Hinton et al., section 2).
        corrupt: what is done to the images. The teachers read them without it, so the student learns to answer as if the
            image were clean.
    """

    def __init__(
        self,
        bank: Bank,
        batch: int,
        seed: int,
        labels: np.ndarray,
        truth: float = 0.1,
        soften: float = 1.0,
        corrupt: Corrupt | None = None,
    ) -> None:
        self.bank, self.batch, self.seed, self.corrupt = bank, batch, seed, corrupt
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
        labels = self.bank.labels[chosen]
        right = said.argmax(axis=1) == labels  # where the teachers are wrong, only the label counts
        truth = np.where(right, self.truth, np.float32(1))[:, None]
        inputs = as_inputs(self.bank.images[chosen])
        if self.corrupt is not None:
            inputs = self.corrupt(inputs, np.random.default_rng([self.seed, step, 1]))
        return inputs, truth * self.labels[labels] + (1 - truth) * said


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> Any:
    """An array kept in a file; an existing file is continued if it has this shape and type."""
    if path.exists():
        array = np.lib.format.open_memmap(path, mode="r+")
        if array.shape == shape and array.dtype == dtype:
            return array
    return np.lib.format.open_memmap(path, mode="w+", shape=shape, dtype=dtype)
