#!/usr/bin/env python3
"""Feeds damaged files to every reader of files from outside, and reports what it does not refuse as documented.

    python tests/benchmarks/fuzz.py --door pk1 --count 1000000      one reader
    python tests/benchmarks/fuzz.py --count 200 --json              every reader, 200 inputs each, as tests/test_fuzz.py does

An input is made from a real file by a few mutations and depends on its number alone. It is a finding when it crashes the
interpreter, raises an undocumented exception, or takes more than 5 s of computing time or 1 GiB. Inputs run in a child
process, which is started again after a crash. Counts are kept in runs/fuzz/DOOR.json, so that the same command continues
an interrupted run; inputs that were findings are kept beside them. --corpus adds the files of a folder to the real files.
Not for Windows.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "py"), str(PROJECT / "tests" / "benchmarks")]

import fuzz_corpus as corpus  # noqa: E402
import numpy as np  # noqa: E402
from fuzz_mutations import ANY, chunk, description, flip, line, member, opcode, unzipped  # noqa: E402

from digits.idx import IdxError, parse_idx  # noqa: E402
from digits.number_picture import read_number_picture  # noqa: E402
from digits.number_reader import NumberReader  # noqa: E402
from digits.picture_file import PictureError, read_picture  # noqa: E402
from digits.recognizer import Recognizer  # noqa: E402
from digits.training_run import Run  # noqa: E402
from nn import ParameterError, parameters  # noqa: E402
from research.ink import InkError, load_ink, render  # noqa: E402
from research.ink_collections import ink_of, pendigits  # noqa: E402

SECONDS, BYTES = 5, 2**30  # for one input

Mutation = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Door:
    """A reader of files from outside.

    Attributes:
        read: reads the bytes of a file, and uses what was in it as the program does.
        refusals: the exceptions it documents.
        corpus: makes real files.
        mutations: ways to damage a file of this kind, beside those for any file.
    """

    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    corpus: Callable[[], list[bytes]]
    mutations: Sequence[Mutation] = ()


# The readers, each used as the program uses it.


def read_network(data: bytes) -> None:
    network = parameters.loads(data)
    network.forward(np.zeros((1, *network.input_shape), np.float32))


def from_file(read: Callable[[Path], object], data: bytes) -> None:
    """For the readers that take a path."""
    scratch = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    path = scratch / f"fuzz-{os.getpid()}"
    path.write_bytes(data)
    try:
        read(path)
    finally:
        path.unlink()


def read_ink(path: Path) -> None:
    ink = load_ink(path)
    for index in range(min(len(ink), 2)):
        render(ink[index])
    ink.subset(np.arange(len(ink))[::2])
    _ = ink.source


@functools.cache
def number_reader() -> NumberReader:
    return NumberReader(Recognizer.load(PROJECT / "weights" / "model_params_stored_mnist.pk1"))


def read_number(data: bytes) -> None:
    try:
        read_number_picture(number_reader(), data)
    except ValueError as error:
        if not str(error).startswith("this is too much to read at once"):
            raise


DOORS: dict[str, Door] = {
    "pk1": Door(read_network, (ParameterError,), corpus.pickles, (opcode, opcode)),
    "npz": Door(read_network, (ParameterError,), corpus.archives, (member, member, description, description, description)),
    "checkpoint": Door(
        lambda data: Run(corpus.RUN, ()).restore(data),  # type: ignore[arg-type]
        (ParameterError,),
        corpus.checkpoints,
        (member, member, member),
    ),
    "ink": Door(partial(from_file, read_ink), (InkError,), corpus.ink_files, (member, member, member, member)),
    "idx": Door(parse_idx, (IdxError,), corpus.idx_files, (unzipped, unzipped)),
    "pictures": Door(read_picture, (PictureError,), corpus.picture_files, (chunk, chunk)),
    "numbers": Door(read_number, (PictureError,), corpus.picture_files, (chunk, chunk)),
    "unipen": Door(partial(from_file, lambda path: ink_of(pendigits(path))), (InkError,), corpus.unipen_files, (line, line)),
}


def mutated(door: Door, files: list[bytes], rng: random.Random) -> bytes:
    data = rng.choice(files)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        try:
            data = rng.choice((*ANY, *door.mutations))(data, rng) or b"\0"
        except Exception:  # a mutation of its structure that an earlier one has destroyed
            data = flip(data, rng)
    return data


# Running them.


class TooSlow(BaseException):
    """Not an Exception, which a reader may catch."""


def work(name: str, files: list[bytes], first: int, last: int, current: Any, counts: Any, folder: Path) -> None:
    """Read the inputs `first` to `last`; `current` tells which one, `counts` those that were accepted, refused and found."""
    door = DOORS[name]

    def too_slow(*_: object) -> None:
        raise TooSlow(f"longer than {SECONDS} s")

    signal.signal(signal.SIGPROF, too_slow)
    np.seterr(all="ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for index in range(first, last):
        current.value = index
        data = mutated(door, files, random.Random(f"{name} {index}"))
        problem = ""
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, 4 * SECONDS)  # ends the process if it is inside C all the time
        try:
            door.read(data)
            counts[0] += 1
        except door.refusals:
            counts[1] += 1
        except (Exception, TooSlow) as error:
            problem = f"{type(error).__name__}: {error}"[:200]
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        full = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) > BYTES
        if problem or full:
            counts[2] += 1
            note(folder, name, index, data, problem or f"more than {BYTES >> 20} MB")
        if full:
            sys.exit(3)  # a new process starts with little memory


def note(folder: Path, name: str, index: int, data: bytes, problem: str) -> None:
    (folder / f"{name}-{index}").write_bytes(data)
    with (folder / f"{name}-findings.txt").open("a", encoding="utf-8") as file:
        file.write(f"{index}: {problem}\n")


def fuzz(name: str, count: int, folder: Path, extra: list[bytes]) -> dict[str, Any]:
    """Read `count` inputs, or those that are left of an earlier run, and return the counts."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / f"{name}.json"
    kept = json.loads(state.read_text()) if state.exists() else {}
    done, seconds = kept.get("inputs", 0), kept.get("seconds", 0.0)
    context = multiprocessing.get_context("fork")
    counts = context.Array("q", [kept.get(key, 0) for key in ("accepted", "refused", "findings")])
    files = DOORS[name].corpus() + extra
    began = time.monotonic()

    def save() -> dict[str, Any]:
        figures = dict(zip(("accepted", "refused", "findings"), counts[:], strict=True))
        result = {"door": name, "inputs": done, "seconds": round(seconds + time.monotonic() - began, 1), **figures}
        state.write_text(json.dumps(result))
        return result

    while done < count:
        current = context.Value("q", done)
        process = context.Process(target=work, args=(name, files, done, count, current, counts, folder))
        process.start()
        while process.is_alive():
            process.join(5)
            done = current.value
            save()
        done = current.value + 1
        if process.exitcode not in (0, 3):
            counts[2] += 1
            problem = f"the interpreter ended with {process.exitcode}"
            note(folder, name, current.value, mutated(DOORS[name], files, random.Random(f"{name} {current.value}")), problem)
    return save()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--door", choices=DOORS, help="one reader [all]")
    parser.add_argument("--count", type=int, default=20_000, help="inputs for each reader [%(default)s]")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="more real files for this reader")
    parser.add_argument("--folder", type=Path, default=PROJECT / "runs" / "fuzz", help="where counts and findings are kept")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    extra = [path.read_bytes() for path in sorted(options.corpus.iterdir())] if options.corpus else []
    found = 0
    for name in [options.door] if options.door else DOORS:
        result = fuzz(name, options.count, options.folder, extra)
        found += result["findings"]
        print(
            json.dumps(result)
            if options.json
            else "  ".join(f"{key} {value:,}" if key != "door" else value for key, value in result.items())
        )
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
