"""Softmax and cross-entropy: from logits to probabilities, and from probabilities to the number that training minimizes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nn.layers import Array


def softmax(logits: Array) -> Array:
    """p_k = exp(z_k) / Σ_j exp(z_j) over the last axis: positive, summing to 1.

    Subtracting the largest logit from all of them does not change the quotient, and exp cannot overflow
    (Goodfellow et al. 2016, "Deep Learning", section 4.1).
    """
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def cross_entropy(logits: Array, targets: np.ndarray) -> tuple[float, Array]:
    """The mean over the batch of L = −Σ_k t_k log softmax(z)_k, and dL/dz.

    Args:
        logits: (batch, classes) float, the output of the last layer, before the softmax.
        targets: (batch,) integer labels, or (batch, classes) probabilities that sum to 1, as of smoothed labels or a teacher.
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


def one_hot(labels: np.ndarray, classes: int, dtype: npt.DTypeLike) -> Array:
    """Labels (batch,) as rows (batch, classes) that are 1 at the label and 0 elsewhere."""
    rows = np.zeros((len(labels), classes), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def cross_entropy_or_none(logits: Array, targets: np.ndarray) -> tuple[float, Array]:
    """`cross_entropy` with one more class than there are logits: "none of them", whose logit is always 0.

    The network needs no output for that class: it answers "none" by making every logit negative.

    Args:
        logits: (batch, classes).
        targets: (batch, classes + 1) probabilities, "none" last; or labels (batch,), where `classes` means none.
    Returns:
        The loss, and its gradient with respect to the logits (batch, classes).
    """
    loss, grad = cross_entropy(with_none(logits), targets)
    return loss, np.ascontiguousarray(grad[:, :-1])


def with_none(logits: Array) -> Array:
    """Logits (batch, classes) and the one of "none of them", which is always 0: (batch, classes + 1)."""
    return np.concatenate([logits, np.zeros((len(logits), 1), logits.dtype)], axis=1)
