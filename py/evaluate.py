#!/usr/bin/env python3
"""Measure how well a network reads: MNIST's test images, pen drawings, and what is no digit. Run it with --help."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from digits.command_line import status

ROOT = Path(__file__).resolve().parent.parent

NOTES = """
examples:
  python3 py/evaluate.py
      the page's default network on MNIST's 10,000 test images (fetched at the first time, 11 MB)
  python3 py/evaluate.py --ink ink/dev.npz --letters ink/letters-dev.npz
      also on pen drawings, of all sizes, places, pens, tilts and looks, and on what is no digit
  python3 py/evaluate.py --weights weights/model_params_stored_mnist.pk1 --json
      one line of JSON for another program

what the figures mean: accuracy is the share read right. The calibration error is how far, on average, the confidence
is from the share that is right among readings of such confidence (15 bins). Flagged is what is called no digit.
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/evaluate.py", description=__doc__, epilog=NOTES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--weights", type=Path, metavar="FILE", help="a network, .pk1 or .npz [the page's default]")
    p.add_argument("--ink", type=Path, metavar="FILE", help="pen drawings of digits (py/make_ink.py makes such files)")
    p.add_argument("--letters", type=Path, metavar="FILE", help="pen drawings of letters")
    p.add_argument("--json", action="store_true", help="one JSON object on one line")
    p.add_argument("--pictures", type=Path, metavar="FOLDER", help="also draw the reliability and the mistakes, as PNG")
    p.add_argument("--card", action="store_true", help="also write the figures into the network's card")
    return p


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    return status("evaluate.py", lambda: evaluate(options))


def evaluate(options: argparse.Namespace) -> None:
    from digits import model_card, shipped_models
    from digits.mnist import load_mnist
    from digits.recognizer import Recognizer
    from research import report
    from research.ink import load_ink
    from vendoring import vendor

    weights = options.weights or shipped_models.default_weights(ROOT / "weights")
    recognizer = Recognizer.load(weights)
    ink, letters = (load_ink(path) if path else None for path in (options.ink, options.letters))
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    figures = {"weights": weights.name, "parameters": recognizer.network.parameter_count}
    figures |= report.mnist_figures(recognizer, images, labels)
    if ink is not None:
        figures |= report.ink_figures(recognizer, ink, tell)
    figures |= report.none_figures(recognizer, letters)
    figures["prediction_milliseconds"] = round(report.prediction_milliseconds(recognizer), 3)
    tell()
    print(json.dumps(figures) if options.json else table(figures))
    if options.pictures:
        from research.report_pictures import draw_pictures

        for path in draw_pictures(options.pictures, recognizer, images, labels, ink):
            print(f"drawn: {path}", file=sys.stderr)
    if options.card:
        path = weights.with_suffix(".json")
        made = model_card.read_card(path) if path.exists() else {}
        kept = {name: figure for name, figure in figures.items() if name not in ("weights", "prediction_milliseconds")}
        model_card.write_card(path, made | kept)


def tell(condition: str = "") -> None:
    """On a terminal, what is measured at the moment."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{condition and f'measuring {condition}'}", end="", file=sys.stderr, flush=True)


def table(figures: dict) -> str:
    """The figures for a person: one a line, shares as per cent, the confusion matrix as a square."""
    lines = []
    for name, figure in figures.items():
        if name.endswith("_confusion"):
            lines.append(f"{name} (rows: the digit, columns: what it was read as)")
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
