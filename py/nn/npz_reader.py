"""Reads `.npz` files from outside: weights, checkpoints, ink. No pickles, and no array that is larger than its bytes."""

from __future__ import annotations

import io
import math
import re
import zipfile

import numpy as np

LARGEST_FILE = 256 * 2**20  # bytes, packed and unpacked
MOST_ARRAYS = 4096
MOST_AXES = 8

# What np.save writes in front of an array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
HEADER = re.compile(
    rb"\{'descr': '([<>|=]?)([biufU])(\d{1,9})', 'fortran_order': (True|False), 'shape': \(([0-9, ]{0,200})\), \} *\n"
)


class NpzError(ValueError):
    """The file cannot be read; the message is a clause that says why."""


def read_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of numbers and texts in an `.npz` file, by name. They are read-only.

    Raises:
        NpzError: broken, too large, or with arrays of objects.
    """
    if len(data) > LARGEST_FILE:
        raise NpzError(f"it is larger than {LARGEST_FILE >> 20} MB")
    if data.count(b"PK\x01\x02") > MOST_ARRAYS:  # counted before zipfile takes memory for each
        raise NpzError(f"it holds more than {MOST_ARRAYS:,} arrays")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > LARGEST_FILE:
                raise NpzError(f"it unpacks to more than {LARGEST_FILE >> 20} MB")
            if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
                raise NpzError("it is compressed in a way that NumPy does not use")
            return {member.filename.removesuffix(".npy"): _array(archive.read(member), member.filename) for member in members}
    except NpzError:
        raise
    except Exception as error:  # a damaged archive leads to errors of many kinds in zipfile
        raise NpzError("it is broken or not an .npz file") from error


def _array(data: bytes, name: str) -> np.ndarray:
    start, width = (10, 2) if data[6:7] == b"\x01" else (12, 4)
    length = int.from_bytes(data[8 : 8 + width], "little")
    header = HEADER.fullmatch(data[start : start + min(length, 1000)])
    if data[:6] != b"\x93NUMPY" or not header:
        raise NpzError(f"{name[:60]} is not an array of numbers or texts")
    order, kind, size = (part.decode() for part in header.groups()[:3])
    shape = tuple(int(side) for side in header[5].replace(b" ", b"").split(b",") if side)
    dtype, content = np.dtype(f"{order}{kind}{size}"), memoryview(data)[start + length :]
    if not dtype.itemsize or len(shape) > MOST_AXES or math.prod(shape) * dtype.itemsize != len(content):
        raise NpzError(f"{name[:60]} is {shape}, which does not fit its {len(content):,} bytes")
    if not len(content):
        return np.zeros(shape, dtype)
    if kind == "U":
        points = np.frombuffer(content, f"{order}u4")
        if ((points > 0x10FFFF) | ((points >= 0xD800) & (points <= 0xDFFF))).any():
            raise NpzError(f"{name[:60]} holds what is not text")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if header[4] == b"True" else "C")
