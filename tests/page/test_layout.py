"""What fits on which screen, from a phone held sideways to a projector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hand import SEVEN, Hand
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def room(loaded: Page, hand: Hand) -> Iterator[Page]:
    hand.draw(SEVEN)
    hand.answer()
    yield loaded
    loaded.set_viewport_size({"width": 1100, "height": 800})
    loaded.locator("nav [data-room=draw]").click()


def show(page: Page, room: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.locator(f"nav [data-room={room}]").click()
    expect(page.locator(f"#{room}")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")


def box(place: Locator) -> dict[str, float]:
    found = place.bounding_box()
    assert found
    return {**found, "bottom": found["y"] + found["height"]}


def test_on_a_laptop_the_network_and_its_facts_are_in_sight(room: Page) -> None:
    show(room, "draw", 1280, 800)
    expect(room.locator("#samples")).to_be_visible()
    assert room.evaluate("document.documentElement.scrollHeight") == 800


@pytest.mark.parametrize("name", ["draw", "inside", "train"])
def test_on_a_phone_held_sideways_the_tools_share_a_row_in_sight(room: Page, name: str) -> None:
    for width, height in ((844, 390), (667, 375)):
        show(room, name, width, height)
        undo, clear = box(room.locator("#undo")), box(room.locator("#clear"))
        assert undo["y"] == pytest.approx(clear["y"], abs=2)
        assert clear["bottom"] <= height


@pytest.mark.parametrize("name", ["inside", "train"])
def test_on_a_phone_the_pad_leaves_most_of_the_screen_to_the_room(room: Page, name: str) -> None:
    show(room, name, 360, 740)
    expect(room.locator("#short-answer")).to_be_in_viewport()
    assert box(room.locator("#pad-and-tools"))["bottom"] < 740 / 2.5


def test_text_and_controls_grow_with_a_projector(room: Page) -> None:
    sizes = []
    for width, height in ((1280, 720), (2560, 1440)):
        show(room, "draw", width, height)
        size = "Number.parseFloat(getComputedStyle(document.querySelector('#sentence')).fontSize)"
        sizes.append((room.evaluate(size), box(room.locator("#clear"))["height"], box(room.locator("#model"))["height"]))
    for small, large in zip(*sizes, strict=True):
        assert large > 1.6 * small


def test_nothing_moves_when_the_pen_rests_and_the_answer_is_said(room: Page) -> None:
    """While the pen draws, the sentence is empty."""
    expect(room.locator("#sentence")).to_have_text("That is a 7.")
    places = """(sentence) => {
        document.querySelector("#sentence").textContent = sentence;
        return ["#pad", "#confidence", "#bars"].map((place) => document.querySelector(place).getBoundingClientRect().y);
    }"""
    assert room.evaluate(places, "") == room.evaluate(places, "That is a 7.")


def test_the_confidence_and_its_bar_say_the_same(room: Page) -> None:
    confidence = room.locator("#confidence").inner_text()
    assert f"{room.locator('#bars .likeliest').get_attribute('data-percent')} %" == confidence
