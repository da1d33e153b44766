"""Files that somebody may load as a network, and that hold none."""

from __future__ import annotations

import pickle

import numpy as np

from nn import Network, architecture, parameters


class Hostile:
    def __reduce__(self) -> tuple:
        return (print, ("owned",))


def broken_networks() -> dict[str, bytes]:
    right = parameters.dumps_pickle(Network.dense(784, 8, 10))
    padded = architecture.build("28x28-conv2-10")
    padded.layers[1].padding = 5000  # type: ignore[attr-defined]
    return {
        "memo.pk1": b"Nr\x00\xe1\xf5\x05.",
        "padded.npz": parameters.dumps_npz(padded),
        "evil.pk1": pickle.dumps(Hostile()),
        "empty.pk1": b"",
        "torn.pk1": right[: len(right) // 2],
        "torn.npz": parameters.dumps_npz(Network.dense(784, 8, 10))[:-100],
        "letters.npz": parameters.dumps_npz(Network.dense(784, 8, 26)),
        "text.npz": b"no network at all",
        "huge.pk1": pickle.dumps({"weights": [np.zeros((784, 9), np.float32)], "biases": [np.zeros(10, np.float32)]}),
    }
