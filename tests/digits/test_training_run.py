"""A run: what it does, and that it goes on after a stop as if nothing had been."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from digits.training_data import Dataset, TrainingData
from digits.training_run import Run, finished
from digits.training_settings import RunSettings
from nn.training import Progress

SMALL = RunSettings(layers="784-16-10", samples=600, epochs=3, batch=50, average=0.9, seed=5)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    """Ten blurred patterns, easily told apart."""
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 200, (10, 784))
    labels = rng.integers(0, 10, 700).astype(np.uint8)
    images = (patterns[labels] + rng.integers(0, 55, (700, 784))).astype(np.uint8)
    return TrainingData(Dataset(images[:600], labels[:600], images[600:], labels[600:]))


def begin(data: TrainingData, settings: RunSettings = SMALL) -> Run:
    return Run(settings, data.batches(settings.batch, settings.seed, settings.smoothing, not settings.plain))


def to_the_end(run: Run) -> list[Progress]:
    progress = []
    while not run.done:
        progress.append(run.advance())
    return progress


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_run_resumed_from_a_checkpoint_is_the_uninterrupted_one(data: TrainingData, optimizer: str) -> None:
    settings = replace(SMALL, optimizer=optimizer, rate_changes="7:0.001")
    whole = begin(data, settings)
    expected = to_the_end(whole)
    assert whole.step == whole.total == len(expected) == 36

    seen, kept = [], None
    for _ in range(8):
        run = begin(data, settings)
        if kept is not None:
            run.restore(kept)
        seen += [run.advance() for _ in range(5) if not run.done]
        kept = run.checkpoint()
    assert seen == expected
    for (name, ours), (_, theirs) in zip(run.reader.named_parameters(), whole.reader.named_parameters(), strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_another_rate_holds_from_its_step_on(data: TrainingData) -> None:
    settings = replace(SMALL, schedule="constant", learning_rate=0.01, rate_changes="4:0.002,9:0.0005", epochs=1)
    rates = [progress.learning_rate for progress in to_the_end(begin(data, settings))]
    assert rates == [0.01] * 4 + [0.002] * 5 + [0.0005] * 3


def test_what_is_finished_reads_and_is_calibrated(data: TrainingData) -> None:
    run = begin(data, replace(SMALL, plain=True, epochs=10, learning_rate=0.01))
    to_the_end(run)
    network, card = finished(run.reader, data)
    images, labels = data.held_out()
    assert (network.predict(images.astype(np.float32) / 255).argmax(axis=1) == labels).mean() > 0.9
    assert card["temperature"] > 0
    assert set(card["thresholds"]) == {"sure"}
