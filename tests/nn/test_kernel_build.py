"""The kernel's modules keep to NumPy's memory, and are what the C files beside them give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nn.kernel import build

IMPORT, EXPORT = 2, 7
FUNCTION = 0
HARMLESS = {1: "types", IMPORT: "imports", 3: "functions", EXPORT: "exports", 10: "code"}
RECORD = json.loads((build.HERE / "built.json").read_text(encoding="utf-8"))


def check_sections(module: bytes) -> None:
    """Nothing but functions on a memory that is brought along: no data, no table, no global, nothing run at the start."""
    assert module[:8] == b"\0asm\1\0\0\0"
    sections = dict(build.sections(module))
    assert set(sections) == set(HARMLESS)
    assert sections[IMPORT][2:-1] == b"\x01\x03env\x06memory\x02\x00"  # one import, a memory without an upper limit …
    assert sections[IMPORT][-1] <= 2  # … of two pages or more
    assert {kind for _, kind in exports(sections[EXPORT])} == {FUNCTION}


def exports(section: bytes) -> Iterator[tuple[str, int]]:
    """Each export's name and kind."""
    _, at = build.number(section, 1)
    count, at = build.number(section, at)
    for _ in range(count):
        length, at = build.number(section, at)
        name, kind = section[at : at + length].decode(), section[at + length]
        _, at = build.number(section, at + length + 1)
        yield name, kind


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
