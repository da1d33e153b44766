"""The recogniser: a picture in, and what the network reads in it out. The page and the command lines both use this one."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits.preprocessing import Steps, preprocess
from nn import Network, parameters
from nn.loss import softmax


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes:
        digit: the likeliest digit; None where there is no ink.
        second: the next likely one.
        probabilities: (10,) float32, summing to 1.
        confidence: the digit's probability; 0 without ink.
        is_digit: whether it is a digit at all; None where the network cannot tell, or without ink.
        verdict: "empty", "digit", "unsure" (two digits are likely) or "not-a-digit".
        activations: what each layer gave, without the batch axis; the last are the logits.
        steps: how the picture became the network's input.
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
        """The 28×28 the network saw, float32 0…1."""
        return self.steps.image


class Recognizer:
    """A network, and the thresholds of its card, which say what it should not claim.

    Args:
        network: 784 inputs, 10 logits.
        card: how the network was made and how well it reads (`weights/*.json`). Its "thresholds" are "evidence", the least
            `evidence` of a digit, and "sure", the confidence below which a reading is unsure; without them it cannot tell.
    Raises:
        ValueError: the network does not read digits.
    """

    def __init__(self, network: Network, card: dict | None = None) -> None:
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
        """The recogniser of a weights file, with the card beside it (same name, `.json`) if there is one.

        Raises:
            ParameterError: the file holds no network (see `nn.parameters.load`) or its card is broken.
            ValueError: the network does not read digits.
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
        """Read the digit in a picture of any size, as `digits.preprocessing.preprocess` takes it; raises ValueError as that."""
        return self.read_steps(preprocess(pixels, polarity))

    def read_steps(self, steps: Steps, training: bool = False) -> Reading:
        """Read a picture that has been through `preprocess`; with `training` as in `Network.forward`.

        Raises:
            ValueError: the network's numbers, though finite, are so large that its logits are not.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            activations = [a[0] for a in self.network.activations(steps.image.reshape(1, 784), training)]
        logits = activations[-1]
        if not np.isfinite(logits).all():
            raise ValueError("this network's numbers are too large to compute with: train it again, at a lower rate")
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
    """How much speaks for any digit at all: log Σ_k exp(z_k) over the last axis.

    The networks are trained against an eleventh answer, "none of them", whose logit is fixed at 0: so the evidence is the
    log-odds of digit against none (`nn.loss.cross_entropy_or_none`). As a score it is the free energy of Liu et al. 2020,
    "Energy-based Out-of-distribution Detection", equation 4, up to its sign.
    """
    top = logits.max(axis=-1)
    return top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))
