"""Parameter files: what anyone's `pickle.load` gives, what `.npz` keeps, and what is refused, in words."""

from __future__ import annotations

import errno
import io
import json
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import Dense, Network, ParameterError, architecture, npz_reader, parameters

Lists = dict[str, list[np.ndarray]]


def lists(*widths: int) -> Lists:
    rng = np.random.default_rng(0)
    return {
        "weights": [rng.random(shape, np.float32) for shape in zip(widths[:-1], widths[1:], strict=True)],
        "biases": [rng.random(width, np.float32) for width in widths[1:]],
    }


def refused(data: bytes) -> str:
    """Why these bytes are refused: one sentence that names the file and shows nothing of Python."""
    with pytest.raises(ParameterError) as caught:
        parameters.loads(data, "my.pk1")
    message = str(caught.value)
    assert message.startswith("my.pk1")
    assert "Traceback" not in message
    assert "\n" not in message
    return message


def test_the_pickle_is_what_anyone_can_load(tmp_path: Path) -> None:
    network = Network.dense(784, 12, 10, seed=3)
    path = tmp_path / "network.pk1"
    parameters.save(path, network)
    with path.open("rb") as file:
        content = pickle.load(file)
    assert content.keys() == {"weights", "biases"}
    assert [w.shape for w in content["weights"]] == [(784, 12), (12, 10)]
    assert {array.dtype for array in content["weights"] + content["biases"]} == {np.dtype(np.float32)}
    opcodes = list(pickletools.genops(path.read_bytes()))
    assert opcodes[0][1] == 4, "protocol 5 names a module that NumPy 1.26 lacks"
    x = np.random.default_rng(0).random((3, 784), np.float32)
    np.testing.assert_array_equal(parameters.load(path).forward(x), network.forward(x))


@pytest.mark.parametrize("words", ["784-20-10", "28x28-conv3-norm-pool-conv4x5-norm-pool-8-norm-10"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_npz_keeps_any_network(tmp_path: Path, words: str, activation: str) -> None:
    network = architecture.build(words, seed=3, activation=activation)
    for layer in network.layers:
        for array in layer.state.values():
            array += 0.25
    path = tmp_path / "network.npz"
    parameters.save(path, network)
    twin = parameters.load(path)
    assert repr(twin) == repr(network)
    x = np.random.default_rng(0).random((3, 784), np.float32)
    np.testing.assert_array_equal(twin.forward(x), network.forward(x))


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol_are_read(protocol: int) -> None:
    content = lists(5, 4, 3)
    network = parameters.loads(pickle.dumps(content, protocol=protocol))
    np.testing.assert_array_equal(network.layers[0].parameters["weights"], content["weights"][0])
    assert [layer.units for layer in network.layers if isinstance(layer, Dense)] == [4, 3]


def test_names_of_numpy_1_and_2_are_both_read() -> None:
    data = pickle.dumps(lists(5, 3), protocol=0)
    for core in (b"numpy.core.", b"numpy._core."):
        renamed = data.replace(b"numpy._core.", b"numpy.core.").replace(b"numpy.core.", core)
        assert parameters.loads(renamed).parameter_count == 5 * 3 + 3


def test_doubles_become_singles() -> None:
    content = {name: [array.astype(np.float64) for array in arrays] for name, arrays in lists(5, 3).items()}
    assert parameters.loads(pickle.dumps(content)).layers[0].parameters["weights"].dtype == np.float32


def test_biases_of_one_row_are_flattened() -> None:
    content = lists(6, 5, 4)
    rows = content | {"biases": [bias[None] for bias in content["biases"]]}
    network = parameters.loads(pickle.dumps(rows))
    np.testing.assert_array_equal(network.layers[0].parameters["bias"], content["biases"][0])


def test_a_pk1_holds_dense_layers_only(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"save this network as \.npz"):
        parameters.save(tmp_path / "conv.pk1", architecture.build("28x28-conv4-10"))
    assert list(tmp_path.iterdir()) == []


class Hostile:
    """Pickles as a call of anything with any arguments."""

    def __init__(self, call: object, *arguments: object) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call, self.arguments


@pytest.mark.parametrize("call", [os.system, eval, exec, open, __import__, np.load, np.fromfile, getattr, print, bytearray])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_calls_nothing(tmp_path: Path, call: object, protocol: int) -> None:
    trace = tmp_path / "trace"
    data = pickle.dumps({"weights": [Hostile(call, f"touch {trace}")], "biases": []}, protocol=protocol)
    assert "only NumPy arrays, lists, dicts and numbers are read" in refused(data)
    assert not trace.exists()


def test_a_pickle_of_a_class_of_its_own_is_refused() -> None:
    assert "only NumPy arrays" in refused(pickle.dumps({"weights": [Path("x")], "biases": [Path("y")]}))


def test_an_array_that_claims_to_be_huge_takes_no_memory() -> None:
    huge = Hostile(np.ndarray, (20_000, 5_000), "f4")
    assert "array without numbers" in refused(pickle.dumps({"weights": [huge], "biases": [np.zeros(2)]}))


WHOLE = pickle.dumps(lists(6, 5, 4), protocol=4)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_a_pickle_that_was_cut_off_is_refused(length: int) -> None:
    refused(WHOLE[:length])


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4))
def test_a_pickle_that_was_damaged_is_refused_or_read_but_raises_nothing_else(place: int, noise: bytes) -> None:
    try:
        network = parameters.loads(WHOLE[:place] + noise + WHOLE[place + len(noise) :])
    except ParameterError:
        return
    assert np.isfinite(network.forward(np.zeros((1, *network.input_shape), np.float32))).all()


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    refused(data)
    refused(b"PK" + data)


