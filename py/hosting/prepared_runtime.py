"""Prepares the Python files that the page runs: trimmed, compiled to bytecode and packed into a few archives.

An archive is a gzipped tar file; the names in it are paths in the page's file system. Files are compiled by Pyodide itself
if there is Node.js, else by CPython of the same version. Without either they stay sources, which the page compiles at every
start.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from vendoring.files import sha256, write_whole
from vendoring.lock import Lock, VendorError

Files = dict[str, bytes]

THIRD_PARTY = ("python", "random", "pillow", "editing")
"""Archives of third-party files: the standard library with NumPy, `numpy.random`, Pillow with `numpy.linalg`, and the modules
in EDITING."""

EDITING = ("difflib", "rlcompleter")
"""Modules of the standard library that only the room Code needs."""

OWN = ("page", "sources")
"""Archives of our own files: compiled, and as they are for whoever wants to read or edit them."""

ONLY_SOURCES = tuple(f"page/py/web/{name}" for name in ("edited_code.py", "code_checks.py", "patches.py", "exercises/"))
"""What only the room Code needs: it is not in the archive `page`."""

GROUPS = ("runtime", "pillow")
"""The groups of vendor.lock.json that archives are made from."""

PAGE_PACKAGES = ("nn", "digits", "web")
"""The packages in py/ that the page imports."""

RECORD = "made.json"

LIBRARY = "lib/python3.14"
PACKAGES = f"{LIBRARY}/site-packages"

UNUSED = """
    __hello__ __phello__ _ast_unparse _markupbase _pydatetime _pyio _pyrepl _sysconfigdata__emscripten_wasm32-emscripten
    antigravity argparse asyncio/proactor_events asyncio/tools asyncio/windows_events asyncio/windows_utils bdb cProfile cmd
    code compileall concurrent/futures/interpreter concurrent/futures/process concurrent/interpreters configparser csv
    ctypes/_aix ctypes/macholib ctypes/util ctypes/wintypes doctest email filecmp fileinput ftplib getopt getpass gettext
    graphlib html http imaplib importlib/_bootstrap importlib/_bootstrap_external importlib/metadata importlib/resources
    ipaddress logging/config logging/handlers mailbox mimetypes modulefinder multiprocessing netrc nturl2path optparse pdb
    pkgutil plistlib poplib profile pstats pty py_compile pyclbr pydoc pyodide/console pyodide/http queue quopri runpy sched
    shelve site-packages/README smtplib socketserver sqlite3 statistics stringprep symtable tabnanny tarfile this timeit
    tomllib trace tracemalloc tty unittest urllib uuid wave webbrowser wsgiref xml xmlrpc zipapp zoneinfo
    site-packages/numpy/_configtool site-packages/numpy/_pyinstaller site-packages/numpy/conftest site-packages/numpy/core
    site-packages/numpy/ctypeslib site-packages/numpy/doc site-packages/numpy/f2py site-packages/numpy/fft
    site-packages/numpy/lib/recfunctions site-packages/numpy/linalg/lapack_lite site-packages/numpy/ma/mrecords
    site-packages/numpy/ma/testutils site-packages/numpy/matlib site-packages/numpy/polynomial site-packages/numpy/testing
""".split()
"""Modules and packages that the page does not need."""

REPLACED = {
    f"{PACKAGES}/numpy/_core/_add_newdocs.py": b"",  # docstrings
    f"{PACKAGES}/numpy/_core/_add_newdocs_scalars.py": b"",
    f"{PACKAGES}/numpy/linalg/_umath_linalg.py": b"""
import importlib.util

def __getattr__(name):
    # The first use loads the compiled module, which only pictures need and which comes with Pillow.
    if name.startswith("__"):
        raise AttributeError(name)
    spec = importlib.util.spec_from_file_location(__name__, __spec__.origin.rpartition(".")[0] + LIBRARY_SUFFIX)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    globals().update({name: value for name, value in vars(module).items() if not name.startswith("__")})
    return getattr(module, name)

