"""Somebody who draws on the page's pad: mouse, finger or pen, by the browser's own input events."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from hosting.site import Site

PROJECT = Path(__file__).resolve().parents[2]

PATIENCE = 120_000
"""A busy machine starts Python slowly: a test waits this long (ms) before it fails. Nothing is measured by it."""

Stroke = Sequence[tuple[float, float]]
"""Points in pad units: 280 from the top of the pad to its bottom; x to the right, y down."""

SEVEN: list[Stroke] = [[(75, 70), (135, 68), (205, 70), (180, 125), (150, 175), (130, 230)]]
ONE: list[Stroke] = [[(140, 50), (138, 110), (140, 170), (139, 230)]]
ZERO: list[Stroke] = [
    [(140, 55), (105, 75), (85, 120), (85, 165), (105, 210), (140, 228)]
    + [(175, 210), (195, 165), (195, 120), (175, 75), (140, 55)]
]
FOUR: list[Stroke] = [[(110, 60), (95, 110), (85, 150), (140, 152), (205, 150)], [(175, 55), (172, 140), (170, 232)]]


@dataclass(frozen=True)
class Copy:
    """A copy of the site that a test may spoil, and the address `serve.py` would serve it at."""

    root: Path
    url: str


def copy_site(root: Path) -> None:
    """Copy all of the project that the page needs into `root`, except Python."""
    for name in (*Site(PROJECT).own_files(), "vendor.lock.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, root / name)
    shutil.copytree(PROJECT / "py", root / "py", ignore=shutil.ignore_patterns("__pycache__"))


def copy_python(root: Path) -> None:
    for name in ("runtime", "prepared"):
        shutil.copytree(PROJECT / "vendor" / name, root / "vendor" / name)


@dataclass(frozen=True)
class Answer:
    """What the page says of the ink on its pad."""

    digit: str
    verdict: str
    confidence: str
    bars: list[float]


ANSWER = """async () => {
    const [pad, prediction] = ["#pad", "#prediction"].map((name) => document.querySelector(name));
    while (prediction.dataset.revision !== pad.dataset.revision) await new Promise(requestAnimationFrame);
    const bars = [...document.querySelectorAll("#bars [data-digit]")].map((bar) => Number(bar.ariaValueNow));
    return [prediction.textContent, prediction.dataset.verdict, document.querySelector("#confidence").textContent, bars];
}"""


KEPT = """async () => {
    const { kept } = await import("./js/storage.js");
    const { pad } = await import("./js/main.js");
    const ink = (drawing) => JSON.stringify([drawing?.strokes ?? [], Boolean(drawing?.picture)]);
    while (ink(await kept("drawing")) !== ink(pad.ink.drawing)) await new Promise(requestAnimationFrame);
}"""


def numbers(page: Page, script: str) -> Any:
    """What a function in the page returns. Playwright takes half a second for the pixels of a drawing, JSON takes none."""
    return json.loads(page.evaluate(f"async () => JSON.stringify(await ({script})())"))


def pixels_of(page: Page) -> np.ndarray:
    """The drawing as Python gets it, (280, 280)."""
    script = "async () => Array.from((await import('./js/main.js')).pad.pixels())"
    return np.array(numbers(page, script), np.uint8).reshape(280, 280)


def strokes_of(page: Page) -> list[dict[str, Any]]:
    """The strokes on the pad."""
    return page.evaluate("async () => (await import('./js/main.js')).pad.ink.strokes")


def wait_until(page: Page, condition: str, argument: Any = None) -> None:
    """Wait until an async function in the page returns something true. `wait_for_function` does not wait for its promise."""
    page.evaluate(
        f"""async (argument) => {{
            const end = Date.now() + {PATIENCE};
            while (!(await ({condition})(argument))) {{
                if (Date.now() > end) throw new Error("The condition did not become true.");
                await new Promise((next) => setTimeout(next, 20));
            }}
        }}""",
        argument,
    )


@contextmanager
def impatient(page: Page) -> Iterator[None]:
    """Where the page waits five seconds or longer before it gives up, it waits a quarter of that."""
    page.evaluate(
        """() => {
            const wait = setTimeout;
            const wait_less = (action, ms, ...values) => wait(action, ms < 5000 ? ms : ms / 4, ...values);
            globalThis.setTimeout = Object.assign(wait_less, { wait });
        }"""
    )
    yield
    page.evaluate("() => { globalThis.setTimeout = setTimeout.wait; }")


class Hand:
    """Draws with `tool`: "mouse", "touch" or "pen"."""

    def __init__(self, page: Page, tool: str = "mouse") -> None:
        self.page, self.tool = page, tool
        self._browser = page.context.new_cdp_session(page)

    def draw(self, strokes: Sequence[Stroke], between: int = 1) -> None:
        """Draw the strokes, with so many points between each two that are given."""
        for stroke in strokes:
            self.press(stroke[0])
            for (x0, y0), (x1, y1) in zip(stroke, stroke[1:], strict=False):
                for step in range(1, between + 1):
                    self.move((x0 + (x1 - x0) * step / between, y0 + (y1 - y0) * step / between))
            self.lift()

    def press(self, point: tuple[float, float]) -> None:
        self.look()
        self._event("touchStart", "mousePressed", point)

    def look(self) -> None:
        """Look where the pad is; `press` does so by itself."""
        self._box = self.page.locator("#pad").bounding_box()

    def move(self, point: tuple[float, float]) -> None:
        self._event("touchMove", "mouseMoved", point)

    def lift(self) -> None:
        self._event("touchEnd", "mouseReleased", None)

    def cancel(self) -> None:
        """The browser takes a touch for something else, a gesture for example."""
        self._event("touchCancel", "", None)

    def answer(self) -> Answer:
        """Wait until the page has read the newest ink, and return what it shows."""
        return Answer(*self.page.evaluate(ANSWER))

    def wait_until_kept(self) -> None:
        """Wait until the browser has stored what is on the pad."""
        self.page.evaluate(KEPT)

    def _event(self, touch: str, mouse: str, point: tuple[float, float] | None) -> None:
        if point is not None:
            self._at = {
                "x": self._box["x"] + point[0] * self._box["height"] / 280,
                "y": self._box["y"] + point[1] * self._box["height"] / 280,
            }
        if self.tool == "touch":
            points = [] if point is None else [{**self._at, "id": 1}]
            self._browser.send("Input.dispatchTouchEvent", {"type": touch, "touchPoints": points})
        else:
            self._browser.send(
                "Input.dispatchMouseEvent",
                {"type": mouse, **self._at, "button": "left", "buttons": 0 if mouse == "mouseReleased" else 1}
                | {"clickCount": 1, "pointerType": self.tool, "force": 0.5},
            )
