"""The operations of `nn.backend` by a WebAssembly module that works on NumPy's own memory, where NumPy has no BLAS.

The C files are its source, `build.py` makes `simd.wasm` and `relaxed.wasm` of them, and `reference.py` says in NumPy what
they must give. What does not fit the module (another dtype, a stride between numbers, overlapping arrays) goes to the
reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.kernel import reference

FLOAT32 = np.dtype(np.float32)
BIAS, RELU, MASK, ACCUMULATE = 1, 2, 4, 8

SCRATCH = 4 * 8 + 4 * 256 + 2 * 256 + 256 * 512
"""What the product packs its operands into, in floats: in matmul.c a tile, a strip of a, its runs and a block of b."""


class Kernel:
    """The reference's operations, equal within rounding.

    Args:
        functions: what the module exports. They take arrays as addresses, and strides as counts of numbers.
    """

    def __init__(self, functions: Any) -> None:
        self._adam, self._move_towards = functions.adam, functions.move_towards
        self._from_bytes, self._sum_rows = functions.from_bytes, functions.sum_rows
        self._matmul = functions.matmul
        self._max_pool, self._max_pool_gradient = functions.max_pool, functions.max_pool_gradient
        self._patches, self._patches_gradient = functions.patches, functions.patches_gradient
        self._relu, self._relu_gradient = functions.relu, functions.relu_gradient
        self._scratch = np.empty(SCRATCH, np.float32)  # kept, so that the memory at its address stays ours
        self._scratch_address = address(self._scratch)

    def matmul(
        self,
        a: np.ndarray,
        b: np.ndarray,
        bias: np.ndarray | None = None,
        relu: bool = False,
        mask: np.ndarray | None = None,
        add_to: np.ndarray | None = None,
    ) -> np.ndarray:
        if not (is_matrix(a) and is_matrix(b) and a.shape[1] == b.shape[0]):
            return reference.matmul(a, b, bias, relu, mask, add_to)
        (m, k), n = a.shape, b.shape[1]
        bias_address = mask_address = flags = 0
        if bias is not None:
            if not (is_flat(bias) and bias.shape == (n,)):
                return reference.matmul(a, b, bias, relu, mask, add_to)
            bias_address, flags = address(bias), BIAS
        if relu:
            flags |= RELU
        if mask is not None:
            if not (is_flat(mask) and mask.shape == (m, n)):
                return reference.matmul(a, b, bias, relu, mask, add_to)
            mask_address, flags = address(mask), flags | MASK
        if add_to is None:
            out = np.empty((m, n), np.float32)
        else:
            others = [array for array in (a, b, bias, mask) if array is not None]
            if not (is_flat(add_to) and add_to.shape == (m, n) and is_free(add_to, *others)):
                return reference.matmul(a, b, bias, relu, mask, add_to)
            out, flags = add_to, flags | ACCUMULATE
        (a_row, a_column), (b_row, b_column) = a.strides, b.strides
        self._matmul(
            m, n, k, address(a), a_row // 4, a_column // 4, address(b), b_row // 4, b_column // 4,
            address(out), n, bias_address, mask_address, n, flags, self._scratch_address,
        )  # fmt: skip
        return out

    def affine(self, x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        return self.matmul(x, weights, bias)

    def sum_rows(self, rows: np.ndarray) -> np.ndarray:
        if not (is_flat(rows) and rows.ndim == 2):
            return reference.sum_rows(rows)
        out = np.empty(rows.shape[1], np.float32)
        self._sum_rows(*rows.shape, address(rows), address(out))
        return out

    def from_bytes(self, values: np.ndarray) -> np.ndarray:
        if not (values.dtype == np.uint8 and values.flags.c_contiguous):
            return reference.from_bytes(values)
        out = np.empty(values.shape, np.float32)
        self._from_bytes(values.size, address(values), address(out))
        return out

    def relu(self, x: np.ndarray) -> np.ndarray:
        if not is_flat(x):
            return reference.relu(x)
        out = np.empty(x.shape, np.float32)
        self._relu(x.size, address(x), address(out))
        return out

    def relu_gradient(self, grad: np.ndarray, y: np.ndarray) -> np.ndarray:
        if not (is_flat(grad) and is_flat(y) and grad.shape == y.shape):
            return reference.relu_gradient(grad, y)
        out = np.empty(grad.shape, np.float32)
        self._relu_gradient(grad.size, address(grad), address(y), address(out))
        return out

    def patches(self, x: np.ndarray, size: int, padding: int) -> np.ndarray:
        if not (is_flat(x) and x.ndim == 4):
            return reference.patches(x, size, padding)
        batch, height, width, channels = x.shape
        rows, columns = height + 2 * padding - size + 1, width + 2 * padding - size + 1
        out = np.empty((batch * rows * columns, size * size * channels), np.float32)
        self._patches(*x.shape, size, padding, address(x), address(out))
        return out

    def patches_gradient(self, grad: np.ndarray, shape: tuple[int, ...], size: int, padding: int) -> np.ndarray:
        if not is_flat(grad):
            return reference.patches_gradient(grad, shape, size, padding)
        out = np.empty(shape, np.float32)
        self._patches_gradient(*shape, size, padding, address(grad), address(out))
        return out

    def max_pool(self, x: np.ndarray, size: int) -> np.ndarray:
        if not (is_flat(x) and x.ndim == 4):
            return reference.max_pool(x, size)
        batch, height, width, channels = x.shape
        out = np.empty((batch, height // size, width // size, channels), np.float32)
        self._max_pool(*x.shape, size, address(x), address(out))
        return out

    def max_pool_gradient(self, grad: np.ndarray, x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
        if not (is_flat(grad) and is_flat(x) and is_flat(y) and x.ndim == 4 and grad.shape == y.shape):
            return reference.max_pool_gradient(grad, x, y, size)
        out = np.empty(x.shape, np.float32)
        self._max_pool_gradient(*x.shape, size, address(x), address(y), address(grad), address(out))
        return out

    def adam(
        self,
        parameter: np.ndarray,
        gradient: np.ndarray,
        m: np.ndarray,
        v: np.ndarray,
        rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
    ) -> None:
        arrays = (parameter, gradient, m, v)
        fits = all(is_flat(array) and array.shape == parameter.shape for array in arrays)
        if not (fits and is_free(parameter, gradient, m, v) and is_free(m, gradient, v) and is_free(v, gradient)):
            return reference.adam(parameter, gradient, m, v, rate, beta1, beta2, epsilon)
        self._adam(parameter.size, *map(address, arrays), rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon)

    def move_towards(self, mean: np.ndarray, now: np.ndarray, share: float) -> None:
        if not (is_flat(mean) and is_flat(now) and mean.shape == now.shape and is_free(mean, now)):
            return reference.move_towards(mean, now, share)
        self._move_towards(mean.size, address(mean), address(now), share)


def address(array: np.ndarray) -> int:
    """Where the array's first number stands in memory."""
    return array.__array_interface__["data"][0]


def is_matrix(array: np.ndarray) -> bool:
    """Whether the product can read it: float32 with whole numbers from one row to the next and one column to the next."""
    return array.dtype == FLOAT32 and array.ndim == 2 and not (array.strides[0] | array.strides[1]) % 4


def is_flat(array: np.ndarray) -> bool:
    """Whether it is float32 in one piece."""
    return array.dtype == FLOAT32 and array.flags.c_contiguous


def is_free(array: np.ndarray, *others: np.ndarray) -> bool:
    """Whether it may be written to while the others are read."""
    return array.flags.writeable and not any(np.may_share_memory(array, other) for other in others)
