"""The heavy operations of `nn` in plain NumPy: what runs by default, and what a faster implementation must equal."""

from __future__ import annotations

import sys

import numpy as np

NO_BLAS = sys.platform == "emscripten"
"""Whether NumPy was built without a BLAS, as in the browser: then its einsum is several times faster than its matmul."""


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product a @ b of (m, k) and (k, n), shape (m, n)."""
    return np.einsum("ij,jk->ik", a, b) if NO_BLAS else a @ b


def affine(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """x @ weights + bias for x (m, k), weights (k, n) and bias (n,), shape (m, n)."""
    out = matmul(x, weights)
    out += bias
    return out


def sum_rows(rows: np.ndarray) -> np.ndarray:
    """Σ over the rows of (m, n), shape (n,): as a product with ones, since NumPy's own sum is slow for few columns."""
    return np.ones(len(rows), rows.dtype) @ rows


def adam(
    parameter: np.ndarray,
    gradient: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> None:
    """m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  θ ← θ − rate · m / (√v + ε), in place; all of one shape."""
    m *= beta1
    m += (1 - beta1) * gradient
    v *= beta2
    v += (1 - beta2) * np.square(gradient)
    parameter -= rate * m / (np.sqrt(v) + epsilon)
