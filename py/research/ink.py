"""Pen drawings: strokes as data, read from ink files, and rendered as if a person had drawn them on the pad.

An ink file is an `.npz` of these arrays:

    points (P, 2) int16         x to the right, y down; the longer side of each drawing spans 0…1000
    stroke_start (S + 1,)       where in `points` each stroke begins, and P
    digit_start (D + 1,)        where in `stroke_start` each drawing begins, and S
    label (D,)                  what each drawing shows: a digit 0 to 9, or a character
    writer (D,)                 an index into writer_names
    writer_names (W,)
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from nn.npz_reader import LARGEST_FILE, NpzError, read_npz
from nn.parameters import write_atomically

PAD = 280
FARTHEST = 32_767  # from the origin, as in int16
MOST_POINTS = 10_000  # of one drawing
Stroke = np.ndarray  # (points, 2)


class InkError(ValueError):
    """The file is not a usable ink file; the message says why, in a sentence."""


@dataclass(frozen=True)
class Ink:
    """The drawings of an ink file: `ink[i]` is a list of strokes, each (points, 2) float32 in 0…1000."""

    points: np.ndarray
    stroke_start: np.ndarray
    digit_start: np.ndarray
    label: np.ndarray
    writer: np.ndarray
    writer_names: np.ndarray

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, index: int) -> list[Stroke]:
        starts = self.stroke_start[self.digit_start[index] : self.digit_start[index + 1] + 1]
        return [self.points[a:b].astype(np.float32) for a, b in zip(starts[:-1], starts[1:], strict=True) if b > a]

    def subset(self, indices: np.ndarray) -> Ink:
        """The drawings with these indices, in this order."""
        strokes = [np.arange(self.digit_start[i], self.digit_start[i + 1]) for i in indices]
        chosen = np.concatenate(strokes) if strokes else np.zeros(0, int)
        lengths = np.diff(self.stroke_start)[chosen]
        points = [self.points[self.stroke_start[s] : self.stroke_start[s + 1]] for s in chosen]
        return Ink(
            points=np.concatenate(points) if points else self.points[:0],
            stroke_start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
            digit_start=np.concatenate([[0], np.cumsum([len(s) for s in strokes])]).astype(np.int32),
            label=self.label[indices],
            writer=self.writer[indices],
            writer_names=self.writer_names,
        )

    @property
    def source(self) -> np.ndarray:
        """Which collection each drawing comes from: (D,) of "pendigits", "unipen", …"""
        return np.array([str(name).split("-")[0] for name in self.writer_names])[self.writer]


def load_ink(path: str | os.PathLike[str], digits: bool = False) -> Ink:
    """The drawings in an ink file, which have to be digits if `digits` says so.

    Raises:
        InkError: missing, broken, too large, an array missing or of another form, or indices that point nowhere.
    """
    path = Path(path)
    names = list(Ink.__dataclass_fields__)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise NpzError(f"it is larger than {LARGEST_FILE >> 20} MB")
        arrays = read_npz(path.read_bytes())
    except (OSError, NpzError) as error:
        raise InkError(f"{path} cannot be read as an ink file: {error}") from error
    if missing := [name for name in names if name not in arrays]:
        raise InkError(f"{path.name} is not an ink file: it lacks {', '.join(missing)}")
    ink = Ink(**{name: arrays[name] for name in names})
    if problem := _problem(ink):
        raise InkError(f"{path.name}: {problem}")
    if digits and ink.label.dtype.kind == "U":
        raise InkError(f"{path.name} has drawings of other characters than digits")
    return replace(ink, stroke_start=ink.stroke_start.astype(np.int64), digit_start=ink.digit_start.astype(np.int64))


def _problem(ink: Ink) -> str:
    """What is wrong with the arrays of an ink file; "" if nothing is."""
    points, strokes, drawings, label, writer = ink.points, ink.stroke_start, ink.digit_start, ink.label, ink.writer
    if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind not in "iuf":
        return f"points should be numbers (P, 2), not {points.dtype} {points.shape}"
    if not (np.abs(points.astype(np.float64)) <= FARTHEST).all():
        return f"points should be finite numbers, up to {FARTHEST:,}"
    for name, starts in (("stroke_start", strokes), ("digit_start", drawings)):
        if starts.ndim != 1 or starts.dtype.kind not in "iu" or not len(starts):
            return f"{name} should be a row of whole numbers"
    for name, starts, end in (("stroke_start", strokes, len(points)), ("digit_start", drawings, len(strokes) - 1)):
        if starts[0] != 0 or starts[-1] != end or (np.diff(starts.astype(np.int64)) < 0).any():
            return f"{name} should rise from 0 to {end}"
    lengths = np.diff(strokes[drawings].astype(np.int64))
    if ((lengths < 1) | (lengths > MOST_POINTS)).any():
        return f"a drawing should have 1 to {MOST_POINTS:,} points"
    count = len(drawings) - 1
    if label.shape != (count,) or writer.shape != (count,):
        return f"there are {count} drawings, {label.size} labels and {writer.size} writers, where each drawing has one of each"
    if label.dtype.kind != "U" and (label.dtype.kind not in "iu" or not np.isin(label, range(10)).all()):
        return "labels should be the digits 0 to 9, or characters"
    if ink.writer_names.ndim != 1 or ink.writer_names.dtype.kind != "U":
        return "writer_names should be a row of texts"
    if writer.dtype.kind not in "iu" or (count and not 0 <= int(writer.min()) <= int(writer.max()) < len(ink.writer_names)):
        return "a writer has no name"
    return ""


def save_ink(path: str | os.PathLike[str], ink: Ink) -> None:
    """Write an ink file, or raise OSError (the disk is full, the folder read-only) and leave the old one unchanged."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **vars(ink))
    write_atomically(Path(path), buffer.getvalue())


