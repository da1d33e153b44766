"""Serves the site to a browser on this machine, so that an edited file shows at a plain reload."""

from __future__ import annotations

import errno
import os
import socket
import socketserver
import sys
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from hosting.site import MADE, Site
from vendoring.lock import VendorError

# Written out, as the machine's own table may lack them or say otherwise.
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
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".npz": "application/zip",
    ".pk1": "application/octet-stream",
}

# The page asks no host but its own. As a header, because a <meta> policy does not reach workers.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'"
)


class PortError(RuntimeError):
    """The address cannot be served on; the message is one sentence for a person."""


class Visit(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s.\n"
    server: Server

    def do_GET(self) -> None:
        name = unquote(urlsplit(self.path).path).removeprefix("/")
        try:
            made = self.server.site.make(name) if name in MADE else None
            path = self.server.site.find(name)
        except (VendorError, OSError) as error:
            self._send(f"{error}\n".encode(), self.error_content_type, status=HTTPStatus.SERVICE_UNAVAILABLE)
            return
        if made is not None:
            self._send(made, TYPES[PurePosixPath(name).suffix])
            return
        if path is None:
            sentence = f"There is no {name} here: the page is at {self.server.url}\n"
            self._send(sentence.encode(), self.error_content_type, status=HTTPStatus.NOT_FOUND)
            return
        status = path.stat()
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        kind = TYPES.get(PurePosixPath(path.name).suffix.lower(), "application/octet-stream")
        if self.headers.get("If-None-Match") == tag:
            self._send(None, kind, tag, status.st_mtime, HTTPStatus.NOT_MODIFIED)
        else:
            self._send(path.read_bytes(), kind, tag, status.st_mtime)

    do_HEAD = do_GET

    def _send(
        self,
        body: bytes | None,
        kind: str,
        tag: str | None = None,
        changed: float | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        if tag is not None:
            self.send_header("ETag", tag)
            self.send_header("Last-Modified", formatdate(changed, usegmt=True))
        self.send_header("Cache-Control", "no-cache")  # keep it, but ask each time whether it changed
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if body is not None and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Listens as soon as it is made; `port` 0 takes a free one. Raises PortError."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share one port

    def __init__(self, site: Site, host: str, port: int) -> None:
        self.site = site
        self.host = host
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), Visit)
        except OSError as error:
            raise PortError(_why(error, host, port)) from None

    def server_bind(self) -> None:
        # HTTPServer would look its own name up here, which can take seconds and serves nothing.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, self.server_address[1]

    @property
    def url(self) -> str:
        return self._url(self.host)

    @property
    def browser_url(self) -> str:
        """Where a browser on this machine finds the page: 0.0.0.0 and :: name all addresses, and are none."""
        return self._url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host))

    def _url(self, host: str) -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):  # a browser that went away is no error
            print(f"A request could not be answered ({error}).", file=sys.stderr)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE or getattr(error, "winerror", None) == 10013:
        return f"Port {port} is taken: stop what runs there, or choose another one with --port N (0 finds a free one)."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used: choose one above 1023 with --port N (0 finds a free one)."
    return f"{host} is no address of this machine ({error.strerror}): leave --host away, or give 127.0.0.1."
