"""The layers for images: convolution and max pooling, for arrays (batch, height, width, channels)."""

from __future__ import annotations

import functools

import numpy as np

from nn.layers import Array, Layer, Shape


class Conv2D(Layer, word="conv16x5"):
    """Slides `filters` small windows over the image; each gives a large output where its own pattern appears.

        forward     y[n, i, j, f] = Σ_{u, v, c} x[n, i + u − p, j + v − p, c] · W[u, v, c, f] + b[f]

    x is taken as 0 outside the image. p is the padding; with the default, (size − 1) / 2, the output is as large as the
    input. With every window of the image as one row of a matrix P ("im2col", Chellapilla et al. 2006, "High Performance
    Convolutional Neural Networks for Document Processing"), the layer is the matrix product of Dense:

        forward     Y = P W + b         P (batch · height · width, size · size · channels)
        backward    dL/dW = Pᵀ dL/dY,  dL/db = Σ dL/dY,  dL/dP = dL/dY Wᵀ;
                    each pixel's gradient is the sum over all the windows it is part of
    """

    def __init__(self, filters: int, size: int = 3, padding: int | None = None) -> None:
        super().__init__()
        self.filters, self.size = filters, size
        self.padding = (size - 1) // 2 if padding is None else padding

    def forward(self, x: Array, training: bool = False) -> Array:
        if training:
            self.x = x
        P = windows(x, self.size, self.padding)
        W, b = self.parameters["weights"], self.parameters["bias"]
        return (P @ W + b).reshape(len(x), *self.output_shape(x.shape[1:]))

    def backward(self, dy: Array) -> Array:
        self.fill_gradients(dy)
        return self.input_gradient(dy)

    def fill_gradients(self, dy: Array) -> None:
        P, dY = windows(self.x, self.size, self.padding), dy.reshape(-1, self.filters)
        self.gradients = {"weights": P.T @ dY, "bias": dY.sum(axis=0)}

    def input_gradient(self, dy: Array) -> Array:
        W = self.parameters["weights"]
        dP = dy.reshape(-1, self.filters) @ W.T
        return windows_gradient(dP, self.x.shape, self.size, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        if not 0 <= self.padding < self.size:
            raise ValueError(f"Conv2D of size {self.size} takes a padding of 0 to {self.size - 1}, not {self.padding}")
        if len(shape) != 3 or min(shape[:2]) + 2 * self.padding < self.size:
            raise ValueError(f"Conv2D takes images (height, width, channels) of at least {self.size} pixels, not {shape}")
        shrink = 2 * self.padding - self.size + 1
        return (shape[0] + shrink, shape[1] + shrink, self.filters)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"weights": (self.size * self.size * shape[2], self.filters), "bias": (self.filters,)}

    def training_floats(self, shape: Shape) -> int:
        """The output and its gradient, and P or its gradient."""
        height, width, _ = self.output_shape(shape)
        return super().training_floats(shape) + height * width * self.size**2 * shape[2]


class MaxPool2D(Layer, word="pool"):
    """Keeps the largest number of each size × size square, so that a pattern may be at a slightly different place.

        forward     y[n, i, j, c] = max_{u, v < size} x[n, size·i + u, size·j + v, c]
        backward    dL/dx is dL/dy at the pixel that won (shared, where several are equal), and 0 elsewhere

    Rows and columns that fill no square are left out (28 → 14 → 7 → 3).
    """

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Array, training: bool = False) -> Array:
        y = functools.reduce(np.maximum, self._corners(x))
        if training:
            self.x, self.y = x, y
        return y

    def backward(self, dy: Array) -> Array:
        won = [(corner == self.y).astype(dy.dtype) for corner in self._corners(self.x)]
        share = dy / sum(won)
        dx = np.zeros_like(self.x)
        for corner, wins in zip(self._corners(dx), won, strict=True):
            corner[...] = share * wins
        return dx

    def _corners(self, x: Array) -> list[Array]:
        """size² views of x; each holds the numbers at one place of their squares."""
        size = self.size
        height, width = x.shape[1] // size * size, x.shape[2] // size * size
        return [x[:, u:height:size, v:width:size] for u in range(size) for v in range(size)]

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3 or min(shape[:2]) < self.size:
            raise ValueError(f"MaxPool2D takes images (height, width, channels) of at least {self.size} pixels, not {shape}")
        return (shape[0] // self.size, shape[1] // self.size, shape[2])


def windows(x: Array, size: int, padding: int) -> Array:
    """Every size × size window of images (batch, height, width, channels), padded with 0, as a row.

    Returns (batch · rows · columns, size · size · channels), where rows = height + 2 padding − size + 1.
    """
    p, channels = padding, x.shape[3]
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (1, 2))  # type: ignore[call-overload]
    return views.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size * size * channels)


def windows_gradient(dP: Array, shape: Shape, size: int, padding: int) -> Array:
    """dL/dx for images x of this shape from dL/d(windows(x)): each pixel sums over all the windows it is part of."""
    batch, height, width, channels = shape
    p, rows, columns = padding, height + 2 * padding - size + 1, width + 2 * padding - size + 1
    parts = dP.reshape(batch, rows, columns, size, size, channels)
    padded = np.zeros((batch, height + 2 * p, width + 2 * p, channels), dP.dtype)
    for u in range(size):
        for v in range(size):
            padded[:, u : u + rows, v : v + columns] += parts[:, :, :, u, v]
    return padded[:, p : p + height, p : p + width]
