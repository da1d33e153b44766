"""The dense network in NumPy alone: what the chapters of the room Learn should compute."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
DENSE = pickle.loads((WEIGHTS / "model_params_stored_mnist.pk1").read_bytes())

LARGEST_CHANGE = 3.0
"""How far the chapter "fool" changes a drawing, as the length of a vector of 784 pixels."""


def softmax(z: np.ndarray) -> np.ndarray:
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def forward(x: np.ndarray, off: list[list[int]] | None = None, relu: bool = True) -> list[np.ndarray]:
    """The inputs and outputs of each layer of the dense network; `off` names silent neurons of the hidden layers."""
    values = [x]
    for number, (W, b) in enumerate(zip(DENSE["weights"], DENSE["biases"], strict=True)):
        x = x @ W + b
        if number < 2 and relu:
            x = np.maximum(x, 0)
        if number < 2 and off:
            x[:, off[number]] = 0
        values.append(x)
    return values


def descend(x: np.ndarray, labels: np.ndarray, rate: float, steps: int) -> list[float]:
    """The loss before and after each step of gradient descent, in NumPy alone."""
    weights, biases = ([array.astype(np.float64) for array in DENSE[name]] for name in ("weights", "biases"))
    losses = []
    for _ in range(steps + 1):
        values = [x.astype(np.float64)]
        for number in range(3):
            z = values[-1] @ weights[number] + biases[number]
            values.append(np.maximum(z, 0) if number < 2 else z)
        shares = softmax(values[-1])
        z = values[-1] - values[-1].max(axis=1, keepdims=True)
        losses.append(float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(x)), labels]).mean()))
        blame = (shares - np.eye(10)[labels]) / len(x)
        for number in (2, 1, 0):
            back = (blame @ weights[number].T) * (values[number] > 0)
            weights[number] -= rate * values[number].T @ blame
            biases[number] -= rate * blame.sum(axis=0)
            blame = back
    return losses


def fooled(x: np.ndarray, target: int) -> np.ndarray:
    """The pixels after ten steps against the gradient of the loss that `target` would have."""
    changed = x.astype(np.float64)
    for _ in range(10):
        values = forward(changed)
        slope = softmax(values[-1]) - np.eye(10)[[target]]
        for number in (2, 1, 0):
            slope = (slope * (values[number + 1] > 0) if number < 2 else slope) @ DENSE["weights"][number].T
        changed = np.clip(changed - LARGEST_CHANGE / 10 * slope / np.linalg.norm(slope), 0, 1)
    return changed
