"""How serve.py answers requests: for parts of files and for what did not change, malformed ones, and those of other hosts."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
from pathlib import Path

import pytest

from .conftest import get


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("192.168.1.7", 200),
        ("evil.example", 421), ("evil.example:8000", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
        ("127.0.0.1@evil.example", 421), ("evil.example#127.0.0.1", 421), ("[::1", 421), ("", 421), (":8000", 421),
    ],
)  # fmt: skip
def test_a_foreign_host_name_is_refused(connection: http.client.HTTPConnection, host: str, status: int) -> None:
    answer, headers, body = get(connection, "/js/main.js", Host=host)
    assert answer == status
    assert headers["Content-Security-Policy"]
    if status == 421:
        assert body.decode().endswith(": to use that name, give it to serve.py with --host.\n")


@pytest.mark.parametrize(
    ("asked", "status", "sent", "place"),
    [
        ("bytes=0-3", 206, b"this", "bytes 0-3/18"), ("bytes=8-", 206, b"js/main.js", "bytes 8-17/18"),
        ("bytes=-2", 206, b"js", "bytes 16-17/18"), ("bytes=-99", 206, b"this is js/main.js", "bytes 0-17/18"),
        ("bytes=17-99", 206, b"s", "bytes 17-17/18"), ("bytes=18-", 416, b"", "bytes */18"),
        ("bytes=-0", 416, b"", "bytes */18"), ("bytes=4-2", 200, b"this is js/main.js", None),
        ("bytes=0-1,4-5", 200, b"this is js/main.js", None), ("bytes=-", 200, b"this is js/main.js", None),
        ("lines=0-3", 200, b"this is js/main.js", None), ("bytes=" + "9" * 5000 + "-", 200, b"this is js/main.js", None),
    ],
)  # fmt: skip
def test_a_part_of_a_file_can_be_asked_for(
    connection: http.client.HTTPConnection, asked: str, status: int, sent: bytes, place: str | None
) -> None:
    answer, headers, body = get(connection, "/js/main.js", Range=asked)
    assert (answer, body, headers["Content-Range"], headers["Content-Length"]) == (status, sent, place, str(len(sent)))
    assert headers["Accept-Ranges"] == "bytes"


def test_a_part_of_another_version_is_not_mixed_in(connection: http.client.HTTPConnection) -> None:
    etag = get(connection, "/js/main.js")[1]["ETag"]
    assert get(connection, "/js/main.js", Range="bytes=0-3", If_Range=etag)[0] == 206
    assert get(connection, "/js/main.js", Range="bytes=0-3", If_Range='"older"')[::2] == (200, b"this is js/main.js")


@pytest.mark.parametrize("path", ["/js/main.js", "/archives/sources.tar.gz", "/precache.js"])
def test_what_did_not_change_is_not_sent_again(connection: http.client.HTTPConnection, project: Path, path: str) -> None:
    etag = get(connection, path)[1]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert get(connection, path, If_None_Match=known)[::2] == (304, b"")
    assert get(connection, path, If_None_Match='"other"')[0] == 200
    (project / "js/main.js").write_text("this is js/main.J?")
    (project / "py/nn/new.py").touch()
    assert get(connection, path, If_None_Match=etag)[0] == 200


def test_the_time_of_the_last_change_is_compared_too(connection: http.client.HTTPConnection, project: Path) -> None:
    os.utime(project / "js/main.js", (1_700_000_000, 1_700_000_000))
    changed = get(connection, "/js/main.js")[1]["Last-Modified"]
    assert get(connection, "/js/main.js", If_Modified_Since=changed)[::2] == (304, b"")
    for other in ("Tue, 14 Nov 2023 22:13:19 GMT", "yesterday", ""):
        assert get(connection, "/js/main.js", If_Modified_Since=other)[0] == 200
    assert get(connection, "/js/main.js", If_Modified_Since=changed, If_None_Match='"other"')[0] == 200


def test_head_tells_the_size_only(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/js/main.js")
    response = connection.getresponse()
    assert (response.status, response.headers["Content-Length"], response.read()) == (200, "18", b"")


def test_what_is_no_request_for_a_file_is_refused_in_words(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/js/main.js", body=b"x")
    response = connection.getresponse()
    assert response.status == 501
    assert b"<" not in response.read()


INNER = b"GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: localhost\r\nContent-Length: %d" % len(INNER), b"Host: localhost\r\nContent-Length : %d" % len(INNER),
        b"Host: localhost\r\nTransfer-Encoding: chunked", b"Host: localhost\r\nno colon", b"Host: localhost\r\nHost: 127.0.0.1",
        b"Accept: */*", b"Host: localhost\r\n folded: line", b"Host: localhost\r\nX: a\rContent-Length: 9",
    ],
)  # fmt: skip
def test_a_body_is_never_taken_for_the_next_request(connection: http.client.HTTPConnection, headers: bytes) -> None:
    for method in (b"GET", b"HEAD", b"POST", b"PUT"):
        answers = ask(connection, method + b" /js/main.js HTTP/1.1\r\n" + headers + b"\r\n\r\n" + INNER)
        assert answers.startswith(b"HTTP/1.1 501" if method in (b"POST", b"PUT") else b"HTTP/1.1 400")
        assert answers.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "request_bytes",
    [b"\r\n", b"nonsense\r\n\r\n", b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01" * 99 + b"\n",
     b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n"],
)  # fmt: skip
def test_broken_requests_get_an_error_and_harm_nobody(connection: http.client.HTTPConnection, request_bytes: bytes) -> None:
    answer = ask(connection, request_bytes)
    assert not answer or re.search(rb"^HTTP/1.1 4|^Bad|^400|\.$", answer)
    assert get(connection, "/js/main.js")[0] == 200


def ask(connection: http.client.HTTPConnection, content: bytes) -> bytes:
    """All that the server answers to these bytes until it closes the connection."""
    with socket.create_connection((connection.host, connection.port), timeout=10) as client:
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):  # it closes without reading what follows a refused request
            while received := client.recv(65536):
                answer += received
        return answer
