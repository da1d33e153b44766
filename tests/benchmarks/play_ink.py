#!/usr/bin/env python3
"""How well the page reads what people drew: plays drawings of an ink file on it, with real pointer events.

    python tests/benchmarks/play_ink.py --ink FILE [--count 300] [--digits 4] [--seed 0] [--json]

Each drawing gets its own size, place and pen width, from --seed. With --digits, numbers of so many digits are composed as
`evaluate.py --numbers` composes its spaced ones, and written in number mode. `research.ink` describes ink files. Needs
NumPy, Pillow, Playwright and Chromium (the environment variable CHROMIUM, else `chromium` on the PATH).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import numpy as np
from playwright.async_api import CDPSession, Page, async_playwright
from served_page import CHROMIUM, PROJECT, serving

sys.path.insert(0, str(PROJECT / "py"))

from research.ink import load_ink
from research.number_ink import SPACINGS, chosen, laid_out

SIDE = 280
WIDE = 700

ANSWER = """async () => {
    const [pad, prediction] = ["#pad", "#prediction"].map((name) => document.querySelector(name));
    while (prediction.dataset.revision !== pad.dataset.revision) await new Promise(requestAnimationFrame);
    return [prediction.textContent, prediction.dataset.verdict];
}"""


def place(strokes: list[np.ndarray], sizes: tuple[float, float], pen: float, rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes in pad units, at a random size (shares of the pad) and place where pen and all fit on the pad."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    side = min(rng.uniform(*sizes) * SIDE, SIDE - pen)
    scale = side / max(extent.max(), 1)
    corner = rng.uniform(pen / 2, SIDE - pen / 2 - extent * scale)
    return [(stroke - low) * scale + corner for stroke in strokes]


def number(drawings: list[list[np.ndarray]], rng: np.random.Generator) -> tuple[list[np.ndarray], int]:
    """The strokes of a number in units of the wide pad, in its middle and no larger than fits, and the width of the pen."""
    digits, pen = laid_out(drawings, SPACINGS["spaced"], rng)
    strokes = [stroke.astype(float) for digit in digits for stroke in digit]
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    pad = np.array([WIDE, SIDE])
    scale = min(1.0, *((pad - 2 * pen) / extent))
    return [(stroke - low - extent / 2) * scale + pad / 2 for stroke in strokes], max(round(pen * scale), 4)


async def draw(browser: CDPSession, strokes: list[np.ndarray], box: dict[str, float]) -> None:
    """Sends each stroke's events without waiting for one before the next, as a fast mouse does."""
    for stroke in strokes:
        at = stroke * (box["height"] / SIDE) + (box["x"], box["y"])
        kinds = ["mousePressed", *["mouseMoved"] * (len(at) - 1), "mouseReleased"]
        events = [
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1, "buttons": int(kind != "mouseReleased")}
            for kind, (x, y) in zip(kinds, [*at, at[-1]], strict=True)
        ]
        await asyncio.gather(*(browser.send("Input.dispatchMouseEvent", event) for event in events))


async def play(page: Page, arguments: argparse.Namespace) -> list[dict[str, object]]:
    """One line for each drawing: its number, its label, and what the page said."""
    ink = load_ink(arguments.ink, digits=True)
    rng = np.random.default_rng(arguments.seed)
    if arguments.digits == 1:
        indices = rng.permutation(len(ink))[: arguments.count, None]
    else:
        indices = np.array([chosen(ink, arguments.digits, rng) for _ in range(arguments.count)])
    browser = await page.context.new_cdp_session(page)
    box = await page.locator("#pad").bounding_box()
    assert box
    played = []
    for n, drawings in enumerate([ink[i] for i in row] for row in indices):
        if arguments.digits == 1:
            pen = int(rng.integers(arguments.pen[0], arguments.pen[1] + 1))
            strokes = place([stroke.astype(float) for stroke in drawings[0]], arguments.size, pen, rng)
        else:
            strokes, pen = number(drawings, rng)
        label = "".join(str(ink.label[i]) for i in indices[n])
        await page.locator("#pen-width").fill(str(pen))
        await page.evaluate("document.querySelector('#clear').click()")
        await draw(browser, strokes, box)
        read, verdict = await page.evaluate(ANSWER)
        played.append({"drawings": indices[n].tolist(), "label": label, "read": read, "verdict": verdict})
        if sys.stderr.isatty():
            print(f"\r{n + 1} of {len(indices)}", end="", file=sys.stderr, flush=True)
    return played


async def main(arguments: argparse.Namespace) -> None:
    with serving() as (url, _):
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
            )
            page = await chromium.new_page(viewport={"width": 1100, "height": 800})
            await page.goto(f"{url}?model={arguments.model}&mode={'digit' if arguments.digits == 1 else 'number'}")
            await page.wait_for_selector("html[data-state=ready]")
            played = await play(page, arguments)
            await chromium.close()

    right = [one["label"] == one["read"] for one in played]
    claimed = [one["verdict"] == "digit" for one in played]
    wrong_and_sure = sum(sure and not is_right for sure, is_right in zip(claimed, right, strict=True))
    result = {"drawings": len(played), "accuracy": sum(right) / len(played), "wrong_and_sure": wrong_and_sure}
    if arguments.json:
        print(json.dumps(result | {"played": played}))
        return
    print(f"{sum(right)} of {len(played)} read right ({result['accuracy']:.1%}); {wrong_and_sure} wrong and called sure")
    for one, is_right in zip(played, right, strict=True):
        if not is_right:
            print(f"  drawings {one['drawings']}: {one['label']} read as {one['read']} ({one['verdict']})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ink", required=True, help="the ink file, .npz")
    parser.add_argument("--count", type=int, default=300, help="so many drawings or numbers, chosen at random (300)")
    parser.add_argument("--digits", type=int, default=1, help="digits of each: more than 1 are a number (1)")
    parser.add_argument("--seed", type=int, default=0, help="for the choice, sizes, places and pens (0)")
    parser.add_argument(
        "--size",
        type=float,
        nargs=2,
        default=(0.35, 0.85),
        metavar=("LEAST", "MOST"),
        help="the drawing's longer side, as a share of the pad's (0.35 0.85)",
    )
    parser.add_argument(
        "--pen", type=int, nargs=2, default=(12, 26), metavar=("LEAST", "MOST"), help="pen widths, of the pad's 280 (12 26)"
    )
    parser.add_argument("--model", default="", help="the network, by its name in weights/models.json")
    parser.add_argument("--json", action="store_true", help="one JSON object, with every drawing")
    asyncio.run(main(parser.parse_args()))
