"""The networks that come with the project: `weights/models.json` lists them and names the default."""

from __future__ import annotations

import json
from pathlib import Path


def default_weights(folder: Path) -> Path:
    """The weights file of the default network.

    Raises:
        ValueError: the list is missing or broken.
    """
    listing = folder / "models.json"
    try:
        listed = json.loads(listing.read_text(encoding="utf-8"))
        return next(folder / str(model["file"]) for model in listed["models"] if model["name"] == listed["default"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError, StopIteration) as error:
        raise ValueError(f"{listing} does not name a default network ({error!r}): get it again from the project") from error
