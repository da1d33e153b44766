"""The few heavy operations of `nn`, in one narrow place, so that a faster implementation can stand in for NumPy.

`layers.py` and `optimizers.py` call these through the module (`backend.matmul(...)`), so `use` changes every layer at once.
NumPy is the default and the reference.
"""

from __future__ import annotations

from typing import Any

from nn.kernel import reference
from nn.kernel.reference import adam, affine, matmul, sum_rows

__all__ = ["adam", "affine", "matmul", "reference", "sum_rows", "use"]


def use(operations: Any) -> None:
    """From now on let `operations` do the work: a `nn.kernel.Kernel`, or `backend.reference` for NumPy again."""
    for name in OPERATIONS:
        globals()[name] = getattr(operations, name)


OPERATIONS = ("matmul", "affine", "sum_rows", "adam")
