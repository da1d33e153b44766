"""Downloads a package with the machine's own `pip` or `npm`, and reads single files from it."""

from __future__ import annotations

import atexit
import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

# What the standard library raises for a truncated or damaged archive.
UNREADABLE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


class PackageError(Exception):
    """The tool is missing or failed; the message is the end of a sentence."""


def fetch(tool: str, package: str, folder: Path) -> Path:
    """Have `tool` ("pip" or "npm") put the archive of `package` into the empty `folder`; return its path.

    Raises PackageError.
    """
    failed, output = _run(tool, _pip(package, folder) if tool == "pip" else _npm(package, folder), folder)
    if failed:
        lines = [line.strip() for line in output.splitlines() if "error" in line.lower()]
        raise PackageError(f"{tool} found no {package}{f' ({lines[-1]})' if lines else ''}")
    archives = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
    if len(archives) != 1:
        raise PackageError(f"{tool} left no archive of {package}")
    return archives[0]


def _run(tool: str, command: list[str], folder: Path) -> tuple[bool, str]:
    """Whether the command failed, and what it printed if that is not shown on a terminal."""
    shown = sys.stderr.isatty()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "TMPDIR": str(folder)},  # packages are large: keep them on the disk they go to
        )
    except OSError as error:
        raise PackageError(f"{tool} cannot be started ({error.strerror})") from None
    atexit.register(process.kill)  # we may be in a daemon thread, which just stops when the program ends
    try:
        output, _ = process.communicate()
    finally:
        process.kill()
        atexit.unregister(process.kill)
    return process.returncode != 0, output or ""


def _pip(package: str, folder: Path) -> list[str]:
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip"]
    elif found := shutil.which("pip3") or shutil.which("pip"):
        pip = [found]
    else:
        raise PackageError("pip is not installed")
    # the same wheel on every machine and Python
    platforms = ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64"]
    wheel = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", *platforms]
    patience = ["--retries", "1", "--disable-pip-version-check"]
    return [*pip, "download", *wheel, *patience, "--dest", str(folder), package]


def _npm(package: str, folder: Path) -> list[str]:
    npm = shutil.which("npm")
    if not npm:
        raise PackageError("npm is not installed")
    return [npm, "pack", "--silent", "--fetch-retries=1", "--pack-destination", str(folder), package]


class Archive:
    """A wheel or an npm package, opened for reading."""

    def __init__(self, path: Path) -> None:
        """Raises PackageError if `path` is not such an archive."""
        try:
            self._archive = zipfile.ZipFile(path) if path.suffix == ".whl" else tarfile.open(path)
        except UNREADABLE as error:
            raise PackageError(f"{path.name} is damaged ({error})") from None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def read(self, member: str, limit: int) -> bytes:
        """The first `limit` + 1 bytes of `member`; raises PackageError if it is missing or damaged."""
        try:
            if isinstance(self._archive, zipfile.ZipFile):
                with self._archive.open(member) as stream:
                    return stream.read(limit + 1)
            # npm packs everything below one folder, nearly always called package/
            root = self._archive.getnames()[0].partition("/")[0]
            extracted = self._archive.extractfile(f"{root}/{member}")
            return extracted.read(limit + 1) if extracted else b""
        except (KeyError, *UNREADABLE) as error:
            raise PackageError(f"{member} cannot be unpacked ({error})") from None
