"""What the room Learn shows: the numbers of each chapter, computed on one drawing.

The chapters compute with the dense network, whose neurons are few enough to look at; `answer` and `loss` with the network
that reads the pad.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.preprocessing import preprocess
from digits.recognizer import Recognizer, evidence
from nn import Network, parameters
from nn.ablation import silenced, without_activations
from nn.inspection import neuron as inspect_neuron
from nn.inspection import stages
from nn.loss import cross_entropy, softmax
from web import shared_memory

DENSE = Path(__file__).parents[2] / "weights" / "model_params_stored_mnist.pk1"
"""The file of the dense network; the page brings it with the first request."""


@dataclass(frozen=True)
class Example:
    """A drawing, (28, 28) float32, and the two networks that a chapter may use."""

    image: np.ndarray
    recognizer: Recognizer
    dense: Network

    @property
    def x(self) -> np.ndarray:
        return self.image.reshape(784)

    @property
    def second(self) -> int:
        """The digit that the dense network finds second likeliest: to be meant, where nobody has said which is."""
        return int(self.dense.forward(self.x[None])[0].argsort()[-2])


@lru_cache(maxsize=1)
def dense() -> Network:
    return parameters.load(DENSE)


def lesson(recognizer: Recognizer, chapter: str, **values: Any) -> dict[str, Any]:
    """The numbers of one chapter for the drawing in `shared_memory.pixels`.

    Raises:
        OSError: the page has not brought the dense network's file yet.
    """
    steps = preprocess(shared_memory.pixels, polarity="light-on-dark")
    return CHAPTERS[chapter](Example(steps.image, recognizer, dense()), **values)


def pixels(example: Example, right: int = 0, down: int = 0) -> dict[str, Any]:
    """The drawing, moved by some pixels, and what the network reads there and in the middle."""
    moved = np.zeros_like(example.image)
    moved[_window(down), _window(right)] = example.image[_window(-down), _window(-right)]
    return {"image": moved, "moved": example.dense.predict(moved.reshape(1, 784))[0], "centered": _read(example.dense, example)}


def _window(offset: int) -> slice:
    return slice(max(offset, 0), 28 + min(offset, 0))


def neuron(example: Example, index: int | None = None, bias: float = 0.0) -> dict[str, Any]:
    """One neuron of the first layer, the strongest if none is chosen: its sum, row by row of the drawing."""
    activations = [output[0] for output in example.dense.activations(example.x[None])]
    index = int(activations[0].argmax()) if index is None else index
    seen = inspect_neuron(example.dense, example.x, activations, 0, index)
    total = seen.total + bias
    return {
        "index": index,
        "weights": seen.weights.reshape(28, 28, 1),
        "products": seen.products.reshape(28, 28, 1),
        "rows": seen.products.reshape(28, 28).sum(axis=1).cumsum(),
        "bias": seen.bias + bias,
        "total": total,
        "output": float(example.dense.layers[1].forward(np.array([[total]], np.float32))[0, 0]),
    }


def layers(example: Example, off: Mapping[str, Sequence[int]] | None = None, linear: bool = False) -> dict[str, Any]:
    """Which neurons fired, and the answer with some neurons switched off or without activation functions."""
    chosen = {int(stage): indices for stage, indices in (off or {}).items()}
    sends = [stage.sends for stage in stages(example.dense)]
    network = silenced(example.dense, {sends[stage]: indices for stage, indices in chosen.items()})
    activations = network.activations(example.x[None])
    reader = without_activations(example.dense) if linear else network
    return {
        "fired": [activations[index].reshape(1, 1, -1) for index in sends[:-1]],
        "counts": [int((activations[index] > 0).sum()) for index in sends[:-1]],
        "probabilities": _read(reader, example),
        "all": _read(example.dense, example),
    }


def answer(example: Example, temperature: float = 1.0) -> dict[str, Any]:
    """The ten logits, and what softmax makes of them at a temperature."""
    logits = example.recognizer.network.forward(example.x[None])[0]
    return {
        "logits": logits.reshape(1, 1, 10),
        "probabilities": softmax(logits / np.float32(temperature)),
        "evidence": float(evidence(logits)),
        "least": example.recognizer.least_evidence,
    }


def loss(example: Example, target: int | None = None) -> dict[str, Any]:
    """The loss if `target` was meant, and the loss for every share that its digit could have."""
    logits = example.recognizer.network.forward(example.x[None])
    target = example.second if target is None else target
    shares = np.linspace(0.005, 1, 200, dtype=np.float32)
    return {
        "target": target,
        "probabilities": softmax(logits)[0],
        "loss": cross_entropy(logits, np.array([target]))[0],
        "shares": shares,
        "losses": -np.log(shares),
    }


def _read(network: Network, example: Example) -> np.ndarray:
    """The ten probabilities."""
    probabilities: np.ndarray = network.predict(example.x[None])[0]
    return probabilities


CHAPTERS: dict[str, Callable[..., dict[str, Any]]] = {
    chapter.__name__: chapter for chapter in (pixels, neuron, layers, answer, loss)
}
"""What answers each chapter; their names are those in js/learn/chapters.json."""