@dataclass(frozen=True)
class Placement:
    """The place of a drawing on the pad; lengths are parts of the pad's side.

    Attributes:
        size: the longer side of the drawing, measured along the middle of its lines.
        x, y: the middle of the drawing.
        pen: the width of the lines.
        tilt: degrees, clockwise.
    """

    size: float = 0.6
    x: float = 0.5
    y: float = 0.5
    pen: float = 0.065
    tilt: float = 0.0


def place(strokes: Sequence[Stroke], placement: Placement, side: int = PAD) -> list[Stroke]:
    """The strokes in pixels of a pad with this side, moved inward if they would leave it."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, extent = (low + high) / 2, max(float((high - low).max()), 1.0)
    angle = np.deg2rad(placement.tilt)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = [(stroke - middle) @ turn for stroke in strokes]
    low, high = np.concatenate(turned).min(axis=0), np.concatenate(turned).max(axis=0)
    room = 1 - placement.pen - 2 / side
    zoom = min(placement.size / extent, room / max(float((high - low).max()), 1e-6)) * side
    margin = placement.pen / 2 + 1 / side
    where = np.clip(np.array([placement.x, placement.y]) * side, margin * side - low * zoom, (1 - margin) * side - high * zoom)
    return [(stroke * zoom + where).astype(np.float32) for stroke in turned]


def draw(strokes: Sequence[Stroke], pen: float, side: int = PAD) -> np.ndarray:
    """Lines `pen` pixels wide with round ends along the strokes, 255 on 0: (side, side) uint8."""
    image = Image.new("L", (side, side))
    pencil = ImageDraw.Draw(image)
    radius = max(pen, 1.0) / 2
    for stroke in strokes:
        line = [(float(x), float(y)) for x, y in stroke]
        if len(line) > 1:
            pencil.line(line, fill=255, width=max(1, round(pen)), joint="curve")
        for x, y in (line[0], line[-1]):
            pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image)


def render(strokes: Sequence[Stroke], placement: Placement | None = None, side: int = PAD) -> np.ndarray:
    """A drawing on the pad: (side, side) uint8, ink 255 on 0."""
    placement = placement or Placement()
    return draw(place(strokes, placement, side), placement.pen * side, side)
