#!/usr/bin/env python3
"""Read the digit in picture files: drawings, scans, or photos of pencil on paper. Run it with --help."""

from __future__ import annotations

import argparse
import glob
import json
import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.command_line import status

if TYPE_CHECKING:  # NumPy and Pillow are imported when they are needed, so that --help and their absence need none
    from digits.number_reader import NumberReader
    from digits.recognizer import Recognizer

UNSURE = 0.023  # a second number that is more likely than this is named, too
ROOT = Path(__file__).resolve().parent.parent

NOTES = """
examples:
  python3 py/predict_single.py seven.png
      prints  seven.png: 7 (99.8 %)
  python3 py/predict_single.py photos/*.jpg --json
      one JSON object a line, for another program: file, digit, confidence, probabilities of 0 to 9, is_digit
  python3 py/predict_single.py year.jpg --number --json
      a whole number: file, number, confidence, digits, each with digit, confidence, is_digit and box (left, top, right, bottom)
  python3 py/predict_single.py seven.png --weights runs/mine/mine.npz
      a network of your own (py/train.py makes one)

which pictures: PNG, JPEG, WebP, GIF, BMP, TIFF, PGM and ICO, of a drawing or a photo; dark ink on a light background or
light on dark; of several drawings, the largest near the middle; of several frames, the first with ink. For a file that cannot
be read, an error is printed; the other files are still read, and the exit status is then 1.

what happens: the ink is found, cut out, scaled to 20 pixels and centered in 28 × 28 by its center of mass, as MNIST's digits
were; the network turns those 784 numbers into ten probabilities. The page does the very same, with the same code.
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/predict_single.py", description=__doc__, epilog=NOTES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("images", nargs="+", metavar="IMAGE", help="a picture file")
    p.add_argument("--json", action="store_true", help="one JSON object a line, in the order given")
    p.add_argument("--number", action="store_true", help="read a whole number, such as 2026, not one digit")
    p.add_argument("--weights", type=Path, metavar="FILE", help="a network, .pk1 or .npz [the page's default]")
    return p


def main(arguments: list[str] | None = None) -> int:
    return status("predict_single.py", lambda: predict(parser().parse_args(arguments)))


def predict(options: argparse.Namespace) -> int:
    """Reads all files; returns 1 where one could not be read."""
    from digits import picture_file, shipped_models  # noqa: F401 -- Pillow too is asked for before any work is done
    from digits.number_reader import NumberReader
    from digits.recognizer import Recognizer

    recognizer = Recognizer.load(options.weights or shipped_models.default_weights(ROOT / "weights"))
    reader = NumberReader(recognizer)
    failed = False
    for file in chain.from_iterable(map(expanded, options.images)):
        try:
            data = Path(file).read_bytes()
            answer, sentence = read_number(reader, data) if options.number else read(recognizer, data)
        except (OSError, ValueError) as error:
            failed = True
            reason = f"cannot be read: {error.strerror or error}" if isinstance(error, OSError) else str(error)
            answer, sentence = {"error": reason}, reason
        if options.json:
            print(json.dumps({"file": file, **answer}), flush=True)
        else:
            print(f"{file}: {sentence}", file=sys.stderr if "error" in answer else sys.stdout, flush=True)
    return int(failed)


def expanded(image: str) -> list[str]:
    """The files that a pattern such as *.png stands for: the shells of Windows leave that to the program."""
    return [image] if os.path.exists(image) else sorted(glob.glob(image)) or [image]


def read(recognizer: Recognizer, data: bytes) -> tuple[dict[str, Any], str]:
    """The digit in the bytes of a picture file, for --json and for a person. Raises ValueError if it cannot be read."""
    from digits.picture_file import read_picture

    picture = read_picture(data)
    reading = recognizer.read_steps(picture.steps)
    said = {
        "empty": "no ink",
        "digit": f"{reading.digit} ({reading.confidence:.1%})",
        "unsure": f"{reading.digit} or {reading.second} ({reading.confidence:.1%} for {reading.digit})",
        "not-a-digit": f"no digit; closest to {reading.digit}",
    }[reading.verdict]
    answer = {
        "digit": reading.digit,
        "confidence": reading.confidence,
        "probabilities": reading.probabilities.tolist(),
        "is_digit": reading.is_digit,
    }
    return answer, "  ".join([said, *picture.notes])


def read_number(reader: NumberReader, data: bytes) -> tuple[dict[str, Any], str]:
    """The number in the bytes of a picture file, as `read` gives a digit; boxes are in pixels of the upright picture."""
    from digits.number_picture import read_number_picture

    picture = read_number_picture(reader, data)
    reading = picture.reading
    said = f"{reading.number} ({reading.confidence:.1%})" if reading.number else "no ink"
    if reading.alternatives and reading.alternatives[0].confidence > UNSURE:
        said = f"{reading.number} or {reading.alternatives[0].number} ({reading.confidence:.1%} for {reading.number})"
    strange = [str(number) for number, place in enumerate(reading.places, 1) if place.reading.is_digit is False]
    notes = [f"There is no digit at place {', '.join(strange)}."] if strange else []
    digits = [
        {
            "digit": place.reading.digit,
            "confidence": place.reading.confidence,
            "is_digit": place.reading.is_digit,
            "box": picture.found.in_picture(place.box, picture.zoom),
        }
        for place in reading.places
    ]
    answer = {"number": reading.number, "confidence": reading.confidence, "digits": digits}
    return answer, "  ".join([said, *notes, *picture.notes])


if __name__ == "__main__":
    sys.exit(main())
