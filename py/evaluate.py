#!/usr/bin/env python3
"""Measure a network: on MNIST's test images, on pen drawings, and on drawings of no digit."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from digits.command_line import missing_library, status
from vendoring import vendor
from vendoring.progress_bar import ProgressBar

try:
    from digits import model_card, shipped_models
    from digits.mnist import load_mnist
    from digits.recognizer import Recognizer
    from research import report, report_everyone, report_numbers
    from research.ink import load_ink
    from research.report_pictures import draw_pictures
    from research.report_table import filled
except ImportError as error:
    sys.exit(missing_library("evaluate.py", error))

ROOT = Path(__file__).resolve().parent.parent

NOTES = """
examples:
  python3 py/evaluate.py
      the page's default network on MNIST's 10,000 test images (the first time, they are fetched: 11 MB)
  python3 py/evaluate.py --ink ink/dev.npz --letters ink/letters-dev.npz
      also on pen drawings in many sizes, places, pen widths, tilts and looks, and on drawings of no digit
  python3 py/evaluate.py --weights weights/model_params_stored_mnist.pk1 --json
      one line of JSON for another program

what the figures mean: accuracy is the share of images that are read correctly. The calibration error is the mean difference
between the confidence and the accuracy of images with that confidence (15 bins). Flagged is the share called "no digit".
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/evaluate.py", description=__doc__, epilog=NOTES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--weights", type=Path, metavar="FILE", help="a network, .pk1 or .npz [the page's default]")
    p.add_argument("--ink", type=Path, metavar="FILE", help="pen drawings of digits, a file made by py/make_ink.py")
    p.add_argument("--numbers", type=Path, metavar="FILE", help="whole numbers, composed from the pen drawings of a file")
    p.add_argument("--numbers-of-each", type=int, default=300, metavar="N", help="numbers of each length and spacing [300]")
    p.add_argument("--letters", type=Path, metavar="FILE", help="pen drawings of letters")
    p.add_argument("--signs", type=Path, metavar="FILE", help="pen drawings of other signs")
    p.add_argument("--typefaces", type=Path, metavar="FOLDER", help="printed letters, in the typefaces (.ttf) of a folder")
    p.add_argument("--everyone", action="store_true", help="also other ways to write a digit, bad paper, outlined digits")
    p.add_argument("--json", action="store_true", help="one JSON object on one line")
    p.add_argument("--pictures", type=Path, metavar="FOLDER", help="also draw the calibration and the mistakes, as PNG")
    p.add_argument("--card", action="store_true", help="also write the figures into the card of the network")
    p.add_argument("--report", action="store_true", help="only fill the tables of both READMEs in, from the networks' cards")
    return p


def main(arguments: list[str] | None = None) -> int:
    return status("evaluate.py", lambda: evaluate(parser().parse_args(arguments)))


def evaluate(options: argparse.Namespace) -> None:
    if options.report:
        return fill_tables()
    weights = options.weights or shipped_models.default_weights(ROOT / "weights")
    recognizer = Recognizer.load(weights)
    ink, numbers = (load_ink(path, digits=True) if path else None for path in (options.ink, options.numbers))
    letters, signs = (load_ink(path) if path else None for path in (options.letters, options.signs))
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    bar = ProgressBar()
    figures: dict[str, Any] = {"weights": weights.name, "parameters": recognizer.network.parameter_count}
    figures |= report.mnist_figures(recognizer, images, labels)
    if ink is not None:
        figures |= report.ink_figures(recognizer, ink, bar.show)
    if numbers is not None:
        figures |= report_numbers.number_figures(recognizer, numbers, options.numbers_of_each, bar.show)
    figures |= report.none_figures(recognizer, letters)
    if options.everyone:
        figures |= report_everyone.grammar_figures(recognizer)
        figures |= report_everyone.corruption_figures(recognizer, images, labels)
        figures |= report_everyone.outlined_figures(recognizer, ink) if ink is not None else {}
    figures |= report_everyone.sign_figures(recognizer, signs, options.typefaces)
    figures["prediction_milliseconds"] = round(report.prediction_milliseconds(recognizer), 3)
    bar.close()
    print(json.dumps(figures) if options.json else table(figures))
    if options.pictures:
        for path in draw_pictures(options.pictures, recognizer, images, labels, ink):
            print(f"{path} is written.", file=sys.stderr)
    if options.card:
        path = weights.with_suffix(".json")
        made = model_card.read_card(path) if path.exists() else {}
        kept = {name: figure for name, figure in figures.items() if name not in ("weights", "prediction_milliseconds")}
        model_card.write_card(path, made | kept)


def fill_tables() -> None:
    """Write the figures of the shipped networks' cards into the documents."""
    models = json.loads((ROOT / "weights" / "models.json").read_text(encoding="utf-8"))["models"]
    cards = [model_card.read_card(ROOT / "weights" / model["card"]) for model in models]
    for document in (ROOT / "README.md", ROOT / "weights" / "README.md"):
        document.write_text(filled(document.read_text(encoding="utf-8"), cards), encoding="utf-8")


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text: shares in percent, the confusion matrix as a square."""
    lines = []
    for name, figure in figures.items():
        if name.endswith("_confusion"):
            lines.append(f"{name} (rows: the label, columns: the digit that was read)")
            lines += ["    " + "".join(f"{n:6d}" for n in row) for row in figure]
        elif name.endswith("_recall"):
            lines.append(f"{name:<32}" + "  ".join(f"{digit}: {share:.2%}" for digit, share in enumerate(figure)))
        elif isinstance(figure, float) and name != "prediction_milliseconds":
            lines.append(f"{name:<32}{figure:8.2%}")
        else:
            lines.append(f"{name:<32}{figure:>8}" if isinstance(figure, str) else f"{name:<32}{figure:8,}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
