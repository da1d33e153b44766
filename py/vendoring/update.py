#!/usr/bin/env python3
"""Moves the project to another version of Pyodide, with the NumPy and Pillow that belong to it, and runs the tests.

python3 py/vendoring/update.py 314.0.4 [--mirror NAME==VERSION]

Downloads the new files, writes their sizes and sha256 into vendor.lock.json, their versions into NOTICE.md, and then runs
tests/run.py. Look at the difference before you commit it: from then on these are the files that everyone gets.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vendoring import download, packages
from vendoring.files import sha256
from vendoring.lock import File, VendorError, trimmed
from vendoring.vendor import PROJECT, Vendor

LIMIT = 100_000_000  # bytes of a file
PACKAGES = ("numpy", "pillow")


def update(vendor: Vendor, version: str, mirror: str | None = None) -> list[str]:
    """Write vendor.lock.json and NOTICE.md for a version of Pyodide; return what changed. Raises VendorError.

    `mirror` names a release of the PyPI package that also has Pyodide's files; without it, the present one stays.
    """
    text = vendor.lock_file.read_text(encoding="utf-8")
    changes = dict.fromkeys(re.findall(r"/pyodide/v([^/]+)/", text), version)
    if mirror:
        changes |= dict.fromkeys(re.findall(rf"{re.escape(mirror.partition('==')[0])}==[^ ]+", text), mirror)
    with tempfile.TemporaryDirectory() as folder:
        reader = SourceReader(vendor, Path(folder))
        old, new = (_index(reader, _replace(text, pairs)) for pairs in ({}, changes))
        for name in PACKAGES:
            changes |= {old[name]["file_name"]: new[name]["file_name"], old[name]["version"]: new[name]["version"]}
        lock = json.loads(_replace(text, changes))
        before = {entry["path"]: entry for group in json.loads(text)["groups"] for entry in group["files"]}
        for group in lock["groups"]:
            for entry in group["files"]:
                if entry != before.get(entry["path"]):
                    _renew(entry, reader.read(File.parse(entry)))
    vendor.lock_file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    notice = vendor.lock_file.with_name("NOTICE.md")
    notice.write_text(_replace(notice.read_text(encoding="utf-8"), changes), encoding="utf-8")
    return [f"{old} → {new}" for old, new in changes.items() if old != new]


def _replace(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _index(reader: SourceReader, lock: str) -> dict[str, Any]:
    """What Pyodide's package index says of our packages."""
    files = [File.parse(entry) for group in json.loads(lock)["groups"] for entry in group["files"] if "keep" in entry]
    return dict(json.loads(trimmed(reader.read(files[0]), PACKAGES))["packages"])


def _renew(entry: dict[str, Any], content: bytes) -> None:
    if "keep" in entry:
        content = trimmed(content, tuple(entry["keep"]))
    entry |= {"size": len(content), "sha256": sha256(content)}


class SourceReader:
    """Reads files of which the lock does not know the sha256 yet."""

    def __init__(self, vendor: Vendor, folder: Path) -> None:
        self.vendor, self.folder = vendor, folder
        self.archives: dict[str, packages.Archive] = {}

    def read(self, file: File) -> bytes:
        """The file from the first of its sources that has it. Raises VendorError."""
        tried = []
        for tool, package, member in ((source.tool, source.package, source.member) for source in file.sources):
            try:
                return self._from_cdn(member) if tool == "cdn" else self._from_package(tool, package, member)
            except (download.Unreachable, download.Missing, packages.PackageError) as error:
                tried.append(f"{package or 'the CDN'}: {error}")
        raise VendorError(f"{file.path} could not be fetched ({'; '.join(tried)}): vendor.lock.json stays as it is.")

    def _from_cdn(self, path: str) -> bytes:
        part = self.folder / "part"
        part.unlink(missing_ok=True)
        download.download(self.vendor.cdn_address + path, part, LIMIT, self.vendor.timeout, lambda size: None)
        return part.read_bytes()

    def _from_package(self, tool: str, package: str, member: str) -> bytes:
        if package not in self.archives:
            folder = self.folder / str(len(self.archives))
            folder.mkdir()
            self.archives[package] = packages.Archive(packages.fetch(tool, package, folder))
        return self.archives[package].read(member, LIMIT)


def main() -> int:
    """Returns the exit status of the tests."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="a version of Pyodide, such as 314.0.3")
    parser.add_argument(
        "--mirror", metavar="NAME==VERSION", help="a PyPI package that has its files too, such as open-webui==0.12.4"
    )
    options = parser.parse_args()
    vendor = Vendor(PROJECT / "vendor.lock.json", PROJECT / "vendor")
    try:
        changes = update(vendor, options.version, options.mirror)
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    print(*changes, sep="\n")
    print("If NumPy or Pillow changed, change their versions in pyproject.toml too. Now the tests:", flush=True)
    return subprocess.run([sys.executable, str(PROJECT / "tests" / "run.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
