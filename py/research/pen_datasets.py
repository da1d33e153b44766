"""Pen drawings as datasets to train on: digits, and what is no digit."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digits import NONE
from digits.training_data import Dataset, TrainingData, mnist_dataset
from nn.parameters import write_atomically
from research.ink import Ink, load_ink
from research.pen_images import crowd_images, digit_images, doodle_images, letter_images

HELD_OUT_WRITERS = 18  # every 18th writer is not trained on

PathLike = str | os.PathLike[str]


def load_training_data(
    mnist: PathLike, samples: int, ink: PathLike, letters: PathLike | None, variants: int, seed: int, cache: Path
) -> TrainingData:
    """MNIST's first `samples` images, and rendered pen drawings, which are kept in the folder `cache`: they take minutes.

    Raises:
        ValueError: a file is missing or broken (IdxError and InkError among them).
    """
    return TrainingData(
        mnist_dataset(mnist).first(samples),
        cached(cache / f"ink-{variants}.npz", lambda: ink_dataset(ink, variants, seed)),
        cached(cache / "none.npz", lambda: none_dataset(letters, ink, seed)),
    )


def ink_dataset(path: PathLike, variants: int, seed: int) -> Dataset:
    """The drawings of an ink file, each rendered `variants` times. Raises InkError as `load_ink` does."""
    trained_on, held_out = split_by_writer(load_ink(path, digits=True))
    return Dataset(*digit_images(trained_on, variants, seed), *digit_images(held_out, 1, seed + 1))


def none_dataset(letters: PathLike | None, ink: PathLike, seed: int) -> Dataset:
    """What is no digit: letters that look like no digit (if there is a file), doodles, several digits side by side."""
    trained_on, held_out = split_by_writer(load_ink(ink))
    images = [doodle_images(20_000, seed), crowd_images(trained_on, 4_000, seed)]
    held_out_images = [doodle_images(500, seed + 1), crowd_images(held_out, 100, seed + 1)]
    if letters is not None:
        trained_on, held_out = split_by_writer(load_ink(letters))
        images += [letter_images(trained_on, 16, seed)]
        held_out_images += [letter_images(held_out, 2, seed + 1)]
    sets = [np.concatenate(parts) for parts in (images, held_out_images)]
    labels = [np.full(len(part), NONE, np.uint8) for part in sets]
    return Dataset(sets[0], labels[0], sets[1], labels[1])


def split_by_writer(ink: Ink) -> tuple[Ink, Ink]:
    """The drawings of most writers, and those of every 18th."""
    held_out = ink.writer % HELD_OUT_WRITERS == HELD_OUT_WRITERS // 2
    return ink.subset(np.flatnonzero(~held_out)), ink.subset(np.flatnonzero(held_out))


def cached(path: Path, make: Callable[[], Dataset]) -> Dataset:
    """The dataset in this file; if there is none, a new one, written there."""
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as archive:
                return Dataset(**{name: archive[name] for name in Dataset.__dataclass_fields__})
        except Exception as error:  # a damaged archive leads to errors of many kinds
            raise ValueError(f"{path} is damaged: delete it, and it is made again") from error
    dataset = make()
    buffer = io.BytesIO()
    np.savez(buffer, **vars(dataset))
    write_atomically(path, buffer.getvalue())
    return dataset
