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
import gzip
import io
import json
import multiprocessing
import os
import pickle
import random
import re
import resource
import signal
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "py"))

import numpy as np  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from digits.idx import IdxError, parse_idx  # noqa: E402
from digits.picture_file import PictureError, read_picture  # noqa: E402
from digits.training_run import Run  # noqa: E402
from digits.training_settings import RunSettings  # noqa: E402
from nn import ParameterError, architecture, parameters  # noqa: E402
from research.doodles import KINDS  # noqa: E402
from research.ink import InkError, load_ink, render, save_ink  # noqa: E402
from research.ink_collections import Drawing, ink_of, pendigits  # noqa: E402

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


# The real files.


def networks() -> list[Any]:
    words = ("30-2-10", "4x4-conv2-norm-pool-conv1x1-10", "3x3-conv1-5-norm-10", "6-5-4")
    return [
        architecture.build(text, seed, activation) for seed, text in enumerate(words) for activation in ("relu", "leaky-relu")
    ]


def pickles() -> list[bytes]:
    rng = np.random.default_rng(0)
    content: dict[str, Any] = {
        "weights": [rng.random((3, 4), np.float32), np.asfortranarray(rng.random((4, 2)))],
        "biases": [rng.random(4, np.float32), rng.random((1, 2)).astype(">f2")],
        "accuracy": np.float64(0.98),
        "epochs": 20,
    }
    files = [pickle.dumps(content, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    files += [file.replace(b"numpy._core", b"numpy.core") for file in files[:3]]
    return [*files, parameters.dumps_pickle(architecture.build("30-4-10"))]


def archives() -> list[bytes]:
    return [parameters.dumps_npz(network) for network in networks()]


RUN = RunSettings(layers="28x28-conv1-pool-pool-pool-10", average=0.9)


def checkpoints() -> list[bytes]:
    return [Run(RUN, ()).checkpoint()]  # type: ignore[arg-type]


def ink_files() -> list[bytes]:
    drawings = [Drawing(str(i % 10), f"writer-{i % 3}", kind(np.random.default_rng(i))) for i, kind in enumerate(KINDS)]
    files = []
    with tempfile.TemporaryDirectory() as folder:
        for labels in ("0123456789", "abcdefghij"):
            save_ink(Path(folder, "ink.npz"), ink_of([Drawing(labels[int(d.label)], d.writer, d.strokes) for d in drawings]))
            files.append(Path(folder, "ink.npz").read_bytes())
    return files


def idx_files() -> list[bytes]:
    files = []
    for shape in ((3, 28, 28), (10,), (2, 5)):
        content = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        files.append(struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + content.tobytes())
    return files + [gzip.compress(file) for file in files]


def unipen_files() -> list[bytes]:
    stroke = ".PEN_DOWN\n10 20 1\n-3.5 4e2 2\n.PEN_UP\n"
    first = "".join(f'.SEGMENT DIGIT {n} ? "{n}"\n.COMMENT {n} {n % 3} {n}\n{stroke}' for n in range(5))
    second = f'.INCLUDE input.doc\n.COORD X Y T\n{stroke * 3}.SEGMENT CHARACTER 0:1-1:0,2 OK "\\"7"\n.SEGMENT WORD 0-2 "a b"\n'
    return [first.encode(), second.encode()]


def picture_files() -> list[bytes]:
    image = Image.new("L", (60, 48), 250)
    ImageDraw.Draw(image).line([(14, 8), (44, 9), (24, 40)], fill=20, width=5)
    color, exif = image.convert("RGB"), Image.Exif()
    exif[0x0112] = 6
    see_through = color.convert("RGBA")
    see_through.putalpha(image.point(lambda level: 255 - level))
    kept: list[tuple[str, Image.Image, dict[str, Any]]] = [
        *((kind, color, {}) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO")),
        ("PNG", see_through, {}), ("WEBP", see_through, {"lossless": True}), ("PNG", image.convert("1"), {}),
        ("PNG", Image.fromarray(np.asarray(image, np.uint16) * 16), {"exif": exif}), ("JPEG", color, {"exif": exif}),
        ("JPEG", color.convert("CMYK"), {"progressive": True}), ("TIFF", color.convert("LAB"), {}),
        ("TIFF", Image.fromarray(np.asarray(image, np.float32)), {}), ("TIFF", image, {"compression": "tiff_lzw"}),
        ("PNG", color.quantize(8), {}),
        *((kind, image, {"save_all": True, "append_images": [color]}) for kind in ("GIF", "WEBP", "PNG", "TIFF")),
    ]  # fmt: skip
    files = []
    for kind, picture, options in kept:
        file = io.BytesIO()
        picture.copy().save(file, kind, **options)  # an image remembers options of the format that it was saved in
        files.append(file.getvalue())
    return files


# What damages them.

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


def flip(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def cut(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end if rng.random() < 0.7 else len(data) :]


def repeat(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    part = data[start : start + rng.choice((1, 4, 16, 64))]
    place = rng.randrange(len(data))
    return data[:place] + part * rng.choice((1, 2, 50, 1000)) + data[place:]


def write_number(data: bytes, rng: random.Random) -> bytes:
    place, size = rng.randrange(len(data)), rng.choice((1, 2, 4, 8))
    number = rng.choice(NUMBERS) % 256**size
    return data[:place] + number.to_bytes(size, rng.choice(("little", "big"))) + data[place + size :]


def write_decimal(data: bytes, rng: random.Random) -> bytes:
    found = list(re.finditer(rb"-?[0-9]+", data))
    if not found:
        return data
    number = rng.choice((rng.choice(NUMBERS), -rng.choice(NUMBERS), "1e308", "nan", "9" * 5000, ""))
    chosen = rng.choice(found)
    return data[: chosen.start()] + str(number).encode() + data[chosen.end() :]


ANY = (flip, flip, cut, repeat, write_number, write_decimal)


def opcode(data: bytes, rng: random.Random) -> bytes:
    """An instruction of pickle, with what may be its argument, at any place."""
    place = rng.randrange(len(data))
    argument = rng.choice((b"", b"", b"\x01", struct.pack("<I", rng.choice(NUMBERS) % 2**32), b"os\nsystem\n", b"5\n"))
    code = rng.choice(b"(.012FIJKMNRSTUVXabcdeghijlopqrstu}]B\x80\x81\x85\x86\x87\x88\x8a\x8b\x8c\x8e\x93\x94\x95\x96\x97")
    return data[:place] + bytes([code]) + argument + data[place:]


def chunk(data: bytes, rng: random.Random) -> bytes:
    """One chunk of a PNG file damaged, and its checksum right."""
    if data[:4] != b"\x89PNG":
        return flip(data, rng)
    chunks, place = [], 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunks.append([data[place + 4 : place + 8], data[place + 8 : place + 8 + length]])
        place += 12 + length
    chosen = rng.choice(chunks)
    chosen[1] = rng.choice(ANY)(chosen[1] or b"\0", rng)
    whole = [struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks]
    return data[:8] + b"".join(whole)


def member(data: bytes, rng: random.Random) -> bytes:
    """One array of an .npz file damaged, and its checksum right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(members))
    members[name] = rng.choice(ANY)(members[name], rng) if rng.random() < 0.6 else other_array(members[name], rng)
    return packed(members, rng)


def other_array(data: bytes, rng: random.Random) -> bytes:
    """An array of another shape or dtype, sound in itself."""
    array = np.load(io.BytesIO(data))
    shapes: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (array.size,), (1, array.size), (array.size, 1))
    kind = rng.choice(["f8", "f2", "i8", "u8", "i1", "?", "c16", "U3", "S2", "m8[s]"])
    try:
        array = np.resize(array, rng.choice((array.shape, *shapes))).astype(kind if rng.random() < 0.7 else array.dtype)
        if array.size and rng.random() < 0.5:
            array.flat[rng.randrange(array.size)] = rng.choice((-1, 0, 1e30, np.nan, 2**31 - 1, np.inf))
    except (ValueError, OverflowError, TypeError):
        array = np.zeros(1, kind)
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def description(data: bytes, rng: random.Random) -> bytes:
    """Another description of the layers in the weights' .npz."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(str(np.load(io.BytesIO(members["network.npy"]))))
    for _ in range(rng.randint(1, 4)):
        layer = rng.choice(config["layers"])
        values = (*NUMBERS, *(-n for n in NUMBERS), 3, 28, 5000, 0.5, 1e300, None, "", [], [28, 28, 1], [-1, -784], {})
        if rng.random() < 0.2:
            config["input_shape"] = [rng.choice(values) for _ in range(rng.randint(0, 4))]
        elif rng.random() < 0.2:
            config["layers"] *= rng.choice((0, 2, 3))
            config["layers"] = config["layers"] or [{}]
        else:
            layer[rng.choice([*layer, "size", "padding", "units", "filters", "shape", "type"])] = rng.choice(values)
    buffer = io.BytesIO()
    np.save(buffer, np.array(json.dumps(config)))
    return packed(members | {"network.npy": buffer.getvalue()}, rng)


def packed(members: dict[str, bytes], rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, content in members.items():
            if rng.random() < 0.98:
                archive.writestr(name, content)
    return buffer.getvalue()


def unzipped(data: bytes, rng: random.Random) -> bytes:
    """The content of a gzip file damaged, and its checksum right."""
    return gzip.compress(rng.choice(ANY)(gzip.decompress(data), rng), 1) if data[:2] == b"\x1f\x8b" else flip(data, rng)


def line(data: bytes, rng: random.Random) -> bytes:
    """Lines of a text exchanged, and words of it put elsewhere."""
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    if rng.random() < 0.5:
        lines[a], lines[b] = lines[b], lines[a]
    else:
        words = lines[a].split(b" ")
        words.insert(rng.randrange(len(words) + 1), rng.choice(data.split() or [b""]) * rng.choice((1, 1, 1000)))
        lines[a] = b" ".join(words)
    return b"\n".join(lines)


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


DOORS: dict[str, Door] = {
    "pk1": Door(read_network, (ParameterError,), pickles, (opcode, opcode)),
    "npz": Door(read_network, (ParameterError,), archives, (member, member, description, description, description)),
    "checkpoint": Door(
        lambda data: Run(RUN, ()).restore(data),  # type: ignore[arg-type]
        (ParameterError,),
        checkpoints,
        (member, member, member),
    ),
    "ink": Door(partial(from_file, read_ink), (InkError,), ink_files, (member, member, member, member)),
    "idx": Door(parse_idx, (IdxError,), idx_files, (unzipped, unzipped)),
    "pictures": Door(read_picture, (PictureError,), picture_files, (chunk, chunk)),
    "unipen": Door(partial(from_file, lambda path: ink_of(pendigits(path))), (InkError,), unipen_files, (line, line)),
}


def mutated(door: Door, corpus: list[bytes], rng: random.Random) -> bytes:
    data = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        try:
            data = rng.choice((*ANY, *door.mutations))(data, rng) or b"\0"
        except Exception:  # a mutation of its structure that an earlier one has destroyed
            data = flip(data, rng)
    return data


# Running them.


class TooSlow(BaseException):
    """Not an Exception, which a reader may catch."""


def work(name: str, corpus: list[bytes], first: int, last: int, current: Any, counts: Any, folder: Path) -> None:
    """Read the inputs `first` to `last`; `current` tells which one, `counts` those that were accepted, refused and found."""
    door = DOORS[name]

    def too_slow(*_: object) -> None:
        raise TooSlow(f"longer than {SECONDS} s")

    signal.signal(signal.SIGPROF, too_slow)
    np.seterr(all="ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for index in range(first, last):
        current.value = index
        data = mutated(door, corpus, random.Random(f"{name} {index}"))
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
    corpus = DOORS[name].corpus() + extra
    began = time.monotonic()

    def save() -> dict[str, Any]:
        figures = dict(zip(("accepted", "refused", "findings"), counts[:], strict=True))
        result = {"door": name, "inputs": done, "seconds": round(seconds + time.monotonic() - began, 1), **figures}
        state.write_text(json.dumps(result))
        return result

    while done < count:
        current = context.Value("q", done)
        process = context.Process(target=work, args=(name, corpus, done, count, current, counts, folder))
        process.start()
        while process.is_alive():
            process.join(5)
            done = current.value
            save()
        done = current.value + 1
        if process.exitcode not in (0, 3):
            counts[2] += 1
            problem = f"the interpreter ended with {process.exitcode}"
            note(folder, name, current.value, mutated(DOORS[name], corpus, random.Random(f"{name} {current.value}")), problem)
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
