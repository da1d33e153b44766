"""MNIST for the page's training room: its files gzipped, and cut into parts that the page fetches one by one.

The parts of a file, joined, are a gzip file, which `digits.mnist` reads as it is.
"""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

from vendoring.files import sha256, write_whole
from vendoring.vendor import Vendor

FOLDER = "mnist"
LIST = "parts.json"
PART = 2**20  # bytes of a part, at most

_lock = threading.Lock()  # a page asks for many parts at the same time


def find(vendor: Vendor, name: str) -> Path | None:
    """The file that answers the URL mnist/<name>, or None if there is no such part.

    All parts are made when they are missing or damaged. Raises VendorError or OSError if they cannot be.
    """
    folder = vendor.folder / "mnist-parts"
    with _lock:
        if not _undamaged(folder, name):
            write_parts(vendor, folder)
        return folder / name if name in {LIST, *(part["path"] for part in _parts(folder))} else None


def _parts(folder: Path) -> list[dict[str, str]]:
    listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    return [part for file in listed["files"] for part in file["parts"]]


def _undamaged(folder: Path, name: str) -> bool:
    """Whether the list can be read, and the part `name` (for the list: each part) has the sha256 that it says."""
    try:
        parts = _parts(folder)
        asked = [part for part in parts if name in (LIST, part["path"])]
        return bool(parts) and all(sha256((folder / part["path"]).read_bytes()) == part["sha256"] for part in asked)
    except (OSError, ValueError, TypeError, KeyError):
        return False


def write_parts(vendor: Vendor, folder: Path) -> None:
    """Write MNIST's parts into `folder`, and last their list: path, size and sha256 of each. Raises VendorError."""
    originals = vendor.ensure("mnist")
    files = []
    for file in vendor.lock.groups["mnist"].files:
        zipped = gzip.compress((originals / file.path).read_bytes(), 6, mtime=0)
        cuts = range(0, len(zipped), PART)
        parts = [_write(folder, f"{file.path}.part{n}", zipped[cut : cut + PART]) for n, cut in enumerate(cuts)]
        files.append({"path": f"{file.path}.gz", "parts": parts})
    write_whole(folder / LIST, json.dumps({"files": files}, indent=1).encode())


def _write(folder: Path, name: str, data: bytes) -> dict[str, object]:
    write_whole(folder / name, data)
    return {"path": name, "size": len(data), "sha256": sha256(data)}
