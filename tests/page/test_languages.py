"""The page in German: the language follows the browser and can be chosen, everything is translated, and nothing overflows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hand import PATIENCE, SEVEN, Hand
from playwright.sync_api import Browser, Page, expect

CATALOG: dict[str, str] = json.loads((Path(__file__).parents[2] / "js/language/de.json").read_text(encoding="utf-8"))

VISIBLE = """() => {
    const perceived = ["alt", "aria-description", "aria-label", "aria-valuetext", "placeholder", "title"];
    const texts = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node instanceof Text ? node.parentElement : node;
        const isOption = element.closest("select")?.checkVisibility() && element.localName === "option";
        if (!(isOption || element.checkVisibility()) || element.closest("[translate=no]")) continue;
        if (node instanceof Element) for (const name of perceived) texts.add(node.getAttribute(name) ?? "");
        else if (!element.closest("pre, code")) texts.add(node.data.trim());
    }
    return [...texts];
}"""

TOO_WIDE = """() => [...document.querySelectorAll("html, button, .button, nav, label, p, h2, h3, dt, dd")].filter((element) =>
    element.checkVisibility() && getComputedStyle(element).overflowX === "visible"
    && element.scrollWidth > element.clientWidth + 1 && element.clientWidth
).map((element) => `${element.localName}#${element.id}: ${element.textContent.trim().slice(0, 60)}`)"""

INSERTED = re.compile(r"\\\{\d\\\}")
PATTERNS = [
    re.compile(INSERTED.sub("(.+?)", re.escape(german)), re.DOTALL)
    for german in sorted(CATALOG.values(), key=len, reverse=True)
    if "{0}" in german
]
GERMAN = {part.split("|")[0].strip() for german in CATALOG.values() for part in (german, *re.split(r"\[(.*?)\]", german))}
NAMES = re.compile(r"py/\S+|(Adam|BatchNorm|Conv2D|Dense|LeakyReLU|MaxPool2D|Momentum|ReLU|SGD|Sigmoid|Tanh)( \d×\d)?")


def is_german(text: str) -> bool:
    """Whether the catalog has made the text, or there are no words in it."""
    text = text.strip()
    if text in GERMAN or NAMES.fullmatch(text) or not re.search(r"[^\W\d_]{2}", text):
        return True
    found = (pattern.fullmatch(text) for pattern in PATTERNS)
    if any(match and all(map(is_german, match.groups())) for match in found):
        return True
    small = text[0].lower() + text[1:].removesuffix(".")
    if small != text and is_german(small):
        return True
    sentences = re.split(r"(?<=[.?!]) |; | · ", text)
    return len(sentences) > 1 and all(map(is_german, sentences))


@pytest.fixture(scope="module")
def german(browser: Browser, served: str) -> Iterator[Page]:
    """The page with a seven on its pad, in a browser that prefers German."""
    context = browser.new_context(locale="de-AT", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served)
    page.wait_for_selector("html[lang=de][data-state=ready]")
    Hand(page).draw(SEVEN)
    expect(page.locator("#status")).to_have_text("Das ist eine 7.")
    yield page
    context.close()


def untranslated(page: Page) -> list[str]:
    return [text for text in page.evaluate(VISIBLE) if not is_german(text.replace("\u00a0", " "))]


# What each room shows once everything in it is there.
ROOMS = {
    "draw": "#samples button",
    "learn": "#learn .note:has-text('Berechnet')",
    "inside": "#parts .part >> nth=4",
    "train": "#presets li >> nth=5",
    "code": "#edited-status:text-matches('[.?]$')",
}


OPEN = "async (room) => (await import('./js/main.js')).state.set({ room })"


def test_all_of_each_room_is_german_and_fits(german: Page) -> None:
    for room, is_there in ROOMS.items():
        german.evaluate(OPEN, room)
        german.wait_for_selector(is_there)
        assert not untranslated(german), room
        assert not german.evaluate(TOO_WIDE), room
    german.set_viewport_size({"width": 1280, "height": 800})
    for room in ROOMS:
        german.evaluate(OPEN, room)
        assert not german.evaluate(TOO_WIDE), room


def test_what_moves_is_not_translated_twice(german: Page) -> None:
    """Translated again, 0,125 would be a number of thousands."""
    move = """async () => {
        const text = Object.assign(document.createElement("p"), { textContent: "0.125", title: "0.125" });
        const seen = new Set();
        for (let times = 0; times < 3; times++) {
            document.body.append(text);
            await new Promise((resolve) => setTimeout(resolve));
            seen.add(text.textContent).add(text.title);
        }
        text.remove();
        return [...seen];
    }"""
    assert german.evaluate(move) == ["0,125"]


def test_the_page_for_teachers_is_german_too(german: Page, served: str) -> None:
    teach = german.context.new_page()
    teach.goto(f"{served}teach.html")
    expect(teach.locator("#questions > li")).to_have_count(9)
    expect(teach).to_have_title("Eine Unterrichtsstunde · Ziffern von Grund auf")
    assert teach.evaluate("document.querySelector('h1').clientWidth") > 100
    assert not untranslated(teach)
    assert not teach.evaluate(TOO_WIDE)


def test_the_language_can_be_chosen_and_is_kept(page: Callable[..., Page], served: str) -> None:
    opened = page(served, locale="fr-FR")
    status, picker = opened.locator("#status"), opened.locator("#language")
    Hand(opened).draw(SEVEN)
    expect(status).to_have_text("That is a 7.")  # English, where there is no French
    Hand(opened).wait_until_kept()
    picker.select_option(label="Deutsch")
    expect(status).to_have_text("Das ist eine 7.")
    opened.reload()
    expect(status).to_have_text("Das ist eine 7.")
    expect(picker).to_have_accessible_name("Sprache")
    expect(opened.locator("#confidence")).to_contain_text(",")
    opened.goto(f"{served}?language=en")
    expect(status).to_have_text("That is a 7.")
    expect(picker).to_have_value("en")
