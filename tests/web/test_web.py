"""What the page's worker gets from Python, asked on CPython just as the worker asks it."""

from __future__ import annotations

import ctypes
import gc
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import web
from digits.recognizer import Recognizer
from nn import Network
from web import shared_memory

MODELS = json.loads((Path(__file__).resolve().parents[2] / "weights" / "models.json").read_text(encoding="utf-8"))
FILE = next(model["file"] for model in MODELS["models"] if model["name"] == MODELS["default"])


@pytest.fixture(autouse=True)
def blank() -> Iterator[None]:
    shared_memory.pixels[:] = 0
    web.answer("open", json.dumps({"file": FILE}))
    yield
    shared_memory.pixels[:] = 0


def ask(kind: str, **values: object) -> tuple[dict[str, Any], np.ndarray]:
    """The answer, and the floats copied from the address it names: what the worker does."""
    packed = json.loads(web.answer(kind, json.dumps(values)))
    floats = np.array((ctypes.c_float * packed["length"]).from_address(packed["address"]), np.float32)
    return packed["answer"], floats


def array(floats: np.ndarray, placed: dict[str, Any]) -> np.ndarray:
    size = int(np.prod(placed["shape"]))
    return floats[placed["at"] : placed["at"] + size].reshape(placed["shape"])


def draw_a_one() -> None:
    """Written to the address that the worker writes to."""
    drawing = np.zeros((280, 280), np.uint8)
    drawing[50:230, 130:150] = 255
    ctypes.memmove(web.pixels_address, drawing.tobytes(), drawing.size)


def test_a_drawing_written_to_the_shared_memory_is_read() -> None:
    draw_a_one()
    answer, floats = ask("read")
    assert answer["digit"] == 1
    assert answer["verdict"] == "digit"
    probabilities = array(floats, answer["probabilities"])
    assert probabilities.shape == (10,)
    assert probabilities.argmax() == 1
    assert probabilities[1] == pytest.approx(answer["confidence"], abs=1e-6)
    image = array(floats, answer["image"])
    assert image.shape == (28, 28)
    assert image[4:24].any()
    assert not image[:4].any()


def test_a_blank_drawing_is_no_digit() -> None:
    answer, _ = ask("read")
    assert (answer["digit"], answer["second"], answer["verdict"], answer["confidence"]) == (None, None, "empty", 0)


def test_a_file_that_is_no_network_is_a_sentence_and_the_old_one_reads_on() -> None:
    for file in ("none.pk1", "models.json"):
        error = json.loads(web.answer("open", json.dumps({"file": file})))["error"]
        assert file in error
        assert "Traceback" not in error
    draw_a_one()
    assert ask("read")[0]["digit"] == 1


