"""Pen drawings as lessons: digits, and what is no digit."""

from __future__ import annotations

import os

import numpy as np

from digits import NONE
from digits.training_data import Lesson
from research.ink import Ink, load_ink
from research.pen_images import crowd_images, digit_images, doodle_images, letter_images

HELD_OUT_WRITERS = 18  # every 18th writer is never trained on


def ink_lesson(path: str | os.PathLike[str], variants: int, seed: int) -> Lesson:
    """The drawings of an ink file, each rendered `variants` times; raises InkError as `load_ink`."""
    taught, held_out = split_by_writer(load_ink(path))
    return Lesson(*digit_images(taught, variants, seed), *digit_images(held_out, 1, seed + 1))


def none_lesson(letters: str | os.PathLike[str] | None, ink: str | os.PathLike[str], seed: int) -> Lesson:
    """What is no digit: letters that no digit looks like (if a file is given), doodles, several digits side by side."""
    taught_ink, held_out_ink = split_by_writer(load_ink(ink))
    taught = [doodle_images(20_000, seed), crowd_images(taught_ink, 4_000, seed)]
    held_out = [doodle_images(500, seed + 1), crowd_images(held_out_ink, 100, seed + 1)]
    if letters is not None:
        taught_letters, held_out_letters = split_by_writer(load_ink(letters))
        taught += [letter_images(taught_letters, 16, seed)]
        held_out += [letter_images(held_out_letters, 2, seed + 1)]
    images, kept = np.concatenate(taught), np.concatenate(held_out)
    return Lesson(images, np.full(len(images), NONE, np.uint8), kept, np.full(len(kept), NONE, np.uint8))


def split_by_writer(ink: Ink) -> tuple[Ink, Ink]:
    """The drawings of most writers, and those of every 18th."""
    held_out = ink.writer % HELD_OUT_WRITERS == HELD_OUT_WRITERS // 2
    return ink.subset(np.flatnonzero(~held_out)), ink.subset(np.flatnonzero(held_out))
