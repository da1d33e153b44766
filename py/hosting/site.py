"""Which files make the site: the same list for the server and for the build."""

from __future__ import annotations

import functools
import json
import math
import os
import threading
import time
from pathlib import Path

from hosting import mnist_parts, sample_digits
from hosting.prepared_runtime import GROUPS, OWN, THIRD_PARTY, PreparedRuntime
from hosting.snapshot import Snapshot
from vendoring.files import identity, sha256
from vendoring.vendor import Vendor

PAGES = ("index.html", "teach.html")
FILES = (*PAGES, "sw.js", "manifest.webmanifest", "vendor.lock.json")
FOLDERS = ("css", "js", "weights", "assets")

# Third-party files that the page loads as they are; all others come in archives.
PYODIDE = tuple(f"vendor/runtime/pyodide{suffix}" for suffix in (".mjs", ".asm.mjs", ".asm.wasm"))
SERVED = (*GROUPS, "editor")  # their groups in vendor.lock.json
EDITOR = tuple(f"vendor/editor/{name}" for name in ("ace.js", "mode-python.js", "ext-searchbox.js", "ace.css"))
ARCHIVES = {f"archives/{name}.tar.gz": name for name in (*THIRD_PARTY, *OWN)}

# Files that are made on request: our own Python files, some of MNIST's digits, what the page knows of its downloads, and what
# sw.js keeps a copy of.
SAMPLES = "assets/samples.json"
DOWNLOADS = "archives/downloads.json"
PRECACHE = "precache.js"
MADE = (*ARCHIVES, SAMPLES, DOWNLOADS, PRECACHE)


class Site:
    """The files of the project at `root` that a visitor may see."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real_root = os.path.realpath(root).replace(os.sep, "/").rstrip("/") + "/"
        self.runtime = PreparedRuntime(root)
        self.snapshot = Snapshot(self.runtime)
        self._found: dict[str, tuple[int, ...]] = {}  # the versions that need not be checked again
        self._lock = threading.RLock()  # many requests come at the same time
        self._made: dict[str, bytes | None] = {}
        self._made_from: dict[str, tuple[int, ...] | None] = {}
        self._looked = -math.inf  # when it was looked for changes of the files

    @property
    def vendor(self) -> Vendor:
        """The project's third-party files. Raises VendorError where there is no lock."""
        return _vendor(self.root, _identity(self.root / "vendor.lock.json"))

    def own_files(self) -> list[str]:
        """The site's own files that exist, relative to the root, sorted; neither vendor/ nor what is generated."""
        below = [path for folder in FOLDERS for path in (self.root / folder).rglob("*")]
        names = [*FILES, *(path.relative_to(self.root).as_posix() for path in below)]
        return sorted(name for name in names if (self.root / name).is_file() and self._is_ours(name))

    def ready_files(self) -> list[str]:
        """The files beside our own that are sent as they are; some may be missing."""
        return [*PYODIDE, *EDITOR, *self.snapshot.files()]

    def prepare(self) -> None:
        """Make what is made ahead. Raises OSError if vendor/prepared cannot be written."""
        self.runtime.prepare()
        self.snapshot.prepare()

    def make(self, name: str, since: float = math.inf) -> bytes | None:
        """The content of one of the MADE files; None if it cannot be made, as nothing is prepared.

        What was made is taken if no file has changed, for which it looks, unless it has looked after `since`
        (`time.monotonic`). Raises VendorError for an archive that was changed.
        """
        with self._lock:
            self._look(since)
            return self._content(name)

    def has_made(self, name: str, since: float) -> bool:
        """Whether `make` has the content already."""
        if not self._lock.acquire(blocking=False):  # another thread makes something
            return False
        try:
            self._look(since)
            return name in self._made
        finally:
            self._lock.release()

    def _look(self, since: float) -> None:
        if self._looked < since:
            self._looked = time.monotonic()
            if (state := self._state()) != self._made_from:
                self._made, self._made_from = {}, state

    def _content(self, name: str) -> bytes | None:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _state(self) -> dict[str, tuple[int, ...] | None]:
        """What changes when a file does from which others are made."""
        folders = (*(self.root / folder for folder in (*FOLDERS, "py")), self.runtime.folder)
        ours = [f"{path}/{name}" for folder in folders for path, _, names in os.walk(folder) for name in names]
        files = [*ours, *(str(self.root / name) for name in FILES), *map(str, self.vendor.places)]
        return {file: _identity(file) for file in files}

    def _make(self, name: str) -> bytes | None:
        if name in ARCHIVES:
            return self.runtime.archive(ARCHIVES[name])
        if name == SAMPLES:
            return sample_digits.read(self.vendor)
        downloads = {name: path.read_bytes() for name in self.ready_files() if (path := self.find(name))}
        downloads |= {name: content for name in ARCHIVES if (content := self._content(name))}
        sizes = {path: len(content) for path, content in downloads.items()}
        listed = json.dumps({"sizes": sizes, "snapshot": self.snapshot.facts()}).encode()
        if name == DOWNLOADS:
            return listed
        files = {name: (self.root / name).read_bytes() for name in self.own_files() if name != "sw.js"}
        files |= {**downloads, DOWNLOADS: listed, SAMPLES: sample_digits.read(self.vendor)}
        hashes = {name: sha256(content) for name, content in files.items()}
        return precache_list(hashes, sha256(repr(sorted(hashes.items())).encode())[:16], network_first=True)

    def find(self, name: str) -> Path | None:
        """The file that answers the relative URL `name`, or None where the site has none.

        Raises VendorError for a third-party file that was changed; VendorError or OSError where MNIST cannot be fetched.
        """
        if "\\" in name or "\0" in name:
            return None
        if name.startswith(f"{mnist_parts.FOLDER}/"):
            return mnist_parts.find(self.vendor, name.removeprefix(f"{mnist_parts.FOLDER}/"))
        try:
            if path := self.snapshot.find(name):
                return path
            if name.startswith("vendor/"):
                return self.vendor.find(name.removeprefix("vendor/"))
            path = self.root / (name or "index.html")
            version = _identity(path)
            if version is None or (
                version != self._found.get(name) and not (self._is_ours(name or "index.html") and path.is_file())
            ):
                return None
            self._found[name] = version
            return path
        except OSError:  # a name too long for any file
            return None

    def _is_ours(self, name: str) -> bool:
        """Whether `name`, and the file that it leads to if it is a link, is listed."""
        target = os.path.realpath(self.root / name).replace(os.sep, "/")
        return _is_listed(name) and target.startswith(self._real_root) and _is_listed(target.removeprefix(self._real_root))


def _is_listed(name: str) -> bool:
    """Whether `name` is a file of the site or in its folders, and not hidden, compiled or outside through `..`."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))
    return not hidden and (name in FILES or name.startswith(tuple(f"{folder}/" for folder in FOLDERS)))


def _identity(file: str | Path) -> tuple[int, ...] | None:
    try:
        return identity(os.stat(file))
    except OSError:
        return None


@functools.lru_cache(maxsize=1)
def _vendor(root: Path, _version: tuple[int, ...] | None) -> Vendor:
    """The third-party files that one version of the lock lists."""
    return Vendor(root / "vendor.lock.json", root / "vendor")


def precache_list(hashes: dict[str, str], version: str, network_first: bool) -> bytes:
    """The script that tells sw.js which files it keeps (sha256 by name), and whether the network is asked before them."""
    known = {"version": version, "networkFirst": network_first, "files": hashes}
    return f"self.PRECACHE = {json.dumps(known, indent=1)};\n".encode()
