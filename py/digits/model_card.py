"""A model's card: how it was made, how well it reads, and its thresholds; a JSON file beside its weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from nn import Network
from nn.parameters import dumps, write_whole


def write_model(path: Path, network: Network, card: dict) -> None:
    """Write the weights and their card, each whole; the card gets the file's name, sha256 and parameter count."""
    data = dumps(network, path.name)
    facts = {"file": path.name, "parameters": network.parameter_count, "sha256": hashlib.sha256(data).hexdigest()}
    write_whole(path, data)
    write_card(path.with_suffix(".json"), card | facts)


def write_card(path: Path, card: dict) -> None:
    write_whole(path, (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode())


def read_card(path: Path) -> dict:
    """The card at this path; raises OSError or ValueError where there is none or it is broken."""
    return json.loads(path.read_text(encoding="utf-8"))
