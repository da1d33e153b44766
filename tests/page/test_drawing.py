"""Drawing with mouse, finger and pen."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hand import FOUR, ONE, SEVEN, ZERO, Hand, Stroke, strokes_of
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(("strokes", "digit"), [(ZERO, "0"), (ONE, "1"), (FOUR, "4"), (SEVEN, "7")])
@pytest.mark.parametrize("tool", ["mouse", "touch", "pen"])
def test_a_drawn_digit_is_read(loaded: Page, hand: Hand, tool: str, strokes: list[Stroke], digit: str) -> None:
    Hand(loaded, tool).draw(strokes)

    answer = hand.answer()
    assert answer.digit == digit
    assert answer.verdict == "digit"
    assert float(answer.confidence.removesuffix(" %")) == pytest.approx(answer.bars[int(digit)], abs=0.11)
    assert sum(answer.bars) == pytest.approx(100, abs=0.5)
    expect(loaded.locator("#status")).to_have_text(f"That is a {digit}.")


def test_nothing_drawn_is_no_digit(loaded: Page, hand: Hand) -> None:
    answer = hand.answer()
    assert (answer.digit, answer.verdict, answer.confidence) == ("", "empty", "")
    assert answer.bars == [0] * 10
    expect(loaded.locator("#hint")).to_be_visible()
    expect(loaded.locator("#status")).to_have_text("Draw a digit from 0 to 9.")


def test_the_answer_comes_while_the_pen_is_still_down(hand: Hand) -> None:
    hand.press((140, 40))
    for y in range(50, 240, 5):
        hand.move((140, y))
    assert hand.answer().digit == "1"
    hand.lift()


def test_every_change_of_the_ink_raises_its_revision(loaded: Page, hand: Hand) -> None:
    revisions = [int(loaded.locator("#pad").get_attribute("data-revision") or "")]
    for change in (
        lambda: hand.draw(ONE),
        lambda: hand.draw(FOUR[1:]),
        loaded.locator("#undo").click,
        loaded.locator("#redo").click,
        loaded.locator("#clear").click,
    ):
        change()
        revisions.append(int(loaded.locator("#pad").get_attribute("data-revision") or ""))
    assert revisions == sorted(set(revisions))


def test_what_the_network_sees_is_shown(loaded: Page, hand: Hand) -> None:
    hand.draw(ONE)
    hand.answer()
    ink = loaded.evaluate(
        """() => { const seen = document.querySelector("#network-input");
                   const rgba = seen.getContext("2d").getImageData(0, 0, 28, 28).data;
                   return Array.from({ length: 784 }, (_, i) => rgba[4 * i + 3]); }"""
    )
    rows = [sum(ink[28 * y : 28 * y + 28]) > 0 for y in range(28)]
    top = rows.index(True)
    assert rows == [False] * top + [True] * 20 + [False] * (8 - top)  # the 20 pixels of MNIST
    assert top in (4, 5)  # centered: the ink's middle is between two rows


def test_a_palm_draws_nothing(loaded: Page, hand: Hand) -> None:
    browser = loaded.context.new_cdp_session(loaded)
    box = loaded.locator("#pad").bounding_box()
    assert box

    def touch(kind: str, *points: tuple[int, float, float]) -> None:
        touches = [
            {"id": id, "x": box["x"] + x * box["width"] / 280, "y": box["y"] + y * box["height"] / 280} for id, x, y in points
        ]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (1, 140, 50))
    touch("touchStart", (1, 140, 50), (2, 260, 260))
    for y in range(60, 231, 10):
        touch("touchMove", (1, 140, y), (2, 260, 260 - y / 3))
    touch("touchEnd")
    assert hand.answer().digit == "1"
    loaded.locator("#undo").click()
    assert hand.answer().verdict == "empty"


def test_a_cancelled_touch_leaves_no_mark(loaded: Page, hand: Hand) -> None:
    hand.draw(FOUR)
    before = strokes_of(loaded)
    finger = Hand(loaded, "touch")
    finger.press((60, 250))
    finger.move((90, 200))
    finger.cancel()
    assert strokes_of(loaded) == before
    loaded.locator("#redo").click()  # as if it had never been there
    assert strokes_of(loaded) == before
    loaded.locator("#undo").click()
    assert strokes_of(loaded) == before[:1]


def test_while_a_pen_draws_touches_are_palms(loaded: Page, hand: Hand) -> None:
    palm, pen = Hand(loaded, "touch"), Hand(loaded, "pen")
    palm.draw([[(250, 250)]])  # it lands a moment before the pen
    for stroke in FOUR:
        pen.draw([stroke])
        palm.draw([[(240, 260), (245, 262)]])
    assert len(strokes_of(loaded)) == 2
    assert hand.answer().digit == "4"
    end = time.monotonic() + 30
    while len(strokes_of(loaded)) < 3:  # a while later fingers draw again
        assert time.monotonic() < end
        palm.draw([[(100, 100)]])


@pytest.mark.parametrize("move", ["document.body.style.paddingTop = '60px'", "scrollBy(0, 40)"])
def test_ink_stays_under_the_pen_when_the_page_moves(loaded: Page, hand: Hand, move: str) -> None:
    before = loaded.viewport_size
    assert before
    loaded.set_viewport_size({"width": 1100, "height": 500})
    try:
        hand.press((100, 40))
        hand.move((100, 80))
        loaded.evaluate(move)
        hand.look()
        hand.move((150, 120))
        hand.lift()
        last = strokes_of(loaded)[-1]["points"][-1]
        assert (last["x"], last["y"]) == pytest.approx((150, 120), abs=1)
    finally:
        loaded.evaluate("document.body.style.paddingTop = ''; scrollTo(0, 0)")
        loaded.set_viewport_size(before)


def test_on_a_screen_of_another_density_the_ink_is_sharp(loaded: Page, hand: Hand) -> None:
    browser = loaded.context.new_cdp_session(loaded)
    width = loaded.evaluate("document.querySelector('#pad').width")
    # A browser notices an emulated density only with another size; the pad's own size follows the height alone.
    for density, page_width in ((2, 1101), (1, 1100)):
        browser.send(
            "Emulation.setDeviceMetricsOverride",
            {"width": page_width, "height": 800, "mobile": False, "deviceScaleFactor": density},
        )
        expect(loaded.locator("#pad")).to_have_attribute("width", str(density * width))


def test_a_finger_on_the_pad_does_not_scroll_the_page(page: Callable[..., Page], served: str) -> None:
    phone = page(served, viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    phone.wait_for_selector("html[data-state=ready]")
    finger = Hand(phone, "touch")
    finger.draw([[(140, 230), (140, 120), (140, 40)]])
    assert phone.evaluate("scrollY") == 0
    assert finger.answer().digit == "1"
