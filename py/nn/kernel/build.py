#!/usr/bin/env python3
"""Builds the kernel: `python3 py/nn/kernel/build.py`, with clang and lld (Debian: apt-get install clang-19 lld-19).

From the C files here it makes simd.wasm and relaxed.wasm, and writes into built.json what they were made of and with.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = {"simd.wasm": ["-msimd128"], "relaxed.wasm": ["-msimd128", "-mrelaxed-simd"]}
COMPILERS = ("clang-19", "clang", *(f"clang-{version}" for version in range(30, 17, -1)))

# No -ffast-math: NaN and infinity must come out as NumPy has them. No contraction: only multiply_add may fuse.
FLAGS = ["--target=wasm32", "-std=c17", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"]
# The loops are vectorized and unrolled by hand where it pays; doing so to the leftovers would double the size.
FLAGS += ["-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops"]
FLAGS += ["-Wno-pass-failed"]  # UNROLL also stands where a count is no constant in one of the places
FLAGS += ["-nostdlib", "-ffreestanding", "-fno-builtin", "-fvisibility=hidden"]
FLAGS += [f"-Wl,{flag}" for flag in ("--no-entry", "--import-memory", "--export-dynamic", "--strip-all")]

GLOBALS = 6
"""The number of a WebAssembly module's section of global variables (WebAssembly specification, section 5.5)."""


def sources() -> list[Path]:
    return sorted([*HERE.glob("*.c"), *HERE.glob("*.h")])


def source_hash() -> str:
    """The sha256 of all C files in a row."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources())).hexdigest()


def compiler_and_version() -> tuple[str, str] | None:
    """The command of the best clang here that can make WebAssembly, and the line with which it names itself."""
    for command in filter(shutil.which, COMPILERS):
        version = subprocess.run([command, "--version"], capture_output=True, text=True).stdout.splitlines()
        linker = subprocess.run([command, "--target=wasm32", "-print-prog-name=wasm-ld"], capture_output=True, text=True)
        if version and shutil.which(linker.stdout.strip()):
            return command, version[0]
    return None


def build(compiler: str, folder: Path) -> None:
    """Both modules into `folder`. Raises CalledProcessError where the compiler refuses."""
    for name, flags in MODULES.items():
        made = folder / name
        units = [path.name for path in sources() if path.suffix == ".c"]
        subprocess.run([compiler, *FLAGS, *flags, "-o", str(made.resolve()), *units], cwd=HERE, check=True)
        made.write_bytes(without_globals(made.read_bytes()))


def sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    """The sections of a WebAssembly module: each one's number, and all of its bytes."""
    at = 8
    while at < len(module):
        size, start = number(module, at + 1)
        yield module[at], module[at : start + size]
        at = start + size


def without_globals(module: bytes) -> bytes:
    """The module without its global variables: lld adds a pointer to a stack that our code never uses.

    If it did, the module would no longer be valid, and no browser would load it.
    """
    return module[:8] + b"".join(content for number, content in sections(module) if number != GLOBALS)


def number(module: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = module[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def main() -> None:
    found = compiler_and_version()
    if not found:
        sys.exit("Building the kernel takes clang and lld: on Debian, apt-get install clang-19 lld-19.")
    build(found[0], HERE)
    record = {"compiler": found[1], "sources": source_hash()}
    (HERE / "built.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    for name in MODULES:
        print(f"{name}  {(HERE / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
