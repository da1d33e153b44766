"""A WebAssembly module that takes over the slow methods of `nn` in the browser, where NumPy has no BLAS.

It works on NumPy's own memory. The C files are its source, and `build.py` makes `simd.wasm` and `relaxed.wasm` from them.
`install` puts it to work: from then on, methods of `Kernel` run in place of NumPy expressions of `nn` and give the same
numbers within rounding. Where arrays do not suit the module (another dtype, shapes that do not fit, overlapping memory),
the NumPy expression runs after all, and raises its own errors.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

import numpy as np

from nn import pixels
from nn.activations import ReLU
from nn.convolution import Conv2D, MaxPool2D
from nn.kernel.addresses import Unfit, address, flat, matrix, separate
from nn.layers import Array, BatchNorm, Dense
from nn.network import Network
from nn.optimizers import Adam, WeightAverage
from nn.pixels import MARGIN

FUNCTIONS = (
    "adam", "batch_norm", "batch_norm_gradient", "convolve", "convolve_gradients", "from_bytes", "matmul", "max_pool",
    "max_pool_gradient", "moments", "move_towards", "relu", "relu_gradient", "roughen", "sum_rows", "warp",
)  # fmt: skip
"""What the module exports. Its functions take arrays as addresses, and strides as counts of numbers."""

PANEL, DEPTH, ROWS, WIDTH = 32, 256, 16, 512
"""The sizes of blocks in product.h."""
SCRATCH = 2 * ROWS * DEPTH + ROWS + DEPTH * WIDTH
"""Floats that matmul.c needs: lists of the numbers of a, where they end, and a block of b."""


def install(functions: Any) -> Callable[[], None]:
    """Let the module with these exports do the work from now on; returns a function that puts NumPy's expressions back."""
    replaced = Kernel(functions).replacements()
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for (owner, name, fast), (_, _, original) in zip(replaced, originals, strict=True):
        setattr(owner, name, _with_fallback(fast, original))

    def uninstall() -> None:
        for owner, name, original in originals:
            setattr(owner, name, original)

    return uninstall


