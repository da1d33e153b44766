"""What Python runs in the page: trimmed, compiled, packed."""

from __future__ import annotations

import ast
import gzip
import io
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from hosting.prepared_runtime import (
    LIBRARY,
    OWN,
    PACKAGES,
    PAGE_PACKAGES,
    THIRD_PARTY,
    Compiler,
    PreparedRuntime,
    cpython,
    pyodide,
)
from vendoring.vendor import PROJECT, VendorError

from .conftest import entry, write_lock


def unpacked(archive: bytes | None) -> dict[str, bytes]:
    assert archive
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        return {item.name: tar.extractfile(item).read() for item in tar}  # type: ignore[union-attr]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a standard library, a NumPy and a package of a few lines each."""
    runtime = tmp_path / "vendor" / "runtime"
    runtime.mkdir(parents=True)
    modules = {"python_stdlib.zip": ["os.py", "email/parser.py"], "numpy-1.whl": ["numpy/a.py", "numpy/random/b.py"]}
    for archive, names in modules.items():
        with zipfile.ZipFile(runtime / archive, "w") as zipped:
            for name in names:
                zipped.writestr(
                    name, f'"""{name}"""\ndef f(x: int = 1, *, names={{"a", "b"}}):\n    return [x for x in names]\n'
                )
    (runtime / "pyodide-lock.json").write_text('{"info": {}, "packages": {"numpy": {}}}')
    files = [entry(path.name, path.read_bytes()) for path in sorted(runtime.iterdir())]
    write_lock(tmp_path / "vendor.lock.json", "http://127.0.0.1:9", runtime=files, pillow=[])
    (tmp_path / "py/nn").mkdir(parents=True)
    (tmp_path / "py/nn/__init__.py").write_text('"""A module."""\nx = 1\n')
    return tmp_path


def in_pyodide(_: Path) -> list[str | Path] | None:
    return pyodide(PROJECT / "vendor" / "runtime")


@pytest.fixture(scope="module")
def shipped() -> dict[str, bytes]:
    """The files of all archives, prepared as serve.py does."""
    runtime = PreparedRuntime(PROJECT)
    runtime.prepare()
    return {path: data for name in (*THIRD_PARTY, "page") for path, data in unpacked(runtime.archive(name)).items()}


def test_all_that_our_python_imports_is_shipped(shipped: dict[str, bytes]) -> None:
    """A module that prepared_runtime.UNUSED leaves out by mistake would stop the page."""
    paths = [*shipped, *unpacked(PreparedRuntime(PROJECT).archive("sources"))]
    modules = {path.rpartition(".")[0].removesuffix("/__init__") for path in paths}
    modules |= {"itertools", "js", "math", "sys", "time", "zlib"}  # parts of the interpreter
    for path in (path for package in PAGE_PACKAGES for path in (PROJECT / "py" / package).rglob("*.py")):
        if path.parts[-2:] == ("kernel", "build.py"):  # runs outside of the page
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                module = name.replace(".", "/").removesuffix("/abc")  # of collections, which makes it itself
                places = {module, *(f"{folder}/{module}" for folder in (LIBRARY, PACKAGES, "page/py"))}
                assert places & modules, f"{path.name} imports {name}"


def test_what_is_shipped_is_bytecode_with_its_licenses(shipped: dict[str, bytes]) -> None:
    assert not [path for path in shipped if path.endswith(".py")]
    assert f"{PACKAGES}/numpy-2.4.3.dist-info/licenses/LICENSE.txt" in shipped
    assert not [path for path in shipped if "/tests/" in path or "/idlelib/" in path]
    assert "page/py/nn/kernel/simd.wasm" in shipped
    assert any(path.startswith(f"{PACKAGES}/numpy/linalg/_umath_linalg.cpython") for path in shipped)
    unused = ("page/py/hosting", "page/py/research", "page/py/train", "page/py/web/exercises")
    assert not [path for path in shipped if path.startswith(unused)]


def test_without_a_compiler_the_sources_are_shipped(project: Path) -> None:
    runtime = PreparedRuntime(project, compilers=())
    runtime.prepare()
    assert f"{LIBRARY}/os.py" in unpacked(runtime.archive("python"))
    assert f"{LIBRARY}/email/parser.py" not in unpacked(runtime.archive("python"))
    assert set(unpacked(runtime.archive("random"))) == {f"{PACKAGES}/numpy/random/b.py"}
    assert set(unpacked(runtime.archive("page"))) == {"page/py/nn/__init__.py"}


@pytest.mark.parametrize("compiler", [in_pyodide, cpython])
def test_the_same_files_give_the_same_bytes_and_an_edited_one_is_shipped_as_source_until_it_is_compiled(
    project: Path, compiler: Compiler
) -> None:
    made = []
    for _ in range(2):
        shutil.rmtree(project / "vendor/prepared", ignore_errors=True)
        runtime = PreparedRuntime(project, compilers=[compiler])
        if not runtime.commands:
            pytest.skip("this machine has no such compiler")
        runtime.prepare()
        made.append([runtime.archive(name) for name in (*THIRD_PARTY, *OWN)])
    assert made[0] == made[1]

    compiled = set(unpacked(runtime.archive("page")))
    (project / "py/nn/__init__.py").write_text("x = 2\n")
    assert unpacked(runtime.archive("page")) == {"page/py/nn/__init__.py": b"x = 2\n"}
    runtime.prepare()
    assert set(unpacked(runtime.archive("page"))) == compiled


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_a_damaged_archive_is_refused_and_made_again_at_the_next_start(project: Path, damage: bytes | None) -> None:
    runtime = PreparedRuntime(project, compilers=())
    runtime.prepare()
    whole = runtime.archive("random")
    path = project / "vendor/prepared/random.tar.gz"
    if damage is None:
        path.write_bytes(path.read_bytes()[:20])
    else:
        path.write_bytes(damage)
    with pytest.raises(VendorError, match=r"vendor/prepared/random.tar.gz was changed: start again"):
        runtime.archive("random")
    runtime.prepare()
    assert runtime.archive("random") == whole


def test_a_compiler_that_fails_is_passed_over(project: Path) -> None:
    runtime = PreparedRuntime(project, compilers=[lambda _: [sys.executable, "-c", "raise SystemExit(1)"]])
    runtime.prepare()
    assert f"{LIBRARY}/os.py" in unpacked(runtime.archive("python"))
