"""A few hundred damaged files for every reader of files from outside; tests/benchmarks/fuzz.py reads a million."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "benchmarks" / "fuzz.py"


pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="fuzz.py limits time and memory with what Windows does not have"
)


def test_crashes_and_undocumented_exceptions_are_findings(tmp_path: Path) -> None:
    fuzz = runpy.run_path(str(FUZZ))

    def read(data: bytes) -> None:
        if data[0] % 4 == 0:
            os._exit(7)
        if data[0] % 4 == 1:
            raise KeyError("undocumented")
        if data[0] % 4 == 2:
            raise ValueError("documented")

    fuzz["DOORS"]["test"] = fuzz["Door"](read, (ValueError,), lambda: [bytes(4)])
    result = fuzz["fuzz"]("test", 40, tmp_path, [])
    findings = (tmp_path / "test-findings.txt").read_text()
    assert result["inputs"] == result["accepted"] + result["refused"] + result["findings"] == 40
    assert "the interpreter ended with 7" in findings
    assert "KeyError: 'undocumented'" in findings
    assert fuzz["fuzz"]("test", 40, tmp_path, []) == result | {"seconds": pytest.approx(result["seconds"], abs=5)}


def test_every_reader_refuses_damaged_files_as_documented(tmp_path: Path) -> None:
    command = [sys.executable, FUZZ, "--count", "200", "--json", "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    doors = {"pk1", "npz", "checkpoint", "ink", "idx", "pictures", "numbers", "unipen"}
    assert {result["door"] for result in results} >= doors, done.stderr
    for result in results:
        found = [path.read_text() for path in tmp_path.glob(f"{result['door']}-findings.txt")]
        assert not result["findings"], found
        assert result["inputs"] == result["accepted"] + result["refused"] == 200
        assert result["accepted"] > 0, "some mutations leave a usable file"
