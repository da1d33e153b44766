"""While Python loads, and when it cannot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hand import FOUR, SEVEN, Copy, Hand, copy_python, impatient
from playwright.sync_api import Page, Route, expect
from static_host import StaticHost, hosted

PROJECT = Path(__file__).resolve().parents[2]


def test_what_is_drawn_while_python_loads_is_read_once_it_is_there(page: Callable[..., Page], served: str) -> None:
    asked: list[str] = []
    held: list[Route] = []

    def prepare(early: Page) -> None:
        early.context.on("request", lambda request: asked.append(request.url))
        early.route("**/pyodide.asm.wasm", lambda route: held.append(route))

    early = page(served, prepare=prepare)
    hand = Hand(early)
    hand.draw(SEVEN, between=2)
    assert early.locator("html").get_attribute("data-state") == "loading"
    expect(early.get_by_role("progressbar")).to_be_visible()
    expect(early.locator("#status")).to_contain_text("Python")
    for route in held:
        route.continue_()

    early.wait_for_selector("html[data-state=ready]")
    assert hand.answer().digit == "7"
    expect(early.locator("#status")).to_have_text("That is a 7.")
    expect(early.get_by_role("progressbar")).to_be_hidden()

    expect(early.locator("#samples")).to_be_visible()  # code that loads after the first answer has arrived
    needed = set(asked[: asked.index(f"{served}js/pad/camera.js")])
    assert f"{served}vendor/runtime/pyodide.asm.mjs" in needed
    assert len(needed) <= 40, needed


def test_without_vendor_the_page_says_how_to_start_it_and_tries_again(copy: Copy, page: Callable[..., Page]) -> None:
    bare = page(copy.url, expected_console="404")
    alert = bare.get_by_role("alert")
    expect(alert).to_contain_text("could not be loaded")
    expect(alert).to_contain_text("python3 serve.py")
    assert bare.locator("html").get_attribute("data-state") == "failed"
    hand = Hand(bare)
    hand.draw(SEVEN)

    copy_python(copy.root)
    alert.get_by_role("button", name="Try again").click()
    bare.wait_for_selector("html[data-state=ready]")
    assert hand.answer().digit == "7"
    expect(alert).to_be_hidden()


@pytest.mark.parametrize("broken", ["runtime/pyodide.asm.wasm", "runtime/pyodide.asm.mjs", "prepared/python.tar.gz"])
def test_a_broken_runtime_is_said(copy: Copy, page: Callable[..., Page], broken: str) -> None:
    copy_python(copy.root)
    (copy.root / "vendor" / broken).write_bytes(b"not what it should be")
    alert = page(copy.url, expected_console="503").get_by_role("alert")
    expect(alert).to_contain_text(f"vendor/{broken}")
    expect(alert).to_contain_text("start again")


def test_a_crash_is_said_and_the_drawing_is_read_after_trying_again(page: Callable[..., Page], served: str) -> None:
    crashing = page(served, expected_console="KeyError")
    crashing.wait_for_selector("html[data-state=ready]")
    hand = Hand(crashing)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    crashing.evaluate("async () => (await import('./js/main.js')).recognizer.ask({ kind: 'no such request' }).catch(() => {})")
    alert = crashing.get_by_role("alert")
    expect(alert).to_contain_text("try again")
    assert "Traceback" not in alert.inner_text()

    hand.draw([[(100, 140), (190, 140)]])  # one can draw on
    alert.get_by_role("button", name="Try again").click()
    crashing.wait_for_selector("html[data-state=ready]")
    assert hand.answer().digit == "7"


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("delete globalThis.WebAssembly", "WebAssembly"),
        ("{ const W = Worker; globalThis.Worker = function (url) { return new W(url); }; }", "module workers"),
    ],
)
def test_a_browser_that_cannot_run_python_is_told_so(page: Callable[..., Page], served: str, lacking: str, words: str) -> None:
    old = page(served, expected_console="module", prepare=lambda page: page.add_init_script(lacking))
    expect(old.get_by_role("alert")).to_contain_text(words)
    assert old.locator("html").get_attribute("data-state") == "failed"


def test_a_page_opened_as_a_file_says_how_to_open_it(page: Callable[..., Page]) -> None:
    opened = page((PROJECT / "index.html").as_uri(), expected_console=".")
    expect(opened.get_by_role("alert")).to_contain_text("python3 serve.py")


def test_without_networks_the_page_says_so(copy: Copy, page: Callable[..., Page]) -> None:
    copy_python(copy.root)
    (copy.root / "weights" / "models.json").unlink()
    expect(page(copy.url, expected_console="404").get_by_role("alert")).to_contain_text("weights/models.json")


@pytest.fixture
def two_networks(copy: Copy) -> Copy:
    """The copy with Python, and a second network to choose whose file is spoilt."""
    copy_python(copy.root)
    weights = copy.root / "weights"
    models = json.loads((weights / "models.json").read_text(encoding="utf-8"))
    usual = next(model for model in models["models"] if model["name"] == models["default"])
    for name, content in (("twin", (weights / usual["file"]).read_bytes()), ("spoilt", b"no network at all")):
        file = f"{name}{Path(usual['file']).suffix}"
        (weights / file).write_bytes(content)
        shutil.copy(weights / usual["card"], weights / f"{name}.json")
        models["models"].append({"name": name, "title": name.title(), "file": file, "card": f"{name}.json"})
    (weights / "models.json").write_text(json.dumps(models), encoding="utf-8")
    return copy


def test_another_network_reads_and_stands_in_the_url(two_networks: Copy, page: Callable[..., Page]) -> None:
    chosen = page(two_networks.url + "?model=twin")
    chosen.wait_for_selector("html[data-state=ready]")
    picker = chosen.get_by_role("combobox", name="Network")
    expect(picker).to_have_value("twin")
    card = json.loads((two_networks.root / "weights" / "twin.json").read_text(encoding="utf-8"))
    figures = f"{card['parameters']:,} parameters · {card['mnist_test_accuracy']:.2%}".replace("%", "\u00a0%")
    expect(picker.locator("option", has_text=f"Twin · {figures}")).to_have_count(1)
    expect(chosen.locator("#model-facts")).to_contain_text("pen drawings by new writers")
    hand = Hand(chosen)
    hand.draw(SEVEN)
    seven = hand.answer()
    assert seven.digit == "7"

    picker.select_option("spoilt")
    expect(chosen.get_by_role("alert")).to_contain_text("spoilt")
    expect(picker).to_have_value("twin")
    assert chosen.url.endswith("?model=twin")
    assert hand.answer() == seven

    usual = json.loads((two_networks.root / "weights" / "models.json").read_text(encoding="utf-8"))["default"]
    picker.select_option(usual)
    expect(picker).to_have_value(usual)
    assert chosen.url == two_networks.url
    expect(chosen.get_by_role("alert")).to_be_hidden()
    assert hand.answer().digit == "7"


@pytest.fixture
def host(site_folder: Path) -> Iterator[Callable[..., str]]:
    """`host(types)` is the address of the built site on a host that names some types of files wrongly."""
    with ExitStack() as hosts:

        def serve(types: dict[str, str], **headers: str) -> str:
            class Host(StaticHost):
                extensions_map = {**StaticHost.extensions_map, **types}

                def end_headers(self) -> None:
                    for name, value in headers.items():
                        self.send_header(name, value)
                    super().end_headers()

            return hosts.enter_context(hosted(site_folder, Host))

        yield serve


def test_wrong_types_of_a_host_are_coped_with_or_named(host: Callable[..., str], page: Callable[..., Page]) -> None:
    page(host({".wasm": "application/octet-stream"})).wait_for_selector("html[data-state=ready]")
    for suffix, file in ((".mjs", "vendor/runtime/pyodide."), (".js", "js/main.js")):
        alert = page(host({suffix: "text/plain"}), expected_console="^").get_by_role("alert")
        expect(alert).to_contain_text(file)
        expect(alert).to_contain_text("text/javascript")
    strict = page(host({".js": "text/plain"}, **{"X-Content-Type-Options": "nosniff"}), expected_console="^")
    expect(strict.get_by_text("sends .js files as text/javascript")).to_be_visible(timeout=60_000)


def add_to_worker(visit: Page, script: str) -> None:
    """Runs a script before everything else in the worker: later, the worker has no eval for Playwright to use."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=script + response.text())

    visit.route("**/js/python/worker.js", answer)


