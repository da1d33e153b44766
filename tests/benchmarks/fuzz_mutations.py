"""Ways to damage a file, of any kind or of one: a mutation takes the bytes and a random generator, and returns other bytes."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import struct
import zipfile
import zlib

import numpy as np

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
