"""Third-party files come from the CDN once, whole or not at all, and a download that was cut off goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from vendoring.vendor import Vendor, VendorError

from .conftest import MATRIX, Cdn, entry, folder_of, write_lock


def test_a_file_of_the_cdn_comes_once_and_then_needs_no_network(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    files = [entry("deep/matrix.bin", MATRIX, "cdn /matrix.bin")]
    folder = vendor(small=files).ensure("small")
    assert (folder / "deep/matrix.bin").read_bytes() == MATRIX
    vendor(small=files).ensure("small")
    assert cdn.asked == [("/matrix.bin", None)]


def test_a_new_version_in_the_lock_is_fetched(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    for content in (b"version 1", b"version 2"):
        cdn.files["/page.js"] = content
        folder = vendor(page=[entry("page.js", content, "cdn /page.js")]).ensure("page")
        assert (folder / "page.js").read_bytes() == content


def test_a_broken_download_goes_on_where_it_broke(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    cdn.cut_after = 40_000
    folder = vendor(small=[entry("matrix.bin", MATRIX, "cdn /matrix.bin")]).ensure("small")
    assert (folder / "matrix.bin").read_bytes() == MATRIX
    assert [wanted for _, wanted in cdn.asked] == [None, "bytes=40000-", "bytes=80000-"]


def test_what_an_interrupted_start_fetched_is_not_fetched_again(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    cdn.cut_after = 10_000
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError, match=r"matrix\.bin could not be fetched.*what was fetched so far is kept"):
        vendor(small=files).ensure("small")
    assert not (vendor(small=files).folder / "small/matrix.bin").exists()
    cdn.cut_after = None
    folder = vendor(small=files).ensure("small")
    assert cdn.asked[-1] == ("/matrix.bin", "bytes=30000-")
    assert folder_of(vendor(small=files)) == {"matrix.bin"}
    assert (folder / "matrix.bin").read_bytes() == MATRIX


@pytest.mark.parametrize("ranges", [True, False])
def test_a_damaged_beginning_is_thrown_away(vendor: Callable[..., Vendor], cdn: Cdn, ranges: bool) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    cdn.cut_after, cdn.ranges = 10_000, ranges
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError):
        vendor(small=files).ensure("small")
    (part,) = (path for path in vendor(small=files).folder.rglob("*.part"))
    part.write_bytes(b"?" * part.stat().st_size)
    cdn.cut_after = None
    folder = vendor(small=files).ensure("small")
    assert (folder / "matrix.bin").read_bytes() == MATRIX


def test_a_corrupt_download_never_stands_in_place(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX[::-1]
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError, match=r"the CDN gave for matrix\.bin is not what vendor\.lock\.json names"):
        vendor(small=files).ensure("small")
    assert folder_of(vendor(small=files)) == set()


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_no_more_of_a_download_is_read_than_the_lock_says(vendor: Callable[..., Vendor], cdn: Cdn, told: bool) -> None:
    cdn.files["/matrix.bin"] = MATRIX + bytes(50_000_000)
    cdn.told = told
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError, match=r"what the CDN gave for matrix\.bin is not what vendor\.lock\.json names"):
        vendor(small=files).ensure("small")
    assert cdn.sent < 20_000_000  # what lies in the buffers of the connection is sent, but not read
    assert folder_of(vendor(small=files)) == set()


def test_a_file_that_the_cdn_lacks_is_named_and_the_others_come(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/there.js"] = b"there"
    files = [entry("gone.js", b"gone", "cdn /gone.js"), entry("there.js", b"there", "cdn /there.js")]
    with pytest.raises(VendorError, match=r"gone\.js could not be fetched: the CDN does not have gone\.js \(HTTP status 404"):
        vendor(page=files).ensure("page")
    assert folder_of(vendor(page=files)) == {"there.js"}


def test_an_unreachable_cdn_is_asked_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:  # it takes calls, and answers none
        files = [entry(name, name.encode(), f"cdn /{name}") for name in ("one.js", "two.js", "three.js")]
        lock = write_lock(tmp_path / "vendor.lock.json", f"http://127.0.0.1:{silent.getsockname()[1]}", page=files)
        with pytest.raises(VendorError, match="one.js, three.js, two.js could not be fetched: the CDN does not answer"):
            Vendor(lock, tmp_path / "vendor", timeout=0.2).ensure("page")
        silent.setblocking(False)
        silent.accept()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_of_a_package_index_only_the_named_packages_stay(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    numpy = {"version": "2.4.3"}
    cdn.files["/index.json"] = json.dumps({"packages": {"scipy": {}, "numpy": numpy}, "info": {}}).encode()
    kept = json.dumps({"info": {}, "packages": {"numpy": numpy}}, separators=(",", ":")).encode()
    files = [entry("index.json", kept, "cdn /index.json", keep=["numpy"])]
    assert (vendor(small=files).ensure("small") / "index.json").read_bytes() == kept
    cdn.files["/index.json"] = b"<html>"
    (vendor(small=files).folder / "small/index.json").unlink()
    with pytest.raises(VendorError, match="not what vendor.lock.json names"):
        vendor(small=files).ensure("small")
