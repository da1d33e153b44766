"""Every chapter of the room Learn has finite numbers for any drawing and any network that reads the pad."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from digits.recognizer import Recognizer
from nn import architecture
from web import shared_memory
from web.lesson_requests import CHAPTERS, lesson

SAMPLES = [{"label": 3, "pixels": "AAAA" * 261 + "AA=="}]  # 784 zero bytes
VALUES: dict[str, list[dict[str, Any]]] = {
    "pixels": [{"right": -12, "down": 12}],
    "neuron": [{"index": 127, "bias": -10}],
    "layers": [{"off": {"0": [0, 127], "1": [63]}}, {"linear": True}],
    "answer": [{"temperature": 0.25}],
    "loss": [{"target": 0}],
    "backwards": [{"target": 9, "layer": layer, "to": 0, "rank": 9} for layer in range(3)],
    "step": [{"samples": SAMPLES, "steps": 3}, {"samples": [], "target": 1}],
    "fool": [{"kind": kind, "strength": 1.0} for kind in ("gradient", "noise", "rotation", "missing")],
}


def drawing(name: str) -> np.ndarray:
    pixels = np.zeros((280, 280), np.uint8)
    if name == "line":
        pixels[40:240, 130:150] = 255
    if name == "all ink":
        pixels[:] = 255
    return pixels


@pytest.mark.parametrize("words", ["784-10", "784-12-norm-10", "28x28-conv4-norm-pool-10"])
@pytest.mark.parametrize("ink", ["blank", "line", "all ink"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_are_finite(chapter: str, ink: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "pixels", drawing(ink))
    recognizer = Recognizer(architecture.build(words, seed=1))
    for values in VALUES[chapter]:
        answer = lesson(recognizer, chapter, **values)
        json.loads(shared_memory.pack(answer), parse_constant=pytest.fail)  # no NaN outside arrays
        for name, value in answer.items():
            for array in value if isinstance(value, list) else [value]:
                if isinstance(array, np.ndarray):
                    assert np.isfinite(array).all(), name
