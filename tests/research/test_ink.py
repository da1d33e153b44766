"""Pen drawings: read and written, drawn on the pad, and broken files named."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.ink import Ink, InkError, Placement, load_ink, place, render, save_ink
from research.ink_collections import Drawing, ink_of

STROKE = np.array([[0, 0], [300, 1000]], np.float32)
BAR = np.array([[0, 400], [500, 400]], np.float32)


def three() -> Ink:
    one, seven, dash = [STROKE], [STROKE, BAR], [BAR]
    return ink_of([Drawing("1", "pendigits-train-1", one), Drawing("7", "unipen-aga", seven), Drawing("1", "unipen-aga", dash)])


def test_what_was_written_is_read(tmp_path: Path) -> None:
    save_ink(tmp_path / "deep" / "ink.npz", three())
    ink = load_ink(tmp_path / "deep" / "ink.npz")
    assert len(ink) == 3
    assert [len(ink[i]) for i in range(3)] == [1, 2, 1]
    np.testing.assert_array_equal(ink[1][0], STROKE)
    assert ink[1][0].dtype == np.float32
    assert ink.source.tolist() == ["pendigits", "unipen", "unipen"]


def test_unsigned_starts_are_read(tmp_path: Path) -> None:
    ink = three()
    np.savez(tmp_path / "ink.npz", **(vars(ink) | {"stroke_start": ink.stroke_start.astype(np.uint64)}))
    assert len(load_ink(tmp_path / "ink.npz").subset(np.array([2, 1]))) == 2


def test_a_subset_keeps_its_drawings() -> None:
    ink = three()
    some = ink.subset(np.array([2, 1]))
    assert some.label.tolist() == [1, 7]
    for a, b in zip(some[1], ink[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(ink.subset(np.array([], int))) == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"points": np.zeros((5, 3), np.int16)}, "points should be numbers"),
        ({"points": np.array([["a", "b"]])}, "points should be numbers"),
        ({"points": np.full((8, 2), np.nan)}, "points should be finite"),
        ({"stroke_start": np.array([0, 2, 4, 6, 9])}, "stroke_start should rise from 0 to 8"),
        ({"stroke_start": np.array([0, 4, 2, 6, 8])}, "stroke_start should rise"),
        ({"stroke_start": np.array([1, 2, 4, 6, 8])}, "stroke_start should rise"),
        ({"stroke_start": np.array([0.0, 2, 4, 6, 8])}, "whole numbers"),
        ({"stroke_start": np.zeros((2, 2), int)}, "whole numbers"),
        ({"digit_start": np.array([], int)}, "whole numbers"),
        ({"digit_start": np.array([0, 1, 3, 5])}, "digit_start should rise from 0 to 4"),
        ({"label": np.array([1, 2], np.uint8)}, "3 drawings, 2 labels and 3 writers"),
        ({"writer": np.array([0, 1, 2], np.uint16)}, "a writer has no name"),
        ({"writer": np.array([0, 1, -1])}, "a writer has no name"),
        ({"writer": np.array([0.0, 1, 0])}, "a writer has no name"),
        ({"writer_names": np.array("nobody")}, "a row of texts"),
        ({"writer_names": np.array([1, 2])}, "a row of texts"),
        ({"points": np.array(7)}, "points should be numbers"),
        ({"points": np.zeros((20_000, 2), np.int16), "stroke_start": np.array([0, 2, 4, 6, 20_000])}, "1 to 10,000 points"),
        ({"points": np.full((8, 2), 1e30)}, "up to 32,767"),
        ({"stroke_start": np.array(0)}, "whole numbers"),
        ({"digit_start": np.array([0, 0, 3, 4])}, "a drawing should have 1 to 10,000 points"),
        ({"stroke_start": np.array([0, 2**64 - 1, 4, 6, 8], np.uint64)}, "stroke_start should rise"),
        ({"label": np.array([1, 2, 11])}, "digits 0 to 9, or characters"),
        ({"label": np.array([1.0, 2, 3])}, "digits 0 to 9, or characters"),
        ({"label": np.array(3)}, "3 drawings, 1 labels"),
    ],
)
def test_an_ink_file_of_the_wrong_form_is_named(tmp_path: Path, changes: dict[str, np.ndarray], says: str) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **(vars(three()) | changes))
    with pytest.raises(InkError, match=rf"bad\.npz: .*{says}"):
        load_ink(path)


def test_files_that_are_no_ink_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, points=np.zeros((2, 2)))
    with pytest.raises(InkError, match="not an ink file: it lacks stroke_start, digit_start, label, writer, writer_names"):
        load_ink(path)
    save_ink(path, three())
    whole = path.read_bytes()
    for data in (b"", b"not an archive", whole[:-40], whole[:200]):
        path.write_bytes(data)
        with pytest.raises(InkError, match="cannot be read as an ink file"):
            load_ink(path)
    with pytest.raises(InkError, match="cannot be read"):
        load_ink(tmp_path / "none.npz")
    np.savez(path, **(vars(three()) | {"label": np.array([1, None, 3], object)}))
    with pytest.raises(InkError, match="cannot be read"):
        load_ink(path)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ink.npz"
    save_ink(path, three())
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_ink(path, three().subset(np.array([0])))
    assert path.read_bytes() == before


part = st.floats(0, 1)
placements = st.builds(Placement, size=st.floats(0.1, 1.2), x=part, y=part, pen=st.floats(0.01, 0.15), tilt=st.floats(-40, 40))


@settings(deadline=None, max_examples=60)
@given(placements, st.sampled_from([64, 280]))
def test_a_drawing_never_leaves_the_pad(placement: Placement, side: int) -> None:
    strokes = place([STROKE, BAR], placement, side)
    points = np.concatenate(strokes)
    assert points.min() >= placement.pen * side / 2
    assert points.max() <= side - placement.pen * side / 2
    image = render([STROKE, BAR], placement, side)
    assert image.shape == (side, side)
    assert image.dtype == np.uint8
    assert image.max() == 255


def test_a_placement_is_where_it_says() -> None:
    points = np.concatenate(place([STROKE], Placement(size=0.5, x=0.4, y=0.6, pen=0.05), 280))
    assert points[:, 1].max() - points[:, 1].min() == pytest.approx(140, abs=0.1)
    np.testing.assert_allclose((points.max(axis=0) + points.min(axis=0)) / 2, [112, 168], atol=0.1)
    upright = np.array([[0, 0], [0, 1000]], np.float32)
    tilted = np.concatenate(place([upright], Placement(tilt=90), 280))
    assert np.ptp(tilted[:, 0]) == pytest.approx(0.6 * 280, abs=0.1)
    assert np.ptp(tilted[:, 1]) == pytest.approx(0, abs=0.1)


def test_a_dot_is_drawn() -> None:
    dot = [np.array([[500, 500]], np.float32)]
    assert 20 < (render(dot, replace(Placement(), pen=0.05)) > 0).sum() < 400
