#!/usr/bin/env python3
"""Train a network that reads digits, in NumPy. Run it with --help."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import signal
import sys
import time
from dataclasses import Field
from pathlib import Path
from typing import TYPE_CHECKING

from digits.command_line import status
from digits.training_settings import SETTINGS, RunSettings, SettingsError, flag

if TYPE_CHECKING:  # NumPy is imported when it is needed, so that --help and its absence need none
    from digits.mixed_batches import Mixture
    from digits.training_data import Curriculum
    from digits.training_run import Run
    from nn.training import Batches

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
      the network of the page's beginnings, 784-128-64-10, on MNIST, 20 epochs: about a minute
  python3 py/train.py --layers 784-32-10 --epochs 3 --plain
      a smaller one, without deformed copies
  python3 py/train.py --ink train.npz --letters letters-train.npz --epochs 40
      pen drawings too, and what is no digit (py/make_ink.py makes these files)
  python3 py/train.py --layers 28x28-conv16-norm-pool-conv32-norm-pool-64-norm-10 --output runs/mine/mine.npz
      a convolutional network; --run keeps its checkpoints, and the same command goes on where it was stopped

what happens: the weights start at random (from --seed). In each step the network reads a batch of images; the loss says how
far its probabilities are from the truth; going backward through the layers gives, for each weight, how the loss answers
to it; the optimizer moves all weights a little against that. An epoch is one time through MNIST's images.
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/train.py", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    groups = {name: p.add_argument_group(name) for name in ("network", "data", "training", "files")}
    for name, setting in SETTINGS.items():
        add_setting(groups[setting.metadata["group"]], name, setting)
    data = groups["data"]
    data.add_argument("--ink", type=Path, metavar="FILE", help="pen drawings to train on beside MNIST")
    data.add_argument("--letters", type=Path, metavar="FILE", help="pen-drawn letters: with --ink, what is no digit")
    data.add_argument("--variants", type=int, default=12, help="how often each pen drawing is drawn anew [%(default)s]")
    data.add_argument("--bend", type=float, default=1.0, help="how far images are bent, 1 for large networks [%(default)s]")
    data.add_argument("--shares", type=float, nargs=3, metavar=("MNIST", "INK", "NONE"), help="of each batch [0.45 0.4 0.15]")
    data.add_argument("--teacher", type=Path, nargs="+", default=[], metavar="FILE", help="networks to learn from")
    data.add_argument("--bank", type=int, default=2_000_000, help="images the teachers are asked about [%(default)s]")
    data.add_argument("--truth", type=float, default=0.1, help="with teachers: how much the label itself counts [%(default)s]")
    data.add_argument("--soften", type=float, default=1.0, help="with teachers: their temperature [%(default)s]")
    files = groups["files"]
    files.add_argument("--run", type=Path, metavar="FOLDER", help="where checkpoints are kept [runs/LAYERS-SEED]")
    files.add_argument("--from", type=Path, dest="begin", metavar="FOLDER", help="go on with the network of another run")
    files.add_argument("--output", type=Path, metavar="FILE", help=".pk1 (dense layers) or .npz [in the run's folder]")
    files.add_argument("--title", help="the network's name, for its card")
    return p


def add_setting(group: argparse._ArgumentGroup, name: str, setting: Field) -> None:
    help, default = setting.metadata["help"], setting.default
    if default is False:
        group.add_argument(flag(name), action="store_true", help=help)
        return
    words = setting.metadata["words"] or None
    shown = f" [{default}]" if default != "" else ""
    group.add_argument(flag(name), type=type(default), default=default, choices=words, help=help + shown)


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    settings = RunSettings(**{name: getattr(options, name) for name in SETTINGS})
    try:
        return status("train.py", lambda: run(options, settings))
    except MemoryError:
        say("train.py: not enough memory: try a smaller --batch, fewer --samples or narrower layers")
        return 1


def check(options: argparse.Namespace, settings: RunSettings) -> None:
    """Raises ValueError, in a sentence, for numbers with which no training is possible."""
    if problems := settings.problems():
        raise SettingsError(problems)
    for name in ("variants", "bank", "soften"):
        if not getattr(options, name) > 0:
            raise ValueError(f"{flag(name)} should be above 0, not {getattr(options, name)}")
    if options.shares and not (min(options.shares) >= 0 and options.shares[0] > 0):
        raise ValueError("--shares are three numbers, 0 or more, the first of them above 0")
    if not 0 <= options.bend <= 3:
        raise ValueError(f"--bend should be 0 to 3, not {options.bend}")
    if not 0 <= options.truth < 1:
        raise ValueError(f"--truth should be 0 or more and below 1, not {options.truth}")
    if options.letters and not options.ink:
        raise ValueError("--letters needs --ink: what is no digit is learnt beside pen-drawn digits")


def run(options: argparse.Namespace, settings: RunSettings) -> None:
    """Prepare the lessons, train, calibrate, and write the network with its card."""
    from digits.training_data import SHARES, Curriculum
    from digits.training_run import Run
    from vendoring import vendor

    check(options, settings)
    folder = options.run or ROOT / "runs" / f"{settings.layers}-{settings.seed}"
    claim(folder, options)
    if options.ink:
        say("drawing the pen drawings anew, which takes some minutes at the first time …")
    lessons = Curriculum.load(
        vendor.ensure("mnist"), options.ink, options.letters, options.variants, settings.seed, folder, settings.samples
    )
    batches: Batches = lessons.mixture(
        settings.batch, settings.seed, settings.smoothing, not settings.plain, options.bend, options.shares or SHARES
    )
    if options.teacher:
        batches = taught(options, batches, folder)
    run = Run(settings, batches)
    say(str(run.network))
    fit(run, folder, options.begin)
    finish(options, run, lessons, folder)


def claim(folder: Path, options: argparse.Namespace) -> None:
    """Note in the run's folder how the run was begun; raises ValueError where another run has its checkpoint there."""
    from nn.parameters import write_atomically

    where = ("run", "output", "title")
    wanted = {name: str(value) for name, value in sorted(vars(options).items()) if name not in where}
    note = folder / "run.json"
    begun = json.loads(note.read_text()) if note.exists() else wanted
    if differing := [name for name, value in wanted.items() if begun.get(name) != value]:
        names = ", ".join(map(flag, differing))
        raise ValueError(f"{folder} holds a run with another {names}: name another folder with --run, or delete that one")
    write_atomically(note, json.dumps(wanted, indent=2).encode())


