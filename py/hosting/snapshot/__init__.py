"""Makes a snapshot of a started Python, which the page can restore instead of starting Python itself.

Node.js makes it (make_snapshot.mjs). Without Node.js there is none, and the page starts Python from the archives.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from hosting.prepared_runtime import PreparedRuntime, packed
from vendoring.files import sha256, write_whole

FOLDER = "snapshot"
"""Where its files are, in the site and in vendor/prepared; a key names all that it was made from."""

SUFFIXES = (".tar.gz", ".wasm", ".json")
"""The memory, NumPy's compiled module, and the facts, which the page gets with the list of its downloads."""

ARCHIVES = ("python", "page")
MAKERS = ("py/hosting/snapshot/make_snapshot.mjs", "js/python/snapshot/restore.mjs")


class Snapshot:
    """The snapshot of the project that `runtime` was prepared for."""

    def __init__(self, runtime: PreparedRuntime) -> None:
        self.root, self.runtime = runtime.root, runtime
        self.folder = runtime.folder / FOLDER

    def prepare(self) -> None:
        """Make it where it is missing and Node.js can. Raises OSError if vendor/prepared cannot be written."""
        node, inputs = shutil.which("node"), self._inputs()
        if not node or not inputs or self._paths():
            return
        key = _key(inputs)
        with tempfile.TemporaryDirectory() as folder:
            tree, out = Path(folder) / "tree", Path(folder) / "out"
            out.mkdir()
            for path, content in self._tree(inputs).items():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_bytes(content)
            script, network = self.root / MAKERS[0], self._network()
            command: list[str | Path] = [node, script, self.root / "vendor/runtime", tree, network, key, out]
            run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
            if run.returncode:
                return
            kernels = {path.relative_to(tree).as_posix(): path.read_bytes() for path in (tree / "page").rglob("*.wasm")}
            memory = {name: (out / name).read_bytes() for name in ("runs", "words")}
            (numpy,) = tree.rglob("_multiarray_umath.*.so")
            contents = (packed(memory | kernels), numpy.read_bytes(), (out / "facts.json").read_bytes())
            for suffix, content in zip(SUFFIXES, contents, strict=True):
                write_whole(self.folder / f"{key}{suffix}", content)
            for older in self.folder.iterdir():
                if key not in older.name:  # another serve.py may be writing files of the same key
                    older.unlink(missing_ok=True)

    def files(self) -> dict[str, Path]:
        """Its files by URL; none if there is no snapshot of the files as they are now."""
        return {f"{FOLDER}/{path.name}": path for path in self._paths()[:2]}

    def facts(self) -> object:
        """What restore.mjs has to know of it, or None."""
        return json.loads(paths[2].read_bytes()) if (paths := self._paths()) else None

    def _paths(self) -> list[Path]:
        inputs = self._inputs()
        paths = [self.folder / f"{_key(inputs)}{suffix}" for suffix in SUFFIXES] if inputs else []
        return paths if all(path.is_file() for path in paths) else []

    def find(self, name: str) -> Path | None:
        """The file that answers the relative URL `name`."""
        folder, _, file = name.rpartition("/")
        return self.folder / file if folder == FOLDER and (self.folder / file).is_file() else None

    @staticmethod
    def _tree(inputs: dict[str, bytes]) -> dict[str, bytes]:
        """Python's file system in the page, with the network."""
        tree = {f"page/{name}": content for name, content in inputs.items() if name.startswith("weights/")}
        for name in ARCHIVES:
            with tarfile.open(fileobj=io.BytesIO(gzip.decompress(inputs[f"{name}.tar.gz"]))) as tar:
                tree |= {item.name: content.read() for item in tar if (content := tar.extractfile(item))}
        return tree

    def _network(self) -> str:
        models = json.loads((self.root / "weights/models.json").read_text(encoding="utf-8"))
        return next(str(model["file"]) for model in models["models"] if model["name"] == models["default"])

    def _inputs(self) -> dict[str, bytes]:
        """What a snapshot depends on; nothing if some of it is not there, or NO_SNAPSHOT is set."""
        if os.environ.get("NO_SNAPSHOT"):
            return {}
        archives = {f"{name}.tar.gz": self.runtime.archive(name) for name in ARCHIVES}
        runtime = [f"vendor/runtime/pyodide{suffix}" for suffix in (".mjs", ".asm.mjs", ".asm.wasm")]
        try:
            network = f"weights/{self._network()}"
            card = Path(network).with_suffix(".json").as_posix()
            names = [*runtime, network, card, *MAKERS]
            files = {name: (self.root / name).read_bytes() for name in names}
        except (OSError, ValueError, LookupError, StopIteration):
            return {}
        return {**files, **{name: content for name, content in archives.items() if content}} if all(archives.values()) else {}


def _key(inputs: dict[str, bytes]) -> str:
    hashes = {name: sha256(content) for name, content in inputs.items()}
    return sha256(json.dumps(hashes, sort_keys=True).encode())[:16]
