"""MNIST for the page's training room: its files gzipped, and cut into parts that a page fetches one by one.

The parts of a file, one after the other, are a gzip file, which `digits.mnist` reads as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
from pathlib import Path

from vendoring.vendor import Vendor

FOLDER = "mnist"
LIST = "parts.json"
PART = 2**20  # bytes of a part, at most

_alone = threading.Lock()  # a page asks for many parts at the same time


def find(root: Path, name: str) -> Path | None:
    """The file that answers the URL mnist/<name> of the project at `root`, or None where there is no such part.

    All of them are made when the first one is asked for. Raises VendorError or OSError where that cannot be.
    """
    parts = root / "vendor" / "mnist-parts"
    with _alone:
        if not (parts / LIST).exists():
            write_parts(Vendor(root / "vendor.lock.json", root / "vendor"), parts)
    listed = json.loads((parts / LIST).read_text(encoding="utf-8"))["files"]
    known = {part["path"] for file in listed for part in file["parts"]}
    return parts / name if name == LIST or name in known else None


def write_parts(vendor: Vendor, folder: Path) -> None:
    """Write MNIST's parts into `folder`, and last of all their list: path, size and sha256 of each. Raises VendorError."""
    originals = vendor.ensure("mnist")
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file in vendor.lock.groups["mnist"].files:
        zipped = gzip.compress((originals / file.path).read_bytes(), 6, mtime=0)
        cuts = range(0, len(zipped), PART)
        parts = [_write(folder, f"{file.path}.part{n}", zipped[cut : cut + PART]) for n, cut in enumerate(cuts)]
        files.append({"path": f"{file.path}.gz", "parts": parts})
    _write(folder, LIST, json.dumps({"files": files}, indent=1).encode())


def _write(folder: Path, name: str, data: bytes) -> dict[str, object]:
    unfinished = folder / f".{name}-{os.getpid()}"
    unfinished.write_bytes(data)
    os.replace(unfinished, folder / name)
    return {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
