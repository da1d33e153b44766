"""The room Code: runs our modules as the user edited them, in a worker of its own.

The original modules stay imported beside the edited ones. They are the referee of `web.code_checks`, so no edit can change
what a check accepts.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from digits.recognizer import Recognizer
from web import code_checks, exercises, patches, shared_memory

ROOT = Path(__file__).parents[1]

FILES = (
    "nn/layers.py",
    "nn/activations.py",
    "nn/convolution.py",
    "nn/loss.py",
    "nn/network.py",
    "nn/optimizers.py",
    "nn/training.py",
    "digits/preprocessing.py",
    "digits/recognizer.py",
)
"""The files that can be edited, relative to py/; the room offers them in this order."""

MOST_OUTPUT = 10_000
"""Characters of what the code prints that the page shows."""

MOST_FRAMES = 20
"""Frames of a traceback that the page shows."""

MOST_COMPLETIONS = 100
"""Names that the console suggests."""

CONSOLE = "<console>"
"""The name of what is typed into the console, in its errors."""

IMAGE_SIDES = range(8, 281)
"""Arrays of so many rows and columns are shown as pictures in the console."""

PACKAGES = ("nn", "digits")


class EditedCode:
    """The modules of `nn` and `digits` with the files that were edited, and a network that computes with them.

    Args:
        root: the folder on sys.path that holds the modules; edited files are written there.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self.root, self.weights = root, root.parent / "weights"
        self.originals = {file: (root / file).read_text(encoding="utf-8") for file in FILES}
        for path in (path for package in PACKAGES for path in (root / package).rglob("*.py")):
            if path.with_suffix(".pyc").exists():
                path.unlink()  # Python would compile it at every import instead of taking the bytecode
        self._loaded: tuple[dict[str, str], str] | None = None
        self._modules: dict[str, ModuleType] = {}
        self._recognizer: Any = None
        self._names: dict[str, Any] = {}  # of the console
        self._original_curve: np.ndarray | None = None

    def editable(self) -> dict[str, str]:
        """The original text of every file that can be edited, by its name relative to py/."""
        return self.originals

    def read(self, files: dict[str, str], network: str) -> dict[str, Any]:
        """Read the drawing in `shared_memory.pixels` with edited code.

        Args:
            files: the text of the edited files, by their names in FILES.
            network: the weights file, within weights/.
        Returns:
            `{"result", "problem", "printed"}`: `result` is None if the code raised something, and `problem` says what.
        """

        def read() -> dict[str, Any]:
            reading = self._reading()
            return {
                "digit": None if reading.digit is None else int(reading.digit),
                "probabilities": np.array(reading.probabilities, np.float32).reshape(10),
            }

        return self._run(files, network, read)

    def _reading(self) -> Any:
        preprocess = self._modules["digits.preprocessing"].preprocess
        return self._recognizer.read_steps(preprocess(shared_memory.pixels, polarity="light-on-dark"))

    def check(self, files: dict[str, str], network: str, samples: list[dict[str, Any]]) -> dict[str, Any]:
        """Run the checks of `web.code_checks` on edited code; `samples` are the page's sample digits.

        Returns:
            `{"result": [{"name", "passed", "detail"}, …], "problem", "printed"}`
        """

        def check() -> list[dict[str, Any]]:
            original = Recognizer.load(self.weights / network)
            return code_checks.run(code_checks.Code(self._modules, self._recognizer), samples, original)

        return self._run(files, network, check)

    def curve(self, files: dict[str, str], network: str, samples: list[dict[str, Any]]) -> dict[str, Any]:
        """The loss of the first training steps, with the original code and with the edited code.

        Returns:
            `{"result": {"original": (steps,), "edited": (steps,)}, "problem", "printed"}`
        """

        def curves() -> dict[str, Any]:
            if self._original_curve is None:  # fails too where edited code has changed NumPy
                self._original_curve = code_checks.training_curve(code_checks.ORIGINALS, samples)
            return {"original": self._original_curve, "edited": code_checks.training_curve(self._modules, samples)}

        return self._run(files, network, curves)

    def exercise(self, files: dict[str, str], network: str, name: str) -> dict[str, Any]:
        """Check the solution of an exercise of `web.exercises`.

        Returns:
            `{"result": what is still wrong, "" if nothing is, "problem", "printed"}`
        """

        def check() -> str:
            try:
                exercises.exercise(name).check(code_checks.Code(self._modules, self._recognizer))
            except code_checks.CheckFailed as error:
                return str(error)
            return ""

        return self._run(files, network, check)

    def console(self, files: dict[str, str], network: str, text: str) -> dict[str, Any]:
        """Run a line, or several, with `network`, `x` (the drawing, (1, 784)), `reading` and `np` defined; prints its value.

        Names that it defines stay until the code changes.

        Returns:
            `{"result": the value as `image` shows it, "problem", "printed"}`
        """

        def run() -> np.ndarray | None:
            names = self._console_names()
            try:
                expression = compile(text, CONSOLE, "eval")
            except SyntaxError:
                exec(compile(text, CONSOLE, "exec"), names)
                return None
            value = eval(expression, names)
            if value is not None:
                print(repr(value))
            return image(value)

        return self._run(files, network, run)

    def complete(self, files: dict[str, str], network: str, text: str) -> dict[str, Any]:
        """How a name, or a name's attribute, in the console may go on.

        Returns:
            `{"result": whole texts that begin with `text`, "problem", "printed"}`
        """

        def complete() -> list[str]:
            from rlcompleter import Completer

            completer = Completer(self._console_names())
            found = (completer.complete(text, number) for number in range(MOST_COMPLETIONS))
            return [one.strip() for one in found if one is not None]

        return self._run(files, network, complete)

    def _console_names(self) -> dict[str, Any]:
        reading = self._reading()
        given = {"np": np, "network": self._recognizer.network, "reading": reading, "x": reading.image.reshape(1, 784)}
        self._names |= given
        return self._names

    def diff(self, files: dict[str, str]) -> dict[str, str]:
        """`{"patch": what was changed}`, as `web.patches.difference` writes it."""
        return {"patch": patches.difference(self.originals, files)}

    def apply(self, patch: str) -> dict[str, str]:
        """The files that a patch changes. Raises PatchError if it was made for another version of them."""
        return patches.apply(self.originals, patch)

    def exercises(self) -> list[dict[str, Any]]:
        """All exercises, as `web.exercises.listed` describes them."""
        return exercises.listed(self.originals)

    def _run(self, files: dict[str, str], network: str, action: Callable[[], Any]) -> dict[str, Any]:
        printed, result, problem = Output(), None, None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                self._load(files, network)
                with self._edited_modules():
                    result = action()
            except BaseException as error:  # whatever the edited code raises, SystemExit too, is the user's to see
                problem = explained(error, self.root)
        return {"result": result, "problem": problem, "printed": printed.getvalue()}

    def _load(self, files: dict[str, str], network: str) -> None:
        """Import the modules again if a file has changed since the last time. Raises what the code raises."""
        if self._loaded == (files, network):
            return
        self._loaded, self._modules, self._names = None, {}, {}
        for file, text in self.originals.items():
            path = self.root / file
            if file in files:
                path.write_text(files[file], encoding="utf-8")
                compile(files[file], str(path), "exec")  # a syntax error, before anything is imported
            elif path.with_suffix(".pyc").exists():
                path.unlink(missing_ok=True)
            else:
                path.write_text(text, encoding="utf-8")
        sys.path_importer_cache.clear()  # what imports remember of the folders
        with self._edited_modules():
            importlib.import_module("nn")
            self._recognizer = importlib.import_module("digits.recognizer").Recognizer.load(self.weights / network)
        self._loaded = (dict(files), network)

    @contextlib.contextmanager
    def _edited_modules(self) -> Iterator[None]:
        """Imports find the edited modules inside the block, and the originals after it."""
        originals = _take_modules()
        sys.modules.update(self._modules)
        try:
            yield
        finally:
            self._modules = _take_modules()
            sys.modules.update(originals)


