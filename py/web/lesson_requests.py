"""What the room Learn shows: the numbers of each chapter, computed on one drawing.

The chapters compute with the dense network, whose neurons are few enough to look at; `answer` and `loss` with the network
that reads the pad.
"""

from __future__ import annotations

import copy
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
from nn.backpropagation import gradients
from nn.gradient_check import numerical_gradient
from nn.inspection import neuron as inspect_neuron
from nn.inspection import stages
from nn.loss import cross_entropy, softmax
from nn.optimizers import SGD
from nn.pixels import interpolate
from web import shared_memory
from web.samples import Samples, sample_arrays

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

    def meant(self, target: int | None, network: Network) -> int:
        """The digit that was meant: `target`, or, if nobody has said, the network's second guess."""
        return int(network.forward(self.x[None])[0].argsort()[-2]) if target is None else target


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
    outputs = [stage.output for stage in stages(example.dense)]
    network = silenced(example.dense, {outputs[stage]: indices for stage, indices in chosen.items()})
    activations = network.activations(example.x[None])
    reader = without_activations(example.dense) if linear else network
    return {
        "fired": [activations[index].reshape(1, 1, -1) for index in outputs[:-1]],
        "counts": [int((activations[index] > 0).sum()) for index in outputs[:-1]],
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
    network = example.recognizer.network
    logits, target = network.forward(example.x[None]), example.meant(target, network)
    shares = np.linspace(0.005, 1, 200, dtype=np.float32)
    return {
        "target": target,
        "probabilities": softmax(logits)[0],
        "loss": cross_entropy(logits, np.array([target]))[0],
        "shares": shares,
        "losses": -np.log(shares),
    }


def backwards(
    example: Example, target: int | None = None, layer: int = 2, to: int | None = None, rank: int = 0
) -> dict[str, Any]:
    """Backpropagation from the loss to one weight, and the same gradient measured by nudging that weight.

    Args:
        layer, to: the neuron that the weight leads to, the one with the largest gradient if none is chosen.
        rank: which of that neuron's inputs the weight comes from, 0 for the strongest.
    """
    target = example.meant(target, example.dense)
    found = gradients(example.dense, example.x, target)
    linear = [stage.linear for stage in stages(example.dense)]
    blames = [found.outputs[index] for index in linear]
    values = example.x if layer == 0 else found.activations[linear[layer] - 1]
    to = int(np.abs(blames[layer]).argmax()) if to is None else to
    source = int(np.argsort(-np.abs(values), kind="stable")[rank])

    twin = example.dense.astype(np.float64)
    weights = twin.layers[linear[layer]].parameters["weights"]
    place = np.array([source * weights.shape[1] + to])
    label, x = np.array([target]), example.x[None].astype(np.float64)
    measured = numerical_gradient(lambda: cross_entropy(twin.forward(x), label)[0], weights, place, step=1e-5)

    terms = None
    if layer < 2:
        terms = example.dense.layers[linear[layer + 1]].parameters["weights"][to] * blames[layer + 1]
    return {
        "target": target,
        "loss": found.loss,
        "probabilities": softmax(found.activations[-1]),
        "blames": [blame.reshape(1, 1, -1) for blame in blames],
        "layer": layer,
        "to": to,
        "source": source,
        "input": float(values[source]),
        "terms": terms,
        "arrived": None if terms is None else float(found.outputs[linear[layer] + 1][to]),
        "blame": float(blames[layer][to]),
        "weight": float(weights[source, to]),
        "gradient": float(found.parameters[linear[layer]]["weights"][source, to]),
        "measured": float(measured[0]),
    }


def step(example: Example, samples: Samples, target: int | None = None, rate: float = 0.03, steps: int = 0) -> dict[str, Any]:
    """Some steps of gradient descent, taken by a copy of the dense network, on the drawing and some test digits."""
    target = example.meant(target, example.dense)
    images, labels = sample_arrays(samples)
    x = np.concatenate([example.x[None], images.reshape(-1, 784)])
    labels = np.concatenate([[target], labels])
    network, optimizer = copy.deepcopy(example.dense), SGD(rate)
    losses = []
    with np.errstate(over="ignore", invalid="ignore"):  # a large learning rate diverges
        for taken in range(steps + 1):
            loss, gradient = cross_entropy(network.forward(x, training=True), labels)
            losses.append(loss)
            if taken < steps:
                network.fill_gradients(gradient)
                optimizer.step(network)
        after = _read(network, example)
    change = network.layers[0].parameters["weights"] - example.dense.layers[0].parameters["weights"]
    moved = int(np.abs(change).sum(axis=0).argmax())
    return {
        "target": target,
        "losses": np.array(losses),
        "before": _read(example.dense, example),
        "after": after,
        "neuron": moved,
        "change": change[:, moved].reshape(28, 28, 1),
    }


def fool(example: Example, target: int | None = None, kind: str = "gradient", strength: float = 0.0) -> dict[str, Any]:
    """The drawing after a change of some strength, 0…1, and what both networks read in it.

    Args:
        kind: "gradient", the change by which the dense network reads `target`; "noise" of the same size; "rotation" by up
            to 90 degrees; or "missing", up to all rows from the top.
    """
    target = example.meant(target, example.dense)
    if kind == "gradient":
        image = _along_gradient(example, target, LARGEST_CHANGE * strength)
    elif kind == "noise":
        noise = np.random.default_rng(0).standard_normal((28, 28))
        image = example.image + LARGEST_CHANGE * strength * noise / np.linalg.norm(noise)
    elif kind == "rotation":
        image = _rotated(example.image, np.pi / 2 * strength)
    else:
        inked = np.flatnonzero(example.image.any(axis=1))
        image = example.image.copy()
        image[inked[: round(strength * len(inked))]] = 0
    image = np.clip(image, 0, 1).astype(np.float32)
    change = image - example.image
    return {
        "target": target,
        "image": image,
        "change": change.reshape(28, 28, 1),
        "size": float(np.linalg.norm(change)),
        "dense": example.dense.predict(image.reshape(1, 784))[0],
        "page": example.recognizer.network.predict(image.reshape(1, 784))[0],
    }


LARGEST_CHANGE = 3.0
"""The Euclidean length of the largest change; a drawn digit is about 9 long."""

GRADIENT_STEPS = 10


def _along_gradient(example: Example, target: int, length: float) -> np.ndarray:
    """The pixels moved against dL/dx in small steps (Kurakin et al. 2017, "Adversarial examples in the physical world")."""
    x = example.x[None]
    for _ in range(GRADIENT_STEPS):
        _, slope = cross_entropy(example.dense.forward(x, training=True), np.array([target]))
        for layer in reversed(example.dense.layers):
            slope = layer.input_gradient(slope)
        size = float(np.linalg.norm(slope))
        if size > 0:
            x = np.clip(x - np.float32(length / GRADIENT_STEPS / size) * slope, 0, 1)
    return x.reshape(28, 28)


def _rotated(image: np.ndarray, angle: float) -> np.ndarray:
    """The image turned around its middle."""
    down, right = np.indices((28, 28)).reshape(2, 1, 784) - 13.5
    rows = np.cos(angle) * down - np.sin(angle) * right + 14.5
    columns = np.sin(angle) * down + np.cos(angle) * right + 14.5
    positions = [np.clip(line, 0, 28.5).astype(np.float32) for line in (rows, columns)]
    return interpolate(np.pad(image, 1)[None], *positions).reshape(28, 28)


def _read(network: Network, example: Example) -> np.ndarray:
    """The ten probabilities."""
    return network.predict(example.x[None])[0]


CHAPTERS: dict[str, Callable[..., dict[str, Any]]] = {
    chapter.__name__: chapter for chapter in (pixels, neuron, layers, answer, loss, backwards, step, fool)
}
"""What answers each chapter; their names are those in js/learn/chapters.json."""
