"""The real vendor.lock.json: complete, and nothing of it in the repository."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path

import pytest

from vendoring import vendor
from vendoring.lock import Lock, VendorError

LOCK = Lock.read(vendor.PROJECT / "vendor.lock.json")
FILES = [(group, file) for group in LOCK.groups.values() for file in group.files]


def test_every_file_has_a_size_a_license_and_a_source() -> None:
    for _, file in FILES:
        assert file.size > 0, file.path
        assert file.license, file.path
        assert file.sources, file.path


def test_no_two_files_share_a_place() -> None:
    places = [(group.folder, file.path) for group, file in FILES]
    assert len(places) == len(set(places))


def test_every_package_is_pinned_to_a_version() -> None:
    for _, file in FILES:
        for source in file.sources:
            version = {"pip": "==", "npm": "@"}.get(source.tool, "")
            assert version in source.package[1:], source


def test_what_the_page_needs_comes_with_pip_alone() -> None:
    for name in ("runtime", "pillow"):
        for file in LOCK.groups[name].files:
            assert "pip" in {source.tool for source in file.sources}, file.path


def test_the_real_files_stand_checked() -> None:
    for name in ("runtime", "pillow", "mnist", "licenses", "test"):
        folder = vendor.ensure(name)
        for file in LOCK.groups[name].files:
            assert hashlib.sha256((folder / file.path).read_bytes()).hexdigest() == file.sha256


def test_a_flipped_byte_in_any_of_them_is_refused(tmp_path: Path) -> None:
    copy = vendor.Vendor(vendor.PROJECT / "vendor.lock.json", tmp_path)
    positions = random.Random(0)
    for name in ("runtime", "pillow", "mnist", "licenses", "test"):
        folder = vendor.ensure(name)
        for file in LOCK.groups[name].files:
            place = tmp_path / folder.name / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            content = bytearray((folder / file.path).read_bytes())
            content[positions.randrange(len(content))] ^= 1 << positions.randrange(8)
            place.write_bytes(content)
            with pytest.raises(VendorError, match=r"is not the file that vendor\.lock\.json names: start again to fetch it"):
                copy.find(f"{folder.name}/{file.path}")


def test_the_repository_holds_none_of_them() -> None:
    ours = subprocess.run(["git", "ls-files", "-z"], cwd=vendor.PROJECT, capture_output=True, text=True).stdout
    tracked = [vendor.PROJECT / name for name in ours.split("\0") if name]
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in tracked if path.is_file()}
    assert not digests & {file.sha256 for _, file in FILES}
