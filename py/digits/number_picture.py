"""Numbers in picture files: `predict_single.py --number` and the page read them alike."""

from __future__ import annotations

from dataclasses import dataclass

from digits.number_finder import FoundMarks, find_marks
from digits.number_reader import NumberReader, NumberReading
from digits.picture_file import first_with_ink, with_header


@dataclass(frozen=True)
class NumberPicture:
    """A number read in a picture file.

    Attributes:
        reading: the number; its boxes count from the sheet of paper, as the marks do.
        found: the marks it was read from.
        zoom: the size of the file's picture, in parts of the one that the marks were found in.
        notes: sentences about what was left out.
    """

    reading: NumberReading
    found: FoundMarks
    zoom: float
    notes: tuple[str, ...]


def read_number_picture(reader: NumberReader, data: bytes) -> NumberPicture:
    """The number in the bytes of a picture file; of several frames, in the first that has ink.

    Raises:
        PictureError: the file is empty, broken, too large, or no picture of a known format.
        ValueError: there is too much ink.
    """
    pixels, found, notes = first_with_ink(data, find_marks, lambda found: bool(found.marks))
    reading = reader.read(found.marks)
    zoom = max(with_header(data).size) / max(pixels.shape[:2])
    return NumberPicture(reading, found, zoom, (*notes, *filter(None, [reading.note])))
