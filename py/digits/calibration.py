"""Calibration: a temperature that makes confidence match accuracy, and the thresholds for "unsure" and "no digit".

Both are fitted on held-out training data (`digits.training_data`), never on a test set.
"""

from __future__ import annotations

import numpy as np

from digits import NONE
from digits.metrics import negative_log_likelihood
from digits.mnist import as_inputs
from digits.recognizer import evidence
from nn import Network
from nn.loss import softmax

FLAGGED = 0.010  # the share of held-out digits that may be rejected as no digit, unless a run says otherwise
SURE = 0.6  # a reading with less confidence is "unsure"


def logits_of(network: Network, images: np.ndarray, batch: int = 500) -> np.ndarray:
    """Logits (n, 10) of images (n, 784) uint8."""
    return np.concatenate([network.forward(as_inputs(images[i : i + batch])) for i in range(0, len(images), batch)])


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The T that maximizes the likelihood of the labels under softmax(z / T), by golden-section search over log T.

    (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.)
    """
    golden = (np.sqrt(5) - 1) / 2
    low, high = np.log(0.2), np.log(5.0)

    def cost(log_t: float) -> float:
        return negative_log_likelihood(softmax(logits / np.exp(log_t)), labels)

    for _ in range(40):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if cost(a) < cost(b) else (a, high)
    return float(np.exp((low + high) / 2))


def calibrate(
    network: Network, images: np.ndarray, labels: np.ndarray, knows_none: bool, flagged: float = FLAGGED
) -> tuple[float, dict[str, float]]:
    """Fit a temperature, divide the last layer's parameters by it in place, and fit the thresholds.

    Args:
        images, labels: held-out data, (n, 784) uint8 and (n,); label 10 is "no digit".
        knows_none: whether the network was trained with examples of "no digit"; if not, there is no threshold for evidence.
        flagged: the share of these digits that may be rejected.
    Returns:
        The temperature, and the thresholds for the model's card.
    """
    digits = labels != NONE
    logits = logits_of(network, images)
    temperature = fit_temperature(logits[digits], labels[digits])
    last = network.layers[-1].parameters
    for array in last.values():
        array /= np.float32(temperature)
    thresholds = {"sure": SURE}
    if knows_none:
        thresholds["evidence"] = round(float(np.quantile(evidence(logits[digits] / temperature), flagged)), 4)
    return temperature, thresholds
