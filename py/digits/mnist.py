"""MNIST: 60,000 handwritten digits to train on and 10,000 to test with (LeCun, Cortes, Burges)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from digits.idx import IdxError, read_idx
from nn import pixels

PREFIX = {"train": "train", "test": "t10k"}


def load_mnist(folder: str | os.PathLike[str], part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 784) uint8 and labels (n,) uint8 of `part`, "train" or "test".

    Raises:
        IdxError: a file is missing or broken, or images and labels do not belong together.
    """
    images = read_idx(_file(folder, part, "images-idx3-ubyte"))
    labels = read_idx(_file(folder, part, "labels-idx1-ubyte"))
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise IdxError(f"MNIST's images are 28×28, and these are {images.shape[1:]}")
    if labels.ndim != 1 or len(labels) != len(images):
        raise IdxError(f"there are {len(images):,} images and {len(labels):,} labels: the files do not belong together")
    if len(labels) and labels.max() > 9:
        raise IdxError(f"a label says {labels.max()}, and digits are 0 to 9")
    return images.reshape(len(images), 784), labels


def _file(folder: str | os.PathLike[str], part: str, kind: str) -> Path:
    plain = Path(folder) / f"{PREFIX[part]}-{kind}"
    zipped = plain.with_name(f"{plain.name}.gz")
    return zipped if zipped.exists() and not plain.exists() else plain


def as_inputs(images: np.ndarray) -> np.ndarray:
    """The network's inputs (n, 784) float32, 0…1, from uint8 images (n, 784) or (n, 28, 28)."""
    return pixels.scale(images.reshape(len(images), 784))
