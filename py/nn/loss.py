"""Softmax and cross-entropy: from logits to probabilities, and from probabilities to one number to make small."""

from __future__ import annotations

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """p_k = exp(z_k) / Σ_j exp(z_j) over the last axis: positive, summing to 1.

    Taking the largest logit from all of them changes nothing in the quotient and keeps exp from overflowing
    (Goodfellow et al. 2016, "Deep Learning", section 4.1).
    """
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean over the batch of L = −Σ_k t_k log softmax(z)_k, and dL/dz.

    Args:
        logits: (batch, classes) float, what the last layer says before the softmax.
        targets: (batch,) integer labels, or (batch, classes) probabilities that sum to 1 (smoothed labels, a teacher).
    Returns:
        The loss in nats, and its gradient (softmax(z) − t) / batch, of the shape of the logits
        (Bishop 2006, "Pattern Recognition and Machine Learning", equation 4.109).
    """
    if targets.ndim == 1:
        targets = one_hot(targets, logits.shape[1], logits.dtype)
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    sums = exponentials.sum(axis=1, keepdims=True)
    loss = float((targets * (np.log(sums) - shifted)).sum() / len(logits))
    return loss, (exponentials / sums - targets) / len(logits)


def one_hot(labels: np.ndarray, classes: int, dtype: np.dtype | type = np.float32) -> np.ndarray:
    """Labels (batch,) as rows (batch, classes) that are 1 at the label and 0 elsewhere."""
    rows = np.zeros((len(labels), classes), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def cross_entropy_or_none(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """`cross_entropy` against one more class than there are logits: "none of them", whose logit is fixed at 0.

    The network needs no output for it: it says "none" by making every logit negative.

    Args:
        logits: (batch, classes).
        targets: (batch, classes + 1) probabilities, "none" last; or labels, `classes` meaning none.
    Returns:
        The loss, and its gradient with respect to the logits (batch, classes).
    """
    with_none = np.concatenate([logits, np.zeros((len(logits), 1), logits.dtype)], axis=1)
    loss, grad = cross_entropy(with_none, targets)
    return loss, np.ascontiguousarray(grad[:, :-1])
