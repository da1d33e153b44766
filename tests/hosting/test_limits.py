"""Many, silent, slow and greedy clients of serve.py: what they may take, and that the others are served."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import socket
import sys
import threading
from pathlib import Path

import pytest

from hosting import connection as connection_module
from hosting import mnist_parts
from hosting import server as server_module
from hosting.server import Server
from hosting.site import Site

from .conftest import get, serving


def test_many_browsers_can_call_at_once(project: Path) -> None:
    with Server(Site(project), "127.0.0.1", 0) as server, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", server.server_port)
        clients = [
            stack.enter_context(socket.create_connection(address, timeout=2)) for _ in range(100)
        ]  # none is answered yet
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for client in clients:
            client.sendall(b"GET /js/main.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert all(client.makefile("rb").read().endswith(b"this is js/main.js") for client in clients)
        server.shutdown()


def test_silent_and_slow_connections_are_closed_and_others_are_served(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "PATIENCE", 0.5)
    (project / "assets/large.png").write_bytes(bytes(30_000_000))
    with serving(project) as server, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", server.server_port)
        silent, stalled, flooding = (stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(3))
        stalled.sendall(b"GET /assets/large.png HTTP/1.1\r\nHost: localhost\r\n\r\n")
        other = http.client.HTTPConnection(*address, timeout=10)
        stack.callback(other.close)
        for _ in range(2):  # the first one may end a moment before the stalled one
            slow = stack.enter_context(socket.create_connection(address, timeout=10))
            with contextlib.suppress(ConnectionError):
                for byte in itertools.cycle(b"GET /a"):
                    slow.sendall(bytes([byte]))
                    assert get(other, "/js/main.js")[0] == 200
        assert silent.recv(1) == b""
        received = 0
        with contextlib.suppress(ConnectionError):
            while chunk := stalled.recv(1 << 20):
                received += len(chunk)
        assert 0 < received < 30_000_000
        with pytest.raises(ConnectionError):  # it asks a million times and reads nothing
            flooding.sendall(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000_000)


if sys.platform == "linux":  # which tells how much memory a process holds

    def test_stalled_downloads_hold_no_file_in_memory(project: Path) -> None:
        (project / "assets/large.png").write_bytes(bytes(30_000_000))
        with serving(project) as server, contextlib.ExitStack() as stack:
            before = resident_megabytes()
            for _ in range(20):
                stalled = stack.enter_context(socket.create_connection(("127.0.0.1", server.server_port), timeout=10))
                stalled.sendall(b"GET /assets/large.png HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert stalled.recv(8) == b"HTTP/1.1"
            assert resident_megabytes() - before < 60  # the files would be 600

    def resident_megabytes() -> float:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1000


def test_one_connection_too_many_ends_the_one_that_was_idle_for_longest(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CONNECTIONS", 3)
    with serving(project) as server, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", server.server_port)
        silent = [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(20)]
        connection = http.client.HTTPConnection(*address, timeout=10)
        stack.callback(connection.close)
        assert get(connection, "/js/main.js")[0] == 200
        for ended in silent[:18]:
            assert ended.recv(1) == b""


def test_others_are_served_while_one_waits_for_a_download(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, downloaded = threading.Event(), threading.Event()

    def find(*_: object) -> Path:
        asked.set()
        assert downloaded.wait(10)
        return project / "js/main.js"

    monkeypatch.setattr(mnist_parts, "find", find)
    with serving(project) as server, contextlib.ExitStack() as stack:
        waiting, other = (http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10) for _ in range(2))
        stack.callback(waiting.close)
        stack.callback(other.close)
        waiting.request("GET", "/mnist/parts.json")
        assert asked.wait(10)
        assert get(other, "/js/main.js")[0] == 200
        downloaded.set()
        assert waiting.getresponse().read() == b"this is js/main.js"
