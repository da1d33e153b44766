"""The page, loaded once for all tests that leave nothing behind but ink."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hand import Hand
from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def loaded(browser: Browser, served: str) -> Iterator[Page]:
    """The served page, ready."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.goto(served)
    page.wait_for_selector("html[data-state=ready]")
    yield page
    context.close()


@pytest.fixture
def hand(loaded: Page) -> Hand:
    """A mouse over the ready page, with nothing drawn and the usual pen."""
    loaded.locator("#clear").click()
    loaded.locator("#pen-width").fill("18")
    return Hand(loaded)
