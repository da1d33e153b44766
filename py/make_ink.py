#!/usr/bin/env python3
"""Make ink files, the pen drawings for train.py and evaluate.py, from the public collections."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from digits.command_line import missing_library, status

try:
    from research import ink_collections
    from research.ink import save_ink
except ImportError as error:
    sys.exit(missing_library("make_ink.py", error))

NOTES = """
where to get the drawings (both CC BY 4.0; this project includes none):
  pendigits-orig.tra  E. Alpaydin and F. Alimoglu, "Pen-Based Recognition of Handwritten Digits", UCI Machine Learning
                      Repository, data set 81: unpack pendigits-orig.tra.Z (gzip -d does)
  train_r01_v07       the UNIPEN consortium's Train-R01/V07, doi 10.5281/zenodo.1195803: unpack it; it holds the folders
                      data/1a (digits), data/1b and data/1c (letters), and include

examples: the files that this project's networks were trained and selected with
  python3 py/make_ink.py ink/train.npz --pendigits pendigits-orig.tra --unipen train_r01_v07 \\
      --donors apa apb app syn --not-writers 1 4 17 24
  python3 py/make_ink.py ink/dev.npz --pendigits pendigits-orig.tra --unipen train_r01_v07 \\
      --donors aga art imp --writers 1 4 17 24
  python3 py/make_ink.py ink/letters-train.npz --unipen train_r01_v07 --letters --donors apa apb app --most 150
  python3 py/make_ink.py ink/letters-dev.npz --unipen train_r01_v07 --letters --donors aga art imp --most 40
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/make_ink.py", description=__doc__, epilog=NOTES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("output", type=Path, metavar="FILE", help="the ink file to write, .npz")
    p.add_argument("--pendigits", type=Path, metavar="FILE", help="pendigits-orig.tra")
    p.add_argument("--unipen", type=Path, metavar="FOLDER", help="the unpacked train_r01_v07")
    p.add_argument("--donors", nargs="+", metavar="NAME", help="only these collections of UNIPEN")
    p.add_argument("--letters", action="store_true", help="letters (sections 1b and 1c) instead of digits (1a)")
    p.add_argument("--most", type=int, metavar="N", help="at most N drawings of each label, selected at random")
    p.add_argument("--seed", type=int, default=0, help="random seed of that selection [%(default)s]")
    who = p.add_mutually_exclusive_group()
    who.add_argument("--writers", type=int, nargs="+", metavar="N", help="only these writers of pendigits")
    who.add_argument(
        "--not-writers", type=int, nargs="+", metavar="N", default=(), help="all writers of pendigits except these"
    )
    return p


def main(arguments: list[str] | None = None) -> int:
    return status("make_ink.py", lambda: make(parser().parse_args(arguments)))


def make(options: argparse.Namespace) -> None:
    if not options.pendigits and not options.unipen:
        raise ValueError("give --pendigits, --unipen or both: the drawings come from there (see --help)")
    if options.letters and options.pendigits:
        raise ValueError("pendigits has no letters: leave out --pendigits or --letters")
    if options.most is not None and options.most < 1:
        raise ValueError(f"--most should be 1 or more, not {options.most}")
    drawings = []
    if options.pendigits:
        drawings += ink_collections.pendigits(options.pendigits, options.writers, options.not_writers)
    if options.unipen:
        drawings += ink_collections.unipen(options.unipen, options.donors, options.letters)
    if options.most:
        drawings = ink_collections.at_most(drawings, options.most, options.seed)
    ink = ink_collections.ink_of(drawings)
    save_ink(options.output, ink)
    print(f"{len(ink):,} drawings by {len(ink.writer_names)} writers or sittings are in {options.output}.")


if __name__ == "__main__":
    sys.exit(main())
