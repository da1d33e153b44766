"""From gradients to better parameters. Each optimiser keeps its own memory in `state`, so that a run can be resumed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nn import backend
from nn.network import Network

Schedule = Callable[[float], float]


class Optimizer:
    """Walks over a network's parameters; a subclass says in `update` how one array moves.

    Attributes:
        learning_rate: may be changed between steps.
        steps: how many were taken.
        state: the optimiser's memory, {"momentum/0.weights": array, ...}.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.steps = 0
        self.state: dict[str, np.ndarray] = {}

    def step(self, network: Network) -> None:
        """Move every parameter of `network` along its gradient, in place."""
        self.steps += 1
        for index, layer in enumerate(network.layers):
            for name, parameter in layer.parameters.items():
                self.update(f"{index}.{name}", parameter, layer.gradients[name])

    def update(self, name: str, parameter: np.ndarray, gradient: np.ndarray) -> None:
        raise TypeError(f"{type(self).__name__} does not say how a parameter moves")

    def memory(self, kind: str, name: str, like: np.ndarray) -> np.ndarray:
        """The array kept under this name, made of zeros at the first call."""
        key = f"{kind}/{name}"
        if key not in self.state:
            self.state[key] = np.zeros_like(like)
        return self.state[key]


class SGD(Optimizer):
    """Stochastic gradient descent: θ ← θ − η g."""

    def update(self, name: str, parameter: np.ndarray, gradient: np.ndarray) -> None:
        parameter -= self.learning_rate * gradient


class Momentum(Optimizer):
    """v ← μ v + g,  θ ← θ − η v: a heavy ball that rolls through small bumps (Polyak 1964)."""

    def __init__(self, learning_rate: float, momentum: float = 0.9) -> None:
        super().__init__(learning_rate)
        self.momentum = momentum

    def update(self, name: str, parameter: np.ndarray, gradient: np.ndarray) -> None:
        velocity = self.memory("velocity", name, parameter)
        velocity *= self.momentum
        velocity += gradient
        parameter -= self.learning_rate * velocity


class Adam(Optimizer):
    """Each parameter has its own step, from running means of its gradient and of the gradient's square.

        m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
        θ ← θ − η m̂ / (√v̂ + ε)

    (Kingma and Ba 2015, "Adam", algorithm 1.) `weight_decay` λ also shrinks weights, not biases, by η λ θ, beside the
    gradient rather than within it (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2).
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate)
        self.beta1, self.beta2, self.epsilon, self.weight_decay = beta1, beta2, epsilon, weight_decay

    def update(self, name: str, parameter: np.ndarray, gradient: np.ndarray) -> None:
        if self.weight_decay and parameter.ndim > 1:
            parameter -= self.learning_rate * self.weight_decay * parameter
        # m̂ / (√v̂ + ε), with the two corrections gathered into numbers so that no array is made for them
        m, v = self.memory("m", name, parameter), self.memory("v", name, parameter)
        correction = math.sqrt(1 - self.beta2**self.steps)
        rate = self.learning_rate * correction / (1 - self.beta1**self.steps)
        backend.adam(parameter, gradient, m, v, rate, self.beta1, self.beta2, self.epsilon * correction)


class WeightAverage:
    """An exponential moving average of a network's parameters, which reads better than the last step's.

    (Polyak and Juditsky 1992; as used by Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima".)
    """

    def __init__(self, network: Network, decay: float = 0.999) -> None:
        self.network = network.astype(np.float32)
        self.decay = decay
        self.steps = 0

    def update(self, network: Network) -> None:
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))  # the first, random steps are soon forgotten
        for mine, theirs in zip(self.network.layers, network.layers, strict=True):
            for average, current in ((mine.parameters, theirs.parameters), (mine.state, theirs.state)):
                for name, array in average.items():
                    backend.move_towards(array, current[name], 1 - decay)


def constant(learning_rate: float) -> Schedule:
    """The same rate from the first step to the last."""
    return lambda done: learning_rate


def one_cycle(learning_rate: float, warm_up: float = 0.05) -> Schedule:
    """Rises in a line over the first part of the run, then falls to nothing along a cosine.

    `done` runs from 0 to 1 over the whole run (Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts).
    """

    def rate(done: float) -> float:
        if done < warm_up:
            return learning_rate * (done / warm_up + 1e-3)
        return learning_rate * (1e-3 + 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))))

    return rate


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "momentum": Momentum, "adam": Adam}
SCHEDULES: dict[str, Callable[[float], Schedule]] = {"constant": constant, "one-cycle": one_cycle}
