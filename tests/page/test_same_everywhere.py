"""One drawing has one answer: in the browser, on CPython, and on every screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import FOUR, ONE, SEVEN, ZERO, Hand, Stroke, numbers
from playwright.sync_api import Page

from digits import picture_file
from digits.recognizer import Recognizer
from digits.shipped_models import default_weights
from web import shared_memory

PROJECT = Path(__file__).resolve().parents[2]
WEIGHTS = PROJECT / "weights"

READING = """async () => {
    const { pad, reading } = await import("./js/main.js");
    const list = ({ data }) => Array.from(data);
    return { pixels: Array.from(pad.pixels()), probabilities: list(reading.probabilities), image: list(reading.image),
             activations: reading.activations.map(list), digit: reading.digit, verdict: reading.verdict };
}"""

PAINT = """async (strokes) => {
    const { pad } = await import("./js/main.js");
    for (const points of strokes) {
        const [first, ...rest] = points.map(([x, y]) => ({ x, y, pressure: 0.5, time: 0 }));
        pad.ink.extend(pad.ink.begin(first, 18), rest);
    }
    pad.undo();
    pad.redo();
    return String(pad.pixels());
}"""


@pytest.mark.parametrize("strokes", [ZERO, ONE, FOUR, SEVEN, [[(30, 40), (250, 60), (40, 200)]]])
def test_the_browser_and_cpython_agree(loaded: Page, hand: Hand, strokes: list[Stroke]) -> None:
    hand.draw(strokes)
    hand.answer()
    in_browser = numbers(loaded, READING)

    pixels = np.array(in_browser["pixels"], np.uint8).reshape(280, 280)
    here = Recognizer.load(default_weights(WEIGHTS)).read(pixels, polarity="light-on-dark")

    np.testing.assert_allclose(in_browser["probabilities"], here.probabilities, atol=1e-5)
    np.testing.assert_allclose(in_browser["image"], here.image.ravel(), atol=1e-5)
    assert len(in_browser["activations"]) == len(here.activations)
    for browsers, ours in zip(in_browser["activations"], here.activations, strict=True):
        np.testing.assert_allclose(browsers, ours.ravel(), rtol=1e-4, atol=1e-4)
    assert (in_browser["digit"], in_browser["verdict"]) == (here.digit, here.verdict)


def test_the_limits_that_the_page_and_python_share_are_equal() -> None:
    def constant(script: str, name: str) -> int:
        found = re.search(rf"const {name} = (\d+)", (PROJECT / script).read_text(encoding="utf-8"))
        assert found, f"{script} has no {name}"
        return int(found[1])

    assert constant("js/pad/ink.js", "SIDE") == shared_memory.SIDE
    assert constant("js/pad/pictures.js", "MOST_MEGABYTES") == picture_file.MOST_MEGABYTES


def test_painting_at_once_equals_painting_as_one_draws(loaded: Page, hand: Hand) -> None:
    hand.draw([*ZERO, *SEVEN, [(10 + 13 * (i % 20), 10 + 2 * (i % 131)) for i in range(100)]], between=1)
    drawn = numbers(loaded, READING)["pixels"]
    loaded.locator("#undo").click()
    loaded.locator("#redo").click()
    assert numbers(loaded, READING)["pixels"] == drawn


def test_the_screen_changes_nothing(page: Callable[..., Page], served: str) -> None:
    screens = [
        {"viewport": {"width": 390, "height": 700}, "device_scale_factor": 3},
        {"viewport": {"width": 1600, "height": 1000}, "color_scheme": "dark"},
    ]
    drawings = [page(served, **screen).evaluate(PAINT, [*FOUR, *SEVEN]) for screen in screens]
    assert set(drawings[0]) > {"0", ","}
    assert drawings[0] == drawings[1]
