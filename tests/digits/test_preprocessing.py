"""From any picture to 28×28: what a person draws comes out alike, however large, wherever, and in whatever colors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from digits.mnist import load_mnist
from digits.preprocessing import MIDDLE, POLARITIES, SIDE, preprocess
from research.ink import Placement, render
from vendoring import vendor

SEVEN = [np.array([[100, 100], [700, 80], [400, 900]], np.float32), np.array([[280, 520], [640, 500]], np.float32)]


def drawn(side: int = 280, **placement: float) -> np.ndarray:
    return render(SEVEN, Placement(**placement), side)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """The cosine of two images, best over shifts by a pixel."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(float((a * np.roll(b, s, (0, 1))).sum() / np.linalg.norm(a) / np.linalg.norm(b)) for s in shifts)


def test_mnists_images_come_back_nearly_themselves() -> None:
    images, _ = load_mnist(vendor.ensure("mnist"), "test")
    originals = images[:300].reshape(-1, SIDE, SIDE)
    alike = [likeness(preprocess(image).image, image / np.float32(255)) for image in originals]
    assert np.median(alike) > 0.99
    assert np.mean(np.array(alike) > 0.9) > 0.98


def test_the_image_is_made_as_mnist_was() -> None:
    steps = preprocess(drawn())
    assert steps.image.shape == (SIDE, SIDE)
    assert steps.image.dtype == np.float32
    assert max(steps.scaled.shape) == 20
    assert steps.image.min() == 0
    assert 0.95 < steps.image.max() <= 1
    for axis in (0, 1):
        mass = steps.image.sum(axis=1 - axis)
        assert abs(mass @ (np.arange(SIDE) + 0.5) / mass.sum() - MIDDLE) <= 0.51
    top, bottom, left, right = steps.box
    np.testing.assert_array_equal(steps.ink[top:bottom, left:right].shape, (bottom - top, right - left))


@settings(deadline=None, max_examples=40)
@given(st.floats(0.2, 0.9), st.floats(0, 1), st.floats(0, 1), st.sampled_from([200, 280, 560]))
def test_size_and_place_change_next_to_nothing(size: float, x: float, y: float, side: int) -> None:
    assume(size * side >= 56)  # a fifth of the pad: in smaller pictures the pen is hardly five pixels wide
    # The pen grows with the digit, so that only size and place differ.
    image = preprocess(drawn(side, size=size, x=x, y=y, pen=0.1 * size)).image
    assert likeness(image, preprocess(drawn(size=0.6, pen=0.06)).image) > 0.93


@pytest.mark.parametrize("pen", [0.015, 0.03, 0.06, 0.1])
def test_a_thin_pen_does_not_fade(pen: float) -> None:
    image = preprocess(drawn(size=0.7, pen=pen)).image
    assert image.max() > 0.95
    assert likeness(image, preprocess(drawn(size=0.7, pen=0.05)).image) > 0.6


def looks() -> dict[str, np.ndarray]:
    """The same drawing in every form a picture can have."""
    ink = drawn()
    share = ink / np.float32(255)
    alpha = np.stack([np.zeros_like(ink)] * 3 + [ink], axis=2)
    return {
        "white on black": ink,
        "black on white": 255 - ink,
        "one channel": ink[:, :, None],
        "RGB": np.repeat(255 - ink[:, :, None], 3, axis=2),
        "blue on yellow": np.uint8(np.where(ink[:, :, None] > 127, [20, 30, 200], [250, 240, 120])),
        "yellow on blue": np.uint8(np.where(ink[:, :, None] > 127, [250, 240, 120], [20, 30, 200])),
        "black on nothing": alpha,
        "white on nothing": np.stack([np.full_like(ink, 255)] * 3 + [ink], axis=2),
        "gray and alpha": np.stack([np.zeros_like(ink), ink], axis=2),
        "opaque": np.dstack([255 - ink] * 3 + [np.full_like(ink, 255)]),
        "16 bits": ink.astype(np.uint16) * 257,
        "32 bits": ink.astype(np.uint32) * 0x01010101,
        "singles": share,
        "doubles": 1 - share.astype(np.float64),
        "booleans": ink > 127,
        "faint": np.uint8(200 - 50 * share),
        "dark gray on black": np.uint8(60 * share),
        "not contiguous": np.repeat(np.repeat(ink, 2, axis=0), 2, axis=1)[::2, ::2],
    }


@pytest.mark.parametrize("look", looks())
def test_every_look_gives_the_same_digit(look: str) -> None:
    picture = looks()[look]
    before = picture.copy()
    steps = preprocess(picture)
    assert likeness(steps.image, preprocess(drawn()).image) > 0.99
    np.testing.assert_array_equal(picture, before, err_msg="the caller's picture is left alone")
    assert steps.gray.shape == steps.ink.shape == picture.shape[:2]


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_a_known_polarity_is_taken_as_said(turn: bool, known: bool) -> None:
    # The pad filled to its edge: what is ground and what is ink, only who drew it knows.
    picture = np.full((60, 60), 255, np.uint8)
    picture[20:40, 28:32] = 0
    polarity = "auto" if not known else "dark-on-light" if turn else "light-on-dark"
    steps = preprocess(255 - picture if turn else picture, polarity)
    inked = steps.ink > 0.5
    assert inked[30, 30] == (not known)
    assert inked[5, 5] != inked[30, 30]


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 3), (27, 31), (2000, 1500)])
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_has_no_ink(shape: tuple[int, int], channels: tuple[int, ...], value: int) -> None:
    if max(shape) > 1000 and channels == (4,):
        channels = (3,)  # one of that size is enough
    steps = preprocess(np.full(shape + channels, value, np.uint8))
    assert steps.box is None
    assert steps.image.shape == (SIDE, SIDE)
    assert not steps.image.any()
    assert steps.scaled.shape == (0, 0)


@pytest.mark.parametrize("polarity", ["light-on-dark", "dark-on-light"])
def test_a_blank_pad_of_known_polarity_has_no_ink(polarity: str) -> None:
    ground = 0 if polarity == "light-on-dark" else 255
    assert preprocess(np.full((280, 280), ground, np.uint8), polarity).box is None


def test_grain_alone_is_no_ink() -> None:
    rng = np.random.default_rng(0)
    paper = np.uint8(np.clip(220 + 3 * rng.standard_normal((200, 200)), 0, 255))
    assert preprocess(paper).box is None


def test_a_large_picture_and_a_single_pixel() -> None:
    picture = np.zeros((1500, 2000), np.uint8)
    picture[700, 900] = 255
    steps = preprocess(picture)
    assert steps.box == (700, 701, 900, 901)
    assert steps.image.sum() > 0


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40)), st.sampled_from(POLARITIES))
def test_any_picture_gives_an_image_in_range(picture: np.ndarray, polarity: str) -> None:
    steps = preprocess(picture, polarity)
    for array in (steps.gray, steps.ink, steps.image):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
        assert array.min() >= 0
        assert array.max() <= 1 + 1e-6
    assert (steps.image.sum() > 0) == (steps.box is not None)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 5), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros((2, 2, 3, 1), np.uint8),
        np.zeros((4, 4), np.int16),
        np.zeros((4, 4), complex),
        np.array([["a"]]),
        np.array([[None]]),
        np.array([[0.0, np.nan]]),
        np.array([[0.0, np.inf]]),
    ],
)
def test_what_is_no_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"a picture"):
        preprocess(picture)


def test_an_unknown_polarity_is_refused() -> None:
    with pytest.raises(ValueError, match="'sideways'"):
        preprocess(drawn(), "sideways")
