"""The layers, each a page of a textbook: its equation, what goes forward, and what comes back.

Every layer keeps the same contract:

- `forward(x, training=False)` takes a batch (the first axis counts the examples) and returns the layer's output.
  With `training=True` it remembers what the backward pass will need.
- `backward(grad)` takes dL/d(output), the gradient of the loss with respect to what `forward` returned, writes the
  gradients of the layer's own parameters into `gradients`, and returns dL/d(input).
- `fill_gradients(grad)` is the half of it that training needs of the first layer: nobody asks for dL/d(input) there.
- `parameters` and `gradients` are dicts of arrays under the same names; `state` holds arrays that are saved but not trained.
- `output_shape(shape)` says what becomes of one example's shape, and raises ValueError where it does not fit.

Images are (batch, height, width, channels): a pixel's channels lie side by side, so that a patch is a few long runs of memory.
"""

from __future__ import annotations

import math

import numpy as np

from nn import backend

Shape = tuple[int, ...]


class Layer:
    """What all layers share. A layer without parameters needs only `forward` and `backward`."""

    def __init__(self) -> None:
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.state: dict[str, np.ndarray] = {}

    def build(self, shape: Shape, rng: np.random.Generator) -> Shape:
        """Make the parameters for inputs of `shape`, without the batch axis, and return the shape of the output."""
        return self.output_shape(shape)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} does not say what goes forward")

    def backward(self, grad: np.ndarray) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} does not say what comes back")

    def fill_gradients(self, grad: np.ndarray) -> None:
        """The half of `backward` that training needs of the first layer."""
        self.backward(grad)

    def input_gradient(self, grad: np.ndarray) -> np.ndarray:
        """The other half, where nothing is to be learnt."""
        return self.backward(grad)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameter_count(self, shape: Shape) -> int:
        """How many parameters it has for inputs of `shape`, known before they are made."""
        return 0

    def config(self) -> dict[str, object]:
        """The arguments that make this layer again: `Dense(**config)`."""
        return {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(value) for value in self.config().values())})"


class Dense(Layer):
    """Every output is a weighted sum of every input, plus a bias.

        forward     y = x W + b                              x (batch, inputs), W (inputs, outputs), b (outputs,)
        backward    dL/dW = xᵀ dL/dy,  dL/db = Σ_batch dL/dy,  dL/dx = dL/dy Wᵀ

    W starts as N(0, 2 / inputs), so that a ReLU network keeps the size of its signals from layer to layer
    (He et al. 2015, "Delving Deep into Rectifiers", section 2.2); b starts at 0.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def build(self, shape: Shape, rng: np.random.Generator) -> Shape:
        (inputs,) = self._flat(shape)
        scale = math.sqrt(2 / inputs)
        self.parameters = {
            "weights": (rng.standard_normal((inputs, self.units)) * scale).astype(np.float32),
            "bias": np.zeros(self.units, np.float32),
        }
        return (self.units,)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        if training:
            self.x = x
        return backend.affine(x, self.parameters["weights"], self.parameters["bias"])

    def backward(self, grad: np.ndarray) -> np.ndarray:
        self.fill_gradients(grad)
        return self.input_gradient(grad)

    def fill_gradients(self, grad: np.ndarray) -> None:
        self.gradients = {"weights": backend.matmul(self.x.T, grad), "bias": backend.sum_rows(grad)}

    def input_gradient(self, grad: np.ndarray) -> np.ndarray:
        return backend.matmul(grad, self.parameters["weights"].T)

    def output_shape(self, shape: Shape) -> Shape:
        self._flat(shape)
        return (self.units,)

    def parameter_count(self, shape: Shape) -> int:
        return (shape[0] + 1) * self.units

    def config(self) -> dict[str, object]:
        return {"units": self.units}

    @staticmethod
    def _flat(shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"Dense takes flat inputs, not {shape}: put Flatten() before it")
        return shape


class ReLU(Layer):
    """The rectified linear unit lets what is positive pass and stops the rest.

    forward     y = max(x, 0)
    backward    dL/dx = dL/dy where x > 0, else 0
    """

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        y = backend.relu(x)
        if training:
            self.y = y
        return y

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return backend.relu_gradient(grad, self.y)


class Reshape(Layer):
    """Gives each example another shape: the 784 numbers of a drawing become an image (28, 28, 1)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = tuple(shape)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        self.input_shape = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return grad.reshape(self.input_shape)

    def output_shape(self, shape: Shape) -> Shape:
        if math.prod(shape) != math.prod(self.shape):
            raise ValueError(f"Reshape cannot turn {shape} into {self.shape}: the sizes differ")
        return self.shape

    def config(self) -> dict[str, object]:
        return {"shape": self.shape}


class Flatten(Layer):
    """Lays each example out as one row of numbers, as Dense wants it."""

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        self.input_shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return grad.reshape(self.input_shape)

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)


