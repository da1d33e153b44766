"""What a network is taught, and what is kept from it: MNIST, pen drawings, and what is no digit."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digits.augmentation import Deformation
from digits.mixed_batches import Mixture, Source
from digits.mnist import load_mnist
from nn.parameters import write_atomically

SHARES = 0.45, 0.40, 0.15  # of MNIST, pen drawings and what is no digit in each batch
HELD_OUT_MNIST = 2000  # the last training images are never trained on: confidence is calibrated on them

# Rendered ink has been bent and normalised already, so it is deformed less than MNIST's images are.
GENTLE = Deformation(tilt=6, slant=0.1, stretch=0.08, shift=1.0, elastic=0.5, width=0.4)


@dataclass(frozen=True)
class Lesson:
    """Images (n, 784) uint8 and labels (n,) uint8, 10 for no digit: to train on, and held out."""

    images: np.ndarray
    labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray

    def first(self, samples: int | None) -> Lesson:
        """The same with no more than so many images to train on; None leaves them all."""
        return replace(self, images=self.images[:samples], labels=self.labels[:samples])


def mnist_lesson(folder: str | os.PathLike[str]) -> Lesson:
    """MNIST's training images; raises IdxError as `load_mnist`."""
    images, labels = load_mnist(folder, "train")
    end = len(images) - HELD_OUT_MNIST
    return Lesson(images[:end], labels[:end], images[end:], labels[end:])


@dataclass(frozen=True)
class Curriculum:
    """All lessons of a training: MNIST always, pen drawings and what is no digit where there are such files."""

    mnist: Lesson
    ink: Lesson | None = None
    none: Lesson | None = None

    @classmethod
    def load(
        cls,
        mnist: str | os.PathLike[str],
        ink: Path | None = None,
        letters: Path | None = None,
        variants: int = 12,
        seed: int = 0,
        keep: Path | None = None,
        samples: int | None = None,
    ) -> Curriculum:
        """Read MNIST, or its first `samples` images, and render the ink: kept in the folder `keep`, as it takes minutes."""
        if ink is None:
            return cls(mnist_lesson(mnist).first(samples))
        from research.pen_lessons import ink_lesson, none_lesson  # these need Pillow

        return cls(
            mnist_lesson(mnist).first(samples),
            kept(keep and keep / f"ink-{variants}.npz", lambda: ink_lesson(ink, variants, seed)),
            kept(keep and keep / "none.npz", lambda: none_lesson(letters, ink, seed)),
        )

    def mixture(
        self,
        batch: int,
        seed: int,
        smoothing: float = 0.0,
        augmented: bool = True,
        bend: float = 1.0,
        shares: Sequence[float] = SHARES,
    ) -> Mixture:
        """Batches of all lessons; `bend` says how far MNIST's images are deformed, and `shares` how much is of each."""
        parts = [Source(self.mnist.images, self.mnist.labels, shares[0], Deformation().scaled(bend) if augmented else None)]
        for lesson, share in ((self.ink, shares[1]), (self.none, shares[2])):
            if lesson is not None:
                parts.append(Source(lesson.images, lesson.labels, share, GENTLE if augmented else None))
        return Mixture(parts, batch, seed, smoothing)

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Images (n, 784) uint8 and labels (n,) that no training sees, label 10 for no digit."""
        lessons = [lesson for lesson in (self.mnist, self.ink, self.none) if lesson is not None]
        images, labels = zip(*((lesson.held_out_images, lesson.held_out_labels) for lesson in lessons), strict=True)
        return np.concatenate(images), np.concatenate(labels)


def kept(path: Path | None, make: Callable[[], Lesson]) -> Lesson:
    """The lesson in this file; where there is none, a new one, kept there."""
    names = list(Lesson.__dataclass_fields__)
    if path is not None and path.exists():
        try:
            with np.load(path, allow_pickle=False) as archive:
                return Lesson(**{name: archive[name] for name in names})
        except Exception as error:  # a broken archive can raise nearly anything
            raise ValueError(f"{path} is broken: delete it, and it is made again") from error
    lesson = make()
    if path is not None:
        buffer = io.BytesIO()
        np.savez(buffer, **{name: getattr(lesson, name) for name in names})
        write_atomically(path, buffer.getvalue())
    return lesson
