"""The few heavy operations of `nn`, in one narrow place, so that a faster implementation can stand in for NumPy.

NumPy is the default and the reference. `layers.py` and `optimizers.py` call these through the module
(`backend.matmul(...)`), so replacing a function here changes every layer at once.
"""

from __future__ import annotations

import numpy as np


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product a @ b of (m, k) and (k, n), shape (m, n)."""
    return a @ b


def affine(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """x @ weights + bias for x (m, k), weights (k, n) and bias (n,), shape (m, n)."""
    out = x @ weights
    out += bias
    return out


def sum_rows(rows: np.ndarray) -> np.ndarray:
    """Σ over the rows of (m, n), shape (n,): as a product with ones, since NumPy's own sum is slow for few columns."""
    return np.ones(len(rows), rows.dtype) @ rows
