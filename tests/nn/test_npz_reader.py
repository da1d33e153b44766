"""`.npz` files from outside: read as NumPy reads them, or refused in words, at once."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from nn.npz_reader import NpzError, read_npz


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def archive(content: bytes, compression: int = zipfile.ZIP_STORED, count: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for number in range(count):
            file.writestr(f"{number}.npy", content)
    return buffer.getvalue()


def npy(header: str, content: bytes = b"abcd") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def test_arrays_are_as_numpy_reads_them() -> None:
    arrays = {
        "zero-d": np.array("a text"),
        "row": np.arange(5, dtype=">i2"),
        "square": np.eye(3, dtype=np.float32).T,
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "empty": np.zeros((0, 4), np.uint8),
        "names": np.array(["a", "bcd"]),
    }
    read = read_npz(npz(**arrays))
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (archive(npy(HEADER.replace("(1,)", "(1000000000,)"))), "does not fit its 4 bytes"),
        (archive(npy(HEADER.replace("(1,)", "(0, 99999999999, 99999999999)"))), "does not fit its 4 bytes"),
        (archive(npy(HEADER.replace("(1,)", "(0, 99999999999, 99999999999)"), b"")), "broken"),
        (archive(npy(HEADER.replace("(1,)", "(-1, -1)"))), "not an array of numbers or texts"),
        (archive(npy(HEADER.replace("(1,)", "(" + "(" * 9000))), "not an array of numbers or texts"),
        (archive(npy(HEADER.replace("<f4", "|O"))), "not an array of numbers or texts"),
        (archive(npy(HEADER.replace("<f4", "|V4"))), "not an array of numbers or texts"),
        (archive(npy(HEADER.replace("<f4", "<U0").replace("(1,)", "(999999999,)"), b"")), "does not fit its 0 bytes"),
        (archive(npy(HEADER.replace("<f4", "<i3"))), "broken"),
        (archive(npy(HEADER.replace("<f4", "<U1"), b"\xff\xff\xff\xff")), "not text"),
        (archive(npy(HEADER.replace("<f4", ">U1"), b"\x00\x00\xd8\x00")), "not text"),
        (archive(b"nothing of the kind"), "not an array of numbers or texts"),
        (archive(b""), "not an array of numbers or texts"),
        (archive(b"", count=5000), "more than 4,096 arrays"),
        (archive(npy(HEADER), zipfile.ZIP_LZMA), "a way that NumPy does not use"),
        (archive(npy(HEADER))[:-30], "broken or not an .npz file"),
        (b"PK", "broken or not an .npz file"),
    ],
)
def test_hostile_archives_are_refused_at_once(data: bytes, says: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(NpzError, match=says):
        read_npz(data)
    assert time.process_time() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()
