"""Downloads a file over HTTP: resumes what an interruption left, and gives an unreachable host up after one try."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHUNK = 1 << 16
ATTEMPTS = 3


class Unreachable(Exception):
    """The host does not answer: no use asking it again."""


class Missing(Exception):
    """The host answers, but does not give this file."""


def download(url: str, part: Path, timeout: float, advance: Callable[[int], None]) -> None:
    """Fetches `url` into `part`, going on after the bytes that are already there.

    `timeout` is in seconds, for each wait; `advance` hears of every few bytes. What had come stays in `part` when the
    connection breaks. Raises Unreachable or Missing.
    """
    for _ in range(ATTEMPTS):
        have = part.stat().st_size if part.exists() else 0
        try:
            response = _open(url, have, timeout)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and have:  # nothing beyond what we hold: begin anew
                part.unlink()
                advance(-have)
                continue
            raise Missing(f"HTTP status {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(getattr(error, "reason", error)) or type(error).__name__) from None
        with response:
            resumes = have > 0 and response.status == 206
            if have and not resumes:
                advance(-have)
            if _copy(response, part, "ab" if resumes else "wb", advance):
                return
    raise Unreachable("the connection broke off")


def _open(url: str, have: int, timeout: float) -> Any:
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    outcome: list[Any] = []

    def ask() -> None:
        try:
            outcome.append(urllib.request.urlopen(request, timeout=timeout))
        except Exception as error:
            outcome.append(error)

    # A name look-up heeds no timeout, hence the thread: where there is no network it can hang for half a minute.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not outcome:
        raise TimeoutError(f"no answer within {timeout:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _copy(response: Any, part: Path, mode: str, advance: Callable[[int], None]) -> bool:
    """True where all that the answer promised has come."""
    expected = response.headers.get("Content-Length")
    came = 0
    with part.open(mode) as file:
        while True:
            try:
                chunk = response.read(CHUNK)
            except (OSError, http.client.HTTPException):
                return False
            if not chunk:
                return expected is None or came == int(expected)
            file.write(chunk)
            came += len(chunk)
            advance(len(chunk))
