"""The few heavy operations of `nn`, in one narrow place, so that a faster implementation can stand in for NumPy.

`layers.py` and `optimizers.py` call these through the module (`backend.matmul(...)`), so `use` changes every layer at once.
NumPy is the default and the reference: `nn/kernel/reference.py` says what each of them gives.
"""

from __future__ import annotations

from typing import Any

from nn.kernel import reference  # noqa: F401 (for who goes back to it)
from nn.kernel.reference import (
    adam,
    affine,
    from_bytes,
    matmul,
    max_pool,
    max_pool_gradient,
    move_towards,
    patches,
    patches_gradient,
    relu,
    relu_gradient,
    sum_rows,
)

# The operations: what `use` replaces.
__all__ = [
    "adam",
    "affine",
    "from_bytes",
    "matmul",
    "max_pool",
    "max_pool_gradient",
    "move_towards",
    "patches",
    "patches_gradient",
    "relu",
    "relu_gradient",
    "sum_rows",
]


def use(operations: Any) -> None:
    """From now on let `operations` do the work: a `nn.kernel.Kernel`, or `backend.reference` for NumPy again."""
    for name in __all__:
        globals()[name] = getattr(operations, name)
