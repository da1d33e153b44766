"""A page in a browser context of its own, and a watch over what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hand import PATIENCE
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

NO_COPY = "delete Navigator.prototype.serviceWorker"


class Watch:
    """Everything a page did that a page of ours must not do."""

    def __init__(self, context: BrowserContext, origin: str, expected: str | None, expected_uncaught: str | None) -> None:
        self.complaints: list[str] = []
        self.origin = origin
        self.expected = expected
        self.expected_uncaught = expected_uncaught
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complain(f"uncaught: {error.error}", self.expected_uncaught))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "willReadFrequently" not in message.text:  # it is the tests that read
            self._complain(f"console {message.type}: {message.text}", self.expected)

    def _complain(self, complaint: str, expected: str | None) -> None:
        if not (expected and re.search(expected, complaint)):
            self.complaints.append(complaint)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")


@contextmanager
def watched_page(
    browser: Browser,
    url: str,
    expected_console: str | None = None,
    prepare: Callable[[Page], object] | None = None,
    expected_uncaught: str | None = None,
    offline_copy: bool = False,
    **context_options: Any,
) -> Iterator[Page]:
    """Open the page in a fresh context.

    `expected_console` and `expected_uncaught` are patterns of the messages and the uncaught exceptions that it may have,
    `prepare(page)` is called before it loads, and all other arguments go to Playwright's `new_context` (viewport, has_touch,
    color_scheme …). Without `offline_copy`, the page has no service worker, as over plain HTTP from another machine: every new
    context would make that copy again, which takes as long as the rest of a start. At the end, any other error or warning on
    the console, any other uncaught exception and any request to another origin fail the test.
    """
    assert "bypass_csp" not in context_options
    context = browser.new_context(**context_options)
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, "/".join(url.split("/")[:3]) + "/", expected_console, expected_uncaught)
    if not offline_copy:
        context.add_init_script(NO_COPY)
    page = context.new_page()
    if prepare:
        prepare(page)
    page.goto(url)
    yield page
    context.close()
    assert not watch.complaints, "the page " + "; ".join(watch.complaints)
