"""A training run as bytes: the network, the optimizer's state, the weight average and the step."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from nn.network import Network
from nn.npz_reader import NpzError, read_npz
from nn.optimizers import Optimizer, WeightAverage
from nn.parameters import ParameterError


def _arrays(network: Network, average: WeightAverage | None) -> dict[str, Any]:
    """The arrays, not copies, of a network and its average."""
    averaged = average.network.named_arrays() if average else {}
    groups = {"network": network.named_arrays(), "average": averaged}
    return {f"{group}/{name}": array for group, arrays in groups.items() for name, array in arrays.items()}


def dumps(network: Network, optimizer: Optimizer, average: WeightAverage | None, step: int, seconds: float = 0.0) -> bytes:
    """Everything a run needs to continue exactly as if it had not stopped, as the bytes of an `.npz` file.

    Args:
        average: None if the run has none.
        step: how many steps are done.
        seconds: how long they took.
    """
    arrays = _arrays(network, average) | {f"optimizer/{name}": array for name, array in optimizer.state.items()}
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
    expected = _arrays(network, average)
    shapes = {name: array.shape for name, array in network.named_parameters()}
    fits = progress.shape == (4,) and arrays.keys() == expected.keys()
    fits = fits and all(array.shape == expected[name].shape for name, array in arrays.items())
    if not fits or any(array.shape != shapes.get(name.partition("/")[2]) for name, array in state.items()):
        raise ParameterError("the checkpoint belongs to another network or another kind of run: start over elsewhere")
    for key, array in expected.items():
        array[...] = arrays[key]
    step, optimizer_steps, average_steps, seconds = progress.tolist()
    optimizer.state, optimizer.steps = {name: array.copy() for name, array in state.items()}, int(optimizer_steps)
    if average is not None:
        average.steps = int(average_steps)
    return int(step), seconds