ATTEMPTS = """{
    const attempts = [
        () => fetch("http://192.0.2.1/"), () => new XMLHttpRequest(), () => new WebSocket("ws://192.0.2.1/"),
        () => importScripts("http://192.0.2.1/"), () => eval("1"), () => new Function("1"), () => (() => {}).constructor("1"),
        () => (async () => {}).constructor("1"), () => setTimeout("1"), () => new Worker("data:,"),
        () => new FontFace("a", "url(http://192.0.2.1/)"), () => postMessage("to the page"), () => navigator.locks.query(),
    ];
    const outcome = (attempt) => { try { attempt(); return String(attempt); } catch (error) { return error.name; } };
    const timer = setInterval(() => {
        if (typeof eval === "function") return; // Python is not there yet
        clearInterval(timer);
        console.log(`attempts: ${attempts.map(outcome)}`);
    });
}
"""


def test_python_cannot_reach_the_network_or_run_strings(page: Callable[..., Page], built: str) -> None:
    """Also on a first visit to a host that sends no policy."""
    said: list[str] = []

    def prepare(visit: Page) -> None:
        visit.on("console", lambda message: said.append(message.text))
        add_to_worker(visit, ATTEMPTS)

    visit = page(built, prepare=prepare)
    visit.wait_for_selector("html[data-state=ready]")
    if not any(text.startswith("attempts: ") for text in said):
        visit.wait_for_event("console", lambda message: message.text.startswith("attempts: "))
    outcomes = next(text for text in said if text.startswith("attempts: ")).removeprefix("attempts: ").split(",")
    assert len(outcomes) == 13
    assert set(outcomes) <= {"TypeError", "ReferenceError"}


def test_python_that_does_not_answer_is_said_and_can_be_started_again(page: Callable[..., Page], served: str) -> None:
    hangs = "addEventListener('message', ({ data }) => { while (data.kind === 'sources'); });\n"
    visit = page(served, prepare=lambda visit: add_to_worker(visit, hangs))
    visit.wait_for_selector("html[data-state=ready]")
    hand = Hand(visit)
    hand.draw(FOUR)
    assert hand.answer().digit == "4"
    request = "{ kind: 'sources', archives: ['sources'] }"
    alert = visit.get_by_role("alert")
    with impatient(visit):
        visit.evaluate(f"async () => {{ (await import('./js/main.js')).recognizer.ask({request}).catch(() => {{}}); }}")
        visit.locator("#clear").click()
        hand.draw(SEVEN)
        expect(alert).to_contain_text("Python has not answered")
    assert visit.locator("#prediction").evaluate("(output) => Number(getComputedStyle(output).opacity)") < 0.5
    alert.get_by_role("button").click()
    visit.wait_for_selector("html[data-state=ready]")
    assert hand.answer().digit == "7"
    expect(alert).to_be_hidden()