def taught(options: argparse.Namespace, lessons: Mixture, folder: Path) -> Batches:
    """The teachers' answers to a bank of lessons, asked once and kept in the run's folder."""
    from nn import parameters
    from research.distillation import Bank, BankBatches

    bank = Bank(folder / "bank", options.bank)
    line = ProgressLine("asking the teachers")
    teachers = [parameters.load(path) for path in options.teacher]
    for done in bank.fill(lessons, teachers):
        line.show(done)
    line.close()
    return BankBatches(bank, options.batch, options.seed, lessons.targets, options.truth, options.soften)


def fit(run: Run, folder: Path, begin: Path | None) -> None:
    """Train from the last checkpoint, another run's network or the start, to the end."""
    from nn.parameters import write_atomically
    from nn.training import Diverged

    path = folder / "checkpoint.npz"
    if path.exists():
        run.restore(path.read_bytes())
        say(f"going on from step {run.step:,}")
    elif begin is not None:
        run.begin_with((begin / "checkpoint.npz").read_bytes())
    began, saved = time.monotonic() - run.seconds, time.monotonic()
    line, loss, accuracy, stop = ProgressLine("training"), 0.0, 0.0, StopRequest()
    try:
        while not run.done:
            progress = run.advance()
            loss += 0.01 * (progress.loss - loss)
            accuracy += 0.01 * (progress.accuracy - accuracy)
            figures = f"epoch {progress.epoch:.2f}  loss {loss:.4f}  right {accuracy:.2%}"
            line.show(progress.epoch / run.settings.epochs, figures)
            now = time.monotonic()
            run.seconds = now - began
            if (stop.heard or now - saved > CHECKPOINT_SECONDS) and run.sound:
                saved = now
                write_atomically(path, run.checkpoint())
            if stop.heard:
                say("\nStopped. The same command goes on from here.")
                raise KeyboardInterrupt
    except Diverged as error:
        kept = f" The last good checkpoint is kept in {folder}." if path.exists() else ""
        raise Diverged(f"{error}{kept}") from error
    finally:
        line.close()
        stop.forget()
    write_atomically(path, run.checkpoint())


def finish(options: argparse.Namespace, run: Run, lessons: Curriculum, folder: Path) -> None:
    """Calibrate on what was held out, measure on MNIST's test images, write weights and card."""
    from digits.metrics import accuracy
    from digits.mnist import as_inputs, load_mnist
    from digits.model_card import write_model
    from digits.training_run import finished
    from vendoring import vendor

    settings = run.settings
    network, calibrated = finished(run.reader, lessons)
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    reached = accuracy(network.predict(as_inputs(images)), labels)
    dense = "conv" not in settings.layers and settings.activation == "relu"
    output = options.output or folder / ("network.pk1" if dense else "network.npz")
    card = {
        "title": options.title or settings.layers,
        "layers": settings.layers,
        "command": "python3 py/train.py " + shlex.join(sys.argv[1:]),
        "seed": settings.seed,
        "seconds": round(run.seconds),
        "data": DATA[0] + (DATA[1] if options.ink else []),
        "mnist_test_accuracy": reached,
        **calibrated,
    }
    write_model(output, network, card)
    print(f"{reached:.2%} of MNIST's {len(labels):,} test images are read right, after {run.seconds:,.0f} s of training.")
    print(f"{network.parameter_count:,} parameters are in {output}, and their card beside them.")


class StopRequest:
    """Ctrl-C or a terminating signal, heard between two steps, so that nothing learnt is lost; a second one stops at once."""

    def __init__(self) -> None:
        self.heard = False
        stopping = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
        self.before = {number: signal.signal(number, self._hear) for number in stopping}

    def _hear(self, *_: object) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True

    def forget(self) -> None:
        for number, action in self.before.items():
            signal.signal(number, action)


class ProgressLine:
    """How far it is and how long it will take, redrawn in place on a terminal, once a minute elsewhere."""

    def __init__(self, what: str) -> None:
        self.what, self.began, self.first, self.drawn = what, time.monotonic(), None, -math.inf
        self.live = sys.stderr.isatty()

    def show(self, done: float, figures: str = "") -> None:
        """`done` runs from 0 to 1."""
        now = time.monotonic()
        self.first = done if self.first is None else self.first
        if now - self.drawn < (0.2 if self.live else 60):
            return
        self.drawn = now
        left = (now - self.began) * (1 - done) / max(done - self.first, 1e-9)
        text = f"{self.what} {done:6.1%}  {figures}  {left / 60:,.0f} min left" if done > self.first else self.what
        print(f"\r\x1b[K{text}" if self.live else text, end="" if self.live else "\n", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.live:
            print(file=sys.stderr)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
