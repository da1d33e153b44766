"""The snapshot of a started Python."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from hosting.prepared_runtime import PreparedRuntime
from hosting.snapshot import Snapshot
from vendoring.vendor import PROJECT

RESTORE = Path(__file__).with_name("restore_in_node.mjs")
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    not NODE or bool(os.environ.get("NO_SNAPSHOT")), reason="there is no snapshot without Node.js or with NO_SNAPSHOT"
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """The snapshot of this project, which serve.py makes once."""
    runtime = PreparedRuntime(PROJECT)
    runtime.prepare()
    made = Snapshot(runtime)
    made.prepare()
    return made


def test_the_same_files_give_the_same_bytes(snapshot: Snapshot, tmp_path: Path) -> None:
    other = Snapshot(snapshot.runtime)
    other.folder = tmp_path
    key = next(iter(snapshot.files().values())).name.partition(".")[0]
    older, of_another_process = tmp_path / "0123456789abcdef.json", tmp_path / f".{key}.json-1"
    older.touch()
    of_another_process.touch()
    other.prepare()
    assert not older.exists()
    assert of_another_process.exists()
    assert len(other.files()) == 2
    assert other.facts() == snapshot.facts()
    for name, path in other.files().items():
        assert path.read_bytes() == snapshot.files()[name].read_bytes()


def test_what_is_damaged_is_not_restored(snapshot: Snapshot, tmp_path: Path) -> None:
    archive, numpy = snapshot.files().values()
    facts = numpy.with_suffix(".json")
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive.read_bytes()))) as tar:
        for item in tar:
            if "/" not in item.name:
                (tmp_path / item.name).write_bytes(tar.extractfile(item).read())  # type: ignore[union-attr]
    run = subprocess.run([NODE or "", RESTORE, PROJECT, facts, tmp_path, numpy], capture_output=True, text=True)
    found = {line.pop("damage"): line for line in map(json.loads, run.stdout.splitlines())}
    assert len(found) == 6, run.stderr
    whole, again = found.pop("none"), found.pop("again")
    assert max(whole["probabilities"]) > 0.9
    assert whole["probabilities"] == again["probabilities"] == json.loads(facts.read_bytes())["probabilities"]
    assert whole["random"] != again["random"]
    assert all("error" in attempt for attempt in found.values()), found


def test_after_an_edit_there_is_no_snapshot(snapshot: Snapshot, tmp_path: Path) -> None:
    """The page must not run the Python that was."""
    shutil.copytree(PROJECT / "py", tmp_path / "py", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "js", tmp_path / "js")
    shutil.copytree(PROJECT / "weights", tmp_path / "weights")
    for folder in ("vendor/runtime", "vendor/prepared"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    shutil.copy(PROJECT / "vendor.lock.json", tmp_path)
    copied = Snapshot(PreparedRuntime(tmp_path))
    copied.folder = snapshot.folder
    assert copied.files() == snapshot.files()
    with (tmp_path / "py/digits/recognizer.py").open("a", encoding="utf-8") as edited:
        edited.write("# an edit\n")
    assert copied.files() == {}
