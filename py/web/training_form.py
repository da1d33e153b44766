"""What the training room's form shows: the settings of a run, and what a run with such settings takes."""

from __future__ import annotations

import re
from typing import Any

from digits.training_settings import RunSettings, SettingsError, describe, hyphened
from nn import architecture, memory
from nn.layers import LAYERS
from nn.npz_reader import LARGEST_FILE

MEMORY = 2**30
"""Bytes that a page can count on, besides Python and MNIST."""

TEST_BATCH = 500
"""Test images that are read at once."""


def training_form() -> dict[str, Any]:
    """What the form is made of: its settings (`digits.training_settings.describe`) and the kinds of layers."""
    return {"settings": describe(), "layer_kinds": layer_kinds(), "largest_file": LARGEST_FILE}


def layer_kinds() -> list[dict[str, Any]]:
    """The hidden layers to choose from: every layer that `nn.architecture` can write, with and without its optional size.

    Each is {"pattern", "title", "width", "image"}: "pattern" is the layer as `architecture.parse` reads it, with # for the
    width; "width" is the one of a new layer, "" if it has none; "image" says whether its input must be an image.
    """
    kinds = []
    for kind in LAYERS.values():
        word, *size = re.split(r"(?<=\d)(?=\D)", kind.word)  # "conv16", "x5"
        width = re.search(r"\d+", word)
        for suffix in ("", *size) if word else ():
            kinds.append(
                {
                    "pattern": re.sub(r"\d+", "#", word) + suffix,
                    "title": kind.__name__ + suffix.replace("x", f" {suffix[1:]}×"),
                    "width": width[0] if width else "",
                    "image": _needs_image(word),
                }
            )
    return kinds


def _needs_image(word: str) -> bool:
    try:
        architecture.parse(f"784-32-{word}-10")
    except ValueError:
        return True
    return False


def plan(settings: dict[str, str]) -> dict[str, Any]:
    """What a run with these settings takes; or, under "problems", a sentence for each wrong setting."""
    try:
        parsed = RunSettings.parse(settings)
    except SettingsError as error:
        return {"problems": {hyphened(name): sentence for name, sentence in error.sentences.items()}}
    layers, shape = architecture.parse(parsed.layers, parsed.activation)
    needed = memory.training_bytes(layers, shape, max(parsed.batch, TEST_BATCH), parsed.optimizer)
    if needed > MEMORY:
        sentence = (
            f"training these layers takes about {needed / 2**30:,.1f} GB of memory, but a page can only count on 1 GB: "
            "use narrower layers or a smaller batch"
        )
        return {"problems": {"layers": sentence}}
    return {
        "problems": {},
        "settings": parsed.texts(),
        "parameters": memory.parameter_count(layers, shape),
        "memory": needed,
        "command": parsed.command(),
    }
