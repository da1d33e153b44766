"""One connection to a browser: reads its requests and sends the answers, one after another.

Its methods are generators that yield what they wait for: a socket, and whether it can be read or written. So one thread
serves all connections (`Server.serve_forever`).
"""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from http import HTTPStatus
from io import FileIO
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, TypeVar

from hosting.http_request import MOST_BYTES, Refused, parse_request
from hosting.http_response import Response, respond, sentence, takes_long

if TYPE_CHECKING:
    from hosting.server import Server

PATIENCE = 30.0  # seconds in which a request must arrive, and in which a client must take more of the answer

T = TypeVar("T")
Steps = Generator[tuple[socket.socket, int], None, T]


class Connection:
    """A connection to `client`, which the server closes when the time in `deadline` has come."""

    def __init__(self, server: Server, client: socket.socket) -> None:
        self.server, self.client = server, client
        self.waits_for: tuple[socket.socket, int] | None = None
        self.deadline = math.inf
        self.steps = self._answer_all()
        self._received = b""

    def _answer_all(self) -> Steps[None]:
        """Answer all requests. Raises ConnectionError when the client has closed the connection."""
        is_last = False
        while not is_last:
            response = yield from self._next_response()
            yield from self._send(response)
            is_last = response.is_last

    def _next_response(self) -> Steps[Response]:
        """The response to the next request."""
        try:
            request = parse_request((yield from self._next_head()))
            if not self.server.is_known_as(host := request.headers.get("host", "localhost")):
                reason = f"This is {self.server.url}, not {host}: to use that name, give it to serve.py with --host."
                raise Refused(HTTPStatus.MISDIRECTED_REQUEST, reason)
        except Refused as refused:
            return sentence(refused.status, str(refused))
        site, url, since = self.server.site, self.server.url, self.server.woken
        if not takes_long(site, request, since):
            return respond(site, request, url, since)
        self.deadline = math.inf
        return (yield from in_thread(lambda: respond(site, request, url, since)))

    def _next_head(self) -> Steps[bytes]:
        """The first line and the headers of the next request. Raises Refused, or ConnectionError if there is none."""
        self.deadline = time.monotonic() + PATIENCE
        while b"\r\n\r\n" not in self._received:
            yield self.client, EVENT_READ
            received = self.client.recv(MOST_BYTES)
            if not received and not self._received:
                raise ConnectionError
            self._received += received
            if not received or len(self._received) > 2 * MOST_BYTES:
                raise Refused(HTTPStatus.BAD_REQUEST, f"This is no request in HTTP/1.1 of at most {MOST_BYTES:,} bytes.")
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        return head

    def _send(self, response: Response) -> Steps[None]:
        body, part = response.body, response.part
        if isinstance(body, bytes):
            content = memoryview(response.head + body[part.start : part.stop])
            yield from self._send_all(lambda sent: self.client.send(content[sent:]), len(content))
            return
        yield from self._send_all(lambda sent: self.client.send(response.head[sent:]), len(response.head))
        with FileIO(body) as file:

            def send_more(sent: int) -> int:
                if hasattr(os, "sendfile"):
                    return os.sendfile(self.client.fileno(), file.fileno(), part.start + sent, len(part) - sent)
                file.seek(part.start + sent)  # on Windows
                return self.client.send(file.read(min(1 << 19, len(part) - sent)))

            yield from self._send_all(send_more, len(part))

    def _send_all(self, send_more: Callable[[int], int], count: int) -> Steps[None]:
        """Send `count` bytes; `send_more` takes how many are sent already, and returns how many it has sent."""
        sent = 0
        while sent < count:
            try:
                more = send_more(sent)
            except BlockingIOError:
                self.deadline = time.monotonic() + PATIENCE
                yield self.client, EVENT_WRITE
                continue
            if not more:
                raise ConnectionError("the file has become shorter")
            sent += more


def in_thread(function: Callable[[], T]) -> Steps[T]:
    """Call the function in a thread, which does not keep the program from ending; returns and raises what it does."""
    ours, other = socket.socketpair()
    result: Future[T] = Future()

    def run() -> None:
        with other:  # closing it makes ours readable
            try:
                result.set_result(function())
            except Exception as error:
                result.set_exception(error)

    with ours:
        threading.Thread(target=run, daemon=True).start()
        yield ours, EVENT_READ
    return result.result()
