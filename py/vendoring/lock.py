"""Reads `vendor.lock.json`, the list of every third-party file: size, sha256, licence and where it comes from."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


class VendorError(RuntimeError):
    """A third-party file cannot be had; the message is one sentence for a person."""


@dataclass(frozen=True)
class Source:
    """One place that carries a file: `cdn /path`, `pip NAME==VERSION MEMBER` or `npm NAME@VERSION MEMBER`."""

    tool: str
    package: str
    member: str

    @classmethod
    def parse(cls, text: str) -> Source:
        tool, *rest = text.split(" ")
        if tool == "cdn" and len(rest) == 1 and rest[0].startswith("/"):
            return cls(tool, "", rest[0])
        if tool in ("pip", "npm") and len(rest) == 2:
            return cls(tool, *rest)
        raise ValueError(f"“{text}” names no source")


@dataclass(frozen=True)
class File:
    """One third-party file. `keep` names the entries that stay of a Pyodide package index (see `trimmed`)."""

    path: str
    size: int
    sha256: str
    licence: str
    sources: tuple[Source, ...]
    keep: tuple[str, ...] = ()

    @classmethod
    def parse(cls, entry: dict) -> File:
        path = PurePosixPath(entry["path"])
        if path.is_absolute() or ".." in path.parts or "\\" in entry["path"]:
            raise ValueError(f"“{path}” leaves the vendor folder")
        if not re.fullmatch("[0-9a-f]{64}", entry["sha256"]):
            raise ValueError(f"the sha256 of “{path}” is not 64 hexadecimal digits")
        sources = tuple(Source.parse(text) for text in entry["from"])
        keep = tuple(entry.get("keep", ()))
        return cls(str(path), int(entry["size"]), entry["sha256"], entry["licence"], sources, keep)


@dataclass(frozen=True)
class Group:
    """Files that are wanted together; they lie in `vendor/<folder>/`."""

    name: str
    folder: str
    files: tuple[File, ...]


@dataclass(frozen=True)
class Lock:
    cdn: str
    groups: dict[str, Group]

    @classmethod
    def read(cls, path: Path) -> Lock:
        """Raises VendorError where the file is missing or not a lock."""
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
    """Pyodide's package index with the packages `keep` only, and so less to load.

    Its sources carry indexes of different length, which agree in these packages. Raises ValueError for anything else.
    """
    content = json.loads(index)
    try:
        packages = {name: content["packages"][name] for name in keep}
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a package index: {error}") from None
    return json.dumps({**content, "packages": packages}, sort_keys=True, separators=(",", ":")).encode()