class Conv2D(Layer):
    """Slides `filters` small windows over the image; each answers where its own pattern appears.

        forward     y[n, i, j, f] = Σ_{u, v, c} x[n, i + u − p, j + v − p, c] · W[u, v, c, f] + b[f]

    x (batch, height, width, channels) is taken as 0 outside the image; p is the padding: with the default,
    (size − 1) / 2, the output is as large as the input. Laid out as rows, one a window ("im2col", Chellapilla et al.
    2006, "High Performance Convolutional Neural Networks for Document Processing"), the patches turn the whole layer
    into the matrix product of Dense, and its backward pass too:

        forward     Y = P W + b         P (batch · height · width, size · size · channels), one row a window
        backward    dL/dW = Pᵀ dL/dY,  dL/db = Σ dL/dY,  dL/dP = dL/dY Wᵀ;
                    each pixel then collects what comes back from all the windows it stood in
    """

    def __init__(self, filters: int, size: int = 3, padding: int | None = None) -> None:
        super().__init__()
        self.filters, self.size = filters, size
        self.padding = (size - 1) // 2 if padding is None else padding

    def build(self, shape: Shape, rng: np.random.Generator) -> Shape:
        out = self.output_shape(shape)
        inputs = self.size * self.size * shape[2]
        scale = math.sqrt(2 / inputs)
        self.parameters = {
            "weights": (rng.standard_normal((inputs, self.filters)) * scale).astype(np.float32),
            "bias": np.zeros(self.filters, np.float32),
        }
        return out

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        patches = backend.patches(x, self.size, self.padding)
        if training:
            self.x_shape, self.x_patches = x.shape, patches
        y = backend.affine(patches, self.parameters["weights"], self.parameters["bias"])
        return y.reshape(len(x), *self.output_shape(x.shape[1:]))

    def backward(self, grad: np.ndarray) -> np.ndarray:
        self.fill_gradients(grad)
        return self.input_gradient(grad)

    def fill_gradients(self, grad: np.ndarray) -> None:
        rows = grad.reshape(-1, self.filters)
        self.gradients = {"weights": backend.matmul(self.x_patches.T, rows), "bias": backend.sum_rows(rows)}

    def input_gradient(self, grad: np.ndarray) -> np.ndarray:
        windows = backend.matmul(grad.reshape(-1, self.filters), self.parameters["weights"].T)
        return backend.patches_gradient(windows, self.x_shape, self.size, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3 or min(shape[:2]) + 2 * self.padding < self.size:
            raise ValueError(f"Conv2D takes images (height, width, channels) of at least {self.size} pixels, not {shape}")
        shrink = 2 * self.padding - self.size + 1
        return (shape[0] + shrink, shape[1] + shrink, self.filters)

    def parameter_count(self, shape: Shape) -> int:
        return (self.size * self.size * shape[2] + 1) * self.filters

    def config(self) -> dict[str, object]:
        return {"filters": self.filters, "size": self.size, "padding": self.padding}


class MaxPool2D(Layer):
    """Keeps the strongest answer of each size × size square, so that a pattern may lie a little elsewhere.

        forward     y[n, i, j, c] = max_{u, v < size} x[n, size·i + u, size·j + v, c]
        backward    dL/dx is dL/dy at the pixel that won (shared, where several are equal), and 0 elsewhere

    Rows and columns that fill no whole square are left out (28 → 14 → 7 → 3).
    """

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        y = backend.max_pool(x, self.size)
        if training:
            self.x, self.y = x, y
        return y

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return backend.max_pool_gradient(grad, self.x, self.y, self.size)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise ValueError(f"MaxPool2D takes images (height, width, channels) of at least {self.size} pixels, not {shape}")
        return (shape[0] // self.size, shape[1] // self.size, shape[2])

    def config(self) -> dict[str, object]:
        return {"size": self.size}


class BatchNorm(Layer):
    """Brings each channel to mean 0 and variance 1 over the batch, then lets training choose scale and shift.

        forward     x̂ = (x − μ) / √(σ² + ε),  y = γ x̂ + β         μ, σ² over the batch (and all places of an image)
        backward    dL/dγ = Σ dL/dy x̂,  dL/dβ = Σ dL/dy,
                    dL/dx = γ / √(σ² + ε) · (dL/dy − mean(dL/dy) − x̂ mean(dL/dy x̂))

    (Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1.) Outside training it uses running averages of μ and σ²,
    and is then one multiplication and one addition: `Network.folded` moves them into the layer before.
    """

    epsilon, momentum = 1e-5, 0.98

    def build(self, shape: Shape, rng: np.random.Generator) -> Shape:
        channels = shape[-1]
        self.parameters = {"gamma": np.ones(channels, np.float32), "beta": np.zeros(channels, np.float32)}
        self.state = {"mean": np.zeros(channels, np.float32), "variance": np.ones(channels, np.float32)}
        return shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        if not training:
            scale, shift = self.scale_and_shift()
            return x * scale + shift
        rows = x.reshape(-1, x.shape[-1])
        mean = backend.sum_rows(rows) / len(rows)
        centred = rows - mean
        variance = np.einsum("ij,ij->j", centred, centred) / len(rows)
        for name, now in (("mean", mean), ("variance", variance)):
            self.state[name] = (self.momentum * self.state[name] + (1 - self.momentum) * now).astype(x.dtype)
        self.inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        self.normalised = np.multiply(centred, self.inverse_deviation, out=centred)
        y = self.normalised * self.parameters["gamma"]
        y += self.parameters["beta"]
        return y.reshape(x.shape)

    def backward(self, grad: np.ndarray) -> np.ndarray:
        rows, x_hat = grad.reshape(-1, grad.shape[-1]), self.normalised
        self.gradients = {"gamma": np.einsum("ij,ij->j", rows, x_hat), "beta": backend.sum_rows(rows)}
        dx = x_hat * (self.gradients["gamma"] / -len(rows))
        dx += rows
        dx -= self.gradients["beta"] / len(rows)
        dx *= self.parameters["gamma"] * self.inverse_deviation
        return dx.reshape(grad.shape)

    def parameter_count(self, shape: Shape) -> int:
        return 2 * shape[-1]

    def scale_and_shift(self) -> tuple[np.ndarray, np.ndarray]:
        """y = scale · x + shift, what this layer does outside training."""
        scale = self.parameters["gamma"] / np.sqrt(self.state["variance"] + self.epsilon)
        return scale, self.parameters["beta"] - self.state["mean"] * scale