def _with_fallback(fast: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def either(*arguments: Any, **options: Any) -> Any:
        try:
            return fast(*arguments, **options)
        except Unfit:
            return original(*arguments, **options)

    return either


class Kernel:
    """What takes the place of the methods of `nn`; each raises Unfit before it changes anything."""

    def __init__(self, functions: Any) -> None:
        self.wasm: Any = SimpleNamespace(**{name: getattr(functions, name) for name in FUNCTIONS})
        self._scratch_array = self.empty(SCRATCH)  # kept, so that its memory is not given to anyone else
        self._scratch = flat(self._scratch_array)
        self._moved: list[Array] = []  # what Adam moved last, and where it is
        self._table = np.zeros((0, 5), np.int32)

    def replacements(self) -> list[tuple[Any, str, Callable[..., Any]]]:
        """A class or module, the name of its method or function, and the method here that takes its place."""
        return [
            (Dense, "forward", self.dense_forward),
            (Dense, "fill_gradients", self.dense_gradients),
            (Dense, "input_gradient", self.dense_input_gradient),
            (Conv2D, "forward", self.convolution_forward),
            (Conv2D, "fill_gradients", self.convolution_gradients),
            (Conv2D, "backward", self.convolution_backward),
            (Conv2D, "input_gradient", self.convolution_input_gradient),
            (MaxPool2D, "forward", self.max_pool_forward),
            (MaxPool2D, "backward", self.max_pool_backward),
            (BatchNorm, "forward", self.batch_norm_forward),
            (BatchNorm, "backward", self.batch_norm_backward),
            (ReLU, "forward", self.relu_forward),
            (ReLU, "backward", self.relu_backward),
            (Network, "fill_gradients", self.network_gradients),
            (Adam, "move", self.adam_move),
            (WeightAverage, "move", self.average_move),
            (pixels, "scale", self.scale_pixels),
            (pixels, "warp", self.warp),
            (pixels, "roughen", self.roughen),
        ]

    def empty(self, *shape: int) -> Array:
        return np.empty(shape, np.float32)

    def dense_forward(self, layer: Dense, x: Array, training: bool = False) -> Array:
        y = self.product(x, layer.parameters["weights"], layer.parameters["bias"])
        if training:
            layer.x = x
        return y

    def dense_gradients(self, layer: Dense, dy: Array) -> None:
        layer.gradients = {"weights": self.product(layer.x.T, dy), "bias": self.sum_rows(dy)}

    def dense_input_gradient(self, layer: Dense, dy: Array) -> Array:
        return self.product(dy, layer.parameters["weights"].T)

    def convolution_forward(self, layer: Conv2D, x: Array, training: bool = False) -> Array:
        y = self.convolve(x, weights_of(layer, x), layer.padding, layer.parameters["bias"])
        if training:
            layer.x = x
        return y

    def convolution_input_gradient(self, layer: Conv2D, dy: Array) -> Array:
        """dL/dx is a convolution of dL/dy too, with the weights turned around."""
        x = layer.x
        flat(dy, (len(x), *layer.output_shape(x.shape[1:])))
        return self.convolve(dy, turned(weights_of(layer, x)), layer.size - 1 - layer.padding)

    def convolve(self, x: Array, weights: Array, padding: int, bias: Array | None = None) -> Array:
        """The convolution of x with weights (size, size, channels, filters)."""
        (batch, height, width, channels), size, filters = x.shape, len(weights), weights.shape[3]
        rows, columns = height + 2 * padding, width + 2 * padding
        y = self.empty(batch, rows - size + 1, columns - size + 1, filters)
        scratch = self.empty(panels_size(filters, size**2 * channels) + lists_size(rows, columns, channels))
        bias_address = 0 if bias is None else flat(bias)
        self.wasm.convolve(*x.shape, size, padding, flat(x), filters, flat(weights), flat(y), bias_address, flat(scratch))
        return y

    def convolution_gradients(self, layer: Conv2D, dy: Array, pool: MaxPool2D | None = None) -> None:
        self.convolution_backward(layer, dy, pool, np.empty(0, np.float32))

    def convolution_backward(self, layer: Conv2D, dy: Array, pool: MaxPool2D | None = None, dx: Array | None = None) -> Array:
        """From dL/dy, or from the gradient of max pooling after it, to dL/dx, which is left out if `dx` is an empty array."""
        x, size, filters, padding = layer.x, layer.size, layer.filters, layer.padding
        (batch, height, width, channels), shape = x.shape, layer.output_shape(x.shape[1:])
        pooling = (pool.size, flat(pool.x, (batch, *shape)), flat(pool.y)) if pool else (0, 0, 0)
        x_address, dy_address = flat(x), flat(dy, pool.y.shape if pool else (batch, *shape))
        back = turned(weights_of(layer, x))
        dx = self.empty(*x.shape) if dx is None else dx
        gradient, bias = self.empty(size**2 * channels, filters), self.empty(filters)
        rows, columns = height + 2 * padding, width + 2 * padding
        lists = max(lists_size(rows, columns, 1), lists_size(height + size - 1, width + size - 1, filters))
        sizes = rows * columns * channels + PANEL, gradient.size, math.prod(shape), panels_size(channels, size**2 * filters)
        scratch = self.empty(sum(sizes) + lists)
        self.wasm.convolve_gradients(
            *x.shape, size, padding, x_address, filters, dy_address, flat(gradient), flat(bias),
            flat(back), flat(dx) if dx.size else 0, *pooling, flat(scratch),
        )  # fmt: skip
        layer.gradients = {"weights": gradient, "bias": bias}
        return dx

    def network_gradients(self, network: Network, grad: Array) -> None:
        """Network.fill_gradients, with max pooling and the convolution before it in one pass over the images."""
        first = next((index for index, layer in enumerate(network.layers) if layer.parameters), 0)
        layers, pool = network.layers[first:], None
        for layer, before in zip(layers[:0:-1], layers[-2::-1], strict=True):
            if pool and isinstance(layer, Conv2D):
                grad, pool = self.convolution_backward(layer, grad, pool), None
            elif type(layer) is MaxPool2D and type(before) is Conv2D:
                pool = layer
            else:
                grad = layer.backward(grad)
        if pool and isinstance(layers[0], Conv2D):
            self.convolution_gradients(layers[0], grad, pool)
        else:
            layers[0].fill_gradients(grad)

    def max_pool_forward(self, layer: MaxPool2D, x: Array, training: bool = False) -> Array:
        x_address = flat(x)
        y = self.empty(len(x), *layer.output_shape(x.shape[1:]))
        self.wasm.max_pool(*x.shape, layer.size, x_address, flat(y))
        if training:
            layer.x, layer.y = x, y
        return y

    def max_pool_backward(self, layer: MaxPool2D, dy: Array) -> Array:
        x, y = layer.x, layer.y
        addresses = flat(x), flat(y), flat(dy, y.shape)
        dx = self.empty(*x.shape)
        self.wasm.max_pool_gradient(*x.shape, layer.size, *addresses, flat(dx))
        return dx

    def batch_norm_forward(self, layer: BatchNorm, x: Array, training: bool = False) -> Array:
        if not training:
            raise Unfit
        gamma, beta = layer.parameters["gamma"], layer.parameters["beta"]
        (channels,) = gamma.shape
        rows = x.size // channels
        x_address, gamma_address, beta_address = flat(x, (*x.shape[:-1], channels)), flat(gamma), flat(beta)
        moments = self.empty(2, channels)
        self.wasm.moments(rows, channels, x_address, flat(moments))
        layer.remember(*moments)
        layer.x_hat, y = self.empty(rows, channels), self.empty(*x.shape)
        self.wasm.batch_norm(
            rows, channels, x_address, flat(moments), flat(layer.inverse_deviation), gamma_address, beta_address,
            flat(layer.x_hat), flat(y),
        )  # fmt: skip
        return y

    def batch_norm_backward(self, layer: BatchNorm, dy: Array) -> Array:
        x_hat = layer.x_hat
        addresses = flat(dy, (*dy.shape[:-1], x_hat.shape[1])), flat(x_hat)
        scale = layer.parameters["gamma"] * layer.inverse_deviation
        if dy.size != x_hat.size:
            raise Unfit
        gradients, dx = self.empty(2, x_hat.shape[1]), self.empty(*dy.shape)
        self.wasm.batch_norm_gradient(*x_hat.shape, *addresses, flat(scale), flat(gradients), flat(dx))
        layer.gradients = {"gamma": gradients[0], "beta": gradients[1]}
        return dx

    def relu_forward(self, layer: ReLU, x: Array, training: bool = False) -> Array:
        x_address = flat(x)
        y = self.empty(*x.shape)
        self.wasm.relu(x.size, x_address, flat(y))
        if training:
            layer.y = y
        return y

    def relu_backward(self, layer: ReLU, dy: Array) -> Array:
        addresses = flat(dy, layer.y.shape), flat(layer.y)
        dx = self.empty(*dy.shape)
        self.wasm.relu_gradient(dy.size, *addresses, flat(dx))
        return dx

    def adam_move(self, optimizer: Adam, network: Network) -> None:
        parameters = [parameter for _, parameter in network.named_parameters()]
        gradients = [layer.gradients[name] for layer in network.layers for name in layer.parameters]
        arrays = [*parameters, *optimizer.state.values()]
        if len(arrays) != len(self._moved) or not all(map(operator.is_, arrays, self._moved)):
            rows = []
            for (name, parameter), gradient in zip(network.named_parameters(), gradients, strict=True):
                row = [parameter, gradient, *optimizer.arrays(name, parameter)]
                separate(*row)
                rows.append([parameter.size, *(flat(array, parameter.shape) for array in row)])
            self._moved, self._table = [*parameters, *optimizer.state.values()], np.array(rows, np.int32)
        self._table[:, 2] = [flat(g, p.shape) for g, p in zip(gradients, parameters, strict=True)]
        rate, epsilon = optimizer.corrected()
        beta1, beta2 = optimizer.beta1, optimizer.beta2
        self.wasm.adam(len(parameters), address(self._table), rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon)

    def average_move(self, _: WeightAverage, average: Array, current: Array, share: float) -> None:
        separate(average, current)
        self.wasm.move_towards(average.size, flat(average), flat(current, average.shape), share)

    def scale_pixels(self, values: np.ndarray) -> Array:
        bytes_address = flat(values, dtype=np.uint8)
        out = self.empty(*values.shape)
        self.wasm.from_bytes(values.size, bytes_address, flat(out))
        return out

    def warp(self, images: Array, basis: Array, knots: Array) -> Array:
        x, (batch, side, _), count = square(images), images.shape, basis.shape[1]
        addresses = flat(basis, (side, count)), flat(knots, (batch, 2, count, count))
        lists = 2 * (side + 1) * count + side
        out, scratch = self.empty(*images.shape), self.empty((side + 2 * MARGIN) ** 2 + (3 * count + 2) * PANEL + lists)
        self.wasm.warp(batch, side, count, x, *addresses, flat(out), flat(scratch))
        return out

    def roughen(self, images: Array, widths: Array, blurs: Array, noise: pixels.Noise) -> Array:
        x, (batch, side, _) = square(images), images.shape
        shares = [flat(each, (batch,)) for each in (widths, blurs, noise.amounts)]
        numbers, places = flat(noise.numbers, (noise.numbers.size,)), flat(noise.places, (batch,), np.int32)
        if noise.places.min(initial=0) < 0 or noise.places.max(initial=0) > noise.numbers.size - side**2:
            raise Unfit
        out, scratch = self.empty(*images.shape), self.empty((side + 2) ** 2)
        self.wasm.roughen(batch, side, x, *shares, numbers, places, flat(out), flat(scratch))
        return out

    def product(self, a: Array, b: Array, bias: Array | None = None) -> Array:
        """a @ b + bias, of (m, k), (k, n) and (n,)."""
        a_layout, b_layout = matrix(a), matrix(b)
        (m, k), n = a.shape, b.shape[1]
        if b.shape[0] != k:
            raise Unfit
        bias_address = 0 if bias is None else flat(bias, (n,))
        out = self.empty(m, n)
        self.wasm.matmul(m, n, k, *a_layout, *b_layout, flat(out), bias_address, self._scratch)
        return out

    def sum_rows(self, rows: Array) -> Array:
        rows_address = flat(rows)
        out = self.empty(rows.shape[1])
        out[:] = 0
        self.wasm.sum_rows(*rows.shape, rows_address, flat(out))
        return out


def square(images: Array) -> int:
    """The address of float32 images whose side images.c can take; raises Unfit for any other."""
    side = images.shape[1]
    if side % 4 or side > PANEL:
        raise Unfit
    return flat(images, (len(images), side, side))


def weights_of(layer: Conv2D, x: Array) -> Array:
    """The weights as (size, size, channels, filters); raises Unfit unless they and the bias fit the images x."""
    for name, shape in layer.parameter_shapes(x.shape[1:]).items():
        flat(layer.parameters[name], shape)
    return layer.parameters["weights"].reshape(layer.size, layer.size, x.shape[3], layer.filters)


def turned(weights: Array) -> Array:
    """The weights of the convolution that leads from dL/dy to dL/dx: (size, size, filters, channels)."""
    return np.ascontiguousarray(weights[::-1, ::-1].swapaxes(2, 3))


def panels_size(columns: int, depth: int) -> int:
    """How many floats `pack` in product.h writes."""
    return -(-columns // PANEL) * PANEL * depth


def lists_size(height: int, width: int, channels: int) -> int:
    """How many floats the lists of an image's pixels take: a zero, where each pixel's begins, and two for each number."""
    return 2 + height * width + 2 * (height * width * channels + 1)
