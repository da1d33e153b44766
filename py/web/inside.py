"""What the room Inside shows: the preprocessing, every stage of the network, one neuron or digit, and the code."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from digits.preprocessing import Steps
from digits.recognizer import Reading, Recognizer
from nn.ablation import silenced
from nn.attribution import contributions
from nn.gradient_check import gradient_errors
from nn.inspection import neuron, stages
from nn.layers import LAYERS
from nn.network import Network

PLACES = 12
"""How many numbers of each array the gradient check changes; takes less than a second."""


class Inside:
    """A recognizer, layer by layer. BatchNorms are folded into the layers before them: the same function, fewer layers."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self.network = recognizer.network.folded()
        self.stages = stages(self.network)
        self.shapes = self.network.shapes()
        self._layers = [self._described(index) for index in range(len(self.network.layers))]
        self._ablated = lru_cache(maxsize=1)(self._switch_off)

    def read(
        self, steps: Steps, stage: int | None = None, index: int | None = None, off: Mapping[str, Sequence[int]] | None = None
    ) -> tuple[Reading, dict[str, Any]]:
        """Read a drawing with some neurons switched off, and inspect one neuron; in the last stage that is a digit.

        Args:
            stage, index: the neuron to inspect; without an index the stage's most active one, and the likeliest digit if the
                network has no such neuron.
            off: the neurons switched off, `{stage: indices}`; the last stage has none.
        Returns:
            The reading, and what the room Inside shows of it.
        """
        last = len(self.stages) - 1
        switched_off = {
            int(number): tuple(sorted({i for i in indices if self._has(int(number), i)}))
            for number, indices in (off or {}).items()
            if int(number) < last
        }
        recognizer = self._ablated(tuple(sorted(switched_off.items())))
        reading = recognizer.read_steps(steps, training=True)  # keeps what the backward pass needs
        if stage is not None and index is None and 0 <= stage < last and reading.digit is not None:
            outputs = reading.activations[self.stages[stage].output]
            index = int(outputs.reshape(-1, outputs.shape[-1]).max(axis=0).argmax())
        if stage is None or index is None or not self._has(stage, index):
            stage, index = last, reading.digit
        inspected, digit = None, None
        if index is not None:
            inspected = self._neuron(recognizer.network, reading, stage, index)
            digit = _digit(recognizer.network, reading, index) if stage == last else None
        return reading, {
            "steps": _preprocessing(steps),
            "stages": [self._stage(number, switched_off.get(number, ()), reading) for number in range(len(self.stages))],
            "stage": stage,
            "index": index,
            "neuron": inspected,
            "digit": digit,
        }

    def check_gradients(self, steps: Steps, stage: int) -> dict[str, Any]:
        """Check the gradients of a stage's parameters and of the input for this drawing, in float64 (`nn.gradient_check`).

        The target has equal probabilities, because the gradients of a digit that is read well are close to zero. A little
        noise is added to the drawing, because max pooling has no derivative where all pixels of a window are equal.
        """
        rng = np.random.default_rng(0)
        x = steps.image.reshape(1, 784) + 0.01 * rng.standard_normal((1, 784))
        errors = gradient_errors(self.network, x, np.full((1, 10), 0.1), PLACES, layers=self.stages[stage].layers)
        return {"errors": errors, "places": PLACES}

    def _switch_off(self, off: tuple[tuple[int, tuple[int, ...]], ...]) -> Recognizer:
        layers = {self.stages[number].output: indices for number, indices in off}
        return Recognizer(silenced(self.network, layers), self.recognizer.card)

    def _has(self, stage: int, index: int) -> bool:
        return 0 <= stage < len(self.stages) and 0 <= index < self.shapes[self.stages[stage].output + 1][-1]

    def _stage(self, number: int, off: Sequence[int], reading: Reading) -> dict[str, Any]:
        stage = self.stages[number]
        return {
            "sums": _maps(reading.activations[stage.sums]),
            "outputs": _maps(reading.activations[stage.output]),
            "off": list(off),
            "layers": [self._layers[i] for i in stage.layers],
        }

    def _described(self, index: int) -> dict[str, Any]:
        """What is the same for each drawing; a signature, which a layer's name needs, takes long to look up."""
        layer = self.network.layers[index]
        return {
            "index": index,
            "type": type(layer).__name__,
            "name": repr(layer),
            "input": self.shapes[index],
            "output": self.shapes[index + 1],
            "parameters": {name: array.shape for name, array in layer.parameters.items()},
        }

    def _neuron(self, network: Network, reading: Reading, stage: int, index: int) -> dict[str, Any]:
        seen = neuron(network, reading.image.ravel(), reading.activations, stage, index)
        pictured = (28, 28, 1) if seen.weights.shape == (784,) and stage == 0 else seen.weights.shape
        return {
            "weights": _maps(seen.weights.reshape(pictured)),
            "inputs": _maps(seen.inputs.reshape(pictured)),
            "products": _maps(seen.products.reshape(pictured)),
            "bias": seen.bias,
            "total": seen.total,
            "place": seen.place,
            "output": float(seen.output.max()),
            "outgoing": None if seen.outgoing is None else _maps(seen.outgoing),
        }


def sources() -> dict[str, Any]:
    """The source of every kind of layer, with the summary and the formulas of its docstring."""
    return {
        name: {
            "file": f"py/{kind.__module__.replace('.', '/')}.py",
            "line": inspect.getsourcelines(kind)[1],
            "text": inspect.getsource(kind),
            "summary": (inspect.getdoc(kind) or "").partition("\n")[0],
            "formula": _formula(inspect.getdoc(kind) or ""),
        }
        for name, kind in LAYERS.items()
    }


def _formula(doc: str) -> str:
    """The paragraphs of a layer's docstring that start with "forward"."""
    paragraphs = [textwrap.dedent(paragraph) for paragraph in doc.split("\n\n")]
    return "\n".join(paragraph.rstrip() for paragraph in paragraphs if paragraph.startswith("forward"))


def _preprocessing(steps: Steps) -> dict[str, Any]:
    """The steps of the preprocessing, and by how many pixels the last one moved the digit (down, right)."""
    moved = None
    if steps.box is not None:
        after, before = _center_of_mass(steps.image), _center_of_mass(steps.scaled)
        moved = [round(after[axis] - before[axis]) for axis in (0, 1)]
    return {
        "gray": steps.gray,
        "ink": steps.ink,
        "box": steps.box,
        "scaled": steps.scaled,
        "image": steps.image,
        "inked": float((steps.ink > 0.1).mean()),
        "lit": int((steps.image > 0).sum()),
        "moved": moved,
    }


def _center_of_mass(picture: np.ndarray) -> list[float]:
    """(down, right) from the upper left corner, in pixels, of an image that is not empty."""
    mass = float(picture.sum())
    return [float(picture.sum(axis=1 - axis) @ (np.arange(picture.shape[axis]) + 0.5)) / mass for axis in (0, 1)]


def _digit(network: Network, reading: Reading, digit: int) -> dict[str, Any]:
    parts = contributions(network, reading.image.ravel(), digit, reading.activations[-1])
    return {
        "pixels": parts.inputs.reshape(28, 28, 1),
        "biases": [{"layer": layer, "share": share} for layer, share in parts.biases.items()],
        "rest": parts.rest,
        "logit": parts.logit,
    }


def _maps(values: np.ndarray) -> np.ndarray:
    """As pictures (height, width, maps); n neurons become n pictures of one pixel."""
    return values if values.ndim == 3 else values.reshape(1, 1, -1)
