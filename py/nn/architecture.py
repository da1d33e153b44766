"""Networks in words: "784-128-64-10", or "28x28-conv16-norm-pool-conv32-norm-pool-128-norm-10".

The first word is the input: how many numbers, or an image's sides. Then, separated by dashes:

    128          Dense(128)
    conv16       Conv2D(16, size=3), conv16x5 one of size 5
    norm         BatchNorm after the layer before it
    pool         MaxPool2D(2)

Every Dense and Conv2D but the last is followed by an activation, after its norm and its pool (which commute with it, and
are then smaller): ReLU, or another word of `nn.activations`. Flatten goes where images meet Dense.
"""

from __future__ import annotations

import re

from nn.activations import ACTIVATIONS
from nn.layers import BatchNorm, Conv2D, Dense, Flatten, Layer, MaxPool2D, Reshape, Shape
from nn.network import Network

WIDEST = 4096


def build(words: str, seed: int = 0, activation: str = "relu") -> Network:
    """The network of these words, its weights drawn from `seed`; raises ValueError as `parse`."""
    layers, input_shape = parse(words, activation)
    return Network(layers, input_shape, seed)


def parse(words: str, activation: str = "relu") -> tuple[list[Layer], Shape]:
    """The layers of these words, without parameters yet, and the shape of their input.

    Raises:
        ValueError: a word is unknown, too large or out of place; the message says which.
    """
    first, *rest = words.strip().split("-")
    layers: list[Layer] = []
    if image := re.fullmatch(r"(\d{1,3})x(\d{1,3})", first):
        height, width = map(int, image.groups())
        inputs = height * width
        layers.append(Reshape((height, width, 1)))
    elif re.fullmatch(r"\d{1,6}", first) and int(first):
        inputs = int(first)
    else:
        raise ValueError(f"layers begin with the size of the input, like 784 or 28x28, not {first!r}")
    flat, answers = not layers, False  # answers: a Dense or Conv2D still waits for its activation
    for word in rest:
        learns = re.fullmatch(r"(?:conv(\d+)(?:x(\d+))?|(\d+))", word)
        if learns:
            if answers:
                layers.append(ACTIVATIONS[activation]())
            filters, size, units = learns.groups()
            width = int(filters or units)
            if not 1 <= width <= WIDEST:
                raise ValueError(f"a layer is 1 to {WIDEST} wide, not {width}")
            if units:
                if not flat:
                    layers.append(Flatten())
                    flat = True
                layers.append(Dense(width))
            elif flat:
                raise ValueError(f"{word} needs an image: begin with 28x28, and put it before the dense layers")
            else:
                layers.append(Conv2D(width, int(size or 3)))
            answers = True
        elif word == "norm" and answers and isinstance(layers[-1], (Dense, Conv2D)):
            layers.append(BatchNorm())
        elif word == "pool" and answers and not flat:
            layers.append(MaxPool2D(2))
        else:
            raise ValueError(f"“{word}” is no layer, or cannot stand there: the words are 128, conv16, norm and pool")
    if not answers or not isinstance(layers[-1], Dense):
        raise ValueError("the last layer is a dense one, like 10: it gives the logits")
    return layers, (inputs,)