LIBRARY_SUFFIX = ".cpython-314-wasm32-emscripten.so"
""",
}
"""Replacements for modules that NumPy imports at once and the page never calls."""

ENCODINGS = "__init__ aliases ascii cp437 latin_1 raw_unicode_escape unicode_escape utf_8 utf_16 utf_32".split()
"""The codecs that are left; those of other languages are most of the standard library's size."""

COMPILE = Path(__file__).with_name("compile_bytecode.py")

Compiler = Callable[[Path], "list[str | Path] | None"]
"""Returns the command that runs compile_bytecode.py, given the folder of Pyodide; None if this machine has not got it."""


def pyodide(runtime: Path) -> list[str | Path] | None:
    node = shutil.which("node")
    return [node, Path(__file__).with_name("compile_in_node.mjs"), runtime] if node else None


def cpython(runtime: Path) -> list[str | Path] | None:
    python = sys.executable if sys.version_info[:2] == (3, 14) else shutil.which("python3.14")
    return [python, COMPILE] if python else None


class PreparedRuntime:
    """The archives of the project at `root`, made from its checked vendor/ folder into vendor/prepared/."""

    def __init__(self, root: Path, compilers: Iterable[Compiler] = (pyodide, cpython)) -> None:
        self.root = root
        self.folder = root / "vendor" / "prepared"
        self._made: dict[str, tuple[tuple[Files, Files], bytes]] = {}
        self.commands = [command for compiler in compilers if (command := compiler(root / "vendor" / "runtime"))]

    def prepare(self) -> None:
        """Compile and pack what has changed since the last time. Raises OSError if vendor/prepared cannot be written."""
        archives = {} if self._recorded() == self._state() else self._third_party()
        if archives:
            print("Preparing Python for the browser (only this once) …", file=sys.stderr)
        bytecode = self._bytecode()
        own = {path: source for path, source in self._own("page").items() if _key(path, source) not in bytecode}
        compiled = self._compile({path: data for files in (own, *archives.values()) for path, data in files.items()})
        if new := {_key(path, source): compiled[path] for path, source in own.items() if path in compiled}:
            write_whole(self.folder / "page.zip", _zipped(bytecode | new))
        for name, files in archives.items():
            write_whole(self.folder / f"{name}.tar.gz", packed(files, lambda path, _: compiled.get(path)))
        if archives:
            write_whole(self.folder / RECORD, json.dumps(self._state()).encode())

    def archive(self, name: str) -> bytes | None:
        """The content of an archive; None if it was not prepared. Raises VendorError if it was changed since.

        A file of ours that was edited since `prepare` is in it as source.
        """
        if name in THIRD_PARTY:
            path = self.folder / f"{name}.tar.gz"
            content = path.read_bytes() if path.exists() else None
            if content is not None and sha256(content) != self._recorded().get(path.name):
                raise VendorError(f"vendor/prepared/{path.name} was changed: start again to make it again.")
            return content
        own, bytecode = self._own(name), self._bytecode() if name == "page" else {}
        made_from = (own, bytecode)
        if self._made.get(name, (None,))[0] != made_from:  # packing takes longer than everything else in an answer
            self._made[name] = made_from, packed(own, lambda path, source: bytecode.get(_key(path, source)))
        return self._made[name][1]

    def _third_party(self) -> dict[str, Files]:
        archives: dict[str, Files] = {name: {} for name in THIRD_PARTY}
        for path in self._vendored():
            if path.suffix not in (".zip", ".whl"):
                continue
            with zipfile.ZipFile(path) as archive:
                for item in archive.infolist():
                    place = f"{LIBRARY if path.suffix == '.zip' else PACKAGES}/{item.filename}"
                    if _is_needed(place) and not item.is_dir():
                        archives[_archive_of(path.name, place)][place] = archive.read(item)
        if archives["python"]:
            index = json.loads((self.root / "vendor" / "runtime" / "pyodide-lock.json").read_text(encoding="utf-8"))
            archives["python"] |= REPLACED | {"lib/pyodide-lock.json": json.dumps(index | {"packages": {}}).encode()}
        return archives

    def _own(self, name: str) -> Files:
        """The files of an archive in OWN: Python, and the kernel."""
        folders = [self.root / "py" / package for package in PAGE_PACKAGES]
        files = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".wasm"))
        own = {f"page/{path.relative_to(self.root).as_posix()}": path for path in sorted(files)}
        return {path: file.read_bytes() for path, file in own.items() if name != "page" or not path.startswith(ONLY_SOURCES)}

    def _vendored(self) -> list[Path]:
        groups = Lock.read(self.root / "vendor.lock.json").groups
        return [self.root / "vendor" / groups[name].folder / file.path for name in GROUPS for file in groups[name].files]

    def _bytecode(self) -> Files:
        """What is compiled of our own files, by key."""
        try:
            with zipfile.ZipFile(self.folder / "page.zip") as archive:
                return {name: archive.read(name) for name in archive.namelist()}
        except (OSError, zipfile.BadZipFile):
            return {}

    def _compile(self, files: Files) -> Files:
        """The bytecode of the Python files among `files`; empty if there is no compiler that works."""
        sources = {path: data for path, data in files.items() if path.endswith(".py")}
        with tempfile.TemporaryDirectory() as folder:
            archive, bytecode = Path(folder) / "sources.zip", Path(folder) / "bytecode.zip"
            archive.write_bytes(_zipped(sources))
            for command in self.commands if sources else ():
                run = subprocess.run([*command, archive, bytecode], stdin=subprocess.DEVNULL, capture_output=True)
                if run.returncode == 0:
                    with zipfile.ZipFile(bytecode) as compiled:
                        return {path: compiled.read(path) for path in sources}
        return {}

    def _recorded(self) -> dict[str, str]:
        try:
            recorded = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
            return recorded if isinstance(recorded, dict) else {}
        except (OSError, ValueError):
            return {}

    def _state(self) -> dict[str, str]:
        """The compilers, and the sha256 of what the archives are made from and of the archives."""
        made_from = [Path(__file__), COMPILE, *self._vendored()]
        made = [self.folder / f"{name}.tar.gz" for name in THIRD_PARTY]
        hashes = {path.name: sha256(path.read_bytes()) for path in made_from + made if path.exists()}
        return {"compilers": str(self.commands), **hashes}


