"""Remembers which files were found right, so that a later start need not hash 17 MB again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from vendoring.lock import File


class Stamps:
    """The size and time that each checked file below `folder` had when its sha256 was right."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / ".checked.json"

    def vouch_for(self, place: Path, file: File) -> bool:
        """Whether `file` stands in `place`: unchanged since it was checked, or else by its sha256."""
        try:
            status = place.stat()
        except FileNotFoundError:
            return False
        if status.st_size != file.size:
            return False
        if self._read().get(self._name(place)) == [status.st_size, status.st_mtime_ns, file.sha256]:
            return True
        if sha256(place) != file.sha256:
            return False
        self.add(place, file)
        return True

    def add(self, place: Path, file: File) -> None:
        """`place` has just been found to hold `file`."""
        stamps = self._read()
        stamps[self._name(place)] = [file.size, place.stat().st_mtime_ns, file.sha256]
        try:
            beside = self.path.with_name(f".checked-{os.getpid()}.json")
            beside.write_text(json.dumps(stamps, indent=1), encoding="utf-8")
            os.replace(beside, self.path)
        except OSError:
            pass  # a read-only folder still serves; its files are only hashed again at the next start

    def _read(self) -> dict[str, list]:
        try:
            stamps = json.loads(self.path.read_text(encoding="utf-8"))
            return stamps if isinstance(stamps, dict) else {}
        except (OSError, ValueError):
            return {}

    def _name(self, place: Path) -> str:
        return place.relative_to(self.folder).as_posix()


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
