"""Keeps the third-party files in `vendor/` complete and correct: fetched once, checked at every start.

A file comes from the public CDN, or else from a package that contains the same bytes. It is checked against the sha256 in
`vendor.lock.json` before it is moved into place in one step.
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vendoring import download, packages
from vendoring.files import identity, sha256, write_whole
from vendoring.lock import File, Lock, Source, VendorError, trimmed
from vendoring.progress_bar import DownloadBar, readable

PROJECT = Path(__file__).resolve().parents[2]
__all__ = ["PROJECT", "Vendor", "VendorError", "ensure", "project_vendor"]


class Vendor:
    """The folder of third-party files, and the lock that says what belongs there.

    `cdn_address` (or the environment variable VENDOR_CDN) replaces the lock's; `timeout` is in seconds.
    """

    def __init__(self, lock_file: Path, folder: Path, cdn_address: str | None = None, timeout: float = 5.0) -> None:
        self.lock_file = lock_file
        self.lock = Lock.read(lock_file)
        self.folder = folder
        self.cdn_address = (cdn_address or os.environ.get("VENDOR_CDN") or self.lock.cdn).rstrip("/")
        self.timeout = timeout
        self.places = {
            folder / group.folder / file.path: (group.name, file) for group in self.lock.groups.values() for file in group.files
        }
        self._cdn_trouble = ""  # why the CDN is not asked again in this run
        self._tried: list[str] = []

    def ensure(self, group: str) -> Path:
        """Fetch the files of `group` that are missing or wrong; return their folder. Raises VendorError."""
        if group not in self.lock.groups:
            raise VendorError(f"vendor.lock.json has no group “{group}”: it has {', '.join(self.lock.groups)}.")
        wanted = {place: file for place, (name, file) in self.places.items() if name == group}
        try:
            if not all(_holds(place, file) for place, file in wanted.items()):
                with self._alone():  # another process may have fetched them meanwhile
                    if missing := {place: file for place, file in wanted.items() if not _holds(place, file)}:
                        self._fetch(missing)
        except OSError as error:
            raise VendorError(_explain(error, self.folder, sum(file.size for file in wanted.values()))) from None
        return self.folder / self.lock.groups[group].folder

    def find(self, name: str) -> Path | None:
        """The file vendor/`name`, checked; None if the lock does not list it or it is not there.

        Raises VendorError if the file was changed.
        """
        place = self.folder / name
        if place not in self.places or not place.is_file():
            return None
        if not _holds(place, self.places[place][1]):
            raise VendorError(f"vendor/{name} is not the file that vendor.lock.json names: start again to fetch it again.")
        return place

    def _fetch(self, missing: dict[Path, File]) -> None:
        progress = DownloadBar(sum(file.size for file in missing.values()))
        files = "1 third-party file" if len(missing) == 1 else f"{len(missing)} third-party files"
        progress.note(f"Fetching {files}, {readable(progress.total)}, into {self.folder.name}/ (only this once):")
        self._tried = [self._cdn_trouble] if self._cdn_trouble else []
        try:
            for place, file in list(missing.items()):
                if self._from_cdn(place, file, progress):
                    del missing[place]
            for tool, package in _packages(missing.values()):
                if any(_source(file, tool, package) for file in missing.values()):
                    self._from_package(tool, package, missing, progress)
        finally:
            progress.close()
        if missing:
            names = ", ".join(sorted(place.name for place in missing))
            damaged = " again, and what is there is damaged" if any(place.exists() for place in missing) else ""
            raise VendorError(
                f"{names} could not be fetched{damaged}: {'; '.join(self._tried)}: connect to the network, or install pip "
                "or npm, and start again; what was fetched so far is kept."
            )

    def _from_cdn(self, place: Path, file: File, progress: DownloadBar) -> bool:
        source = _source(file, "cdn", "")
        if source is None or self._cdn_trouble:
            return False
        part = place.with_name(f"{place.name}.{file.sha256[:8]}.part")  # never continues another version's part
        place.parent.mkdir(parents=True, exist_ok=True)
        resumes = part.exists()
        arrived = functools.partial(progress.arrived, place.name)
        try:
            download.download(self.cdn_address + source.member, part, file.limit, self.timeout, arrived)
            kept = _keep(place, file, part.read_bytes(), progress)
            part.unlink()
            if kept:
                return True
            trouble = f"what the CDN gave for {place.name} is not what vendor.lock.json names"
        except download.Unreachable as error:
            trouble = self._cdn_trouble = f"the CDN does not answer ({error})"
        except download.Missing as error:
            trouble = f"the CDN does not have {place.name} ({error})"
        arrived(0)
        if resumes and not part.exists():  # the interrupted download may have been damaged: try once from the start
            return self._from_cdn(place, file, progress)
        self._tried.append(trouble)
        return False

    def _from_package(self, tool: str, package: str, missing: dict[Path, File], progress: DownloadBar) -> None:
        """Take every file of the lock that `package` contains, so that it is fetched only once."""
        progress.note(f"… from the package {package}, with {tool}")
        try:
            with (
                tempfile.TemporaryDirectory(prefix=".package-", dir=self.folder) as folder,
                packages.Archive(packages.fetch(tool, package, Path(folder))) as archive,
            ):
                for place, (_, file) in self.places.items():
                    source = _source(file, tool, package)
                    if source is None or (place not in missing and _holds(place, file)):
                        continue
                    if not _keep(place, file, archive.read(source.member, file.limit), progress):
                        self._tried.append(f"{source.member} of {package} is not what vendor.lock.json names")
                    elif missing.pop(place, None):
                        progress.arrived(place.name, file.size)
        except packages.PackageError as error:
            self._tried.append(str(error))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process fetches at a time; another one waits."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            _lock(file.fileno())
            for abandoned in self.folder.glob(".package-*"):  # by a process that was killed
                shutil.rmtree(abandoned, ignore_errors=True)
            yield


def _holds(place: Path, file: File) -> bool:
    """Whether `place` has the bytes of `file`."""
    try:
        status = place.stat()
    except FileNotFoundError:
        return False
    return status.st_size == file.size and _sha256(place, identity(status)) == file.sha256


@functools.cache
def _sha256(path: Path, version: tuple[int, ...]) -> str:
    """The sha256 of a file, computed once for each version."""
    return sha256(path.read_bytes())


def _keep(place: Path, file: File, content: bytes, progress: DownloadBar) -> bool:
    """Move `content` into place if it is what the lock names."""
    try:
        content = trimmed(content, file.keep) if file.keep else content
    except ValueError:
        return False
    if sha256(content) != file.sha256:
        return False
    write_whole(place, content)
    progress.finished(place.name, file.size)
    return True


def _source(file: File, tool: str, package: str) -> Source | None:
    return next((source for source in file.sources if (source.tool, source.package) == (tool, package)), None)


def _packages(files: Iterable[File]) -> list[tuple[str, str]]:
    """The packages that contain these files, in the order in which to try them."""
    named = [(source.tool, source.package) for file in files for source in file.sources if source.tool != "cdn"]
    return list(dict.fromkeys(named))


def _lock(descriptor: int) -> None:
    """Wait until no other process has the lock."""
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError as error:
                if error.errno != errno.EDEADLK:  # which says that ten seconds have passed
                    raise
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _explain(error: OSError, folder: Path, size: int) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk is full: free {readable(size)} for {folder} and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or folder} cannot be written: make it writable, or copy the project elsewhere."
    return f"{error.filename or folder} cannot be used ({error.strerror}): fix that and start again."


@functools.cache
def project_vendor() -> Vendor:
    """This project's `vendor/`; one object per run, so that an unreachable CDN is asked only once."""
    return Vendor(PROJECT / "vendor.lock.json", PROJECT / "vendor")


def ensure(group: str) -> Path:
    """Fetch what is missing of a group in this project's `vendor/`; return its folder. Raises VendorError."""
    return project_vendor().ensure(group)
