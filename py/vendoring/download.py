"""Downloads a file over HTTP, and resumes an interrupted download."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

CHUNK = 1 << 16
ATTEMPTS = 3


class Unreachable(Exception):
    """The host does not answer; there is no point in asking it again."""


class Missing(Exception):
    """The host answers, but does not have this file."""


def download(url: str, part: Path, limit: int, timeout: float, report: Callable[[int], None]) -> None:
    """Download `url` into `part`, continuing after the bytes that are already there.

    Stops after `limit` + 1 bytes: more cannot be the right file. `timeout` is in seconds, for each wait; `report` is
    called with the size of `part` as it grows. If the connection breaks, `part` keeps what arrived. Raises Unreachable
    or Missing.
    """
    for _ in range(ATTEMPTS):
        have = part.stat().st_size if part.exists() else 0
        try:
            response = _open(url, have, timeout)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and have:  # the file is not longer than our part: start over
                part.unlink()
                continue
            raise Missing(f"HTTP status {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(str(getattr(error, "reason", error)) or type(error).__name__) from None
        with response:
            if _copy(response, part, limit, report):
                return
    raise Unreachable("the connection broke off")


def _open(url: str, have: int, timeout: float) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    outcome: list[http.client.HTTPResponse | Exception] = []

    def ask() -> None:
        try:
            outcome.append(urllib.request.urlopen(request, timeout=timeout))
        except Exception as error:
            outcome.append(error)

    # In a thread, because a name lookup ignores the timeout: without a network it can take half a minute.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not outcome:
        raise TimeoutError(f"no answer within {timeout:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _copy(response: http.client.HTTPResponse, part: Path, limit: int, report: Callable[[int], None]) -> bool:
    """Whether the response arrived to its end, or to the limit."""
    with part.open("ab" if response.status == 206 else "wb") as file:
        have = file.tell()
        try:
            while have <= limit and (chunk := response.read(min(CHUNK, limit + 1 - have))):
                have += file.write(chunk)
                report(have)
        except (OSError, http.client.HTTPException):
            return False
    return have > limit or not response.length
