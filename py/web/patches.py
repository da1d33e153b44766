"""Edited files as a patch, and a patch as edited files: a link carries one, perhaps from another version of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

NO_NEWLINE = "\\ No newline at end of file\n"


class PatchError(ValueError):
    """The patch does not fit; the message says where, in a sentence."""


def difference(originals: Mapping[str, str], files: Mapping[str, str]) -> str:
    """What `files` change, as a patch that `git apply` and `patch -p1` take at the project's root; "" for no change."""
    from difflib import unified_diff

    lines = [
        line
        for file in originals
        if file in files
        for line in unified_diff(_lines(originals[file]), _lines(files[file]), f"a/py/{file}", f"b/py/{file}")
    ]
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in lines)


def apply(originals: Mapping[str, str], patch: str) -> dict[str, str]:
    """The files that a patch of `difference` changes, by name.

    As with `patch`, a hunk may have moved, but all of its lines must be there.

    Raises:
        PatchError: this is no patch, or it was made for other files.
    """
    files: dict[str, list[str]] = {}
    _, *parts = re.split(r"^--- a/py/(.+)\n\+\+\+ b/py/.+\n", patch, flags=re.MULTILINE)
    for name, hunks in zip(parts[::2], parts[1::2], strict=True):
        if name not in originals or name in files:
            raise PatchError(f"it changes py/{name}, which cannot be edited here")
        lines = _lines(originals[name])
        moved = 0
        for start, hunk in re.findall(r"@@ -(\d+).* @@.*\n((?:[ +\\-].*\n)+)", hunks):
            before, after = (_side(hunk, kind) for kind in (" -", " +"))
            at = _nearest(lines, before, int(start) - 1 + moved)
            if at is None:
                raise PatchError(f"it does not fit py/{name} at line {start}")
            moved = at - int(start) + 1 + len(after) - len(before)
            lines[at : at + len(before)] = after
        files[name] = lines
    if not files:
        raise PatchError("it changes nothing")
    return {name: "".join(lines) for name, lines in files.items()}


def _side(hunk: str, kinds: str) -> list[str]:
    """The lines of a hunk that begin with one of these characters, without it."""
    side: list[str] = []
    for line, following in pairwise([*_lines(hunk), ""]):
        if line[0] in kinds:
            side.append(line[1:-1] if following == NO_NEWLINE else line[1:])
    return side


def _lines(text: str) -> list[str]:
    """Lines with their ends; only "\\n" ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _nearest(lines: list[str], wanted: list[str], near: int) -> int | None:
    """Where `wanted` stands in `lines`, as near to index `near` as possible; None if it does not."""
    places = [at for at in range(len(lines) - len(wanted) + 1) if lines[at : at + len(wanted)] == wanted]
    return min(places, key=lambda at: abs(at - near), default=None)
