"""What all browser tests share: a browser, the page as `serve.py` serves and builds it, and a watch over both."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hand import PATIENCE
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]

settings.register_profile("alike", derandomize=True)  # what passes today passes tomorrow: examples depend on the test alone
settings.load_profile("alike")

BROWSER_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # its camera films a test pattern, once a test allows it
    # Whatever another host is asked, from the page or from a worker, fails and so shows.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as `python3 tests/run.py` found or installed it."""
    executable = os.environ.get("CHROMIUM")
    if not executable:
        pytest.exit("Start the tests with `python3 tests/run.py`: it finds the browser they need.", returncode=2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of the page as `serve.py` serves it."""
    command = [sys.executable, str(PROJECT / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Serving "), f"serve.py did not start: {line}"
        yield line.removeprefix("Serving ").strip()
        process.terminate()


class StaticHost(SimpleHTTPRequestHandler):
    """Any plain web host: it sends files, with the types that hosts know."""

    extensions_map = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page as `serve.py --build` writes it, below /some/repo/ of a plain web host."""
    root = tmp_path_factory.mktemp("host")
    subprocess.run([sys.executable, str(PROJECT / "serve.py"), "--build", str(root / "some" / "repo")], check=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticHost, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/repo/"
        server.shutdown()


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
        if message.type in ("error", "warning"):
            self._complain(f"console {message.type}: {message.text}", self.expected)

    def _complain(self, complaint: str, expected: str | None) -> None:
        if not (expected and re.search(expected, complaint)):
            self.complaints.append(complaint)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page(url)` opens the page in a fresh context and returns it.

    `expected_console` and `expected_uncaught` are patterns of the messages and the uncaught exceptions that it may have,
    `prepare(page)` is called before it loads, and all other arguments go to Playwright's `new_context` (viewport, has_touch,
    color_scheme …). When the test ends, any other error or warning on the console, any other uncaught exception and any
    request to another origin fail it.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_page(
        url: str,
        expected_console: str | None = None,
        prepare: Callable[[Page], object] | None = None,
        expected_uncaught: str | None = None,
        **context_options: Any,
    ) -> Page:
        assert "bypass_csp" not in context_options
        context = browser.new_context(**context_options)
        context.set_default_timeout(PATIENCE)
        origin = "/".join(url.split("/")[:3]) + "/"
        opened.append((context, Watch(context, origin, expected_console, expected_uncaught)))
        page = context.new_page()
        if prepare:
            prepare(page)
        page.goto(url)
        return page

    yield open_page
    for context, _ in opened:
        context.close()
    complaints = [complaint for _, watch in opened for complaint in watch.complaints]
    assert not complaints, "the page " + "; ".join(complaints)
