"""What the browser keeps may be damaged, from another version, or used by another tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hand import FOUR, SEVEN, Hand, wait_until
from playwright.sync_api import Page, expect

DAMAGED_DRAWINGS = """() => {
    const point = { x: 1, y: 2, pressure: 0.5, time: 0 };
    const stroke = { width: 18, points: [point] };
    const picture = { coverage: new Uint8Array(280 * 280), name: "four.png" };
    return [null, 0, "drawing", [], {}, { picture: null }, { picture: null, strokes: null }, { strokes: [stroke] },
        { picture: null, strokes: {} }, { picture: null, strokes: [null] }, { picture: null, strokes: [{}] },
        { picture: null, strokes: [{ ...stroke, width: "18" }] }, { picture: null, strokes: [{ ...stroke, width: NaN }] },
        { picture: null, strokes: [{ ...stroke, width: -1 }] }, { picture: null, strokes: [{ ...stroke, points: [] }] },
        { picture: null, strokes: [{ ...stroke, points: [{}] }] }, { picture: null, strokes: [{ ...stroke, points: 3 }] },
        { picture: null, strokes: [{ ...stroke, points: [{ ...point, x: "1" }] }] },
        { picture: null, strokes: [{ ...stroke, points: [{ ...point, y: Infinity }] }] },
        { picture: {}, strokes: [] }, { picture: "four.png", strokes: [] },
        { picture: { ...picture, name: undefined }, strokes: [] }, { picture: { ...picture, file: "four" }, strokes: [] },
        { picture: { ...picture, coverage: new Uint8Array(784) }, strokes: [] },
        { picture: { ...picture, coverage: new Array(280 * 280) }, strokes: [] }];
}"""
KEEP_AND_OPEN = f"""async () => {{
    const {{ keep, kept, storage }} = await import("./js/storage.js");
    const {{ keepDrawing }} = await import("./js/pad/saved_drawing.js");
    const {{ Pad }} = await import("./js/pad/pad.js");
    const failures = [];
    for (const [i, record] of ({DAMAGED_DRAWINGS})().entries()) {{
        let damaged = 0;
        const count = () => damaged++;
        storage.addEventListener("damaged", count);
        await keep("drawing", record);
        const pad = new Pad(document.createElement("canvas"));
        await keepDrawing(pad, () => {{}}, () => {{}});
        pad.begin({{ x: i, y: 0, pressure: 0.5, time: 0 }});
        dispatchEvent(new Event("pagehide"));
        const stored = await kept("drawing");
        if (damaged !== 1 || stored?.strokes?.[0]?.points[0].x !== i) failures.push([i, damaged, stored]);
        storage.removeEventListener("damaged", count);
    }}
    return failures;
}}"""
DAMAGED_NETWORKS = """async () => {
    const { keep, kept } = await import("./js/storage.js");
    const { Models } = await import("./js/models.js");
    const bytes = new Uint8Array(3);
    const records = [null, 5, "yours", {}, { file: "a.npz" }, { file: 3, bytes, card: {} }, { file: "", bytes, card: {} },
        { file: "../../py/web/__init__.py", bytes, card: {} }, { file: "a.npz", bytes: [1], card: {} },
        { file: "a.npz", bytes, card: null }, { file: "a.npz", bytes, card: { parameters: "many" } },
        { file: "a.npz", bytes, card: { mnist_test_accuracy: NaN } }, { file: "a.npz", bytes, card: {} }];
    const failures = [];
    for (const [i, record] of records.entries()) {
        await keep("yours", record);
        const asked = [];
        const models = new Models(async ({ values }) => {
            asked.push(values.file);
            if (values.file.startsWith("own/")) throw new Error("it is no network");
        });
        const opened = await models.open("yours");
        const isLast = i === records.length - 1;  // well formed, and Python refuses it
        if (opened.name !== models.usual || asked.length !== 1 + isLast || models.all.some(({ name }) => name === "yours")
            || await kept("yours") !== undefined) failures.push([i, opened.name, asked]);
    }
    return failures;
}"""


def test_a_damaged_drawing_is_set_aside_and_the_next_one_is_kept(loaded: Page, hand: Hand) -> None:
    assert loaded.evaluate(KEEP_AND_OPEN) == []
    expect(loaded.get_by_role("alert")).to_contain_text("The drawing stored in this browser was damaged")
    for button in loaded.locator("#alert button").all()[::-1]:
        button.click()


def test_a_damaged_network_is_set_aside_and_the_usual_one_reads(loaded: Page, hand: Hand) -> None:
    assert loaded.evaluate(DAMAGED_NETWORKS) == []
    expect(loaded.get_by_role("alert")).to_contain_text("The network stored in this browser was damaged")
    for button in loaded.locator("#alert button").all()[::-1]:
        button.click()


@pytest.mark.parametrize("version", [1, 7])
def test_a_foreign_database_of_the_same_name_is_replaced(loaded: Page, hand: Hand, version: int) -> None:
    kept = loaded.evaluate(
        """async (version) => {
            const { forgetEverything, keep, kept } = await import("./js/storage.js");
            await forgetEverything();
            await new Promise((done) => {
                const opening = indexedDB.open(`digits-from-scratch ${location.pathname}`, version);
                opening.onsuccess = () => { opening.result.close(); done(); };
            });
            return [await keep("drawing", 5), await kept("drawing"), await keep("drawing", { picture: null, strokes: [] })];
        }""",
        version,
    )
    assert kept == [True, 5, True]


def test_two_tabs_do_not_stop_each_other(page: Callable[..., Page], served: str) -> None:
    first = page(served)
    first.wait_for_selector("html[data-state=ready]")
    second = first.context.new_page()
    second.goto(served)
    second.wait_for_selector("html[data-state=ready]")
    first.bring_to_front()  # a browser hardly ever paints what is behind
    Hand(first).draw(FOUR)
    second.bring_to_front()
    Hand(second).draw(SEVEN)
    second.get_by_role("button", name="Share").click()
    second.locator("#forget").click()
    expect(second.locator("#share-outcome")).to_contain_text("Deleted")
    first.bring_to_front()
    first.locator("#undo").click()
    first.locator("#redo").click()
    wait_until(first, """async () => (await (await import("./js/storage.js")).kept("drawing"))?.strokes.length === 2""")
    for tab, digit in ((first, "4"), (second, "7")):
        tab.bring_to_front()
        assert Hand(tab).answer().digit == digit
        expect(tab.get_by_role("alert")).to_be_hidden()


def test_a_full_storage_is_said_once_until_it_stores_again(loaded: Page, hand: Hand) -> None:
    loaded.evaluate(
        """() => {
            const put = IDBObjectStore.prototype.put;
            globalThis.freeStorage = () => { IDBObjectStore.prototype.put = put; };
            IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
        }"""
    )
    alert = loaded.get_by_role("alert").get_by_text("could not store your drawing")
    hand.draw(SEVEN)
    expect(alert).to_be_visible()
    loaded.evaluate("freeStorage()")
    hand.draw([[(100, 140), (190, 140)]])
    expect(alert).to_have_count(0)


def test_no_url_breaks_the_page(loaded: Page, hand: Hand) -> None:
    before = loaded.url
    hand.draw(SEVEN)
    complaints = loaded.evaluate(
        """async () => {
            const complaints = [];
            for (const kind of ["error", "unhandledrejection"])
                addEventListener(kind, ({ message, reason }) => complaints.push(String(message ?? reason)));
            let seed = 1;
            const random = (most) => (seed = (seed * 48271) % 2147483647) % most;
            const one = (list) => list[random(list.length)];
            const names = ["room", "model", "layer", "neuron", "off", "layers", "optimizer", "learning-rate", "schedule",
                "batch", "epochs", "samples", "plain", "seed", "rate-changes", "average", "activation", "chapter", "__proto__"];
            const values = ["", "draw", "inside", "train", "attic", "yours", "convolutional", "0", "-1", "1", "3", "1e9", "NaN",
                "784-10", "784-99999999-10", "1.5,2.7", "99999.99999", "toString", "%00", "%", "<b>", "'\\"",
                "…", "9".repeat(999)];
            for (let i = 0; i < 300; i++) {
                const query = Array.from({ length: 1 + random(4) }, () => `${one(names)}=${one(values)}`).join("&");
                const ink = btoa(String.fromCharCode(...Array.from({ length: random(40) }, () => random(256))));
                history.replaceState(null, "", `?${query}${i % 3 ? "" : `#ink=${ink}`}`);
                dispatchEvent(new PopStateEvent("popstate"));
                if (i % 3 === 0) dispatchEvent(new HashChangeEvent("hashchange"));
                if (i % 10 === 0) await new Promise(requestAnimationFrame);
            }
            return complaints;
        }"""
    )
    loaded.evaluate("(url) => { history.replaceState(null, '', url); dispatchEvent(new PopStateEvent('popstate')); }", before)
    assert complaints == []
    expect(loaded.locator("html")).to_have_attribute("data-open", "draw")
    assert hand.answer().digit == "7"
    for button in loaded.locator("#alert button").all()[::-1]:
        button.click()
