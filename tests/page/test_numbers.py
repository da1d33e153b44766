"""Number mode: several digits on a wide pad, read as one number."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hand import FOUR, ONE, SEVEN, ZERO, Hand, Stroke, numbers, pixels_of
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from test_accessible import axe

from digits.recognizer import Recognizer
from digits.shipped_models import default_weights
from web.numbers import Numbers

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"

A: list[Stroke] = [[(80, 230), (140, 50), (200, 230)], [(105, 165), (175, 165)]]
STEP = 120
"""Digits are written this far apart, in pad units."""


def side_by_side(*digits: Sequence[Stroke], step: float = STEP) -> list[Stroke]:
    return [[(x - 60 + step * i, y) for x, y in stroke] for i, digit in enumerate(digits) for stroke in digit]


@pytest.fixture
def writer(loaded: Page) -> Iterator[Hand]:
    """A mouse over the page in number mode, with nothing written."""
    loaded.locator("#clear").click()
    loaded.locator("button[data-mode=number]").click()
    expect(loaded.locator("#status")).to_have_text("Write a number.")
    yield Hand(loaded)
    loaded.locator("nav [data-room=draw]").click()
    loaded.locator("#clear").click()
    loaded.locator("button[data-mode=digit]").click()
    expect(loaded.locator("#status")).to_have_text("Draw a digit from 0 to 9.")


def test_several_digits_are_read_as_one_number(loaded: Page, writer: Hand) -> None:
    assert "mode=number" in loaded.url
    pad = loaded.locator("#pad").bounding_box()
    assert pad
    assert pad["width"] > 2 * pad["height"]
    writer.draw(side_by_side(SEVEN, ZERO, FOUR, ONE))
    assert writer.answer().digit == "7041"
    expect(loaded.locator("#status")).to_have_text("That is 7041.")
    places = loaded.locator("[data-place]")
    expect(places).to_have_text(["7", "0", "4", "1"])
    for i in range(4):  # each above its ink
        box = places.nth(i).bounding_box()
        assert box
        middle = (box["x"] + box["width"] / 2 - pad["x"]) * 280 / pad["height"]
        assert middle == pytest.approx(80 + STEP * i, abs=25)
        assert box["y"] + box["height"] <= pad["y"] + 1


def test_one_digit_is_shown_in_detail(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, ZERO))
    assert writer.answer().bars[0] > 90  # the newest
    seven = loaded.get_by_role("button", name="Digit 1: 7")
    seven.press("Enter")
    expect(seven).to_have_attribute("aria-pressed", "true")
    assert writer.answer().bars[7] > 90
    expect(loaded.locator("#place-words")).to_contain_text("Digit 1: 7")
    writer.draw(side_by_side(SEVEN, ZERO, ONE)[2:])
    assert writer.answer().bars[1] > 90


def test_a_letter_between_digits_is_no_digit(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, A, ONE, step=170))
    number = writer.answer().digit
    assert (len(number), number[0], number[2]) == (3, "7", "1")
    expect(loaded.locator("[data-place='1']")).to_have_attribute("data-verdict", "not-a-digit")
    expect(loaded.locator("#status")).to_contain_text("place 2 does not look like a digit")


def test_ink_is_kept_and_can_be_undone(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, ONE, ONE, ONE))
    assert writer.answer().digit == "7111"
    for number in ("711", "71"):
        loaded.locator("#undo").click()
        assert writer.answer().digit == number
    loaded.locator("#redo").click()
    loaded.locator("#redo").click()
    loaded.locator("button[data-mode=digit]").click()  # the square has no space for this
    expect(loaded.locator("#status")).to_have_text("Draw a digit from 0 to 9.")
    loaded.locator("#undo").click()
    expect(loaded.locator("#status")).to_have_text("That is 7111.")
    expect(loaded.locator("button[data-mode=number]")).to_have_attribute("aria-pressed", "true")


def test_a_number_can_be_written_with_keys(loaded: Page, writer: Hand) -> None:
    loaded.locator("#pad").focus()
    for key in ["Home"] * 70 + ["PageDown"] * 4 + ["Space"] + ["ArrowDown"] * 18 + ["Space"] + ["ArrowUp"] * 18:
        loaded.keyboard.press(key)
    for key in ["ArrowRight"] * 60 + ["Space"] + ["ArrowDown"] * 18 + ["Space"]:
        loaded.keyboard.press(key)
    assert writer.answer().digit == "11"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(loaded: Page, writer: Hand, scheme: str) -> None:
    loaded.emulate_media(color_scheme=scheme)
    writer.draw(side_by_side(SEVEN, A, ONE, step=170))
    writer.answer()
    expect(loaded.locator("#status")).to_contain_text("That looks like")
    assert axe(loaded) == []
    loaded.emulate_media(color_scheme="light")


def test_on_a_phone_the_number_fits(loaded: Page, writer: Hand) -> None:
    before = loaded.viewport_size
    loaded.set_viewport_size({"width": 360, "height": 640})
    writer.draw(side_by_side(SEVEN, ZERO, FOUR, ONE, SEVEN))
    assert writer.answer().digit == "70417"
    assert loaded.evaluate("document.documentElement.scrollWidth") <= 360
    loaded.set_viewport_size(before)


def test_inside_and_code_read_the_digit_that_was_chosen(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, FOUR))
    writer.answer()
    loaded.locator("nav [data-room=inside]").click()
    shown = loaded.locator("#neuron-title")
    expect(shown).to_have_text("Digit 4")
    loaded.locator("[data-place='0']").click()
    expect(shown).to_have_text("Digit 7")
    expect(loaded.locator("#short-answer")).to_contain_text("That is 74.")
    loaded.locator("nav [data-room=code]").click()
    expect(loaded.locator("#edited-prediction")).to_have_text("7")


def test_too_many_digits_are_refused_in_a_sentence(loaded: Page, writer: Hand) -> None:
    writer.draw([[(12 + 22 * i, 60), (12 + 22 * i, 200)] for i in range(30)], between=1)
    expect(loaded.locator("#status")).to_contain_text("at most 20 digits")
    assert writer.answer().digit == ""
    for _ in range(26):
        loaded.locator("#undo").click()
    assert writer.answer().digit.startswith("11")


def test_what_may_be_a_number_is_offered_the_switch_too(loaded: Page, hand: Hand) -> None:
    hand.draw([[(0.6 * x - 25 + 115 * i, y) for x, y in stroke] for i, digit in enumerate([ZERO, FOUR]) for stroke in digit])
    hand.draw([[(100, 140), (160, 150)]])  # joins the two digits
    assert hand.answer().verdict == "not-a-digit"
    expect(loaded.locator("#to-number")).to_be_visible()


def test_two_digits_in_digit_mode_are_offered_the_switch(loaded: Page, hand: Hand) -> None:
    hand.draw([[(0.6 * x - 20 + 130 * i, y) for x, y in stroke] for i, digit in enumerate([SEVEN, FOUR]) for stroke in digit])
    assert hand.answer().verdict != "digit"
    expect(loaded.locator("#status")).to_have_text("That looks like several digits.")
    loaded.get_by_role("button", name="Read it as a number").click()
    expect(loaded.locator("#status")).to_have_text("That is 74.")
    loaded.locator("button[data-mode=digit]").click()
    expect(loaded.locator("#status")).to_have_text("That looks like several digits.")
    loaded.locator("#clear").click()
    hand.draw(FOUR)
    assert hand.answer().verdict == "digit"
    expect(loaded.locator("#to-number")).to_be_hidden()


INK_IS_LIGHT = """() => {
    const canvas = document.querySelector("#lattice canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const ink = pixels.findIndex((value, i) => i % 4 === 3 && value === 255) - 3;
    return pixels[ink] > 128;
}"""


def test_inside_shows_how_the_ink_was_divided(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, FOUR))
    writer.answer()
    loaded.locator("nav [data-room=inside]").click()
    candidates = loaded.get_by_role("group", name="Candidates").get_by_role("button")
    expect(candidates.filter(has_text="7").first).to_be_visible()
    expect(loaded.locator("#candidates .won")).to_have_count(2)
    half = candidates.and_(loaded.locator(":not(.won)")).first
    half.focus()  # the keyboard, or a mouse over it
    expect(loaded.locator("#candidate-words")).to_contain_text("would read")
    expect(loaded.locator("#lattice .box")).to_be_visible()
    ways = loaded.get_by_role("group", name="What it could read").get_by_role("button")
    expect(ways.first).to_contain_text("74")
    for way in (ways.first, ways.nth(1)):  # the best path, and a whole path that was not chosen
        way.hover()
        number = (way.text_content() or "").split()[0]
        expect(loaded.locator("#candidate-words")).to_contain_text(f"would read {number}, ")
        expect(loaded.locator("#lattice .box")).to_have_count(len(number))
        expect(loaded.locator("#candidates .pointed")).to_have_count(len(number))
    assert axe(loaded) == []
    loaded.emulate_media(color_scheme="dark")
    loaded.wait_for_function(INK_IS_LIGHT)
    loaded.emulate_media(color_scheme="light")


def test_the_shared_image_shows_each_digit_of_a_number(loaded: Page, writer: Hand, tmp_path: Path) -> None:
    writer.draw(side_by_side(SEVEN, FOUR, step=300))
    writer.answer()
    loaded.get_by_role("button", name="Share").click()
    with loaded.expect_download() as saved:
        loaded.locator("#save-result").click()
    saved.value.save_as(tmp_path / "result.png")
    loaded.keyboard.press("Escape")
    assert saved.value.suggested_filename == "number-74.png"
    with Image.open(tmp_path / "result.png") as picture:
        above = np.asarray(picture.convert("L"), float)[:54, 56 : 56 + 1400].reshape(54, -1, 100)  # the pad, at twice its size
    labeled = np.flatnonzero(np.ptp(above, axis=(0, 2)) > 50)
    assert set(labeled) <= {0, 1, 2, 6, 7, 8}
    assert {1, 7} <= set(labeled)


RANDOM = """numbers => {
    const random = Math.random;
    let next = 0;
    Math.random = () => numbers[next++ % numbers.length];
    globalThis.restoreRandom = () => (Math.random = random);
}"""


def test_sums_are_answered_by_writing(loaded: Page, writer: Hand) -> None:
    loaded.evaluate(RANDOM, [0, 0, 0, 0, 0, 0.99, 0, 0.99])
    loaded.get_by_role("button", name="Play:").click()
    loaded.get_by_role("button", name="Start").press("Enter")
    sum_ = loaded.locator("#sum")
    expect(sum_).to_have_text("2 × 2 =")
    writer.draw(SEVEN)  # wrong
    assert writer.answer().digit == "7"
    loaded.locator("#clear").click()
    writer.draw(FOUR)
    expect(sum_).to_have_text("10 − 9 =")
    expect(loaded.locator("#sums-score")).to_have_text("1 solved")
    assert axe(loaded) == []
    loaded.evaluate("() => { const now = performance.now(); performance.now = () => now + 60_000; }")  # time is over
    expect(loaded.locator("#sums-outcome")).to_have_text("I solved 1 sum in 60 seconds, written by hand.")
    loaded.evaluate("() => { delete performance.now; }")
    loaded.locator("#sums-untimed").check()
    loaded.get_by_role("button", name="Start").click()
    expect(sum_).not_to_be_empty()
    expect(loaded.get_by_role("timer")).to_be_empty()
    loaded.get_by_role("button", name="End").click()
    loaded.locator("#sums-close").click()
    loaded.evaluate("restoreRandom()")
    expect(loaded.locator("#play")).to_be_focused()


IN_BROWSER = """async () => {
    const { pad, recognizer } = await import("./js/main.js");
    const { StrokeBitmaps } = await import("./js/number/stroke_bitmaps.js");
    const bitmaps = new StrokeBitmaps().of(pad.ink.drawing);
    const coverage = bitmaps.flatMap(({ coverage }) => [...coverage]);
    const strokes = bitmaps.map(({ coverage, ...stroke }) => stroke);
    const file = "uploads/strokes";
    const contents = { [file]: Uint8Array.from(coverage) };
    const { number, confidence, digits } = await recognizer.ask({ kind: "number", values: { file, strokes }, contents });
    return { coverage, strokes, number, confidence, probabilities: digits.map((digit) => [...digit.probabilities.data]) };
}"""


def test_the_browser_and_cpython_read_the_same_number(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, FOUR, A, ZERO, step=150))
    writer.answer()
    seen = numbers(loaded, IN_BROWSER)
    here = Numbers(Recognizer.load(default_weights(WEIGHTS))).read(bytes(seen["coverage"]), seen["strokes"])
    assert seen["number"] == here["number"]
    assert seen["confidence"] == pytest.approx(here["confidence"], abs=1e-5)
    expected = [digit["probabilities"] for digit in here["digits"]]
    np.testing.assert_allclose(seen["probabilities"], expected, atol=1e-5)


@pytest.mark.parametrize("strokes", [ZERO, FOUR, SEVEN])
def test_a_number_of_one_digit_is_read_as_the_digit(loaded: Page, writer: Hand, strokes: list[Stroke]) -> None:
    writer.draw(strokes)
    number = writer.answer()
    loaded.locator("button[data-mode=digit]").click()
    expect(loaded.locator("#status")).to_contain_text("That is a")
    assert writer.answer().bars == number.bars
    assert writer.answer().digit == number.digit


def test_the_eraser_takes_a_digit_away(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, ONE, FOUR))
    assert writer.answer().digit == "714"
    loaded.get_by_role("button", name="Eraser").click()
    loaded.locator("#pen-width").fill("48")
    writer.draw([[(270 + 25 * i, 20), (270 + 25 * i, 260)] for i in range(6)], between=1)
    loaded.get_by_role("button", name="Eraser").click()
    loaded.locator("#pen-width").fill("18")
    assert writer.answer().digit == "71"


def test_a_link_to_a_number_opens_the_wide_pad(loaded: Page, writer: Hand) -> None:
    writer.draw(side_by_side(SEVEN, ONE, FOUR, FOUR))
    writer.answer()
    link = loaded.evaluate(
        """async () => (await import("./js/pad/ink_link.js")).linkTo((await import("./js/main.js")).pad.ink.drawing)"""
    )
    loaded.locator("#clear").click()
    loaded.locator("button[data-mode=digit]").click()
    expect(loaded.locator("#status")).to_have_text("Draw a digit from 0 to 9.")
    loaded.evaluate("(link) => { location.hash = link; }", link)
    expect(loaded.locator("#status")).to_have_text("That is 7144.")
    assert "mode=number" in loaded.url


def picture_of(*digits: Sequence[Stroke]) -> bytes:
    """A photo-like PNG: dark pen on light paper."""
    picture = Image.new("L", (420, 200), 235)
    pen = ImageDraw.Draw(picture)
    for stroke in side_by_side(*digits, step=150):
        pen.line([(0.5 * x + 40, 0.5 * y + 25) for x, y in stroke], fill=30, width=9, joint="curve")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def test_a_picture_of_a_number_is_read(loaded: Page, writer: Hand) -> None:
    loaded.set_input_files("#upload", {"name": "number.png", "mimeType": "image/png", "buffer": picture_of(SEVEN, FOUR, ONE)})
    expect(loaded.locator("#status")).to_have_text("That is 741.")
    places = loaded.locator("[data-place]")
    lefts = [box["x"] for box in (places.nth(i).bounding_box() for i in range(3)) if box]
    assert lefts == sorted(lefts)
    ink = loaded.evaluate("async () => (await import('./js/main.js')).pad.ink.picture.coverage.length")
    assert ink == 700 * 280
    writer.draw([[(690, 60), (690, 220)]])  # over the picture
    assert writer.answer().digit == "7411"
    loaded.locator("#undo").click()
    expect(loaded.locator("#status")).to_have_text("That is 741.")
    loaded.locator("nav [data-room=inside]").click()
    loaded.locator("[data-place='1']").click()
    expect(loaded.locator("#neuron-title")).to_have_text("Digit 4")


def test_a_picture_is_read_again_when_the_switch_is_pressed(loaded: Page, hand: Hand) -> None:
    loaded.set_input_files("#upload", {"name": "number.png", "mimeType": "image/png", "buffer": picture_of(SEVEN, FOUR)})
    hand.answer()
    loaded.locator("button[data-mode=number]").click()
    expect(loaded.locator("#status")).to_have_text("That is 74.")
    loaded.locator("button[data-mode=digit]").click()
    expect(loaded.locator("[data-place]").first).to_be_hidden()
    assert hand.answer().digit != "74"
    assert pixels_of(loaded).size == 280 * 280
