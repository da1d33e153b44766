"""Undo, redo, clear and the pen's width; by pointer and by keyboard."""

from __future__ import annotations

import numpy as np
from hand import FOUR, ONE, SEVEN, Hand, pixels_of
from playwright.sync_api import Page, expect


def test_undo_and_redo_go_stroke_by_stroke(loaded: Page, hand: Hand) -> None:
    hand.draw(FOUR)
    four = hand.answer()
    loaded.get_by_role("button", name="Undo").click()
    assert hand.answer() != four
    loaded.get_by_role("button", name="Redo").click()
    assert hand.answer() == four


def test_clear_empties_the_pad_and_can_be_undone(loaded: Page, hand: Hand) -> None:
    hand.draw(SEVEN)
    seven = hand.answer()
    loaded.get_by_role("button", name="Clear").click()
    assert hand.answer().verdict == "empty"
    loaded.get_by_role("button", name="Undo").click()
    assert hand.answer() == seven


def test_the_keyboard_undoes_redoes_and_clears(loaded: Page, hand: Hand) -> None:
    hand.draw(SEVEN)
    for keys, digit in [("Control+z", ""), ("Control+Shift+Z", "7"), ("Delete", ""), ("Control+z", "7"), ("Control+z", "")]:
        loaded.keyboard.press(keys)
        assert hand.answer().digit == digit, keys
    loaded.keyboard.press("Control+y")
    assert hand.answer().digit == "7"


def test_every_tool_is_reached_with_the_tab_key(loaded: Page, hand: Hand) -> None:
    loaded.locator("#undo").focus()
    reached = []
    for _ in range(5):
        reached.append(loaded.evaluate("document.activeElement.id"))
        loaded.keyboard.press("Tab")
    assert reached == ["undo", "redo", "erase", "pen-width", "clear"]
    loaded.locator("#pen-width").focus()
    loaded.keyboard.press("ArrowRight")
    assert loaded.locator("#pen-width").input_value() == "19"


def test_the_pen_draws_as_wide_as_it_is_set(loaded: Page, hand: Hand) -> None:
    for width in (4, 18, 48):
        loaded.locator("#clear").click()
        loaded.locator("#pen-width").fill(str(width))
        hand.draw([[(140, 60), (140, 220)]])
        row = pixels_of(loaded)[140]
        assert abs(row.sum() / 255 - width) < 1, width


def test_buttons_of_the_mouse_other_than_the_first_draw_nothing(loaded: Page, hand: Hand) -> None:
    loaded.locator("#pad").click(button="middle")
    assert hand.answer().verdict == "empty"
    expect(loaded.get_by_role("alert")).to_be_hidden()  # on Linux it would paste


def test_a_tap_is_a_dot(loaded: Page, hand: Hand) -> None:
    hand.draw([[(100, 120)]])
    rows, columns = np.nonzero(pixels_of(loaded) > 127)
    assert abs(rows.mean() - 119.5) < 1
    assert abs(columns.mean() - 99.5) < 1
    assert abs(np.ptp(rows) + 1 - 18) <= 1


def test_the_newest_drawing_wins(loaded: Page, hand: Hand) -> None:
    hand.draw(ONE)
    hand.answer()
    read, newest = loaded.evaluate(
        """async () => {
            const read = [], [pad, prediction] = ["#pad", "#prediction"].map((name) => document.querySelector(name));
            const observer = new MutationObserver(() => read.push(Number(prediction.dataset.revision)));
            observer.observe(prediction, { attributeFilter: ["data-revision"] });
            for (let i = 0; i < 100; i++) for (const id of ["clear", "undo"]) document.getElementById(id).click();
            while (prediction.dataset.revision !== pad.dataset.revision) await new Promise(requestAnimationFrame);
            observer.disconnect();
            return [read, Number(pad.dataset.revision)];
        }"""
    )
    assert read[-1] == newest
    assert read == sorted(read)
    assert len(read) < 10  # of 200 drawings
    assert hand.answer().digit == "1"


def test_python_reads_the_newest_drawing_while_the_page_shows_an_answer(loaded: Page) -> None:
    log = loaded.evaluate(
        """async () => {
            const { reader } = await import("./js/python/client.js");
            const log = [], { postMessage } = Worker.prototype, isShown = Promise.withResolvers();
            Worker.prototype.postMessage = function (message, options) {
                log.push(`read ${message.pixels[0]}`);
                postMessage.call(this, message, options);
            };
            const read = (revision) => reader.read(
                () => ({ revision, kind: "read", pixels: new Uint8Array(280 * 280).fill(revision, 0, 1) }),
                (reading) => {
                    log.push(`show ${reading.revision}`);
                    if (revision === 3) isShown.resolve();
                },
            );
            for (const revision of [1, 2, 3]) read(revision);
            await isShown.promise;
            Worker.prototype.postMessage = postMessage;
            return log;
        }"""
    )
    assert log == ["read 1", "read 3", "show 1", "show 3"]


def test_the_history_is_limited_in_steps_and_bytes(loaded: Page) -> None:
    steps = loaded.evaluate(
        """async () => {
            const { Ink } = await import("./js/pad/ink.js");
            const coverage = new Uint8Array(280 * 280);
            const undoable = (change) => {
                const ink = new Ink();
                for (let i = 0; i < 300; i++) change(ink);
                let steps = 0;
                for (; ink.canUndo; steps++) ink.undo();
                return steps;
            };
            const picture = (file) => ({ picture: { coverage, name: "", file }, strokes: [] });
            const shared = new Uint8Array(2 ** 20);
            return [undoable((ink) => ink.begin({ x: 0, y: 0, pressure: 0, time: 0 }, 18)),
                    undoable((ink) => ink.become(picture(new Uint8Array(2 ** 20)))),
                    undoable((ink) => ink.become(picture(shared))),
                    undoable((ink) => ink.become(picture(new Uint8Array(2 ** 26))))];
        }"""
    )
    assert steps == [200, 32, 200, 1]
