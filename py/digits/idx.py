"""The IDX format of MNIST's files: a magic number, the sizes, then the bytes (Y. LeCun's page "THE MNIST DATABASE")."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np


class IdxError(ValueError):
    """The file is no usable IDX file; the message says why, in a sentence."""


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """The array in an IDX file of unsigned bytes, plain or gzipped; uint8, of the shape its header names.

    Raises:
        IdxError: missing, empty, truncated, too long, or of another kind.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise IdxError(f"{path} cannot be read ({error}): delete it and fetch it again") from error
    return parse_idx(data, path.name)


def parse_idx(data: bytes, name: str = "the data") -> np.ndarray:
    """The array in the bytes of an IDX file; raises as `read_idx`."""
    if len(data) < 4 or data[0] or data[1] or not data[3]:
        raise IdxError(f"{name} is no IDX file: it does not begin with IDX's magic number")
    kind, dimensions = data[2], data[3]
    if kind != 0x08:
        raise IdxError(f"{name} holds numbers of IDX type 0x{kind:02x}, and MNIST's are unsigned bytes (0x08)")
    header = 4 + 4 * dimensions
    if len(data) < header:
        raise IdxError(f"{name} is cut off within its header: fetch it again")
    shape = struct.unpack(f">{dimensions}I", data[4:header])
    expected = header + math.prod(shape)
    if len(data) != expected:
        raise IdxError(f"{name} should have {expected:,} bytes for {shape} and has {len(data):,}: fetch it again")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)
