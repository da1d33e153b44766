"""The data that a network is trained on, and the part of it that is held out to calibrate the confidence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from digits.augmentation import Deformation
from digits.mixed_batches import Corrupt, ImageSource, MixedBatches
from digits.mnist import load_mnist
from digits.training_settings import TRAINING_IMAGES

SHARES = 0.45, 0.40, 0.15  # of MNIST, pen drawings and "no digit" in each batch

# Pen drawings were deformed and normalized when they were rendered, so they are deformed less than MNIST's images.
GENTLE = Deformation(tilt=6, slant=0.1, stretch=0.08, shift=1.0, elastic=0.5, width=0.4)


@dataclass(frozen=True)
class Dataset:
    """Images (n, 784) uint8 and labels (n,) uint8, 10 for "no digit": some to train on, some held out."""

    images: np.ndarray
    labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray

    def first(self, samples: int) -> Dataset:
        """The same, with at most `samples` images to train on."""
        return replace(self, images=self.images[:samples], labels=self.labels[:samples])


def mnist_dataset(folder: str | os.PathLike[str]) -> Dataset:
    """MNIST's training images. Raises IdxError as `load_mnist` does."""
    images, labels = load_mnist(folder, "train")
    end = TRAINING_IMAGES
    return Dataset(images[:end], labels[:end], images[end:], labels[end:])


@dataclass(frozen=True)
class TrainingData:
    """All datasets of a run: MNIST, and where there are ink files also pen drawings and drawings of no digit."""

    mnist: Dataset
    ink: Dataset | None = None
    none: Dataset | None = None

    def batches(
        self,
        batch: int,
        seed: int,
        smoothing: float = 0.0,
        augmented: bool = True,
        strength: float = 1.0,
        shares: Sequence[float] = SHARES,
        corrupt: Corrupt | None = None,
    ) -> MixedBatches:
        """Batches of all datasets.

        Args:
            batch, seed, smoothing: as in `MixedBatches`.
            strength: scales the deformations of MNIST's images.
            shares: the part of each batch that comes from MNIST, the pen drawings and the drawings of no digit.
            corrupt: what is done to the deformed images of every source.
        """
        sources = [ImageSource(self.mnist.images, self.mnist.labels, shares[0], Deformation().scaled(strength), corrupt)]
        for dataset, share in ((self.ink, shares[1]), (self.none, shares[2])):
            if dataset is not None:
                sources.append(ImageSource(dataset.images, dataset.labels, share, GENTLE, corrupt))
        if not augmented:
            sources = [replace(source, deformation=None) for source in sources]
        return MixedBatches(sources, batch, seed, smoothing)

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Images (n, 784) uint8 and labels (n,) that are not trained on."""
        datasets = [dataset for dataset in (self.mnist, self.ink, self.none) if dataset is not None]
        images, labels = zip(*((dataset.held_out_images, dataset.held_out_labels) for dataset in datasets), strict=True)
        return np.concatenate(images), np.concatenate(labels)
