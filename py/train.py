#!/usr/bin/env python3
"""Train a network that reads digits, in NumPy. Run it with --help."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy is imported when it is needed, so that --help and its absence need none
    from digits.curriculum import Curriculum
    from digits.mixture import Mixture
    from nn import Network
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
to it; the optimiser moves all weights a little against that. An epoch is one time through MNIST's images.
"""


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="py/train.py", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    network = p.add_argument_group("network")
    network.add_argument("--layers", default="784-128-64-10", help="layers in words, see py/nn/architecture.py [%(default)s]")
    network.add_argument("--seed", type=int, default=0, help="of the first weights and of all chance [%(default)s]")
    data = p.add_argument_group("data")
    data.add_argument("--ink", type=Path, metavar="FILE", help="pen drawings to train on beside MNIST")
    data.add_argument("--letters", type=Path, metavar="FILE", help="pen-drawn letters: with --ink, what is no digit")
    data.add_argument("--variants", type=int, default=12, help="how often each pen drawing is drawn anew [%(default)s]")
    data.add_argument("--plain", action="store_true", help="take the images as they are, without deformed copies")
    data.add_argument("--teacher", type=Path, nargs="+", default=[], metavar="FILE", help="networks to learn from")
    data.add_argument("--bank", type=int, default=2_000_000, help="images the teachers are asked about [%(default)s]")
    data.add_argument("--truth", type=float, default=0.1, help="with teachers: how much the label itself counts [%(default)s]")
    steps = p.add_argument_group("training")
    steps.add_argument("--epochs", type=float, default=20, help="times through the data [%(default)s]")
    steps.add_argument("--batch", type=int, default=128, help="images a step [%(default)s]")
    steps.add_argument("--optimizer", choices=("adam", "momentum", "sgd"), default="adam")
    steps.add_argument("--learning-rate", type=float, default=2e-3, help="the highest one [%(default)s]")
    steps.add_argument("--schedule", choices=("one-cycle", "constant"), default="one-cycle")
    steps.add_argument("--weight-decay", type=float, default=0.0, help="with Adam [%(default)s]")
    steps.add_argument("--smoothing", type=float, default=0.0, help="share of a label spread over the others [%(default)s]")
    steps.add_argument("--average", type=float, default=0.999, help="decay of the average of the weights [%(default)s]")
    files = p.add_argument_group("files")
    files.add_argument("--run", type=Path, metavar="FOLDER", help="where checkpoints are kept [runs/LAYERS-SEED]")
    files.add_argument("--output", type=Path, metavar="FILE", help=".pk1 (dense layers) or .npz [in the run's folder]")
    files.add_argument("--title", help="the network's name, for its card")
    return p


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        check(options)
        run(options)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from the last checkpoint.", file=sys.stderr)
        return 130
    except (ValueError, OSError, ArithmeticError, RuntimeError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    return 0


def check(options: argparse.Namespace) -> None:
    """Raises ValueError, in a sentence, for numbers with which no training is possible."""
    for name in ("epochs", "batch", "learning_rate", "variants", "bank"):
        if not getattr(options, name) > 0:
            raise ValueError(f"--{name.replace('_', '-')} should be above 0, not {getattr(options, name)}")
    for name in ("smoothing", "average", "truth", "weight_decay"):
        if not 0 <= getattr(options, name) < 1:
            raise ValueError(f"--{name.replace('_', '-')} should be 0 or more and below 1, not {getattr(options, name)}")
    if options.letters and not options.ink:
        raise ValueError("--letters needs --ink: what is no digit is learnt beside pen-drawn digits")


def run(options: argparse.Namespace) -> None:
    """Prepare the lessons, train, calibrate, and write the network with its card."""
    from digits.curriculum import Curriculum
    from hosting import vendor
    from nn import architecture

    network = architecture.build(options.layers, options.seed)
    say(str(network))
    folder = options.run or ROOT / "runs" / f"{options.layers}-{options.seed}"
    if options.ink:
        say("drawing the pen drawings anew, which takes some minutes at the first time …")
    lessons = Curriculum.load(
        vendor.ensure("mnist"), options.ink, options.letters, options.variants, options.seed, folder
    )
    batches = lessons.mixture(options.batch, options.seed, options.smoothing, not options.plain)
    if options.teacher:
        batches = taught(options, batches, folder)
    trained, seconds = fit(options, network, batches, folder)
    finish(options, trained.folded(), seconds, lessons, folder)


def taught(options: argparse.Namespace, lessons: Mixture, folder: Path) -> Batches:
    """The teachers' answers to a bank of lessons, asked once and kept in the run's folder."""
    from digits.teaching import Bank, BankBatches
    from nn import parameters

    bank = Bank(folder / "bank", options.bank)
    line = ProgressLine("asking the teachers")
    for done in bank.fill(lessons, [parameters.load(path) for path in options.teacher], options.truth):
        line.show(done)
    line.close()
    return BankBatches(bank, options.batch, options.seed)


def fit(options: argparse.Namespace, network: Network, batches: Batches, folder: Path) -> tuple[Network, float]:
    """Train from the last checkpoint, or the start, to the end; returns the averaged network and the seconds it took."""
    from nn import checkpoint, train
    from nn.loss import cross_entropy_or_none
    from nn.optimizers import OPTIMIZERS, SCHEDULES, WeightAverage
    from nn.training import Diverged

    settings = {"weight_decay": options.weight_decay} if options.optimizer == "adam" else {}
    optimizer = OPTIMIZERS[options.optimizer](options.learning_rate, **settings)
    average = WeightAverage(network, options.average)
    path = folder / "checkpoint.npz"
    step, before = checkpoint.restore(path, network, optimizer, average)
    if step:
        say(f"going on from step {step:,}")
    schedule = SCHEDULES[options.schedule](options.learning_rate)
    began = saved = time.monotonic()
    line, loss, accuracy = ProgressLine("training"), 0.0, 0.0
    try:
        for progress in train(network, optimizer, batches, options.epochs, schedule, cross_entropy_or_none, step):
            average.update(network)
            step = progress.step
            loss += 0.01 * (progress.loss - loss)
            accuracy += 0.01 * (progress.accuracy - accuracy)
            figures = f"epoch {progress.epoch:.2f}  loss {loss:.4f}  right {accuracy:.2%}"
            line.show(progress.epoch / options.epochs, figures)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                saved = time.monotonic()
                checkpoint.save(path, network, optimizer, average, step, before + saved - began)
    except Diverged as error:
        kept = f" The last good checkpoint is kept in {folder}." if path.exists() else ""
        raise Diverged(f"{error}{kept}") from error
    finally:
        line.close()
    seconds = before + time.monotonic() - began
    checkpoint.save(path, network, optimizer, average, step, seconds)
    return average.network, seconds


def finish(options: argparse.Namespace, network: Network, seconds: float, lessons: Curriculum, folder: Path) -> None:
    """Calibrate on what was held out, measure on MNIST's test images, write weights and card."""
    from digits.calibration import calibrate
    from digits.card import write_model
    from digits.metrics import accuracy
    from digits.mnist import as_inputs, load_mnist
    from hosting import vendor

    temperature, thresholds = calibrate(network, *lessons.held_out(), knows_none=lessons.none is not None)
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    reached = accuracy(network.predict(as_inputs(images)), labels)
    output = options.output or folder / ("network.npz" if "conv" in options.layers else "network.pk1")
    card = {
        "title": options.title or options.layers,
        "layers": options.layers,
        "command": "python3 py/train.py " + shlex.join(sys.argv[1:]),
        "seed": options.seed,
        "seconds": round(seconds),
        "data": DATA[0] + (DATA[1] if options.ink else []),
        "mnist_test_accuracy": reached,
        "temperature": round(temperature, 4),
        "thresholds": thresholds,
    }
    write_model(output, network, card)
    print(f"{reached:.2%} of MNIST's {len(labels):,} test images are read right, after {seconds:,.0f} s of training.")
    print(f"{network.parameter_count:,} parameters are in {output}, and their card beside them.")


class ProgressLine:
    """How far it is and how long it will take, redrawn in place on a terminal, once a minute elsewhere."""

    def __init__(self, what: str) -> None:
        self.what, self.began, self.first, self.drawn = what, time.monotonic(), None, 0.0
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
