"""The layers of a network, each one a page of a textbook: its equations in the docstring, and the same equations in NumPy.

Every layer keeps the same small contract:

- `forward(x, training=False)` takes a batch (the first axis counts the examples) and returns the layer's output.
  With `training=True` it remembers what the backward pass needs.
- `backward(dy)` takes dL/dy, the gradient of the loss with respect to the output. It stores the gradients of the layer's
  own parameters in `gradients`, and returns dL/dx, the gradient with respect to the input.
- `parameter_shapes(shape)` and `output_shape(shape)` say what the layer needs and gives for one example of this shape.
- `parameters` and `gradients` are dicts of arrays under the same names; `state` holds arrays that are saved but not trained.

A class that derives from `Layer` is registered in `LAYERS` by its name: it can then be saved and loaded. In the browser,
`nn.kernel` replaces the slow methods by faster ones that give the same numbers.

Images are (batch, height, width, channels). Arrays are float32, or float64 while gradients are checked.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator
from typing import ClassVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Shape = tuple[int, ...]

LAYERS: dict[str, type[Layer]] = {}
"""Every layer that can be saved, by the name of its class."""

ACTIVATIONS: dict[str, type[Layer]] = {}
"""The layers that are activation functions, by the name that the command line and the page use."""


class Layer:
    """What all layers share. A layer without parameters needs only `forward` and `backward`.

    Keyword arguments of a subclass, as in `class Tanh(Layer, activation="tanh")`:
        word: how `nn.architecture` writes the layer, for example "conv16x5": numbers are arguments of the constructor.
        activation: its name as an activation function.
        saved: False for a layer that is never part of a file.
    """

    word: ClassVar[str]
    activation: ClassVar[str]

    def __init_subclass__(cls, word: str = "", activation: str = "", saved: bool = True) -> None:
        cls.word, cls.activation = word, activation
        if saved:
            LAYERS[cls.__name__] = cls
        if activation:
            ACTIVATIONS[activation] = cls

    def __init__(self) -> None:
        self.parameters: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        self.state: dict[str, Array] = {}

    def forward(self, x: Array, training: bool = False) -> Array:
        raise NotImplementedError(f"{type(self).__name__}.forward")

    def backward(self, dy: Array) -> Array:
        raise NotImplementedError(f"{type(self).__name__}.backward")

    def fill_gradients(self, dy: Array) -> None:
        """Parameter gradients only; skips dL/dx, which the first layer does not need."""
        self.backward(dy)

    def input_gradient(self, dy: Array) -> Array:
        """dL/dx only; may skip the parameter gradients."""
        return self.backward(dy)

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one example's output for an input of `shape`; raises ValueError where that does not fit."""
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """The shape of each parameter for inputs of `shape`."""
        return {}

    def build(self, shape: Shape, rng: np.random.Generator | None) -> Shape:
        """Create the parameters for inputs of `shape`, and return the shape of the output.

        Weights are drawn from N(0, 2 / inputs), so that signals keep their size from layer to layer of a ReLU network
        (He et al. 2015, "Delving Deep into Rectifiers", section 2.2). Parameters with one axis, the biases, start at 0, and
        without a generator all of them.
        """
        output_shape = self.output_shape(shape)
        for name, wanted in self.parameter_shapes(shape).items():
            if len(wanted) > 1 and rng is not None:
                scale = math.sqrt(2 / math.prod(wanted[:-1]))
                self.parameters[name] = (rng.standard_normal(wanted) * scale).astype(np.float32)
            else:
                self.parameters[name] = np.zeros(wanted, np.float32)
        return output_shape

    def training_floats(self, shape: Shape) -> int:
        """About how many numbers a training step holds for each example: by default, the output and its gradient."""
        return 2 * math.prod(self.output_shape(shape))

    def config(self) -> dict[str, object]:
        """The arguments that make this layer again, `Dense(**config)`: attributes with the names of the constructor's."""
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(value) for value in self.config().values())})"


def with_shapes(layers: Iterable[Layer], shape: Shape) -> Iterator[tuple[Layer, Shape, Shape]]:
    """Each layer with the shapes of its input and output, for inputs of `shape`. Raises as `Layer.output_shape` does."""
    for layer in layers:
        before, shape = shape, layer.output_shape(shape)
        yield layer, before, shape


