"""Makes sure that third-party files stand, checked, in `vendor/`: fetched once, then never again.

A file comes from the public CDN, else from a package that carries the very same bytes. It is written beside its place,
checked against the sha256 of `vendor.lock.json`, and moved into place in one step.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vendoring import download, packages
from vendoring.checked_files import Stamps
from vendoring.lock import File, Lock, Source, VendorError, trimmed
from vendoring.progress_bar import Progress, readable

PROJECT = Path(__file__).resolve().parents[2]


class Vendor:
    """The folder of third-party files and the lock that says what belongs there.

    `cdn_address` (or the environment variable VENDOR_CDN) asks another host than the lock's; `timeout` is in seconds.
    """

    def __init__(self, lock_file: Path, folder: Path, cdn_address: str | None = None, timeout: float = 5.0) -> None:
        self.lock = Lock.read(lock_file)
        self.folder = folder
        self.cdn_address = (cdn_address or os.environ.get("VENDOR_CDN") or self.lock.cdn).rstrip("/")
        self.timeout = timeout
        self.stamps = Stamps(folder)
        self._cdn_trouble = ""  # why it is given up for the whole run
        self._tried: list[str] = []

    def ensure(self, group: str) -> Path:
        """The folder of `group`, all of whose files are there with the right bytes. Raises VendorError."""
        if group not in self.lock.groups:
            raise VendorError(f"vendor.lock.json has no group “{group}”: it has {', '.join(self.lock.groups)}.")
        folder = self.folder / self.lock.groups[group].folder
        wanted = {self._place(group, file): file for file in self.lock.groups[group].files}
        try:
            if not all(self.stamps.vouch_for(place, file) for place, file in wanted.items()):
                with self._alone():  # another process may have fetched them meanwhile
                    missing = {place: file for place, file in wanted.items() if not self.stamps.vouch_for(place, file)}
                    if missing:
                        self._fetch(missing)
        except OSError as error:
            raise VendorError(_why(error, self.folder, sum(file.size for file in wanted.values()))) from None
        return folder

    def _place(self, group: str, file: File) -> Path:
        return self.folder / self.lock.groups[group].folder / file.path

    def _fetch(self, missing: dict[Path, File]) -> None:
        progress = Progress(sum(file.size for file in missing.values()))
        files = "1 third-party file" if len(missing) == 1 else f"{len(missing)} third-party files"
        progress.note(f"Fetching {files}, {readable(progress.total)}, into {self.folder.name}/ (only this once):")
        self._tried = [self._cdn_trouble] if self._cdn_trouble else []
        try:
            for place, file in list(missing.items()):
                if self._from_cdn(place, file, progress):
                    del missing[place]
            for tool, package in _packages(missing.values()):
                if any(_carries(file, tool, package) for file in missing.values()):
                    self._from_package(tool, package, missing, progress)
        finally:
            progress.close()
        if missing:
            names = ", ".join(sorted(place.name for place in missing))
            raise VendorError(
                f"{names} could not be fetched: {'; '.join(self._tried)}: connect to the network, or install pip or npm, "
                "and start again; what has come so far is kept."
            )

    def _from_cdn(self, place: Path, file: File, progress: Progress) -> bool:
        source = next((source for source in file.sources if source.tool == "cdn"), None)
        if source is None or self._cdn_trouble:
            return False
        part = place.with_name(f"{place.name}.{file.sha256[:8]}.part")  # of another version's part nothing is of use
        place.parent.mkdir(parents=True, exist_ok=True)
        resumes = part.exists()
        came = part.stat().st_size if resumes else 0
        progress.advance(came, place.name)

        def advance(size: int) -> None:
            nonlocal came
            came += size
            progress.advance(size, place.name)

        try:
            download.download(self.cdn_address + source.member, part, self.timeout, advance)
            if self._keep(place, file, part.read_bytes(), progress):
                part.unlink()
                return True
            part.unlink()
            trouble = f"what the CDN gave for {place.name} is not what vendor.lock.json names"
        except download.Unreachable as error:
            trouble = self._cdn_trouble = f"the CDN does not answer ({error})"
        except download.Missing as error:
            trouble = f"the CDN does not give {place.name} ({error})"
        progress.advance(-came, place.name)
        if resumes and not part.exists():  # what an interruption had left may have been bad: once more from the start
            return self._from_cdn(place, file, progress)
        self._tried.append(trouble)
        return False

    def _from_package(self, tool: str, package: str, missing: dict[Path, File], progress: Progress) -> None:
        """Takes every file of the lock that `package` carries while it is open, so that none is fetched twice."""
        progress.note(f"… from the package {package}, with {tool}")
        folder = Path(tempfile.mkdtemp(prefix=".package-", dir=self.folder))
        try:
            with packages.Archive(packages.fetch(tool, package, folder)) as archive:
                for place, file, member in self._members(tool, package):
                    if place in missing or not self.stamps.vouch_for(place, file):
                        content = archive.read(member)
                        if self._keep(place, file, content, progress):
                            progress.advance(file.size if missing.pop(place, None) else 0, place.name)
                        else:
                            self._tried.append(f"{member} of {package} is not what vendor.lock.json names")
        except packages.PackageError as error:
            self._tried.append(str(error))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _members(self, tool: str, package: str) -> Iterator[tuple[Path, File, str]]:
        for group in self.lock.groups.values():
            for file in group.files:
                if source := _carries(file, tool, package):
                    yield self._place(group.name, file), file, source.member

    def _keep(self, place: Path, file: File, content: bytes, progress: Progress) -> bool:
        """Puts `content` in its place if it is what the lock names."""
        try:
            content = trimmed(content, file.keep) if file.keep else content
        except ValueError:
            return False
        if hashlib.sha256(content).hexdigest() != file.sha256:
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(place.name + ".new")
        try:
            beside.write_bytes(content)
            os.replace(beside, place)
        finally:
            beside.unlink(missing_ok=True)
        self.stamps.add(place, file)
        progress.finished(place.name, file.size)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process fetches at a time; another one waits, and then finds all there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            _lock(file.fileno())
            for left in self.folder.glob(".package-*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield


def _carries(file: File, tool: str, package: str) -> Source | None:
    return next((source for source in file.sources if (source.tool, source.package) == (tool, package)), None)


def _packages(files: Iterable[File]) -> list[tuple[str, str]]:
    """The packages that carry these files, in the order in which to ask for them."""
    named = [(source.tool, source.package) for file in files for source in file.sources if source.tool != "cdn"]
    return list(dict.fromkeys(named))


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _why(error: OSError, folder: Path, size: int) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk is full: make {readable(size)} of room for {folder} and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or folder} cannot be written: make it writable, or copy the project elsewhere."
    return f"{error.filename or folder} cannot be used ({error.strerror}): put that right and start again."


@functools.cache
def project_vendor() -> Vendor:
    """The `vendor/` of this project; one for the whole run, so that an unreachable CDN is asked once."""
    return Vendor(PROJECT / "vendor.lock.json", PROJECT / "vendor")


def ensure(group: str) -> Path:
    """Makes sure the files of a group of `vendor.lock.json` stand checked under `vendor/`; returns the group's folder.

    Raises VendorError, whose message is one sentence for a person.
    """
    return project_vendor().ensure(group)
