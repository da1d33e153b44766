"""The figures, against ones worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from digits import metrics

PROBABILITIES = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
LABELS = np.array([0, 1, 1, 1])


def test_accuracy_and_confusion() -> None:
    assert metrics.accuracy(PROBABILITIES, LABELS) == 0.75
    matrix = metrics.confusion_matrix(PROBABILITIES.argmax(axis=1), LABELS, 2)
    assert matrix.tolist() == [[1, 0], [1, 2]]
    assert metrics.recall(matrix) == pytest.approx([1, 2 / 3])


def test_a_class_without_examples_has_no_recall() -> None:
    assert metrics.recall(np.array([[3, 0], [0, 0]])).tolist() == [1, 0]


def test_calibration_error_by_hand() -> None:
    # Two bins of ten: 0.9 … 1 holds one, right; 0.8 one, right; 0.7 one, right; 0.6 one, wrong.
    expected = (abs(1 - 0.9) + abs(1 - 0.8) + abs(1 - 0.7) + abs(0 - 0.6)) / 4
    assert metrics.expected_calibration_error(PROBABILITIES, LABELS, 10) == pytest.approx(expected)


def test_certain_and_right_is_perfectly_calibrated() -> None:
    assert metrics.expected_calibration_error(np.eye(3), np.arange(3)) == 0
    assert metrics.reliability(np.eye(3), np.arange(3)) == [(1.0, 1.0, 3)]


def test_likelihood() -> None:
    expected = -np.log([0.9, 0.4, 0.8, 0.7]).mean()
    assert metrics.negative_log_likelihood(PROBABILITIES, LABELS) == pytest.approx(expected)
