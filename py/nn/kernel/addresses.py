"""Where NumPy's arrays are in memory, as the module takes them; and which arrays it cannot take."""

from __future__ import annotations

from ctypes import c_size_t

import numpy as np
import numpy.typing as npt

from nn.layers import Array, Shape

FLOAT32 = np.dtype(np.float32)


class Unfit(Exception):
    """The module cannot work on these arrays."""


def address(array: np.ndarray) -> int:
    """Where the first number of the array is in memory.

    In an array's object, this comes first after what all Python objects begin with (NumPy's C-API, `PyArrayObject`). To ask for
    `__array_interface__` takes several times as long, and is a twentieth of a training step.
    """
    return c_size_t.from_address(id(array) + object.__basicsize__).value


def flat(array: np.ndarray, shape: Shape | None = None, dtype: npt.DTypeLike = FLOAT32) -> int:
    """The address of an array without gaps, of this shape and type; raises Unfit for any other."""
    if (
        type(array) is not np.ndarray
        or array.dtype != dtype
        or not array.flags.c_contiguous
        or (shape is not None and array.shape != shape)
    ):
        raise Unfit
    return address(array)


def matrix(array: Array) -> tuple[int, int, int]:
    """Address, row stride and column stride of a float32 matrix; raises Unfit for any other array."""
    if type(array) is not np.ndarray or array.dtype != FLOAT32 or array.ndim != 2 or (array.strides[0] | array.strides[1]) % 4:
        raise Unfit
    return address(array), array.strides[0] // 4, array.strides[1] // 4


def separate(*written: Array) -> None:
    """Raises Unfit unless the arrays are writable and share no memory; the second one is only read."""
    for index, array in enumerate(written):
        if index != 1 and not array.flags.writeable:
            raise Unfit
        if any(np.may_share_memory(array, other) for other in written[:index]):
            raise Unfit
