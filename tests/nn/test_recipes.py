"""The recipes of CONTRIBUTING.md for a layer and an optimizer, carried out as they are written there."""

from __future__ import annotations

import importlib.util
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import train
from digits.training_settings import describe
from nn import Adam, Network, activations, architecture, checkpoint, memory, optimizers, parameters
from nn.gradient_check import gradient_errors
from nn.layers import ACTIVATIONS, LAYERS
from nn.loss import cross_entropy
from nn.optimizers import OPTIMIZERS
from nn.training import Shuffled, train_step
from web import training_form

PROJECT = Path(__file__).resolve().parents[2]
X = np.random.default_rng(0).random((40, 784), np.float32)
LABELS = np.arange(40) % 10


@pytest.fixture(autouse=True)
def registries() -> Iterator[None]:
    before = [(registry, dict(registry)) for registry in (LAYERS, ACTIVATIONS, OPTIMIZERS)]
    yield
    for registry, content in before:
        registry.clear()
        registry.update(content)


def recipe(heading: str) -> list[str]:
    """The Python code below this heading, block by block."""
    section = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", section, re.DOTALL)]


def options(setting: str) -> list[str]:
    """What the page's form offers for a setting."""
    (described,) = (each for each in describe() if each["name"] == setting)
    return [value for value, *_ in described["choices"]]


def losses(network: Network, optimizer: optimizers.Optimizer, steps: int = 30) -> list[float]:
    batches = Shuffled(X, LABELS, 20)
    return [train_step(network, optimizer, batches, step).loss for step in range(steps)]


def test_a_layer() -> None:
    code, line = recipe("Add a layer")
    gradients = importlib.util.spec_from_file_location("test_gradients", Path(__file__).with_name("test_gradients.py"))
    assert gradients
    assert gradients.loader
    tests = importlib.util.module_from_spec(gradients)
    gradients.loader.exec_module(tests)

    namespace = dict(vars(activations))
    exec(code, namespace)
    with pytest.raises(AssertionError):
        tests.test_no_layer_is_forgotten()
    tests.IN_COMPANY.update(eval(f"{{{line}}}", vars(tests) | namespace))
    tests.test_no_layer_is_forgotten()
    tests.test_layer("PReLU")

    assert "PReLU" in repr(architecture.build("784-16-prelu-10"))
    network = architecture.build("28x28-conv3-pool-16-10", seed=1, activation="prelu")
    layers, shape = architecture.parse("28x28-conv3-pool-16-10", "prelu")
    assert memory.parameter_count(layers, shape) == network.parameter_count
    curve = losses(network, Adam(3e-3))
    assert curve[-1] < curve[0]
    assert network.layers[3].parameters["a"].any(), "it learns its slopes"
    assert max(gradient_errors(network, X[:4].astype(np.float64), LABELS[:4], places=10).values()) < 1e-4
    again = parameters.loads(parameters.dumps_npz(network))
    np.testing.assert_array_equal(again.forward(X), network.forward(X))

    assert "prelu" in options("activation")
    assert train.parser().parse_args(["--activation", "prelu"]).activation == "prelu"
    assert training_form.plan({"activation": "prelu"})["problems"] == {}
    assert "prelu" in [kind["pattern"] for kind in training_form.layer_kinds()]


def test_an_optimizer() -> None:
    (code,) = recipe("Add an optimizer")
    exec(code, dict(vars(optimizers)))
    optimizer = OPTIMIZERS["rmsprop"](1e-3)
    network = Network.dense(784, 16, 10)
    curve = losses(network, optimizer)
    assert curve[-1] < curve[0]

    same, resumed = Network.dense(784, 16, 10, seed=1), OPTIMIZERS["rmsprop"](1e-3)
    checkpoint.loads(checkpoint.dumps(network, optimizer, None, 30), same, resumed, None)
    assert losses(network, optimizer, 5) == losses(same, resumed, 5), "checkpoints hold what it remembers"
    assert cross_entropy(network.forward(X), LABELS)[0] < curve[0]

    settings = {"layers": "784-256-10", "optimizer": "rmsprop"}
    rmsprop, adam = (training_form.plan(settings | {"optimizer": name}) for name in ("rmsprop", "adam"))
    assert rmsprop["problems"] == {}
    assert "--optimizer rmsprop" in rmsprop["command"]
    assert adam["memory"] - rmsprop["memory"] == 4 * adam["parameters"], "one array less for each parameter"
    assert "rmsprop" in options("optimizer")
    assert train.parser().parse_args(["--optimizer", "rmsprop"]).optimizer == "rmsprop"
    assert json.loads(json.dumps(rmsprop)) == rmsprop
