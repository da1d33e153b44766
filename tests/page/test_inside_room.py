"""Being in the room Inside: pointing, walking with the keys, choosing, tables, and every screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hand import FOUR, SEVEN, Hand, wait_until
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def room(loaded: Page, hand: Hand) -> Iterator[Page]:
    """The room with a seven on the pad, the dense network and nothing selected."""
    loaded.set_viewport_size({"width": 1280, "height": 900})
    loaded.locator("#model").select_option("dense")
    loaded.locator("nav [data-room=inside]").click()
    hand.draw(SEVEN)
    hand.answer()
    loaded.mouse.move(2, 2)
    loaded.evaluate("document.querySelector('#source-code').open = true")
    loaded.get_by_role("button", name="Everything at once").click()
    yield loaded
    nothing = "{ layer: '', neuron: '', off: '', all: '', model: '' }"
    loaded.evaluate(f"async () => (await import('./js/main.js')).state.set({nothing})")
    loaded.locator("nav [data-room=draw]").click()
    loaded.set_viewport_size({"width": 1100, "height": 800})


def field(page: Page, layer: int) -> Locator:
    return page.locator(f"[data-stage='{layer}'] [role=listbox]")


def cell(page: Page, layer: int, index: int) -> dict[str, float]:
    """The middle of a cell of a dense layer's field, for the mouse."""
    canvas = page.locator(f"[data-field='{layer}']")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    side = box["width"] / 16
    return {"x": box["x"] + (index % 16 + 0.5) * side, "y": box["y"] + (index // 16 + 0.5) * side}


def test_the_whole_network_fits_a_screen_and_a_click_opens_a_part(room: Page, hand: Hand) -> None:
    room.get_by_role("button", name="Everything at once").click()
    room.locator("#model").select_option("convolutional")
    parts = room.locator("#parts button")
    expect(parts).to_have_count(8)
    for width, height in ((1280, 800), (360, 740)):
        room.set_viewport_size({"width": width, "height": height})
        room.evaluate("scrollTo(0, 0)")
        for part in parts.all():
            expect(part).to_be_in_viewport(ratio=0.95)
    for hidden in ("#preprocessing", "#through", "#source-code"):
        expect(room.locator(hidden)).to_be_hidden()

    parts.nth(2).click()
    expect(room.locator(".stage:visible h3")).to_have_text("Layer 2")
    expect(room.locator("#neuron-title")).to_contain_text("of layer 2")
    strongest = room.locator("#neuron-title").inner_text()
    assert "layer=2" in room.url
    room.locator(".stage:visible .about summary").click()
    room.locator(".stage:visible").get_by_role("button", name="ReLU").click()
    expect(room.locator("#explanation")).to_contain_text("passes on a positive sum")
    room.keyboard.press("Escape")
    room.locator("#switch").click()  # what is switched off stays in sight
    expect(room.locator("#switch")).to_have_text("Switch on")
    expect(room.locator("#neuron-title")).to_have_text(strongest)
    room.locator("#all-on").click()
    parts.first.press("Enter")
    expect(room.locator("#preprocessing")).to_be_visible()
    expect(room.locator("#through")).to_be_hidden()
    assert room.evaluate("document.documentElement.scrollHeight") < 2000  # it was 5,000
    room.go_back()
    expect(room.locator(".stage:visible h3")).to_have_text("Layer 2")
    parts.nth(2).click()
    expect(room.locator("#through")).to_be_hidden()
    room.get_by_role("button", name="Everything at once").click()
    expect(room.locator(".stage:visible")).to_have_count(7)


def test_pointing_shows_a_neuron_and_leaving_shows_what_was_there_before(room: Page) -> None:
    title = room.locator("#neuron-title")
    expect(title).to_have_text("Digit 7")
    room.mouse.move(**cell(room, 1, 37))
    expect(title).to_have_text("Neuron 37 of layer 1")
    assert "neuron=" not in room.url
    room.mouse.move(2, 2)
    expect(title).to_have_text("Digit 7")
    room.locator("[data-logit='2']").hover()
    expect(title).to_have_text("Digit 2")


def test_a_click_keeps_it_and_another_lets_it_go(room: Page) -> None:
    title = room.locator("#neuron-title")
    at = cell(room, 2, 20)
    room.mouse.click(**at)
    room.mouse.move(2, 2)
    expect(title).to_have_text("Neuron 20 of layer 2")
    assert "layer=2&neuron=20" in room.url
    room.mouse.click(**at)
    room.mouse.move(2, 2)
    expect(title).to_have_text("Digit 7")
    assert "layer=" not in room.url


def test_the_keys_walk_through_a_layer_and_switch_neurons(room: Page) -> None:
    first = field(room, 1)
    first.focus()
    for key in ("Home", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        room.keyboard.press(key)
    expect(room.locator("#neuron-title")).to_have_text("Neuron 16 of layer 1")
    room.wait_for_url("**layer=1&neuron=16**")
    option = first.get_by_role("option")
    expect(option).to_contain_text("Neuron 16, sum ")
    assert first.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert (option.get_attribute("aria-posinset"), option.get_attribute("aria-setsize")) == ("17", "128")
    room.keyboard.press("o")
    expect(room.locator("#switch")).to_have_text("Switch on")
    assert "off=1.16" in room.url
    room.keyboard.press("o")
    expect(room.locator("#switch")).to_have_text("Switch off")
    room.keyboard.press("End")
    expect(room.locator("#neuron-title")).to_have_text("Neuron 127 of layer 1")
    room.keyboard.press("ArrowRight")
    expect(room.locator("#neuron-title")).to_have_text("Neuron 127 of layer 1")


def test_everything_is_reached_with_the_tab_key(room: Page) -> None:
    room.evaluate("async () => (await import('./js/main.js')).state.set({ layer: '1', neuron: '3', off: '1.5' })")
    expect(room.locator("#all-on")).to_be_visible()
    room.locator("nav [data-room=inside]").focus()
    reached = set()
    for _ in range(90):
        room.keyboard.press("Tab")
        reached.add(
            room.evaluate(
                """() => { const at = document.activeElement;
                           return at.id || at.getAttribute("aria-label") || at.textContent; }"""
            )
        )
        if "model" in reached:
            break
    assert reached >= {
        "pad", "all-on", "Layer 1, 128 neurons", "Layer 2, 64 neurons", "The logits of the ten digits", "switch",
        "check-gradients",
        "The 784 numbers as a table", "Layer 1 as a table", "Answer as a table", "Weights and inputs as a table",
        "The source of Dense", "The source of ReLU", "model",
    }  # fmt: skip


def test_the_tables_say_what_the_pictures_show(room: Page, hand: Hand) -> None:
    room.locator("#preprocessing .behind summary").click()
    rows = room.locator("#preprocessing tbody tr")
    expect(rows).to_have_count(28)
    assert any(value not in ("0.00", "") for value in rows.nth(10).locator("td").all_text_contents())
    room.locator("#for-digit summary").click()
    shares = room.locator("#for-digit tbody tr")
    expect(shares).to_have_count(784)
    before = shares.first.text_content()
    room.locator("#clear").click()
    hand.draw(FOUR)
    expect(shares.first).not_to_have_text(before or "")
    for opened in ("#preprocessing .behind summary", "#for-digit summary"):
        room.locator(opened).click()


def test_back_leaves_the_room_and_forward_returns_to_what_was_selected(room: Page) -> None:
    room.mouse.click(**cell(room, 1, 11))
    room.mouse.move(2, 2)
    expect(room.locator("#neuron-title")).to_have_text("Neuron 11 of layer 1")
    room.locator("nav [data-room=draw]").click()
    expect(room.locator("#inside")).to_be_hidden()
    room.go_back()
    expect(room.locator("#neuron-title")).to_have_text("Neuron 11 of layer 1")
    expect(room.locator("#neuron")).to_be_visible()


def test_what_is_no_digit_has_no_answer(room: Page, hand: Hand) -> None:
    answer = room.locator("[data-part='3'] .tile")
    expect(answer).to_have_text("7")
    room.locator("#clear").click()
    hand.draw([[(60, 60), (220, 220)], [(220, 60), (60, 220)], [(140, 50), (140, 230)], [(50, 140), (230, 140)]])
    expect(answer).to_have_text("?")


def test_before_anything_is_drawn_it_says_what_to_do(room: Page, hand: Hand) -> None:
    room.locator("#clear").click()
    hand.answer()
    expect(room.locator("#neuron .placeholder")).to_have_text("Draw a digit, then choose a neuron.")
    expect(room.locator("#preprocessing [data-step=ink] p")).to_have_text("There is no ink yet.")
    expect(room.locator("#contributions")).to_be_hidden()


def test_on_a_phone_the_neuron_stands_below_its_layer_and_nothing_overflows(page: Callable[..., Page], served: str) -> None:
    phone = page(
        f"{served}?room=inside&model=dense&all=1", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    phone.wait_for_selector("html[data-state=ready]")
    hand = Hand(phone, "touch")
    hand.draw(SEVEN)
    hand.answer()
    expect(phone.locator("#status")).to_have_text("That is a 7.")  # the pen rests, and all is laid out
    phone.touchscreen.tap(**cell(phone, 1, 21))
    expect(phone.locator("#neuron-title")).to_have_text("Neuron 21 of layer 1")
    assert phone.evaluate("document.querySelector('[data-stage=\"1\"]').nextElementSibling.id") == "neuron"
    phone.locator("#switch").tap()
    expect(phone.locator("#switch")).to_have_text("Switch on")
    for summary in phone.locator("#inside summary:visible").all():
        summary.tap()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_in_a_resized_window_the_neuron_moves_below_the_stages_and_back(room: Page) -> None:
    beside, below = room.locator("#through > #neuron"), room.locator("#stages > #neuron")
    expect(beside).to_be_visible()
    room.set_viewport_size({"width": 600, "height": 900})
    expect(below).to_be_visible()
    room.set_viewport_size({"width": 1280, "height": 900})
    expect(beside).to_be_visible()


def test_what_is_off_the_screen_is_right_once_the_pen_rests(room: Page, hand: Hand) -> None:
    far = room.locator("#source-code [data-live=range], [data-stage='2'] .most")
    room.evaluate("scrollTo(0, 0)")
    expect(room.locator("#source-code")).not_to_be_in_viewport()
    before = far.all_text_contents()
    hand.draw(FOUR)
    hand.answer()
    for place, text in zip(far.all(), before, strict=True):
        expect(place).not_to_have_text(text)
    wait_until(
        room,
        """async () => {
            const { inside, activations } = (await import("./js/main.js")).reading;
            const most = Math.max(...inside.stages[1].sums.data.map(Math.abs)).toFixed(1);
            const layer = document.querySelector("#source-code [data-layer]");
            const largest = Math.max(...activations[layer.dataset.layer].data).toFixed(2);
            return document.querySelector("[data-stage='2'] .most").textContent === most &&
                layer.querySelector("[data-live=range]").textContent.includes(` to ${largest},`);
        }""",
    )
    rested = far.all_text_contents()
    room.locator("#source-code").scroll_into_view_if_needed()
    expect(room.locator("#source-code")).to_be_in_viewport()
    assert far.all_text_contents() == rested
