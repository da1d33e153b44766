"""Training batches from several sources of images, deformed differently each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from digits import NONE
from digits.augmentation import Deformation, augment
from digits.mnist import as_inputs

Corrupt = Callable[[np.ndarray, np.random.Generator], np.ndarray]

# The target for what is no digit: mostly "none", and all digits alike.
NONE_TARGET = np.array([0.02] * 10 + [0.8], np.float32)


@dataclass(frozen=True)
class ImageSource:
    """Images of one kind.

    Attributes:
        images, labels: (n, 784) uint8 and (n,) uint8; the label 10 is "no digit".
        share: the part of each batch that comes from here.
        deformation: how they are deformed, None for not at all.
        corrupt: what else is done to a batch, after the deformation.
    """

    images: np.ndarray
    labels: np.ndarray
    share: float
    deformation: Deformation | None
    corrupt: Corrupt | None = None


class MixedBatches:
    """Batches of inputs (batch, 784) float32 and targets (batch, 11): ten digits and "none".

    A batch depends on the seed and its step alone, so a resumed run sees what an uninterrupted one would. Each source is
    used in a new random order every time it begins again; an epoch is one pass over the first source.

    Args:
        smoothing: how much of each label is spread over all the others (Szegedy et al. 2016, "Rethinking the Inception
            Architecture", section 7).
    """

    def __init__(self, sources: Sequence[ImageSource], batch: int = 128, seed: int = 0, smoothing: float = 0.0) -> None:
        self.sources, self.seed = sources, seed
        shares = np.array([source.share for source in sources])
        self.counts = np.round(batch * shares / shares.sum()).astype(int)
        self.counts[0] += batch - self.counts.sum()
        self.steps_per_epoch = len(sources[0].images) // int(self.counts[0])
        self.orders: dict[int, tuple[int, np.ndarray]] = {}
        self.targets = np.full((NONE + 1, NONE + 1), smoothing / NONE, np.float32)
        np.fill_diagonal(self.targets, 1 - smoothing)
        self.targets[NONE] = NONE_TARGET

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        rng: np.random.Generator | None = None  # slow to make, and only needed for deformations
        inputs, labels = [], []
        for index, (source, count) in enumerate(zip(self.sources, self.counts, strict=True)):
            chosen = self._choose(index, step * int(count), int(count))
            images = source.images[chosen]
            if source.deformation is None:
                inputs.append(as_inputs(images))
            else:
                rng = rng or np.random.default_rng([self.seed, step])
                inputs.append(augment(images, rng, source.deformation))
                if source.corrupt is not None:
                    inputs[-1] = source.corrupt(inputs[-1], rng)
            labels.append(source.labels[chosen])
        return inputs[0] if len(inputs) == 1 else np.concatenate(inputs), self.targets[np.concatenate(labels)]

    def _choose(self, index: int, start: int, count: int) -> np.ndarray:
        """`count` indices from place `start` of a source's endless sequence of random orders."""
        passes, place = divmod(start, len(self.sources[index].images))
        chosen = self._order(index, passes)[place : place + count]
        while len(chosen) < count:
            passes += 1
            chosen = np.concatenate([chosen, self._order(index, passes)[: count - len(chosen)]])
        return chosen

    def _order(self, index: int, passes: int) -> np.ndarray:
        known_passes, order = self.orders.get(index, (-1, np.zeros(0, np.int64)))
        if known_passes != passes:
            order = np.random.default_rng([self.seed, index, passes, 1]).permutation(len(self.sources[index].images))
            self.orders[index] = (passes, order)
        return order
