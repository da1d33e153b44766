"""The requests of the training room: a run of `digits.training_run`, trained a slice of time at a time.

The page asks for one slice after another (`advance`), and may pause, step or stop between any two. The result depends on
the steps alone, not on how they were divided into slices.
"""

from __future__ import annotations

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
from digits.training_settings import RunSettings, SettingsError, hyphened
from nn import advice, architecture, memory
from nn.history import History
from nn.parameters import dumps
from nn.training import Diverged
from web.evaluation import Evaluation, first_weights

HOME = Path(__file__).parents[2]
MNIST = HOME / "mnist"
"""Where the worker puts MNIST's files before a run begins."""

MEMORY = 2**30
"""How many bytes a page can use, in addition to Python and MNIST."""

CHUNK = 500  # test images in one part of a test


@lru_cache(maxsize=1)
def mnist(folder: Path) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """MNIST's training data, and its test images and labels, read once."""
    return mnist_dataset(folder), *load_mnist(folder, "test")


def plan(settings: dict[str, str]) -> dict[str, Any]:
    """What a run with these settings, as texts, amounts to; or, under "problems", a sentence for each wrong one."""
    try:
        wanted = RunSettings.parse(settings)
    except SettingsError as error:
        return {"problems": {hyphened(name): sentence for name, sentence in error.sentences.items()}}
    layers, shape = architecture.parse(wanted.layers, wanted.activation)
    needed = memory.training_bytes(layers, shape, max(wanted.batch, CHUNK), wanted.optimizer)
    if needed > MEMORY:
        sentence = f"training these layers takes about {needed / 2**30:,.1f} GB of memory, and a page can use about 1 GB: "
        return {"problems": {"layers": sentence + "make them narrower, or the batch smaller"}}
    return {
        "problems": {},
        "settings": wanted.texts(),
        "parameters": memory.parameter_count(layers, shape),
        "memory": needed,
        "command": wanted.command(),
    }


class Training:
    """A run in progress, trained a slice of time at a time.

    Args:
        settings: as texts, by name.
        checkpoint: a file to continue from, and
        history: the history that was kept with it.
    Raises:
        ValueError: settings that `plan` finds problems in, or a checkpoint that is broken or of another run.
    """

    def __init__(self, settings: dict[str, str], checkpoint: str | None = None, history: dict[str, Any] | None = None) -> None:
        dataset, *self._tests = mnist(MNIST)
        wanted = RunSettings.parse(settings)
        self._data = TrainingData(dataset.first(wanted.samples))
        batches = self._data.batches(wanted.batch, wanted.seed, wanted.smoothing, not wanted.plain)
        self.run = Run(wanted, batches)
        self.history = History.from_dict(history) if history else History()
        self.evaluation: Evaluation | None = None
        self._initial = first_weights(self.run.network)
        if checkpoint is not None:
            self.run.restore((HOME / checkpoint).read_bytes())
        self._test_steps = test_steps(self.run.total, batches.steps_per_epoch)
        self._logits: list[np.ndarray] = []  # of a test that is under way
        self._diverged: str | None = None
        self._speed: float | None = None

    def advance(self, milliseconds: float = 0, steps: int = 0) -> dict[str, Any]:
        """Train for so long, or for so many steps and the test that may follow the last; answers as `report`."""
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
        """One step of training (True), or, where a test is due, one part of it (False)."""
        if not self._test_due:
            self.history.record(self.run.advance())
            return True
        images, labels = self._tests
        start = CHUNK * len(self._logits)
        self._logits.append(self.run.reader.forward(as_inputs(images[start : start + CHUNK])))
        if start + CHUNK >= len(images):
            self.evaluation = Evaluation(self.run.step, np.concatenate(self._logits), images, labels)
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
        """The state of the run."""
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
        """Use this rate from the next step on; answers with the settings that repeat this run from its start.

        Raises:
            ValueError: this is not a learning rate.
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
        """The arguments with which `begin` continues from here."""
        return {"settings": self.run.settings.texts(), "checkpoint": self.run.checkpoint(), "history": self.history.as_dict()}

    def network(self, form: str) -> dict[str, Any]:
        """The network so far: the bytes of a file ("pk1" or "npz"), and its card.

        Raises:
            ParameterError: a .pk1 file cannot hold these layers.
        """
        settings = self.run.settings
        network, calibrated = finished(self.run.reader, self._data)
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
        return {"data": dumps(network, f".{form}"), "card": card}


_current: Training | None = None


def begin(settings: dict[str, str], checkpoint: str | None = None, history: dict[str, Any] | None = None) -> dict[str, Any]:
    """Begin a run, or continue one; see `Training`. Answers with its `report`."""
    global _current
    _current = Training(settings, checkpoint, history)
    return _current.report()


def current() -> Training:
    """The run of this worker. Raises ValueError before `begin`."""
    if _current is None:
        raise ValueError("no training run has begun")
    return _current


def test_steps(total: int, steps_per_epoch: int) -> set[int]:
    """The steps after which a run is tested: soon at first, then after each epoch, and at the end."""
    early = [steps_per_epoch // parts for parts in (16, 8, 4, 2)]
    return {step for step in (*early, *range(steps_per_epoch, total, steps_per_epoch)) if 1 <= step < total} | {total}
