"""CONTRIBUTING.md's recipe for a view is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from hand import SEVEN, Hand
from playwright.sync_api import Page, Route, expect

PROJECT = Path(__file__).resolve().parents[2]


def test_a_view_is_added_as_contributing_says(page: Callable[..., Page], served: str) -> None:
    sections = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("\n## ")
    recipe = next(section for section in sections if section.startswith("Add a view"))
    view, element, import_line, table_line = re.findall(r"^ +```\w+\n(.*?)\n +```$", recipe, re.DOTALL | re.MULTILINE)
    files = {
        "js/draw/entropy.js": view,
        "index.html": edited("index.html", r'( +)<div id="bars".*\n', rf"\g<0>{element}\n"),
        "js/draw/room.js": edited("js/draw/room.js", r"const VIEWS = \{\n", rf"\g<0>{table_line}\n"),
    }
    files["js/draw/room.js"] = f"{import_line.strip()}\n{files['js/draw/room.js']}"
    assert all(f"`{name}`" in recipe for name in files)

    def edit_the_site(page: Page) -> None:
        for name, text in files.items():
            page.route(served if name == "index.html" else served + name, answering(name, text))

    fresh = page(served, prepare=edit_the_site)
    fresh.wait_for_selector("html[data-state=ready]")
    Hand(fresh).draw(SEVEN)
    expect(fresh.locator("#entropy")).to_have_text(re.compile(r"Entropy: 0\.\d\d bits"))


def edited(name: str, pattern: str, replacement: str) -> str:
    text, count = re.subn(pattern, replacement, (PROJECT / name).read_text(encoding="utf-8"), count=1)
    assert count == 1, f"{name} has no {pattern}"
    return text


def answering(name: str, text: str) -> Callable[[Route], None]:
    kind = "text/html" if name.endswith(".html") else "text/javascript"
    return lambda route: route.fulfill(body=text, content_type=kind)
