"""py/vendoring/update.py: another version of Pyodide is one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vendoring.update import update
from vendoring.vendor import PROJECT, Vendor, VendorError

from .conftest import Cdn, entry

OLD, NEW = "314.0.3", "314.1.0"


def release(cdn: Cdn, version: str, numpy: str, pillow: str) -> dict[str, bytes]:
    """Put a release on the stand-in CDN; returns its files by name."""
    wheels = {name: f"{name}-{number}-wasm32.whl" for name, number in (("numpy", numpy), ("pillow", pillow))}
    listed = {name: {"version": number, "file_name": wheels[name]} for name, number in (("numpy", numpy), ("pillow", pillow))}
    files = {name: f"{name} of {version}".encode() for name in ("pyodide.mjs", *wheels.values())}
    files["pyodide-lock.json"] = json.dumps({"packages": {**listed, "scipy": {}}}).encode()
    cdn.files |= {f"/pyodide/v{version}/full/{name}": content for name, content in files.items()}
    return files


@pytest.fixture
def project(vendor: Callable[..., Vendor], cdn: Cdn, tmp_path: Path) -> Vendor:
    """A project with the old release in its lock, and the new one on the CDN."""
    files = release(cdn, OLD, "2.4.3", "12.2.0")
    kept = {"packages": {name: json.loads(files["pyodide-lock.json"])["packages"][name] for name in ("numpy", "pillow")}}
    files["pyodide-lock.json"] = json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()
    runtime: list[dict[str, Any]] = [
        entry(name, content, f"cdn /pyodide/v{OLD}/full/{name}") for name, content in files.items()
    ]
    runtime[-1]["keep"] = ["numpy", "pillow"]
    (tmp_path / "NOTICE.md").write_text("Pyodide 314.0.3, NumPy 2.4.3, Pillow 12.2.0", encoding="utf-8")
    cdn.files["/other.js"] = b"other"
    return vendor(runtime=runtime, test=[entry("other.js", b"other", "cdn /other.js")])


def test_the_lock_names_the_new_files_and_they_are_fetched(project: Vendor, cdn: Cdn, tmp_path: Path) -> None:
    files = release(cdn, NEW, "2.5.0", "12.2.0")
    project.ensure("runtime")
    assert update(project, NEW) == ["314.0.3 → 314.1.0", "numpy-2.4.3-wasm32.whl → numpy-2.5.0-wasm32.whl", "2.4.3 → 2.5.0"]
    after = Vendor(project.lock_file, project.folder)
    folder = after.ensure("runtime")
    assert (folder / "numpy-2.5.0-wasm32.whl").read_bytes() == files["numpy-2.5.0-wasm32.whl"]
    assert (folder / "pyodide.mjs").read_bytes() == b"pyodide.mjs of 314.1.0"
    assert set(json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]) == {"numpy", "pillow"}
    assert (tmp_path / "NOTICE.md").read_text(encoding="utf-8") == "Pyodide 314.1.0, NumPy 2.5.0, Pillow 12.2.0"
    assert after.lock.groups["test"] == project.lock.groups["test"]


def test_a_version_that_does_not_exist_changes_nothing(project: Vendor) -> None:
    before = project.lock_file.read_bytes()
    with pytest.raises(VendorError, match="could not be fetched .*HTTP status 404.*vendor.lock.json stays as it is"):
        update(project, "999.0.0")
    assert project.lock_file.read_bytes() == before


def test_the_present_version_gives_the_present_lock(cdn: Cdn, tmp_path: Path) -> None:
    """With the real lock, whose files the stand-in CDN has from vendor/."""
    for name in ("vendor.lock.json", "NOTICE.md"):
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    real = Vendor(PROJECT / "vendor.lock.json", PROJECT / "vendor")
    index = next(file for file in real.lock.groups["runtime"].files if file.keep)
    cdn.files[index.sources[0].member] = (PROJECT / "vendor" / "runtime" / index.path).read_bytes()
    assert update(Vendor(tmp_path / "vendor.lock.json", tmp_path / "vendor", cdn.address), OLD) == []
    for name in ("vendor.lock.json", "NOTICE.md"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (PROJECT / name).read_text(encoding="utf-8")
