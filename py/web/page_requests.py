"""What the page can ask for. A new request is a method here and an entry in `web.REQUESTS`."""

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
    from web.numbers import Numbers

WEIGHTS = Path(__file__).parents[2] / "weights"


class Page:
    """The network that the page uses now."""

    recognizer: Recognizer
    _inside: Inside | None = None
    _numbers: Numbers | None = None
    _steps: Steps

    def open(self, file: str) -> dict[str, Any]:
        """Use the network in `weights/<file>` from now on; a file that raises ParameterError changes nothing."""
        self.recognizer = Recognizer.load(WEIGHTS / file)
        self._inside = self._numbers = None
        return {"network": repr(self.recognizer.network)}

    def read(self, inside: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the drawing in `shared_memory.pixels`; everything that the page shows comes from this one reading.

        `inside` holds the arguments of `Inside.read` if the room Inside is open.
        """
        return self._shown(preprocess(shared_memory.pixels, polarity="light-on-dark"), inside)

    def picture(self, file: str) -> dict[str, Any]:
        """The ink of a picture file, placed on the pad, and sentences about what was left out of it.

        Raises:
            ValueError: the file is not a picture (PictureError) or has no ink.
            OSError: the file does not exist.
        """
        picture = self._picture(file)
        if picture.steps.box is None:
            raise ValueError("no ink was found in it: use a picture in which the digit stands out from its paper")
        return {"pad": ink_on_pad(picture.steps), "notes": picture.notes}

    def read_picture(self, file: str, inside: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read a picture file as the command line does; returns what `read` returns."""
        return self._shown(self._picture(file).steps, inside)

    def number(self, file: str, strokes: list[dict[str, Any]]) -> dict[str, Any]:
        """Read a whole number from its strokes: see `Numbers.read`."""
        return self.numbers.read((WEIGHTS.parent / file).read_bytes(), strokes)

    def number_picture(self, file: str) -> dict[str, Any]:
        """Read the whole number in a picture file: see `Numbers.read_picture`."""
        return self.numbers.read_picture((WEIGHTS.parent / file).read_bytes())

    def read_place(self, place: int, inside: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read one digit of the last number again; returns what `read` returns."""
        return self._shown(self.numbers.steps_at(place), inside)

    def check_gradients(self, stage: int) -> dict[str, Any]:
        """Check the backward pass of one stage with the last reading: see `Inside.check_gradients`."""
        return self.inside.check_gradients(self._steps, stage)

    @property
    def inside(self) -> Inside:
        """The network in use, for the room Inside."""
        self._inside = self._inside or Inside(self.recognizer)
        return self._inside

    @property
    def numbers(self) -> Numbers:
        """What reads numbers with the network in use; imported when it is first asked for."""
        from web.numbers import Numbers

        self._numbers = self._numbers or Numbers(self.recognizer)
        return self._numbers

    def _picture(self, file: str) -> Picture:
        return decoded((WEIGHTS.parent / file).read_bytes())

    def _shown(self, steps: Steps, inside: dict[str, Any] | None) -> dict[str, Any]:
        self._steps = steps
        if inside is None:
            reading, seen_inside = self.recognizer.read_steps(steps), None
        else:
            reading, seen_inside = self.inside.read(steps, **inside)
        return reading.as_dict() | {"activations": reading.activations, "inside": seen_inside}