def _archive_of(source: str, path: str) -> str:
    if source.startswith("pillow") or "/numpy/linalg/_umath_linalg." in path:
        return "pillow"
    if path.removeprefix(f"{LIBRARY}/").removesuffix(".py") in EDITING:
        return "editing"
    return "random" if "/numpy/random/" in path else "python"


def _is_needed(path: str) -> bool:
    """Whether a third-party file goes into an archive; licenses do."""
    below = path.removeprefix(f"{LIBRARY}/")
    if ".dist-info/" in below:
        return "/licenses/" in below or below.endswith("/METADATA")
    folder, _, file = below.rpartition("/")
    name, suffix = file.partition(".")[0], file.rpartition(".")[2]
    module = f"{folder}/{name}/".lstrip("/")
    return (
        suffix in ("py", "so")
        and "/tests/" not in below
        and name != "__main__"
        and not any(module.startswith(f"{unused}/") for unused in UNUSED)
        and (folder != "encodings" or name.removesuffix("_be").removesuffix("_le") in ENCODINGS)
    )


def packed(files: Files, bytecode: Callable[[str, bytes], bytes | None] = lambda path, source: None) -> bytes:
    """A gzipped tar of the files, with bytecode in the place of its source. The same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(files.items()):
            compiled = bytecode(path, data)
            item = tarfile.TarInfo(path if compiled is None else f"{path}c")
            content = data if compiled is None else compiled
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def _zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return buffer.getvalue()


def _key(path: str, source: bytes) -> str:
    return sha256(path.encode() + b"\0" + source)
