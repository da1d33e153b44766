"""A static host for the benchmarks: it can compress with gzip, as GitHub Pages does, and send over a slow link."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Link:
    """What lies between the host and the browser."""

    megabits: float | None = None  # a second
    latency: float = 0.0  # seconds, of each answer
    slow_cpu: int = 1  # so many times slower


@dataclass
class Host:
    """A static host: the built site at /, the bare page at /stock/."""

    site: Path
    stock: Path
    compresses: bool
    link: Link = field(default_factory=Link)
    sent: dict[str, list[int]] = field(default_factory=dict)  # by path: bytes on the wire, bytes of the file
    url: str = ""
    _compressed: dict[Path, bytes] = field(default_factory=dict)
    _pace: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str) -> tuple[bytes, bool] | None:
        """The bytes for a path, and whether they are compressed."""
        root, name = (self.stock, path[7:]) if path.startswith("/stock/") else (self.site, path[1:])
        file = root / (name or "index.html")
        if not file.is_file():
            return None
        compresses = self.compresses and file.suffix in (".html", ".css", ".js", ".mjs", ".json", ".wasm", ".svg")
        content = file.read_bytes()
        if compresses and file not in self._compressed:
            self._compressed[file] = gzip.compress(content, 6)
        wire = self._compressed[file] if compresses else content
        self.sent[path] = [len(wire), len(content)]
        return wire, compresses

    def transmit(self, write: Any, content: bytes) -> None:
        """Send the bytes at the speed of the link, which all answers share."""
        time.sleep(self.link.latency)
        if not self.link.megabits:
            write(content)
            return
        for start in range(0, len(content), 16_384):
            chunk = content[start : start + 16_384]
            with self._pace:
                time.sleep(8 * len(chunk) / self.link.megabits / 1e6)
            write(chunk)


TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@contextmanager
def hosting(host: Host) -> Iterator[Host]:
    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            answer = host.answer(path)
            if answer is None:
                self.send_error(404)
                return
            content, compressed = answer
            etag = f'"{hash(content):x}"'
            known = self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else 200)
            self.send_header("ETag", etag)
            self.send_header("Cache-Control", "max-age=600" if host.compresses else "no-cache")
            if not known:
                name = Path(path).name if Path(path).suffix else "index.html"
                self.send_header("Content-Type", TYPES.get(Path(name).suffix, "application/octet-stream"))
                self.send_header("Content-Length", str(len(content)))
                if compressed:
                    self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            if not known:
                host.transmit(self.wfile.write, content)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        host.url = f"http://127.0.0.1:{server.server_port}/"
        yield host
        server.shutdown()
