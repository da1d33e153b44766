"""A stand-in for the public CDN on this machine, and projects with small third-party files of our own making."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vendoring.vendor import Vendor


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
