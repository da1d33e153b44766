"""One test of a network in training, and a look at what its first layer has learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from digits.metrics import confusion_matrix
from nn import Conv2D, Dense, Network
from nn.loss import cross_entropy_or_none, softmax

MISTAKES = 24
TILES = 48


class Evaluation:
    """What a network says of MNIST's test images.

    Args:
        step: how many steps of training it had.
        logits: (n, 10), of images (n, 784) uint8 with labels (n,).
    """

    def __init__(self, step: int, logits: np.ndarray, images: np.ndarray, labels: np.ndarray) -> None:
        self.step = step
        self.loss = cross_entropy_or_none(logits, labels)[0]
        said = logits.argmax(axis=1)
        wrong = np.flatnonzero(said != labels)
        self.accuracy = 1 - len(wrong) / len(labels)
        self.confusion = confusion_matrix(said, labels)
        sure = softmax(logits[wrong]).max(axis=1)
        worst = np.argsort(-sure, kind="stable")[:MISTAKES]
        self._mistakes = [
            {"index": int(i), "label": int(labels[i]), "said": int(said[i]), "confidence": float(c)}
            for i, c in zip(wrong[worst], sure[worst], strict=True)
        ]
        self._images = images[wrong[worst]].astype(np.float32) / 255

    def as_dict(self) -> dict[str, Any]:
        """For the page: "mistakes" are those the network is surest of, "images" (m, 784) their pictures, 0…1."""
        return {"step": self.step, "confusion": self.confusion, "mistakes": self._mistakes, "images": self._images}


def first_weights(network: Network) -> np.ndarray:
    """The weights of the first layer that learns, as pictures (height, width, units), the first 48 of them; a copy."""
    layer = next(layer for layer in network.layers if isinstance(layer, (Dense, Conv2D)))
    weights = layer.parameters["weights"][:, :TILES]
    side = layer.size if isinstance(layer, Conv2D) else 28
    return weights.reshape(side, side, -1).copy()
