"""The chapters of the room Learn are short, and written in plain words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import textstat

CHAPTERS = json.loads((Path(__file__).resolve().parents[2] / "js" / "learn" / "chapters.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter["name"])
def test_the_text_is_short_and_plain(chapter: dict[str, Any]) -> None:
    text = re.sub(r"[\[\]]", "", " ".join([*chapter["text"], chapter["try"]]))
    assert len(text.split()) <= 120
    assert textstat.flesch_kincaid_grade(text) <= 8
    assert chapter["question"]["choices"][chapter["question"]["right"]]
    assert {"equation", "shapes", "python", "source"} == chapter["more"].keys()
