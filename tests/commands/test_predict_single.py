"""`py/predict_single.py`, as a person runs it, on real files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from picture_files import BAD, GOOD, photo
from PIL import Image
from running import command

from digits.mnist import load_mnist
from digits.picture_file import read_picture
from digits.recognizer import Recognizer
from digits.shipped_models import default_weights
from nn import Network, parameters
from vendoring import vendor

PROJECT = Path(__file__).resolve().parents[2]


predict = command("predict_single.py")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all kinds of picture files, and 40 of MNIST's test images as PNG."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, make in GOOD.items():
        (folder / name).write_bytes(make())
    images, labels = load_mnist(vendor.ensure("mnist"), "test")
    for i in range(40):
        Image.fromarray(images[i].reshape(28, 28)).save(folder / f"mnist-{i:02}-{labels[i]}.png")
    return folder


def test_json_is_one_object_a_line_in_the_order_given(files: Path) -> None:
    names = [str(files / name) for name in GOOD]
    done = predict(*names, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["file"] for answer in answers] == names
    recognizer = Recognizer.load(default_weights(PROJECT / "weights"))
    for answer in answers:
        assert list(answer) == ["file", "digit", "confidence", "probabilities", "is_digit"]
        assert len(answer["probabilities"]) == 10
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert answer["confidence"] == answer["probabilities"][answer["digit"]] == max(answer["probabilities"])
        reading = recognizer.read_steps(read_picture(Path(answer["file"]).read_bytes()).steps)
        np.testing.assert_allclose(answer["probabilities"], reading.probabilities, atol=1e-6)
        assert answer["is_digit"] is reading.is_digit


def test_mnists_digits_are_read(files: Path) -> None:
    names = sorted(files.glob("mnist-*.png"))
    answers = [json.loads(line) for line in predict(*names, "--json").stdout.splitlines()]
    right = sum(str(answer["digit"]) == Path(answer["file"]).stem[-1] for answer in answers)
    assert right >= 38


def test_a_person_gets_a_line_a_file(files: Path) -> None:
    done = predict(files / "gray.png", files / "animated.gif")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{files / 'gray.png'}: ")
    assert "%" in first or "no digit" in first
    assert "the first was read" in second


def test_one_bad_file_among_good_ones_is_said_and_the_rest_are_read(files: Path, tmp_path: Path) -> None:
    broken = [tmp_path / name for name in BAD if name != "blank.png"]
    for path in broken:
        path.write_bytes(BAD[path.name][0]())
    given = [files / "gray.png", *broken, tmp_path / "none.png", tmp_path, files / "color.jpg"]
    done = predict(*given, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["file"] for answer in answers] == [str(path) for path in given]
    for answer in answers[1:-1]:
        assert list(answer) == ["file", "error"]
        assert "\n" not in answer["error"]
    assert "probabilities" in answers[0]
    assert "probabilities" in answers[-1]
    spoken = predict(*given)
    assert spoken.returncode == 1
    assert len(spoken.stdout.splitlines()) == 2
    assert len(spoken.stderr.splitlines()) == len(given) - 2
    assert "Traceback" not in spoken.stderr


def test_no_ink_is_no_digit(tmp_path: Path) -> None:
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    answer = json.loads(predict(tmp_path / "blank.png", "--json").stdout)
    assert answer["digit"] is None
    assert answer["confidence"] == 0
    assert len(answer["probabilities"]) == 10
    done = predict(tmp_path / "blank.png")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'blank.png'}: no ink\n")


def test_other_weights(files: Path, tmp_path: Path) -> None:
    network = Network.dense(784, 10, seed=1)
    network.layers[0].parameters["weights"] *= 0
    network.layers[0].parameters["bias"][6] = 20
    for name in ("six.npz", "six.pk1"):
        parameters.save(tmp_path / name, network)
        answer = json.loads(predict(files / "gray.png", "--json", "--weights", tmp_path / name).stdout)
        assert (answer["digit"], answer["is_digit"]) == (6, None)
        assert answer["confidence"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"junk", "holds no parameters"),
        (b"Nr\x00\xe1\xf5\x05.", "holds no parameters"),
        (None, "cannot be read: No such file"),
    ],
)
def test_weights_that_are_none_are_one_sentence(files: Path, tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "bad.pk1").write_bytes(content)
    done = predict(files / "gray.png", "--weights", tmp_path / "bad.pk1")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["numpy", "PIL"])
def test_a_missing_library_is_one_sentence(tmp_path: Path, missing: str) -> None:
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('No module named {missing}')\n")
    done = predict("x.png", env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert "python3 -m pip install numpy pillow" in done.stderr
    assert done.stderr.count("\n") == 1
    assert predict("--help", env=os.environ | {"PYTHONPATH": str(tmp_path)}).returncode == 0


def test_a_pattern_that_the_shell_left_alone_stands_for_its_files(files: Path, tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "[1].png"):
        (tmp_path / name).write_bytes(GOOD["gray.png"]())
    done = predict(f"{tmp_path}/?.png", tmp_path / "[1].png", "--json")
    listed = [json.loads(line)["file"] for line in done.stdout.splitlines()]
    assert listed == [str(tmp_path / name) for name in ("a.png", "b.png", "[1].png")]
    assert "*.jpg: cannot be read" in predict(tmp_path / "*.jpg").stderr


def test_a_name_that_no_file_can_have_does_not_keep_the_others_from_being_read(files: Path) -> None:
    done = predict("7" * 300, files / "gray.png")
    assert done.returncode == 1
    assert "gray.png: 7" in done.stdout
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_names_and_help_are_printed_to_any_console(tmp_path: Path, encoding: str) -> None:
    for name in ("漢字.png", "plain.png"):
        (tmp_path / name).write_bytes(GOOD["gray.png"]())
    console = {"env": os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, "encoding": encoding}
    done = predict(tmp_path / "漢字.png", tmp_path / "漢.png", tmp_path / "plain.png", **console)
    assert "??.png: 7" in done.stdout
    assert "plain.png: 7" in done.stdout
    assert "?.png: cannot be read" in done.stderr
    assert predict("--help", **console).returncode == 0


def test_a_photo_of_12_megapixels_takes_two_seconds(tmp_path: Path) -> None:
    photo("four", width=1000, height=750, light=0.3).resize((4000, 3000)).save(tmp_path / "photo.jpg")
    began = os.times()
    assert json.loads(predict(tmp_path / "photo.jpg", "--json").stdout)["digit"] == 4
    spent = os.times()
    assert spent.children_user + spent.children_system - began.children_user - began.children_system < 4, (
        "2 s on a machine of its own"
    )


def test_help_teaches() -> None:
    text = predict("--help").stdout
    for word in ("--json", "--weights", "PNG", "28 × 28", "exit status", "examples:"):
        assert word in text
    done = predict()
    assert done.returncode == 2
    assert "IMAGE" in done.stderr


def test_a_number_is_read_as_a_whole(files: Path, tmp_path: Path) -> None:
    pixels = np.zeros((120, 300), np.uint8)
    for left in (40, 130, 220):
        pixels[20:100, left : left + 12] = 255
    Image.fromarray(pixels).save(tmp_path / "ones.png")
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    done = predict(tmp_path / "ones.png", tmp_path / "blank.png", tmp_path / "none.png", "--number", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    ones, blank, missing = map(json.loads, done.stdout.splitlines())
    assert list(ones) == ["file", "number", "confidence", "digits"]
    assert (ones["number"], len(ones["digits"])) == ("111", 3)
    assert [digit["box"] for digit in ones["digits"]] == [[left, 20, left + 12, 100] for left in (40, 130, 220)]
    assert all(list(digit) == ["digit", "confidence", "is_digit", "box"] and digit["is_digit"] for digit in ones["digits"])
    assert (blank["number"], blank["confidence"], blank["digits"]) == ("", 0, [])
    assert list(missing) == ["file", "error"]
    done = predict(tmp_path / "ones.png", "--number")
    assert done.stdout.startswith(f"{tmp_path / 'ones.png'}: 111 (")
