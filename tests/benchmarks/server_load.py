#!/usr/bin/env python3
"""serve.py under load: hundreds of clients at once, for one file or for all of a first visit, and what silent and stalled ones
cost the others.

Needs Linux, which tells the memory of another process. Run it with `python tests/benchmarks/server_load.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import selectors
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from served_page import PROJECT, resident_megabytes, serving

LARGE = ("/vendor/runtime/pyodide.asm.wasm", "/archives/python.tar.gz", "/archives/page.tar.gz")


def main() -> None:
    options = parser().parse_args()
    with serving() as (url, process):
        address = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
        before = resident_megabytes(process)
        figures: dict[str, float] = {"memory_before_mb": before}
        figures |= {f"alone_{name}": value for name, value in fetch_at_once(address, "/", options.clients).items()}
        with contextlib.ExitStack() as stack:
            for _ in range(options.idle):
                stack.enter_context(socket.create_connection(address, timeout=10))
            for number in range(options.stalled):
                stalled = stack.enter_context(socket.create_connection(address, timeout=10))
                stalled.sendall(request(LARGE[number % len(LARGE)]))
            figures |= {f"beside_{name}": value for name, value in fetch_at_once(address, "/", options.clients).items()}
            figures["memory_growth_mb"] = resident_megabytes(process) - before
        computed = cpu_seconds(process)
        figures |= {f"visits_{name}": value for name, value in visit_at_once(address, options.clients).items()}
        figures["visits_server_cpu_s"] = cpu_seconds(process) - computed
    print(json.dumps(figures) if options.json else "\n".join(f"{name:24} {value:10.2f}" for name, value in figures.items()))


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=500, help="clients that ask for the page at the same time [500]")
    parser.add_argument("--idle", type=int, default=300, help="connections that ask for nothing [300]")
    parser.add_argument("--stalled", type=int, default=60, help="downloads of the largest files that read nothing [60]")
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    return parser


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


def fetch_at_once(address: tuple[str, int], path: str, clients: int) -> dict[str, float]:
    """Have all clients connect, ask and read until the end at the same time."""
    began = time.perf_counter()
    answers: dict[socket.socket, bytes] = {}
    seconds: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            selector.register(client, selectors.EVENT_WRITE, client)
            answers[client] = b""
        while selector.get_map():
            for key, event in selector.select(30):
                client = key.data
                if event & selectors.EVENT_WRITE:
                    client.send(request(path))
                    selector.modify(client, selectors.EVENT_READ, client)
                elif received := client.recv(1 << 16):
                    answers[client] += received
                else:
                    seconds.append(time.perf_counter() - began)
                    selector.unregister(client)
                    client.close()
    complete = {len(answer) for answer in answers.values() if answer.startswith(b"HTTP/1.1 200") and b"</html>" in answer}
    assert len(complete) == 1, "not every client got the page"
    return {"served": clients, "median_s": sorted(seconds)[clients // 2], "last_s": max(seconds)}


def first_visit() -> list[str]:
    """The paths that a browser asks for until the first prediction: what index.html names, what that imports, and Python."""
    models = json.loads((PROJECT / "weights" / "models.json").read_text(encoding="utf-8"))
    network = next(model for model in models["models"] if model["name"] == models["default"])
    index = (PROJECT / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'<(?:link|script) [^>]*(?:href|src)="([^"]+)"', index)
    paths = [
        "",
        *named,
        "js/python/worker.js",
        "weights/models.json",
        f"weights/{network['file']}",
        f"weights/{network['card']}",
    ]
    paths += ["vendor/runtime/pyodide.mjs", "vendor/runtime/pyodide.asm.mjs"]
    paths += [f"archives/{name}" for name in ("downloads.json", "python.tar.gz", "page.tar.gz")]
    for path in paths:  # grows meanwhile
        if path.startswith("js/"):
            imported = re.findall(r'^import .*"(\..+)";$', (PROJECT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
            found = [(PROJECT / path).parent.joinpath(name).resolve().relative_to(PROJECT).as_posix() for name in imported]
            paths += [name for name in dict.fromkeys(found) if name not in paths]
    return list(dict.fromkeys(paths))


def visit_at_once(address: tuple[str, int], clients: int) -> dict[str, float]:
    """Have all clients ask for every file of a first visit at the same time, each over one connection, one after another."""
    began = time.perf_counter()
    requests = [f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in first_visit()]
    received, seconds, buffer = 0, [], bytearray(1 << 20)
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            selector.register(client, selectors.EVENT_WRITE, Visit(client))
        while selector.get_map():
            for key, event in selector.select(60):
                visit = key.data
                if event & selectors.EVENT_READ:
                    received += visit.take(buffer)
                    if visit.missing != 0:
                        continue
                if visit.asked < len(requests):
                    visit.ask(requests[visit.asked])
                    selector.modify(visit.client, selectors.EVENT_READ, visit)
                else:
                    seconds.append(time.perf_counter() - began)
                    selector.unregister(visit.client)
                    visit.client.close()
    figures = {"clients": clients, "requests": clients * len(requests), "megabytes": received / 1e6}
    figures |= {"median_s": sorted(seconds)[clients // 2], "last_s": max(seconds)}
    return figures | {"requests_per_s": clients * len(requests) / max(seconds)}


class Visit:
    """One client, and how much of the answer to its last request is still missing (None: not known yet)."""

    def __init__(self, client: socket.socket) -> None:
        self.client, self.asked, self.head = client, 0, b""
        self.missing: int | None = None

    def ask(self, request: bytes) -> None:
        self.client.send(request)
        self.asked, self.head, self.missing = self.asked + 1, b"", None

    def take(self, buffer: bytearray) -> int:
        """Receive what has arrived, without copying what follows the headers; returns its size."""
        if self.missing is not None:
            size = self.client.recv_into(buffer, 0, socket.MSG_TRUNC)
            self.missing -= size
        else:
            size = self.client.recv_into(buffer, 1 << 16)
            self.head += buffer[:size]
            head, end, body = self.head.partition(b"\r\n\r\n")
            if end:
                assert head.startswith(b"HTTP/1.1 200"), head
                self.missing = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0]) - len(body)
        assert size, "the server closed a connection"
        return size


def cpu_seconds(process: int) -> float:
    """Time that the process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
