"""What may stand between two layers that learn, beside ReLU (in `nn.layers`): each bends a line, or two layers would be one."""

from __future__ import annotations

import numpy as np

from nn.layers import Layer, ReLU


class LeakyReLU(Layer):
    """A ReLU that lets a little of what is negative through, so that no unit falls silent for good.

        forward     y = x where x > 0, else s x
        backward    dL/dx = dL/dy where x > 0, else s dL/dy

    (Maas et al. 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", section 2.)
    """

    def __init__(self, slope: float = 0.1) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        y = np.where(x > 0, x, x * x.dtype.type(self.slope))
        if training:
            self.y = y
        return y

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return np.where(self.y > 0, grad, grad * grad.dtype.type(self.slope))

    def config(self) -> dict[str, object]:
        return {"slope": self.slope}


class Tanh(Layer):
    """Bends gently to −1 and 1, and is steepest at 0.

        forward     y = tanh(x)
        backward    dL/dx = dL/dy (1 − y²)

    (LeCun et al. 1998, "Efficient BackProp", section 4.4.)
    """

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        y = np.tanh(x)
        if training:
            self.y = y
        return y

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return grad * (1 - self.y * self.y)


class Sigmoid(Layer):
    """Bends to 0 and 1: the oldest of them, whose slope of at most ¼ makes what comes back smaller at every layer.

        forward     y = 1 / (1 + exp(−x)) = (1 + tanh(x / 2)) / 2, which cannot overflow
        backward    dL/dx = dL/dy y (1 − y)

    (Rumelhart, Hinton, Williams 1986, "Learning representations by back-propagating errors", equation 2.)
    """

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        y = np.tanh(x * x.dtype.type(0.5))
        y += 1
        y *= x.dtype.type(0.5)
        if training:
            self.y = y
        return y

    def backward(self, grad: np.ndarray) -> np.ndarray:
        return grad * self.y * (1 - self.y)


ACTIVATIONS: dict[str, type[Layer]] = {"relu": ReLU, "leaky-relu": LeakyReLU, "tanh": Tanh, "sigmoid": Sigmoid}
"""By the word that names them on the command line and in the page's URL."""
