"""Bring a picture: whatever file it is, the page reads what predict_single.py reads, or says in a sentence why not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import SEVEN, Hand, pixels_of
from picture_files import BAD, GOOD, dark, encoded
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

PROJECT = Path(__file__).resolve().parents[2]

READING = """async () => {
    const { pad, reading } = await import("./js/main.js");
    return { revision: reading.revision === pad.ink.revision, digit: reading.digit, verdict: reading.verdict,
             probabilities: Array.from(reading.probabilities.data) };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All good files."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, make in GOOD.items():
        (folder / name).write_bytes(make())
    return folder


@pytest.fixture(scope="module")
def on_cpython(folder: Path) -> dict[str, dict]:
    """What predict_single.py says of each."""
    command = [sys.executable, str(PROJECT / "py" / "predict_single.py"), "--json", *(str(folder / name) for name in GOOD)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return {Path(answer["file"]).name: answer for answer in map(json.loads, run.stdout.splitlines())}


def bring(page: Page, name: str, content: bytes) -> None:
    """Choose a file, and wait until the page has said something about it."""
    before = page.locator("#pad").get_attribute("data-revision")
    page.evaluate("document.getElementById('alert').replaceChildren()")
    page.set_input_files("#upload", {"name": name, "mimeType": "", "buffer": content})
    page.wait_for_function(
        """(before) => {
            const messages = [...document.querySelectorAll("#alert > *")].map((message) => message.textContent);
            const isSaid = messages.some((text) => !text.startsWith("Python has not answered")); // so says a slow machine
            return isSaid || document.getElementById("pad").dataset.revision !== before;
        }""",
        arg=before,
    )


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_read_as_on_the_command_line(
    loaded: Page, hand: Hand, folder: Path, on_cpython: dict[str, dict], name: str
) -> None:
    bring(loaded, name, (folder / name).read_bytes())
    answer = hand.answer()
    in_page = loaded.evaluate(READING)
    assert in_page["revision"]
    there = on_cpython[name]
    np.testing.assert_allclose(in_page["probabilities"], there["probabilities"], atol=1e-5)
    assert int(answer.digit) == in_page["digit"] == there["digit"]
    if name in ("animated.gif", "pages.tif", "blank-first.gif"):
        expect(loaded.get_by_role("alert")).to_contain_text("The file holds several pictures")
    else:
        expect(loaded.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_a_sentence_and_changes_nothing(loaded: Page, hand: Hand, name: str) -> None:
    hand.draw(SEVEN)
    before = hand.answer()
    make, words = BAD[name]
    bring(loaded, name, make())
    alert = loaded.locator("#alert p").inner_text()
    assert alert.startswith(f"“{name}” was not read: ")
    assert words in alert
    assert "Traceback" not in alert
    assert alert.endswith(".")
    assert hand.answer() == before
    assert loaded.locator("html").get_attribute("data-state") == "ready"
    loaded.get_by_role("button", name="Close").click()
    expect(loaded.get_by_role("alert")).to_be_hidden()


def test_a_picture_lies_on_the_pad_and_one_can_draw_on(loaded: Page, hand: Hand) -> None:
    bring(loaded, "seven.png", GOOD["gray.png"]())
    seven = hand.answer()
    assert seven.digit == "7"
    of_the_file = loaded.evaluate(READING)
    pixels = pixels_of(loaded)
    rows, columns = np.nonzero(pixels > 127)
    assert abs(rows.mean() - 140) < 40
    assert 190 <= np.ptp(rows) <= 201

    hand.draw([[(90, 140), (200, 140)]])
    hand.answer()
    assert (pixels_of(loaded) >= pixels).all()
    assert loaded.evaluate(READING) != of_the_file
    loaded.locator("#undo").click()
    hand.answer()
    assert loaded.evaluate(READING) == of_the_file

    loaded.locator("#undo").click()
    assert hand.answer().verdict == "empty"
    loaded.locator("#redo").click()
    assert hand.answer() == seven
    loaded.locator("#clear").click()
    assert hand.answer().verdict == "empty"


def test_the_ink_on_the_pad_reads_like_the_file(loaded: Page, hand: Hand) -> None:
    bring(loaded, "four.png", GOOD["color.png"]())
    of_the_file = hand.answer()
    hand.draw([[(0, 0)]])
    loaded.locator("#erase").click()
    hand.draw([[(0, 0), (6, 6)]])
    loaded.locator("#erase").click()
    assert hand.answer().digit == of_the_file.digit == "4"


def test_of_several_digits_the_page_says_which_it_read(loaded: Page, hand: Hand) -> None:
    page = Image.new("L", (900, 400), 240)
    page.paste(dark("four").resize((280, 280)), (20, 60))
    page.paste(dark("three").resize((340, 340)), (520, 30))
    bring(loaded, "two.png", encoded(Image.eval(page, lambda level: 255 if level > 230 else level), "PNG"))
    hand.answer()
    expect(loaded.get_by_role("alert")).to_contain_text("one more drawing; the one")
    loaded.get_by_role("button", name="Close").click()


def test_a_page_of_text_is_not_called_a_digit_without_a_word(loaded: Page, hand: Hand) -> None:
    page = Image.new("L", (800, 1000), 250)
    for row in range(30):
        ImageDraw.Draw(page).text((60, 40 + 30 * row), "The quick brown fox jumps over the lazy dog again. " * 2, fill=20)
    bring(loaded, "text.png", encoded(page, "PNG"))
    expect(loaded.get_by_role("alert")).to_be_visible()
    loaded.get_by_role("button", name="Close").click()


DROP = """async ([name, bytes, kind, where]) => {
    const transfer = new DataTransfer();
    if (bytes) transfer.items.add(new File([new Uint8Array(bytes)], name));
    else transfer.setData("text/plain", name);
    const target = where ? document.querySelector(where) : document.body;
    const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return kind === "paste" || event.defaultPrevented;
}"""


ANSWERED = """async () => {
    const { pad, recognizer } = await import("./js/main.js");
    await recognizer.ask({ kind: "read", pixels: pad.pixels() }); // Python answers in the order it was asked
}"""


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(loaded: Page, hand: Hand, way: str) -> None:
    assert loaded.evaluate(DROP, ["four.png", list(GOOD["color.png"]()), way, "#pad-frame"])
    expect(loaded.locator("#prediction")).to_have_text("4")
    assert hand.answer().digit == "4"

    assert loaded.evaluate(DROP, ["only text", None, way, None])
    expect(loaded.get_by_role("alert")).to_contain_text("picture")
    assert hand.answer().digit == "4"
    loaded.get_by_role("button", name="Close").click()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_text_is_dropped_and_pasted_where_one_writes(loaded: Page, hand: Hand, way: str) -> None:
    for place in ("#console-input", "#editor", "#rate-now"):
        assert loaded.evaluate(DROP, ["x.shape", None, way, place]) is (way == "paste")  # a drop is left to the browser
        expect(loaded.get_by_role("alert")).to_be_hidden()


def test_of_pictures_that_come_fast_the_last_stays(loaded: Page, hand: Hand) -> None:
    for name in ("large.jpg", "photo-shadow.jpg", "gray.bmp"):
        loaded.set_input_files("#upload", {"name": name, "mimeType": "", "buffer": GOOD[name]()})
    expect(loaded.locator("#prediction")).to_have_text("7")
    loaded.evaluate(ANSWERED)
    assert hand.answer().digit == "7"
    loaded.locator("#undo").click()
    assert hand.answer().verdict == "empty"


def test_pillow_comes_with_the_first_picture_and_its_progress_shows(page: Callable[..., Page], served: str) -> None:
    asked: list[str] = []

    def no_pillow(page: Page) -> None:
        page.on("request", lambda request: asked.append(request.url))
        page.context.route("**/archives/pillow*", lambda route: route.abort())

    fresh = page(served, expected_console="ERR_FAILED|pillow", prepare=no_pillow)
    fresh.wait_for_selector("html[data-state=ready]")
    assert not any("pillow" in url for url in asked)
    hand = Hand(fresh)
    hand.draw(SEVEN)
    before = hand.answer()
    bring(fresh, "four.png", GOOD["color.png"]())
    expect(fresh.get_by_role("alert")).to_contain_text("could not be loaded")
    assert hand.answer() == before
    fresh.context.unroute("**/archives/pillow*")
    asked.clear()
    fresh.evaluate(
        """() => { globalThis.said = []; const status = document.getElementById("status");
                   new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true }); }"""
    )
    bring(fresh, "four.png", GOOD["color.png"]())
    assert hand.answer().digit == "4"
    assert "Fetching Pillow, which decodes pictures" in fresh.evaluate("said")
    expect(fresh.locator("#status")).to_have_text("That is a 4.")
    expect(fresh.locator("#bytes")).to_be_hidden()
    assert any("pillow" in url for url in asked)


def test_a_picture_is_still_there_after_a_reload_and_reads_the_same(page: Callable[..., Page], served: str) -> None:
    """Without Pillow, it is read by its ink."""
    fresh = page(served, expected_console="ERR_FAILED|pillow")
    fresh.wait_for_selector("html[data-state=ready]")
    bring(fresh, "photo.jpg", GOOD["photo.jpg"]())
    hand = Hand(fresh)
    before = hand.answer()
    hand.wait_until_kept()
    fresh.reload()
    fresh.wait_for_selector("html[data-state=ready]")
    expect(fresh.locator("#prediction")).to_have_text(before.digit)
    assert Hand(fresh).answer() == before

    fresh.locator("#clear").click()
    hand.wait_until_kept()
    bring(fresh, "four.png", GOOD["color.png"]())
    assert hand.answer().digit == "4"
    hand.wait_until_kept()
    fresh.context.route("**/archives/pillow*", lambda route: route.abort())
    fresh.reload()
    fresh.wait_for_selector("html[data-state=ready]")
    expect(fresh.get_by_role("alert")).to_contain_text("could not be loaded")
    assert Hand(fresh).answer().digit == "4"


def test_samples_of_mnist_are_read_and_some_are_misread(loaded: Page, hand: Hand) -> None:
    strip = loaded.get_by_role("group", name="MNIST’s test digits").get_by_role("button")
    expect(strip).to_have_count(25)
    right = []
    for sample in strip.all():
        sample.click()
        meant = (sample.get_attribute("aria-label") or "")[-1]
        right.append(hand.answer().digit == meant)
    assert right.count(True) >= 10
    assert right.count(False) >= 1
    expect(loaded.locator("#samples p")).to_contain_text("labeled")


def test_a_sample_reaches_the_network_as_mnist_has_it(loaded: Page, hand: Hand) -> None:
    loaded.get_by_role("button", name="Test digit 0,").click()
    hand.answer()
    seen = loaded.evaluate("async () => Array.from((await import('./js/main.js')).reading.image.data)")
    images = (PROJECT / "vendor" / "mnist" / "t10k-images-idx3-ubyte").read_bytes()
    original = np.frombuffer(images[16 : 16 + 784], np.uint8) / 255
    assert np.abs(np.array(seen) - original).mean() < 0.02


# The camera of a computer.


def test_a_refused_camera_is_a_sentence(loaded: Page, hand: Hand) -> None:
    loaded.locator("#camera").click()
    expect(loaded.get_by_role("alert")).to_contain_text("choose a picture instead")
    loaded.get_by_role("button", name="Close").click()


def test_over_plain_http_from_another_machine_the_camera_is_a_sentence(loaded: Page, hand: Hand) -> None:
    loaded.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true })")
    loaded.locator("#camera").click()
    expect(loaded.get_by_role("alert")).to_contain_text("over https")
    loaded.get_by_role("button", name="Close").click()
    loaded.evaluate("() => { delete navigator.mediaDevices; }")


def test_the_camera_of_a_computer_takes_a_photo(loaded: Page, hand: Hand) -> None:
    loaded.context.grant_permissions(["camera"])
    loaded.locator("#camera").click()
    loaded.wait_for_function("() => document.querySelector('#camera-dialog video').videoWidth > 0")
    before = loaded.locator("#pad").get_attribute("data-revision")
    loaded.get_by_role("button", name="Take the photo").click()
    expect(loaded.locator("#camera-dialog")).to_be_hidden()
    expect(loaded.locator("#pad")).not_to_have_attribute("data-revision", before or "")
    assert hand.answer().verdict != "empty"
    assert loaded.evaluate("document.querySelector('#camera-dialog video').srcObject") is None
    loaded.context.clear_permissions()


def test_phones_bring_a_photo_with_their_own_camera(page: Callable[..., Page], served: str) -> None:
    phone = page(served, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    expect(phone.locator("#camera")).to_be_hidden()
    photo_control = phone.locator("#photo")
    expect(photo_control).to_be_visible()
    assert photo_control.get_attribute("capture") == "environment"
