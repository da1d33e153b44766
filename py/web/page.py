"""What the page can ask for. A new request is a method here, and its line in the table of `web`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from digits.recognizer import Recognizer
from web import exchange

WEIGHTS = Path(__file__).parents[2] / "weights"


class Page:
    """The network that the page uses at the moment."""

    recognizer: Recognizer

    def open(self, file: str) -> dict[str, Any]:
        """Use the network in `weights/<file>` from now on; a file it cannot use (ParameterError) changes nothing."""
        self.recognizer = Recognizer.load(WEIGHTS / file)
        return {"network": repr(self.recognizer.network)}

    def read(self) -> dict[str, Any]:
        """Read the drawing in `exchange.pixels`; everything that the Draw room shows comes from this one reading."""
        reading = self.recognizer.read(exchange.pixels, polarity="light-on-dark")
        return {
            "digit": reading.digit,
            "second": reading.second,
            "confidence": reading.confidence,
            "verdict": reading.verdict,
            "probabilities": reading.probabilities,
            "image": reading.image,
            "activations": reading.activations,
        }
