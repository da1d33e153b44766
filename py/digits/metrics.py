"""Measures of how well a network reads: accuracy, confusion, calibration."""

from __future__ import annotations

import numpy as np


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The share of examples whose likeliest class is right; probabilities (n, classes), labels (n,)."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """(classes, classes) int64: row t, column p counts the examples of class t that were read as p."""
    return np.bincount(labels.astype(np.int64) * classes + predicted, minlength=classes**2).reshape(classes, classes)


def recall(matrix: np.ndarray) -> np.ndarray:
    """(classes,): the share of each class's examples that were read correctly; 0 for a class without examples."""
    return np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """(mean confidence, accuracy, number of examples) for each of `bins` equal ranges of confidence that is not empty."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[bin_of == b].mean()), float(right[bin_of == b].mean()), int((bin_of == b).sum()))
        for b in range(bins)
        if (bin_of == b).any()
    ]


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Σ over bins: (examples in the bin / n) · |accuracy − confidence| (Guo et al. 2017, "On Calibration", equation 3)."""
    return sum(n * abs(right - sure) for sure, right, n in reliability(probabilities, labels, bins)) / len(labels)


def negative_log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean of −log p(label), in nats; probabilities (n, classes), labels (n,)."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean())
