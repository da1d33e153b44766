"""The training loop: it learns, it can be paused and resumed to the very same curve, and it says when it diverged."""

from __future__ import annotations

import numpy as np
import pytest

from nn import Adam, Network, architecture, checkpoint, train
from nn.optimizers import WeightAverage, one_cycle
from nn.parameters import ParameterError
from nn.training import Diverged, Progress, Shuffled, batch_accuracy


def spirals(points: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three arms that wind around each other: no line divides them."""
    rng = np.random.default_rng(seed)
    t = np.tile(np.linspace(0.1, 1, points), 3)
    label = np.repeat(np.arange(3), points)
    angle = 4 * t + label * 2 * np.pi / 3 + 0.1 * rng.standard_normal(len(t))
    return np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1).astype(np.float32), label


def curve(progress: list[Progress]) -> list[tuple[int, float, float]]:
    return [(p.step, p.loss, p.accuracy) for p in progress]


def test_it_learns_what_no_line_divides() -> None:
    x, labels = spirals()
    network = Network.dense(2, 32, 32, 3, seed=1)
    run = list(train(network, Adam(1e-2), Shuffled(x, labels, 30), epochs=80))
    assert run[-1].step == 80 * 6
    assert run[-1].epoch == 80
    assert (network.forward(x).argmax(axis=1) == labels).mean() > 0.97
    assert run[-1].loss < 0.2 < run[0].loss


def test_a_pause_changes_nothing() -> None:
    x, labels = spirals()
    whole = curve(list(train(Network.dense(2, 8, 3), Adam(1e-2), Shuffled(x, labels, 30), 5)))
    paused = train(Network.dense(2, 8, 3), Adam(1e-2), Shuffled(x, labels, 30), 5)
    first = [next(paused) for _ in range(7)]
    assert curve(first + list(paused)) == whole


def test_a_run_resumed_from_its_checkpoint_goes_on_to_the_same_curve() -> None:
    x, labels = spirals()

    def start() -> tuple[Network, Adam, WeightAverage]:
        network = architecture.build("2-8-norm-3", seed=4)
        return network, Adam(1e-2, weight_decay=0.01), WeightAverage(network, 0.9)

    def steps(network: Network, optimizer: Adam, average: WeightAverage, begin: int, end: int) -> list[Progress]:
        run = train(network, optimizer, Shuffled(x, labels, 30, seed=2), 6, one_cycle(1e-2), start=begin)
        done = []
        for progress in run:
            average.update(network)
            done.append(progress)
            if progress.step == end:
                break
        return done

    whole, split, resumed = start(), start(), start()
    expected = curve(steps(*whole, 0, 36))
    before = curve(steps(*split, 0, 17))
    assert checkpoint.loads(checkpoint.dumps(*split, 17, 12.5), *resumed) == (17, 12.5)
    assert before + curve(steps(*resumed, 17, 36)) == expected
    for (name, a), (_, b) in zip(whole[2].network.named_parameters(), resumed[2].network.named_parameters(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_a_checkpoint_of_another_network_is_refused() -> None:
    network = Network.dense(2, 8, 3)
    data = checkpoint.dumps(network, Adam(), WeightAverage(network), 3)
    other = Network.dense(2, 9, 3)
    with pytest.raises(ParameterError, match="another network"):
        checkpoint.loads(data, other, Adam(), WeightAverage(other))
    with pytest.raises(ParameterError, match="broken"):
        checkpoint.loads(data[:-100], network, Adam(), WeightAverage(network))


def test_every_example_is_seen_once_an_epoch_in_an_order_of_the_seed() -> None:
    x, labels = np.arange(12, dtype=np.float32)[:, None], np.arange(12)
    batches = Shuffled(x, labels, 4, seed=5)
    epochs = [[int(label) for place in range(3) for label in batches[3 * epoch + place][1]] for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(12))
    assert epochs[0] != epochs[1]
    again = Shuffled(x, labels, 4, seed=5)
    assert list(again[4][1]) == epochs[1][4:8], "any step can be asked for, in any order"
    assert [int(label) for place in range(3) for label in Shuffled(x, labels, 4, seed=6)[place][1]] != epochs[0]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_is_said_with_what_to_do() -> None:
    x, labels = spirals()
    with pytest.raises(Diverged, match=r"diverged at step \d.*Try a learning rate below"):
        for _ in train(Network.dense(2, 32, 3), Adam(1e30), Shuffled(x, labels, 30), 50):
            pass


def test_accuracy_counts_none_of_them() -> None:
    logits = np.array([[2.0, -1.0], [-1.0, -2.0], [0.5, 1.0]])
    assert batch_accuracy(logits, np.array([0, 2, 1])) == 1
    assert batch_accuracy(logits, np.array([2, 2, 0])) == pytest.approx(1 / 3)
    assert batch_accuracy(logits, np.array([[0.9, 0.1], [0.4, 0.6], [0, 1]])) == pytest.approx(2 / 3)
