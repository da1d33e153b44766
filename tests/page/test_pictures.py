"""Bring a picture: whatever file it is, the page reads what predict_single.py reads, or says in a sentence why not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hand import SEVEN, Hand
from picture_files import BAD, GOOD, dark, encoded, marks, photo
from PIL import Image
from playwright.sync_api import Page, expect

PROJECT = Path(__file__).resolve().parents[2]

READING = """async () => {
    const { pad, reading } = await import("./js/main.js");
    return { revision: reading.revision === pad.ink.revision, digit: reading.digit, verdict: reading.verdict,
             probabilities: Array.from(reading.probabilities.data) };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All good files."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, make in GOOD.items():
        (folder / name).write_bytes(make())
    return folder


@pytest.fixture(scope="module")
def on_cpython(folder: Path) -> dict[str, dict]:
    """What predict_single.py says of each."""
    command = [sys.executable, str(PROJECT / "py" / "predict_single.py"), "--json", *(str(folder / name) for name in GOOD)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return {Path(answer["file"]).name: answer for answer in map(json.loads, run.stdout.splitlines())}


def bring(page: Page, name: str, content: bytes) -> None:
    """Choose a file, and wait until the page has said something about it."""
    before = page.locator("#pad").get_attribute("data-revision")
    page.evaluate("document.getElementById('alert').hidden = true")
    page.set_input_files("#upload", {"name": name, "mimeType": "", "buffer": content})
    page.wait_for_function(
        """(before) => !document.getElementById("alert").hidden || document.getElementById("pad").dataset.revision !== before""",
        arg=before,
    )


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_read_as_on_the_command_line(
    loaded: Page, hand: Hand, folder: Path, on_cpython: dict[str, dict], name: str
) -> None:
    bring(loaded, name, (folder / name).read_bytes())
    answer = hand.answer()
    in_page = loaded.evaluate(READING)
    assert in_page["revision"]
    there = on_cpython[name]
    np.testing.assert_allclose(in_page["probabilities"], there["probabilities"], atol=1e-5)
    assert int(answer.digit) == in_page["digit"] == there["digit"]
    if name in ("animated.gif", "pages.tif"):
        expect(loaded.get_by_role("alert")).to_contain_text("the first was read")
    else:
        expect(loaded.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_a_sentence_and_changes_nothing(loaded: Page, hand: Hand, name: str) -> None:
    hand.draw(SEVEN)
    before = hand.answer()
    make, words = BAD[name]
    bring(loaded, name, make())
    alert = loaded.locator("#alert-sentence").inner_text()
    assert alert.startswith(f"“{name}” was not read: ")
    assert words in alert
    assert "Traceback" not in alert
    assert alert.endswith(".")
    assert hand.answer() == before
    assert loaded.locator("html").get_attribute("data-state") == "ready"
    loaded.get_by_role("button", name="Close").click()
    expect(loaded.get_by_role("alert")).to_be_hidden()
