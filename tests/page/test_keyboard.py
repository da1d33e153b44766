"""Drawing with the keys alone, and what a screen reader hears of it."""

from __future__ import annotations

import pytest
from hand import FOUR, SEVEN, Hand, strokes_of
from playwright.sync_api import Page, expect


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_digit_is_drawn_read_and_undone_with_the_keyboard_alone(loaded: Page, hand: Hand) -> None:
    loaded.locator("[data-room=draw]").focus()
    for _ in range(10):
        press(loaded, "Tab")
        if loaded.evaluate("document.activeElement.id") == "pad":
            break
    expect(loaded.locator("#pad")).to_be_focused()
    expect(loaded.locator("#cursor")).to_be_visible()
    expect(loaded.locator("#keyboard-help")).to_be_visible()
    start = place(loaded)
    press(loaded, *["ArrowLeft"] * (start[0] - 9), *["ArrowUp"] * (start[1] - 5))
    press(loaded, "Space", *["ArrowRight"] * 9, *["ArrowDown", "ArrowDown", "ArrowLeft"] * 6, "Space")
    assert hand.answer().digit == "7"
    expect(loaded.locator("#status")).to_have_text("That is a 7.")
    press(loaded, "ArrowRight", "ArrowRight")  # the pen is up
    assert len(strokes_of(loaded)) == 1
    press(loaded, "Control+z")
    assert hand.answer().verdict == "empty"


def test_where_the_pen_is_is_seen_and_said(loaded: Page, hand: Hand) -> None:
    loaded.locator("#pad").focus()
    press(loaded, "ArrowRight", "ArrowDown")
    column, row = place(loaded)
    says = loaded.locator("#pen-position")
    expect(says).to_have_text(f"Column {column + 1}, row {row + 1}, pen up")
    press(loaded, "Enter")
    expect(says).to_have_text(f"Column {column + 1}, row {row + 1}, pen down")
    box, pad = loaded.locator("#cursor").bounding_box(), loaded.locator("#pad").bounding_box()
    assert box
    assert pad
    assert box["x"] - pad["x"] == pytest.approx(column * pad["width"] / 28, abs=2)
    assert box["y"] - pad["y"] == pytest.approx(row * pad["height"] / 28, abs=2)
    press(loaded, "Escape")
    expect(says).to_contain_text("pen up")


def test_undoing_lifts_the_pen(loaded: Page, hand: Hand) -> None:
    loaded.locator("#pad").focus()
    press(loaded, "Space", "ArrowDown", "ArrowDown", "Control+z", "ArrowDown")
    assert strokes_of(loaded) == []


def test_the_pen_stays_on_the_pad(loaded: Page, hand: Hand) -> None:
    loaded.locator("#pad").focus()
    press(loaded, *["Home"] * 30)
    assert place(loaded) == (0, 0)
    press(loaded, *["PageDown"] * 30)
    assert place(loaded) == (27, 27)
    press(loaded, *["ArrowUp"] * 13, *["ArrowLeft"] * 13)


def test_the_eraser_takes_ink_away(loaded: Page, hand: Hand) -> None:
    hand.draw(FOUR)
    four = hand.answer()
    eraser = loaded.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    loaded.locator("#pen-width").fill("48")
    hand.draw([[(60, 60 + 20 * row), (250, 60 + 20 * row)] for row in range(10)])
    assert hand.answer().verdict == "empty"
    for _ in range(10):
        loaded.locator("#undo").click()
    assert hand.answer() == four
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "false")


def test_the_strokes_are_replayed_and_the_answer_stays(loaded: Page, hand: Hand) -> None:
    hand.draw(SEVEN, between=12)
    seven = hand.answer()
    whole = seen(loaded)
    loaded.get_by_role("button", name="Replay").click()
    loaded.wait_for_function(f"(whole) => ({SEEN})() < 0.9 * whole", arg=whole)
    assert hand.answer() == seven
    expect(loaded.get_by_role("button", name="Replay")).to_have_attribute("aria-pressed", "false")
    assert seen(loaded) == whole


def test_where_no_motion_is_wanted_strokes_appear_whole(loaded: Page, hand: Hand) -> None:
    hand.draw([[(60, 60), (60, 220)], [(200, 60), (200, 220)]], between=40)
    loaded.emulate_media(reduced_motion="reduce")
    whole = seen(loaded)
    shown = loaded.evaluate(
        f"""async () => {{
            const replay = document.getElementById("replay"), shown = new Set(), seen = {SEEN};
            replay.click();
            do {{ await new Promise(requestAnimationFrame); shown.add(seen()); }} while (replay.ariaPressed === "true");
            return [...shown];
        }}"""
    )
    loaded.emulate_media(reduced_motion="no-preference")
    assert len(shown) <= 3  # nothing, one, both
    assert max(shown) == whole


def place(page: Page) -> tuple[int, int]:
    style = "getComputedStyle(document.getElementById('cursor'))"
    column, row = page.evaluate(f"[{style}.getPropertyValue('--column'), {style}.getPropertyValue('--row')].map(Number)")
    return column, row


SEEN = """() => {
    const canvas = document.getElementById("pad");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0; for (let i = 3; i < data.length; i += 4) sum += data[i]; return sum;
}"""


def seen(page: Page) -> int:
    """How much ink the eye sees."""
    return page.evaluate(SEEN)
