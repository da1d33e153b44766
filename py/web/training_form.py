"""What the training room's form shows: the settings of a run, and what a run with such settings takes."""

from __future__ import annotations

from typing import Any

from digits.training_settings import RunSettings, SettingsError, describe, hyphened
from nn import architecture, memory
from nn.npz_reader import LARGEST_FILE

MEMORY = 2**30
"""Bytes that a page can count on, besides Python and MNIST."""

TEST_BATCH = 500
"""Test images that are read at once."""

LAYER_KINDS = [
    {"pattern": "#", "title": "Dense", "width": "64", "image": False},
    {"pattern": "conv#", "title": "Conv 3×3", "width": "16", "image": True},
    {"pattern": "conv#x5", "title": "Conv 5×5", "width": "16", "image": True},
    {"pattern": "pool", "title": "Max pool 2×2", "width": "", "image": True},
    {"pattern": "norm", "title": "Batch norm", "width": "", "image": False},
]
"""The hidden layers to choose from, as `nn.architecture.parse` reads them: # stands for the width."""


def training_form() -> dict[str, Any]:
    """What the form is made of: its settings (`digits.training_settings.describe`) and the kinds of layers."""
    return {"settings": describe(), "layer_kinds": LAYER_KINDS, "largest_file": LARGEST_FILE}


def plan(settings: dict[str, str]) -> dict[str, Any]:
    """What a run with these settings takes; or, under "problems", a sentence for each wrong setting."""
    try:
        parsed = RunSettings.parse(settings)
    except SettingsError as error:
        return {"problems": {hyphened(name): sentence for name, sentence in error.sentences.items()}}
    layers, shape = architecture.parse(parsed.layers, parsed.activation)
    needed = memory.training_bytes(layers, shape, max(parsed.batch, TEST_BATCH), parsed.optimizer)
    if needed > MEMORY:
        sentence = f"training these layers takes about {needed / 2**30:,.1f} GB of memory, but a page can only count on 1 GB: "
        return {"problems": {"layers": sentence + "use narrower layers or a smaller batch"}}
    return {
        "problems": {},
        "settings": parsed.texts(),
        "parameters": memory.parameter_count(layers, shape),
        "memory": needed,
        "command": parsed.command(),
    }
