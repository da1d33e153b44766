"""The activation functions: without one between them, two linear layers would be no more than one."""

from __future__ import annotations

import numpy as np

from nn.layers import Array, Layer


class ReLU(Layer, activation="relu"):
    """The rectified linear unit passes on what is positive and replaces the rest by 0.

        forward     y = max(x, 0)
        backward    dL/dx = dL/dy where x > 0, else 0

    (Glorot et al. 2011, "Deep Sparse Rectifier Neural Networks", section 3.)
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        y = np.maximum(x, 0)
        if training:
            self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        return dy * (self.y > 0)


class LeakyReLU(Layer, activation="leaky-relu"):
    """A ReLU with a small slope for negative inputs, so that no unit stops learning for good.

        forward     y = x where x > 0, else s x
        backward    dL/dx = dL/dy where x > 0, else s dL/dy

    (Maas et al. 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", section 2.)
    """

    def __init__(self, slope: float = 0.1) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Array, training: bool = False) -> Array:
        y = np.where(x > 0, x, self.slope * x)
        if training:
            self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        return np.where(self.y > 0, dy, self.slope * dy)


class Tanh(Layer, activation="tanh"):
    """Squashes its input to −1 … 1, and is steepest at 0.

        forward     y = tanh(x)
        backward    dL/dx = dL/dy (1 − y²)

    (LeCun et al. 1998, "Efficient BackProp", section 4.4.)
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        y = np.tanh(x)
        if training:
            self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        return dy * (1 - self.y * self.y)


class Sigmoid(Layer, activation="sigmoid"):
    """Squashes its input to 0 … 1. Its slope is at most ¼, so gradients become smaller with every layer.

        forward     y = 1 / (1 + exp(−x)) = (1 + tanh(x / 2)) / 2, which cannot overflow
        backward    dL/dx = dL/dy y (1 − y)

    (Rumelhart, Hinton, Williams 1986, "Learning representations by back-propagating errors", equation 2.)
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        y = (1 + np.tanh(x / 2)) / 2
        if training:
            self.y = y
        return y

    def backward(self, dy: Array) -> Array:
        return dy * self.y * (1 - self.y)
