"""Answers HTTP requests for the site's files: their types and headers, ranges, and what did not change."""

from __future__ import annotations

import io
import math
import os
import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

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
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # keep it, but ask each time whether it changed
}

PATIENCE = 30.0  # seconds in which a request must arrive, and in which a client must take a chunk of the answer
CHUNK = 1 << 17  # bytes


@dataclass
class Content:
    """An open file, or one that was made for this request (then without the time of its last change)."""

    stream: BinaryIO
    size: int
    etag: str
    changed: float | None = None


class RequestHandler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, in a thread of its own."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "serve.py", ""
    disable_nagle_algorithm = True
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s.\n"
    server: Server
    path = ""

    def handle_one_request(self) -> None:
        self.server.set_deadline(self.connection, PATIENCE)
        super().handle_one_request()

    def do_GET(self) -> None:
        self.server.set_deadline(self.connection, math.inf)  # the first request for MNIST can take minutes
        if problem := self._problem():
            self.close_connection = True  # what follows may be a body, not the next request
            self._send_sentence(*problem)
            return
        name = unquote(urlsplit(self.path).path).removeprefix("/")
        try:
            content = self._open(name)
        except (VendorError, OSError) as error:
            self._send_sentence(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            return
        if content is None:
            self._send_sentence(HTTPStatus.NOT_FOUND, f"There is no {name} here: the page is at {self.server.url}")
            return
        with content.stream:
            self._send(content, TYPES.get(PurePosixPath(name or "index.html").suffix.lower(), "application/octet-stream"))

    do_HEAD = do_GET

    def _problem(self) -> tuple[HTTPStatus, str] | None:
        """Why the request is refused, or None if it is not."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) > 1 or (not hosts and self.request_version == "HTTP/1.1") or not self.path.startswith("/"):
            return HTTPStatus.BAD_REQUEST, "A request needs one Host header and a path."
        if hosts and not self.server.is_known_as(hosts[0]):
            sentence = f"This is {self.server.url}, not {hosts[0]}: to use that name, give it to serve.py with --host."
            return HTTPStatus.MISDIRECTED_REQUEST, sentence
        has_body = self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers
        malformed = self.headers.defects or any(name != name.strip() for name in self.headers)
        if has_body or malformed:
            return HTTPStatus.BAD_REQUEST, "A request for a file has no body and well-formed headers."
        return None

    def _open(self, name: str) -> Content | None:
        if name in MADE:
            made = self.server.site.make(name)
            return None if made is None else Content(io.BytesIO(made), len(made), f'"{sha256(made)}"')
        path = self.server.site.find(name)
        if path is None:
            return None
        stream = path.open("rb")
        status = os.fstat(stream.fileno())
        version = "-".join(f"{part:x}" for part in identity(status))
        return Content(stream, status.st_size, f'"{version}"', status.st_mtime)

    def _send(self, content: Content, kind: str) -> None:
        """Send all of the content, the range that was asked for, or only that it did not change."""
        unchanged, asked = self._is_unchanged(content), None
        if not unchanged and self.headers.get("If-Range", content.etag) == content.etag:
            asked = parse_range(self.headers.get("Range", ""), content.size)
        if unchanged:
            self.send_response(HTTPStatus.NOT_MODIFIED)
        elif asked is None:
            self.send_response(HTTPStatus.OK)
        else:
            self.send_response(HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes {f'{asked[0]}-{asked[-1]}' if asked else '*'}/{content.size}")
        part = range(0 if unchanged else content.size) if asked is None else asked
        if not unchanged:
            self.send_header("Content-Length", str(len(part)))
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", kind)
        self.send_header("ETag", content.etag)
        if content.changed is not None:
            self.send_header("Last-Modified", formatdate(content.changed, usegmt=True))
        self.end_headers()
        if self.command == "GET":
            self._stream(content.stream, part)

    def _is_unchanged(self, content: Content) -> bool:
        """Whether the client has this version (RFC 9110, section 13.2.2: If-None-Match first)."""
        if known := self.headers.get("If-None-Match"):
            return any(tag.strip().removeprefix("W/") in (content.etag, "*") for tag in known.split(","))
        try:
            since = parsedate_to_datetime(self.headers["If-Modified-Since"]).timestamp()
        except (TypeError, ValueError, OverflowError):
            return False
        return content.changed is not None and int(content.changed) <= since

    def _stream(self, stream: BinaryIO, part: range) -> None:
        for start in part[::CHUNK]:
            count = min(CHUNK, part.stop - start)
            self.server.set_deadline(self.connection, PATIENCE)
            if self.connection.sendfile(stream, start, count) < count:  # the file was cut while we sent it
                self.close_connection = True
                return

    def _send_sentence(self, status: HTTPStatus, sentence: str) -> None:
        body = f"{sentence}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", self.error_content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _policy(self) -> str:
        """The Content-Security-Policy. Sites may frame only `?embed`, which shows nothing but the pad or a chapter."""
        embeds = re.search(r"[?&]embed(?![^=&])", self.path)
        return CONTENT_SECURITY_POLICY if embeds else f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self._policy())
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.server.set_deadline(self.connection, PATIENCE)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


def parse_range(header: str, size: int) -> range | None:
    """The bytes that a Range header asks for, none of them if they are beyond the end.

    None stands for the whole file: there is no range, or several, or it is not well formed.
    """
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header)
    if not match or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(min(int(first), size), min(int(last) + 1, size) if last else size)
