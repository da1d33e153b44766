"""Distillation: what the teachers say is asked once, kept, and mixed with the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from digits import NONE
from digits.mixed_batches import ImageSource, MixedBatches
from nn import Network
from nn.loss import softmax, with_none
from research.distillation import Bank, BankBatches


def mixed() -> MixedBatches:
    rng = np.random.default_rng(0)
    labels = (np.arange(60) % (NONE + 1)).astype(np.uint8)
    return MixedBatches([ImageSource(rng.integers(0, 256, (60, 784), np.uint8), labels, 1.0, None)], batch=16, seed=3)


def test_none_is_what_no_digit_speaks_for() -> None:
    said = softmax(with_none(np.array([[-9.0] * 10, [9.0] + [-9.0] * 9])))
    assert said[0].argmax() == NONE
    assert said[1].argmax() == 0
    np.testing.assert_allclose(said.sum(axis=1), 1)


def test_targets_are_the_truth_and_what_the_teachers_say(tmp_path: Path) -> None:
    teacher, mixture = Network.dense(784, 10, seed=1), mixed()
    bank = Bank(tmp_path, 40)
    assert list(bank.fill(mixture, [teacher]))[-1] == 1
    inputs, labels = mixture[1]
    np.testing.assert_allclose(bank.images[16:32] / 255, inputs, atol=0.5 / 255)
    np.testing.assert_allclose(bank.said[16:32], softmax(with_none(teacher.forward(inputs))), atol=1e-3)

    batches = BankBatches(bank, 40, 0, mixture.targets, truth=0.25, soften=2)
    targets = batches[0][1][np.argsort(batches.order)[16:32]]
    said = softmax(with_none(teacher.forward(inputs) / 2))
    right = said.argmax(axis=1) == labels.argmax(axis=1)
    assert 0 < right.sum() < len(right)
    np.testing.assert_allclose(targets[right], (0.25 * labels + 0.75 * said)[right], atol=2e-3)
    np.testing.assert_array_equal(targets[~right], labels[~right])


def test_the_student_sees_corrupted_images_that_the_teachers_read_clean(tmp_path: Path) -> None:
    bank = Bank(tmp_path, 40)
    list(bank.fill(mixed(), [Network.dense(784, 10, seed=1)]))
    clean, corrupted = (BankBatches(bank, 10, 0, np.eye(NONE + 1), corrupt=change) for change in (None, lambda x, rng: 1 - x))
    np.testing.assert_allclose(corrupted[2][0], 1 - clean[2][0])
    np.testing.assert_array_equal(corrupted[2][1], clean[2][1])


def test_a_filled_bank_asks_no_teacher_again(tmp_path: Path) -> None:
    list(Bank(tmp_path, 40).fill(mixed(), [Network.dense(784, 10, seed=1)]))
    kept = np.array(Bank(tmp_path, 40).said)
    again = Bank(tmp_path, 40)
    list(again.fill(mixed(), [Network.dense(784, 10, seed=2)]))
    np.testing.assert_array_equal(again.said, kept)


def test_batches_go_through_the_whole_bank_each_epoch(tmp_path: Path) -> None:
    bank = Bank(tmp_path, 40)
    bank.images[:, 0] = np.arange(40)
    bank.said[:] = 1 / 11
    batches = BankBatches(bank, 10, 0, np.eye(NONE + 1))
    for epoch in range(2):
        seen = [batches[4 * epoch + place][0][:, 0] * 255 for place in range(4)]
        assert sorted(np.round(np.concatenate(seen)).astype(int)) == list(range(40))
