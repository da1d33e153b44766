"""The tables of figures in README.md and weights/README.md: filled in from the networks' cards, with intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

# How many images a figure was measured on, by the beginning of its name; the longest one counts. `NAME_drawings` on the card
# comes first. The mean over the corruptions is of the same 10,000 images, so it has no larger number.
SAMPLES = {
    "mnist_test_accuracy": 10_000,
    "mnist_test_flagged": 10_000,
    "corrupted_": 10_000,
    "flagged_doodles": 1_000,
    "flagged_doodles_unseen": 400,
    "flagged_signs": 340,
    "flagged_printed": 1_000,
    "grammar_": 200,
    "outlined": 600,
}


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share measured on `count` independent drawings (Wilson 1927, "Probable Inference")."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def samples(name: str, card: Mapping[str, Any]) -> int | None:
    """The number of images behind a figure; None if it is not a share of images."""
    if f"{name}_drawings" in card:
        return int(card[f"{name}_drawings"])
    if name.startswith("ink_") and "calibration" not in name:
        return int(card["ink_drawings"])
    known = [start for start in SAMPLES if name.startswith(start)]
    return SAMPLES[max(known, key=len)] if known else None


def filled(text: str, cards: Sequence[Mapping[str, Any]]) -> str:
    """The document with the figures of its tables replaced: rows of `figure` | one cell a network | … | what it is.

    A table whose heading has "95 % interval" gets a cell with the intervals after those of the networks.
    """
    lines, intervals = text.split("\n"), False
    for i, line in enumerate(lines):
        if line.startswith("| figure |"):
            intervals = "95 % interval" in line
        found = re.match(r"\| `([^`]+)` \|.*\| ([^|]*) \|$", line)
        if found and all(found[1] in card for card in cards):
            name, what = found.groups()
            cells = [
                f"{card[name]:.2%}".replace("%", " %") if isinstance(card[name], float) else f"{card[name]:,}" for card in cards
            ]
            if intervals:
                cells.append(" · ".join(_interval(name, card) for card in cards).strip(" ·"))
            lines[i] = f"| `{name}` | {' | '.join(cells)} | {what} |"
    return "\n".join(lines)


def _interval(name: str, card: Mapping[str, Any]) -> str:
    count = samples(name, card)
    return "" if count is None else "{:.1f}–{:.1f}".format(*(100 * bound for bound in wilson(float(card[name]), count)))
