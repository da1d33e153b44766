"""Python raises in each kind of request that the page sends, and its worker dies in silence: the page says so in one sentence,
shows no old answer as if it were new, and reads the same drawing after a new start.

The requests of a training run are in test_train_trouble.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hand import FOUR, SEVEN, Hand, impatient
from picture_files import GOOD
from playwright.sync_api import Browser, Page, expect
from watched_page import watched_page

import web

# What the page sends is changed on its way to the worker: `raises` is the kind of the next request that Python does not know,
# and `kills` the kind of those that find no worker. (A worker that is terminated still answers what it has begun.)
FAULTS = """const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, transfer) {
    if (message.kind && message.kind === globalThis.kills) this.terminate();
    const raises = message.kind && message.kind === globalThis.raises;
    if (raises) globalThis.raises = "";
    post.call(this, raises ? { ...message, kind: "an error" } : message, transfer);
};"""


@pytest.fixture(scope="module")
def opened(browser: Browser, served: str) -> Iterator[Page]:
    with watched_page(
        browser, served, "KeyError", lambda page: page.add_init_script(FAULTS), viewport={"width": 1280, "height": 900}
    ) as page:
        page.wait_for_selector("html[data-state=ready]")
        yield page


@pytest.fixture
def faulty(opened: Page) -> Page:
    """The room Draw with a seven on its pad."""
    room(opened, "draw")
    opened.locator("#clear").click()
    hand = Hand(opened)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    return opened


def room(page: Page, name: str) -> None:
    page.locator(f"nav [data-room={name}]").click()


def unfold(page: Page, details: str) -> None:
    page.locator(details).evaluate("(details) => { details.open = true; }")


def draw(page: Page) -> None:
    page.locator("#clear").click()
    Hand(page).draw(FOUR)


def open_picture(page: Page) -> None:
    page.set_input_files("#upload", {"name": "seven.jpg", "mimeType": "", "buffer": GOOD["color.jpg"]()})


def look_at_the_source_code(page: Page) -> None:
    room(page, "inside")
    unfold(page, "#source-code")


def check_gradients(page: Page) -> None:
    look_at_the_source_code(page)
    page.evaluate("async () => (await import('./js/main.js')).state.set({ layer: '1', neuron: '2' })")
    page.locator("#check-gradients").dispatch_event("click")


def read_a_number(page: Page) -> None:
    page.locator("button[data-mode=number]").click()


def read_one_digit_of_a_number(page: Page) -> None:
    read_a_number(page)
    room(page, "inside")


def open_a_picture_of_a_number(page: Page) -> None:
    page.evaluate("() => { globalThis.raises = ''; }")
    read_a_number(page)
    Hand(page).answer()
    page.evaluate("() => { globalThis.raises = 'number_picture'; }")
    open_picture(page)


def change_a_setting(page: Page) -> None:
    room(page, "train")
    page.locator("#settings [name=seed]").fill("4")


ACTIONS: dict[str, Callable[[Page], None]] = {
    "open": lambda page: page.locator("#model").select_option("dense"),
    "read": draw,
    "picture": open_picture,
    "read_picture": open_picture,
    "sources": look_at_the_source_code,
    "check_gradients": check_gradients,
    "number": read_a_number,
    "read_place": read_one_digit_of_a_number,
    "number_picture": open_a_picture_of_a_number,
    "lesson": lambda page: room(page, "learn"),
    "training_form": lambda page: room(page, "train"),
    "plan": change_a_setting,
}
"""What somebody does to make the page send each kind of request."""

DIMMED = "() => Number(getComputedStyle(document.querySelector('#prediction')).opacity) < 0.5"


@pytest.mark.parametrize("kind", ACTIONS)
def test_when_python_raises_the_page_says_so_and_starts_again(faulty: Page, kind: str) -> None:
    faulty.evaluate("(kind) => { globalThis.raises = kind; }", kind)
    ACTIONS[kind](faulty)
    alert = faulty.locator("#alert")
    expect(alert).to_contain_text("Python stopped unexpectedly: your drawing is safe, try again.")
    expect(alert.locator("> *")).to_have_count(1)
    faulty.wait_for_function(DIMMED)
    alert.get_by_role("button", name="Try again").click()
    faulty.wait_for_selector("html[data-state=ready]")
    assert Hand(faulty).answer().digit == ("4" if kind == "read" else "7")
    expect(alert).to_be_hidden()
    if kind in ("number", "read_place", "number_picture"):
        faulty.locator("button[data-mode=digit]").click()


def test_a_worker_that_dies_in_silence_is_noticed(faulty: Page) -> None:
    faulty.evaluate("() => { globalThis.kills = 'read'; }")
    alert = faulty.locator("#alert")
    with impatient(faulty):
        draw(faulty)
        expect(alert).to_contain_text("Python has not answered for some seconds.")
    faulty.wait_for_function(DIMMED)
    faulty.evaluate("() => { globalThis.kills = ''; }")
    alert.get_by_role("button").click()
    faulty.wait_for_selector("html[data-state=ready]")
    assert Hand(faulty).answer().digit == "4"
    expect(alert).to_be_hidden()


def type_into_the_console(page: Page, text: str, key: str) -> None:
    unfold(page, "#console")
    page.locator("#console-input").fill(text)
    page.keyboard.press(key)


def check_an_exercise(page: Page) -> None:
    unfold(page, "#exercises")
    page.locator("#exercise-check").click()


def open_a_link(page: Page) -> None:
    page.evaluate(
        """async () => {
            const { linkToPatch } = await import("./js/code/edit_link.js");
            location.hash = await linkToPatch("--- a/py/nn/loss.py\\n+++ b/py/nn/loss.py\\n@@ -1,1 +1,1 @@\\n-a\\n+b\\n");
        }"""
    )


CODE_ACTIONS: dict[str, tuple[Callable[[Page], None], str]] = {
    "read_edited": (lambda page: page.locator("#code-run").click(), "#edited-status"),
    "check_edited": (lambda page: page.locator("#code-run").click(), "#edited-status"),
    "curve_edited": (lambda page: page.locator("#code-run").click(), "#edited-status"),
    "exercise_edited": (check_an_exercise, "#exercise-outcome"),
    "console_edited": (lambda page: type_into_the_console(page, "x.shape", "Enter"), "#console-output"),
    "complete_edited": (lambda page: type_into_the_console(page, "np.arang", "Tab"), "#console-output"),
    "diff": (lambda page: unfold(page, "#changes"), "#changes-outcome"),
    "apply": (open_a_link, "#alert"),
}
"""What somebody does in the room Code to make it send each kind of request, and where the page says what went wrong."""


def test_when_python_raises_as_the_room_code_opens_run_tries_again(opened: Page) -> None:
    room(opened, "draw")
    for kind in ("editable", "exercises"):
        opened.evaluate("(kind) => { globalThis.raises = kind; }", kind)
        if kind == "editable":
            room(opened, "code")
        else:
            opened.locator("#code-run").click()
        opened.wait_for_function("() => !globalThis.raises")
        expect(opened.locator("#edited-status")).to_contain_text("The editor could not start")
    opened.locator("#code-run").click()
    expect(opened.locator("#edited-status")).to_have_text("All checks passed.")


@pytest.mark.parametrize("kind", CODE_ACTIONS)
def test_when_python_raises_in_the_room_code_the_page_says_so_and_goes_on(opened: Page, kind: str) -> None:
    page = opened
    room(page, "code")
    action, place = CODE_ACTIONS[kind]
    page.evaluate("(kind) => { globalThis.raises = kind; }", kind)
    action(page)
    expect(page.locator(place)).to_contain_text("The code made Python stop")
    assert page.locator("html").get_attribute("data-state") == "ready"
    if kind == "apply":
        page.locator("#linked-discard").click()
        page.locator("#alert").get_by_role("button", name="Close").click()
    page.locator("#code-run").click()
    expect(page.locator("#edited-status")).to_have_text("All checks passed.")


def test_no_kind_of_request_is_forgotten() -> None:
    of_a_run = {"begin", "advance", "change_learning_rate", "pictures", "checkpoint", "network"}  # in test_train_trouble.py
    assert {*ACTIONS, *CODE_ACTIONS, "editable", "exercises", *of_a_run} == set(web.REQUESTS)
