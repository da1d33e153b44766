"""The operations of `nn.backend` by a WebAssembly module that works on NumPy's own memory, where NumPy has no BLAS.

`matmul.c` and its neighbours are the source, `build.py` makes `simd.wasm` and `relaxed.wasm` of them, and `reference.py`
says in NumPy what they must give.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from nn.kernel import reference

FLOAT32 = np.dtype(np.float32)

SCRATCH = 6 * 8 + 6 * 256 + 256 * 512
"""What `matmul` in matmul.c needs to pack into, in floats: a tile, a strip of a and a block of b."""

BIAS, RELU, MASK, ACCUMULATE = 1, 2, 4, 8


class Functions(Protocol):
    """What the module exports. Arrays are passed as addresses of float32 numbers, strides as counts of numbers."""

    def matmul(self, *arguments: int) -> None: ...
    def adam(self, *arguments: float) -> None: ...


class Kernel:
    """Operations that equal the reference's within rounding.

    What does not fit the module (another dtype, an odd stride, overlapping arrays) is done by the reference.
    """

    def __init__(self, functions: Functions) -> None:
        self._matmul, self._adam = functions.matmul, functions.adam
        self._scratch = np.empty(SCRATCH, np.float32)  # kept here, so that its address stays ours
        self._scratch_address = address(self._scratch)

    def matmul(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if not (is_matrix(a) and is_matrix(b) and a.shape[1] == b.shape[0]):
            return reference.matmul(a, b)
        return self._product(a, b)

    def affine(self, x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        if not (is_matrix(x) and is_matrix(weights) and x.shape[1] == weights.shape[0]):
            return reference.affine(x, weights, bias)
        return self._product(x, weights, bias)

    def _product(self, a: np.ndarray, b: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
        (m, k), n = a.shape, b.shape[1]
        out = np.empty((m, n), np.float32)
        self._matmul(
            m, n, k,
            address(a), a.strides[0] // 4, a.strides[1] // 4,
            address(b), b.strides[0] // 4, b.strides[1] // 4,
            address(out), n,
            0 if bias is None else address(bias), 0, 0,
            0 if bias is None else BIAS,
            self._scratch_address,
        )  # fmt: skip
        return out

    sum_rows = staticmethod(reference.sum_rows)

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
        self._adam(
            parameter.size, address(parameter), address(gradient), address(m), address(v),
            rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
        )  # fmt: skip


def address(array: np.ndarray) -> int:
    """Where the array's first number stands in memory."""
    return array.__array_interface__["data"][0]


def is_matrix(array: np.ndarray) -> bool:
    """Whether the module can read this as a matrix."""
    if array.dtype != FLOAT32 or array.ndim != 2:
        return False
    row, column = array.strides
    return row % 4 == column % 4 == 0
