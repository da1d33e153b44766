"""`py/train.py`, as a person runs it: on the real MNIST, small and short."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from running import called, command

import train as train_module
from digits.mnist import as_inputs, load_mnist
from nn import architecture, parameters
from vendoring import vendor

PROJECT = Path(__file__).resolve().parents[2]
SMALL = ["--layers", "784-16-10", "--samples", "4000", "--batch", "64"]


train = command("train.py")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with a finished little network in it."""
    folder = tmp_path_factory.mktemp("run")
    done = train(*SMALL, "--epochs", "2", "--plain", "--run", folder)
    assert done.returncode == 0, done.stderr
    assert "test images are read correctly" in done.stdout
    return folder


def test_it_reads_what_its_card_says(trained: Path) -> None:
    card = json.loads((trained / "network.json").read_text())
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    network = parameters.load(trained / "network.pk1")
    right = (network.predict(as_inputs(images)).argmax(axis=1) == labels).mean()
    assert right > 0.8
    assert card["mnist_test_accuracy"] == pytest.approx(right)
    assert card["parameters"] == network.parameter_count == 784 * 16 + 16 + 16 * 10 + 10
    assert card["command"].startswith("python3 py/train.py --layers 784-16-10")


def test_anyone_can_unpickle_it(trained: Path) -> None:
    content = pickle.loads((trained / "network.pk1").read_bytes())
    assert [w.shape for w in content["weights"]] == [(784, 16), (16, 10)]
    assert [b.shape for b in content["biases"]] == [(16,), (10,)]
    assert all(array.dtype == np.float32 for array in content["weights"] + content["biases"])


def test_the_same_seed_gives_the_same_network_and_another_does_not(trained: Path, tmp_path: Path) -> None:
    for name, seed in (("again", "0"), ("other", "1")):
        assert train(*SMALL, "--epochs", "2", "--plain", "--seed", seed, "--run", tmp_path / name).returncode == 0
    first = (trained / "network.pk1").read_bytes()
    assert (tmp_path / "again" / "network.pk1").read_bytes() == first
    assert (tmp_path / "other" / "network.pk1").read_bytes() != first


def test_a_stopped_run_goes_on_and_ends_where_it_would_have(tmp_path: Path) -> None:
    arguments = [*SMALL, "--epochs", "60", "--plain", "--run"]
    whole = train(*arguments, tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    command = [sys.executable, PROJECT / "py" / "train.py", *arguments, tmp_path / "stopped"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while "training" not in process.stderr.readline():
            assert process.poll() is None
        process.terminate()  # Ctrl-C does the same, but who starts tests in the background may have it ignored
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Stopped. The same command continues from here." in said
    assert not (tmp_path / "stopped" / "network.pk1").exists()
    resumed = train(*arguments, tmp_path / "stopped")
    assert resumed.returncode == 0
    assert "Continuing from step" in resumed.stderr
    stopped, uninterrupted = (tmp_path / name / "network.pk1" for name in ("stopped", "whole"))
    assert stopped.read_bytes() == uninterrupted.read_bytes()


def test_a_rate_that_diverges_is_said(tmp_path: Path) -> None:
    wild = ["--activation", "leaky-relu", "--optimizer", "sgd", "--schedule", "constant", "--learning-rate", "1e6"]
    done = train(*SMALL, *wild, "--run", tmp_path, env=os.environ | {"PYTHONIOENCODING": "cp437"})
    assert done.returncode == 1
    assert "weights 784?16" in done.stderr, "a Windows console has no ×"
    assert "diverged" in done.stderr
    assert "Try a learning rate below" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layers", "784-10-conv"], "conv"),
        (["--layers", "100-10"], "784"),
        (["--epochs", "-1"], "epochs"),
        (["--batch", "0"], "batch"),
        (["--learning-rate", "0"], "learning"),
        (["--letters", "letters.npz"], "--ink"),
        (["--ink", "nowhere.npz"], "nowhere.npz"),
        (["--teacher", "nowhere.npz", "--bank", "100"], "nowhere.npz"),
        (["--blend", "0.5"], "--from"),
        (["--flagged", "1"], "--flagged"),
        (["--head-only"], "--from"),
        (["--head-only", "--from", str(PROJECT / "weights" / "model_params_stored_mnist.pk1")], "convolutional"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(train_module.main, *arguments, "--run", tmp_path) in (1, 2)
    assert said in capsys.readouterr().err.strip().splitlines()[-1]


def test_a_student_learns_from_a_teacher(trained: Path, tmp_path: Path) -> None:
    teacher = trained / "network.pk1"
    done = train(*SMALL, "--teacher", teacher, "--bank", "4096", "--epochs", "6", "--run", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "network.json").read_text())["mnist_test_accuracy"] > 0.7


def test_a_network_can_be_blended_with_the_one_it_began_with(trained: Path, tmp_path: Path) -> None:
    begin, rate = trained / "network.pk1", ["--epochs", "0.1", "--plain", "--learning-rate", "0.01"]
    for name, blend in (("trained", []), ("blended", ["--blend", "0.5"])):
        done = train(*SMALL, *rate, "--from", begin, *blend, "--run", tmp_path / name)
        assert done.returncode == 0, done.stderr
    first, last, mean = (
        parameters.load(folder / "network.pk1").layers[0].parameters["weights"]
        for folder in (trained, tmp_path / "trained", tmp_path / "blended")
    )
    assert np.abs(first - last).max() > 0.01
    np.testing.assert_allclose(mean, (first + last) / 2, atol=1e-6)


def test_the_dense_layers_of_a_convolutional_network_are_trained_alone(tmp_path: Path) -> None:
    words, begin = "28x28-conv2-pool-8-10", tmp_path / "begin.npz"
    parameters.save(begin, architecture.build(words))
    done = train(
        *("--layers", words, "--samples", "256", "--epochs", "1", "--plain"), "--from", begin, "--head-only", "--run", tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "network.json").read_text())["layers"] == words
    before, after = (dict(parameters.load(path).named_parameters()) for path in (begin, tmp_path / "network.npz"))
    changed = [name for name, array in after.items() if not np.array_equal(array, before[name])]
    assert changed == ["5.weights", "5.bias", "7.weights", "7.bias"]
