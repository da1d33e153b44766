"""MNIST's file format, whole and broken."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.idx import IdxError, parse_idx, read_idx
from digits.mnist import as_inputs, load_mnist
from vendoring import vendor


def idx(array: np.ndarray, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


IMAGES = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([3, 0, 9], np.uint8)


def write(folder: Path, images: bytes, labels: bytes, suffix: str = "") -> Path:
    (folder / f"train-images-idx3-ubyte{suffix}").write_bytes(images)
    (folder / f"train-labels-idx1-ubyte{suffix}").write_bytes(labels)
    return folder


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_any_shape_is_read(shape: list[int]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    np.testing.assert_array_equal(parse_idx(idx(array)), array)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_plain_and_gzipped_files_are_read(tmp_path: Path, suffix: str) -> None:
    pack = gzip.compress if suffix else bytes
    write(tmp_path, pack(idx(IMAGES)), pack(idx(LABELS)), suffix)
    images, labels = load_mnist(tmp_path, "train")
    np.testing.assert_array_equal(images, IMAGES.reshape(3, 784))
    np.testing.assert_array_equal(labels, LABELS)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "magic number"),
        (b"\x00\x00\x08", "magic number"),
        (b"PK\x03\x04" + bytes(100), "magic number"),
        (idx(LABELS)[:6], "cut off within its header"),
        (idx(IMAGES)[:-1], "should have 2,368 bytes.*has 2,367"),
        (idx(IMAGES) + b"x", "has 2,369"),
        (idx(LABELS, kind=0x0D), "IDX type 0x0d"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "should have"),
        (b"\x00\x00\x08\x03" + bytes(4) + b"\xff" * 8, "should have 16 bytes"),
        (b"\x00\x00\x08\xff" + b"\x00\x00\x00\x01" * 255 + b"x", "255 axes"),
        (gzip.compress(bytes(65 * 2**20), 1, mtime=0), "unpacks to more than 64 MB"),
        (gzip.compress(idx(LABELS), mtime=0) + b"more", "more at its end"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "broken-idx").write_bytes(data)
    with pytest.raises(IdxError, match=f"broken-idx.*{says}"):
        read_idx(tmp_path / "broken-idx")


def test_broken_gzip_and_missing_files_are_named(tmp_path: Path) -> None:
    whole = gzip.compress(idx(IMAGES))
    for data in (whole[:-9], whole[:40], whole[:20] + b"\xff" * 30 + whole[50:]):
        (tmp_path / "broken.gz").write_bytes(data)
        with pytest.raises(IdxError, match=r"broken\.gz"):
            read_idx(tmp_path / "broken.gz")
    with pytest.raises(IdxError, match=r"none.*cannot be read.*fetch it again"):
        read_idx(tmp_path / "none")


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (IMAGES[:, :27], LABELS, "28×28"),
        (IMAGES.reshape(3, 784), LABELS, "28×28"),
        (IMAGES, LABELS[:2], "3 images and 2 labels"),
        (IMAGES, np.array([1, 2, 10]), "a label says 10"),
        (IMAGES, LABELS[:, None], "do not belong together"),
    ],
)
def test_files_that_are_not_mnist_are_named(tmp_path: Path, images: np.ndarray, labels: np.ndarray, says: str) -> None:
    write(tmp_path, idx(images), idx(labels))
    with pytest.raises(IdxError, match=says):
        load_mnist(tmp_path, "train")


def test_the_real_one() -> None:
    folder = vendor.ensure("mnist")
    for part, count in (("train", 60_000), ("test", 10_000)):
        images, labels = load_mnist(folder, part)
        assert images.shape == (count, 784)
        assert np.bincount(labels).min() > count * 0.085
    inputs = as_inputs(images[:5])
    assert inputs.dtype == np.float32
    assert (inputs.min(), inputs.max()) == (0, 1)
