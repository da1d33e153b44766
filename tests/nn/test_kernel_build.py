"""The kernel's modules keep to NumPy's memory, and are what the C files beside them give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nn.kernel import build

IMPORT, EXPORT, CODE = 2, 7, 10
HARMLESS = {1: "types", IMPORT: "imports", 3: "functions", EXPORT: "exports", CODE: "code"}
RECORD = json.loads((build.HERE / "built.json").read_text(encoding="utf-8"))


def check_sections(module: bytes) -> None:
    """Nothing but functions on a memory that is brought along: no data, no table, no global, nothing run at the start."""
    assert module[:8] == b"\0asm\1\0\0\0"
    sections = dict(build.sections(module))
    assert set(sections) == set(HARMLESS)
    assert sections[IMPORT][2:] == b"\x01\x03env\x06memory\x02\x00" + sections[IMPORT][-1:]  # one import, its only limit low
    assert sections[IMPORT][-1] <= 2
    for name in (b"matmul", b"adam", b"relu", b"relu_gradient", b"patches", b"patches_gradient", b"max_pool"):
        assert name + b"\0" in sections[EXPORT]  # 0: a function


@pytest.mark.parametrize("name", build.MODULES)
def test_the_module_has_no_data_no_stack_and_no_memory_of_its_own(name: str) -> None:
    check_sections((build.HERE / name).read_bytes())


def test_the_modules_were_built_from_these_sources() -> None:
    assert RECORD["sources"] == build.source_hash(), "the C files changed: run python3 py/nn/kernel/build.py"


def test_the_compiler_gives_these_modules(tmp_path: Path) -> None:
    """With the recorded compiler, byte for byte; with another, modules of the same kind. Without one there is no rebuilding."""
    found = build.compiler_and_version()
    if found:
        build.build(found[0], tmp_path)
        for name in build.MODULES:
            made = (tmp_path / name).read_bytes()
            check_sections(made)
            if found[1] == RECORD["compiler"]:
                assert made == (build.HERE / name).read_bytes()
