"""Is the backward pass right? Nudge each number a little, see how the loss answers, and compare."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from nn.loss import cross_entropy
from nn.network import Network


def numerical_gradient(loss: Callable[[], float], array: np.ndarray, places: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """dL/d(array) at some places of the flat array, by central differences (L(θ + h) − L(θ − h)) / 2h.

    (Goodfellow et al. 2016, "Deep Learning", section 11.5.) `array` is nudged in place and put back.
    """
    flat = array.reshape(-1)
    slopes = np.empty(len(places))
    for i, place in enumerate(places):
        before = flat[place]
        flat[place] = before + step
        above = loss()
        flat[place] = before - step
        below = loss()
        flat[place] = before
        slopes[i] = (above - below) / (2 * step)
    return slopes


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """max |a − b| over the largest of both; what is below 1e-5 counts as 1e-5, or rounding would be compared with rounding."""
    scale = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)), 1e-5)
    return float(np.abs(a - b).max(initial=0)) / scale


def gradient_errors(
    network: Network, x: np.ndarray, targets: np.ndarray, places: int = 40, seed: int = 0, layers: Collection[int] | None = None
) -> dict[str, float]:
    """The relative error of backward against numerical gradients, for every parameter and for the input.

    Args:
        network: checked in float64, as a copy.
        x, targets: a small batch, as `forward` and `cross_entropy` take it.
        places: how many numbers of each array are nudged, drawn from `seed`.
        layers: the indices of those whose parameters are checked; all of them where none is named.
    Returns:
        {"0.weights": error, ..., "input": error}; about 1e-8 where all is right, above 1e-4 where something is wrong.
    """
    twin, x = network.astype(np.float64), x.astype(np.float64)
    rng = np.random.default_rng(seed)

    def loss() -> float:
        return cross_entropy(twin.forward(x, training=True), targets)[0]

    _, grad = cross_entropy(twin.forward(x, training=True), targets)
    input_gradient = twin.backward(grad)
    checked = {"input": (x, input_gradient)}
    for index, layer in enumerate(twin.layers):
        if layers is not None and index not in layers:
            continue
        checked |= {f"{index}.{name}": (array, layer.gradients[name]) for name, array in layer.parameters.items()}
    errors = {}
    for name, (array, gradient) in checked.items():
        chosen = rng.choice(array.size, min(places, array.size), replace=False)
        errors[name] = relative_error(gradient.reshape(-1)[chosen], numerical_gradient(loss, array, chosen))
    return errors