def _take_modules() -> dict[str, ModuleType]:
    """Remove our modules from sys.modules, and return them."""
    names = [name for name in sys.modules if name.partition(".")[0] in PACKAGES]
    return {name: sys.modules.pop(name) for name in names}


class Output(io.StringIO):
    """What the code prints, up to MOST_OUTPUT characters."""

    def write(self, text: str) -> int:
        room = MOST_OUTPUT - self.tell()
        if room > 0:
            super().write(shortened(text, room))
        return len(text)


def shortened(text: str, most: int = MOST_OUTPUT) -> str:
    """The text, or as much of it as the page can show."""
    return text if len(text) <= most else f"{text[:most]}\n… and more."


def image(value: Any) -> np.ndarray | None:
    """(height, width) float32 of an array that can be shown as a picture; None for anything else.

    That is an array of 784 numbers, which becomes 28×28, or a table with IMAGE_SIDES rows and columns.
    """
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf" or not np.isfinite(value).all():
        return None
    picture = value.reshape(28, 28) if value.size == 784 else value
    if picture.ndim != 2 or not all(side in IMAGE_SIDES for side in picture.shape):
        return None
    return np.array(picture, np.float32)


def explained(error: BaseException, root: Path) -> dict[str, Any]:
    """An exception for the page: its text, and the places in our files that led to it, the innermost last.

    Of an exception that was raised from another one, the other one is explained.
    """
    seen = {id(error)}  # an exception may be its own cause
    while (cause := error.__cause__) is not None and id(cause) not in seen:
        error = cause
        seen.add(id(cause))
    text = "".join(traceback.format_exception_only(error)).strip()
    places: list[tuple[str, int | None, str, int | None]]
    places = [(frame.filename, frame.lineno, frame.name, None) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        text = f"{type(error).__name__}: {error.msg}"
        places.append((str(error.filename), error.lineno, "", error.offset))
    below = f"{root.as_posix()}/"
    frames = [
        {"file": file.removeprefix(below), "line": line, "function": function, "column": column}
        for file, line, function, column in places
        if file.removeprefix(below) in FILES
    ]
    return {"text": shortened(text), "frames": frames[-MOST_FRAMES:]}


_code: EditedCode | None = None


def current() -> EditedCode:
    """The edited code of this worker."""
    global _code
    _code = _code or EditedCode()
    return _code
