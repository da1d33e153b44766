"""Finds the texts of the page in its source, with {0}, {1}, … for what is inserted: the keys of a catalog."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Comments, regular expressions, strings, and templates with up to three levels of braces.
INSERTED = r"\$\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
JAVASCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?<=[(=,\s])/(?:\\.|\[[^\]\n]*\]|[^/\n\\*])+/[a-z]*(?=[.,;)\s])"""
    r"""|"(?P<string>(?:\\.|[^"\\\n])*)"|`(?P<template>(?:\\.|""" + INSERTED + r"""|[^`\\])*)`""",
    re.DOTALL,
)


# Where js/language/language.js parts a text that has no translation as a whole.
PARTS = re.compile(r"(?<=[.?!]) |; | · ")


def numbered(parts: list[str]) -> str:
    """The parts of a text with {0}, {1}, … between them."""
    numbers = count()
    return parts[0] + "".join(f"{{{next(numbers)}}}{part}" for part in parts[1:])


def in_javascript(source: str) -> Iterator[str]:
    for match in JAVASCRIPT.finditer(re.sub(r'" \+\s+"', "", source)):
        if (string := match["string"]) is not None:
            yield re.sub(r"\\u(....)", lambda code: chr(int(code[1], 16)), string).replace('\\"', '"')
        elif (template := match["template"]) is not None:
            pieces = re.split(INSERTED, template)
            yield numbered(pieces[::2])
            for inserted in pieces[1::2]:
                yield from in_javascript(inserted)


def in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            parts = [""]
            for value in node.values:
                if isinstance(value, ast.Constant):
                    parts[-1] += str(value.value)
                else:
                    parts.append("")
            yield numbered(parts)


def in_errors(source: str) -> Iterator[str]:
    """The messages of the errors that Python code raises."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for argument in node.exc.args:
                yield max(in_python(ast.unparse(argument)), key=len, default="")


def in_json(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from in_json(part)


class PageTexts(HTMLParser):
    """The texts of an HTML file, and the attributes that people perceive."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in_code = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code = tag in ("code", "style", "script")
        self.texts += [value or "" for name, value in attrs if name in ("alt", "aria-label", "placeholder", "title")]

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_code = False


def texts_of(path: Path) -> set[str]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        found: Iterator[str] = iter(PageTexts(source).texts)
    elif path.suffix == ".json":
        found = in_json(json.loads(source))
    else:
        found = (in_python if path.suffix == ".py" else in_javascript)(source)
    return {text.strip() for text in found}
