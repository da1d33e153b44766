"""Reads HTTP requests: what is asked, which part, and which version the client has.

Python's `http.server` spends most of its time in `email.parser`, too much when a whole classroom opens the page at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote

MOST_BYTES = 1 << 16  # of a request

# RFC 9112, section 3; RFC 9110, section 5.6.2.
REQUEST_LINE = re.compile(r"([!-~]+) ([!-~]+) HTTP/1\.([01])")
NOT_IN_VALUES = re.compile(r"[\0\r\n]")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refused(Exception):
    """The request is answered only with this status and a sentence that says why."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Request:
    """What a client asks for; the names of its headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    is_last: bool  # of its connection

    @property
    def name(self) -> str:
        """The relative URL, without its query."""
        return unquote(self.target.partition("?")[0]).removeprefix("/")

    def is_unchanged(self, etag: str, changed: float | None) -> bool:
        """Whether the client has this version (RFC 9110, section 13.2.2: If-None-Match first)."""
        if known := self.headers.get("if-none-match"):
            return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known.split(","))
        if changed is None or "if-modified-since" not in self.headers:
            return False
        try:
            return int(changed) <= parsedate_to_datetime(self.headers["if-modified-since"]).timestamp()
        except (TypeError, ValueError, OverflowError):
            return False

    def asked_part(self, etag: str, size: int) -> range | None:
        """The bytes that are asked for, None for all of them; not a part of another version than the client has."""
        if "range" not in self.headers or self.headers.get("if-range", etag) != etag:
            return None
        return parse_range(self.headers["range"], size)


def parse_request(head: bytes) -> Request:
    """The request with this first line and headers. Raises Refused."""
    first, *lines = head.decode("latin-1").split("\r\n")
    start = REQUEST_LINE.fullmatch(first)
    if start is None or len(head) > MOST_BYTES:
        raise Refused(HTTPStatus.BAD_REQUEST, f"This is no request in HTTP/1.1 of at most {MOST_BYTES:,} bytes.")
    method, target, version = start.groups()
    if method not in ("GET", "HEAD"):
        raise Refused(HTTPStatus.NOT_IMPLEMENTED, f"Only GET and HEAD are answered here, not {method}.")
    headers = parse_headers(lines)
    if not target.startswith("/") or ("host" not in headers and version == "1"):
        raise Refused(HTTPStatus.BAD_REQUEST, "A request needs a Host header and a path.")
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise Refused(HTTPStatus.BAD_REQUEST, "A request for a file has no body.")
    return Request(method, target, headers, version == "0" or "close" in headers.get("connection", "").lower())


def parse_headers(lines: list[str]) -> dict[str, str]:
    """The headers by their names in lower case. Raises Refused for what a proxy might read differently."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not HEADER_NAME.fullmatch(name) or NOT_IN_VALUES.search(value) or (key == "host" and key in headers):
            raise Refused(HTTPStatus.BAD_REQUEST, "The headers of this request are malformed, or name two hosts.")
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return headers


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
