#!/usr/bin/env python3
"""Train a network that reads digits, in NumPy."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import time
from dataclasses import Field, replace
from functools import partial
from pathlib import Path
from typing import Any

from digits.command_line import missing_library, status
from vendoring import vendor
from vendoring.progress_bar import ProgressBar

try:
    from digits.calibration import FLAGGED
    from digits.metrics import accuracy
    from digits.mixed_batches import Corrupt, MixedBatches
    from digits.mnist import as_inputs, load_mnist
    from digits.model_card import write_model
    from digits.training_data import SHARES, TrainingData, mnist_dataset
    from digits.training_run import Run, blended, finished
    from digits.training_settings import SETTINGS, RunSettings, SettingsError, flag
    from nn import Network, parameters
    from nn.training import Batches, Diverged
    from research.corruptions import corrupt_some
    from research.distillation import Bank, BankBatches
    from research.head_training import FeatureBatches, joined, split, words_of
    from research.pen_datasets import load_training_data
except ImportError as error:
    sys.exit(missing_library("train.py", error))

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINT_SECONDS = 60
DATA = (
    ["MNIST (Y. LeCun, C. Cortes, C. Burges)"],
    [
        "Pen-Based Recognition of Handwritten Digits (E. Alpaydin, F. Alimoglu; UCI; CC BY 4.0)",
        "UNIPEN Train-R01/V07 (UNIPEN consortium; doi 10.5281/zenodo.1195803; CC BY 4.0)",
    ],
)

EXAMPLES = """
examples:
  python3 py/train.py
      784-128-64-10 on MNIST, 20 epochs: about a minute
  python3 py/train.py --layers 784-32-10 --epochs 3 --plain
      a smaller network, without augmentation
  python3 py/train.py --ink train.npz --letters letters-train.npz --epochs 40
      also pen drawings and drawings of no digit (py/make_ink.py makes these files)
  python3 py/train.py --layers 28x28-conv16-norm-pool-conv32-norm-pool-64-norm-10 --output runs/mine/mine.npz
      a convolutional network; the checkpoints are in --run, and the same command continues a stopped run

what happens: the weights are initialized at random (see --seed). In each step the network reads a batch of images, and the loss
measures how far its probabilities are from the labels. Backpropagation computes the gradient of the loss with respect to
every weight, and the optimizer changes all weights a little in the opposite direction. An epoch is one pass over MNIST.
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/train.py", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    groups = {name: p.add_argument_group(name) for name in ("network", "data", "training", "files")}
    for name, setting in SETTINGS.items():
        add_setting(groups[setting.metadata["group"]], name, setting)
    data = groups["data"]
    data.add_argument("--ink", type=Path, metavar="FILE", help="pen drawings of digits, to train on beside MNIST")
    data.add_argument("--letters", type=Path, metavar="FILE", help="pen drawings of letters: with --ink, examples of no digit")
    data.add_argument(
        "--signs", type=Path, metavar="FILE", help="pen drawings of other signs: with --ink, examples of no digit"
    )
    data.add_argument("--typefaces", type=Path, metavar="FOLDER", help="with --ink: printed digits, and letters as no digit")
    add_number(data, "--grammar", 0, 0, 10**6, "with --ink: drawings of each style of py/research/digit_grammar.py")
    add_number(data, "--corrupted", 0.0, 0, 1, "share of images with noise, stripes, shadow …")
    add_number(data, "--flagged", FLAGGED, 0, 0.999, "share of held-out digits that may be called no digit")
    add_number(data, "--variants", 12, 1, 10**6, "renderings of each pen drawing")
    add_number(data, "--bend", 1.0, 0, 3, "scales the deformations of MNIST's images")
    data.add_argument(
        "--shares", type=float, nargs=3, metavar=("MNIST", "INK", "NONE"), help="parts of each batch [0.45 0.4 0.15]"
    )
    data.add_argument("--teacher", type=Path, nargs="+", default=[], metavar="FILE", help="networks to distill")
    add_number(data, "--bank", 2_000_000, 1, 10**9, "with --teacher: number of images that they read")
    add_number(data, "--truth", 0.1, 0, 0.999, "with --teacher: weight of the labels")
    add_number(data, "--soften", 1.0, 0.01, 100, "with --teacher: temperature of their answers")
    files = groups["files"]
    files.add_argument("--run", type=Path, metavar="FOLDER", help="folder for checkpoints [runs/LAYERS-SEED]")
    files.add_argument(
        "--from", type=Path, dest="begin", metavar="RUN", help="begin with another run's network: its folder, or a file"
    )
    files.add_argument(
        "--head-only", action="store_true", help="train only the dense layers of --from, the file of a convolutional network"
    )
    add_number(files, "--blend", 1.0, 0.001, 1, "weight of the trained network in the average with another one")
    files.add_argument("--blend-with", type=Path, metavar="FILE", help="that other network [the one of --from]")
    files.add_argument("--output", type=Path, metavar="FILE", help=".pk1 (dense layers) or .npz [in the run's folder]")
    files.add_argument("--title", help="name of the network, for its card")
    return p


