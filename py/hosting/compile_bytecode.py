"""Compiles Python files to bytecode; run by the Python version that will import it.

Usage: compile_bytecode.py SOURCES.zip BYTECODE.zip
"""

import importlib.util
import sys
import zipfile
from types import CodeType


def compile_archive(sources: str, bytecode: str) -> None:
    """Write a .pyc for every file of the zip `sources` into the zip `bytecode`, under the same name.

    A name is the path that the file will have, without the leading slash. Third-party code, in lib/, is compiled for size:
    without docstrings, assertions and line numbers. The .pyc files are unchecked hash-based ones (PEP 552), which need no
    sources beside them.
    """
    with zipfile.ZipFile(sources) as archive, zipfile.ZipFile(bytecode, "w") as compiled:
        for name in archive.namelist():
            source = archive.read(name)
            third_party = name.startswith("lib/")
            code = compile(source, f"/{name}", "exec", dont_inherit=True, optimize=2 if third_party else 0)
            if third_party:
                code = without_lines(code)
            pyc = importlib._bootstrap_external._code_to_hash_pyc  # type: ignore[attr-defined]
            compiled.writestr(zipfile.ZipInfo(name), bytes(pyc(code, importlib.util.source_hash(source), False)))


def without_lines(code: CodeType) -> CodeType:
    """The code with all instructions on its first line, which saves a quarter of an archive.

    One entry of the location table covers up to 8 code units: form 13, "no columns", and a line delta of 0
    (CPython's InternalDocs/code_objects.md).
    """
    units = len(code.co_code) // 2
    table = b"".join(bytes((0x80 | 13 << 3 | min(8, units - start) - 1, 0)) for start in range(0, units, 8))
    constants = tuple(without_lines(constant) if isinstance(constant, CodeType) else constant for constant in code.co_consts)
    return code.replace(co_linetable=table, co_consts=constants)


if __name__ == "__main__":
    compile_archive(*sys.argv[1:])
