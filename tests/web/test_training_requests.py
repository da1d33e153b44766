"""The training room's requests, asked on CPython as the worker asks them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import web
from digits.training_settings import RunSettings
from nn import parameters
from nn.history import History
from vendoring import vendor
from web import training_requests
from web.training_requests import Training

SMALL = {"layers": "784-24-10", "plain": "1", "samples": "3000", "batch": "64", "epochs": "2", "average": "0", "seed": "4"}


@pytest.fixture(autouse=True)
def mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_requests, "MNIST", vendor.ensure("mnist"))


def trained(run: Training, **advance: float) -> dict[str, Any]:
    report = run.report()
    while not report["finished"]:
        report = run.advance(**advance)
    return report


def kept(run: Training, folder: Path) -> dict[str, Any]:
    """What the page keeps of a run, and gives back to `begin`."""
    record = json.loads(json.dumps({key: value for key, value in run.checkpoint().items() if key != "checkpoint"}))
    path = folder / "checkpoint"
    path.write_bytes(run.checkpoint()["checkpoint"])
    return {"settings": record["settings"], "checkpoint": str(path), "history": record["history"]}


def test_however_it_is_sliced_a_run_is_the_same(tmp_path: Path) -> None:
    run = Training(SMALL)
    trained(run, milliseconds=1000)
    whole, network = run.history.as_dict(), run.network("npz")["data"]

    run = Training(SMALL)
    for advance in ({"steps": 1}, {"milliseconds": 0}, {"milliseconds": 3}, {"steps": 3}):
        run.advance(**advance)
    record = kept(run, tmp_path)
    reloaded = Training(**record)
    for _ in range(20):
        reloaded.advance(milliseconds=1)
    record = kept(reloaded, tmp_path)
    again = Training(**record)
    trained(again, milliseconds=5)
    assert again.history.as_dict() == whole
    for (name, ours), (_, theirs) in zip(
        parameters.loads(again.network("npz")["data"]).named_parameters(),
        parameters.loads(network).named_parameters(),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_what_a_run_shows() -> None:
    run = Training(SMALL)
    first = run.report()
    assert (first["step"], first["loss"], first["test_accuracy"], first["finished"]) == (0, None, None, False)
    report = trained(run, milliseconds=50)
    assert report["step"] == report["steps"] == 2 * (3000 // 64)
    assert report["epoch"] == 2
    assert report["test_accuracy"] > 0.8
    assert report["points"].shape == (92, 3)
    assert report["tests"][-1, 0] == 92
    assert report["samples_per_second"] > 0
    assert report["seconds_left"] == 0

    pictures = run.pictures()
    assert pictures["weights"].shape == (28, 28, 24)
    assert not pictures["weights"][0, 0].any()  # where no image has ink, nothing is learnt
    evaluation = pictures["evaluation"]
    confusion = evaluation["confusion"]
    assert confusion.sum() == 10_000
    assert np.trace(confusion) / 10_000 == pytest.approx(report["test_accuracy"])
    sure = [mistake["confidence"] for mistake in evaluation["mistakes"]]
    assert sure == sorted(sure, reverse=True)
    assert len(sure) == len(evaluation["images"]) == 24
    assert all(mistake["label"] != mistake["said"] for mistake in evaluation["mistakes"])


def test_a_changed_rate_is_part_of_the_settings() -> None:
    run = Training(SMALL | {"schedule": "constant"})
    run.advance(steps=10)
    settings = run.change_learning_rate("0.0005")["settings"]
    assert settings["rate-changes"] == "10:0.0005"
    trained(run, milliseconds=100)
    changed = run.history.as_dict()

    run = Training(settings)
    trained(run, milliseconds=100)
    assert run.history.as_dict() == changed
    with pytest.raises(ValueError, match="“fast” is not a number"):
        run.change_learning_rate("fast")


def test_a_run_that_explodes_ends_with_a_sentence() -> None:
    run = Training(SMALL | {"layers": "784-24-24-24-24-10", "optimizer": "sgd", "learning-rate": "100000"})
    with np.errstate(all="ignore"):
        report = trained(run, milliseconds=100)
    assert report["diverged"]
    assert "learning rate" in report["advice"]


def test_a_plan_tells_what_a_run_will_come_to() -> None:
    plan = training_requests.plan(SMALL)
    assert plan["problems"] == {}
    assert plan["parameters"] == 785 * 24 + 25 * 10
    assert RunSettings.parse(plan["settings"]).command() == plan["command"]
    assert training_requests.plan({"batch": "x", "epochs": "-1"})["problems"].keys() == {"batch", "epochs"}
    too_large = training_requests.plan({"layers": "784-4096-4096-4096-4096-4096-10"})["problems"]["layers"]
    assert "GB" in too_large
    assert "narrower" in too_large


def test_the_network_is_kept_as_the_command_line_would() -> None:
    run = Training(SMALL)
    trained(run, milliseconds=1000)
    as_pickle, as_npz = (run.network(form) for form in ("pk1", "npz"))
    x = np.random.default_rng(0).random((5, 784), np.float32)
    logits = [parameters.loads(kept["data"]).forward(x) for kept in (as_pickle, as_npz)]
    np.testing.assert_array_equal(*logits)
    assert as_pickle["card"]["mnist_test_accuracy"] == pytest.approx(run.report()["test_accuracy"])
    assert as_pickle["card"]["command"].startswith("python3 py/train.py ")

    run = Training(SMALL | {"activation": "tanh"})
    run.advance(steps=1)
    with pytest.raises(parameters.ParameterError, match="save this network as .npz"):
        run.network("pk1")


def test_before_a_run_has_begun_there_is_none_to_advance() -> None:
    assert json.loads(web.answer("advance", json.dumps({"steps": 1}))) == {"error": "no training run has begun"}
    assert json.loads(web.answer("begin", json.dumps({"settings": SMALL})))["answer"]["step"] == 0
    assert json.loads(web.answer("advance", json.dumps({"steps": 1})))["answer"]["step"] == 1


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    run = Training(SMALL)
    run.advance(steps=1)
    record = kept(run, tmp_path)
    with pytest.raises(ValueError, match="another network"):
        Training(record["settings"] | {"layers": "784-25-10"}, record["checkpoint"], History().as_dict())
    (tmp_path / "checkpoint").write_bytes(b"torn")
    with pytest.raises(ValueError, match="broken"):
        Training(**record)
