"""Rooms and what stands in the URL."""

from __future__ import annotations

from hand import SEVEN, Hand
from playwright.sync_api import Page, expect


def test_the_page_opens_in_the_draw_room(loaded: Page) -> None:
    expect(loaded.locator("html")).to_have_attribute("data-open", "draw")
    expect(loaded.locator("#draw")).to_be_visible()
    expect(loaded.get_by_role("navigation").locator("[data-room=draw]")).to_have_attribute("aria-current", "page")


def test_opening_a_room_keeps_the_drawing_and_a_room_that_is_not_there_is_the_first(loaded: Page, hand: Hand) -> None:
    hand.draw(SEVEN)
    seven = hand.answer()
    before = loaded.url
    loaded.evaluate("async () => (await import('./js/main.js')).state.set({ room: 'attic' }, { newEntry: true })")
    assert loaded.url == f"{before}?room=attic"
    expect(loaded.locator("html")).to_have_attribute("data-open", "draw")
    loaded.locator("[data-room=draw]").click()
    assert loaded.url == before
    loaded.go_back()
    assert loaded.url == f"{before}?room=attic"
    loaded.go_back()
    assert loaded.url == before
    assert hand.answer() == seven


def test_the_answer_is_shown_below_the_pad_in_every_other_room(loaded: Page, hand: Hand) -> None:
    expect(loaded.locator("#short-answer")).to_be_hidden()  # the Draw room shows it in large
    for room in ("inside", "train"):
        loaded.locator(f"nav [data-room={room}]").click()
        hand.draw(SEVEN)
        hand.answer()
        expect(loaded.locator("#short-answer")).to_contain_text("That is a 7.")
        expect(loaded.locator("#short-answer")).to_be_visible()
    loaded.locator("nav [data-room=draw]").click()
