"""The room Code's Python: edited modules run beside the originals, which judge them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hosting import sample_digits
from vendoring.vendor import project_vendor
from web import code_checks, edited_code, exercises, shared_memory
from web.edited_code import EditedCode

PROJECT = Path(__file__).resolve().parents[2]
NETWORK = "model_params_stored_mnist.pk1"


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EditedCode:
    shutil.copytree(PROJECT / "py", tmp_path / "py", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "weights", tmp_path / "weights")
    monkeypatch.syspath_prepend(tmp_path / "py")
    shared_memory.pixels[:] = 0
    shared_memory.pixels[40:240, 130:150] = 255
    return EditedCode(tmp_path / "py")


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    return json.loads(sample_digits.read(project_vendor()))["samples"]


def edit(code: EditedCode, file: str, before: str, after: str) -> dict[str, str]:
    assert before in code.originals[file]
    return {file: code.originals[file].replace(before, after)}


def failed(code: EditedCode, files: dict[str, str], samples: list[dict[str, Any]]) -> set[str]:
    outcome = code.check(files, NETWORK, samples)
    assert outcome["problem"] is None
    return {check["name"] for check in outcome["result"] if not check["passed"]}


def test_without_edits_it_reads_as_the_original_and_passes_all_checks(code: EditedCode, samples: list[dict[str, Any]]) -> None:
    from digits.recognizer import Recognizer

    read = code.read({}, NETWORK)
    expected = Recognizer.load(PROJECT / "weights" / NETWORK).read(shared_memory.pixels, "light-on-dark")
    assert read["result"]["digit"] == 1
    np.testing.assert_array_equal(read["result"]["probabilities"], expected.probabilities)
    assert failed(code, {}, samples) == set()
    curve = code.curve({}, NETWORK, samples)["result"]
    np.testing.assert_array_equal(curve["edited"], curve["original"])
    assert curve["original"][-1] < curve["original"][0] / 2


@pytest.mark.parametrize(
    ("file", "before", "after", "wrong"),
    [
        ("nn/layers.py", "self.x.T @ dy", "-self.x.T @ dy", "Gradients of Dense"),
        ("nn/layers.py", "return x @ W + b", "return x @ W", "Gradients of Dense"),
        ("nn/loss.py", "def softmax(", "def softmax(z):\n    return z\n\n\ndef before_softmax(", "Softmax sums to 1"),
    ],
)
def test_the_checks_find_what_an_edit_breaks(
    code: EditedCode, samples: list[dict[str, Any]], file: str, before: str, after: str, wrong: str
) -> None:
    assert wrong in failed(code, edit(code, file, before, after), samples)
    assert failed(code, {}, samples) == set(), "back to the original"


def test_a_wrong_gradient_trains_worse(code: EditedCode, samples: list[dict[str, Any]]) -> None:
    curve = code.curve(edit(code, "nn/layers.py", "self.x.T @ dy", "-self.x.T @ dy"), NETWORK, samples)["result"]
    assert curve["edited"][-1] > curve["original"][-1]


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("return x @ W + c", "NameError: name 'c' is not defined"),
        ("return x @ W +", "SyntaxError: invalid syntax"),
        ("raise SystemExit", "SystemExit"),
        ("return self.forward(x)", "RecursionError: maximum recursion depth exceeded"),
        ("error = ValueError('its own cause'); raise error from error", "ValueError: its own cause"),
        ("raise SyntaxError('odd', (1, 'two', 3, None))", "SyntaxError: odd"),
    ],
)
def test_an_error_is_shown_at_its_line(code: EditedCode, after: str, text: str) -> None:
    files = edit(code, "nn/layers.py", "return x @ W + b", after)
    line = files["nn/layers.py"].split("\n").index(f"        {after}") + 1
    problem = code.read(files, NETWORK)["problem"]
    assert problem["text"].startswith(text)
    last = problem["frames"][-1]
    assert (last["file"], last["line"]) == ("nn/layers.py", line)
    assert len(problem["frames"]) <= edited_code.MOST_FRAMES
    assert code.read({}, NETWORK)["result"]["digit"] == 1


def test_a_module_that_deletes_what_others_need_changes_nothing_else(code: EditedCode) -> None:
    assert code.read({"nn/layers.py": "del __builtins__"}, NETWORK)["problem"]
    assert code.read({"nn/loss.py": ""}, NETWORK)["problem"]
    assert code.read({}, NETWORK)["result"]["digit"] == 1
    import nn

    assert nn.Network is code_checks.nn.Network


def test_what_the_code_prints_is_shown_up_to_a_limit(code: EditedCode) -> None:
    files = edit(code, "nn/layers.py", "return x @ W + b", "print(x.shape); return x @ W + b")
    assert code.read(files, NETWORK)["printed"] == "(1, 784)\n(1, 128)\n(1, 64)\n"
    many = edit(code, "nn/layers.py", "return x @ W + b", "print('x' * 10**6); return x @ W + b")
    assert len(code.read(many, NETWORK)["printed"]) < edited_code.MOST_OUTPUT + 100


@pytest.mark.parametrize("name", exercises.NAMES)
def test_an_exercise_is_solved_by_its_solution_and_not_by_its_start(code: EditedCode, name: str) -> None:
    one = next(one for one in code.exercises() if one["name"] == name)
    start, solution = ({one["file"]: one[text]} for text in ("start", "solution"))
    assert start != solution
    begun = code.exercise(start, NETWORK, name)
    assert begun["result"] or begun["problem"]
    assert code.exercise(solution, NETWORK, name) == {"result": "", "problem": None, "printed": ""}


def test_the_console_knows_the_network_and_the_drawing(code: EditedCode) -> None:
    def printed(text: str) -> str:
        outcome = code.console({}, NETWORK, text)
        assert outcome["problem"] is None
        return str(outcome["printed"])

    assert printed("x.shape, reading.digit") == "((1, 784), 1)\n"
    assert printed("y = network.forward(x)\nfor value in y[0][:2]:\n    print(value == y.max())") == "False\nTrue\n"
    assert printed("y.shape") == "(1, 10)\n"
    assert code.console({}, NETWORK, "1 / 0")["problem"]["text"] == "ZeroDivisionError: division by zero"
    assert code.console({}, NETWORK, "for")["problem"]["text"].startswith("SyntaxError")


def test_the_console_completes_names_and_shows_arrays_as_pictures(code: EditedCode) -> None:
    code.console({}, NETWORK, "digits_seen = 3")
    assert code.complete({}, NETWORK, "digits_")["result"] == ["digits_seen"]
    assert "network.layers" in code.complete({}, NETWORK, "network.la")["result"]
    assert code.complete({}, NETWORK, "nothing.of.that.name")["result"] == []
    np.testing.assert_array_equal(
        code.console({}, NETWORK, "x")["result"], code.console({}, NETWORK, "reading.image")["result"]
    )
    assert code.console({}, NETWORK, "x")["result"].shape == (28, 28)
    assert code.console({}, NETWORK, "np.outer(np.arange(8), np.arange(280))")["result"].shape == (8, 280)
    for no_picture in ("reading.probabilities", "x * np.nan", "np.zeros((8, 1000))", "reading.digit", "np.array(['a'] * 784)"):
        assert code.console({}, NETWORK, no_picture)["result"] is None


def test_a_network_that_computes_no_numbers_is_told_by_the_checks(code: EditedCode, samples: list[dict[str, Any]]) -> None:
    files = edit(code, "nn/layers.py", "return x @ W + b", "return np.nan * (x @ W + b)")
    json.loads(shared_memory.pack(code.read(files, NETWORK)), parse_constant=pytest.fail)
    assert "Reads test digits" in failed(code, files, samples)


@pytest.mark.parametrize("probabilities", ["None", "np.zeros(10**7)", "'x' * 10**7", "{'a': object()}", "np.array([{}] * 10)"])
def test_probabilities_that_are_none_are_a_problem_of_the_code(code: EditedCode, probabilities: str) -> None:
    files = edit(
        code, "digits/recognizer.py", "Reading(digit, second, probabilities,", f"Reading(digit, second, {probabilities},"
    )
    outcome = code.read(files, NETWORK)
    assert outcome["problem"]
    assert len(shared_memory.pack(outcome)) < 2 * edited_code.MOST_OUTPUT


def test_a_long_message_is_cut(code: EditedCode, samples: list[dict[str, Any]]) -> None:
    files = edit(code, "nn/layers.py", "return x @ W + b", "raise ValueError('x' * 10**7)")
    assert len(code.read(files, NETWORK)["problem"]["text"]) < edited_code.MOST_OUTPUT + 100
    only_trained = edit(code, "nn/layers.py", "self.x.T @ dy", "[][len('x' * 10**7)]")
    assert len(json.dumps(code.check(only_trained, NETWORK, samples)["result"])) < edited_code.MOST_OUTPUT


def test_the_patch_gives_the_edited_file(code: EditedCode, tmp_path: Path) -> None:
    files = edit(code, "nn/layers.py", "return x @ W + b", "return b + x @ W") | {"nn/loss.py": "softmax = None"}
    patch = code.diff(files)["patch"]
    assert code.diff({})["patch"] == code.diff(dict(code.originals))["patch"] == ""
    assert code.apply(patch) == files
    subprocess.run(["git", "apply", "-p1", "-"], input=patch, text=True, check=True, cwd=tmp_path)
    for file, text in files.items():
        assert (tmp_path / "py" / file).read_text(encoding="utf-8") == text


def test_code_that_changes_numpy_is_told_that_the_original_fails_with_it(
    code: EditedCode, samples: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "exp", np.exp)  # put back after the test
    files = edit(code, "nn/layers.py", "return x @ W + b", "np.exp = np.cos; return x @ W + b")
    code.read(files, NETWORK)
    curve = code.curve(files, NETWORK, samples)
    assert curve["result"] is None
    assert "diverged" in curve["problem"]["text"]