def add_setting(group: argparse._ArgumentGroup, name: str, setting: Field[Any]) -> None:
    help, default = setting.metadata["help"], setting.default
    if default is False:
        group.add_argument(flag(name), action="store_true", help=help)
        return
    words = list(setting.metadata["words"]) or None
    shown = f" [{default}]" if default != "" else ""
    group.add_argument(flag(name), type=type(default), default=default, choices=words, help=help + shown)


def add_number(group: argparse._ArgumentGroup, name: str, default: int | float, least: float, most: float, help: str) -> None:
    """A flag for a number from `least` to `most`, whole if the default is."""

    def number(text: str) -> int | float:
        value = type(default)(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is out of range: give one from {least:,} to {most:,}")
        return value

    group.add_argument(name, type=number, default=default, help=f"{help} [{default}]")


def main(arguments: list[str] | None = None) -> int:
    return status("train.py", lambda: run(parser().parse_args(arguments)))


def check(options: argparse.Namespace) -> None:
    """Raises ValueError for options that do not go together."""
    if options.shares and not (min(options.shares) >= 0 and options.shares[0] > 0):
        raise ValueError("--shares are three numbers, 0 or more, the first of them above 0")
    if options.blend < 1 and not (options.blend_with or (options.begin and options.begin.is_file())):
        raise ValueError("--blend needs a network's file, --blend-with or --from")
    if options.head_only and not (options.begin and options.begin.is_file()):
        raise ValueError("--head-only needs a network's file, --from")
    if options.letters and not options.ink:
        raise ValueError("--letters needs --ink: examples of no digit are used together with pen drawings of digits")


def run(options: argparse.Namespace) -> None:
    """Load the data, train, calibrate, and write the network with its card."""
    settings = RunSettings(**{name: getattr(options, name) for name in SETTINGS})
    if problems := settings.problems():
        raise SettingsError(problems)
    check(options)
    folder = options.run or ROOT / "runs" / f"{settings.layers}-{settings.seed}"
    claim(folder, options)
    mnist = vendor.ensure("mnist")
    if options.ink:
        say("Rendering the pen drawings; the first time, this takes some minutes …")
        more = options.signs, options.typefaces, options.grammar
        data = load_training_data(
            mnist, settings.samples, options.ink, options.letters, options.variants, settings.seed, folder, *more
        )
    else:
        data = TrainingData(mnist_dataset(mnist).first(settings.samples))
    shares = options.shares or SHARES
    corrupt = partial(corrupt_some, share=options.corrupted) if options.corrupted else None
    mixing = partial(data.batches, settings.batch, settings.seed, settings.smoothing, not settings.plain, options.bend, shares)
    batches: Batches = distilled(options, mixing(), folder, corrupt) if options.teacher else mixing(corrupt)
    begin = parameters.load(options.begin) if options.begin and options.begin.is_file() else options.begin
    if options.head_only:
        features, begin = split(begin)
        settings, batches = replace(settings, layers=words_of(begin)), FeatureBatches(features, batches)
    run = Run(settings, batches)
    say(str(run.network))
    fit(run, folder, begin)
    network = joined(features, run.reader) if options.head_only else run.reader
    finish(options, network, run.seconds, data, folder)


def claim(folder: Path, options: argparse.Namespace) -> None:
    """Write the run's options into its folder; raises ValueError if the folder has a run with other options."""
    irrelevant = ("run", "output", "title", "blend", "blend_with", "flagged")
    wanted = {name: str(value) for name, value in sorted(vars(options).items()) if name not in irrelevant}
    note = folder / "run.json"
    begun = json.loads(note.read_text(encoding="utf-8")) if note.exists() else wanted
    if not isinstance(begun, dict):
        raise ValueError(f"{note} is damaged: delete that folder, or choose another one with --run")
    if differing := [name for name, value in wanted.items() if begun.get(name) != value]:
        names = ", ".join(map(flag, differing))
        raise ValueError(f"{folder} has a run with another {names}: choose another folder with --run, or delete that one")
    parameters.write_atomically(note, json.dumps(wanted, indent=2).encode())


def distilled(options: argparse.Namespace, mixed: MixedBatches, folder: Path, corrupt: Corrupt | None) -> Batches:
    """Batches with the teachers' answers, which are computed once and kept in the run's folder."""
    bank = Bank(folder / "bank", options.bank)
    teachers = [parameters.load(path) for path in options.teacher]
    bar = ProgressBar()
    for done in bank.fill(mixed, teachers):
        bar.show(done, "teachers' answers")
    bar.close()
    return BankBatches(bank, options.batch, options.seed, mixed.targets, options.truth, options.soften, corrupt)


def fit(run: Run, folder: Path, begin: Network | Path | None) -> None:
    """Train to the end, from the last checkpoint if there is one, else from a network, another run or the start."""
    path = folder / "checkpoint.npz"
    if path.exists():
        run.restore(path.read_bytes())
        say(f"Continuing from step {run.step:,}.")
    elif isinstance(begin, Network):
        run.begin_with_network(begin)
    elif begin is not None:
        run.begin_with((begin / "checkpoint.npz").read_bytes())
    began, saved = time.monotonic() - run.seconds, time.monotonic()
    bar, loss, accuracy, stop = ProgressBar(), 0.0, 0.0, StopRequest()
    try:
        while not run.done:
            progress = run.advance()
            loss += 0.01 * (progress.loss - loss)
            accuracy += 0.01 * (progress.accuracy - accuracy)
            figures = f"training: epoch {progress.epoch:.2f}  loss {loss:.4f}  accuracy {accuracy:.2%}"
            bar.show(progress.epoch / run.settings.epochs, figures)
            now = time.monotonic()
            run.seconds = now - began
            if (stop.requested or now - saved > CHECKPOINT_SECONDS) and run.sound:
                saved = now
                parameters.write_atomically(path, run.checkpoint())
            if stop.requested:
                say("\nStopped. The same command continues from here.")
                raise KeyboardInterrupt
    except Diverged as error:
        kept = f" The last good checkpoint is kept in {folder}." if path.exists() else ""
        raise Diverged(f"{error}{kept}") from error
    finally:
        bar.close()
        stop.restore()
    parameters.write_atomically(path, run.checkpoint())


def finish(options: argparse.Namespace, network: Network, seconds: float, data: TrainingData, folder: Path) -> None:
    """Calibrate on the held-out images, measure on MNIST's test images, and write the weights and the card."""
    network, calibrated = finished(network, data, options.flagged)
    if options.blend < 1:
        network, calibrated = finished(
            blended(parameters.load(options.blend_with or options.begin), network, options.blend), data, options.flagged
        )
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    measured = accuracy(network.predict(as_inputs(images)), labels)
    dense = "conv" not in options.layers and options.activation == "relu"
    output = options.output or folder / ("network.pk1" if dense else "network.npz")
    card = {
        "title": options.title or options.layers,
        "layers": options.layers,
        "command": "python3 py/train.py " + shlex.join(sys.argv[1:]),
        "seed": options.seed,
        "seconds": round(seconds),
        "data": DATA[0] + (DATA[1] if options.ink else []),
        "mnist_test_accuracy": measured,
        **calibrated,
    }
    write_model(output, network, card)
    print(f"{measured:.2%} of MNIST's {len(labels):,} test images are read correctly, after {seconds:,.0f} s of training.")
    print(f"The {network.parameter_count:,} parameters are in {output}, with a card beside them.")


class StopRequest:
    """Turns Ctrl-C or a termination signal into a flag that is read between two steps; the second one stops at once."""

    def __init__(self) -> None:
        self.requested = False
        handled = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
        self.before = {number: signal.signal(number, self._request) for number in handled}

    def _request(self, *_: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def restore(self) -> None:
        for number, action in self.before.items():
            signal.signal(number, action)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
