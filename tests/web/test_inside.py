"""What Python tells the room Inside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import web
from digits.preprocessing import Steps, preprocess
from digits.recognizer import Recognizer
from nn import Network, architecture
from nn.network import LAYERS
from web import shared_memory
from web.inside import Inside, sources

WORDS = ["784-30-20-10", "28x28-conv4-norm-pool-conv6-norm-pool-20-norm-10"]
PY = Path(__file__).resolve().parents[2] / "py"


def opened(words: str) -> tuple[Network, Inside]:
    network = architecture.build(words, seed=4)
    return network, Inside(Recognizer(network))


@pytest.fixture
def drawing() -> Steps:
    pixels = np.zeros((280, 280), np.uint8)
    pixels[50:70, 60:200] = pixels[60:240, 170:190] = 255
    return preprocess(pixels, "light-on-dark")


@pytest.mark.parametrize("words", WORDS)
def test_the_stages_are_what_the_network_gives(words: str, drawing: Steps) -> None:
    network, inside = opened(words)
    reading, seen = inside.read(drawing)
    np.testing.assert_allclose(reading.activations[-1], network.forward(drawing.image.reshape(1, 784))[0], atol=1e-5)
    for stage in seen["stages"][:-1]:
        np.testing.assert_array_equal(stage["outputs"], np.maximum(stage["sums"], 0))
    np.testing.assert_array_equal(seen["stages"][-1]["sums"].ravel(), reading.activations[-1])


@pytest.mark.parametrize("words", WORDS)
def test_where_nothing_is_selected_it_looks_at_the_likeliest_digit(words: str, drawing: Steps) -> None:
    _, inside = opened(words)
    for selection in [{}, {"stage": 99, "index": 0}, {"stage": 0, "index": 99999}, {"stage": -1, "index": -1}]:
        reading, seen = inside.read(drawing, **selection)
        assert (seen["stage"], seen["index"]) == (len(inside.stages) - 1, reading.digit)
        digit = seen["digit"]
        parts = digit["pixels"].sum() + sum(bias["share"] for bias in digit["biases"])
        assert parts == pytest.approx(reading.activations[-1][reading.digit], abs=1e-5)


@pytest.mark.parametrize("words", WORDS)
def test_of_a_stage_it_looks_at_the_most_active_neuron(words: str, drawing: Steps) -> None:
    _, inside = opened(words)
    _, seen = inside.read(drawing, stage=0)
    outputs = seen["stages"][0]["outputs"]
    assert (seen["stage"], outputs[..., seen["index"]].max()) == (0, outputs.max())
    assert inside.read(drawing, stage=len(inside.stages) - 1)[1]["digit"] is not None


def test_without_ink_there_is_nothing_to_look_at_but_what_was_selected() -> None:
    _, inside = opened(WORDS[0])
    blank = preprocess(np.zeros((280, 280), np.uint8), "light-on-dark")
    _, seen = inside.read(blank)
    assert (seen["index"], seen["neuron"], seen["digit"], seen["steps"]["moved"]) == (None, None, None, None)
    assert inside.read(blank, 0, 3)[1]["neuron"]["total"] == 0


@pytest.mark.parametrize("words", WORDS)
def test_neurons_are_switched_off_and_on(words: str, drawing: Steps) -> None:
    _, inside = opened(words)
    whole, _ = inside.read(drawing)
    without, seen = inside.read(drawing, off={"0": [1, 3, 3, 777], "99": [0], str(len(inside.stages) - 1): [0]})
    assert [stage["off"] for stage in seen["stages"]] == [[1, 3], *[[]] * (len(inside.stages) - 1)]
    assert not seen["stages"][0]["outputs"][..., [1, 3]].any()
    assert np.abs(without.activations[-1] - whole.activations[-1]).max() > 1e-4
    np.testing.assert_array_equal(inside.read(drawing)[0].activations[-1], whole.activations[-1])


@pytest.mark.parametrize("words", WORDS)
def test_the_gradient_check_finds_backward_right(words: str, drawing: Steps) -> None:
    _, inside = opened(words)
    for stage in range(len(inside.stages)):
        errors = inside.check_gradients(drawing, stage)["errors"]
        index = inside.stages[stage].linear
        assert list(errors) == ["input", f"{index}.weights", f"{index}.bias"]
        assert max(errors.values()) < 1e-5


def test_the_preprocessing_says_by_how_much_the_digit_was_moved(drawing: Steps) -> None:
    steps = opened(WORDS[0])[1].read(drawing)[1]["steps"]
    down, right = steps["moved"]
    height, width = drawing.scaled.shape
    np.testing.assert_array_equal(drawing.image[down : down + height, right : right + width], drawing.scaled)
    for axis in (0, 1):  # the center of mass is in the middle
        shares = drawing.image.sum(axis=1 - axis) / drawing.image.sum()
        assert shares @ (np.arange(28) + 0.5) == pytest.approx(14.5, abs=0.51)


def test_sources_are_the_text_of_the_files() -> None:
    for name, source in sources().items():
        lines = (PY.parent / source["file"]).read_text(encoding="utf-8").splitlines()
        assert lines[source["line"] - 1].startswith(f"class {name}(")
        assert source["text"].splitlines() == lines[source["line"] - 1 :][: len(source["text"].splitlines())]
        assert source["summary"].endswith((".", ":", "."))


def test_the_formulas_of_every_layer_that_computes_are_found() -> None:
    formulas = {name: source["formula"] for name, source in sources().items() if source["formula"]}
    assert set(LAYERS) - set(formulas) <= {"Flatten", "Reshape"}  # these only change the shape
    for name, formula in formulas.items():
        assert formula.startswith("forward "), name
        assert "\nbackward " in formula, name


def test_the_page_asks_for_it_with_every_reading() -> None:
    models = json.loads((PY.parent / "weights" / "models.json").read_text(encoding="utf-8"))
    web.answer("open", json.dumps({"file": models["models"][0]["file"]}))
    shared_memory.pixels[:] = 0
    shared_memory.pixels[50:230, 130:150] = 255
    assert json.loads(web.answer("read", "{}"))["answer"]["inside"] is None
    seen = json.loads(web.answer("read", json.dumps({"inside": {"stage": 0, "index": 5, "off": {"1": [2]}}})))["answer"]
    assert (seen["inside"]["stage"], seen["inside"]["index"]) == (0, 5)
    assert seen["inside"]["steps"]["gray"] == seen["inside"]["steps"]["ink"]  # travels once
    checked = json.loads(web.answer("check_gradients", json.dumps({"stage": 1})))["answer"]
    assert max(checked["errors"].values()) < 1e-5
    shared_memory.pixels[:] = 0
