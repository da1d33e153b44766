"""Answers HTTP requests for the site's files: their types and headers, ranges, and what did not change."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
import socketserver
import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from hosting.http_request import Refused, Request, read_request
from hosting.site import MADE
from vendoring.files import identity, sha256
from vendoring.lock import VendorError

if TYPE_CHECKING:
    from hosting.server import Server

# Listed here because the system's own table may lack them or differ.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".c": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".gz": "application/gzip",
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".npz": "application/zip",
    ".pk1": "application/octet-stream",
}

# index.html has the same policy, except for frame-ancestors, which only works in a header, and Trusted Types, which are for
# the page alone; and a <meta> policy does not apply to workers.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'"
)

# Sent with every answer, as is the policy.
HEADERS = {
    "Server": "serve.py",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # keep it, but ask each time whether it changed
}

PATIENCE = 30.0  # seconds in which a request must arrive, and in which a client must take a chunk of the answer
CHUNK = 1 << 19  # bytes
SMALL = 1 << 16  # bytes that are sent together with the headers


@dataclass
class Content:
    """What is in a file: an open one if it is large."""

    body: bytes | BinaryIO
    size: int
    etag: str
    changed: float | None = None  # seconds since 1970; None for what was made for this request


class RequestHandler(socketserver.StreamRequestHandler):
    """Answers the requests of one connection, in a thread of its own."""

    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        while self._answer_next():
            pass

    def _answer_next(self) -> bool:
        """Answer a request; returns whether there may be another one."""
        self.server.set_deadline(self.connection, PATIENCE)
        try:
            request = read_request(self.rfile)
            if request is None:
                return False
            if not self.server.is_known_as(host := request.headers.get("host", "localhost")):
                sentence = f"This is {self.server.url}, not {host}: to use that name, give it to serve.py with --host."
                raise Refused(HTTPStatus.MISDIRECTED_REQUEST, sentence)
        except Refused as refused:
            self._send_sentence(refused.status, str(refused))
            return False  # what follows may be a body, not the next request
        self.server.set_deadline(self.connection, math.inf)  # the first request for MNIST can take minutes
        name = unquote(request.target.partition("?")[0]).removeprefix("/")
        with contextlib.ExitStack() as stack:
            try:
                content = self._open(name, stack)
            except (VendorError, OSError) as error:
                return self._send_sentence(HTTPStatus.SERVICE_UNAVAILABLE, str(error), request)
            if content is None:
                sentence = f"There is no {name} here: the page is at {self.server.url}"
                return self._send_sentence(HTTPStatus.NOT_FOUND, sentence, request)
            suffix = os.path.splitext(name or "index.html")[1].lower()
            return self._send_content(request, content, TYPES.get(suffix, "application/octet-stream"))

    def _open(self, name: str, stack: contextlib.ExitStack) -> Content | None:
        if name in MADE:
            made = self.server.site.make(name)
            return None if made is None else Content(made, len(made), f'"{_version(made)}"')
        path = self.server.site.find(name)
        if path is None:
            return None
        status = os.stat(path)
        version = identity(status)
        etag = '"' + "-".join(f"{part:x}" for part in version) + '"'
        if status.st_size > SMALL:
            return Content(stack.enter_context(open(path, "rb", buffering=0)), status.st_size, etag, status.st_mtime)
        body = _read(path, version)
        return Content(body, len(body), etag, status.st_mtime)

    def _send_content(self, request: Request, content: Content, kind: str) -> bool:
        """Send all of the content, the range that was asked for, or only that it did not change."""
        headers = {"Content-Type": kind, "ETag": content.etag}
        if content.changed is not None:
            headers["Last-Modified"] = _date(int(content.changed))
        if request.is_unchanged(content.etag, content.changed):
            return self._send(request, HTTPStatus.NOT_MODIFIED, headers, b"", range(0))
        status, part = HTTPStatus.OK, request.asked_part(content.etag, content.size)
        if part is not None:
            status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            headers["Content-Range"] = f"bytes {f'{part[0]}-{part[-1]}' if part else '*'}/{content.size}"
        else:
            part = range(content.size)
        headers |= {"Accept-Ranges": "bytes", "Content-Length": str(len(part))}
        return self._send(request, status, headers, content.body, part)

    def _send_sentence(self, status: HTTPStatus, sentence: str, request: Request | None = None) -> bool:
        body = f"{sentence}\n".encode()
        headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        return self._send(request, status, headers, body, range(len(body)))

    def _send(
        self, request: Request | None, status: HTTPStatus, headers: dict[str, str], body: bytes | BinaryIO, part: range
    ) -> bool:
        """Send an answer with a part of `body`; returns whether there may be another request. Without one it is the last."""
        stays_open = request is not None and not request.is_last
        headers |= HEADERS | {
            "Date": _date(int(time.time())),
            "Content-Security-Policy": _policy(request.target if request else ""),
        }
        if not stays_open:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        start = "\r\n".join(lines).encode("latin-1")
        if request and request.method == "HEAD":
            part = range(0)
        if isinstance(body, bytes) and len(part) <= SMALL:
            start, part = start + body[part.start : part.stop], range(0)
        self.server.set_deadline(self.connection, PATIENCE)
        self.connection.sendall(start)
        for first in part[::CHUNK]:
            count = min(CHUNK, part.stop - first)
            self.server.set_deadline(self.connection, PATIENCE)
            if isinstance(body, bytes):
                self.connection.sendall(memoryview(body)[first : first + count])
            elif self.connection.sendfile(body, first, count) < count:  # the file was cut while we sent it
                return False
        return stays_open


def _policy(target: str) -> str:
    """The Content-Security-Policy. Sites may frame only `?embed`, which shows nothing but the pad or a chapter."""
    embeds = re.search(r"[?&]embed(?![^=&])", target)
    return CONTENT_SECURITY_POLICY if embeds else f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"


@functools.lru_cache(maxsize=500)
def _read(path: Path, version: tuple[int, ...]) -> bytes:
    """A small file, read once for each version: with hundreds of threads, each call of the system costs a change of threads."""
    return path.read_bytes()


@functools.lru_cache(maxsize=len(MADE))
def _version(made: bytes) -> str:
    return sha256(made)


@functools.lru_cache(maxsize=1000)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
