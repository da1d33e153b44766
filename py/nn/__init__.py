"""A neural network library in NumPy: layers, loss, optimizers, training. It knows nothing of digits or of the browser."""

from nn.activations import ReLU
from nn.convolution import Conv2D, MaxPool2D
from nn.layers import BatchNorm, Dense, Flatten, Layer, Reshape
from nn.loss import cross_entropy, softmax
from nn.network import Network
from nn.optimizers import SGD, Adam, Momentum, Optimizer
from nn.parameters import ParameterError
from nn.training import Progress, train

__all__ = [
    "SGD",
    "Adam",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Flatten",
    "Layer",
    "MaxPool2D",
    "Momentum",
    "Network",
    "Optimizer",
    "ParameterError",
    "Progress",
    "ReLU",
    "Reshape",
    "cross_entropy",
    "softmax",
    "train",
]
