"""What the training room asks for: a run of `digits.training_run`, driven a slice of time at a go.

The page asks for one slice after another (`advance`) and so may pause, step or stop between any two; what a slice shows
depends on the steps done alone, never on where the slices were cut.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
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
"""What a page can count on, in bytes, beside Python and MNIST."""

CHUNK = 500  # test images between which a slice may end


class Training:
    """One run at a time."""

    run: Run
    history: History
    evaluation: Evaluation | None
    _taught: Dataset | None = None
    _tests: tuple[np.ndarray, np.ndarray]

    def plan(self, settings: dict[str, str]) -> dict[str, Any]:
        """What these settings, as texts, will come to; or, under "problems", a sentence for each that is nonsense."""
        try:
            wanted = RunSettings.parse(settings)
        except SettingsError as error:
            return {"problems": {hyphened(name): sentence for name, sentence in error.sentences.items()}}
        layers, shape = architecture.parse(wanted.layers, wanted.activation)
        needed = memory.training_bytes(layers, shape, max(wanted.batch, CHUNK), wanted.optimizer)
        if needed > MEMORY:
            sentence = f"training these layers takes about {needed / 2**30:,.1f} GB of memory, and a page can count on 1 GB: "
            return {"problems": {"layers": sentence + "make them narrower, or the batch smaller"}}
        return {
            "problems": {},
            "settings": wanted.texts(),
            "parameters": memory.parameter_count(layers, shape),
            "memory": needed,
            "command": wanted.command(),
        }

    def begin(self, settings: dict[str, str], checkpoint: str | None = None, history: dict | None = None) -> dict[str, Any]:
        """Begin a run with MNIST in `mnist/`; or go on from a checkpoint's file and the history kept beside it.

        Raises:
            ValueError: settings that `plan` finds problems in, or a checkpoint that is broken or another run's.
        """
        if self._taught is None:
            self._taught, self._tests = mnist_dataset(MNIST), load_mnist(MNIST, "test")
        wanted = RunSettings.parse(settings)
        self._data = TrainingData(self._taught.first(wanted.samples))
        batches = self._data.batches(wanted.batch, wanted.seed, wanted.smoothing, not wanted.plain)
        run = Run(wanted, batches)
        self.history = History.from_dict(history) if history else History()
        self._first = first_weights(run.network)  # what chance gave; all that is learnt is added to it
        if checkpoint is not None:
            run.restore((HOME / checkpoint).read_bytes())
        self.run, self.evaluation, self._diverged, self._speed = run, None, None, None
        self._test_steps = test_steps(run.total, batches.steps_per_epoch)
        self._work = self._go()
        return self.report()

    def advance(self, milliseconds: float = 0, steps: int = 0) -> dict[str, Any]:
        """Train for so long, or for so many steps and the test that may follow the last; answers as `report`."""
        if not steps:
            self._slice(milliseconds / 1000)
        end = min(self.run.step + steps, self.run.total)
        while steps and not self._diverged and (self.run.step < end or self._due(self.run.step)):
            self._slice(0)
        return self.report()

    def _slice(self, seconds: float) -> None:
        run, began, first = self.run, time.perf_counter(), self.run.step
        training = 0.0
        try:
            for trained in self._work:
                now = time.perf_counter()
                training = now - began if trained else training
                if now - began >= seconds:
                    break
        except Diverged as error:
            self._diverged = str(error)
        run.seconds += time.perf_counter() - began
        if run.step > first and training:
            speed = (run.step - first) * run.settings.batch / training
            self._speed = speed if self._speed is None else 0.8 * self._speed + 0.2 * speed

    def _go(self) -> Iterator[bool]:
        """Steps, and tests where they are due: True after each step, False after each part of a test."""
        yield from self._test_if_due()
        while not self.run.done:
            self.history.record(self.run.advance())
            yield True
            yield from self._test_if_due()

    def _due(self, step: int) -> bool:
        tested = self.history.tests[-1][0] if self.history.tests else 0
        return step in self._test_steps and step > tested

    def _test_if_due(self) -> Iterator[bool]:
        if not self._due(self.run.step):
            return
        images, labels = self._tests
        logits = []
        for start in range(0, len(images), CHUNK):
            logits.append(self.run.reader.forward(as_inputs(images[start : start + CHUNK])))
            yield False
        self.evaluation = Evaluation(self.run.step, np.concatenate(logits), images, labels)
        self.history.record_test(self.run.step, self.evaluation.loss, self.evaluation.accuracy)

    def report(self) -> dict[str, Any]:
        """How the run stands."""
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
            "finished": self._diverged is not None or (not left and not self._due(run.step)),
            "diverged": self._diverged is not None,
            "command": run.settings.command(),
        }

    def change_learning_rate(self, rate: str) -> dict[str, Any]:
        """From the next step on, this rate; answers with the settings that make this run again from its start.

        Raises ValueError for what is no learning rate.
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
        """What the first layer has learnt, its weights less those it began with, and how the last test went."""
        return {
            "weights": first_weights(self.run.network) - self._first,
            "evaluation": self.evaluation and self.evaluation.as_dict(),
        }

    def checkpoint(self) -> dict[str, Any]:
        """What `begin` needs to go on from here."""
        return {"settings": self.run.settings.texts(), "checkpoint": self.run.checkpoint(), "history": self.history.as_dict()}

    def network(self, form: str) -> dict[str, Any]:
        """The network so far, as it is kept: the bytes of a file ("pk1" or "npz"), and its card.

        Raises ParameterError where a .pk1 cannot hold these layers.
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


room = Training()
"""The one of this worker."""


def test_steps(total: int, steps_per_epoch: int) -> set[int]:
    """The steps after which a run is tested: soon at first, then after each epoch, and at the end."""
    early = [steps_per_epoch // parts for parts in (16, 8, 4, 2)]
    return {step for step in (*early, *range(steps_per_epoch, total, steps_per_epoch)) if 1 <= step < total} | {total}
