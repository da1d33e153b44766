"""Listens for browsers: where, how many at a time, and for how long."""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import math
import os
import re
import socket
import socketserver
import sys
import time
from typing import Any

from hosting import request_handler
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


class Server(socketserver.ThreadingTCPServer):
    """Listens as soon as it is made; `port` 0 takes a free one. Raises PortError."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share one port
    request_queue_size = 512

    def __init__(self, site: Site, host: str, port: int) -> None:
        self.site = site
        self.host = host
        self._deadlines: dict[socket.socket, float] = {}
        self._capacity = _capacity()
        self._looked = -math.inf  # when connections were last dropped
        if ":" in host:
            self.address_family = socket.AF_INET6
        if port in BLOCKED_PORTS:
            raise PortError(f"Browsers do not open port {port}: choose another one, such as --port 8000 (0 finds a free one).")
        try:
            super().__init__((host, port), request_handler.RequestHandler)
        except OSError as error:
            raise PortError(_explain(error, host, port)) from None

    @property
    def server_port(self) -> int:
        return int(self.server_address[1])

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
        if ipaddress.ip_address(str(self.server_address[0])).is_loopback:
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

    def set_deadline(self, connection: socket.socket, seconds: float) -> None:
        """Close the connection if it has not come further in so many seconds."""
        self._deadlines[connection] = time.monotonic() + seconds

    def process_request(self, request: Any, client_address: Any) -> None:
        if len(self._deadlines) >= self._capacity:
            self._drop(min(self._deadlines.copy().items(), key=lambda item: item[1])[0])
        self.set_deadline(request, request_handler.PATIENCE)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._deadlines.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Drop the connections whose time is over; called about twice a second, and after each new connection."""
        if (now := time.monotonic()) < self._looked + 0.1:
            return
        self._looked = now
        for connection, deadline in self._deadlines.copy().items():
            if deadline < now:
                self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._deadlines.pop(connection, None)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # its thread wakes up and ends

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):  # a browser that closed the connection is no error
            print(f"A request could not be answered ({error}).", file=sys.stderr)


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
        return CONNECTIONS
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
    return f"{host} is not an address of this machine ({error.strerror}): leave out --host, or give 127.0.0.1."
