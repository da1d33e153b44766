"""`py/evaluate.py`: what it prints is true, and another program can read it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from running import called, command

import evaluate as evaluate_module
from research.doodles import zigzag

PROJECT = Path(__file__).resolve().parents[2]


DENSE = ("--weights", PROJECT / "weights" / "model_params_stored_mnist.pk1")
"""The faster one of the two networks."""

evaluate = command("evaluate.py")


@pytest.fixture(scope="module")
def few_drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ink file of twenty drawings, two of each digit's label; what they show is no digit, which is no matter here."""
    strokes = [zigzag(np.random.default_rng(i))[0] for i in range(20)]
    points = np.concatenate(strokes).astype(np.int16)
    path = tmp_path_factory.mktemp("ink") / "few.npz"
    np.savez(
        path,
        points=points,
        stroke_start=np.concatenate([[0], np.cumsum([len(s) for s in strokes])]).astype(np.int32),
        digit_start=np.arange(21, dtype=np.int32),
        label=(np.arange(20) % 10).astype(np.uint8),
        writer=np.zeros(20, np.uint16),
        writer_names=np.array(["test-hand"]),
    )
    return path


def test_the_shipped_networks_read_what_their_cards_say() -> None:
    index = json.loads((PROJECT / "weights" / "models.json").read_text())
    for model in index["models"]:
        chosen = [] if model["name"] == index["default"] else ["--weights", PROJECT / "weights" / model["file"]]
        done = evaluate(*chosen, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") == 1
        figures = json.loads(done.stdout)
        assert figures["weights"] == model["file"]
        card = json.loads((PROJECT / "weights" / model["card"]).read_text())
        assert figures["mnist_test_accuracy"] == pytest.approx(card["mnist_test_accuracy"], abs=2e-4)
        assert figures["parameters"] == card["parameters"]
        assert not any(isinstance(figure, dict) for figure in figures.values())
        assert figures["mnist_test_calibration_error"] <= 0.01
        if model["file"] == DENSE[1].name:
            assert figures["parameters"] == 109_386
            assert figures["mnist_test_accuracy"] >= 0.98


def test_drawings_are_measured_under_every_condition_and_drawn(few_drawings: Path, tmp_path: Path) -> None:
    done = evaluate(*DENSE, "--ink", few_drawings, "--json", "--pictures", tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["ink_drawings"] == 20
    groups = ("ink_size_", "ink_place_", "ink_pen_", "ink_tilt_", "ink_look_")
    assert all(sum(name.startswith(group) for name in figures) >= 5 for group in groups)
    assert 0 <= figures["ink_accuracy_test"] <= 1
    for name in ("reliability.png", "mistakes.png", "styles.png"):
        assert (tmp_path / name).stat().st_size > 5000


def test_numbers_are_composed_and_measured_by_length_and_spacing(few_drawings: Path) -> None:
    done = evaluate(*DENSE, "--numbers", few_drawings, "--numbers-of-each", "2", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for spacing in ("spaced", "touching", "overlapping"):
        assert {figures[f"numbers_{spacing}_{length}"] for length in (2, 4, 6)} <= {0, 0.5, 1}
    assert 0 <= figures["numbers_digit_accuracy"] <= 1
    assert figures["numbers_wrong"] > 0  # what is drawn here is no digit


def test_the_table_names_every_figure() -> None:
    done = evaluate(*DENSE)
    assert "mnist_test_accuracy" in done.stdout
    assert "prediction_milliseconds" in done.stdout
    assert "%" in done.stdout


def test_digits_and_letters_are_told_apart(few_drawings: Path, tmp_path: Path) -> None:
    with np.load(few_drawings) as arrays:
        np.savez(tmp_path / "letters.npz", **(dict(arrays) | {"label": np.array(list("oiOI") * 5)}))
    done = evaluate("--ink", tmp_path / "letters.npz")
    assert done.stderr == "evaluate.py: letters.npz has drawings of other characters than digits\n"
    done = evaluate(*DENSE, "--letters", tmp_path / "letters.npz")
    assert done.stderr.startswith("evaluate.py: the ink file of letters has none of A, E, F")


@pytest.mark.parametrize("flag", ["--weights", "--ink", "--letters", "--numbers"])
def test_a_bad_file_is_one_sentence(flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"", b"not what it should be", None):
        path = tmp_path / "file.npz"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert called(evaluate_module.main, flag, path) == 1
        said = capsys.readouterr().err
        assert said.startswith("evaluate.py: ")
        assert said.count("\n") == 1
