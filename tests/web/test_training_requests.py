"""The training room's requests, asked on CPython just as the worker asks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import web
from digits.training_settings import RunSettings
from nn import parameters
from vendoring import vendor
from web import shared_memory, training_requests
from web.training_form import plan, training_form
from web.training_requests import Training

SMALL = {"layers": "784-24-10", "plain": "1", "samples": "3000", "batch": "64", "epochs": "2", "average": "0", "seed": "4"}


Start = Callable[..., Training]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Start:
    """`start(settings)` starts a run; other arguments are those of `Training`."""
    monkeypatch.setattr(training_requests, "MNIST", vendor.ensure("mnist"))
    return Training


def train_to_the_end(training: Training, **advance: float) -> dict[str, Any]:
    report = training.report()
    while not report["finished"]:
        report = training.advance(**advance)
    return report


def stored(training: Training, folder: Path) -> dict[str, Any]:
    """What the page stores of a run: the arguments that continue it."""
    checkpoint = training.checkpoint()
    path = folder / "checkpoint"
    path.write_bytes(checkpoint.pop("checkpoint"))
    return {**json.loads(json.dumps(checkpoint)), "checkpoint": str(path)}


def test_the_slices_do_not_change_the_run(start: Start, tmp_path: Path) -> None:
    uncut = start(SMALL)
    train_to_the_end(uncut, milliseconds=1000)

    cut = start(SMALL)
    for advance in ({"steps": 1}, {"milliseconds": 0}, {"milliseconds": 3}, {"steps": 3}):
        cut.advance(**advance)
    cut = start(**stored(cut, tmp_path))
    for _ in range(20):
        cut.advance(milliseconds=1)
    cut = start(**stored(cut, tmp_path))
    train_to_the_end(cut, milliseconds=5)
    assert cut.history.as_dict() == uncut.history.as_dict()
    for (name, ours), (_, theirs) in zip(
        parameters.loads(cut.network()["npz"]).named_parameters(),
        parameters.loads(uncut.network()["npz"]).named_parameters(),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_what_a_run_shows(start: Start) -> None:
    training = start(SMALL)
    first = training.report()
    assert (first["step"], first["loss"], first["test_accuracy"], first["finished"]) == (0, None, None, False)
    report = train_to_the_end(training, milliseconds=50)
    assert report["step"] == report["steps"] == 2 * (3000 // 64)
    assert report["epoch"] == 2
    assert report["test_accuracy"] > 0.8
    assert report["points"].shape == (92, 3)
    assert report["tests"][-1, 0] == 92
    assert report["samples_per_second"] > 0
    assert report["seconds_left"] == 0

    pictures = training.pictures()
    assert pictures["weights"].shape == (28, 28, 24)
    assert not pictures["weights"][0, 0].any()  # where no image has ink, no weight changes
    evaluation = pictures["evaluation"]
    confusion = evaluation["confusion"]
    assert confusion.sum() == 10_000
    assert np.trace(confusion) / 10_000 == pytest.approx(report["test_accuracy"])
    confidences = [mistake["confidence"] for mistake in evaluation["mistakes"]]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == len(evaluation["images"]) == 24
    assert all(mistake["label"] != mistake["predicted"] for mistake in evaluation["mistakes"])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_a_network_that_overflows_in_a_test_has_diverged_and_its_answers_are_json(start: Start, optimizer: str) -> None:
    wild = {"activation": "leaky-relu", "optimizer": optimizer, "schedule": "constant", "learning-rate": "1e6"}
    training = start(SMALL | wild | {"layers": "784-32-10", "samples": "2048", "batch": "32"})
    with np.errstate(all="ignore"):
        report = train_to_the_end(training, steps=1)
    assert report["diverged"]
    assert "Try a learning rate below 1e+06" in report["advice"]
    for answer in (report, training.pictures(), training.checkpoint()):
        json.loads(shared_memory.pack(answer), parse_constant=pytest.fail)


def test_a_changed_learning_rate_is_part_of_the_settings(start: Start) -> None:
    training = start(SMALL | {"schedule": "constant"})
    training.advance(steps=10)
    settings = training.change_learning_rate("0.0005")["settings"]
    assert settings["rate-changes"] == "10:0.0005"
    train_to_the_end(training, milliseconds=100)

    again = start(settings)
    train_to_the_end(again, milliseconds=100)
    assert again.history.as_dict() == training.history.as_dict()
    with pytest.raises(ValueError, match="“fast” is not a number"):
        training.change_learning_rate("fast")


def test_a_run_that_diverges_ends_with_a_sentence(start: Start) -> None:
    training = start(SMALL | {"layers": "784-24-24-24-24-10", "optimizer": "sgd", "learning-rate": "100000"})
    with np.errstate(all="ignore"):
        report = train_to_the_end(training, milliseconds=100)
    assert report["diverged"]
    assert "learning rate" in report["advice"]


def test_a_plan_says_what_a_run_takes() -> None:
    planned = plan(SMALL)
    assert planned["problems"] == {}
    assert planned["parameters"] == 785 * 24 + 25 * 10
    assert RunSettings.parse(planned["settings"]).command() == planned["command"]
    assert plan({"batch": "x", "epochs": "-1"})["problems"].keys() == {"batch", "epochs"}
    too_large = plan({"layers": "784-4096-4096-4096-4096-4096-10"})["problems"]["layers"]
    assert "GB" in too_large
    assert "narrower" in too_large


def test_every_kind_of_layer_in_the_form_makes_a_run() -> None:
    form = training_form()
    default = {setting["name"]: setting["default"] for setting in form["settings"]}
    assert plan(default)["problems"] == {}
    for kind in form["layer_kinds"]:
        word = kind["pattern"].replace("#", kind["width"])
        layers = f"28x28-conv8-{word}-10" if kind["image"] else f"784-32-{word}-10"
        assert plan(default | {"layers": layers})["problems"] == {}


def test_the_network_is_saved_as_the_command_line_does(start: Start) -> None:
    training = start(SMALL)
    train_to_the_end(training, milliseconds=1000)
    network = training.network()
    x = np.random.default_rng(0).random((5, 784), np.float32)
    np.testing.assert_array_equal(*(parameters.loads(network[kind]).forward(x) for kind in ("pk1", "npz")))
    assert network["card"]["mnist_test_accuracy"] == pytest.approx(training.report()["test_accuracy"])
    assert network["card"]["command"].startswith("python3 py/train.py ")

    training = start(SMALL | {"activation": "tanh"})
    training.advance(steps=1)
    assert "save this network as .npz" in training.network()["pk1"]


def test_a_stored_run_that_is_damaged_or_of_other_layers_is_refused(start: Start, tmp_path: Path) -> None:
    training = start(SMALL)
    training.advance(steps=1)
    run = stored(training, tmp_path)
    with pytest.raises(ValueError, match="another network"):
        start(run["settings"] | {"layers": "784-25-10"}, run["checkpoint"], run["history"])
    damages = {"points": 3, "open": None, "stride": "a", "tests": [[1, 0.5]]}
    for history in ({"stride": 1}, *({**run["history"], name: damage} for name, damage in damages.items())):
        with pytest.raises(ValueError, match="damaged"):
            start(**(run | {"history": history}))
    (tmp_path / "checkpoint").write_bytes(b"torn")
    with pytest.raises(ValueError, match="broken"):
        start(**run)


def test_running_out_of_memory_and_asking_too_early_are_answered_with_a_sentence(start: Start) -> None:
    def ask(name: str, **values: object) -> str:
        return json.loads(web.answer(name, json.dumps(values)))["error"]

    assert ask("advance", steps=1) == "no training run has started"
    assert "batch" in ask("begin", settings=SMALL | {"batch": "0"})
    assert json.loads(web.answer("begin", json.dumps({"settings": SMALL})))["answer"]["step"] == 0
    with mock.patch("digits.training_run.Run.advance", side_effect=MemoryError):
        assert json.loads(web.answer("begin", json.dumps({"settings": SMALL})))["answer"]["step"] == 0
        assert "ran out of memory" in ask("advance", steps=1)


def test_a_run_of_any_length_is_tested_often_but_not_without_end() -> None:
    assert training_requests.test_steps(92, 46) == {2, 5, 11, 23, 46, 92}
    assert training_requests.test_steps(40, 46) == {2, 5, 11, 23, 40}
    long = training_requests.test_steps(10_000 * 453, 453)
    assert 150 < len(long) <= 206
    assert 10_000 * 453 in long
