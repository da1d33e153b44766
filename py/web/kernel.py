"""Where js/kernel.js hands over the WebAssembly kernel."""

from __future__ import annotations

from nn import backend
from nn.kernel import Functions, Kernel


def install(functions: Functions) -> None:
    """Let `nn` compute with the module's exported functions from now on."""
    backend.use(Kernel(functions))
