"""The training room as the tests use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect
from watched_page import watched_page

MINUTES = 300_000  # ms: a busy machine may take its time

SMALL = {"layers": "784-32-10", "samples": "6400", "batch": "64", "epochs": "2", "seed": "3"}
LONG = SMALL | {"layers": "784-128-10", "samples": "19200", "batch": "32", "epochs": "8"}  # some seconds on any machine
STEPS = 600  # per epoch of the long run

STORED = """async () => {
    const { kept } = await import("./js/storage.js");
    const shown = () => Number(document.querySelector("[data-metric=epoch]").dataset.value);
    for (;;) {
        const { settings, history, report, over, network } = await kept("run") ?? {};
        const step = report?.step ?? 0, stepsShown = Math.round(shown() * report?.steps_per_epoch);
        if (%s) return { settings, history, step, over };
        await new Promise(requestAnimationFrame);
    }
}"""

FILL = """async (settings) => {
    const { state } = await import("./js/main.js");
    state.set(settings);
    dispatchEvent(new PopStateEvent("popstate"));
}"""


# Makes the next request of the kind in `failing` fail inside Python, where there is no such request, and loses all requests
# of the kind in `lost`, as a worker does that is gone.
FAIL = """const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, transfer) {
    const fails = message.kind === globalThis.failing;
    if (fails) globalThis.failing = "";
    if (message.kind && message.kind === globalThis.lost) return;
    post.call(this, fails ? { ...message, kind: "an error" } : message, transfer);
};"""


def address(served: str, settings: dict[str, str]) -> str:
    return f"{served}?" + "&".join(f"{name}={value}" for name, value in {"room": "train", **settings}.items())


@contextmanager
def opened_room(browser: Browser, served: str, settings: dict[str, str]) -> Iterator[Page]:
    """The training room in a browser context of its own, with these settings in the address and the form."""
    with watched_page(browser, address(served, settings), viewport={"width": 1200, "height": 900}) as page:
        ready(page)
        yield page


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-state=ready]", timeout=MINUTES)
    page.locator("#plan:not(:empty)").wait_for(state="attached", timeout=MINUTES)


def fill(page: Page, settings: dict[str, str]) -> None:
    """Put these settings into the address and the form."""
    page.evaluate(FILL, settings)


def stage(page: Page, name: str) -> None:
    page.wait_for_selector(f"#train[data-stage={name}]", timeout=MINUTES)


def metric(page: Page, name: str) -> float:
    return float(page.locator(f"[data-metric={name}]").get_attribute("data-value") or "nan")


def stored(page: Page, condition: str = "over && network") -> dict[str, Any]:
    """The run that the browser stores, once this JavaScript condition holds for it."""
    record: dict[str, Any] = page.evaluate(STORED % condition)
    return record


def click_start(page: Page) -> None:
    """Start, or start over."""
    page.locator(":is(#train-start, #train-over):visible").first.click()


def start(page: Page) -> None:
    click_start(page)
    stage(page, "running")


def run_to_its_end(page: Page) -> dict[str, Any]:
    click_start(page)
    stage(page, "finished")
    return stored(page)


def use_the_network(page: Page) -> None:
    page.locator("#train-use").click()
    expect(page.locator("#model")).to_have_value("yours")
    page.get_by_role("button", name="Back to the shipped network").click()
    expect(page.locator("#model")).not_to_have_value("yours")
