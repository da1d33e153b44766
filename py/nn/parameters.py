"""Parameter files: the pickle that `pickle.load` gives anyone (`.pk1`), and `.npz` for networks of any layers.

Files come from anywhere, so nothing in them is trusted: see `nn.pickle_reader` and `nn.npz_reader`. A network is refused
before memory is allocated for it when its first reading would take too long or too much memory.
"""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn import memory
from nn.layers import Dense, Layer, Shape, with_shapes
from nn.network import Network, layers_from_config
from nn.npz_reader import LARGEST_FILE, MOST_AXES, NpzError, read_npz
from nn.pickle_reader import PickleError, read_pickle

LARGEST_DESCRIPTION = 2**18  # characters of JSON
MOST_LAYERS = 1000
LARGEST_NUMBER = 2**16  # of a width, a side, a padding
MOST_PARAMETERS = 2**26
READING_BYTES = 2**26  # for one image, beside the parameters
READING_STEPS = 2**31  # multiplications for one image


class ParameterError(ValueError):
    """The file does not hold a usable network; the message says why, in a sentence."""


def load(path: str | os.PathLike[str]) -> Network:
    """The network in a file.

    Raises:
        ParameterError: missing, empty, cut off, too large, of another form, not finite, or with shapes that do not fit.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ParameterError(f"{path.name} is larger than {LARGEST_FILE >> 20} MB: it is not a network of this project")
        data = path.read_bytes()
    except OSError as error:
        raise ParameterError(f"{path} cannot be read: {error.strerror or error}") from error
    return loads(data, path.name)


def loads(data: bytes, name: str = "the file") -> Network:
    """The network in the bytes of a `.pk1` or `.npz` file; its first bytes tell which. Raises as `load` does."""
    if not data:
        raise ParameterError(f"{name} is empty: it may have been cut off; get it again or train it again")
    return _from_npz(data, name) if data[:2] == b"PK" else _from_pickle(data, name)


def dumps(network: Network, name: str) -> bytes:
    """The bytes of a file with this name: `.npz`, or a pickle for any other ending. Raises as `dumps_pickle` does."""
    return dumps_npz(network) if name.endswith(".npz") else dumps_pickle(network)


def dumps_pickle(network: Network) -> bytes:
    """A pickle of {"weights": [...], "biases": [...]}, for networks of Dense layers with ReLU between them.

    It has protocol 4, because protocol 5 names a module that NumPy 1.26 does not have.

    Raises:
        ParameterError: the network has other layers, which two lists cannot describe.
    """
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    if repr(Network.dense(*network.input_shape, *(layer.units for layer in dense))) != repr(network):
        raise ParameterError("a .pk1 file holds Dense layers with ReLU between them: save this network as .npz")
    lists = {
        "weights": [layer.parameters["weights"].astype(np.float32) for layer in dense],
        "biases": [layer.parameters["bias"].astype(np.float32) for layer in dense],
    }
    return pickle.dumps(lists, protocol=4)


def dumps_npz(network: Network) -> bytes:
    """Any network: its arrays by name ("0.weights"), and its layers as JSON under "network"."""
    arrays: dict[str, Any] = network.named_arrays()
    buffer = io.BytesIO()
    np.savez(buffer, network=np.array(json.dumps(network.config())), **arrays)
    return buffer.getvalue()


def save(path: str | os.PathLike[str], network: Network) -> None:
    """Write `network` in the format of the file's ending. An existing file is replaced only when the new one is complete."""
    write_atomically(Path(path), dumps(network, os.fspath(path)))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that at every moment either the old or the new one is there, complete.

    Raises:
        OSError: the disk is full or the folder read-only; the old file is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _from_pickle(data: bytes, name: str) -> Network:
    try:
        content = read_pickle(data)
    except PickleError as error:
        raise ParameterError(f"{name} holds no parameters: {error}") from error
    if not isinstance(content, dict) or not {"weights", "biases"} <= content.keys():
        raise ParameterError(f'{name} holds no parameters: they are a dict with the lists "weights" and "biases"')
    weights, biases = content["weights"], content["biases"]
    if not isinstance(weights, list) or not isinstance(biases, list) or not weights or len(weights) != len(biases):
        raise ParameterError(f"{name} does not fit: it needs as many weights as biases, and at least one of each")
    if len(weights) > MOST_LAYERS:
        raise ParameterError(f"{name} has more than {MOST_LAYERS:,} layers")
    _check_count(sum(array.size for array in weights + biases if isinstance(array, np.ndarray)), name)
    biases = [bias[0] if isinstance(bias, np.ndarray) and bias.ndim == 2 and len(bias) == 1 else bias for bias in biases]
    weights = [_checked(array, 2, f"{name}: weights {i + 1}") for i, array in enumerate(weights)]
    biases = [_checked(array, 1, f"{name}: biases {i + 1}") for i, array in enumerate(biases)]
    widths = [weights[0].shape[0]] + [len(bias) for bias in biases]
    for i, array in enumerate(weights):
        if array.shape != (widths[i], widths[i + 1]):
            raise ParameterError(
                f"{name} does not fit: weights {i + 1} are {array.shape}, and the layers around them need "
                f"({widths[i]}, {widths[i + 1]})"
            )
    network = Network.dense(*widths, seed=None)
    for layer, w, b in zip(network.layers[::2], weights, biases, strict=True):
        layer.parameters["weights"][...], layer.parameters["bias"][...] = w, b
    return network


