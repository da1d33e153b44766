"""The page for teachers: every link leads to what it says, and it can be read on a phone and on paper."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect
from test_accessible import axe

from digits.training_settings import RunSettings, describe

PROJECT = Path(__file__).resolve().parents[2]
CHAPTERS = json.loads((PROJECT / "js" / "learn" / "chapters.json").read_text(encoding="utf-8"))


def test_every_link_opens_a_state_of_the_page(page: Callable[..., Page], served: str) -> None:
    teach = page(f"{served}teach.html", viewport={"width": 320, "height": 568})
    links = teach.locator("main a")
    expect(teach.locator("#questions > li")).to_have_count(len(CHAPTERS))
    rooms = set(re.findall(r'class="room" id="(\w+)"', (PROJECT / "index.html").read_text(encoding="utf-8")))
    states = [dict(parse_qs(urlsplit(link.get_attribute("href") or "").query)) for link in links.all()]
    assert {state["chapter"][0] for state in states if "chapter" in state} == set("123456789")
    for state in states:
        assert state.pop("room", ["draw"])[0] in rooms
        settings = {name: value for name, (value,) in state.items() if name not in ("chapter", "mode", "all")}
        assert settings.keys() <= {setting["name"] for setting in describe()}
        RunSettings.parse(settings)  # raises an error if one is wrong
    assert teach.evaluate("document.documentElement.scrollWidth") <= 320
    assert axe(teach) == []
    for chapter, item in zip(CHAPTERS, teach.locator("#questions > li").all(), strict=True):
        question = chapter["question"]
        expect(item.locator(".right")).to_have_text(question["choices"][question["right"]])


def test_on_paper_there_are_no_controls(page: Callable[..., Page], served: str) -> None:
    teach = page(f"{served}teach.html")
    expect(teach.get_by_role("link", name="Open the page")).to_be_visible()
    teach.emulate_media(media="print")
    expect(teach.get_by_role("link", name="Open the page")).to_be_hidden()
    expect(teach.get_by_text("To discuss at the end")).to_be_visible()
