"""A test of the network during training, and its first layer's weights as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from digits.metrics import confusion_matrix
from digits.mnist import as_inputs
from nn import Conv2D, Dense, Network
from nn.loss import cross_entropy_or_none, softmax

MISTAKES = 24
TILES = 48


class Evaluation:
    """How well a network reads MNIST's test images.

    Args:
        step: the step of the run after which it was tested.
        logits: (n, 10) float32, for `images` (n, 784) uint8 with `labels` (n,).
    """

    def __init__(self, step: int, logits: np.ndarray, images: np.ndarray, labels: np.ndarray) -> None:
        self.step = step
        self.loss = cross_entropy_or_none(logits, labels)[0]
        predicted = logits.argmax(axis=1)
        wrong = np.flatnonzero(predicted != labels)
        self.accuracy = 1 - len(wrong) / len(labels)
        self.confusion = confusion_matrix(predicted, labels)
        confidence = softmax(logits[wrong]).max(axis=1)
        worst = np.argsort(-confidence, kind="stable")[:MISTAKES]
        self._mistakes = [
            {"index": int(i), "label": int(labels[i]), "predicted": int(predicted[i]), "confidence": float(c)}
            for i, c in zip(wrong[worst], confidence[worst], strict=True)
        ]
        self._images = as_inputs(images[wrong[worst]])

    def as_dict(self) -> dict[str, Any]:
        """For the page. "mistakes" are the most confident ones, and "images" (m, 784) float32 in 0…1 shows them."""
        return {"step": self.step, "confusion": self.confusion, "mistakes": self._mistakes, "images": self._images}


def first_weights(network: Network) -> np.ndarray:
    """A copy of the first weight layer's weights as pictures (height, width, units), of its first 48 units."""
    layer = next(layer for layer in network.layers if isinstance(layer, (Dense, Conv2D)))
    weights = layer.parameters["weights"][:, :TILES]
    side = layer.size if isinstance(layer, Conv2D) else 28
    return weights.reshape(side, side, -1).copy()
