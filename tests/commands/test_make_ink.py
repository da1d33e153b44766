"""`py/make_ink.py`, as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import called, command

import make_ink as make_ink_module
from research.ink import load_ink

STROKES = "".join(
    f'.SEGMENT DIGIT {n} ? "{n % 10}"\n.COMMENT {n % 10} {n % 3} {n}\n.PEN_DOWN\n0 0\n{n} 50\n.PEN_UP\n' for n in range(30)
)


make_ink = command("make_ink.py")


@pytest.fixture
def strokes(tmp_path: Path) -> Path:
    (tmp_path / "pendigits-orig.tra").write_text(STROKES)
    return tmp_path / "pendigits-orig.tra"


def test_it_writes_an_ink_file_and_says_what_is_in_it(tmp_path: Path, strokes: Path) -> None:
    done = make_ink(tmp_path / "ink.npz", "--pendigits", strokes, "--not-writers", "0")
    assert done.stdout == f"20 drawings by 2 writers or sittings are in {tmp_path / 'ink.npz'}.\n"
    assert (done.stderr, done.returncode) == ("", 0)
    assert load_ink(tmp_path / "ink.npz").writer_names.tolist() == ["pendigits-train-1", "pendigits-train-2"]


def test_letters_are_taken_from_their_sections(tmp_path: Path) -> None:
    for name in ("data/1b/abc/s.dat", "data/1c/abc/s.dat"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text('.SEGMENT CHARACTER 0 OK "K"\n.SEGMENT CHARACTER 0 OK "k"\n.PEN_DOWN\n1 2\n5 9\n.PEN_UP\n')
    done = make_ink(tmp_path / "ink.npz", "--unipen", tmp_path, "--letters", "--most", "1")
    assert done.returncode == 0, done.stderr
    assert load_ink(tmp_path / "ink.npz").label.tolist() in (["K", "k"], ["k", "K"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give --pendigits, --unipen or both"),
        (["--pendigits", "none.tra"], "none.tra cannot be read"),
        (["--pendigits", "none.tra", "--letters"], "pendigits has no letters"),
        (["--unipen", "."], "no folder data/1a"),
        (["--unipen", ".", "--most", "0"], "--most should be 1 or more"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(make_ink_module.main, tmp_path / "ink.npz", *arguments) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "ink.npz").exists()


def test_help_says_where_the_originals_are() -> None:
    done = make_ink("--help")
    assert "UCI" in done.stdout
    assert "10.5281/zenodo.1195803" in done.stdout
