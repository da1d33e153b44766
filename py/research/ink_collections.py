"""Public collections of pen drawings, as ink: pendigits and UNIPEN's Train-R01/V07."""

from __future__ import annotations

import os
import re
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.ink import Ink, InkError, Stroke
from research.unipen import read_unipen

LONGER_SIDE = 1000  # of each drawing in an ink file


@dataclass(frozen=True)
class Drawing:
    """What one writer drew once: strokes with x to the right and y down, in any unit."""

    label: str
    writer: str
    strokes: list[Stroke]


def pendigits(
    path: str | os.PathLike[str], writers: Collection[int] | None = None, without: Collection[int] = ()
) -> list[Drawing]:
    """The digits of pendigits-orig.tra, of these writers, or of all `without` some. Raises InkError as `read_unipen` does."""
    drawings = []
    for segment in read_unipen(path):
        comment = segment.comment.split()  # label, writer, number
        if len(comment) != 3 or comment[0] != segment.label or not re.fullmatch("[0-9]{1,9}", comment[1]):
            raise InkError(f"{path} is not pendigits-orig: a digit's comment should be its label, its writer and a number")
        writer = int(comment[1])
        if (writers is None or writer in writers) and writer not in without:
            drawings.append(Drawing(segment.label, f"pendigits-train-{writer}", segment.strokes))
    return drawings


def unipen(folder: str | os.PathLike[str], donors: Collection[str] | None = None, letters: bool = False) -> list[Drawing]:
    """The isolated digits (section 1a) or letters (1b and 1c) of an unpacked Train-R01/V07, of some donors or of all.

    Every folder of a donor counts as one writer, and a donor without folders too.

    Raises:
        InkError: it is another folder, it has nothing of a donor, or as `read_unipen`.
    """
    folder = Path(folder)
    drawings: list[Drawing] = []
    found: set[str] = set()
    for section in ("1b", "1c") if letters else ("1a",):
        root = folder / "data" / section
        if not root.is_dir():
            raise InkError(f"{folder} is not the unpacked train_r01_v07: it has no folder data/{section}")
        for path in sorted(root.rglob("*.dat")):
            donor, *sitting = path.relative_to(root).parent.parts or ("",)
            if donors is not None and donor not in donors:
                continue
            found.add(donor)
            writer = "-".join(["unipen", *([section] if letters else []), donor, *sitting])
            labels = string.ascii_letters if letters else string.digits
            for segment in read_unipen(path, folder / "include"):
                if len(segment.label) == 1 and segment.label in labels:
                    drawings.append(Drawing(segment.label, writer, segment.strokes))
    if missing := sorted(set(donors or ()) - found):
        raise InkError(f"{folder} has nothing of {', '.join(missing)} in that section")
    return drawings


def at_most(drawings: Sequence[Drawing], most: int, seed: int) -> list[Drawing]:
    """A random selection of up to `most` drawings of each label, in their old order."""
    order = np.random.default_rng(seed).permutation(len(drawings))
    taken: dict[str, int] = {}
    kept = []
    for i in order:
        taken[drawings[i].label] = taken.get(drawings[i].label, 0) + 1
        if taken[drawings[i].label] <= most:
            kept.append(int(i))
    return [drawings[i] for i in sorted(kept)]


def ink_of(drawings: Sequence[Drawing]) -> Ink:
    """Drawings as ink, scaled so that the longer side of each is 0…1000; drawings without points are left out.

    Labels are uint8 if all are digits, otherwise characters.

    Raises:
        InkError: there is no drawing.
    """
    drawings = [drawing for drawing in drawings if any(len(stroke) for stroke in drawing.strokes)]
    if not drawings:
        raise InkError("there is no drawing of that kind in these files")
    names = sorted({drawing.writer for drawing in drawings})
    labels = [drawing.label for drawing in drawings]
    strokes = [stroke for drawing in drawings for stroke in spread(drawing.strokes)]
    counts = [len(drawing.strokes) for drawing in drawings]
    return Ink(
        points=np.concatenate(strokes),
        stroke_start=np.concatenate([[0], np.cumsum([len(stroke) for stroke in strokes])]).astype(np.int32),
        digit_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        label=np.array([int(label) for label in labels], np.uint8) if "".join(labels).isdigit() else np.array(labels),
        writer=np.array([names.index(drawing.writer) for drawing in drawings], np.uint16),
        writer_names=np.array(names),
    )


def spread(strokes: Sequence[Stroke]) -> list[Stroke]:
    """The strokes moved to the origin and scaled until the longer side is 1000: int16."""
    points = np.concatenate(strokes)
    low = points.min(axis=0)
    extent = max(float((points.max(axis=0) - low).max()), 1e-6)
    return [np.round((stroke - low) * (LONGER_SIDE / extent)).astype(np.int16) for stroke in strokes]
