"""What is in vendor/ is checked against the lock, and trouble with its folder is said in words."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from vendoring.vendor import PROJECT, Vendor, VendorError

from .conftest import MATRIX, Cdn, entry, folder_of, write_lock


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


def test_files_that_were_copied_here_are_checked_and_not_fetched(vendor: Callable[..., Vendor], cdn: Cdn) -> None:
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin")]
    place = vendor(small=files).folder / "small/matrix.bin"
    place.parent.mkdir(parents=True)
    place.write_bytes(MATRIX)
    vendor(small=files).ensure("small")
    assert cdn.asked == []


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


def test_on_windows_too_a_process_waits_until_another_one_has_fetched(
    vendor: Callable[..., Vendor], cdn: Cdn, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter([OSError(errno.EDEADLK, "Resource deadlock avoided")] * 3)  # one every ten seconds

    def locking(descriptor: int, mode: int, count: int) -> None:
        if error := next(waits, None):
            raise error

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_LOCK=1))
    monkeypatch.setattr("vendoring.vendor.sys", SimpleNamespace(platform="win32"))
    cdn.files["/a.txt"] = b"a"
    assert (vendor(page=[entry("a.txt", b"a", "cdn /a.txt")]).ensure("page") / "a.txt").read_bytes() == b"a"
    assert next(waits, None) is None
