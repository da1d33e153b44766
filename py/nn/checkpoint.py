"""A training run as bytes: the network, the optimizer's state, the weight average and the step."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from nn.network import Network
from nn.npz_reader import NpzError, read_npz
from nn.optimizers import Optimizer, WeightAverage
from nn.parameters import ParameterError


def arrays_of(network: Network, prefix: str) -> dict[str, Any]:
    """The network's own arrays, not copies, as "prefix/index.name"."""
    return {
        f"{prefix}/{index}.{name}": array
        for index, layer in enumerate(network.layers)
        for group in (layer.parameters, layer.state)
        for name, array in group.items()
    }


def dumps(network: Network, optimizer: Optimizer, average: WeightAverage | None, step: int, seconds: float = 0.0) -> bytes:
    """Everything a run needs to continue exactly as if it had not stopped, as the bytes of an `.npz` file.

    Args:
        average: None if the run has none.
        step: how many steps are done.
        seconds: how long they took.
    """
    arrays = arrays_of(network, "network") | {f"optimizer/{name}": array for name, array in optimizer.state.items()}
    if average is not None:
        arrays |= arrays_of(average.network, "average")
    progress = np.array([step, optimizer.steps, average.steps if average else 0, seconds], np.float64)
    buffer = io.BytesIO()
    np.savez(buffer, progress=progress, **arrays)
    return buffer.getvalue()


def loads(data: bytes, network: Network, optimizer: Optimizer, average: WeightAverage | None) -> tuple[int, float]:
    """Copy a checkpoint's numbers into a network, an optimizer and an average of the same kind; returns step and seconds.

    Raises:
        ParameterError: the bytes are not a checkpoint, or belong to another network; nothing is changed.
    """
    try:
        arrays = read_npz(data)
    except NpzError as error:
        raise ParameterError(f"the checkpoint cannot be used ({error}): delete it and start over") from error
    if any(array.dtype.kind != "f" or not np.isfinite(array).all() for array in arrays.values()):
        raise ParameterError("the checkpoint is damaged, it has numbers that are not finite: delete it and start over")
    progress = arrays.pop("progress", np.zeros(0))
    state = {key.removeprefix("optimizer/"): arrays.pop(key) for key in list(arrays) if key.startswith("optimizer/")}
    expected = arrays_of(network, "network") | (arrays_of(average.network, "average") if average else {})
    parameters = dict(network.named_parameters())
    matches = all(name.partition("/")[2] in parameters for name in state) and all(
        array.shape == parameters[name.partition("/")[2]].shape for name, array in state.items()
    )
    shapes = {key: array.shape for key, array in arrays.items()}
    if not matches or progress.shape != (4,) or shapes != {key: array.shape for key, array in expected.items()}:
        raise ParameterError("the checkpoint belongs to another network or another kind of run: start over elsewhere")
    for key, array in expected.items():
        array[...] = arrays[key]
    step, optimizer_steps, average_steps, seconds = progress.tolist()
    optimizer.state, optimizer.steps = {name: array.copy() for name, array in state.items()}, int(optimizer_steps)
    if average is not None:
        average.steps = int(average_steps)
    return int(step), seconds
