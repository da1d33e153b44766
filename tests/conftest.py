"""What all browser tests share: a browser, the page as `serve.py` serves and builds it, and a watch over both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, sync_playwright
from static_host import hosted
from watched_page import watched_page

PROJECT = Path(__file__).resolve().parents[1]

settings.register_profile("alike", derandomize=True)  # what passes today passes tomorrow: examples depend on the test alone
settings.load_profile("alike")

BROWSER_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--no-first-run",
    "--use-fake-device-for-media-stream",  # its camera films a test pattern, once a test allows it
    # Two pages of the address bar, which every new window loads, are left out: they take a third of the time of opening a page.
    # This replaces Playwright's own list; what of it matters here is repeated.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,ThirdPartyStoragePartitioning",
    # Whatever another host is asked, from the page or from a worker, fails and so shows.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests in the browser go first: the files that are left for the end, when one process has no more, are short ones."""
    items.sort(key=lambda item: item.path.parent.name != "page")


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


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `serve.py --build` writes it, for all processes of pytest: a test that changes it copies it first."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "host" / "some" / "repo"
    if not folder.exists():
        command = [sys.executable, str(PROJECT / "serve.py"), "--build", str(own / "site")]
        assert subprocess.run(command, capture_output=True, text=True).stdout == f"The site stands in {own / 'site'}\n"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # another process was faster
            (own / "site").rename(folder)
    return folder


@pytest.fixture(scope="session")
def built(site_folder: Path) -> Iterator[str]:
    """The address of the built site, below /some/repo/ of a plain web host."""
    with hosted(site_folder.parents[1]) as address:
        yield f"{address}some/repo/"


@pytest.fixture
def page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page(url, …)` opens a `watched_page` and returns it; what it complains of fails the test at its end."""
    with ExitStack() as opened:
        yield lambda url, **options: opened.enter_context(watched_page(browser, url, **options))
