"""What the room Inside shows: the way in, every stage of the network, one neuron or one digit of it, and the code."""

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
"""How many numbers of each array the gradient check nudges: enough to trust it, few enough for a second."""


class Inside:
    """A recogniser, opened up. Its BatchNorms are folded into the layers before them: the same function, fewer layers."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self.network = recognizer.network.folded()
        self.stages = stages(self.network)
        self.shapes = self.network.shapes()
        self._without = lru_cache(maxsize=1)(self._silence)

    def read(
        self, steps: Steps, stage: int | None = None, index: int | None = None, off: Mapping[str, Sequence[int]] | None = None
    ) -> tuple[Reading, dict[str, Any]]:
        """Read a drawing with some neurons switched off, and look at one neuron; in the last stage that is a digit.

        Args:
            stage, index: of the neuron to look at; where the network has no such neuron, it is the likeliest digit.
            off: the neurons switched off, `{stage: indices}`; in the last stage none can be.
        Returns:
            The reading, and what the page's room Inside shows of it.
        """
        wanted = {int(number): indices for number, indices in (off or {}).items() if int(number) < len(self.stages) - 1}
        silent = {number: tuple(sorted({i for i in indices if self._has(number, i)})) for number, indices in wanted.items()}
        recognizer = self._without(tuple(sorted(silent.items())))
        reading = recognizer.read_steps(steps, training=True)  # the layers remember what they need to go backward
        last = len(self.stages) - 1
        if stage is None or index is None or not self._has(stage, index):
            stage, index = last, reading.digit
        chosen = index is not None
        return reading, {
            "steps": _way_in(steps),
            "stages": [self._stage(number, silent.get(number, ()), reading) for number in range(len(self.stages))],
            "stage": stage,
            "index": index,
            "neuron": self._neuron(recognizer.network, reading, stage, index) if chosen else None,
            "digit": _digit(recognizer.network, reading, index) if chosen and stage == last else None,
        }

    def check_gradients(self, steps: Steps, stage: int) -> dict[str, Any]:
        """`nn.gradient_check` of a stage's parameters and of the input, in float64, for this drawing.

        The target says that all digits are equally likely: of a digit that is read well the loss has hardly a slope. A
        breath of noise lies over the drawing: where windows of bare paper are exactly alike, a maximum has no slope.
        """
        rng = np.random.default_rng(0)
        x = steps.image.reshape(1, 784) + 0.01 * rng.standard_normal((1, 784))
        errors = gradient_errors(self.network, x, np.full((1, 10), 0.1), PLACES, layers=self.stages[stage].layers)
        return {"errors": errors, "places": PLACES}

    def _silence(self, off: tuple[tuple[int, tuple[int, ...]], ...]) -> Recognizer:
        layers = {self.stages[number].sends: found for number, found in off}
        return Recognizer(silenced(self.network, layers), self.recognizer.card)

    def _has(self, stage: int, index: int) -> bool:
        return 0 <= stage < len(self.stages) and 0 <= index < self.shapes[self.stages[stage].sends + 1][-1]

    def _stage(self, number: int, off: Sequence[int], reading: Reading) -> dict[str, Any]:
        stage = self.stages[number]
        return {
            "sums": _maps(reading.activations[stage.sums]),
            "sends": _maps(reading.activations[stage.sends]),
            "off": list(off),
            "layers": [self._layer(i, reading.activations[i]) for i in stage.layers],
        }

    def _layer(self, index: int, output: np.ndarray) -> dict[str, Any]:
        layer = self.network.layers[index]
        return {
            "index": index,
            "type": type(layer).__name__,
            "name": repr(layer),
            "input": self.shapes[index],
            "output": self.shapes[index + 1],
            "parameters": {name: array.shape for name, array in layer.parameters.items()},
            "least": float(output.min()),
            "mean": float(output.mean()),
            "most": float(output.max()),
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
            "sends": seen.sends if seen.sends.ndim else None,
            "sent": float(seen.sends.max()),
            "onward": None if seen.onward is None else _maps(seen.onward),
        }


def sources() -> dict[str, Any]:
    """The source of every kind of layer as it stands in its file; and of its docstring, the first line and the formulas."""
    return {
        name: {
            "file": f"py/{kind.__module__.replace('.', '/')}.py",
            "line": inspect.getsourcelines(kind)[1],
            "text": inspect.getsource(kind),
            "summary": (inspect.getdoc(kind) or "").partition("\n")[0],
            "formula": _formula(inspect.getsource(kind)),
        }
        for name, kind in LAYERS.items()
    }


def _formula(source: str) -> str:
    """The lines of a class's docstring that stand further in than the text around them (`__doc__` may have lost that)."""
    _, doc, _ = source.split('"""', 2)
    return textwrap.dedent("\n".join(line for line in doc.splitlines() if line.startswith(8 * " ")))


def _way_in(steps: Steps) -> dict[str, Any]:
    """The steps as they are, and by how many whole pixels the last one moved the digit (down, right)."""
    moved = None
    if steps.box is not None:
        moved = [round(to - of) for to, of in zip(_centre_of_mass(steps.image), _centre_of_mass(steps.scaled), strict=True)]
    return {
        "grey": steps.gray,
        "ink": steps.ink,
        "box": steps.box,
        "scaled": steps.scaled,
        "image": steps.image,
        "inked": float((steps.ink > 0.1).mean()),
        "lit": int((steps.image > 0).sum()),
        "moved": moved,
        "centre": None if moved is None else _centre_of_mass(steps.image),
    }


def _centre_of_mass(picture: np.ndarray) -> list[float]:
    """(down, right) from the upper left corner, in pixels."""
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
    """As pictures (height, width, maps): n neurons in a row are n of a single pixel."""
    return values if values.ndim == 3 else values.reshape(1, 1, -1)
