"""MNIST for the page: parts that make the original files again."""

from __future__ import annotations

import gzip
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hosting import mnist_parts
from vendoring.vendor import Vendor

from .conftest import Cdn, entry, serving

IMAGES = bytes(range(256)) * 9000


@pytest.fixture
def address(vendor: Callable[..., Vendor], cdn: Cdn, tmp_path: Path) -> Iterator[str]:
    """A server of a project whose "MNIST" the stand-in CDN has."""
    cdn.files["/images"] = IMAGES
    vendor(mnist=[entry("images", IMAGES, "cdn /images")])
    with serving(tmp_path) as server:
        yield f"{server.url}mnist/"


def get(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        return response.read()


def test_the_parts_make_the_file_again(address: str, cdn: Cdn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_parts, "PART", 2000)
    (file,) = json.loads(get(address + "parts.json"))["files"]
    parts = [get(address + part["path"]) for part in file["parts"]]
    assert len(parts) > 2
    assert file["path"] == "images.gz"
    assert gzip.decompress(b"".join(parts)) == IMAGES
    for part, told in zip(parts, file["parts"], strict=True):
        assert (len(part), hashlib.sha256(part).hexdigest()) == (told["size"], told["sha256"])
    assert len(cdn.asked) == 1


@pytest.mark.parametrize("damaged", ["parts.json", "images.part0"])
def test_damaged_parts_are_made_again(address: str, tmp_path: Path, damaged: str) -> None:
    whole = get(address + damaged)
    for content in (b"", b"[]", b'{"files": []}', b'{"files": [{"parts": [{}]}]}', whole[::-1]):
        (tmp_path / "vendor/mnist-parts" / damaged).write_bytes(content)
        assert get(address + damaged) == whole


def test_nothing_else_is_served_there(address: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for name in ("images", "other.part0", "../../secret", "..%2f..%2fsecret"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(address + name)


def test_where_mnist_cannot_be_had_the_answer_says_why(address: str, cdn: Cdn) -> None:
    cdn.files.clear()
    with pytest.raises(urllib.error.HTTPError, match="503") as caught:
        get(address + "parts.json")
    sentence = caught.value.read().decode()
    assert "could not be fetched" in sentence
    assert "Traceback" not in sentence
