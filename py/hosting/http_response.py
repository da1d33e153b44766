"""Answers to HTTP requests for the site's files: their types and headers, ranges, and what did not change."""

from __future__ import annotations

import functools
import os
import re
import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

from hosting.http_request import Request
from hosting.mnist_parts import FOLDER as MNIST
from hosting.site import MADE, Site
from vendoring.files import identity, sha256
from vendoring.lock import VendorError

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

SMALL = 1 << 16  # bytes of a file that is read at once


@dataclass
class Response:
    """What is sent: the head, then a part of the body, which is a file if it is large."""

    head: bytes
    body: bytes | Path
    part: range
    is_last: bool  # of its connection


@dataclass
class Content:
    """What is at a URL."""

    body: bytes | Path
    size: int
    etag: str
    changed: float | None = None  # seconds since 1970; None for what was made for this request


def takes_long(site: Site, request: Request, since: float) -> bool:
    """Whether the answer may have to be made or downloaded first: the first request for MNIST can take minutes."""
    name = request.name
    return name.startswith(f"{MNIST}/") or (name in MADE and not site.has_made(name, since))


def respond(site: Site, request: Request, url: str, since: float) -> Response:
    """The answer to a request that arrived before `since`; `url` is the address of the page."""
    name = request.name
    try:
        content = _content(site, name, since)
    except (VendorError, OSError) as error:
        return sentence(HTTPStatus.SERVICE_UNAVAILABLE, str(error), request)
    if content is None:
        return sentence(HTTPStatus.NOT_FOUND, f"There is no {name} here: the page is at {url}", request)
    suffix = os.path.splitext(name or "index.html")[1].lower()
    headers = {"Content-Type": TYPES.get(suffix, "application/octet-stream"), "ETag": content.etag}
    if content.changed is not None:
        headers["Last-Modified"] = _date(int(content.changed))
    if request.is_unchanged(content.etag, content.changed):
        return _response(HTTPStatus.NOT_MODIFIED, headers, b"", range(0), request)
    status, part = HTTPStatus.OK, request.asked_part(content.etag, content.size)
    if part is not None:
        status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        headers["Content-Range"] = f"bytes {f'{part[0]}-{part[-1]}' if part else '*'}/{content.size}"
    else:
        part = range(content.size)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(len(part))}
    return _response(status, headers, content.body, part, request)


def sentence(status: HTTPStatus, words: str, request: Request | None = None) -> Response:
    """An answer in words; the last one of its connection if there is no request that could be read."""
    body = f"{words}\n".encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    return _response(status, headers, body, range(len(body)), request)


def _content(site: Site, name: str, since: float) -> Content | None:
    if name in MADE:
        made = site.make(name, since)
        return None if made is None else Content(made, len(made), f'"{_version(made)}"')
    path = site.find(name)
    if path is None:
        return None
    status = os.stat(path)
    version = identity(status)
    etag = '"' + "-".join(f"{part:x}" for part in version) + '"'
    body = path if status.st_size > SMALL else _read(path, version)
    return Content(body, status.st_size if isinstance(body, Path) else len(body), etag, status.st_mtime)


def _response(
    status: HTTPStatus, headers: dict[str, str], body: bytes | Path, part: range, request: Request | None
) -> Response:
    is_last = request is None or request.is_last
    headers |= HEADERS | {
        "Date": _date(int(time.time())),
        "Content-Security-Policy": _policy(request.target if request else ""),
    }
    if is_last:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    head = "\r\n".join(lines).encode("latin-1")
    return Response(head, body, range(0) if request and request.method == "HEAD" else part, is_last)


def _policy(target: str) -> str:
    """The Content-Security-Policy. Sites may frame only `?embed`, which shows nothing but the pad or a chapter."""
    embeds = re.search(r"[?&]embed(?![^=&])", target)
    return CONTENT_SECURITY_POLICY if embeds else f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"


@functools.lru_cache(maxsize=500)
def _read(path: Path, version: tuple[int, ...]) -> bytes:
    """A small file, read once for each version."""
    return path.read_bytes()


@functools.lru_cache(maxsize=len(MADE))
def _version(made: bytes) -> str:
    return sha256(made)


@functools.lru_cache(maxsize=1000)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
