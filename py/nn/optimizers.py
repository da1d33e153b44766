"""From gradients to better parameters. A class that derives from `Optimizer` is registered in `OPTIMIZERS` by its word."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np

from nn.layers import Array
from nn.network import Network

Schedule = Callable[[float], float]

OPTIMIZERS: dict[str, type[Optimizer]] = {}
"""Every optimizer, by the word that names it on the command line and in the page."""


class Optimizer:
    """Moves a network's parameters; a subclass says in `update` how one array moves.

    Keyword arguments of a subclass, as in `class Adam(Optimizer, word="adam", memory=("m", "v"))`:
        word: its name on the command line and in the page.
        memory: the names of the arrays that it keeps for each parameter, zeros at first.

    Attributes:
        learning_rate: may be changed between steps.
        weight_decay: λ; shrinks weights, not biases, by η λ θ beside the gradient's step
            (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithms 1 and 2).
        steps: how many were taken.
        state: the arrays it keeps, {"velocity/0.weights": array, ...}, so that a run can be resumed.
    """

    memory: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, word: str, memory: tuple[str, ...] = ()) -> None:
        cls.memory = memory
        OPTIMIZERS[word] = cls

    def __init__(self, learning_rate: float = 1e-3, weight_decay: float = 0.0) -> None:
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.steps = 0
        self.state: dict[str, Array] = {}

    def step(self, network: Network) -> None:
        """Move every parameter of `network` against its gradient, in place."""
        self.steps += 1
        if self.weight_decay:
            for _, parameter in network.named_parameters():
                if parameter.ndim > 1:
                    parameter -= self.learning_rate * self.weight_decay * parameter
        self.move(network)

    def move(self, network: Network) -> None:
        for index, layer in enumerate(network.layers):
            for name, parameter in layer.parameters.items():
                self.update(parameter, layer.gradients[name], self.arrays(f"{index}.{name}", parameter))

    def update(self, parameter: Array, gradient: Array, arrays: Sequence[Array]) -> None:
        """Move one parameter in place; `arrays` are what `memory` names, for this parameter."""
        raise NotImplementedError(f"{type(self).__name__}.update")

    def arrays(self, name: str, parameter: Array) -> list[Array]:
        """What is kept for the parameter of this name: zeros at the first call."""
        keys = [f"{kind}/{name}" for kind in self.memory]
        for key in keys:
            if key not in self.state:
                self.state[key] = np.zeros_like(parameter)
        return [self.state[key] for key in keys]


class SGD(Optimizer, word="sgd"):
    """Stochastic gradient descent: θ ← θ − η g."""

    def update(self, parameter: Array, gradient: Array, arrays: Sequence[Array]) -> None:
        parameter -= self.learning_rate * gradient


class Momentum(Optimizer, word="momentum", memory=("velocity",)):
    """v ← μ v + g,  θ ← θ − η v: a heavy ball that rolls through small bumps (Polyak 1964)."""

    def __init__(self, learning_rate: float = 1e-3, weight_decay: float = 0.0, momentum: float = 0.9) -> None:
        super().__init__(learning_rate, weight_decay)
        self.momentum = momentum

    def update(self, parameter: Array, gradient: Array, arrays: Sequence[Array]) -> None:
        (velocity,) = arrays
        velocity *= self.momentum
        velocity += gradient
        parameter -= self.learning_rate * velocity


class Adam(Optimizer, word="adam", memory=("m", "v")):
    """Each parameter has its own step size, from running means of its gradient and of the gradient's square.

        m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)
        θ ← θ − η m̂ / (√v̂ + ε)

    (Kingma and Ba 2015, "Adam", algorithm 1, and its end of section 2: the two corrections are moved into η and ε.)
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8

    def update(self, parameter: Array, gradient: Array, arrays: Sequence[Array]) -> None:
        m, v = arrays
        rate, epsilon = self.corrected()
        m *= self.beta1
        m += (1 - self.beta1) * gradient
        v *= self.beta2
        v += (1 - self.beta2) * np.square(gradient)
        parameter -= rate * m / (np.sqrt(v) + epsilon)

    def corrected(self) -> tuple[float, float]:
        """η √(1 − β₂ᵗ) / (1 − β₁ᵗ) and ε √(1 − β₂ᵗ): with them, m and v do what m̂ and v̂ do with η and ε."""
        correction = math.sqrt(1 - self.beta2**self.steps)
        return self.learning_rate * correction / (1 - self.beta1**self.steps), self.epsilon * correction


class WeightAverage:
    """An exponential moving average of a network's parameters, which reads better than the last step's.

    (Polyak and Juditsky 1992; as used by Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima".)
    """

    def __init__(self, network: Network, decay: float = 0.999) -> None:
        self.network = network.astype(np.float32)
        self.decay = decay
        self.steps = 0

    def update(self, network: Network) -> None:
        """average ← d · average + (1 − d) · parameter, for all parameters and the running averages of BatchNorm."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))  # so that the first, random weights are soon forgotten
        current = network.named_arrays()
        for name, array in self.network.named_arrays().items():
            self.move(array, current[name], 1 - decay)

    @staticmethod
    def move(average: Array, current: Array, share: float) -> None:
        average += share * (current - average)


def constant(learning_rate: float) -> Schedule:
    """The same rate from the first step to the last."""
    return lambda done: learning_rate


def one_cycle(learning_rate: float, warm_up: float = 0.05) -> Schedule:
    """Rises in a straight line over the first part of the run, then falls to nearly 0 along a cosine.

    `done` goes from 0 to 1 over the run (Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts).
    """

    def rate(done: float) -> float:
        if done < warm_up:
            return learning_rate * (done / warm_up + 1e-3)
        return learning_rate * (1e-3 + 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up))))

    return rate


SCHEDULES: dict[str, Callable[[float], Schedule]] = {"constant": constant, "one-cycle": one_cycle}
