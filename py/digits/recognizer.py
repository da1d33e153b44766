"""The recognizer reads a picture with a network; the page and the command lines both use it."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digits.preprocessing import Steps, preprocess
from nn import Network, parameters
from nn.loss import softmax

TOO_LARGE = "this network's parameters are too large to compute with: train it again with a lower learning rate"


@dataclass(frozen=True)
class Reading:
    """What was read, and how.

    Attributes:
        digit: the likeliest digit; None without ink.
        second: the second likeliest digit; None without ink.
        probabilities: (10,) float32, summing to 1.
        confidence: the digit's probability; 0 without ink.
        is_digit: whether it is a digit at all; None if the network cannot tell, and without ink.
        verdict: "empty", "digit", "unsure" (two digits are likely) or "not-a-digit".
        activations: the output of each layer, without the batch axis; the last one is the logits.
        steps: the preprocessing steps from the picture to the network's input.
    """

    digit: int | None
    second: int | None
    probabilities: np.ndarray
    confidence: float
    is_digit: bool | None
    verdict: str
    activations: list[np.ndarray]
    steps: Steps

    @property
    def image(self) -> np.ndarray:
        """(28, 28) float32, 0…1: the network's input."""
        return self.steps.image

    def as_dict(self) -> dict[str, Any]:
        """What the page shows of every reading."""
        names = ("digit", "second", "confidence", "verdict", "probabilities", "image")
        return {name: getattr(self, name) for name in names}


class Recognizer:
    """A network and the thresholds of its card.

    Args:
        network: 784 inputs, 10 logits.
        card: see `digits.model_card`. Its "thresholds" are "evidence", the least `evidence` of a digit (without it, the
            network cannot tell what is no digit), and "sure", the confidence below which a reading is unsure.
    Raises:
        ValueError: the network's input or output has the wrong size.
    """

    def __init__(self, network: Network, card: dict[str, Any] | None = None) -> None:
        if network.input_shape != (784,) or network.output_shape != (10,):
            raise ValueError(
                f"a network that reads digits takes 784 numbers and gives 10; this one takes {network.input_shape} and "
                f"gives {network.output_shape}"
            )
        self.network, self.card = network, card
        thresholds = (card or {}).get("thresholds", {})
        self.least_evidence: float | None = thresholds.get("evidence")
        self.sure: float = thresholds.get("sure", 0.5)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Recognizer:
        """Load a weights file, and the card next to it (same name, `.json`) if there is one.

        Raises:
            ParameterError: the file holds no network (see `nn.parameters.load`) or its card is broken.
            ValueError: the network's input or output has the wrong size.
        """
        network, card = parameters.load(path), Path(path).with_suffix(".json")
        if not card.exists():
            return cls(network)
        try:
            content = json.loads(card.read_text(encoding="utf-8"))
            thresholds = {name: float(number) for name, number in content.get("thresholds", {}).items()}
            if not all(map(math.isfinite, thresholds.values())):
                raise ValueError("a threshold is not finite")
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise parameters.ParameterError(f"{card.name}, the card of {Path(path).name}, is broken: {error}") from error
        return cls(network, content | {"thresholds": thresholds})

    def read(self, pixels: np.ndarray, polarity: str = "auto") -> Reading:
        """Read the digit in a picture; arguments and errors as `digits.preprocessing.preprocess`."""
        return self.read_steps(preprocess(pixels, polarity))

    def read_steps(self, steps: Steps, training: bool = False) -> Reading:
        """Read a preprocessed picture; `training` as in `Network.forward`.

        Raises:
            ValueError: the network's parameters are finite but so large that its logits are not.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            activations = [a[0] for a in self.network.activations(steps.image.reshape(1, 784), training)]
        logits = activations[-1]
        if not np.isfinite(logits).all():
            raise ValueError(TOO_LARGE)
        probabilities = softmax(logits)
        if steps.box is None:
            return Reading(None, None, probabilities, 0.0, None, "empty", activations, steps)
        second, digit = (int(k) for k in np.argsort(probabilities, kind="stable")[-2:])
        confidence = float(probabilities[digit])
        is_digit = None if self.least_evidence is None else bool(evidence(logits) >= self.least_evidence)
        if is_digit is False:
            verdict = "not-a-digit"
        else:
            verdict = "digit" if confidence >= self.sure else "unsure"
        return Reading(digit, second, probabilities, confidence, is_digit, verdict, activations, steps)


def evidence(logits: np.ndarray) -> np.ndarray:
    """How much the logits speak for any digit at all: log Σ_k exp(z_k) over the last axis.

    The networks are trained with an eleventh class, "no digit", whose logit is fixed at 0: so this is the log-odds of
    digit against no digit (`nn.loss.cross_entropy_or_none`). It is also the negative free energy of Liu et al. 2020,
    "Energy-based Out-of-distribution Detection", equation 4.
    """
    top = logits.max(axis=-1)
    return top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))
