#!/usr/bin/env python3
"""Read the digit in picture files: drawings, scans, or photos of pencil on paper. Run it with --help."""

from __future__ import annotations

import argparse
import glob
import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.command_line import status

if TYPE_CHECKING:  # NumPy and Pillow are imported when they are needed, so that --help and their absence need none
    from digits.number_reader import NumberReader
    from digits.recognizer import Recognizer

UNSURE = 0.03  # a second number that is more likely than this is named, too
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

which pictures: PNG, JPEG, WebP, GIF, BMP, TIFF, PGM and ICO, of a drawing or a photo; dark ink on light ground or light on
dark; of several drawings, the largest near the middle; of several frames, the first with ink. For a file that cannot be read,
an error is printed; the other files are still read, and the exit status is then 1.

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
        answer = read_number(reader, file) if options.number else read(recognizer, file)
        failed |= "error" in answer
        if options.json:
            print(json.dumps({name: value for name, value in answer.items() if name in JSON_NAMES}), flush=True)
        elif "error" in answer:
            print(f"{file}: {answer['error']}", file=sys.stderr, flush=True)
        else:
            print(number_sentence(answer) if options.number else sentence(answer), flush=True)
    return int(failed)


def expanded(image: str) -> list[str]:
    """The files that a pattern such as *.png stands for: the shells of Windows leave that to the program."""
    return [image] if Path(image).exists() else sorted(glob.glob(image)) or [image]


JSON_NAMES = ("file", "number", "digit", "confidence", "digits", "probabilities", "is_digit", "error")


def read(recognizer: Recognizer, file: str) -> dict[str, Any]:
    """What was read in one file, or why it could not be."""
    from digits.picture_file import PictureError, read_picture

    try:
        picture = read_picture(Path(file).read_bytes())
    except OSError as error:
        return {"file": file, "error": f"cannot be read: {error.strerror or error}"}
    except PictureError as error:
        return {"file": file, "error": str(error)}
    try:
        reading = recognizer.read_steps(picture.steps)
    except ValueError as error:
        return {"file": file, "error": str(error)}
    return {
        "file": file,
        "digit": reading.digit,
        "confidence": reading.confidence,
        "probabilities": [float(p) for p in reading.probabilities],
        "is_digit": reading.is_digit,
        "second": reading.second,
        "verdict": reading.verdict,
        "notes": picture.notes,
    }


def read_number(reader: NumberReader, file: str) -> dict[str, Any]:
    """The number in one file, or why it could not be read; boxes are in the file's pixels, once it is upright."""
    from digits.number_picture import read_number_picture

    try:
        picture = read_number_picture(reader, Path(file).read_bytes())
    except OSError as error:
        return {"file": file, "error": f"cannot be read: {error.strerror or error}"}
    except ValueError as error:
        return {"file": file, "error": str(error)}
    digits = [
        {
            "digit": place.reading.digit,
            "confidence": place.reading.confidence,
            "is_digit": place.reading.is_digit,
            "box": picture.found.in_picture(place.box, picture.zoom),
        }
        for place in picture.reading.places
    ]
    reading = picture.reading
    return {
        "file": file,
        "number": reading.number,
        "confidence": reading.confidence,
        "digits": digits,
        "runner_up": reading.runner_up,
        "notes": picture.notes,
    }


def number_sentence(answer: dict[str, Any]) -> str:
    """A number for a person."""
    said = f"{answer['number']} ({answer['confidence']:.1%})" if answer["number"] else "no ink"
    if answer["runner_up"] and answer["runner_up"][1] > UNSURE:
        said = f"{answer['number']} or {answer['runner_up'][0]} ({answer['confidence']:.1%} for {answer['number']})"
    strange = [str(place) for place, digit in enumerate(answer["digits"], 1) if digit["is_digit"] is False]
    notes = [f"There is no digit at place {', '.join(strange)}."] if strange else []
    return "  ".join([f"{answer['file']}: {said}", *notes, *answer["notes"]])


def sentence(answer: dict[str, Any]) -> str:
    """A reading for a person."""
    said = {
        "empty": "no ink",
        "digit": f"{answer['digit']} ({answer['confidence']:.1%})",
        "unsure": f"{answer['digit']} or {answer['second']} ({answer['confidence']:.1%} for {answer['digit']})",
        "not-a-digit": f"no digit; likest to {answer['digit']}",
    }[answer["verdict"]]
    return "  ".join([f"{answer['file']}: {said}", *answer["notes"]])


if __name__ == "__main__":
    sys.exit(main())
