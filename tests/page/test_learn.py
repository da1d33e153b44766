"""The room Learn: each chapter does what it says one should try, and its numbers are those of NumPy."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from dense_network import DENSE, LARGEST_CHANGE, descend, fooled, forward, softmax
from hand import SEVEN, Hand, pixels_of, wait_until
from playwright.sync_api import Browser, Page, expect
from training_room import MINUTES, metric
from watched_page import watched_page

from digits.mnist import as_inputs, load_mnist
from digits.preprocessing import preprocess
from digits.recognizer import Recognizer
from nn import parameters
from vendoring import vendor

PROJECT = Path(__file__).resolve().parents[2]
CHAPTERS = json.loads((PROJECT / "js" / "learn" / "chapters.json").read_text(encoding="utf-8"))

OPEN = "async (chapter) => (await import('./js/main.js')).state.set({ room: 'learn', chapter })"


@pytest.fixture(scope="module")
def room(browser: Browser, served: str) -> Iterator[Page]:
    """The room Learn, with a seven on the pad."""
    requests: list[str] = []

    def listen(page: Page) -> None:
        page.on("request", lambda request: requests.append(request.url))

    laptop = {"width": 1280, "height": 800}
    with watched_page(browser, served, prepare=listen, viewport=laptop, reduced_motion="reduce") as opened:
        opened.wait_for_selector("html[data-state=ready]")
        opened.locator("#train:not([inert])").wait_for(state="attached")
        assert not [url for url in requests if re.search(r"(js|css)/(learn|code)/|css/learn|vendor/editor/", url)], (
            "nothing of the rooms Learn and Code is fetched before they open"
        )
        Hand(opened).draw(SEVEN, between=3)
        opened.locator("#invitation a").click()
        expect(opened.locator("html")).to_have_attribute("data-chapter", "1")
        yield opened


@pytest.fixture
def x(room: Page) -> np.ndarray:
    """What the networks get of the drawing, as CPython computes it."""
    return preprocess(pixels_of(room), "light-on-dark").image.reshape(1, 784)


def open_chapter(page: Page, name: str) -> None:
    number = [chapter["name"] for chapter in CHAPTERS].index(name) + 1
    page.evaluate(OPEN, str(number))
    expect(page.locator("html")).to_have_attribute("data-chapter", str(number))
    if name != "training":
        expect(page.locator(f"[data-picture={name}] [data-number]").first).not_to_be_empty()


def expect_number(page: Page, name: str, value: float) -> None:
    """Wait for a number that is right to 1e-5."""
    assert np.isfinite(value)
    script = """([name, value]) => {
        const shown = Number(document.querySelector(`#learn [data-number="${name}"]`).dataset.value);
        return Math.abs(shown - value) <= 1e-5 * Math.max(1, Math.abs(value));
    }"""
    page.wait_for_function(script, arg=[name, float(value)])


def set_slider(page: Page, label: str, value: float) -> None:
    page.locator("#learn").get_by_role("slider", name=label).fill(str(value))


def test_pixels_have_numbers_and_a_digit_out_of_the_middle_is_misread(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "pixels")
    grid = room.locator("#learn .grid")
    box = grid.bounding_box()
    assert box
    row, column = np.unravel_index(x.argmax(), (28, 28))
    room.mouse.move(box["x"] + (column + 0.5) * box["width"] / 28, box["y"] + (row + 0.5) * box["height"] / 28)
    expect_number(room, "pixel", x.max())
    expect(room.locator("[data-number=pixel]")).to_have_text(f"Row {row}, column {column}: {x.max():.3f}")
    set_slider(room, "To the right", 10)
    moved = np.roll(x.reshape(28, 28), 10, axis=1)
    moved[:, :10] = 0
    expect_number(room, "moved", softmax(forward(moved.reshape(1, 784))[-1]).max())
    expect_number(room, "centered", softmax(forward(x)[-1]).max())
    expect(room.locator("[data-number=moved]")).not_to_contain_text("7,")
    expect(room.locator("[data-number=centered]")).to_contain_text("7,")


def test_a_neuron_adds_up_and_falls_silent_without_its_bias(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "neuron")
    sums = (x @ DENSE["weights"][0] + DENSE["biases"][0])[0]
    strongest = int(sums.argmax())
    expect_number(room, "sum", sums[strongest])
    expect_number(room, "output", sums[strongest])
    set_slider(room, "Rows added", 12)
    expect_number(room, "sum", (x[0] * DENSE["weights"][0][:, strongest])[: 12 * 28].sum())
    room.get_by_role("button", name="Add up").click()
    expect_number(room, "sum", sums[strongest])
    weak = int(np.flatnonzero((sums > 0) & (sums < 9))[0])
    room.get_by_role("combobox", name="Neuron").select_option(str(weak))
    expect_number(room, "output", sums[weak])
    set_slider(room, "Change the bias", -10)
    expect_number(room, "sum", sums[weak] - 10)
    expect_number(room, "output", 0)


def test_neurons_can_be_switched_off_and_relus_taken_out(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "layers")
    outputs = forward(x)
    expect_number(room, "now", softmax(outputs[-1]).max())
    expect(room.locator("[data-picture=layers]")).to_contain_text(f"Layer 1: {(outputs[1] > 0).sum()} of 128")
    field = room.locator("#learn").get_by_role("listbox", name="Neurons of layer 2")
    field.focus()
    room.keyboard.press("Enter")
    room.keyboard.press("ArrowRight")
    room.keyboard.press("Enter")
    expect(room.locator("html")).to_have_attribute("data-chapter", "3")  # the arrow moved in the grid
    expect_number(room, "now", softmax(forward(x, off=[[], [0, 1]])[-1]).max())
    expect_number(room, "all", softmax(outputs[-1]).max())
    room.get_by_role("button", name="Take out the ReLUs").click()
    expect_number(room, "now", softmax(forward(x, relu=False)[-1]).max())
    room.get_by_role("button", name="Take out the ReLUs").click()
    room.get_by_role("button", name="Switch all on").click()
    expect_number(room, "now", softmax(outputs[-1]).max())


def test_temperature_changes_the_shares_but_not_the_answer(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "answer")
    recognizer = Recognizer.load(PROJECT / "weights" / "convolutional.npz")
    logits = recognizer.network.forward(x)[0]
    expect_number(room, "answer", softmax(logits).max())
    expect_number(room, "evidence", np.log(np.exp(logits).sum()))
    expect(room.locator("#learn .note")).to_contain_text("convolutional network")
    set_slider(room, "Temperature", 3)
    expect_number(room, "answer", softmax(logits / 8).max())
    expect(room.locator("[data-number=answer]")).to_contain_text("7,")
    expect(room.locator("[data-picture=answer]")).to_contain_text("this is a digit")


def test_the_loss_is_small_for_the_drawn_digit_and_large_for_another(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "loss")
    recognizer = Recognizer.load(PROJECT / "weights" / "convolutional.npz")
    shares = softmax(recognizer.network.forward(x)[0].astype(np.float64))
    for digit in (7, 3):
        meant(room, str(digit))
        expect_number(room, "loss", -np.log(shares[digit]))
        expect_number(room, "share", shares[digit])


def test_blame_flows_back_and_equals_what_nudging_a_weight_measures(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "backwards")
    meant(room, "4")
    values = forward(x.astype(np.float64))
    blames = [softmax(values[-1]) - np.eye(10)[4]]
    for number in (2, 1):
        W = DENSE["weights"][number].astype(np.float64)
        blames.insert(0, (blames[0] @ W.T) * (values[number] > 0))
    for layer, name in enumerate(["Layer 1", "Layer 2", "The ten scores"]):
        to = int(np.abs(blames[layer][0, :16]).argmax())  # in the first row
        room.locator("#learn").get_by_role("listbox", name=name).focus()
        room.keyboard.press("Home")
        for _ in range(to):
            room.keyboard.press("ArrowRight")
        room.keyboard.press("Enter")
        gradient = np.abs(values[layer]).max() * blames[layer][0, to]
        expect_number(room, "gradient", gradient)
        expect_number(room, "measured", gradient)
    room.locator("#learn").get_by_role("listbox", name="Layer 2").focus()
    room.keyboard.press("Enter")  # on the neuron of before
    room.locator("#learn .behind summary").click()
    expect(room.locator("#learn .behind tbody tr")).to_have_count(10)
    set_slider(room, "Which input", 3)
    expect_number(room, "gradient", np.sort(values[1])[0, -3] * blames[1][0, np.abs(blames[1][0, :16]).argmax()])
    room.locator("#learn .behind summary").click()


def test_steps_lower_the_loss_and_too_large_ones_raise_it(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "step")
    meant(room, "9")
    samples = room.evaluate("async () => (await (await fetch('assets/samples.json')).json()).samples")
    pixels = np.frombuffer(b"".join(base64.b64decode(sample["pixels"]) for sample in samples), np.uint8)
    images = np.concatenate([x, pixels.reshape(-1, 784).astype(np.float32) / 255])
    labels = np.array([9, *(sample["label"] for sample in samples)])
    for power, rate in ((-1.5, 10**-1.5), (0, 1.0)):
        room.get_by_role("button", name="Start over").click()
        set_slider(room, "Learning rate", power)
        losses = descend(images, labels, rate, steps=3)
        expect_number(room, "loss", losses[0])
        for loss in losses[1:]:
            room.get_by_role("button", name="Take a step").click()
            expect_number(room, "loss", loss)
    expect(room.locator("[data-picture=step] [role=status]")).to_contain_text("too large")


def test_a_network_trains_from_nothing_and_is_the_run_of_the_room_train(room: Page) -> None:
    open_chapter(room, "training")
    shown = room.locator("[data-picture=training]")
    unseen = {}
    for run in ("With only 100 digits", "With 58,000 digits"):
        shown.get_by_role("combobox").select_option(run)
        shown.get_by_role("button", name="Train", exact=True).click()
        expect(shown.get_by_role("button", name="Stop")).to_be_enabled()
        expect(shown.get_by_role("status")).to_have_text("Finished.", timeout=MINUTES)
        unseen[run] = float(shown.locator("[data-number=unseen]").get_attribute("data-value") or 0)
        if run == "With only 100 digits":
            assert float(shown.locator("[data-number=learned]").get_attribute("data-value") or 0) > 0.99
    assert unseen["With only 100 digits"] < 0.85
    assert unseen["With 58,000 digits"] > 0.93
    shown.get_by_role("button", name="Open in Train").click()
    expect(room.locator("html")).to_have_attribute("data-open", "train")
    expect(room.locator("#train")).to_have_attribute("data-stage", "finished")
    assert metric(room, "test-accuracy") == pytest.approx(100 * unseen["With 58,000 digits"], abs=1e-4)
    expect(room.locator("#settings [name=layers]")).to_have_value("784-32-10")

    # A run of thousands of steps enlarges rounding errors, so its weights are compared with no other run's: CPython reads the
    # test images with them. One image with two equal scores may count differently.
    with room.expect_download() as download:
        room.get_by_role("button", name="Save as .npz").click()
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    trained = parameters.load(download.value.path())
    outputs = as_inputs(images)
    for number in (0, 2):
        array = trained.layers[number].parameters
        outputs = outputs @ array["weights"] + array["bias"]
        outputs = np.maximum(outputs, 0) if number == 0 else outputs
    accuracy = (outputs.argmax(axis=1) == labels).mean()
    assert unseen["With 58,000 digits"] == pytest.approx(accuracy, abs=1.5 / len(labels))


def test_a_change_along_the_gradient_fools_it_and_noise_does_not(room: Page, x: np.ndarray) -> None:
    open_chapter(room, "fool")
    meant(room, "8")
    set_slider(room, "Strength", 100)
    expect(room.locator("[data-number=dense]")).to_contain_text("8,")
    expect_change(room, x, fooled(x, target=8))
    room.get_by_role("combobox", name="Change").select_option("noise")
    expect(room.locator("[data-number=dense]")).to_contain_text("7,")
    noise = np.random.default_rng(0).standard_normal((1, 784))
    expect_change(room, x, np.clip(x + LARGEST_CHANGE * noise / np.linalg.norm(noise), 0, 1))
    room.get_by_role("combobox", name="Change").select_option("missing")
    expect_change(room, x, np.zeros_like(x))
    room.get_by_role("combobox", name="Change").select_option("rotation")
    expect_change(room, x, np.rot90(x.reshape(28, 28), -1).reshape(1, 784))
    set_slider(room, "Strength", 0)
    expect_change(room, x, x)


def expect_change(page: Page, x: np.ndarray, changed: np.ndarray) -> None:
    expect_number(page, "size", np.linalg.norm(changed - x))
    expect_number(page, "dense", softmax(forward(changed)[-1]).max())


def meant(page: Page, digit: str) -> None:
    page.locator("#learn").get_by_role("combobox", name=re.compile("You meant|Make it read")).select_option(digit)


def test_a_question_is_checked_and_stays_answered(room: Page) -> None:
    open_chapter(room, "pixels")
    question = CHAPTERS[0]["question"]
    says = room.locator("#learn .question [role=status]")
    room.get_by_role("button", name=question["choices"][0], exact=True).click()
    expect(says).to_contain_text("Not quite")
    room.get_by_role("button", name=question["choices"][question["right"]], exact=True).click()
    expect(says).to_have_text(f"Right. {question['because']}")
    expect(room.get_by_role("link", name="question answered")).to_have_count(1)
    wait_until(room, "async () => (await (await import('./js/storage.js')).kept('learn')).solved.includes('pixels')")


def test_arrow_keys_and_the_back_button_turn_the_chapters(room: Page) -> None:
    open_chapter(room, "neuron")
    room.locator("#learn h2").click()
    for key, chapter in (("ArrowLeft", "1"), ("ArrowLeft", "1"), ("ArrowRight", "2"), ("ArrowRight", "3")):
        room.keyboard.press(key)
        expect(room.locator("html")).to_have_attribute("data-chapter", chapter)
    room.go_back()
    expect(room.locator("html")).to_have_attribute("data-chapter", "2")
    room.get_by_role("button", name="Next").click()
    expect(room.locator("html")).to_have_attribute("data-chapter", "3")
    assert "chapter=3" in room.url
    room.locator("nav [data-room=draw]").click()
    assert room.locator("html").get_attribute("data-chapter") is None


def test_an_empty_pad_shows_a_test_digit_and_says_so(room: Page) -> None:
    open_chapter(room, "pixels")
    room.locator("#clear").click()
    expect(room.locator("#learn .note")).to_contain_text("a test digit, as the pad is empty")
    expect(room.locator("[data-number=centered]")).to_contain_text("7,")  # the first of MNIST's test digits
    room.locator("#undo").click()
    expect(room.locator("#learn .note")).to_contain_text("your drawing")


def test_on_paper_canvases_are_light_although_the_screen_is_dark(room: Page) -> None:
    """The `beforeprint` event of the PDF reads them after the page has answered it."""
    open_chapter(room, "layers")
    canvases = "[...document.querySelectorAll('#pad, #learn canvas')].map((canvas) => canvas.toDataURL())"
    light = room.evaluate(canvases)
    room.emulate_media(color_scheme="dark", reduced_motion="reduce")
    room.wait_for_function(f"(light) => {canvases}.every((canvas, at) => canvas !== light[at])", arg=light)
    dark = room.evaluate(canvases)
    room.evaluate(f"() => addEventListener('beforeprint', () => {{ window.printed = {canvases}; }}, {{ once: true }})")
    room.pdf()
    assert room.evaluate("printed") == light
    assert room.evaluate(canvases) == dark
    room.emulate_media(color_scheme="light", reduced_motion="reduce")
