"""Words that a reader may not know are explained where they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from digits.training_settings import describe

PROJECT = Path(__file__).resolve().parents[2]


def test_every_marked_word_and_every_setting_has_an_explanation() -> None:
    script = (PROJECT / "js" / "glossary.js").read_text(encoding="utf-8")
    entries = set(re.findall(r'^  "?([a-z][a-z -]*?)"?:', script, flags=re.MULTILINE))
    html = (PROJECT / "index.html").read_text(encoding="utf-8")
    words = re.findall(r'class="term" popovertarget="explanation">(.+?)<', html)
    words += re.findall(r'data-entry="(.+?)"', html)
    chapters = json.loads((PROJECT / "js" / "learn" / "chapters.json").read_text(encoding="utf-8"))
    words += [word for chapter in chapters for text in chapter["text"] for word in re.findall(r"\[(.+?)\]", text)]
    for path in (PROJECT / "js").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        if "explained(" in text and path not in (PROJECT / "js/glossary.js", PROJECT / "js/learn/room.js"):
            words += re.findall(r"(?<![\w.)\]])\[([A-Za-z ]+)\]", re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL))
    words += [setting["label"] for setting in describe() if setting["label"] not in ("", "Learning rate changes")]
    assert len(words) > 20
    assert [word for word in words if not {word.lower(), word.lower().removesuffix("s")} & entries] == []


def test_a_word_is_explained_with_the_keyboard_and_with_a_tap(loaded: Page) -> None:
    loaded.locator("nav [data-room=train]").click()
    rate = loaded.locator("#settings").get_by_role("button", name="Learning rate", exact=True)
    explanation = loaded.locator("#explanation")
    rate.press("Enter")
    expect(explanation).to_contain_text("How far each step moves the weights")
    expect(explanation).to_be_focused()
    box, word = explanation.bounding_box(), rate.bounding_box()
    assert box
    assert word
    assert min(abs(box["y"] - word["y"] - word["height"]), abs(box["y"] + box["height"] - word["y"])) < 12  # beside the word
    loaded.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(rate).to_be_focused()

    loaded.locator("#settings").get_by_role("button", name="Epochs").click()
    expect(explanation).to_have_text("One pass over all training images.")
    loaded.locator("#train-status").click()
    expect(explanation).to_be_hidden()
    loaded.locator("nav [data-room=draw]").click()
