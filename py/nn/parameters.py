"""Parameters to and from files: the pickle that `pickle.load` gives anyone, and `.npz` for networks of any layers.

A pickle can name any function of any installed module and have it called, so ours is read by an unpickler that admits
NumPy arrays, lists, dicts and numbers and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from nn.layers import Dense
from nn.memory import parameter_count
from nn.network import Network, layers_from_config

LARGEST_FILE = 256 * 2**20


class ParameterError(ValueError):
    """The file holds no parameters that can be used; the message says why, in a sentence."""


def load(path: str | os.PathLike[str]) -> Network:
    """The network in a file.

    Raises:
        ParameterError: missing, empty, truncated, of another form, not finite, or with shapes that do not fit.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ParameterError(f"{path.name} is larger than {LARGEST_FILE >> 20} MB: it is no network of this project")
        data = path.read_bytes()
    except OSError as error:
        raise ParameterError(f"{path} cannot be read: {error.strerror or error}") from error
    return loads(data, path.name)


def loads(data: bytes, name: str = "the file") -> Network:
    """The network in the bytes of a `.pk1` or `.npz` file; which of the two shows in its first bytes. Raises as `load`."""
    if not data:
        raise ParameterError(f"{name} is empty: it may have been cut off; get it again or train it anew")
    return _from_npz(data, name) if data[:2] == b"PK" else _from_pickle(data, name)


def dumps(network: Network, name: str) -> bytes:
    """The bytes of a file of this name: `.npz`, or for any other ending the pickle. Raises as `dumps_pickle`."""
    return dumps_npz(network) if name.endswith(".npz") else dumps_pickle(network)


def dumps_pickle(network: Network) -> bytes:
    """The seed's own format, a pickle of {"weights": [...], "biases": [...]}, for networks of Dense layers and ReLU.

    Protocol 4, since 5 names a module that NumPy 1.26 lacks.

    Raises:
        ParameterError: other layers than Dense and ReLU cannot be told from two lists.
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
    """Any network: its arrays under their names ("0.weights"), and its layers as JSON under "network"."""
    arrays = dict(network.named_parameters())
    for index, layer in enumerate(network.layers):
        arrays |= {f"{index}.{name}": array for name, array in layer.state.items()}
    buffer = io.BytesIO()
    np.savez(buffer, network=np.array(json.dumps(network.config())), **arrays)
    return buffer.getvalue()


def save(path: str | os.PathLike[str], network: Network) -> None:
    """Write `network` in the form that the name asks for; the old file stands until the new one is whole."""
    write_whole(Path(path), dumps(network, os.fspath(path)))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that at every moment either the old or the new one is there, whole.

    Raises:
        OSError: the disk is full or the folder read-only; the old file is untouched.
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


class _ArrayUnpickler(pickle.Unpickler):
    """Admits what NumPy's arrays are made of, under the names of NumPy 1 and 2."""

    admitted = {
        (f"numpy.{core}.{module}", name)
        for core in ("core", "_core")
        for module, name in (("multiarray", "_reconstruct"), ("multiarray", "scalar"), ("numeric", "_frombuffer"))
    } | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.admitted:
            raise ParameterError(f"it asks for {module}.{name}, and only NumPy arrays, lists, dicts and numbers are admitted")
        return super().find_class(module.replace("numpy.core", "numpy._core") if _numpy_2() else module, name)


def _numpy_2() -> bool:
    return int(np.__version__.split(".")[0]) >= 2


def _from_pickle(data: bytes, name: str) -> Network:
    try:
        content = _ArrayUnpickler(io.BytesIO(data)).load()
    except Exception as error:  # a broken pickle can raise nearly anything
        reason = str(error) if isinstance(error, ParameterError) else "it is broken or no pickle"
        raise ParameterError(f"{name} holds no parameters: {reason}") from error
    if not isinstance(content, dict) or not {"weights", "biases"} <= content.keys():
        raise ParameterError(f'{name} holds no parameters: they are a dict with the lists "weights" and "biases"')
    weights, biases = content["weights"], content["biases"]
    if not isinstance(weights, list) or not isinstance(biases, list) or not weights or len(weights) != len(biases):
        raise ParameterError(f"{name} does not fit: it needs as many weights as biases, and at least one of each")
    if sum(array.nbytes for array in weights + biases if isinstance(array, np.ndarray)) > len(data):
        raise ParameterError(f"{name} holds no parameters: it claims more numbers than it has")  # before they are touched
    weights = [_checked(array, 2, f"{name}: weights {i + 1}") for i, array in enumerate(weights)]
    biases = [_checked(array, 1, f"{name}: biases {i + 1}") for i, array in enumerate(biases)]
    widths = [weights[0].shape[0]] + [len(bias) for bias in biases]
    for i, array in enumerate(weights):
        if array.shape != (widths[i], widths[i + 1]):
            raise ParameterError(
                f"{name} does not fit: weights {i + 1} are {array.shape}, and the layers around them need "
                f"({widths[i]}, {widths[i + 1]})"
            )
    network = Network.dense(*widths)
    for layer, w, b in zip(network.layers[::2], weights, biases, strict=True):
        layer.parameters = {"weights": w, "bias": b}
    return network


def _from_npz(data: bytes, name: str) -> Network:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_FILE:
                raise ParameterError(f"{name} unpacks to more than {LARGEST_FILE >> 20} MB: it is no network of this project")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except ParameterError:
        raise
    except Exception as error:  # a broken archive can raise nearly anything
        raise ParameterError(f"{name} holds no parameters: it is broken or no .npz file") from error
    try:
        layers, shape = layers_from_config(json.loads(str(arrays.pop("network"))))
        if parameter_count(layers, shape) > sum(array.size for array in arrays.values()):
            raise ValueError("they need more numbers than it holds")  # before memory is taken for them
        network = Network(layers, shape)
    except Exception as error:  # what is no description of layers can raise nearly anything
        raise ParameterError(f"{name} does not say which layers it is made of, or they do not fit: {error}") from error
    for index, layer in enumerate(network.layers):
        for group in (layer.parameters, layer.state):
            for key, expected in group.items():
                array = _checked(arrays.pop(f"{index}.{key}", None), expected.ndim, f"{name}: {index}.{key}")
                if array.shape != expected.shape:
                    raise ParameterError(f"{name} does not fit: {index}.{key} is {array.shape}, not {expected.shape}")
                group[key] = array
    if arrays:
        raise ParameterError(f"{name} does not fit: no layer takes {', '.join(sorted(arrays))}")
    return network


def _checked(array: object, dimensions: int, what: str) -> np.ndarray:
    """`array` as a finite float32 array of so many dimensions, or a ParameterError."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu" or array.ndim != dimensions or not array.size:
        raise ParameterError(f"{what} should be an array of numbers with {dimensions} dimension{'s'[: dimensions - 1]}")
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is refused below
        array = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(array).all():
        raise ParameterError(f"{what} holds numbers that are not finite")
    return array