@pytest.mark.parametrize("kind", web.REQUESTS)
def test_whatever_a_request_raises_the_next_one_is_answered(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with a request is a sentence; a mistake in a program goes on to the worker, which says so."""

    def failing(error: Exception) -> Any:
        def request(**_: object) -> None:
            raise error

        return request

    for error, sentence in (
        (ValueError("the file is no network"), "the file is no network"),
        (FileNotFoundError(2, "No such file", "weights/a.npz"), "weights/a.npz"),
        (MemoryError(), "Python ran out of memory"),
    ):
        monkeypatch.setitem(web.REQUESTS, kind, failing(error))
        assert sentence in json.loads(web.answer(kind, "{}"))["error"]
    for mistake in (KeyError("weights"), RecursionError(), ZeroDivisionError()):
        monkeypatch.setitem(web.REQUESTS, kind, failing(mistake))
        with pytest.raises(type(mistake)):
            web.answer(kind, "{}")
    monkeypatch.undo()
    web.answer("open", json.dumps({"file": FILE}))
    draw_a_one()
    assert ask("read")[0]["digit"] == 1


def test_arrays_travel_from_anywhere_in_an_answer() -> None:
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.arange(10_000.0), np.zeros((0, 4)), np.float32([7])]
    deep = [{"in": arrays[0]}, (arrays[1],)]
    packed = json.loads(shared_memory.pack({"deep": deep, "none": arrays[2], "last": arrays[3], "n": np.int64(3)}))
    answer = packed["answer"]
    floats = np.array((ctypes.c_float * packed["length"]).from_address(packed["address"]), np.float32)
    places = [answer["deep"][0]["in"], answer["deep"][1][0], answer["none"], answer["last"]]
    for expected, place in zip(arrays, places, strict=True):
        np.testing.assert_array_equal(array(floats, place), expected)
    assert answer["n"] == 3


@pytest.mark.parametrize("inside", [None, {"stage": 0, "index": 5, "off": {"1": [2]}}])
def test_memory_does_not_grow_with_every_reading(inside: dict[str, Any] | None) -> None:
    draw_a_one()
    gc.collect()
    gc.disable()  # a reading must free its arrays itself: WebAssembly's memory never shrinks
    tracemalloc.start()
    try:
        web.answer("read", json.dumps({"inside": inside}))
        web.answer("read", json.dumps({"inside": inside}))  # caches are filled now
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10):
            web.answer("read", json.dumps({"inside": inside}))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 400_000


def test_a_number_is_read_from_the_bitmaps_of_its_strokes(tmp_path: Path) -> None:
    bar = np.zeros((120, 20), np.uint8)
    bar[:, 4:16] = 255
    strokes = [{"left": 40 + 60 * i, "top": 30, "width": 20, "height": 120, "points": [[50 + 60 * i, 36], [50 + 60 * i, 144]]}
               for i in range(3)]  # fmt: skip
    (tmp_path / "strokes").write_bytes(3 * bar.tobytes())
    answer, floats = ask("number", file=str(tmp_path / "strokes"), strokes=strokes)
    assert answer["number"] == "111"
    assert answer["confidence"] > 0.9
    assert [digit["box"] for digit in answer["digits"]] == [[44, 30, 56, 150], [104, 30, 116, 150], [164, 30, 176, 150]]
    assert [digit["strokes"] for digit in answer["digits"]] == [[0], [1], [2]]
    assert sum(candidate["won"] for candidate in answer["candidates"]) == 3
    image = array(floats, answer["digits"][1]["image"])

    place, floats = ask("read_place", place=1)
    assert place["digit"] == 1
    np.testing.assert_array_equal(array(floats, place["image"]), image)

    error = json.loads(web.answer("read_place", json.dumps({"place": 3})))["error"]
    assert error == "the number has no such digit"
    error = json.loads(web.answer("number", json.dumps({"file": str(tmp_path / "strokes"), "strokes": strokes[:2]})))["error"]
    assert "size" in error
    (tmp_path / "strokes").write_bytes(b"")
    answer, _ = ask("number", file=str(tmp_path / "strokes"), strokes=[])
    assert (answer["number"], answer["digits"], answer["candidates"]) == ("", [], [])


def test_a_number_in_a_picture_file_is_read(tmp_path: Path) -> None:
    pixels = np.zeros((420, 900), np.uint8)
    for left in (100, 400, 700):
        pixels[30:390, left : left + 40] = 255
    Image.fromarray(pixels).save(tmp_path / "ones.png")
    answer, floats = ask("number_picture", file=str(tmp_path / "ones.png"))
    assert (answer["number"], answer["note"]) == ("111", "")
    ink = array(floats, answer["ink"])
    assert ink.shape == (280, 498)
    for digit in answer["digits"]:
        left, top, right, bottom = digit["box"]
        assert ink[top:bottom, left:right].mean() > 0.9
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    assert "no ink" in json.loads(web.answer("number_picture", json.dumps({"file": str(tmp_path / "blank.png")})))["error"]


def test_a_network_whose_gradients_overflow_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network.dense(784, 8, 8, 10)
    for layer, scale in zip(network.layers[::2], (1e-30, 1e30, 1e30), strict=True):
        layer.parameters["weights"][...] = scale
    recognizer = Recognizer(network)
    monkeypatch.setattr(web._page, "recognizer", recognizer)
    monkeypatch.setattr(web._page, "_inside", None)
    draw_a_one()
    assert json.loads(web.answer("read", "{}"), parse_constant=pytest.fail)["answer"]["digit"] is not None
    with np.errstate(all="ignore"):
        said = json.loads(web.answer("read", json.dumps({"inside": {}})), parse_constant=pytest.fail)
    assert "parameters are too large to compute with" in said["error"]
