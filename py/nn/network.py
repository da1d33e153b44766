"""A network is a list of layers: forward through all of them, and backward."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nn.activations import ReLU
from nn.convolution import Conv2D
from nn.layers import LAYERS, Array, BatchNorm, Dense, Layer, Shape, with_shapes
from nn.loss import softmax


class Network:
    """A sequence of layers, the last of which gives the logits.

    Args:
        layers: from the input on; `Layer.build` creates their parameters.
        input_shape: the shape of one example, without the batch axis.
        seed: the random seed of the initial weights; None for zeros, to be replaced by weights from a file.
    Raises:
        ValueError: a layer does not fit the output of the layer before it.
    """

    def __init__(self, layers: Sequence[Layer], input_shape: Shape = (784,), seed: int | None = 0) -> None:
        self.layers = list(layers)
        self.input_shape = tuple(input_shape)
        rng = None if seed is None else np.random.default_rng(seed)
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.build(shape, rng)
        self.output_shape = shape

    @classmethod
    def dense(cls, *widths: int, seed: int | None = 0) -> Network:
        """`Network.dense(784, 128, 64, 10)`: Dense layers with ReLU between them."""
        inputs, *units = widths
        layers: list[Layer] = []
        for width in units:
            layers += [Dense(width), ReLU()]
        return cls(layers[:-1], (inputs,), seed)

    def forward(self, x: Array, training: bool = False) -> Array:
        """Logits (batch, classes) of inputs (batch, *input_shape)."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, grad: Array) -> Array:
        """From dL/d(logits) to dL/d(input); stores every layer's gradients. Follows a `forward(x, training=True)`."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def fill_gradients(self, grad: Array) -> None:
        """Parameter gradients only: `backward` down to the first layer with parameters; skips dL/d(input)."""
        first = next((index for index, layer in enumerate(self.layers) if layer.parameters), 0)
        for layer in reversed(self.layers[first + 1 :]):
            grad = layer.backward(grad)
        self.layers[first].fill_gradients(grad)

    def activations(self, x: Array, training: bool = False) -> list[Array]:
        """The output of every layer for x, in order; the last are the logits."""
        outputs = []
        for layer in self.layers:
            x = layer.forward(x, training)
            outputs.append(x)
        return outputs

    def shapes(self) -> list[Shape]:
        """The shapes of one example: the input's, then every layer's output."""
        return [self.input_shape, *(output for _, _, output in with_shapes(self.layers, self.input_shape))]

    def predict(self, x: Array, batch: int = 500) -> Array:
        """Probabilities (examples, classes), computed a batch at a time to limit the memory."""
        return np.concatenate([softmax(self.forward(x[i : i + batch])) for i in range(0, len(x), batch)])

    def named_parameters(self) -> Iterator[tuple[str, Array]]:
        """("0.weights", array), … in the order of the layers."""
        for index, layer in enumerate(self.layers):
            for name, array in layer.parameters.items():
                yield f"{index}.{name}", array

    def named_arrays(self) -> dict[str, Array]:
        """All arrays that belong into a file, parameters and state, by name ("0.weights"). They are not copies."""
        layers = enumerate(self.layers)
        return {f"{index}.{name}": array for index, layer in layers for name, array in (layer.parameters | layer.state).items()}

    @property
    def parameter_count(self) -> int:
        return sum(array.size for _, array in self.named_parameters())

    def astype(self, dtype: type[np.floating]) -> Network:
        """A copy that computes in `dtype`: float64 for gradient checks."""
        twin = copy.deepcopy(self)
        for layer in twin.layers:
            layer.parameters = {name: array.astype(dtype) for name, array in layer.parameters.items()}
            layer.state = {name: array.astype(dtype) for name, array in layer.state.items()}
        return twin

    def folded(self) -> Network:
        """The same function without BatchNorm: its scale s and shift t move into the Dense or Conv2D before it.

        (x W + b) s + t = x (W s) + (b s + t), since s and t have one number for each output channel.
        """
        twin = copy.deepcopy(self)
        layers: list[Layer] = []
        for layer in twin.layers:
            if isinstance(layer, BatchNorm) and layers and isinstance(layers[-1], (Dense, Conv2D)):
                scale, shift = layer.scale_and_shift()
                before = layers[-1].parameters
                before["weights"] = (before["weights"] * scale).astype(np.float32)
                before["bias"] = (before["bias"] * scale + shift).astype(np.float32)
            else:
                layers.append(layer)
        twin.layers = layers
        return twin

    def config(self) -> dict[str, object]:
        """The layers without their numbers, as a JSON object: `layers_from_config` makes them again."""
        return {
            "input_shape": list(self.input_shape),
            "layers": [{"type": type(layer).__name__, **layer.config()} for layer in self.layers],
        }

    def __repr__(self) -> str:
        lines = [f"Network of {self.parameter_count:,} parameters, input {_times(self.input_shape)}"]
        for layer, _, shape in with_shapes(self.layers, self.input_shape):
            count = sum(array.size for array in layer.parameters.values())
            arrays = ", ".join(f"{name} {_times(array.shape)}" for name, array in layer.parameters.items())
            lines.append(f"  {layer!r:<18} → {_times(shape):<10} {count:>8,}  {arrays}".rstrip())
        return "\n".join(lines)


def layers_from_config(config: dict[str, Any]) -> tuple[list[Layer], Shape]:
    """The layers that `Network.config` described, without parameters yet, and the shape of their input.

    Raises:
        ValueError: an unknown layer, or arguments that do not fit.
    """
    layers = []
    for description in config["layers"]:
        arguments = dict(description)
        kind = arguments.pop("type", None)
        if kind not in LAYERS:
            raise ValueError(f"there is no layer {kind!r}; the layers are {', '.join(LAYERS)}")
        try:
            layers.append(LAYERS[kind](**arguments))
        except TypeError as error:
            raise ValueError(f"{kind} does not take {arguments}") from error
    return layers, tuple(config["input_shape"])


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape))
