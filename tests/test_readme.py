"""README is true: its figures are those of the cards, its commands exist, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nn import parameters

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
WEIGHTS = (PROJECT / "weights" / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({line.split("#")[0].strip() for line in re.findall(r"^python3 [^\n]+", README + WEIGHTS, re.M)})


def figure(value: float | int) -> str:
    return f"{value:.2%}".replace("%", " %") if isinstance(value, float) else f"{value:,}"


@pytest.mark.parametrize("page", [README, WEIGHTS], ids=["README.md", "weights/README.md"])
def test_figures_are_those_of_the_cards(page: str) -> None:
    models = json.loads((PROJECT / "weights" / "models.json").read_text())["models"]
    cards = [json.loads((PROJECT / "weights" / model["card"]).read_text()) for model in models]
    table = page[page.index("| figure |") :].split("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.+)\|$", table, re.M)
    assert len(rows) >= 5
    for name, cells in rows:
        shown = [cell.strip() for cell in cells.split("|")]
        assert shown[: len(cards)] == [figure(card[name]) for card in cards], name


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist_and_take_their_flags(command: str) -> None:
    _, script, *arguments = shlex.split(command)
    assert (PROJECT / script).is_file()
    if script == "tests/run.py":
        return  # what is running now
    helped = subprocess.run([sys.executable, PROJECT / script, "--help"], capture_output=True, text=True, check=True)
    for flag in (argument for argument in arguments if argument.startswith("--")):
        assert flag in helped.stdout


def test_local_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (PROJECT / target).exists(), target
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", WEIGHTS):
        assert (PROJECT / "weights" / target).exists(), target


def test_the_network_prints_as_shown() -> None:
    assert repr(parameters.load(PROJECT / "weights" / "model_params_stored_mnist.pk1")) in README
