"""Writes the complete static site into a folder, for any web host and any sub-path of it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from hosting import mnist_parts
from hosting.prepared_runtime import GROUPS
from hosting.site import MADE, PAGES, PRECACHE, SERVED, Site, precache_list
from vendoring.files import sha256
from vendoring.vendor import Vendor

# Stands in every built folder: only such a one is replaced by the next build.
MARK = ".built-by-serve.py"


class BuildError(RuntimeError):
    """The site cannot be built there; the message is one sentence for a person."""


def build(site: Site, target: Path, vendor: Vendor) -> Path:
    """Builds the site in `target`, which is missing, empty, or an earlier build; returns its absolute path.

    A failed build leaves `target` as it was. Raises BuildError or VendorError.
    """
    target = target.resolve()
    _refuse_foreign(target)
    for group in (*SERVED, "mnist", "licenses"):
        vendor.ensure(group)
    try:
        site.prepare()
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
            made = Path(beside) / "site"
            _write(site, made, vendor)
            if target.exists():
                shutil.rmtree(target)
            os.replace(made, target)
    except OSError as error:
        raise BuildError(
            f"The site cannot be written to {target} ({error.strerror or error}): choose one that is writable."
        ) from None
    return target


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise BuildError(f"{target} is a file: name a new folder for the site.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise BuildError(f"{target} holds other files, which a build would remove: name a new or empty folder.")


def _write(site: Site, made: Path, vendor: Vendor) -> None:
    for name in site.own_files():
        _copy(site.root / name, made / name)
    for name in site.ready_files():
        if path := site.find(name):
            _copy(path, made / name)
    for name in MADE:
        content = site.make(name)
        if content is not None:
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
    loaded = sorted(path for path in made.rglob("*") if path.is_file() and path.name not in ("sw.js", PRECACHE))
    hashes = {path.relative_to(made).as_posix(): sha256(path.read_bytes()) for path in loaded}
    version = sha256(json.dumps(hashes, sort_keys=True).encode())[:16]
    for page in hashes.keys() & PAGES:
        _name_version(made / page, version)
        hashes[page] = sha256((made / page).read_bytes())
    (made / PRECACHE).write_bytes(precache_list(hashes, version, network_first=False))
    mnist_parts.write_parts(vendor, made / mnist_parts.FOLDER)  # not part of the offline copy
    _write_licenses(site, made, vendor)
    (made / MARK).touch()
    (made / ".nojekyll").touch()  # else GitHub Pages drops every name that begins with an underscore


def _name_version(page: Path, version: str) -> None:
    """Write the version into a page, so that sw.js knows it even if the host alters HTML (minifies it, say)."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("<html ", f'<html data-version="{version}" ', 1), encoding="utf-8", newline="\n")


def _copy(source: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, copy)


def _write_licenses(site: Site, made: Path, vendor: Vendor) -> None:
    """NOTICE.md and LICENSE, and in licenses/ the texts of vendor.lock.json and those in the wheels."""
    for name in ("LICENSE", "NOTICE.md"):
        _copy(site.root / name, made / name)
    texts = vendor.lock.groups["licenses"]
    for file in texts.files:
        _copy(vendor.folder / texts.folder / file.path, made / "licenses" / file.path)
    for group in (vendor.lock.groups[name] for name in GROUPS):
        for file in group.files:
            if file.path.endswith(".whl"):
                _unpack_licenses(vendor.folder / group.folder / file.path, made / "licenses")


def _unpack_licenses(wheel: Path, folder: Path) -> None:
    """The license files of a wheel, kept under licenses/<package>/ as they lie in its metadata."""
    package = wheel.name.split("-")[0]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            _, _, inner = name.partition(".dist-info/licenses/")
            if inner and not name.endswith("/"):
                place = folder / package / PurePosixPath(inner)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(name))
