"""Gets a package with the machine's own `pip` or `npm`, and reads single files out of it."""

from __future__ import annotations

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

# What the standard library raises for an archive that is cut off or damaged.
UNREADABLE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


class PackageError(Exception):
    """The tool is missing or failed; the message is the end of a sentence."""


def fetch(tool: str, package: str, folder: Path) -> Path:
    """Has `tool` ("pip" or "npm") put the archive of `package` into the empty `folder`; returns its path.

    Raises PackageError.
    """
    command = _pip(package, folder) if tool == "pip" else _npm(package, folder)
    shown = sys.stderr.isatty()
    environment = {**os.environ, "TMPDIR": str(folder)}  # the packages are large: keep them on the disk they go to
    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        )
    except OSError as error:
        raise PackageError(f"{tool} cannot be started ({error.strerror})") from None
    if run.returncode:
        raise PackageError(f"{tool} found no {package}{_reason(run.stdout)}")
    archives = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
    if len(archives) != 1:
        raise PackageError(f"{tool} left no archive of {package}")
    return archives[0]


def _pip(package: str, folder: Path) -> list[str]:
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip"]
    elif found := shutil.which("pip3") or shutil.which("pip"):
        pip = [found]
    else:
        raise PackageError("pip is not installed")
    # one and the same wheel, whatever machine and Python ask for it
    platforms = ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64"]
    which = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12", *platforms]
    patience = ["--retries", "1", "--disable-pip-version-check"]
    return [*pip, "download", *which, *patience, "--dest", str(folder), package]


def _npm(package: str, folder: Path) -> list[str]:
    npm = shutil.which("npm")
    if not npm:
        raise PackageError("npm is not installed")
    return [npm, "pack", "--silent", "--fetch-retries=1", "--pack-destination", str(folder), package]


def _reason(output: str | None) -> str:
    lines = [line.strip() for line in (output or "").splitlines() if "error" in line.lower()]
    return f" ({lines[-1]})" if lines else ""


class Archive:
    """A wheel or an npm package, opened for reading."""

    def __init__(self, path: Path) -> None:
        """Raises PackageError where `path` is no such archive."""
        try:
            self._open = zipfile.ZipFile(path) if path.suffix == ".whl" else tarfile.open(path)
        except UNREADABLE as error:
            raise PackageError(f"{path.name} is damaged ({error})") from None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, member: str) -> bytes:
        """The bytes of `member`; raises PackageError where it is not there or does not unpack."""
        try:
            if isinstance(self._open, zipfile.ZipFile):
                return self._open.read(member)
            # npm packs below one folder, nearly always called package/
            root = self._open.getnames()[0].partition("/")[0]
            stream = self._open.extractfile(f"{root}/{member}")
            return stream.read() if stream else b""
        except (KeyError, *UNREADABLE) as error:
            raise PackageError(f"{member} cannot be unpacked ({error})") from None
