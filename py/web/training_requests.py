"""The requests to the worker that trains: a run of `digits.training_run`, trained a slice of time at a time.

The page asks for one slice after another (`advance`), and can pause, step or stop between them. The result depends only on
the steps, not on how they were divided into slices.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from digits.calibration import logits_of
from digits.metrics import accuracy
from digits.mnist import as_inputs, load_mnist
from digits.training_data import Dataset, TrainingData, mnist_dataset
from digits.training_run import Run, finished
from digits.training_settings import RunSettings, SettingsError
from nn import advice
from nn.history import History
from nn.parameters import ParameterError, dumps
from nn.training import Diverged, check_finite
from web.evaluation import Evaluation, first_weights
from web.training_form import TEST_BATCH

HOME = Path(__file__).parents[2]
MNIST = HOME / "mnist"
"""Where the worker puts MNIST's files before a run begins."""

MOST_TESTS = 200
"""About how many tests a run has at most; all of them are drawn and stored."""


@lru_cache(maxsize=1)
def mnist(folder: Path) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """MNIST's training data, and its test images and labels, read once."""
    return mnist_dataset(folder), *load_mnist(folder, "test")


class Training:
    """A run in progress, trained a slice of time at a time.

    Args:
        settings: texts by name, as `RunSettings.parse` reads them.
        checkpoint: a file to continue from.
        history: what `checkpoint()` returned with that file.
    Raises:
        ValueError: the settings are wrong, or the stored run is damaged or has other layers.
    """

    def __init__(self, settings: dict[str, str], checkpoint: str | None = None, history: dict[str, Any] | None = None) -> None:
        dataset, *self._tests = mnist(MNIST)
        wanted = RunSettings.parse(settings)
        self._data = TrainingData(dataset.first(wanted.samples))
        batches = self._data.batches(wanted.batch, wanted.seed, wanted.smoothing, not wanted.plain)
        self.run = Run(wanted, batches)
        self.history = _restored(history) if history else History()
        self.evaluation: Evaluation | None = None
        self._initial = first_weights(self.run.network)
        if checkpoint is not None:
            self.run.restore((HOME / checkpoint).read_bytes())
        self._test_steps = test_steps(self.run.total, batches.steps_per_epoch)
        self._logits: list[np.ndarray] = []  # of the current test, so far
        self._diverged: str | None = None
        self._speed: float | None = None

    def advance(self, milliseconds: float = 0, steps: int = 0) -> dict[str, Any]:
        """Train for some time, or for some steps including the test after the last of them; returns `report()`."""
        if not steps:
            self._slice(milliseconds / 1000)
        end = min(self.run.step + steps, self.run.total)
        while steps and not self._diverged and (self.run.step < end or self._test_due):
            self._slice(0)
        return self.report()

    def _slice(self, seconds: float) -> None:
        run, began, first = self.run, time.perf_counter(), self.run.step
        now, training = began, 0.0
        try:
            while not self._finished:
                trained = self._work()
                now = time.perf_counter()
                training = now - began if trained else training
                if now - began >= seconds:
                    break
        except Diverged as error:
            self._diverged = str(error)
        run.seconds += now - began
        if run.step > first and training:
            speed = (run.step - first) * run.settings.batch / training
            self._speed = speed if self._speed is None else 0.8 * self._speed + 0.2 * speed

    def _work(self) -> bool:
        """Take a step, or read one batch of a test that is due; returns whether it was a step. Raises Diverged in both."""
        if not self._test_due:
            self.history.record(self.run.advance())
            return True
        images, labels = self._tests
        start = TEST_BATCH * len(self._logits)
        self._logits.append(self.run.reader.forward(as_inputs(images[start : start + TEST_BATCH])))
        if start + TEST_BATCH >= len(images):
            evaluation = Evaluation(self.run.step, np.concatenate(self._logits), images, labels)
            check_finite(evaluation.loss, self.run.step, self.run.learning_rate)
            self.evaluation = evaluation
            self.history.record_test(self.run.step, self.evaluation.loss, self.evaluation.accuracy)
            self._logits = []
        return False

    @property
    def _test_due(self) -> bool:
        tested = self.history.tests[-1][0] if self.history.tests else 0
        return self.run.step in self._test_steps and self.run.step > tested

    @property
    def _finished(self) -> bool:
        return self._diverged is not None or (self.run.done and not self._test_due)

    def report(self) -> dict[str, Any]:
        """The state of the run: the `Report` in js/python/training_client.js."""
        run, recent = self.run, self.history.recent()
        last = self.history.tests[-1] if self.history.tests else None
        left = run.total - run.step
        return {
            "step": run.step,
            "steps": run.total,
            "epoch": run.step / run.batches.steps_per_epoch,
            "steps_per_epoch": run.batches.steps_per_epoch,
            "loss": recent and recent[0],
            "accuracy": recent and recent[1],
            "test_accuracy": last and last[2],
            "samples_per_second": self._speed,
            "seconds": run.seconds,
            "seconds_left": run.seconds / run.step * left if run.step else None,
            "learning_rate": run.learning_rate,
            "points": np.array(self.history.points, np.float32).reshape(-1, 3),
            "tests": np.array(self.history.tests, np.float32).reshape(-1, 3),
            "tested": self.evaluation and self.evaluation.step,
            "advice": self._diverged or advice.advice(self.history, run.learning_rate),
            "finished": self._finished,
            "diverged": self._diverged is not None,
            "command": run.settings.command(),
        }

    def change_learning_rate(self, rate: str) -> dict[str, Any]:
        """Use this rate from the next step on; returns the settings that repeat this run from its start.

        Raises:
            ValueError: `rate` is not a learning rate.
        """
        run = self.run
        try:
            wanted = RunSettings.parse({"learning-rate": rate}).learning_rate
        except SettingsError as error:
            raise ValueError(error.sentences["learning_rate"]) from None
        rates = {step: kept for step, kept in run.rates.items() if step < run.step} | {run.step: wanted}
        changes = ",".join(f"{step}:{rate:.12g}" for step, rate in sorted(rates.items()))
        run.settings, run.rates = replace(run.settings, rate_changes=changes), rates
        return {"settings": run.settings.texts()}

    def pictures(self) -> dict[str, Any]:
        """The change of the first layer's weights since the start, and the last test."""
        return {
            "weights": first_weights(self.run.network) - self._initial,
            "evaluation": self.evaluation and self.evaluation.as_dict(),
        }

    def checkpoint(self) -> dict[str, Any]:
        """The arguments that continue the run from here."""
        return {"settings": self.run.settings.texts(), "checkpoint": self.run.checkpoint(), "history": self.history.as_dict()}

    def network(self) -> dict[str, Any]:
        """The trained network: its card, and the bytes of its .npz and .pk1 files.

        "pk1" is a sentence instead if a .pk1 file cannot hold these layers.
        """
        settings = self.run.settings
        network, calibrated = finished(self.run.reader, self._data)
        try:
            pk1: bytes | str = dumps(network, ".pk1")
        except ParameterError as error:
            pk1 = str(error)
        images, labels = self._tests
        card = {
            "title": f"Yours, {settings.layers}",
            "layers": settings.layers,
            "command": settings.command(),
            "seed": settings.seed,
            "steps": self.run.step,
            "seconds": round(self.run.seconds),
            "data": ["MNIST (Y. LeCun, C. Cortes, C. Burges)"],
            "mnist_test_accuracy": accuracy(logits_of(network, images), labels),
            "parameters": network.parameter_count,
            **calibrated,
        }
        return {"card": card, "npz": dumps(network, ".npz"), "pk1": pk1}


_current: Training | None = None


def begin(settings: dict[str, str], checkpoint: str | None = None, history: dict[str, Any] | None = None) -> dict[str, Any]:
    """Start a run, or continue one; returns its `report()`. Arguments and errors are those of `Training`."""
    global _current
    _current = None  # frees the memory of the last run first
    _current = Training(settings, checkpoint, history)
    return _current.report()


def current() -> Training:
    """The run of this worker. Raises ValueError before `begin`."""
    if _current is None:
        raise ValueError("no training run has started")
    return _current


def test_steps(total: int, steps_per_epoch: int) -> set[int]:
    """The steps after which a run is tested: four times in the first epoch, after each epoch, and at the end.

    Runs of more than MOST_TESTS epochs are tested after every second epoch, or third, and so on.
    """
    early = [steps_per_epoch // parts for parts in (16, 8, 4, 2)]
    every = steps_per_epoch * math.ceil(total / steps_per_epoch / MOST_TESTS)
    return {step for step in (*early, *range(every, total, every)) if 1 <= step < total} | {total}


def _restored(history: dict[str, Any]) -> History:
    try:
        return History.from_dict(history)
    except (KeyError, TypeError, ValueError):
        raise ValueError("the stored run is damaged and cannot be continued: start over") from None