class Dense(Layer, word="128"):
    """Every output is a weighted sum of every input, plus a bias.

        forward     y = x W + b                              x (batch, inputs), W (inputs, units), b (units,)
        backward    dL/dW = xᵀ dL/dy,  dL/db = Σ_batch dL/dy,  dL/dx = dL/dy Wᵀ

    (Goodfellow et al. 2016, "Deep Learning", section 6.5.)
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def forward(self, x: Array, training: bool = False) -> Array:
        if training:
            self.x = x
        W, b = self.parameters["weights"], self.parameters["bias"]
        return x @ W + b

    def backward(self, dy: Array) -> Array:
        self.fill_gradients(dy)
        return self.input_gradient(dy)

    def fill_gradients(self, dy: Array) -> None:
        self.gradients = {"weights": self.x.T @ dy, "bias": dy.sum(axis=0)}

    def input_gradient(self, dy: Array) -> Array:
        W = self.parameters["weights"]
        return dy @ W.T

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"Dense takes flat inputs, not {shape}: put Flatten() before it")
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weights": (*shape, self.units), "bias": (self.units,)}


class BatchNorm(Layer, word="norm"):
    """Normalizes each channel to mean 0 and variance 1 over the batch, then scales and shifts it by trained parameters.

        forward     x̂ = (x − μ) / √(σ² + ε),  y = γ x̂ + β         μ, σ² over the batch (and all pixels of an image)
        backward    dL/dγ = Σ dL/dy x̂,  dL/dβ = Σ dL/dy,        n numbers of each channel in the batch
                    dL/dx = γ / √(σ² + ε) · (dL/dy − dL/dβ / n − x̂ dL/dγ / n)

    (Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1.) Outside training it uses running averages of μ and σ².
    It is then one multiplication and one addition, which `Network.folded` moves into the layer before.
    """

    epsilon, momentum = 1e-5, 0.98

    def build(self, shape: Shape, rng: np.random.Generator | None) -> Shape:
        super().build(shape, rng)
        self.parameters["gamma"][:] = 1
        self.state = {"mean": np.zeros(shape[-1], np.float32), "variance": np.ones(shape[-1], np.float32)}
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        if not training:
            scale, shift = self.scale_and_shift()
            return x * scale + shift
        rows = x.reshape(-1, x.shape[-1])
        mean, variance = rows.mean(axis=0), rows.var(axis=0)
        self.remember(mean, variance)
        self.x_hat = (rows - mean) * self.inverse_deviation
        y = self.parameters["gamma"] * self.x_hat + self.parameters["beta"]
        return y.reshape(x.shape)

    def remember(self, mean: Array, variance: Array) -> None:
        """Update the running averages, and keep 1 / √(σ² + ε) for the backward pass."""
        self.inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        for name, now in (("mean", mean), ("variance", variance)):
            self.state[name] = self.momentum * self.state[name] + (1 - self.momentum) * now

    def backward(self, dy: Array) -> Array:
        rows, x_hat = dy.reshape(-1, dy.shape[-1]), self.x_hat
        d_gamma, d_beta, n = (rows * x_hat).sum(axis=0), rows.sum(axis=0), len(rows)
        self.gradients = {"gamma": d_gamma, "beta": d_beta}
        centered = rows - d_beta / n - x_hat * (d_gamma / n)
        dx = self.parameters["gamma"] * self.inverse_deviation * centered
        return dx.reshape(dy.shape)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"gamma": shape[-1:], "beta": shape[-1:]}

    def scale_and_shift(self) -> tuple[Array, Array]:
        """y = scale · x + shift, what this layer does outside training."""
        scale = self.parameters["gamma"] / np.sqrt(self.state["variance"] + self.epsilon)
        return scale, self.parameters["beta"] - self.state["mean"] * scale


class Reshape(Layer):
    """Gives each example another shape: 784 numbers become an image (28, 28, 1)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.input_shape = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.input_shape)

    def output_shape(self, shape: Shape) -> Shape:
        if math.prod(shape) != math.prod(self.shape):
            raise ValueError(f"Reshape cannot turn {shape} into {self.shape}: the sizes differ")
        return self.shape


class Flatten(Layer):
    """Turns each example into one row of numbers, as Dense needs it."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.input_shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.input_shape)

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)
