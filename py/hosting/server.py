"""Listens for browsers: where, how many at a time, and for how long."""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import re
import selectors
import socket
import sys
import threading
import time
from selectors import EVENT_READ

from hosting.connection import Connection
from hosting.site import Site

# Ports that browsers do not open (https://fetch.spec.whatwg.org/#port-blocking).
BLOCKED_PORTS = frozenset(
    [1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111]
    + [113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548]
    + [554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566]
    + [6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080]
)

CONNECTIONS = 1000  # at the same time; one more takes the place of the one that has been idle for longest


class PortError(RuntimeError):
    """The address cannot be served; the message is one sentence for the user."""


class Server:
    """Listens as soon as it is made; `port` 0 takes a free one. Raises PortError."""

    def __init__(self, site: Site, host: str, port: int) -> None:
        self.site = site
        self.host = host
        self._connections: set[Connection] = set()
        self._capacity = _capacity()
        self._is_ending, self._has_ended = False, threading.Event()
        self.woken = 0.0  # when the newest requests had arrived (time.monotonic)
        if port in BLOCKED_PORTS:
            raise PortError(f"Browsers do not open port {port}: choose another one, such as --port 8000 (0 finds a free one).")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        both = host == "::" and socket.has_dualstack_ipv6()  # IPv4 as well
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=512, dualstack_ipv6=both)
        except OSError as error:
            raise PortError(_explain(error, host, port)) from None
        self._socket.setblocking(False)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def server_port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return self._url(self.host)

    @property
    def browser_url(self) -> str:
        """Where a browser on this machine finds the page: 0.0.0.0 and :: stand for all addresses."""
        return self._url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host))

    def _url(self, host: str) -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}/"

    @property
    def warning(self) -> str:
        """What it means that others can reach this address; empty if only this machine can."""
        if ipaddress.ip_address(str(self._socket.getsockname()[0])).is_loopback:
            return ""
        return (
            f"Everyone who can reach this machine at {self.url} can open the page, and the connection is not encrypted; what "
            "they draw stays in their browser. Browsers keep an offline copy only of pages with HTTPS."
        )

    def is_known_as(self, host: str) -> bool:
        """Whether a Host header names this server: localhost, an IP address or the name that it was started with.

        Any other name may belong to a site that made its own name lead here (DNS rebinding).
        """
        name = _host_name(host)
        return name in ("localhost", self.host.lower()) or _is_ip_address(name)

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until Ctrl-C, or until another thread calls `shutdown`, which is noticed within `poll_interval` seconds."""
        looked = 0.0
        with selectors.DefaultSelector() as self._selector:
            self._selector.register(self._socket, EVENT_READ)
            try:
                while not self._is_ending:
                    events = self._selector.select(poll_interval)
                    self.woken = time.monotonic()
                    for key, _ in events:
                        if key.data is None:
                            self._accept()
                        elif key.data in self._connections:  # not closed since
                            self._go_on(key.data)
                    if (now := time.monotonic()) > looked + 0.1:
                        looked = now
                        for late in [connection for connection in self._connections if connection.deadline < now]:
                            self._close(late)
            finally:
                for connection in list(self._connections):
                    self._close(connection)
                self._has_ended.set()

    def shutdown(self) -> None:
        """End `serve_forever`, which another thread runs."""
        self._is_ending = True
        self._has_ended.wait()

    def _accept(self) -> None:
        """Take all connections that have come; where there are too many, close the one that has been idle for longest."""
        with contextlib.suppress(OSError):  # BlockingIOError when there are no more
            while True:
                client, _ = self._socket.accept()
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if len(self._connections) >= self._capacity:
                    self._close(min(self._connections, key=lambda connection: connection.deadline))
                connection = Connection(self, client)
                self._connections.add(connection)
                self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Let a connection work until it has to wait."""
        before = connection.waits_for
        try:
            connection.waits_for = next(connection.steps)
        except (StopIteration, OSError):  # the browser has closed the connection, or the file is gone
            self._close(connection)
        except Exception as error:
            print(f"A request could not be answered ({error}).", file=sys.stderr)
            self._close(connection)
        else:
            if connection.waits_for != before:
                if before:
                    self._selector.unregister(before[0])
                self._selector.register(*connection.waits_for, connection)

    def _close(self, connection: Connection) -> None:
        self._connections.remove(connection)
        if connection.waits_for:
            self._selector.unregister(connection.waits_for[0])
        connection.steps.close()
        connection.client.close()


@functools.lru_cache(maxsize=100)
def _host_name(host: str) -> str:
    """The name in a Host header, without brackets and port; empty if it is malformed."""
    match = re.fullmatch(r"\[([0-9a-fA-F:.]+)\]|([^:\[\]]+)", re.sub(r":[0-9]*$", "", host))
    return (match[1] or match[2]).lower().removesuffix(".") if match else ""


@functools.lru_cache(maxsize=100)
def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _capacity() -> int:
    """How many connections this process can hold; each needs a file descriptor, and one more while it sends a file."""
    if sys.platform == "win32":
        return min(CONNECTIONS, 400)  # Python's select takes 512 there
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)  # some systems allow 256 at first
    wanted = 2 * CONNECTIONS + 100
    allowed = max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, min(CONNECTIONS, allowed - 100))


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE or getattr(error, "winerror", None) == 10013:
        return f"Port {port} is taken: stop what runs there, or choose another one with --port N (0 finds a free one)."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used: choose one above 1023 with --port N (0 finds a free one)."
    return f"{host} is not an address of this machine: leave out --host, or give 127.0.0.1."
