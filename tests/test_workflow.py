"""The GitHub workflow: third-party actions are pinned, and only what passed the tests is published."""

from __future__ import annotations

import re
from pathlib import Path

WORKFLOW = (Path(__file__).resolve().parents[1] / ".github/workflows/test-and-publish.yml").read_text(encoding="utf-8")


def test_every_action_is_pinned_by_its_commit() -> None:
    used = re.findall(r"uses: (.+)", WORKFLOW)
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)] == []


def test_publishing_waits_for_the_command_that_readme_names() -> None:
    test, build, publish = re.split(r"\n  (?:build|publish):\n", WORKFLOW)
    assert "run: python3 tests/run.py\n" in test
    assert "needs: test\n" in build
    assert "needs: build\n" in publish
    assert "deploy-pages" not in test + build
