"""Reads `vendor.lock.json`, which lists every third-party file: size, sha256, license and sources."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

INDEX_LIMIT = 2_000_000  # bytes of a full Pyodide package index, of which `trimmed` keeps a few hundred


class VendorError(RuntimeError):
    """A third-party file is not available; the message is one sentence for the user."""


@dataclass(frozen=True)
class Source:
    """One place that has a file: `cdn /path`, `pip NAME==VERSION MEMBER` or `npm NAME@VERSION MEMBER`."""

    tool: str
    package: str
    member: str

    @classmethod
    def parse(cls, text: str) -> Source:
        tool, *package, member = text.split(" ")
        if (tool == "cdn" and not package and member.startswith("/")) or (tool in ("pip", "npm") and len(package) == 1):
            return cls(tool, "".join(package), member)
        raise ValueError(f"“{text}” is not a source")


@dataclass(frozen=True)
class File:
    """One third-party file. `keep` names the entries to keep of a Pyodide package index (see `trimmed`)."""

    path: str
    size: int
    sha256: str
    license: str
    sources: tuple[Source, ...]
    keep: tuple[str, ...] = ()

    @classmethod
    def parse(cls, entry: dict[str, Any]) -> File:
        path = PurePosixPath(entry["path"])
        if path.is_absolute() or ".." in path.parts or "\\" in entry["path"]:
            raise ValueError(f"“{path}” leaves the vendor folder")
        if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]):
            raise ValueError(f"the sha256 of “{path}” is not 64 hexadecimal digits")
        sources = tuple(Source.parse(text) for text in entry["from"])
        keep = tuple(entry.get("keep", ()))
        return cls(str(path), int(entry["size"]), entry["sha256"], entry["license"], sources, keep)

    @property
    def limit(self) -> int:
        """The most bytes a source may send for this file."""
        return INDEX_LIMIT if self.keep else self.size


@dataclass(frozen=True)
class Group:
    """Files that are needed together, in `vendor/<folder>/`."""

    name: str
    folder: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class Lock:
    cdn: str
    groups: dict[str, Group]

    @classmethod
    def read(cls, path: Path) -> Lock:
        """Raises VendorError if the file is missing or is not a lock."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            groups = [
                Group(entry["name"], entry.get("folder", entry["name"]), tuple(map(File.parse, entry["files"])))
                for entry in content["groups"]
            ]
            return cls(content["cdn"].rstrip("/"), {group.name: group for group in groups})
        except OSError as error:
            raise VendorError(f"{path.name} cannot be read ({error.strerror}): restore it from the repository.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise VendorError(f"{path.name} is damaged ({error}): restore it from the repository.") from None


def trimmed(index: bytes, keep: tuple[str, ...]) -> bytes:
    """Pyodide's package index with only the packages `keep`.

    The sources have indexes of different lengths, which agree on these packages. Raises ValueError for anything else.
    """
    try:
        content = json.loads(index)
        packages = {name: content["packages"][name] for name in keep}
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a package index: {error}") from None
    return json.dumps({**content, "packages": packages}, sort_keys=True, separators=(",", ":")).encode()
