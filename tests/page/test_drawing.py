"""Drawing with mouse, finger and pen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hand import FOUR, ONE, SEVEN, ZERO, Hand, Stroke
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
    assert rows == [False] * 4 + [True] * 20 + [False] * 4  # the 20 pixels of MNIST, centered


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


def test_a_finger_on_the_pad_does_not_scroll_the_page(page: Callable[..., Page], served: str) -> None:
    phone = page(served, viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    phone.wait_for_selector("html[data-state=ready]")
    finger = Hand(phone, "touch")
    finger.draw([[(140, 230), (140, 120), (140, 40)]])
    assert phone.evaluate("scrollY") == 0
    assert finger.answer().digit == "1"
