"""The training room: a few clicks train a network, which is the same everywhere and can be saved and used."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hand import SEVEN, Hand, numbers, pixels_of, wait_until
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from training_room import LONG, MINUTES, SMALL, fill, metric, opened_room, ready, run_to_its_end, stage, start, stored

from digits.metrics import accuracy
from digits.mnist import as_inputs, load_mnist
from digits.training_data import TrainingData, mnist_dataset
from digits.training_run import Run
from digits.training_settings import RunSettings
from vendoring import vendor

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def trained(browser: Browser, served: str) -> Iterator[Page]:
    """The training room with a small run that is finished."""
    with opened_room(browser, served, SMALL) as page:
        run_to_its_end(page)
        yield page


def test_few_clicks_from_a_fresh_page_to_a_network_of_ones_own(page: Callable[..., Page], served: str, tmp_path: Path) -> None:
    fresh = page(served)
    fresh.wait_for_selector("html[data-state=ready]", timeout=MINUTES)
    expect(fresh.locator("#model option")).to_have_count(2)  # they come after the first answer
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


def test_a_saved_network_gives_the_same_probabilities_on_the_command_line(trained: Page, tmp_path: Path) -> None:
    for form in ("pk1", "npz"):
        with trained.expect_download() as saving:
            trained.get_by_role("button", name=f"Save as .{form}").click()
        saved = tmp_path / saving.value.suggested_filename
        saving.value.save_as(saved)
        assert saved.suffix == f".{form}"

        trained.locator("#load-network").set_input_files(saved)
        expect(trained.locator("#model")).to_have_value("yours")
        trained.locator("#clear").click()
        hand = Hand(trained)
        hand.draw(SEVEN)
        hand.answer()
        in_page = numbers(trained, "async () => Array.from((await import('./js/main.js')).reading.probabilities.data)")
        picture = tmp_path / "seven.png"
        Image.fromarray(pixels_of(trained)).save(picture)
        command = [sys.executable, str(PROJECT / "py" / "predict_single.py"), "--json", "--weights", str(saved), str(picture)]
        answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        np.testing.assert_allclose(answer["probabilities"], in_page, atol=1e-5)


def test_the_same_link_gives_the_same_run_on_cpython(trained: Page) -> None:
    here = stored(trained)
    reached = metric(trained, "test-accuracy") / 100

    settings = RunSettings.parse(here["settings"])
    assert settings.command() == trained.locator("#command").text_content()
    folder = vendor.ensure("mnist")
    batches = TrainingData(mnist_dataset(folder).first(settings.samples)).batches(
        settings.batch, settings.seed, settings.smoothing, not settings.plain
    )
    run = Run(settings, batches)
    losses = [run.advance().loss for _ in range(run.total)]
    np.testing.assert_allclose([loss for _, loss, _ in here["history"]["points"][:100]], losses[:100], rtol=5e-5)
    images, labels = load_mnist(folder, "test")
    assert reached == pytest.approx(accuracy(run.reader.predict(as_inputs(images)), labels), abs=0.003)


def test_a_mistake_opens_on_the_pad(trained: Page) -> None:
    mistake = trained.locator("#mistakes button").first
    name = mistake.get_attribute("aria-label") or ""
    trained.get_by_role("button", name="Use this network").click()
    expect(trained.locator("#model")).to_have_value("yours")
    mistake.click()
    answer = Hand(trained).answer()
    assert answer.verdict != "empty"
    assert name.endswith(f"read as {answer.digit}")


def test_the_numbers_behind_the_curves_are_a_table(trained: Page) -> None:
    tests = stored(trained)["history"]["tests"]
    trained.get_by_text("The curves as a table").click()
    rows = trained.locator("#curves tbody tr")
    expect(rows).to_have_count(len(tests))
    assert rows.last.locator("td").last.inner_text() == f"{100 * tests[-1][2]:.2f} %"


def test_a_finished_run_gives_its_memory_back_and_is_still_there_after_a_reload(trained: Page) -> None:
    expect(trained.locator("#train-use")).to_be_visible()
    assert len(trained.workers) == 1  # the one that reads the drawing
    accuracy_shown = trained.locator("[data-metric=test-accuracy]")
    reached = accuracy_shown.get_attribute("data-value") or ""
    trained.reload()
    ready(trained)
    stage(trained, "finished")
    expect(accuracy_shown).to_have_attribute("data-value", reached)
    with trained.expect_download() as saving:
        trained.get_by_role("button", name="Save as .npz").click()
    assert saving.value.suggested_filename == "network.npz"


def test_learn_shows_no_blank_pictures_of_a_run_that_was_there_before(trained: Page) -> None:
    show = "async (values) => (await import('./js/main.js')).state.set(values)"
    trained.evaluate(show, {"room": "learn", "chapter": "8"})
    expect(trained.get_by_role("img", name="Accuracy by epoch")).to_be_visible()
    expect(trained.get_by_text("Weights of the first neurons")).to_be_hidden()
    trained.evaluate(show, {"room": "train", "chapter": ""})


STORED = """async (layers) => {
    const { over, settings } = await (await import("./js/storage.js")).kept("run");
    return over && settings.layers === layers;
}"""


def test_a_preset_is_a_link_and_the_next_run_is_compared_with_the_last(trained: Page) -> None:
    overfitting = trained.get_by_role("link", name="100 images")
    href = overfitting.get_attribute("href") or ""
    overfitting.click()
    expect(overfitting).to_have_attribute("aria-current", "true")
    for name, value in (("samples", "100"), ("epochs", "100"), ("seed", "0"), ("layers", "784-128-64-10")):
        expect(trained.locator(f"#train [name={name}]")).to_have_value(value)
    assert all(part in trained.url for part in href.removeprefix("?").split("&"))
    assert "seed=" not in trained.url
    trained.go_back()
    expect(trained.locator("#train [name=seed]")).to_have_value(SMALL["seed"])

    fill(trained, SMALL | {"epochs": "1", "layers": "784-10"})
    before = trained.locator("[data-metric=test-accuracy]").inner_text()
    run_to_its_end(trained)
    expect(trained.locator("#last-run")).to_contain_text(f"(layers 784-32-10, epochs 2), {before} test accuracy")
    painted = "document.querySelector('#loss-curve').toDataURL()"
    both = trained.evaluate(painted)
    trained.get_by_role("button", name="Compare with the last run").click()
    trained.wait_for_function(f"(both) => {painted} !== both", arg=both)
    compared = trained.locator("#last-run p").inner_text()
    wait_until(trained, STORED, "784-10")
    trained.reload()
    stage(trained, "finished")
    expect(trained.locator("#last-run p")).to_have_text(compared)


def test_a_learning_rate_changed_during_the_run_is_in_the_address(trained: Page) -> None:
    page = trained
    fill(page, LONG | {"schedule": "constant", "epochs": "3"})
    start(page)
    page.locator("#train-pause").click()
    rate = page.locator("#rate-now")
    rate.fill("fast")
    rate.press("Tab")
    expect(page.locator("#rate-problem")).to_contain_text("“fast” is not a number")
    rate.fill("0.0005")
    rate.press("Tab")
    expect(page.locator("#rate-problem")).to_be_empty()
    page.get_by_role("button", name="Resume").click()
    stage(page, "finished")
    changed = stored(page, "over && network && settings['rate-changes']")
    step, _, value = changed["settings"]["rate-changes"].partition(":")
    assert value == "0.0005"
    assert f"rate-changes={step}%3A0.0005" in page.url
    page.evaluate("async () => (await import('./js/storage.js')).keep('run', undefined)")
    page.get_by_role("button", name="Start over").click()
    stage(page, "running")
    stage(page, "finished")
    assert stored(page)["history"] == changed["history"]


def test_convolutional_layers_are_chosen_and_trained(trained: Page) -> None:
    page = trained
    fill(page, {"layers": "28x28-conv4x7-32-16-10"})
    page.locator("#settings > summary").click()
    page.get_by_label("Remove layer 2").click()
    expect(page.get_by_label("Remove layer 2")).to_be_focused()
    expect(page.get_by_label("Width of layer 2")).to_have_value("16")
    expect(page.get_by_label("Kind of layer")).to_have_count(2)
    page.wait_for_url("**layers=28x28-conv4x7-16-10*")  # a kernel size that the form does not offer stays

    fill(page, {"layers": "784-128-64-10", "samples": "640", "batch": "64", "epochs": "1"})
    layers = page.locator("#layers .layer")
    layers.first.locator("select").select_option("Conv2D 5×5")
    layers.first.locator("input").fill("4")
    page.get_by_role("button", name="Add a layer").click()
    layers.nth(1).get_by_role("button").click()
    layers.nth(1).locator("select").select_option("MaxPool2D")
    page.get_by_label("Activation").select_option("LeakyReLU")
    expect(page.locator("#plan")).to_contain_text("7,954 parameters")
    assert "layers=28x28-conv4x5-pool-10" in page.url
    run_to_its_end(page)
    run = stored(page, "over && network && settings.layers.includes('conv')")
    assert run["settings"]["layers"] == "28x28-conv4x5-pool-10"
    assert page.locator("#command").text_content() == RunSettings.parse(run["settings"]).command()
    page.get_by_role("button", name="Save as .pk1").click()
    expect(page.locator("#train-alert")).to_contain_text("save this network as .npz")
