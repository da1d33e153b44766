"""The training room when something is wrong: a sentence, and nothing lost."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import SEVEN, Hand
from playwright.sync_api import Page, Route, expect
from test_train import LONG, MINUTES, SMALL, kept_run, ready, record, run_to_its_end, stage, train

from nn import Network, architecture, parameters

__all__ = ["train"]


NONSENSE = [
    ("learning-rate", "fast", "“fast” is not a number"),
    ("batch", "0", "out of range"),
    ("batch", "7000", "only 6,400 are chosen"),
    ("epochs", "-1", "out of range"),
    ("samples", "1e9", "not a whole number"),
    ("seed", "", "not a whole number"),
]


def test_nonsense_is_told_at_its_field_and_no_run_starts(train: Callable[..., Page]) -> None:
    mine = train(SMALL)
    for field, nonsense, says in NONSENSE:
        box = mine.locator(f"#train [name={field}]")
        right = box.input_value()
        box.fill(nonsense)
        mine.locator("#train-start").click()
        problem = mine.locator(f"#problem-{field}")
        expect(problem).to_contain_text(says)
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_be_focused()
        assert mine.locator("#train").get_attribute("data-stage") == "none"
        box.fill(right)
        expect(problem).to_be_hidden()


def test_layers_too_large_for_the_memory_are_refused_with_the_estimate(train: Callable[..., Page]) -> None:
    mine = train(SMALL)
    for _ in range(5):
        mine.get_by_role("button", name="Add a layer").click()
    for width in mine.locator("#layers input").all():
        width.fill("4096")
    expect(mine.locator("[data-for=layers] small")).to_contain_text("GB")
    mine.locator("#train-start").click()
    assert mine.locator("#train").get_attribute("data-stage") == "none"


class Hostile:
    def __reduce__(self) -> tuple:
        return (print, ("owned",))


def hostile_files() -> dict[str, bytes]:
    right = parameters.dumps_pickle(Network.dense(784, 8, 10))
    padded = architecture.build("28x28-conv2-10")
    padded.layers[1].padding = 5000  # type: ignore[attr-defined]
    return {
        "memo.pk1": b"Nr\x00\xe1\xf5\x05.",
        "padded.npz": parameters.dumps_npz(padded),
        "evil.pk1": pickle.dumps(Hostile()),
        "empty.pk1": b"",
        "torn.pk1": right[: len(right) // 2],
        "torn.npz": parameters.dumps_npz(Network.dense(784, 8, 10))[:-100],
        "letters.npz": parameters.dumps_npz(Network.dense(784, 8, 26)),
        "text.npz": b"no network at all",
        "huge.pk1": pickle.dumps({"weights": [np.zeros((784, 9), np.float32)], "biases": [np.zeros(10, np.float32)]}),
    }


def test_files_that_hold_no_network_are_refused_and_the_old_one_reads_on(train: Callable[..., Page], tmp_path: Path) -> None:
    mine = train(SMALL)
    hand = Hand(mine)
    hand.draw(SEVEN)
    seven = hand.answer()
    for name, content in hostile_files().items():
        (tmp_path / name).write_bytes(content)
        mine.locator("#load-network").set_input_files(tmp_path / name)
        alert = mine.locator("#train-alert")
        expect(alert).to_contain_text(name if name != "letters.npz" else "26")
        assert "Traceback" not in alert.inner_text()
        assert mine.locator("#model").input_value() != "yours"
    mine.locator("#clear").click()
    mine.locator("#undo").click()
    assert hand.answer() == seven


def test_a_download_that_breaks_off_is_said_and_goes_on_from_there(train: Callable[..., Page]) -> None:
    asked: list[str] = []
    breaks = True  # the route stays when it no longer breaks: one taken away may leave a request without an answer

    def broken(route: Route) -> None:
        asked.append(route.request.url.rsplit("/", 1)[1])
        route.abort() if breaks and "part6" in route.request.url else route.continue_()

    mine = train(SMALL, expected_console="ERR_FAILED", prepare=lambda page: page.route("**/mnist/*part*", broken))
    mine.locator("#train-start").click()
    expect(mine.locator("#train-alert")).to_contain_text("could not be downloaded", timeout=MINUTES)
    assert mine.locator("#train").get_attribute("data-stage") == "none"
    came = set(asked) - {"train-images-idx3-ubyte.part6"}

    breaks = False
    asked.clear()
    mine.locator("#train-start").click()
    stage(mine, "finished")
    expect(mine.locator("#train-alert")).to_be_hidden()
    again = list(asked)
    assert "train-images-idx3-ubyte.part6" in again
    assert len(came & set(again)) <= 3  # no more than were under way when it broke


@pytest.mark.parametrize("refusal", ["open", "put"])
def test_storage_that_refuses_stops_nothing(train: Callable[..., Page], refusal: str) -> None:
    script = {
        "open": "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); }",
        "put": "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }",
    }[refusal]
    mine = train(SMALL, prepare=lambda page: page.add_init_script(script))
    mine.locator("#train-start").click()
    stage(mine, "finished")
    expect(mine.locator("#train-alert")).to_contain_text("could not store the run")
    mine.locator("#train-use").click()
    expect(mine.locator("#model")).to_have_value("yours")
    expect(mine.locator("#alert")).to_contain_text("save it as a file")


def test_a_crash_loses_no_more_than_the_last_seconds(train: Callable[..., Page]) -> None:
    whole = run_to_its_end(train(LONG))["history"]

    mine = train(LONG, expected_console="boom")
    mine.locator("#train-start").click()
    stage(mine, "running")
    kept_run(mine, "step > 0")
    trains, _reads = mine.workers  # the room that is open starts its own first
    trains.evaluate("setTimeout(() => { throw new Error('boom'); })")
    expect(mine.locator("#train-alert")).to_contain_text("last checkpoint")
    stage(mine, "paused")
    hand = Hand(mine)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    mine.get_by_role("button", name="Resume").click()
    stage(mine, "finished")
    assert record(mine)["history"] == whole


def test_stop_takes_back_a_start_and_a_paused_run_for_good(train: Callable[..., Page]) -> None:
    mine = train(LONG)
    held: list[Route] = []
    released: list[bool] = []
    mine.route("**/mnist/*part*", lambda route: route.continue_() if released else held.append(route))
    for click, then in (("start", "preparing"), ("stop", "none"), ("start", "preparing")):
        mine.locator(f"#train-{click}").click()
        stage(mine, then)
    released.append(True)
    for route in held:
        route.continue_()
    stage(mine, "running")
    mine.locator("#train-pause").click()
    stage(mine, "paused")
    kept_run(mine, "step > 0")
    mine.locator("#train-stop").click()
    assert record(mine)["step"] > 0
    mine.reload()
    ready(mine)
    stage(mine, "finished")


def test_an_exploding_loss_is_said_in_words(train: Callable[..., Page]) -> None:
    mine = train(SMALL | {"optimizer": "sgd", "learning-rate": "100", "schedule": "constant"})
    mine.locator("#train-start").click()
    stage(mine, "finished")
    expect(mine.locator("#advice")).to_contain_text("learning rate")
    ready(mine)
