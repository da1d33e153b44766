"""Writes files in one step, and tells whether one has changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def identity(status: os.stat_result) -> tuple[int, ...]:
    """Changes with every change of the file, also if its size and time are set back (not on Windows)."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: no reader sees half of it, and the old one stays if it fails. Makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
