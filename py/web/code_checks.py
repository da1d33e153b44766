"""What the room Code checks of edited code: gradients, softmax, the sample digits, and the first training steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import nn
import nn.optimizers
import nn.training
from digits.recognizer import Recognizer
from nn.gradient_check import gradient_errors, numerical_gradient, relative_error
from web.samples import Samples, sample_arrays

TOLERANCE = 1e-4
"""The largest relative error of a gradient that is right (see `nn.gradient_check`)."""

STEPS = 50
"""How many training steps are compared."""

MOST_DETAIL = 300
"""Characters of what edited code raised."""

Modules = Mapping[str, ModuleType]


class CheckFailed(Exception):
    """What is wrong, in a sentence."""


@dataclass(frozen=True)
class Code:
    """What is checked: edited modules by name, and a recognizer made with them."""

    modules: Modules
    recognizer: Any


Test = Callable[[Code, Samples], None]
"""Raises CheckFailed, or whatever the edited code raises."""


def run(code: Code, samples: Samples, original: Recognizer) -> list[dict[str, Any]]:
    """The outcome of every check, `{"name", "passed", "detail"}`; `original` is a recognizer of the original code."""
    outcomes = []
    for name, test in {**CHECKS, "Reads test digits": reads_as_well_as(original)}.items():
        detail = ""
        try:
            test(code, samples)
        except CheckFailed as error:
            detail = str(error)
        except Exception as error:  # edited code may raise anything
            detail = f"{type(error).__name__}: {error}"[:MOST_DETAIL]
        outcomes.append({"name": name, "passed": not detail, "detail": detail})
    return outcomes


def gradients_of(layers: Callable[[Any], list[nn.Layer]], inputs: int = 12) -> Test:
    """Compare the gradients of a small network with numerical ones; `layers` makes it of the classes of layers by name."""

    def test(code: Code, _: Samples) -> None:
        network = code.modules["nn"].Network(layers(SimpleNamespace(**code.modules["nn.layers"].LAYERS)), (inputs,), 1)
        rng = np.random.default_rng(2)
        x = rng.standard_normal((4, inputs))
        errors = gradient_errors(network, x, rng.integers(0, network.output_shape[0], 4), places=12)
        for name, error in errors.items():
            of = "the input" if name == "input" else name.partition(".")[2]
            _compare(of, error)

    return test


def cross_entropy_gradient(code: Code, _: Samples) -> None:
    logits = np.random.default_rng(3).standard_normal((4, 10))
    targets = np.array([3, 1, 4, 1])
    cross_entropy = code.modules["nn.loss"].cross_entropy
    numerical = numerical_gradient(lambda: cross_entropy(logits, targets)[0], logits, np.arange(logits.size))
    _compare("logits", relative_error(cross_entropy(logits, targets)[1].reshape(-1), numerical))


def _compare(of: str, error: float) -> None:
    if not error < TOLERANCE:  # also where it is not a number
        raise CheckFailed(f"dL/d({of}) differs from the numerical gradient: relative error {error:.1e}")


def softmax_sums_to_one(code: Code, _: Samples) -> None:
    logits = np.random.default_rng(4).standard_normal((5, 10)) * [[0.1], [1], [10], [100], [1000]]
    with np.errstate(over="ignore", invalid="ignore"):
        probabilities = code.modules["nn.loss"].softmax(logits)
    if not np.all(probabilities >= 0):
        raise CheckFailed("a probability is negative or not a number")
    if not np.allclose(probabilities.sum(axis=-1), 1, atol=1e-5):
        raise CheckFailed("the probabilities do not sum to 1")


def reads_as_well_as(original: Recognizer) -> Test:
    def test(code: Code, samples: Samples) -> None:
        right, expected = _right(code.recognizer, samples), _right(original, samples)
        if right < expected:
            raise CheckFailed(f"{right} of {len(samples)} test digits are read right; the original code reads {expected}")

    return test


def _right(recognizer: Any, samples: Samples) -> int:
    images, labels = sample_arrays(samples)
    pictures = (255 * images).astype(np.uint8)
    return sum(
        recognizer.read(picture, polarity="light-on-dark").digit == label
        for picture, label in zip(pictures, labels, strict=True)
    )


CHECKS: dict[str, Test] = {
    "Softmax sums to 1": softmax_sums_to_one,
    "Gradient of the loss": cross_entropy_gradient,
    "Gradients of Dense": gradients_of(lambda of: [of.Dense(6), of.Dense(5)]),
    "Gradients of ReLU": gradients_of(lambda of: [of.Dense(8), of.ReLU(), of.Dense(5)]),
    "Gradients of LeakyReLU": gradients_of(lambda of: [of.Dense(8), of.LeakyReLU(), of.Dense(5)]),
    "Gradients of Tanh": gradients_of(lambda of: [of.Dense(8), of.Tanh(), of.Dense(5)]),
    "Gradients of BatchNorm": gradients_of(lambda of: [of.Dense(8), of.BatchNorm(), of.Dense(5)]),
    "Gradients of Conv2D": gradients_of(lambda of: [of.Reshape((6, 6, 1)), of.Conv2D(2), of.Flatten(), of.Dense(5)], 36),
    "Gradients of MaxPool2D": gradients_of(lambda of: [of.Reshape((6, 6, 1)), of.MaxPool2D(), of.Flatten(), of.Dense(5)], 36),
}
"""The checks that need no network, by the name that the page shows."""


def training_curve(modules: Modules, samples: Samples) -> np.ndarray:
    """The loss before each of STEPS steps, (STEPS,) float32, of 784-128-64-10 on randomly shifted sample digits."""
    network = modules["nn"].Network.dense(784, 128, 64, 10, seed=0)
    optimizer = modules["nn.optimizers"].Adam(1e-3)
    train_step = modules["nn.training"].train_step
    batches = ShiftedSamples(samples)
    return np.array([train_step(network, optimizer, batches, step).loss for step in range(STEPS)], np.float32)


ORIGINALS = {"nn": nn, "nn.optimizers": nn.optimizers, "nn.training": nn.training}
"""The modules as they are shipped."""


class ShiftedSamples:
    """Batches of the sample digits, each moved by up to two pixels; the same at every run."""

    batch = 64
    steps_per_epoch = STEPS

    def __init__(self, samples: Samples) -> None:
        self.images, self.labels = sample_arrays(samples)

    def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([5, step])
        chosen = rng.integers(0, len(self.labels), self.batch)
        shifts = rng.integers(-2, 3, (self.batch, 2))
        x = [np.roll(self.images[index], shift, (0, 1)) for index, shift in zip(chosen, shifts, strict=True)]
        return np.array(x, np.float32).reshape(self.batch, 784), self.labels[chosen]
