"""The training room: from a click to a network of one's own, the same run everywhere, and nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand import SEVEN, Hand
from PIL import Image
from playwright.sync_api import Page, expect

from digits.metrics import accuracy
from digits.mnist import as_inputs, load_mnist
from digits.training_data import TrainingData, mnist_dataset
from digits.training_run import Run
from digits.training_settings import RunSettings
from vendoring import vendor

PROJECT = Path(__file__).resolve().parents[2]
STEPS = 600  # of an epoch of the long run
MINUTES = 300_000  # ms: a busy machine may take its time

SMALL = {"layers": "784-32-10", "samples": "6400", "batch": "64", "epochs": "2", "seed": "3"}
LONG = SMALL | {"layers": "784-128-10", "samples": "19200", "batch": "32", "epochs": "20"}  # some seconds on any machine

RECORD = """async () => {
    const { kept } = await import("./js/storage.js");
    const shown = () => Number(document.querySelector("[data-metric=epoch]").dataset.value);
    for (;;) {
        const { settings, history, report, over } = await kept("run") ?? {};
        const step = report?.step ?? 0, steps_shown = Math.round(shown() * report?.steps_per_epoch);
        if (%s) return { settings, history, step, over };
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture
def train(page: Callable[..., Page], served: str) -> Callable[..., Page]:
    """`train(settings)` opens the training room with these settings in the address; other arguments go to `page`."""

    def open_room(settings: dict[str, str] | None = None, **options: Any) -> Page:
        query = "&".join(f"{name}={value}" for name, value in {"room": "train", **(settings or {})}.items())
        opened = page(f"{served}?{query}", viewport={"width": 1200, "height": 900}, **options)
        ready(opened)
        return opened

    return open_room


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-state=ready]", timeout=MINUTES)
    page.locator("#plan:not(:empty)").wait_for(state="attached", timeout=MINUTES)


def stage(page: Page, name: str) -> None:
    page.wait_for_selector(f"#train[data-stage={name}]", timeout=MINUTES)


def metric(page: Page, name: str) -> float:
    return float(page.locator(f"[data-metric={name}]").get_attribute("data-value") or "nan")


def record(page: Page) -> dict[str, Any]:
    """What the browser keeps of the run, once it holds its end."""
    return kept_run(page, "over")


def kept_run(page: Page, condition: str) -> dict[str, Any]:
    """What the browser keeps of the run, once the condition in JavaScript holds of it."""
    return page.evaluate(RECORD % condition)


def run_to_its_end(page: Page) -> dict[str, Any]:
    page.locator("#train-start").click()
    stage(page, "finished")
    return record(page)


def test_few_clicks_from_a_fresh_page_to_a_network_of_ones_own(page: Callable[..., Page], served: str, tmp_path: Path) -> None:
    fresh = page(served)
    fresh.wait_for_selector("html[data-state=ready]", timeout=MINUTES)
    shipped = fresh.locator("#model").input_value()
    fresh.get_by_role("link", name="Train").click()
    fresh.get_by_role("button", name="Start", exact=True).click()
    stage(fresh, "finished")
    assert metric(fresh, "test-accuracy") > 97
    assert metric(fresh, "epoch") == 4
    assert metric(fresh, "samples-per-second") > 0
    assert fresh.locator("#confusion td").count() == 100

    fresh.get_by_role("button", name="Use this network").click()
    expect(fresh.locator("#model")).to_have_value("yours")
    hand = Hand(fresh)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    expect(fresh.locator("#model option:checked")).to_contain_text("109,386 parameters")

    fresh.reload()
    ready(fresh)
    expect(fresh.locator("#model")).to_have_value("yours")
    fresh.locator("#clear").click()
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    fresh.get_by_role("button", name="Back to the shipped network").click()
    expect(fresh.locator("#model")).to_have_value(shipped)
    expect(fresh.get_by_role("button", name="Back to the shipped network")).to_be_hidden()
    assert "model=" not in fresh.url


def test_a_saved_network_gives_the_same_probabilities_on_the_command_line(train: Callable[..., Page], tmp_path: Path) -> None:
    mine = train(SMALL)
    run_to_its_end(mine)
    for form in ("pk1", "npz"):
        with mine.expect_download() as saving:
            mine.get_by_role("button", name=f"Save as .{form}").click()
        saved = tmp_path / saving.value.suggested_filename
        saving.value.save_as(saved)
        assert saved.suffix == f".{form}"

        mine.locator("#load-network").set_input_files(saved)
        expect(mine.locator("#model")).to_have_value("yours")
        mine.locator("#clear").click()
        hand = Hand(mine)
        hand.draw(SEVEN)
        hand.answer()
        in_page, pixels = mine.evaluate(
            """async () => { const { pad, reading } = await import("./js/main.js");
                             return [Array.from(reading.probabilities.data), Array.from(pad.pixels())]; }"""
        )
        picture = tmp_path / "seven.png"
        Image.fromarray(np.array(pixels, np.uint8).reshape(280, 280)).save(picture)
        command = [sys.executable, str(PROJECT / "py" / "predict_single.py"), "--json", "--weights", str(saved), str(picture)]
        answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        np.testing.assert_allclose(answer["probabilities"], in_page, atol=1e-5)


def test_the_same_link_gives_the_same_run_on_cpython(train: Callable[..., Page]) -> None:
    mine = train(SMALL)
    here = run_to_its_end(mine)
    reached = metric(mine, "test-accuracy") / 100

    settings = RunSettings.parse(here["settings"])
    assert settings.command() == mine.locator("#command").text_content()
    folder = vendor.ensure("mnist")
    batches = TrainingData(mnist_dataset(folder).first(settings.samples)).batches(
        settings.batch, settings.seed, settings.smoothing, not settings.plain
    )
    run = Run(settings, batches)
    losses = [run.advance().loss for _ in range(run.total)]
    np.testing.assert_allclose([loss for _, loss, _ in here["history"]["points"][:100]], losses[:100], rtol=5e-5)
    images, labels = load_mnist(folder, "test")
    assert reached == pytest.approx(accuracy(run.reader.predict(as_inputs(images)), labels), abs=0.003)


def test_pause_step_reload_and_resume_give_the_curve_of_an_uninterrupted_run(train: Callable[..., Page]) -> None:
    whole = run_to_its_end(train(LONG))["history"]

    cut = train(LONG)
    cut.locator("#train-start").click()
    stage(cut, "running")
    cut.locator("[data-metric=test-accuracy][data-value]").wait_for(timeout=MINUTES)
    cut.locator("#train-pause").click()
    stage(cut, "paused")
    before = kept_run(cut, "step === steps_shown")["step"]  # the slice that was under way has come in
    for n in (1, 2):
        cut.locator("#train-step").click()
        assert kept_run(cut, f"step > {before + n - 1}")["step"] == before + n
        kept_run(cut, f"steps_shown === {before + n}")
    cut.locator("#train-start").click()
    stage(cut, "running")
    kept_run(cut, f"steps_shown > {before + 2 + STEPS}")

    cut.reload()
    ready(cut)
    stage(cut, "paused")
    assert metric(cut, "epoch") > 0
    cut.get_by_role("button", name="Resume").click()
    stage(cut, "finished")
    assert record(cut)["history"] == whole


def test_a_learning_rate_changed_on_the_way_stands_in_the_address(train: Callable[..., Page]) -> None:
    mine = train(LONG | {"schedule": "constant"})
    mine.locator("#train-start").click()
    stage(mine, "running")
    rate = mine.locator("#rate-now")
    rate.fill("fast")
    rate.press("Tab")
    expect(mine.locator("#rate-problem")).to_contain_text("“fast” is not a number")
    rate.fill("0.0005")
    rate.press("Tab")
    expect(mine.locator("#rate-problem")).to_be_empty()
    stage(mine, "finished")
    changed = record(mine)
    step, _, value = changed["settings"]["rate-changes"].partition(":")
    assert value == "0.0005"
    assert f"rate-changes={step}%3A0.0005" in mine.url
    mine.get_by_role("button", name="Start over").click()
    stage(mine, "running")
    stage(mine, "finished")
    assert record(mine)["history"] == changed["history"]


def test_a_mistake_opens_on_the_pad(train: Callable[..., Page]) -> None:
    mine = train(SMALL)
    run_to_its_end(mine)
    mistake = mine.locator("#mistakes button").first
    name = mistake.get_attribute("aria-label") or ""
    mine.get_by_role("button", name="Use this network").click()
    expect(mine.locator("#model")).to_have_value("yours")
    mistake.click()
    answer = Hand(mine).answer()
    assert answer.verdict != "empty"
    assert name.endswith(f"read as {answer.digit}")


def test_the_numbers_behind_the_curves_are_a_table(train: Callable[..., Page]) -> None:
    mine = train(SMALL)
    tests = run_to_its_end(mine)["history"]["tests"]
    mine.get_by_text("The numbers behind the curves").click()
    rows = mine.locator("#curves tbody tr")
    expect(rows).to_have_count(len(tests))
    assert rows.last.locator("td").last.inner_text() == f"{100 * tests[-1][2]:.2f} %"


def test_convolutional_layers_are_chosen_and_trained(train: Callable[..., Page]) -> None:
    mine = train({"samples": "640", "batch": "64", "epochs": "1"})
    layers = mine.locator("#layers .layer")
    layers.first.locator("select").select_option("Conv2D 5×5")
    layers.first.locator("input").fill("4")
    mine.get_by_role("button", name="Add a layer").click()
    layers.nth(1).get_by_role("button").click()
    layers.nth(1).locator("select").select_option("MaxPool2D")
    mine.get_by_label("Activation").select_option("LeakyReLU")
    expect(mine.locator("#plan")).to_contain_text("7,954 parameters")
    assert "layers=28x28-conv4x5-pool-10" in mine.url
    assert run_to_its_end(mine)["settings"]["layers"] == "28x28-conv4x5-pool-10"
    assert mine.locator("#command").text_content() == RunSettings.parse(record(mine)["settings"]).command()


def test_layers_are_numbered_anew_and_kernels_of_another_size_stay(train: Callable[..., Page]) -> None:
    mine = train({"layers": "28x28-conv4x7-32-16-10"})
    mine.get_by_label("Remove layer 2").click()
    expect(mine.get_by_label("Remove layer 2")).to_be_focused()
    expect(mine.get_by_label("Width of layer 2")).to_have_value("16")
    expect(mine.get_by_label("Kind of layer")).to_have_count(2)
    mine.wait_for_url("**layers=28x28-conv4x7-16-10*")
