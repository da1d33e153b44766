"""A model's card: how it was trained, how well it reads, and its thresholds. A JSON file next to its weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from nn import Network
from nn.parameters import dumps, write_atomically


def write_model(path: Path, network: Network, card: dict[str, Any]) -> None:
    """Write the weights and their card; the file's name, sha256 and parameter count are added to the card."""
    data = dumps(network, path.name)
    facts = {"file": path.name, "parameters": network.parameter_count, "sha256": hashlib.sha256(data).hexdigest()}
    write_atomically(path, data)
    write_card(path.with_suffix(".json"), card | facts)


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Write a card as indented JSON."""
    write_atomically(path, (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode())


def read_card(path: Path) -> dict[str, Any]:
    """Read a card. Raises OSError or ValueError if it is missing or broken."""
    card = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(card, dict):
        raise ValueError(f"{path.name} is not a JSON object")
    return card
