"""The IDX format of MNIST's files: a magic number, the sizes, then the bytes (Y. LeCun's page "THE MNIST DATABASE")."""

from __future__ import annotations

import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

LARGEST_FILE = 64 * 2**20  # bytes, packed and unpacked; MNIST's largest has 47,040,016
MOST_AXES = 4


class IdxError(ValueError):
    """The file is not a usable IDX file; the message says why, in a sentence."""


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array in an IDX file of unsigned bytes, plain or gzipped: uint8, with the shape that its header says.

    Raises:
        IdxError: missing, empty, cut off, too large, or of another kind.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise IdxError(f"{path} is larger than {LARGEST_FILE >> 20} MB: it is not one of MNIST's files")
        return parse_idx(path.read_bytes(), path.name)
    except OSError as error:
        raise IdxError(f"{path} cannot be read ({error.strerror or error}): delete it and fetch it again") from error


def parse_idx(data: bytes, name: str = "the data") -> np.ndarray:
    """The array in the bytes of an IDX file, plain or gzipped. Raises as `read_idx` does."""
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, name)
    if len(data) < 4 or data[0] or data[1] or not data[3]:
        raise IdxError(f"{name} is not an IDX file: it does not begin with IDX's magic number")
    kind, axes = data[2], data[3]
    if kind != 0x08:
        raise IdxError(f"{name} holds numbers of IDX type 0x{kind:02x}, and MNIST's are unsigned bytes (0x08)")
    if axes > MOST_AXES:
        raise IdxError(f"{name} has {axes} axes, and an IDX file of MNIST has up to {MOST_AXES}")
    header = 4 + 4 * axes
    if len(data) < header:
        raise IdxError(f"{name} is cut off within its header: fetch it again")
    shape = struct.unpack(f">{axes}I", data[4:header])
    expected = header + math.prod(shape)
    if len(data) != expected or max(shape) > LARGEST_FILE:
        raise IdxError(f"{name} should have {expected:,} bytes for {shape} and has {len(data):,}: fetch it again")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _unzipped(data: bytes, name: str) -> bytes:
    unzip = zlib.decompressobj(wbits=31)  # 31: the gzip format
    try:
        unzipped = unzip.decompress(data, LARGEST_FILE)
    except zlib.error as error:
        raise IdxError(f"{name} cannot be unpacked ({error}): delete it and fetch it again") from error
    if unzip.unconsumed_tail:
        raise IdxError(f"{name} unpacks to more than {LARGEST_FILE >> 20} MB: it is not one of MNIST's files")
    if not unzip.eof or unzip.unused_data:
        raise IdxError(f"{name} is cut off, or has more at its end: delete it and fetch it again")
    return unzipped
