"""Where js/python/kernel.js hands over the WebAssembly kernel."""

from __future__ import annotations

from typing import Any

from nn import kernel


def install(functions: Any) -> None:
    """Let `nn` compute with the module's exported functions from now on."""
    kernel.install(functions)