def _from_npz(data: bytes, name: str) -> Network:
    try:
        arrays = read_npz(data)
    except NpzError as error:
        raise ParameterError(f"{name} holds no parameters: {error}") from error
    _check_count(sum(array.size for array in arrays.values()), name)
    try:
        layers, shape = _described(arrays.pop("network", None))
        if memory.parameter_count(layers, shape) > sum(array.size for array in arrays.values()):
            raise ValueError("they need more numbers than it holds")  # before memory is allocated for them
        network = Network(layers, shape, seed=None)
        with np.errstate(all="ignore"):
            network.forward(np.zeros((1, *shape), np.float32))  # a layer with odd arguments fails here, not in use
    except Exception as error:  # layers with arguments of the wrong kind lead to errors of many kinds
        reason = str(error)[:200]
        raise ParameterError(f"{name} does not say which layers it is made of, or they do not fit: {reason}") from error
    for key, expected in network.named_arrays().items():
        array = _checked(arrays.pop(key, None), expected.ndim, f"{name}: {key}")
        if array.shape != expected.shape:
            raise ParameterError(f"{name} does not fit: {key} is {array.shape}, not {expected.shape}")
        expected[...] = array
    if arrays:
        raise ParameterError(f"{name} does not fit: no layer takes {', '.join(sorted(arrays))[:200]}")
    return network


def _described(text: np.ndarray | None) -> tuple[list[Layer], Shape]:
    """The layers that an `.npz` file describes, without parameters, and the shape of their input; ValueError if unusable."""
    if text is None or text.shape or text.dtype.kind != "U" or text.itemsize > 4 * LARGEST_DESCRIPTION:
        raise ValueError(f'"network" should be a text of up to {LARGEST_DESCRIPTION:,} characters')
    config = json.loads(str(text))
    if len(config["layers"]) > MOST_LAYERS:
        raise ValueError(f"there are more than {MOST_LAYERS:,}")
    for description in [config["input_shape"], *config["layers"]]:
        _check_numbers(description)
    layers, shape = layers_from_config(config)
    check_reading(layers, shape)
    return layers, shape


def _check_numbers(value: object) -> None:
    """Raises ValueError for numbers that no layer needs, such as a negative width."""
    if isinstance(value, (dict, list)):
        if len(value) > MOST_AXES:
            raise ValueError(f"more than {MOST_AXES} numbers describe a layer or its input")
        for item in value.values() if isinstance(value, dict) else value:
            _check_numbers(item)
    elif isinstance(value, (int, float)) and not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"their sizes should be numbers from 0 to {LARGEST_NUMBER:,}")


def check_reading(layers: Sequence[Layer], shape: Shape) -> None:
    """Raises ValueError when reading one image with these layers would take too long or too much memory."""
    steps = 0
    for layer, before, after in with_shapes(layers, shape):
        if not all(isinstance(side, int) and 0 < side for side in after):
            raise ValueError(f"{type(layer).__name__} would give images of {after}")
        steps += memory.parameter_count([layer], before) * math.prod(after[:-1])
    needed = memory.example_bytes(layers, shape)
    if needed > READING_BYTES:
        raise ValueError(f"one image would take {needed >> 20:,} MB of memory, and {READING_BYTES >> 20} MB are allowed")
    if steps > READING_STEPS:
        raise ValueError(f"one image would take {steps:,} multiplications, and {READING_STEPS:,} are allowed")


def _check_count(numbers: int, name: str) -> None:
    if numbers > MOST_PARAMETERS:
        raise ParameterError(f"{name} has more than {MOST_PARAMETERS:,} parameters")


def _checked(array: object, dimensions: int, what: str) -> np.ndarray:
    """`array` as contiguous float32; raises ParameterError unless it has so many dimensions and finite numbers."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu" or array.ndim != dimensions or not array.size:
        raise ParameterError(f"{what} should be an array of numbers with {dimensions} dimension{'s'[: dimensions - 1]}")
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is refused below
        array = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(array).all():
        raise ParameterError(f"{what} holds numbers that are not finite")
    return array
