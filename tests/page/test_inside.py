"""The room Inside: what it shows is what NumPy computes on CPython, for a dense and for a convolutional network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hand import FOUR, SEVEN, Hand, copy_python, copy_site, numbers, wait_until
from playwright.sync_api import Browser, Page, expect
from watched_page import watched_page

from digits.preprocessing import preprocess
from digits.recognizer import Recognizer
from hosting.server import Server
from hosting.site import Site
from nn import architecture, parameters
from web.inside import Inside

PROJECT = Path(__file__).resolve().parents[2]
WORDS = "28x28-conv10-norm-pool-conv12-norm-pool-conv12-norm-32-norm-10"

SHOWN = """async () => {
    const { pad, reading } = await import("./js/main.js");
    const lists = (value) => value === null || typeof value !== "object" ? value
        : value.data instanceof Float32Array ? { shape: value.shape, data: Array.from(value.data) }
        : Array.isArray(value) ? value.map(lists)
        : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, lists(each)]));
    return { pixels: Array.from(pad.pixels()), logits: Array.from(reading.activations.at(-1).data), ...lists(reading.inside) };
}"""

LOGITS_AND_SELECTION = """async () => {
    const main = await import("./js/main.js");
    await main.recognizer.ask({ kind: "read", pixels: main.pad.pixels() }); // all that was asked before is answered by then
    const { activations, inside } = main.reading;
    return [String(activations.at(-1).data), inside && [inside.stage, inside.index, String(inside.stages.map((s) => s.off))]];
}"""

IN_TABLE = """([index, value]) => {
    const cell = document.querySelector("#stages .behind tbody").rows[index].cells[1];
    return Math.abs(Number(cell.textContent.replace("−", "-")) - value) < 1e-4;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The site with one more network, a convolutional one with random weights, and its address."""
    root = tmp_path_factory.mktemp("site")
    copy_site(root)
    copy_python(root)
    network, rng = architecture.build(WORDS).folded(), np.random.default_rng(0)
    for layer in network.layers:
        if "bias" in layer.parameters:
            layer.parameters["bias"] = (0.05 * rng.standard_normal(layer.parameters["bias"].shape)).astype(np.float32)
    parameters.save(root / "weights" / "random.npz", network)
    (root / "weights" / "random.json").write_text("{}", encoding="utf-8")
    index = root / "weights" / "models.json"
    models = json.loads(index.read_text(encoding="utf-8"))
    models["models"].append({"name": "random", "title": "Random", "file": "random.npz", "card": "random.json"})
    index.write_text(json.dumps(models), encoding="utf-8")
    with Server(Site(root), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield root, server.url
        server.shutdown()


class Room:
    """The room Inside with one network open, and the same network here on CPython."""

    def __init__(self, page: Page, here: Inside) -> None:
        self.page, self.here, self.hand = page, here, Hand(page)

    def shown(self, **state: str) -> dict[str, Any]:
        """Select, wait for the answer, and return what the page got."""
        values = {"layer": "", "neuron": "", "off": ""} | state
        self.page.evaluate("async (values) => (await import('./js/main.js')).state.set(values)", values)
        return self.settled()

    def settled(self) -> dict[str, Any]:
        """What the page got once nothing more is asked."""
        self.hand.answer()
        before = None
        while before != (now := self.page.evaluate(LOGITS_AND_SELECTION)):
            before = now
        return numbers(self.page, SHOWN)

    def computed(self, shown: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        """What CPython makes of the same drawing."""
        pixels = np.array(shown["pixels"], np.uint8).reshape(280, 280)
        reading, seen = self.here.read(preprocess(pixels, "light-on-dark"), **arguments)
        return {"logits": reading.activations[-1], **seen}


@pytest.fixture(scope="module", params=["usual", "random"])
def opened(request: pytest.FixtureRequest, browser: Browser, site: tuple[Path, str]) -> Iterator[Room]:
    root, url = site
    models = json.loads((root / "weights" / "models.json").read_text(encoding="utf-8"))
    name = models["default"] if request.param == "usual" else request.param
    file = next(model["file"] for model in models["models"] if model["name"] == name)
    address = f"{url}?room=inside&model={name}&all=1"
    with watched_page(browser, address, viewport={"width": 1280, "height": 900}) as page:
        page.wait_for_selector("html[data-state=ready]")
        page.locator("#source-code > summary").click()
        yield Room(page, Inside(Recognizer.load(root / "weights" / file)))


@pytest.fixture
def room(opened: Room) -> Room:
    opened.page.set_viewport_size({"width": 1280, "height": 900})
    opened.page.mouse.move(2, 2)
    opened.page.locator("#clear").click()
    opened.hand.draw(SEVEN)
    return opened


def matrix(place: dict[str, Any]) -> np.ndarray:
    return np.array(place["data"], np.float32).reshape(place["shape"])


def close(browsers: dict[str, Any], ours: np.ndarray) -> None:
    scale = max(1, float(np.abs(ours).max(initial=0)))
    np.testing.assert_allclose(matrix(browsers), ours, atol=1e-5 * scale)


def number(text: str | None) -> float:
    return float((text or "").replace("−", "-").replace("+", ""))


def test_the_way_in_shows_pythons_arrays(room: Room) -> None:
    shown = room.shown()
    ours = room.computed(shown)["steps"]
    for step in ("gray", "ink", "scaled", "image"):
        close(shown["steps"][step], ours[step])
    assert (shown["steps"]["box"], shown["steps"]["moved"]) == (list(ours["box"]), ours["moved"])
    top, bottom, left, right = ours["box"]
    way = room.page.locator("#preprocessing")
    expect(way.locator("[data-step=crop] p")).to_contain_text(f"{right - left} × {bottom - top} pixels")
    expect(way.locator("[data-step=scaled] p")).to_contain_text(f"{ours['scaled'].shape[1]} × {ours['scaled'].shape[0]}")
    expect(way.locator("[data-step=image] p")).to_contain_text(
        f"{ours['moved'][1]} pixels from the left, {ours['moved'][0]} from"
    )
    painted = room.page.evaluate(
        """() => { const { width, height } = document.querySelector("#preprocessing [data-step=image] canvas");
                   const context = document.querySelector("#preprocessing [data-step=image] canvas").getContext("2d");
                   return [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 === 3); }"""
    )
    np.testing.assert_allclose(painted, 255 * ours["image"].ravel(), atol=1)


def test_every_stage_shows_the_sums_and_what_is_sent_on(room: Room) -> None:
    shown = room.shown()
    ours = room.computed(shown)
    np.testing.assert_allclose(shown["logits"], ours["logits"], atol=1e-4)
    for theirs, stage in zip(shown["stages"], ours["stages"], strict=True):
        close(theirs["sums"], stage["sums"])
        close(theirs["outputs"], stage["outputs"])
    bands = room.page.locator("#stages .stage")
    assert bands.count() == len(ours["stages"])
    first = bands.first
    first.locator(".behind summary").click()
    rows = first.locator("tbody tr")
    sums = ours["stages"][0]["sums"]
    expect(rows).to_have_count(sums.shape[-1])
    for index in (0, 7, sums.shape[-1] - 1):
        room.page.wait_for_function(IN_TABLE, arg=[index, float(sums[..., index].max())])
    first.locator(".behind summary").click()
    for digit, logit in enumerate(ours["logits"]):
        bar = room.page.locator(f"[data-logit='{digit}']")
        assert float(bar.get_attribute("data-value") or "") == pytest.approx(logit, abs=1e-4)


def test_blue_is_above_zero_and_orange_below(room: Room) -> None:
    shown = room.shown()
    number = next(i for i, stage in enumerate(shown["stages"]) if stage["sums"]["shape"][:2] == [1, 1])
    sums = np.array(shown["stages"][number]["sums"]["data"])
    color = """([field, index]) => { const canvas = document.querySelector(`[data-field="${field}"]`);
        const at = (i) => ((i + 0.5) * canvas.width) / 16;
        return [...canvas.getContext("2d").getImageData(at(index % 16), at(Math.floor(index / 16)), 1, 1).data]; }"""
    red, _, blue, _ = room.page.evaluate(color, [number + 1, int(sums.argmax())])
    assert blue > red
    red, _, blue, _ = room.page.evaluate(color, [number + 1, int(sums.argmin())])
    assert red > blue


def test_a_neuron_shows_its_weights_inputs_products_and_equation(room: Room) -> None:
    last = len(room.here.stages) - 1
    for stage in (0, 1, last // 2 + 1, last):
        shown = room.shown(layer=str(stage + 1), neuron="5")
        ours = room.computed(shown, stage=stage, index=5)["neuron"]
        assert (shown["stage"], shown["index"]) == (stage, 5)
        for part in ("weights", "inputs", "products"):
            close(shown["neuron"][part], ours[part])
        if ours["outgoing"] is not None:
            close(shown["neuron"]["outgoing"], ours["outgoing"])
        assert shown["neuron"]["place"] == (list(ours["place"]) if ours["place"] else None)
        equation = room.page.locator("#equation")
        assert float(equation.get_attribute("data-value") or "") == pytest.approx(ours["total"], abs=1e-4)
        value = ours["total"] if stage == last else ours["output"]
        assert number((equation.text_content() or "").split(" = ")[1]) == pytest.approx(value, abs=0.00501)


def test_what_pixels_and_biases_say_for_a_digit_adds_up_to_its_logit(room: Room) -> None:
    last = len(room.here.stages)
    for digit in (7, 3):
        shown = room.shown(layer=str(last), neuron=str(digit))
        ours = room.computed(shown, stage=last - 1, index=digit)["digit"]
        close(shown["digit"]["pixels"], ours["pixels"])
        values = [float(dd.get_attribute("data-value") or "") for dd in room.page.locator("#contributions dd").all()]
        spoke_for, against, biases, logit, probability = values
        assert spoke_for + against + biases == pytest.approx(logit, abs=1e-4)
        assert logit == pytest.approx(shown["logits"][digit], abs=1e-5)
        assert logit == pytest.approx(ours["logit"], abs=1e-4)
        assert biases == pytest.approx(sum(bias["share"] for bias in ours["biases"]), abs=1e-4)
        exponentials = np.exp(np.array(shown["logits"]) - max(shown["logits"]))
        assert probability == pytest.approx(exponentials[digit] / exponentials.sum(), abs=1e-5)


def test_a_neuron_switched_off_is_missed_downstream(room: Room) -> None:
    whole = room.shown()
    index = int(matrix(whole["stages"][0]["outputs"]).max(axis=(0, 1)).argmax())
    room.shown(layer="1", neuron=str(index))
    button = room.page.locator("#switch")
    expect(button).to_have_text("Switch off")
    button.click()
    expect(button).to_have_text("Switch on")
    shown = room.settled()
    assert f"off=1.{index}" in room.page.url
    expect(room.page.locator("#switched-off-count")).to_have_text("1 switched off")
    ours = room.computed(shown, off={"0": [index]})
    np.testing.assert_allclose(shown["logits"], ours["logits"], atol=1e-4)
    for theirs, stage in zip(shown["stages"], ours["stages"], strict=True):
        close(theirs["sums"], stage["sums"])
        close(theirs["outputs"], stage["outputs"])
    assert np.abs(np.subtract(shown["logits"], whole["logits"])).max() > 1e-3
    room.page.get_by_role("button", name="Switch all on").click()
    np.testing.assert_allclose(room.settled()["logits"], whole["logits"], atol=1e-6)
    assert "off=" not in room.page.url


def test_the_draw_room_reads_with_the_whole_network(room: Room) -> None:
    whole = room.shown()["logits"]
    silent = ",".join(f"1.{index}" for index in range(8))
    assert room.shown(off=silent)["logits"] != whole
    room.page.locator("[data-room=draw]").click()
    room.hand.answer()
    logits = "async () => Array.from((await import('./js/main.js')).reading.activations.at(-1).data)"
    wait_until(room.page, f"async (whole) => String(await ({logits})()) === String(whole)", whole)
    room.page.locator("[data-room=inside]").click()
    expect(room.page.locator("#switched-off-count")).to_have_text("8 switched off")


def test_the_gradient_check_says_what_it_says_on_cpython(room: Room) -> None:
    for stage in (0, len(room.here.stages) - 2):
        shown = room.shown(layer=str(stage + 1), neuron="2")
        expect(room.page.locator("#source-code h2")).to_have_text(f"Source code of layer {stage + 1}")
        room.page.locator("#check-gradients").click()
        expect(room.page.locator("#gradient-errors")).to_contain_text("backward agrees")
        pixels = np.array(shown["pixels"], np.uint8).reshape(280, 280)
        errors = room.here.check_gradients(preprocess(pixels, "light-on-dark"), stage)["errors"]
        figures = [float(dd.get_attribute("data-value") or "") for dd in room.page.locator("#gradient-errors dd").all()]
        np.testing.assert_allclose(figures, list(errors.values()), atol=1e-6)
        worst = float(room.page.locator("#gradient-errors p").get_attribute("data-value") or "")
        assert worst == max(figures) < 1e-5


def test_the_code_shown_is_the_code_that_runs(room: Room) -> None:
    shown = room.shown(layer="1", neuron="0")
    for layer in shown["stages"][0]["layers"]:
        article = room.page.locator(f"#source-code [data-layer='{layer['index']}']")
        expect(article.locator("h3")).to_have_text(f"layers[{layer['index']}] = {room.here.network.layers[layer['index']]!r}")
        source = article.locator("pre.source").text_content() or ""
        assert source.startswith(f"class {layer['type']}(Layer")
        file = (article.locator(".file").text_content() or "").split(",")[0]
        assert source in (PROJECT / file).read_text(encoding="utf-8")
        shape = room.here.shapes[layer["index"] + 1]
        expect(article.locator("[data-live=output]")).to_have_text(f"({shape[0]},)" if len(shape) == 1 else str(tuple(shape)))


def test_it_follows_the_pen(room: Room) -> None:
    before = room.shown(layer="1", neuron="3")
    room.page.locator("#clear").click()
    room.hand.draw(FOUR)
    after = room.settled()
    ours = room.computed(after, stage=0, index=3)
    assert before["neuron"]["total"] != after["neuron"]["total"]
    assert after["neuron"]["total"] == pytest.approx(ours["neuron"]["total"], abs=1e-4)


def test_a_link_shows_what_one_saw(page: Callable[..., Page], site: tuple[Path, str]) -> None:
    visited = page(f"{site[1]}?room=inside&model=random&layer=3&neuron=9&off=1.2,3.4")
    visited.wait_for_selector("html[data-state=ready]")
    expect(visited.locator("html")).to_have_attribute("data-open", "inside")
    expect(visited.locator("#neuron-title")).to_have_text("Map 9 of layer 3")
    expect(visited.locator("#switched-off-count")).to_have_text("2 switched off")
    expect(visited.locator("#source-code h2")).to_have_text("Source code of layer 3")
    visited.goto(f"{site[1]}?room=inside&layer=1.5&neuron=-1&off=x.y,1.999999,77.1,0.0")
    visited.wait_for_selector("html[data-state=ready]")
    expect(visited.locator("#neuron")).to_have_class("blank")
    expect(visited.locator("#parts")).to_be_visible()
    expect(visited.get_by_role("alert")).to_be_hidden()
