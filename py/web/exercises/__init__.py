"""Ten exercises for the room Code, one file each: a task, a start, a check, a hint and a solution.

A start and a solution are replacements in the original text of one file. A check gets the edited code and raises
`CheckFailed` with what is still wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from web.code_checks import CHECKS, Code

NAMES = (
    "double_the_logits",
    "the_missing_bias",
    "the_derivative_of_tanh",
    "relu_backward",
    "leaky_relu",
    "softmax_without_overflow",
    "momentum",
    "initial_weights",
    "a_margin",
    "dropout",
)
"""The exercises in their order: modules of this package with a constant EXERCISE."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        title, task, hint: what the page shows.
        file: the file to edit, relative to py/.
        start: (before, after), a replacement in the original; None starts with the original.
        solution: (before, after), a replacement in the start.
        check: raises what is still wrong.
    """

    title: str
    task: str
    hint: str
    file: str
    start: tuple[str, str] | None
    solution: tuple[str, str]
    check: Callable[[Code], None]


def passes(name: str) -> Callable[[Code], None]:
    """A check that is also one of the room's own, by its name in CHECKS."""
    return lambda code: CHECKS[name](code, [])


def exercise(name: str) -> Exercise:
    """Raises ValueError if there is no exercise of that name."""
    if name not in NAMES:
        raise ValueError(f"there is no exercise “{name}”")
    return importlib.import_module(f"web.exercises.{name}").EXERCISE


def listed(originals: Mapping[str, str]) -> list[dict[str, Any]]:
    """All exercises for the page, with the text of their files at the start and when they are solved."""
    exercises = []
    for name in NAMES:
        one = exercise(name)
        start = originals[one.file].replace(*one.start, 1) if one.start else originals[one.file]
        texts = {"start": start, "solution": start.replace(*one.solution, 1)}
        exercises.append({"name": name, "title": one.title, "task": one.task, "hint": one.hint, "file": one.file, **texts})
    return exercises
