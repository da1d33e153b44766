"""Is the backward pass right? Compare its gradients with numerical ones, from small changes of single numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from nn.loss import cross_entropy
from nn.network import Network


def numerical_gradient(loss: Callable[[], float], array: np.ndarray, places: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """dL/d(array) at some places of the flattened array, by central differences (L(θ + h) − L(θ − h)) / 2h.

    (Goodfellow et al. 2016, "Deep Learning", section 11.5.) `array` is changed in place and restored.
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
    """max |a − b| / max(|a|, |b|, 1e-5); below 1e-5 only rounding errors would be compared."""
    scale = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)), 1e-5)
    return float(np.abs(a - b).max(initial=0)) / scale


def gradient_errors(
    network: Network, x: np.ndarray, targets: np.ndarray, places: int = 40, seed: int = 0, layers: Collection[int] | None = None
) -> dict[str, float]:
    """The relative error of `backward` against numerical gradients, for every parameter and for the input.

    Args:
        network: a copy of it is checked, in float64.
        x, targets: a small batch, as `forward` and `cross_entropy` take it.
        places: how many numbers of each array are checked, chosen with the random seed `seed`.
        layers: the indices of the layers whose parameters are checked; None for all.
    Returns:
        {"0.weights": error, ..., "input": error}; about 1e-8 if backward is right, above 1e-4 if something is wrong.
    """
    twin, x = network.astype(np.float64), x.astype(np.float64)
    rng = np.random.default_rng(seed)

    def loss() -> float:
        return cross_entropy(twin.forward(x, training=True), targets)[0]

    _, dz = cross_entropy(twin.forward(x, training=True), targets)
    checked = {"input": (x, twin.backward(dz))}
    for index, layer in enumerate(twin.layers):
        if layers is not None and index not in layers:
            continue
        checked |= {f"{index}.{name}": (array, layer.gradients[name]) for name, array in layer.parameters.items()}
    errors = {}
    for name, (array, gradient) in checked.items():
        chosen = rng.choice(array.size, min(places, array.size), replace=False)
        errors[name] = relative_error(gradient.reshape(-1)[chosen], numerical_gradient(loss, array, chosen))
    return errors
