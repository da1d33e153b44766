"""The training room when something goes wrong: it says one sentence, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from broken_networks import broken_networks
from hand import FOUR, SEVEN, Hand, impatient
from playwright.sync_api import Browser, Page, Route, expect
from training_room import (
    FAIL,
    LONG,
    MINUTES,
    SMALL,
    STEPS,
    address,
    click_start,
    fill,
    opened_room,
    ready,
    run_to_its_end,
    stage,
    start,
    stored,
    use_the_network,
)
from watched_page import watched_page


@pytest.fixture(scope="module")
def opened(browser: Browser, served: str) -> Iterator[Page]:
    with opened_room(browser, served, SMALL) as page:
        yield page


@pytest.fixture
def room(opened: Page) -> Page:
    """The training room with the settings of a small run; its first tests start none."""
    fill(opened, SMALL)
    return opened


@pytest.fixture(scope="module")
def uninterrupted(opened: Page) -> Any:
    """The history of the long run."""
    fill(opened, LONG)
    return run_to_its_end(opened)["history"]


NONSENSE = [
    ("learning-rate", "fast", "“fast” is not a number"),
    ("batch", "0", "out of range"),
    ("batch", "7000", "only 6,400 are chosen"),
    ("epochs", "-1", "out of range"),
    ("samples", "1e9", "not a whole number"),
    ("seed", "", "not a whole number"),
]


def test_nonsense_is_told_at_its_field_and_no_run_starts(room: Page) -> None:
    for field, nonsense, says in NONSENSE:
        box = room.locator(f"#train [name={field}]")
        right = box.input_value()
        box.fill(nonsense)
        room.locator("#train-start").click()
        problem = room.locator(f"#problem-{field}")
        expect(problem).to_contain_text(says)
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_be_focused()
        assert room.locator("#train").get_attribute("data-stage") == "none"
        box.fill(right)
        expect(problem).to_be_hidden()


def test_layers_too_large_for_the_memory_are_refused_with_the_estimate(room: Page) -> None:
    for _ in range(5):
        room.get_by_role("button", name="Add a layer").click()
    for width in room.locator("#layers input").all():
        width.fill("4096")
    expect(room.locator("[data-for=layers] small")).to_contain_text("GB")
    room.locator("#train-start").click()
    assert room.locator("#train").get_attribute("data-stage") == "none"


def test_files_that_hold_no_network_are_refused_and_the_old_one_reads_on(room: Page, tmp_path: Path) -> None:
    hand = Hand(room)
    hand.draw(SEVEN)
    seven = hand.answer()
    for name, content in broken_networks().items():
        (tmp_path / name).write_bytes(content)
        room.locator("#load-network").set_input_files(tmp_path / name)
        alert = room.locator("#train-alert")
        expect(alert).to_contain_text(name if name != "letters.npz" else "26")
        assert "Traceback" not in alert.inner_text()
        assert room.locator("#model").input_value() != "yours"
    room.locator("#clear").click()
    room.locator("#undo").click()
    again = hand.answer()
    assert (again.digit, again.confidence) == (seven.digit, seven.confidence)  # the bars are in a room that is not open


def test_a_download_that_breaks_off_is_said_and_goes_on_from_there(train: Callable[..., Page]) -> None:
    asked: list[str] = []
    breaks = True  # the route stays when it no longer breaks: one taken away may leave a request without an answer

    def broken(route: Route) -> None:
        asked.append(route.request.url.rsplit("/", 1)[1])
        route.abort() if breaks and "part6" in route.request.url else route.continue_()

    page = train(SMALL, expected_console="ERR_FAILED", prepare=lambda opened: opened.route("**/mnist/*part*", broken))
    page.locator("#train-start").click()
    expect(page.locator("#train-alert")).to_contain_text("could not be downloaded", timeout=MINUTES)
    assert page.locator("#train").get_attribute("data-stage") == "none"
    came = set(asked) - {"train-images-idx3-ubyte.part6"}

    breaks = False
    asked.clear()
    page.locator("#train-start").click()
    stage(page, "finished")
    expect(page.locator("#train-alert")).to_be_hidden()
    again = list(asked)
    assert "train-images-idx3-ubyte.part6" in again
    assert len(came & set(again)) <= 3  # no more than were under way when it broke


@pytest.mark.parametrize("refusal", ["open", "put"])
def test_storage_that_refuses_stops_nothing(train: Callable[..., Page], refusal: str) -> None:
    script = {
        "open": "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); }",
        "put": "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }",
    }[refusal]
    page = train(SMALL, prepare=lambda opened: opened.add_init_script(script))
    page.locator("#train-start").click()
    stage(page, "finished")
    expect(page.locator("#train-alert")).to_contain_text("could not store the run")
    page.locator("#train-use").click()
    expect(page.locator("#model")).to_have_value("yours")
    expect(page.locator("#alert")).to_contain_text("save it as a file")


def test_pause_step_reload_and_resume_give_the_curve_of_an_uninterrupted_run(room: Page, uninterrupted: dict[str, Any]) -> None:
    page = room
    fill(page, LONG)
    start(page)
    stored(page, f"!over && step > {STEPS}")
    page.locator("#train-pause").click()
    stage(page, "paused")
    before = stored(page, "step && step === stepsShown")["step"]  # the last slice has come in
    for n in (1, 2):
        page.locator("#train-step").click()
        assert stored(page, f"step > {before + n - 1}")["step"] == before + n
        stored(page, f"stepsShown === {before + n}")
    start(page)
    stored(page, f"stepsShown > {before + 2 + STEPS}")

    page.reload()
    ready(page)
    stage(page, "paused")
    page.wait_for_selector("[data-metric=epoch][data-value]:not([data-value='0'])")
    page.get_by_role("button", name="Resume").click()
    stage(page, "finished")
    assert stored(page)["history"] == uninterrupted


@pytest.fixture(scope="module")
def failing(browser: Browser, served: str) -> Iterator[Page]:
    """The training room, where requests can be made to fail."""
    with watched_page(browser, address(served, SMALL), "KeyError", lambda page: page.add_init_script(FAIL)) as page:
        ready(page)
        yield page


def test_a_start_and_an_end_that_fail_can_be_repeated(failing: Page) -> None:
    page = failing
    alert = page.locator("#train-alert")
    page.evaluate("() => { globalThis.failing = 'begin'; }")
    page.locator("#train-start").click()
    expect(alert).to_contain_text("stopped unexpectedly")
    stage(page, "none")
    page.evaluate("() => { globalThis.failing = 'network'; }")
    page.locator("#train-start").click()
    stage(page, "finished")
    expect(alert).to_contain_text("stopped unexpectedly")
    use_the_network(page)
    expect(alert).to_be_hidden()


def test_a_worker_that_is_gone_is_said_and_stop_ends_the_run_at_its_last_checkpoint(failing: Page) -> None:
    page = failing
    fill(page, LONG | {"epochs": "2000"})
    start(page)
    step = stored(page, "!over && step > 0")["step"]
    with impatient(page):
        page.evaluate("() => { globalThis.lost = 'advance'; }")
        expect(page.locator("#train-alert")).to_contain_text("not answering")
    page.evaluate("() => { globalThis.lost = ''; }")
    page.locator("#train-stop").click()
    stage(page, "finished")
    expect(page.locator("#train-alert")).to_be_hidden()
    assert stored(page, "over")["step"] >= step
    use_the_network(page)


def test_when_python_fails_the_run_continues_from_its_last_checkpoint(failing: Page, uninterrupted: dict[str, Any]) -> None:
    page = failing
    fill(page, LONG)
    start(page)
    stored(page, "!over && step > 0")
    for kind in ("advance", "change_learning_rate", "pictures", "checkpoint"):
        page.evaluate("(kind) => { globalThis.failing = kind; }", kind)
        if kind == "change_learning_rate":
            page.locator("#rate-now").fill("0.5")
            page.locator("#rate-now").blur()
        expect(page.locator("#train-alert")).to_contain_text("last checkpoint")
        stage(page, "paused")
        hand = Hand(page)
        page.locator("#clear").click()
        hand.draw(SEVEN)
        assert hand.answer().digit == "7"
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("#train-alert")).to_be_hidden()
    stage(page, "finished")
    expect(page.locator("#train-alert")).to_be_hidden()
    assert stored(page)["history"] == uninterrupted


def test_stop_takes_back_a_start_and_ends_a_paused_run_for_good(train: Callable[..., Page]) -> None:
    page = train(LONG)
    held: list[Route] = []
    released: list[bool] = []
    page.route("**/mnist/*part*", lambda route: route.continue_() if released else held.append(route))
    for click, then in (("start", "preparing"), ("stop", "none"), ("start", "preparing")):
        page.locator(f"#train-{click}").click()
        stage(page, then)
    released.append(True)
    for route in held:
        route.continue_()
    stage(page, "running")
    page.locator("#train-pause").click()
    stage(page, "paused")
    page.locator("#train-stop").click()
    assert stored(page)["step"] > 0
    expect(page.get_by_text("Images per second")).to_be_visible()
    expect(page.get_by_text("Time left")).to_be_hidden()
    page.reload()
    ready(page)
    stage(page, "finished")


DAMAGE = """async () => {
    const { keep, kept } = await import("./js/storage.js");
    const { storedRun } = await import("./js/train/stored_run.js");
    const run = await kept("run");
    const damaged = structuredClone(run);
    ((run) => { %s; })(damaged);
    await keep("run", damaged);
    const found = await storedRun(), left = await kept("run"), setAside = await kept("damaged/run");
    await keep("run", run);
    return [found !== null, left !== undefined, setAside !== undefined];
}"""
DAMAGES = [
    "for (const part of Object.keys(run)) delete run[part]",
    "delete run.report",
    "run.settings = null",
    "run.settings.batch = 64",
    "run.checkpoint = 'text'",
    "run.history.points = 3",
    "run.report.steps = null",
    "run.report.points.data = run.report.points.data.slice(1)",
    "run.report.tests = { shape: [1, 2], data: new Float32Array(2) }",
    "run.evaluation.confusion.shape = [9, 10]",
    "run.evaluation.images = null",
    "delete run.evaluation.mistakes[0].predicted",
]


def test_a_damaged_stored_run_is_set_aside(room: Page) -> None:
    fill(room, SMALL | {"epochs": "1"})
    run_to_its_end(room)
    stored(room, "over && network && Number(settings.epochs) === 1")  # not the run of the test before
    assert room.evaluate(DAMAGE % "") == [True, True, False]
    for damage in DAMAGES:
        assert room.evaluate(DAMAGE % damage) == [False, False, True], damage
    room.evaluate("async () => (await import('./js/storage.js')).keep('run', { step: 'none' })")
    room.reload()
    ready(room)
    expect(room.locator("#alert")).to_contain_text("training run stored in this browser was damaged")
    run_to_its_end(room)


def test_only_one_of_two_tabs_stores_its_run(room: Page, served: str) -> None:
    other = room.context.new_page()
    other.goto(served)
    stores = "async () => (await import('./js/train/stored_run.js')).storeRun({ over: false })"
    assert other.evaluate(stores) == ""
    click_start(room)
    expect(room.locator("#train-alert")).to_contain_text("Another tab")
    stage(room, "finished")
    room.locator("#train-use").click()
    expect(room.locator("#model")).to_have_value("yours")
    other.close()
    run_to_its_end(room)
    expect(room.locator("#train-alert")).to_be_hidden()


def test_drawing_while_training_does_not_fill_the_memory(room: Page) -> None:
    page = room
    fill(page, LONG | {"epochs": "2000"})
    start(page)
    browser = page.context.new_cdp_session(page)

    def used_after(strokes: int) -> float:
        hand = Hand(page)
        for i in range(strokes):
            hand.draw(SEVEN if i % 2 else FOUR, between=1)
            hand.answer()
            page.locator("#clear").click()
        browser.send("HeapProfiler.collectGarbage")
        used: float = browser.send("Runtime.getHeapUsage")["usedSize"]
        return used / 2**20

    used_after(5)
    before = used_after(5)
    assert used_after(20) - before < 1  # MB; each drawing has 78 kB of pixels
    page.locator("#train-stop").click()
    stored(page)
    while len(page.workers) > 1:  # the one that trains is terminated
        page.evaluate("new Promise(requestAnimationFrame)")


def test_a_loss_that_explodes_is_said_in_words(room: Page) -> None:
    fill(room, SMALL | {"optimizer": "sgd", "learning-rate": "100", "schedule": "constant"})
    run_to_its_end(room)
    expect(room.locator("#advice")).to_contain_text("learning rate")
