"""serve.py --build: the whole site in a folder, for any place on any web host."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hosting.build import BuildError, build
from hosting.site import SERVED, Site
from vendoring.vendor import PROJECT, Vendor, project_vendor

from .conftest import entry, write_lock


@pytest.fixture
def small(tmp_path: Path) -> tuple[Site, Vendor]:
    """A project of a few bytes, whose third-party files are already there."""
    root = tmp_path / "project"
    for name in ("index.html", "js/main.js", "py/nn/__init__.py", "LICENSE", "NOTICE.md", "vendor/runtime/a.mjs"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"small")
    lock = write_lock(
        root / "vendor.lock.json",
        "http://127.0.0.1:9",
        runtime=[entry("a.mjs", b"small", "cdn /a.mjs")],
        pillow=[],
        editor=[],
        mnist=[],
        licenses=[],
    )
    return Site(root), Vendor(lock, root / "vendor")


def test_the_build_holds_what_the_page_needs_and_nothing_else(site_folder: Path) -> None:
    built = {path.relative_to(site_folder).as_posix() for path in site_folder.rglob("*") if path.is_file()}
    assert {"mnist/parts.json", "vendor/runtime/pyodide.asm.wasm", "archives/page.tar.gz", ".nojekyll", "LICENSE"} <= built
    assert not {name for name in built if name.startswith(("py/", "tests", "vendor/mnist", ".git/"))}
    assert sum((site_folder / name).stat().st_size for name in built) < 40e6


def test_every_url_is_relative(site_folder: Path) -> None:
    """An address that begins with / or names a host would break below a sub-path."""
    absolute = re.compile(r"""(?:href|src|action)\s*=\s*["']?/|url\(\s*["']?/|(?:from|import\()\s*["']/|fetch\(\s*["'`]/""")
    own = [path for kind in ("*.html", "css/*.css", "js/**/*.js", "*.js") for path in site_folder.glob(kind)]
    for path in own:
        found = absolute.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.name}: {found and found[0]}"


def test_the_licenses_of_all_that_is_shipped_lie_beside_it(site_folder: Path) -> None:
    assert (site_folder / "NOTICE.md").read_bytes() == (PROJECT / "NOTICE.md").read_bytes()
    assert "Mozilla Public License" in (site_folder / "licenses/MPL-2.0.txt").read_text(encoding="utf-8")
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in (site_folder / "licenses/Python-2.0.txt").read_text(encoding="utf-8")
    assert "NumPy Developers" in (site_folder / "licenses/numpy/LICENSE.txt").read_text(encoding="utf-8")
    assert (site_folder / "licenses/numpy/numpy/linalg/lapack_lite/LICENSE.txt").is_file()
    bundled_with_pillow = (site_folder / "licenses/Pillow.txt").read_text(encoding="utf-8")
    for holder in ("FreeType", "Independent JPEG Group", "Sam Leffler", "Google"):
        assert holder in bundled_with_pillow


def test_the_notice_names_every_license_text(site_folder: Path) -> None:
    notice = (PROJECT / "NOTICE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(licenses/[^`]+)`", notice))
    assert named
    for name in named:
        assert (site_folder / name).exists(), name
    for group in SERVED:
        for file in project_vendor().lock.groups[group].files:
            assert re.split(r"-\d", file.path)[0] in notice, file.path


def test_a_build_replaces_an_earlier_one(small: tuple[Site, Vendor], tmp_path: Path) -> None:
    site, vendor = small
    target = build(site, tmp_path / "deep/site", vendor)
    (target / "left-over.js").touch()
    (site.root / "js/main.js").write_text("edited")
    build(site, target, vendor)
    assert not (target / "left-over.js").exists()
    assert (target / "js/main.js").read_text() == "edited"
    assert [path.name for path in target.parent.iterdir()] == ["site"]


def test_a_foreign_folder_is_left_alone(small: tuple[Site, Vendor], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter.txt").write_text("dear")
    with pytest.raises(BuildError, match="holds other files, which a build would remove: name a new or empty folder"):
        build(small[0], tmp_path / "home", small[1])
    with pytest.raises(BuildError, match="is a file: name a new folder"):
        build(small[0], tmp_path / "home/letter.txt", small[1])
    with pytest.raises(BuildError, match="holds other files"):
        build(small[0], small[0].root, small[1])
    assert (tmp_path / "home/letter.txt").read_text() == "dear"


def test_a_build_that_fails_leaves_the_earlier_one(small: tuple[Site, Vendor], tmp_path: Path) -> None:
    site, vendor = small
    target = build(site, tmp_path / "site", vendor)
    shutil.move(site.root / "NOTICE.md", tmp_path / "NOTICE.md")
    with pytest.raises(BuildError, match="The site cannot be written"):
        build(site, target, vendor)
    assert (target / "js/main.js").read_bytes() == b"small"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["NOTICE.md", "project", "site"]
