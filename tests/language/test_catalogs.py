"""The catalog of each language has what the page says, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from texts import PARTS, ROOT, in_errors, texts_of

CATALOGS = sorted((ROOT / "js/language").glob("*.json"))
SOURCES = [
    *ROOT.glob("*.html"),
    *(ROOT / "js").rglob("*.js"),
    ROOT / "js/learn/chapters.json",
    ROOT / "weights/models.json",
    *(path for package in ("digits", "nn", "web") for path in (ROOT / "py" / package).rglob("*.py")),
]
PLACE = re.compile(r"\{\d\}")


@pytest.fixture(scope="module")
def texts() -> set[str]:
    whole = set().union(*map(texts_of, SOURCES))
    return {part for text in whole for each in (text, *PARTS.split(text)) for part in (each, each.strip(" ;"))}


@pytest.fixture(params=CATALOGS, ids=lambda path: path.stem)
def catalog(request: pytest.FixtureRequest) -> dict[str, str]:
    path: Path = request.param
    entries: dict[str, str] = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=only_once)
    return entries


def only_once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    assert len(dict(pairs)) == len(pairs), "two entries for one text"
    return dict(pairs)


def test_translations_insert_what_the_english_text_inserts(catalog: dict[str, str]) -> None:
    assert not {
        english: other for english, other in catalog.items() if sorted(PLACE.findall(english)) != sorted(PLACE.findall(other))
    }


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\d\\\}", "(.*)", re.escape(text)), re.DOTALL)


def test_every_entry_is_used(catalog: dict[str, str], texts: set[str]) -> None:
    """An entry may fill in a part of a text, "Perhaps a {0}." of "Perhaps {0}.", or stand for several."""
    known = texts | {other for text in texts for other in (text.replace("-", " "), PLACE.sub("", text).strip())}
    unknown = [english for english in catalog if not {english, PLACE.sub("", english).strip()} & known]
    patterns = [pattern(text) for text in texts if PLACE.search(text) and re.search(r"[A-Za-z]{2}", PLACE.sub("", text))]
    unknown = [english for english in unknown if not any(each.fullmatch(english) for each in patterns)]
    assert not [english for english in unknown if not any(map(pattern(english).fullmatch, texts))]


# What no reader sees, and what source code or a citation is.
INTERNAL = re.compile(
    r"Python (re)?started|The snapshot.*|.* (takes a function|run as code) here|.*is not a worker of this page\."
    r"|.*[,;] ?(section|sections) [\d.]+.*|[A-Z]\. .*”.*|for layer in .*|.* \($"
)
TOLD = (
    "nn/parameters",
    "nn/npz_reader",
    "nn/pickle_reader",
    "nn/architecture",
    "digits/training_settings",
    "digits/picture_file",
)


def test_every_sentence_is_translated(catalog: dict[str, str]) -> None:
    """Texts of the HTML files, sentences in JavaScript, and the errors of Python that a reader can cause."""
    patterns = [pattern(english) for english in catalog if PLACE.search(english)]

    def is_translated(text: str) -> bool:
        if text in catalog or not re.search(r"[A-Za-z]{2}", PLACE.sub("", text)):
            return True
        if any(each.fullmatch(text) for each in patterns) or any(map(pattern(text).fullmatch, catalog)):
            return True
        parts = [part.rstrip(";") for part in PARTS.split(text) if part.rstrip(";") != text]
        return (
            bool(parts) and all(map(is_translated, parts)) or text.endswith(".") and is_translated(text[0].lower() + text[1:-1])
        )

    pages = set().union(*(texts_of(path) for path in SOURCES if path.suffix == ".html"))
    sentences = {
        text
        for path in SOURCES
        if path.suffix != ".py"
        for text in texts_of(path)
        if re.match(r"[A-Z“{].*[a-z] [a-z].*[.?!]$", text)
    }
    errors = {text for name in TOLD for text in in_errors((ROOT / f"py/{name}.py").read_text(encoding="utf-8")) if " " in text}
    assert not [text for text in pages | sentences | errors if not INTERNAL.fullmatch(text) and not is_translated(text)]
