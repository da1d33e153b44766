"""A training run as bytes: the network, the optimiser's memory, the average and the step."""

from __future__ import annotations

import io

import numpy as np

from nn.network import Network
from nn.optimizers import Optimizer, WeightAverage
from nn.parameters import ParameterError


def arrays_of(network: Network, prefix: str) -> dict[str, np.ndarray]:
    """The network's own arrays (not copies) under "prefix/index.name"."""
    return {
        f"{prefix}/{index}.{name}": array
        for index, layer in enumerate(network.layers)
        for group in (layer.parameters, layer.state)
        for name, array in group.items()
    }


def dumps(network: Network, optimizer: Optimizer, average: WeightAverage | None, step: int, seconds: float = 0.0) -> bytes:
    """Everything a run needs to go on exactly as if it had not stopped, as the bytes of an `.npz`.

    Args:
        average: None where the run keeps none.
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
    """Put a checkpoint's numbers into a network, an optimiser and an average of the same make; returns step and seconds.

    Raises:
        ParameterError: the bytes are no checkpoint, or one of another network.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        step, optimizer_steps, average_steps, seconds = (float(n) for n in arrays.pop("progress"))
    except Exception as error:  # a broken archive can raise nearly anything
        raise ParameterError("the checkpoint is broken: delete it and start over") from error
    state = {key.removeprefix("optimizer/"): arrays.pop(key) for key in list(arrays) if key.startswith("optimizer/")}
    expected = arrays_of(network, "network") | (arrays_of(average.network, "average") if average else {})
    if {key: array.shape for key, array in expected.items()} != {key: array.shape for key, array in arrays.items()}:
        raise ParameterError("the checkpoint belongs to another network or another kind of run: start over elsewhere")
    for key, array in expected.items():
        array[...] = arrays[key]
    optimizer.state, optimizer.steps = state, int(optimizer_steps)
    if average is not None:
        average.steps = int(average_steps)
    return int(step), seconds
