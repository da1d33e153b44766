"""Pen drawings as datasets to train on: digits, and what is no digit."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from digits import NONE
from digits.training_data import Dataset, TrainingData, mnist_dataset
from nn.parameters import write_atomically
from research.digit_grammar import STYLES
from research.ink import Ink, load_ink
from research.more_images import (
    PRINTED,
    crossed_out_images,
    grammar_images,
    outlined_images,
    printed_images,
    sign_images,
    typefaces,
)
from research.pen_images import crowd_images, digit_images, doodle_images, letter_images

HELD_OUT_WRITERS = 18  # every 18th writer is not trained on

PathLike = str | os.PathLike[str]


def load_training_data(
    mnist: PathLike,
    samples: int,
    ink: PathLike,
    letters: PathLike | None,
    variants: int,
    seed: int,
    cache: Path,
    signs: PathLike | None = None,
    fonts: PathLike | None = None,
    grammar: int = 0,
) -> TrainingData:
    """MNIST's first `samples` images, and rendered pen drawings, which are kept in the folder `cache`: they take minutes.

    Args:
        signs: an ink file of signs that are no digits.
        fonts: a folder of typefaces; their letters are no digits, and their digits are.
        grammar: drawings of each style of `research.digit_grammar`; above 0, outlined and crossed-out digits are added too.

    Raises:
        ValueError: a file is missing or broken (IdxError and InkError among them).
    """
    return TrainingData(
        mnist_dataset(mnist).first(samples),
        cached(
            cache / f"ink-{variants}.npz",
            lambda: joined(ink_dataset(ink, variants, seed), *more_digits(ink, fonts, grammar, seed)),
        ),
        cached(
            cache / "none.npz", lambda: joined(none_dataset(letters, ink, seed), *more_none(ink, signs, fonts, grammar, seed))
        ),
    )


def more_digits(ink: PathLike, fonts: PathLike | None, grammar: int, seed: int) -> Iterator[Dataset]:
    """Digits by the grammar, outlined digits, printed digits."""
    if grammar:
        yield Dataset(*grammar_images(STYLES, grammar, seed), *grammar_images(STYLES, 10, seed + 1))
        trained_on, held_out = split_by_writer(load_ink(ink, digits=True))
        yield Dataset(*outlined_images(trained_on, 5 * grammar, seed), *outlined_images(held_out, 100, seed + 1))
    if fonts is not None:
        faces, digits = typefaces(Path(fonts), held_out=False), "0123456789"
        images, held = (printed_images(faces, digits, count, seed + k) for k, count in enumerate((3_000, 100)))
        yield Dataset(images, _in_turn(len(images)), held, _in_turn(len(held)))


def more_none(ink: PathLike, signs: PathLike | None, fonts: PathLike | None, grammar: int, seed: int) -> Iterator[Dataset]:
    """Signs, printed letters, digits crossed out."""
    if signs is not None:
        trained_on, held_out = split_by_writer(load_ink(signs))
        yield _nothing(sign_images(trained_on, 8, seed), sign_images(held_out, 1, seed + 1))
    if fonts is not None:
        faces = typefaces(Path(fonts), held_out=False)
        yield _nothing(printed_images(faces, PRINTED, 12_000, seed), printed_images(faces, PRINTED, 200, seed + 1))
    if grammar:
        trained_on, held_out = split_by_writer(load_ink(ink))
        yield _nothing(crossed_out_images(trained_on, 5 * grammar, seed), crossed_out_images(held_out, 100, seed + 1))


def joined(*datasets: Dataset) -> Dataset:
    """All of them as one."""
    return Dataset(*(np.concatenate([getattr(part, name) for part in datasets]) for name in Dataset.__dataclass_fields__))


def _nothing(images: np.ndarray, held_out: np.ndarray) -> Dataset:
    return Dataset(images, np.full(len(images), NONE, np.uint8), held_out, np.full(len(held_out), NONE, np.uint8))


def _in_turn(count: int) -> np.ndarray:
    return (np.arange(count) % 10).astype(np.uint8)


def ink_dataset(path: PathLike, variants: int, seed: int) -> Dataset:
    """The drawings of an ink file, each rendered `variants` times. Raises InkError as `load_ink` does."""
    trained_on, held_out = split_by_writer(load_ink(path, digits=True))
    return Dataset(*digit_images(trained_on, variants, seed), *digit_images(held_out, 1, seed + 1))


def none_dataset(letters: PathLike | None, ink: PathLike, seed: int) -> Dataset:
    """What is no digit: letters that look like no digit (if there is a file), doodles, several digits side by side."""
    trained_on, held_out = split_by_writer(load_ink(ink))
    images = [doodle_images(40_000, seed), crowd_images(trained_on, 4_000, seed)]
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
