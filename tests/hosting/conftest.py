"""A stand-in for the public CDN on this machine, and projects with small files of our own making."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hosting.server import Server
from hosting.site import Site
from vendoring.vendor import Vendor

MATRIX = bytes(range(256)) * 400  # 100 KB


@dataclass
class Cdn:
    """What the stand-in serves, and what it was asked: (path, Range header)."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: int | None = None  # bytes of one answer after which the connection breaks
    ranges: bool = True
    told: bool = True  # whether it says how long a file is
    sent: int = 0  # bytes
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def cdn() -> Iterator[Cdn]:
    stand_in = Cdn()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            stand_in.asked.append((self.path, wanted))
            if self.path not in stand_in.files:
                self.send_error(404)
                return
            body = stand_in.files[self.path]
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and stand_in.ranges else 0
            if start >= len(body) > 0:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.close_connection = not stand_in.told
            if stand_in.told:
                self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            content = body[start:][: stand_in.cut_after]
            with contextlib.suppress(ConnectionError):  # a client that has enough
                for first in range(0, len(content), 1 << 16):
                    self.wfile.write(content[first : first + (1 << 16)])
                    stand_in.sent = first
            if stand_in.cut_after is not None:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        stand_in.address = f"http://127.0.0.1:{server.server_port}"
        yield stand_in
        server.shutdown()


def entry(path: str, content: bytes, *sources: str, **more: Any) -> dict[str, Any]:
    """A file of a lock, as `vendor.lock.json` writes it."""
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "size": len(content), "sha256": digest, "license": "MIT", "from": list(sources), **more}


def write_lock(path: Path, address: str, **groups: list[dict[str, Any]]) -> Path:
    content = {"cdn": address, "groups": [{"name": name, "files": files} for name, files in groups.items()]}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def vendor(tmp_path: Path, cdn: Cdn) -> Callable[..., Vendor]:
    """`vendor(group=[entry(...), ...])` makes a vendor folder with that lock, in front of the stand-in CDN.

    Called once more it is as if the command was started once more.
    """

    def make(**groups: list[dict[str, Any]]) -> Vendor:
        return Vendor(write_lock(tmp_path / "vendor.lock.json", cdn.address, **groups), tmp_path / "vendor", timeout=5)

    return make


def folder_of(vendor: Vendor) -> set[str]:
    """All that lies in the vendor folder, except what the fetching itself keeps there."""
    return {path.name for path in vendor.folder.rglob("*") if path.is_file() and not path.name.startswith(".")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a file of each kind."""
    for name in (
        "index.html", "css/page.css", "sw.js", "js/main.js", "py/nn/__init__.py", "vendor/runtime/a.wasm",
        "py/digits/idx.py", "py/nn/__pycache__/idx.pyc", "py/web/worker.py", "py/hosting/server.py", "py/train.py",
        "weights/a.pk1", "weights/b.npz", "assets/icon.svg", "assets/app.webmanifest", "vendor/runtime/a.whl",
        "vendor/runtime/a.mjs", "vendor/.lock", ".git/config", "tests/run.py",
    ):  # fmt: skip
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    (tmp_path / "secret.txt").write_text("secret")
    third_party = [
        entry(name, f"this is vendor/runtime/{name}".encode(), f"cdn /{name}") for name in ("a.whl", "a.mjs", "a.wasm")
    ]
    write_lock(tmp_path / "project/vendor.lock.json", "http://127.0.0.1:9", runtime=third_party, pillow=[])
    return tmp_path / "project"


@contextlib.contextmanager
def serving(root: Path) -> Iterator[Server]:
    """A server of the project at `root`, in a thread."""
    with Server(Site(root), "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def connection(project: Path) -> Iterator[http.client.HTTPConnection]:
    """One connection to a server of that project."""
    with serving(project) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        yield connection
        connection.close()


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.status, response.headers, response.read()
