"""tests/run.py: how it sets the tests up."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from vendoring.vendor import PROJECT


@pytest.fixture
def run() -> ModuleType:
    """tests/run.py as a module, so that its parts can be asked."""
    specification = importlib.util.spec_from_file_location("run", PROJECT / "tests/run.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_every_package_of_the_tests_is_pinned_with_its_hashes() -> None:
    """Whoever changes a pin in pyproject.toml must lock again."""
    group = (PROJECT / "pyproject.toml").read_text(encoding="utf-8").partition("\ntest = [")[2].partition("\n]")[0]
    pins = set(re.findall(r'"([\w-]+==[^;"]+)', group))
    locked = re.split(r"\n(?=\w)", (PROJECT / "tests/requirements.txt").read_text(encoding="utf-8"))
    hashed = {re.split(r"[ ;]", requirement)[0] for requirement in locked if "--hash=sha256:" in requirement}
    assert len(pins) == group.count('\n    "')
    assert pins <= hashed


def test_a_browser_can_be_named(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME", os.environ["CHROMIUM"])
    assert run.find_browser() == os.environ["CHROMIUM"]


def test_a_browser_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    named = tmp_path / "chrome"
    environment = {**os.environ, "CHROME": str(named)}
    script = str(PROJECT / "tests/run.py")
    outcome = subprocess.run([sys.executable, script, "--version"], env=environment, capture_output=True, text=True)
    assert outcome.returncode == 2
    sentence = f"CHROME names {named}, which does not start: correct it, or unset it to have one looked for."
    assert outcome.stderr == f"{sentence}\n"
