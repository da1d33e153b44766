"""The page, loaded once for all tests of a file that leave nothing behind but ink."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hand import PATIENCE, Copy, Hand, copy_site
from playwright.sync_api import Browser, Page, expect
from training_room import address, ready
from watched_page import watched_page

from hosting.server import Server
from hosting.site import Site

PROJECT = Path(__file__).resolve().parents[2]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def loaded(browser: Browser, served: str) -> Iterator[Page]:
    """The served page, ready; a file's own, so that no test depends on which files ran before."""
    with watched_page(browser, served, viewport={"width": 1100, "height": 800}) as page:
        page.wait_for_selector("html[data-state=ready]")
        yield page


@pytest.fixture
def hand(loaded: Page) -> Hand:
    """A mouse over the ready page, with nothing drawn and the usual pen."""
    loaded.locator("#clear").click()
    expect(loaded.locator("#prediction")).to_be_empty()  # no answer of the test before is taken for a new one
    loaded.locator("#pen-width").fill("18")
    return Hand(loaded)


@pytest.fixture
def train(page: Callable[..., Page], served: str) -> Callable[..., Page]:
    """`train(settings)` opens the training room with these settings in the address; other arguments go to `page`."""

    def open_room(settings: dict[str, str], **options: Any) -> Page:
        opened = page(address(served, settings), viewport={"width": 1200, "height": 900}, **options)
        ready(opened)
        return opened

    return open_room


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """The site without its vendor/ folder. A test that names it before `page` closes the page before its server."""
    copy_site(tmp_path)
    with Server(Site(tmp_path), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Copy(tmp_path, server.url)
        server.shutdown()
