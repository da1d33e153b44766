"""What the CDN does not give comes from packages of pip and npm."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from vendoring.vendor import PROJECT, Vendor, VendorError

from .conftest import MATRIX, Cdn, entry, folder_of

PIP = "pip tiny-digits==1.0 tiny_digits/matrix.bin"


def tiny_wheel(folder: Path, content: bytes) -> None:
    with zipfile.ZipFile(folder / "tiny_digits-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_digits/matrix.bin", content)
        wheel.writestr("tiny_digits/labels.bin", b"labels")
        wheel.writestr("tiny_digits-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-digits\nVersion: 1.0\n")
        wheel.writestr("tiny_digits-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny_digits-1.0.dist-info/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_what_the_cdn_lacks_comes_from_a_package_that_is_opened_once(
    vendor: Callable[..., Vendor], cdn: Cdn, wheels: Path
) -> None:
    tiny_wheel(wheels, MATRIX)
    groups = {
        "small": [entry("matrix.bin", MATRIX, "cdn /matrix.bin", PIP)],
        "more": [entry("labels.bin", b"labels", "pip tiny-digits==1.0 tiny_digits/labels.bin")],
    }
    folder = vendor(**groups).ensure("small")
    assert (folder / "matrix.bin").read_bytes() == MATRIX
    (wheels / "tiny_digits-1.0-py3-none-any.whl").unlink()
    assert (vendor(**groups).ensure("more") / "labels.bin").read_bytes() == b"labels"
    assert folder_of(vendor(**groups)) == {"matrix.bin", "labels.bin"}


def test_a_package_with_other_bytes_is_refused(vendor: Callable[..., Vendor], wheels: Path) -> None:
    tiny_wheel(wheels, MATRIX[::-1])
    files = [entry("matrix.bin", MATRIX, PIP)]
    with pytest.raises(VendorError, match=r"matrix\.bin of tiny-digits==1\.0 is not what vendor\.lock\.json names"):
        vendor(small=files).ensure("small")
    assert folder_of(vendor(small=files)) == set()


def test_no_network_is_one_sentence_that_says_what_was_tried(
    vendor: Callable[..., Vendor], cdn: Cdn, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("VENDOR_CDN", f"http://127.0.0.1:{closed.getsockname()[1]}")
    files = [entry("matrix.bin", MATRIX, "cdn /matrix.bin", PIP)]
    with pytest.raises(VendorError) as caught:
        vendor(small=files).ensure("small")
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "the CDN does not answer" in sentence
    assert "pip found no tiny-digits==1.0" in sentence
    assert "connect to the network" in sentence


def test_pip_does_not_outlive_the_program(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    folder = vendor(small=[entry("matrix.bin", MATRIX, PIP)]).folder
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        pip = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]})).recv(1)"
        program = (
            "import sys, threading; from pathlib import Path; from vendoring import packages, vendor\n"
            "packages._pip = lambda package, folder: [sys.executable, '-c', sys.argv[2]]\n"
            "here = vendor.Vendor(Path(sys.argv[1]) / 'vendor.lock.json', Path(sys.argv[1]) / 'vendor')\n"
            "threading.Thread(target=here.ensure, args=['small'], daemon=True).start()\n"
            "sys.stdin.read()"
        )
        command = [sys.executable, "-c", program, str(tmp_path), pip]
        with subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(PROJECT / "py")}, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            running, _ = listener.accept()
            running.settimeout(30)
            process.communicate()
        with running, contextlib.suppress(ConnectionError):
            assert running.recv(1) == b""  # pip has ended too
    assert not list(folder.glob(".package-*"))


def test_npm_packages(vendor: Callable[..., Vendor], tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "tiny.tgz", "w:gz") as archive:
        manifest = json.dumps({"name": "tiny", "version": "1.0.0"}).encode()
        for name, content in (("package/package.json", manifest), ("package/dist/tiny.js", b"export {}")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    files = [entry("tiny.js", b"export {}", f"npm file:{(tmp_path / 'tiny.tgz').as_posix()} dist/tiny.js")]
    if shutil.which("npm"):
        assert (vendor(page=files).ensure("page") / "tiny.js").read_bytes() == b"export {}"
    else:
        with pytest.raises(VendorError, match="npm is not installed"):
            vendor(page=files).ensure("page")
