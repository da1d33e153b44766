"""axe-core finds nothing in any room, light or dark; and with large text or a thumb the page still works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hand import FOUR, Hand
from playwright.sync_api import Page, expect

PROJECT = Path(__file__).resolve().parents[2]
AXE = (PROJECT / "vendor" / "test" / "axe.min.js").read_text(encoding="utf-8")

VIOLATIONS = """async () => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished)); // half a transition has other colors
    return (await axe.run()).violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => html.slice(0, 120) + " " + failureSummary).join("; ")}`);
}"""


def axe(page: Page) -> list[str]:
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE)
    return page.evaluate(VIOLATIONS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("room", ["draw", "learn", "inside", "train", "code"])
def test_axe_finds_nothing(loaded: Page, hand: Hand, room: str, scheme: str) -> None:
    loaded.emulate_media(color_scheme=scheme)
    try:
        hand.draw(FOUR)
        hand.answer()
        loaded.locator(f"nav [data-room={room}]").click()
        expect(loaded.locator("html")).to_have_attribute("data-open", room)
        expect(loaded.locator("#status")).to_have_text("That is a 4.")
        assert axe(loaded) == []
    finally:
        loaded.emulate_media(color_scheme="light")
        loaded.locator("nav [data-room=draw]").click()


def test_axe_finds_nothing_in_what_opens(loaded: Page, hand: Hand) -> None:
    hand.draw(FOUR)
    hand.answer()
    loaded.locator("nav [data-room=inside]").click()
    loaded.get_by_role("button", name="Everything at once").click()
    loaded.locator("#source-code > summary").click()
    loaded.locator(".stage .about summary").first.click()
    loaded.locator(".stage .term").first.click()
    assert axe(loaded) == []
    loaded.keyboard.press("Escape")
    loaded.locator("#source-code > summary").click()
    loaded.get_by_role("button", name="Everything at once").click()
    loaded.locator("nav [data-room=draw]").click()
    loaded.get_by_role("button", name="Share").click()
    assert axe(loaded) == []
    loaded.keyboard.press("Escape")
    loaded.set_input_files("#upload", {"name": "none.png", "mimeType": "", "buffer": b"no picture"})
    expect(loaded.get_by_role("alert")).to_be_visible()
    assert axe(loaded) == []
    loaded.get_by_role("button", name="Close").click()


def test_at_320_pixels_nothing_overflows_in_any_room(page: Callable[..., Page], served: str) -> None:
    phone = page(served, viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    phone.wait_for_selector("html[data-state=ready]")
    hand = Hand(phone, "touch")
    for room in ("draw", "learn", "inside", "train", "code"):
        phone.evaluate("async (room) => (await import('./js/main.js')).state.set({ room })", room)
        phone.locator(f"#{room}:not([inert])").wait_for()
        phone.locator("#clear").evaluate("(button) => button.click()")
        hand.draw(FOUR)
        assert hand.answer().digit == "4"
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320
        assert phone.evaluate("[...document.querySelectorAll('button, a, select, summary')].filter((control) => "
                              "control.checkVisibility() && control.getBoundingClientRect().right > 321 && "
                              "!control.closest('#samples, .field')).map((control) => control.outerHTML)") == []  # fmt: skip


def test_focus_is_seen_everywhere(loaded: Page, hand: Hand) -> None:
    loaded.locator("[data-room=draw]").focus()
    for _ in range(12):
        loaded.keyboard.press("Tab")
        seen = loaded.evaluate(
            """() => { const at = document.activeElement, label = at.closest("label.button") ?? at;
                       return [at.id, [at, label].some((one) => getComputedStyle(one).outlineStyle !== "none"
                               && parseFloat(getComputedStyle(one).outlineWidth) >= 2)]; }"""
        )
        assert seen[1], seen[0]
