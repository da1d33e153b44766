"""Real files of each kind, made for tests/benchmarks/fuzz.py to damage."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from digits.training_run import Run
from digits.training_settings import RunSettings
from nn import architecture, parameters
from research.doodles import KINDS
from research.ink import save_ink
from research.ink_collections import Drawing, ink_of


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
