"""How well a network reads, in figures."""

from __future__ import annotations

import numpy as np


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The share of examples whose likeliest class is right; probabilities (n, classes), labels (n,)."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """(classes, classes) int64: row t, column p counts the examples of class t that were read as p."""
    return np.bincount(labels.astype(np.int64) * classes + predicted, minlength=classes**2).reshape(classes, classes)


def recall(matrix: np.ndarray) -> np.ndarray:
    """(classes,): of each class, the share that was read as such; 0 where there were none."""
    return np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> list[tuple[float, float, int]]:
    """For each of `bins` equal ranges of confidence that holds examples: mean confidence, accuracy, how many."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[place == b].mean()), float(right[place == b].mean()), int((place == b).sum()))
        for b in range(bins)
        if (place == b).any()
    ]


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Σ over the bins of (examples in it / n) · |accuracy − confidence| (Guo et al. 2017, "On Calibration", equation 3)."""
    return sum(n * abs(right - sure) for sure, right, n in reliability(probabilities, labels, bins)) / len(labels)


def negative_log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean of −log p(label), in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean())
