"""What the page can ask for. A new request is a method here, and its line in the table of `web`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.preprocessing import Steps, preprocess
from digits.recognizer import Recognizer
from web import shared_memory
from web.inside import Inside
from web.pictures import decoded, ink_on_pad

if TYPE_CHECKING:
    from digits.picture_file import Picture

WEIGHTS = Path(__file__).parents[2] / "weights"


class Page:
    """The network that the page uses at the moment."""

    recognizer: Recognizer
    _inside: Inside | None = None
    _steps: Steps

    def open(self, file: str) -> dict[str, Any]:
        """Use the network in `weights/<file>` from now on; a file it cannot use (ParameterError) changes nothing."""
        self.recognizer = Recognizer.load(WEIGHTS / file)
        return {"network": repr(self.recognizer.network)}

    def read(self, inside: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the drawing in `shared_memory.pixels`; everything that the page shows comes from this one reading.

        `inside` is what the room Inside wants to see, as `Inside.read` takes it; without it, the network is read whole.
        """
        return self._shown(preprocess(shared_memory.pixels, polarity="light-on-dark"), inside)

    def picture(self, file: str) -> dict[str, Any]:
        """The ink of a picture file as it lies on the pad, and sentences about what was left out of it.

        Raises ValueError (PictureError among them) where no digit can be had from the file; OSError where it is not there.
        """
        picture = self._picture(file)
        if picture.steps.box is None:
            raise ValueError("no ink was found in it: take a picture in which the digit stands out from its paper")
        return {"pad": ink_on_pad(picture.steps), "notes": picture.notes}

    def read_picture(self, file: str, inside: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read a picture file as the command line does; answers as `read`."""
        return self._shown(self._picture(file).steps, inside)

    def check_gradients(self, stage: int) -> dict[str, Any]:
        """Check the backward pass of one stage on what was read last: see `Inside.check_gradients`."""
        return self.inside.check_gradients(self._steps, stage)

    @property
    def inside(self) -> Inside:
        """The network in use, opened up."""
        if self._inside is None or self._inside.recognizer is not self.recognizer:
            self._inside = Inside(self.recognizer)
        return self._inside

    def _picture(self, file: str) -> Picture:
        return decoded((WEIGHTS.parent / file).read_bytes())

    def _shown(self, steps: Steps, inside: dict[str, Any] | None) -> dict[str, Any]:
        self._steps = steps
        if inside is None:
            reading, seen_inside = self.recognizer.read_steps(steps), None
        else:
            reading, seen_inside = self.inside.read(steps, **inside)
        return {
            "digit": reading.digit,
            "second": reading.second,
            "confidence": reading.confidence,
            "verdict": reading.verdict,
            "probabilities": reading.probabilities,
            "image": reading.image,
            "activations": reading.activations,
            "inside": seen_inside,
        }
