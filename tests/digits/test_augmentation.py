"""Deformed copies: as many and as bright as before, reproducible, and still the same digit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from digits.augmentation import BASIS, CENTER, KNOTS, Deformation, augment, elastic_field, random_blurs, random_widths
from digits.mnist import as_inputs, load_mnist
from nn import pixels
from vendoring import vendor

NOTHING = Deformation(**{field.name: 0.0 for field in fields(Deformation)})


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """(200, 784) uint8."""
    return load_mnist(vendor.ensure("mnist"), "train")[0][:200]


def squares(digits: np.ndarray) -> np.ndarray:
    """(n, 28, 28) float32."""
    return as_inputs(digits).reshape(-1, 28, 28)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_shape_and_range(digits: np.ndarray) -> None:
    for images in (digits, as_inputs(digits), digits[:1], digits[:0]):
        before = images.copy()
        out = augment(images, rng())
        assert out.shape == images.shape
        assert out.dtype == np.float32
        assert out.min(initial=0) >= 0
        assert out.max(initial=0) <= 1
        np.testing.assert_array_equal(images, before)


def test_the_seed_says_everything(digits: np.ndarray) -> None:
    np.testing.assert_array_equal(augment(digits, rng(4)), augment(digits, rng(4)))
    assert (augment(digits, rng(4)) != augment(digits, rng(5))).any(axis=1).all()


def test_every_copy_is_its_own(digits: np.ndarray) -> None:
    copies = augment(np.repeat(digits[:1], 50, axis=0), rng())
    assert len(np.unique(copies, axis=0)) == 50


def test_no_deformation_changes_nothing(digits: np.ndarray) -> None:
    np.testing.assert_allclose(augment(digits, rng(), NOTHING), as_inputs(digits), atol=1e-5)


def test_extreme_deformations_stay_in_range(digits: np.ndarray) -> None:
    wild = Deformation(tilt=180, slant=2, stretch=1, shift=30, elastic=10, width=1, blur=1, noise=1)
    out = augment(digits, rng(), wild)
    assert np.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= 1


def test_copies_are_about_the_original(digits: np.ndarray) -> None:
    for image in digits[:5]:
        mean = augment(np.repeat(image[None], 200, axis=0), rng()).mean(axis=0)
        original = as_inputs(image[None])[0]
        assert np.corrcoef(mean, original)[0, 1] > 0.7


def test_a_mild_deformation_keeps_the_ink(digits: np.ndarray) -> None:
    mild = Deformation(tilt=5, slant=0.05, stretch=0, shift=1, elastic=0.3, width=0, blur=0, noise=0)
    before, after = as_inputs(digits).sum(axis=1), augment(digits, rng(), mild).sum(axis=1)
    assert after.mean() == pytest.approx(before.mean(), rel=0.02)
    np.testing.assert_allclose(after, before, rtol=0.3)


def shifted(image: np.ndarray, down: float, right: float) -> np.ndarray:
    """Each pixel from a position so many pixels further down and right."""
    knots = np.zeros((1, 2, KNOTS + 2, KNOTS + 2), np.float32)
    one, line = KNOTS, KNOTS + 1
    knots[0, 0, line, one] = knots[0, 1, one, line] = 1
    knots[0, :, one, one] = CENTER + down, CENTER + right
    return pixels.warp(image, BASIS, knots)[0]


def test_interpolation_between_pixels_is_their_mean() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 10, 10] = 1
    moved = shifted(image, 0.5, 0.25)
    np.testing.assert_allclose(moved[9:11, 9:11], [[0.125, 0.375], [0.125, 0.375]], atol=1e-5)
    assert moved.sum() == pytest.approx(1)
    assert not shifted(image, 40, 0).any(), "it is 0 outside"


def test_the_elastic_field_is_smooth_and_as_strong_as_asked() -> None:
    field = elastic_field(400, rng(), 0.7)
    assert field.shape == (400, 2, 28, 28)
    for direction in (0, 1):
        assert field[:, direction].std() == pytest.approx(0.7, rel=0.05)
        assert np.diff(field[:, direction], axis=1).std() < 0.2


def test_pens_grow_and_shrink(digits: np.ndarray) -> None:
    images = squares(digits)
    wider, thinner = pixels.neighbors(images, np.maximum), pixels.neighbors(images, np.minimum)
    assert (wider >= images).all()
    assert (thinner <= images).all()
    changed = pixels.change_width(images, random_widths(len(images), rng(), 1.0)).sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert changed.min() < 0.9
    assert changed.max() > 1.1
    assert (np.abs(changed - 1) < 1e-6).mean() == pytest.approx(0.5, abs=0.15), "half keep their pen"


def test_blur_softens_its_share(digits: np.ndarray) -> None:
    images = squares(digits)
    changed = (pixels.blur(images, random_blurs(len(images), rng(), 0.3)) != images).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.3, abs=0.12)