def changed(**changes: object) -> dict[str, object]:
    return lists(6, 5, 4) | changes


NOT_A_NUMBER = np.array([0, 0, np.nan, 0], np.float32)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([1, 2], "a dict"),
        ({"weights": []}, "a dict"),
        (changed(weights=[], biases=[]), "at least one"),
        (changed(biases=lists(6, 5)["biases"]), "as many weights as biases"),
        (changed(weights=lists(6, 7, 4)["weights"]), r"weights 1 are \(6, 7\).*need \(6, 5\)"),
        (changed(weights=lists(6, 5, 3)["weights"]), r"weights 2 are \(5, 3\)"),
        (changed(weights=lists(6, 5, 4)["weights"][::-1]), "does not fit"),
        (changed(biases=[np.zeros(5, np.float32), NOT_A_NUMBER]), "biases 2 holds numbers that are not finite"),
        (changed(biases=[np.full(5, np.inf), np.zeros(4)]), "biases 1 holds numbers that are not finite"),
        (changed(biases=[np.full(5, 1e300), np.zeros(4)]), "biases 1 holds numbers that are not finite"),
        (changed(biases=[np.zeros((5, 1)), np.zeros(4)]), "biases 1 should be an array of numbers with 1 dimension$"),
        (changed(weights=[np.zeros(6), np.zeros((5, 4))]), "weights 1 should be an array of numbers with 2 dimensions"),
        (changed(biases=[np.array(["a"] * 5), np.zeros(4)]), "array of numbers"),
        (changed(biases=[np.array([None] * 5), np.zeros(4)]), "array of numbers"),
        (changed(biases=[np.zeros(5, complex), np.zeros(4)]), "array of numbers"),
        (changed(biases=[[0] * 5, np.zeros(4)]), "array of numbers"),
        (changed(weights=[np.zeros((6, 0)), np.zeros((0, 4))], biases=[np.zeros(0), np.zeros(4)]), "array without numbers"),
    ],
)
def test_what_does_not_fit_is_said(content: object, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parameters.loads(pickle.dumps(content), "my.pk1")


def test_empty_and_missing_files_are_said(tmp_path: Path) -> None:
    (tmp_path / "empty.pk1").write_bytes(b"")
    with pytest.raises(ParameterError, match=r"empty\.pk1 is empty"):
        parameters.load(tmp_path / "empty.pk1")
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        parameters.load(tmp_path / "none.pk1")
    with pytest.raises(ParameterError, match="cannot be read"):
        parameters.load(tmp_path)


def npz(config: object, **arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, network=np.array(json.dumps(config)), **arrays)
    return buffer.getvalue()


def image(*layers: dict[str, object]) -> dict[str, object]:
    """The description of layers for a 28×28 image."""
    return {"input_shape": [28, 28, 1], "layers": list(layers)}


DENSE = {"input_shape": [3], "layers": [{"type": "Dense", "units": 2}]}
GOOD = {"0.weights": np.zeros((3, 2), np.float32), "0.bias": np.zeros(2, np.float32)}


@pytest.mark.parametrize(
    ("config", "arrays", "says"),
    [
        (DENSE, {"0.weights": GOOD["0.weights"], "0.bias": np.zeros(3)}, r"0\.bias is \(3,\), not \(2,\)"),
        (DENSE, {"0.weights": np.zeros(9)}, r"0\.weights should be an array of numbers with 2 dimensions"),
        (DENSE, GOOD | {"1.bias": np.zeros(2)}, r"no layer takes 1\.bias"),
        (DENSE, GOOD | {"0.bias": NOT_A_NUMBER[1:3]}, "not finite"),
        ({"input_shape": [3], "layers": [{"type": "Danse"}]}, GOOD, "no layer 'Danse'"),
        ({"input_shape": [3], "layers": [{"type": "Dense", "units": 60_000}]}, GOOD, "more numbers than it holds"),
        ({"input_shape": [3], "layers": [{"type": "Dense", "units": 10**9}]}, GOOD, "numbers from 0 to 65,536"),
        ({"input_shape": [3], "layers": [{"type": "Dense", "units": u} for u in (-(10**6), 10**6)]}, GOOD, "from 0 to 65,536"),
        ({"input_shape": [-3], "layers": [{"type": "Flatten"}]}, GOOD, "from 0 to 65,536"),
        ({"input_shape": [3], "layers": [{"type": "Flatten"}] * 1001}, GOOD, "more than 1,000"),
        ({"input_shape": [3], "layers": [], "why": "x" * 2**18}, GOOD, "up to 262,144 characters"),
        (image({"type": "Conv2D", "filters": 1, "padding": 5000}), {}, "a padding of 0 to 2, not 5000"),
        ({"input_shape": [65536] * 9, "layers": [{"type": "Flatten"}]}, {}, "more than 8 numbers"),
        ({"input_shape": [784], "layers": [{"type": "Reshape", "shape": [1] * 9}]}, {}, "more than 8 numbers"),
        (image({"type": "Conv2D", "filters": 1, "size": 2001}), {}, "MB of memory, and 64 MB are allowed"),
        (
            image(*({"type": "Conv2D", "filters": n, "size": 1} for n in (1000, 3000))),
            {},
            "multiplications, and 2,147,483,648 are allowed",
        ),
        ({"input_shape": [4, 4, 1], "layers": [{"type": "MaxPool2D", "size": 0}]}, {}, "which layers"),
        ({"input_shape": [], "layers": [{"type": "BatchNorm"}]}, {}, "which layers"),
        ({"input_shape": [3], "layers": [{"type": "LeakyReLU", "slope": "steep"}]}, {}, "which layers"),
        ({"layers": []}, {}, "which layers"),
        ("Dense", {}, "which layers"),
        (None, {}, "which layers"),
    ],
)
def test_an_npz_that_does_not_fit_is_said(config: object, arrays: dict[str, np.ndarray], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        parameters.loads(npz(config, **arrays), "my.npz")


def test_an_npz_of_objects_is_refused_unread() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, network=np.array([Hostile(os.system, "false")], object))
    assert "network.npy is not an array of numbers or texts" in refused(buffer.getvalue())


def test_an_npz_that_was_cut_off_is_refused() -> None:
    whole = parameters.dumps_npz(Network.dense(6, 5, 4))
    for length in range(2, len(whole), 97):
        refused(whole[:length])


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    zipped = zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with zipped as archive, archive.open("0.bias.npy", "w") as file:
        for _ in range((npz_reader.LARGEST_FILE >> 20) + 1):
            file.write(bytes(2**20))
    assert len(buffer.getvalue()) < 3 * 2**20
    assert "unpacks to more than 256 MB" in refused(buffer.getvalue())


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.pk1"
    parameters.save(path, Network.dense(4, 3, seed=1))
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        parameters.save(path, Network.dense(4, 3, seed=2))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "nothing half-written is left behind"


def test_a_folder_that_cannot_be_written_to_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(OSError, match="file"):
        parameters.save(tmp_path / "file" / "network.pk1", Network.dense(4, 3))
    assert (tmp_path / "file").read_bytes() == b"in the way"


def test_opening_a_network_needs_no_random_numbers() -> None:
    """In the browser, numpy.random is loaded only for training."""
    code = (
        "import sys; sys.path.insert(0, 'py'); sys.modules['numpy.random'] = None; from nn import parameters;"
        "print([parameters.load(f'weights/{name}').parameter_count for name in sys.argv[1:]])"
    )
    command = [sys.executable, "-c", code, "convolutional.npz", "model_params_stored_mnist.pk1"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.stdout == "[144618, 109386]\n", done.stderr
