"""The stylesheets: nothing unused, every color in one place. No browser is needed."""

from __future__ import annotations

import json
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
STYLES = {
    path.name: re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for path in (PROJECT / "css").iterdir()
}
HTML = (PROJECT / "index.html").read_text(encoding="utf-8")
OTHERS = [PROJECT / "teach.html", *(PROJECT / "js").rglob("*.js")]
PAGE = HTML + "".join(path.read_text(encoding="utf-8") for path in OTHERS)


def test_every_class_id_and_attribute_that_is_styled_exists() -> None:
    selectors = " ".join(re.findall(r"([^{};]+)\{", " ".join(STYLES.values())))
    names = set(re.findall(r"[.#]([a-z][\w-]*)", selectors)) | set(re.findall(r"\[([a-z-]+)", selectors))
    assert len(names) > 100

    def is_used(name: str) -> bool:
        in_script = re.sub(r"-(\w)", lambda letter: letter[1].upper(), name.removeprefix("data-"))
        aria = re.sub("aria-(.)", lambda letter: "aria" + letter[1].upper(), name)
        return any(re.search(rf"(?<![\w-]){word}(?![\w-])", PAGE) for word in {name, in_script, aria})

    names = {name for name in names if not name.startswith("ace_")}  # Ace's own
    assert [name for name in sorted(names) if not is_used(name)] == []


def test_every_custom_property_is_set_and_used() -> None:
    styles = " ".join(STYLES.values())
    properties = set(re.findall(r"(--[\w-]+)\s*:", styles))
    used = set(re.findall(r"var\((--[\w-]+)", styles))
    set_by_scripts = set(re.findall(r"\"(--[\w-]+)\"", PAGE))
    assert used - properties <= set_by_scripts
    assert [name for name in properties - used if name.removeprefix("--") not in PAGE] == []


def test_colors_are_only_in_the_theme() -> None:
    literals = {
        name: re.findall(r"#(?:[0-9a-f]{3,4}){1,2}\b(?=[^{]*;)", text) for name, text in STYLES.items() if name != "theme.css"
    }
    assert {name: colors for name, colors in literals.items() if colors} == {}


def test_the_browsers_own_bars_have_the_pages_color() -> None:
    light, dark = re.findall(r"--ground: (#\w+);", STYLES["theme.css"])
    assert re.findall(r'name="theme-color" content="(#\w+)"', HTML) == [light, dark]
    manifest = json.loads((PROJECT / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert (manifest["background_color"], manifest["theme_color"]) == (light, light)
