"""What sw.js keeps a copy of, and MNIST's digits to try."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from hosting import sample_digits
from hosting.site import PRECACHE, Site
from vendoring.vendor import PROJECT, Vendor, project_vendor


def listed(script: bytes) -> dict:
    return json.loads(script.decode().removeprefix("self.PRECACHE = ").removesuffix(";\n"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    for name in ("index.html", "sw.js", "js/main.js", "py/nn/layers.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"this is {name}")
    (tmp_path / "vendor.lock.json").write_text((PROJECT / "vendor.lock.json").read_text(encoding="utf-8"), encoding="utf-8")
    return Site(tmp_path)


def test_served_files_are_listed_with_their_hashes_and_the_network_comes_first(site: Site) -> None:
    known = listed(site.make(PRECACHE))
    assert known["networkFirst"] is True
    assert known["files"]["js/main.js"] == hashlib.sha256(b"this is js/main.js").hexdigest()
    made = {"assets/samples.json", "archives/downloads.json", "archives/page.tar.gz", "archives/sources.tar.gz"}
    assert set(known["files"]) == {"index.html", "js/main.js", "vendor.lock.json"} | made


def test_an_edit_makes_another_version(site: Site) -> None:
    before = listed(site.make(PRECACHE))["version"]
    assert listed(site.make(PRECACHE))["version"] == before
    (site.root / "js/main.js").write_text("edited")
    assert listed(site.make(PRECACHE))["version"] != before


def test_third_party_files_have_the_hash_of_the_lock() -> None:
    known = listed(Site(PROJECT).make(PRECACHE))["files"]
    wasm = "vendor/runtime/pyodide.asm.wasm"
    assert known[wasm] == hashlib.sha256((PROJECT / wasm).read_bytes()).hexdigest()


def test_samples_are_mnist_s_digits() -> None:
    found = json.loads(sample_digits.read(project_vendor()))["samples"]
    assert {sample["label"] for sample in found} == set(range(10))
    seven = next(sample for sample in found if sample["index"] == 0)
    assert seven["label"] == 7
    images = (PROJECT / "vendor/mnist/t10k-images-idx3-ubyte").read_bytes()
    assert base64.b64decode(seven["pixels"]) == images[16 : 16 + 784]


def test_without_mnist_there_are_no_samples(tmp_path: Path) -> None:
    vendor = Vendor(PROJECT / "vendor.lock.json", tmp_path)
    assert json.loads(sample_digits.read(vendor)) == {"samples": []}
