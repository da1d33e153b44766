"""The heavy operations of `nn` in plain NumPy: what runs by default, and what a faster implementation must equal."""

from __future__ import annotations

import sys

import numpy as np

NO_BLAS = sys.platform == "emscripten"
"""Whether NumPy was built without a BLAS, as for the browser: its einsum is faster there than its matmul."""


def matmul(
    a: np.ndarray,
    b: np.ndarray,
    bias: np.ndarray | None = None,
    relu: bool = False,
    mask: np.ndarray | None = None,
    add_to: np.ndarray | None = None,
) -> np.ndarray:
    """The matrix product a @ b of (m, k) and (k, n), shape (m, n), and then in this order what is asked for.

    Args:
        add_to: (m, n), the array that the product is added to, in place, and that is returned.
        bias: (n,), added to each row.
        relu: lets only what is positive pass.
        mask: (m, n), multiplies by 1 where it is positive and by 0 elsewhere.
    Raises:
        ValueError: the shapes do not fit.
    """
    out = np.einsum("ij,jk->ik", a, b) if NO_BLAS else a @ b
    if add_to is not None:
        add_to += out
        out = add_to
    if bias is not None:
        out += bias
    if relu:
        np.maximum(out, 0, out=out)
    if mask is not None:
        out *= mask > 0
    return out


def affine(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """x @ weights + bias for x (m, k), weights (k, n) and bias (n,), shape (m, n)."""
    return matmul(x, weights, bias)


def sum_rows(rows: np.ndarray) -> np.ndarray:
    """Σ over the rows of (m, n), shape (n,): as a product with ones, since NumPy's own sum is slow for few columns."""
    return np.ones(len(rows), rows.dtype) @ rows


def from_bytes(values: np.ndarray) -> np.ndarray:
    """Bytes 0…255 as float32 0…1, of any shape."""
    out = values.astype(np.float32)
    out /= 255
    return out


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0), of any shape."""
    return np.maximum(x, 0)


def relu_gradient(grad: np.ndarray, y: np.ndarray) -> np.ndarray:
    """grad · (y > 0), what comes back through y = relu(x); both of one shape."""
    return grad * (y > 0)


def patches(x: np.ndarray, size: int, padding: int) -> np.ndarray:
    """Every size × size window of images (batch, height, width, channels), padded with 0, as a row ("im2col").

    Returns (batch · rows · columns, size · size · channels), where rows = height + 2 padding − size + 1.
    """
    p = padding
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0))) if p else x
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, size * size * x.shape[3])


def patches_gradient(grad: np.ndarray, shape: tuple[int, ...], size: int, padding: int) -> np.ndarray:
    """What comes back through `patches` of images of this shape: each pixel collects from all windows it stood in."""
    batch, height, width, channels = shape
    p = padding
    rows, columns = height + 2 * p - size + 1, width + 2 * p - size + 1
    windows = grad.reshape(batch, rows, columns, size, size, channels)
    padded = np.zeros((batch, height + 2 * p, width + 2 * p, channels), grad.dtype)
    for u in range(size):
        for v in range(size):
            padded[:, u : u + rows, v : v + columns] += windows[:, :, :, u, v]
    return padded[:, p : p + height, p : p + width]


def max_pool(x: np.ndarray, size: int) -> np.ndarray:
    """The largest number of each size × size square of images (batch, height, width, channels)."""
    first, *others = _corners(x, size)
    y = first.copy()
    for corner in others:
        np.maximum(y, corner, out=y)
    return y


def max_pool_gradient(grad: np.ndarray, x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """What comes back through y = max_pool(x, size): `grad` at the pixel that won, shared where several are equal."""
    dx = np.zeros_like(x)
    won = [corner == y for corner in _corners(x, size)]
    share = grad / sum(w.astype(grad.dtype) for w in won)
    for corner, w in zip(_corners(dx, size), won, strict=True):
        np.multiply(share, w, out=corner)
    return dx


def _corners(x: np.ndarray, size: int) -> list[np.ndarray]:
    """The size² views of x, each holding the pixels at one place of their squares."""
    height, width = x.shape[1] // size * size, x.shape[2] // size * size
    return [x[:, u:height:size, v:width:size] for u in range(size) for v in range(size)]


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


def move_towards(mean: np.ndarray, now: np.ndarray, share: float) -> None:
    """mean ← mean + share · (now − mean), in place; both of one shape."""
    mean += share * (now - mean)
