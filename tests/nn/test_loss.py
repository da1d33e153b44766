"""Softmax and cross-entropy: right, and stable where a naive formula overflows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nn.loss import cross_entropy, cross_entropy_or_none, one_hot, softmax

logits = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(2, 12)), elements=st.floats(-1e4, 1e4, width=32))


@settings(deadline=None)
@given(logits, st.floats(-100, 100, width=32))
def test_softmax_is_a_distribution_that_a_common_shift_does_not_change(z: np.ndarray, shift: float) -> None:
    p = softmax(z)
    assert p.dtype == np.float32
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(softmax(z.astype(np.float64) + shift), softmax(z.astype(np.float64)), atol=1e-9)


def test_softmax_by_hand() -> None:
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]])
    np.testing.assert_allclose(softmax(np.array([3e38, 0], np.float32)), [1, 0])


def test_cross_entropy_by_hand() -> None:
    loss, grad = cross_entropy(np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]]), np.array([1, 2]))
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    np.testing.assert_allclose(grad, [[0.0625, -0.375, 0.3125], [0.125, 0.125, -0.25]])


@settings(deadline=None)
@given(logits, st.randoms(use_true_random=False))
def test_cross_entropy_stays_finite(z: np.ndarray, random: object) -> None:
    labels = np.array([random.randrange(z.shape[1]) for _ in z])
    loss, grad = cross_entropy(z, labels)
    assert math.isfinite(loss)
    assert loss >= 0
    assert np.isfinite(grad).all()
    np.testing.assert_allclose(grad.sum(axis=1), 0, atol=1e-5)


def test_labels_and_their_one_hot_rows_are_the_same_target() -> None:
    z, labels = np.random.default_rng(0).standard_normal((4, 3)), np.array([0, 2, 1, 1])
    for loss, classes in ((cross_entropy, 3), (cross_entropy_or_none, 4)):
        (a, ga), (b, gb) = loss(z, labels), loss(z, one_hot(labels, classes, np.float64))
        assert a == b
        np.testing.assert_array_equal(ga, gb)


def test_none_is_a_class_of_logit_0() -> None:
    z = np.array([[-2.0, -3.0], [1.0, 0.5]])
    loss, grad = cross_entropy_or_none(z, np.array([2, 0]))
    assert loss == pytest.approx(cross_entropy(np.array([[-2.0, -3, 0], [1, 0.5, 0]]), np.array([2, 0]))[0])
    assert grad.shape == z.shape
    assert (grad[0] > 0).all(), "to say none more surely, every logit goes down"
