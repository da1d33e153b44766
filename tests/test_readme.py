"""The documents are true: figures are those of the cards, commands and files exist, and links lead somewhere."""

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
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "weights/README.md"]
TEXTS = {name: (PROJECT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
LINES = re.findall(r"^python3 [^\n]+", "\n".join(TEXTS.values()), re.M)
COMMANDS = sorted({line.split("#")[0].strip() for line in LINES})


def figure(value: float | int) -> str:
    return f"{value:.2%}".replace("%", " %") if isinstance(value, float) else f"{value:,}"


@pytest.mark.parametrize(("document", "least"), [("README.md", 5), ("weights/README.md", 10)])
def test_figures_are_those_of_the_cards(document: str, least: int) -> None:
    models = json.loads((PROJECT / "weights" / "models.json").read_text())["models"]
    cards = [json.loads((PROJECT / "weights" / model["card"]).read_text()) for model in models]
    table = TEXTS[document][TEXTS[document].index("| figure |") :].split("\n\n")[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.+)\|$", table, re.M)
    assert len(rows) >= least
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


@pytest.mark.parametrize("document", DOCUMENTS)
def test_local_links_and_pictures_are_there(document: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXTS[document]):
        assert (PROJECT / document).parent.joinpath(target).exists(), target


def test_the_files_that_readme_names_are_there() -> None:
    named = re.findall(r"`((?:py|js|css|tests|weights|\.github)/[\w./-]*|[\w.-]+\.(?:md|json))`", TEXTS["README.md"])
    assert len(named) > 30
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_network_prints_as_shown() -> None:
    assert repr(parameters.load(PROJECT / "weights" / "model_params_stored_mnist.pk1")) in TEXTS["README.md"]
