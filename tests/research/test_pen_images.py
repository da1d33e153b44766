"""Pen drawings and doodles as training images, and batches mixed of several sources."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits import NONE
from digits.augmentation import Deformation
from digits.mixed_batches import NONE_TARGET, ImageSource, MixedBatches
from digits.preprocessing import preprocess
from research.doodles import KINDS, UNSEEN, Doodle
from research.ink import Ink, render
from research.ink_collections import Drawing, ink_of
from research.pen_images import bar, bend, crowd_images, digit_images, doodle_images, letter_images, slash

t = np.linspace(0, 2 * np.pi, 40)
ZERO = [np.stack([300 * np.sin(t), -500 * np.cos(t)], axis=1).astype(np.float32)]
SEVEN = [np.array([[0, 0], [500, 0], [200, 900]], np.float32)]


@pytest.fixture(scope="module")
def ink() -> Ink:
    return ink_of([Drawing("0", "a-1", ZERO), Drawing("7", "a-1", SEVEN), Drawing("7", "a-2", SEVEN)])


@pytest.mark.parametrize("doodle", [*KINDS, *UNSEEN], ids=lambda kind: kind.__name__)
def test_every_doodle_is_drawn_each_time_anew(doodle: Doodle) -> None:
    images = []
    for seed in range(8):
        strokes = doodle(np.random.default_rng(seed))
        assert strokes
        assert all(np.isfinite(stroke).all() and stroke.shape[1] == 2 for stroke in strokes)
        images.append(preprocess(render(strokes), "light-on-dark").image)
        assert images[-1].sum() > 5
    again = preprocess(render(doodle(np.random.default_rng(0))), "light-on-dark").image
    np.testing.assert_array_equal(images[0], again)
    assert len({image.tobytes() for image in images}) > 1


def test_images_are_a_function_of_the_seed(ink: Ink) -> None:
    for make in (
        lambda seed: digit_images(ink, 3, seed)[0],
        lambda seed: doodle_images(12, seed),
        lambda seed: crowd_images(ink, 5, seed),
    ):
        images = make(1)
        assert images.dtype == np.uint8
        assert images.shape[1] == 784
        assert (images.max(axis=1) > 200).all()
        np.testing.assert_array_equal(images, make(1))
        assert (images != make(2)).any()


def test_labels_go_with_their_images(ink: Ink) -> None:
    images, labels = digit_images(ink, 4, seed=0)
    assert labels.tolist() == [0, 7, 7] * 4
    assert len(images) == 12
    mean = {digit: images[labels == digit].mean(axis=0).reshape(28, 28) for digit in (0, 7)}
    assert mean[0][14, 13:16].mean() < 60, "a zero is empty in the middle"
    assert mean[7][22:, :].sum() > 0


def test_only_fair_letters_are_taken() -> None:
    letters = ink_of([Drawing("A", "a", SEVEN), Drawing("o", "a", ZERO), Drawing("k", "b", SEVEN)])
    assert len(letter_images(letters, 3, 0)) == 6


def test_slashes_and_bars_add_a_stroke() -> None:
    rng = np.random.default_rng(0)
    for strokes, add in ((ZERO, slash), (SEVEN, bar)):
        more = add(strokes, rng)
        assert len(more) == len(strokes) + 1
        np.testing.assert_array_equal(more[0], strokes[0])
        points, low, high = more[-1], strokes[0].min(axis=0), strokes[0].max(axis=0)
        assert ((points > low - 0.5 * (high - low)) & (points < high + 0.5 * (high - low))).all()


def test_bent_strokes_keep_their_points() -> None:
    bent = bend(ZERO, np.random.default_rng(0))
    assert bent[0].shape == ZERO[0].shape
    assert bent[0].dtype == np.float32
    assert (bent[0] != ZERO[0]).any()


def sources(sizes: tuple[int, ...], deformation: Deformation | None = None) -> list[ImageSource]:
    """Each image's first pixel is its number, its second its source."""
    out = []
    for place, size in enumerate(sizes):
        images = np.zeros((size, 784), np.uint8)
        images[:, 0], images[:, 1] = np.arange(size), place
        out.append(ImageSource(images, (np.arange(size) % (NONE + 1)).astype(np.uint8), 1 / (place + 1), deformation))
    return out


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(0, 5))
def test_any_step_can_be_asked_for_in_any_order(steps: list[int], seed: int) -> None:
    parts = sources((30, 7), Deformation())
    in_order = MixedBatches(parts, 8, seed)
    batches = [in_order[step] for step in range(41)]
    random_access = MixedBatches(parts, 8, seed)
    for step in steps:
        for a, b in zip(random_access[step], batches[step], strict=True):
            np.testing.assert_array_equal(a, b)


def test_each_source_has_its_share_and_is_gone_through_in_turn() -> None:
    mixture = MixedBatches(sources((40, 10)), 12, seed=3)
    assert mixture.counts.tolist() == [8, 4]
    assert mixture.steps_per_epoch == 5
    seen = np.concatenate([np.round(mixture[step][0][:, :2] * 255).astype(int) for step in range(5)])
    assert sorted(seen[seen[:, 1] == 0, 0]) == list(range(40))
    second = seen[seen[:, 1] == 1, 0]
    assert sorted(second[:10]) == sorted(second[10:]) == list(range(10))
    assert second[:10].tolist() != second[10:].tolist(), "each time in another order"


def test_targets_are_smoothed_and_none_is_its_own() -> None:
    mixture = MixedBatches(sources((22,)), 22, seed=0, smoothing=0.1)
    inputs, targets = mixture[0]
    assert targets.shape == (22, NONE + 1)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-5)
    labels = np.round(inputs[:, 0] * 255).astype(int) % (NONE + 1)
    np.testing.assert_array_equal(targets.argmax(axis=1), labels)
    assert targets[labels != NONE].max() == pytest.approx(0.9)
    np.testing.assert_array_equal(targets[labels == NONE][0], NONE_TARGET)
