"""Networks in words: "784-128-64-10", or "28x28-conv16-norm-pool-conv32-norm-pool-128-norm-10".

The first word is the input: how many numbers, or the height and width of an image. Then, separated by dashes:

    128          Dense(128)
    conv16       Conv2D(16, size=3); conv16x5 is one of size 5
    norm         BatchNorm after the layer before it
    pool         MaxPool2D(2)

and the `word` of any other layer. An activation follows every Dense and Conv2D but the last, after its norm and its pool:
the result is the same, and after the pool it is less work. Flatten is added between images and Dense.
"""

from __future__ import annotations

import re

from nn.convolution import Conv2D, MaxPool2D
from nn.layers import ACTIVATIONS, LAYERS, BatchNorm, Dense, Flatten, Layer, Reshape, Shape
from nn.network import Network

WIDEST = 4096


def build(words: str, seed: int = 0, activation: str = "relu") -> Network:
    """The network of these words, its weights drawn with the random seed `seed`. Raises ValueError as `parse` does."""
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
    flat, pending = not layers, False  # pending: a Dense or Conv2D still has to get its activation
    for word in rest:
        layer = _layer(word)
        if isinstance(layer, (Dense, Conv2D)):
            if pending:
                layers.append(ACTIVATIONS[activation]())
            if isinstance(layer, Conv2D) and flat:
                raise ValueError(f"{word} needs an image: begin with 28x28, and put it before the dense layers")
            if isinstance(layer, Dense) and not flat:
                layers.append(Flatten())
                flat = True
            pending = True
        elif isinstance(layer, BatchNorm) and not isinstance(layers[-1] if pending else None, (Dense, Conv2D)):
            raise ValueError(f"norm cannot stand there: put it right after a layer like {Dense.word} or conv16")
        elif isinstance(layer, MaxPool2D) and (flat or not pending):
            raise ValueError("pool cannot stand there: put it after a layer like conv16, before the dense layers")
        layers.append(layer)
    if not pending or not isinstance(layers[-1], Dense):
        raise ValueError("the last layer is a dense one, like 10: it gives the logits")
    return layers, (inputs,)


def _layer(word: str) -> Layer:
    for kind in LAYERS.values():
        if kind.word and (match := re.fullmatch(_pattern(kind.word), word)):
            numbers = [int(number) for number in match.groups() if number]
            for number in numbers:
                if not 1 <= number <= WIDEST:
                    raise ValueError(f"a layer is 1 to {WIDEST} wide, not {number}")
            return kind(*numbers)
    words = [kind.word for kind in LAYERS.values() if kind.word]
    raise ValueError(f"“{word}” is not a layer: the words are {', '.join(words)}")


def _pattern(word: str) -> str:
    r"""conv16x5 → conv(\d+)(?:x(\d+))?: the first number is needed, others have defaults."""
    first, *others = (re.sub(r"\d+", r"(\\d+)", part) for part in re.split(r"(?<=\d)(?=\D)", word))
    return first + "".join(f"(?:{part})?" for part in others)
