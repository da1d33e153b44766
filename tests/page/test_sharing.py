"""What one takes away and comes back to: results, links, a drawing after a reload; and leaving nothing behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hand import FOUR, SEVEN, Hand
from PIL import Image
from playwright.sync_api import Page, expect

LINK = """async () => {
    const { linkTo } = await import("./js/pad/ink_link.js");
    return linkTo((await import("./js/main.js")).pad.ink.drawing);
}"""
KEPT_AND_COPIED = """async () => {
    const { kept } = await import("./js/storage.js");
    const later = () => new Promise(requestAnimationFrame);
    while ((await kept("drawing"))?.strokes.length !== 2) await later();
    while (!(await navigator.serviceWorker.getRegistration())?.active) await later();
}"""


def test_a_drawing_survives_a_reload(page: Callable[..., Page], served: str) -> None:
    fresh = page(served)
    fresh.wait_for_selector("html[data-state=ready]")
    hand = Hand(fresh)
    hand.draw(FOUR)
    before = hand.answer()
    hand.wait_until_kept()
    fresh.reload()
    fresh.wait_for_selector("html[data-state=ready]")
    expect(fresh.locator("#prediction")).to_have_text("4")
    assert hand.answer() == before
    fresh.locator("#clear").click()
    hand.wait_until_kept()
    fresh.reload()
    fresh.wait_for_selector("html[data-state=ready]")
    assert hand.answer().verdict == "empty"


def test_a_browser_that_keeps_nothing_is_no_obstacle(page: Callable[..., Page], served: str) -> None:
    refusing = "globalThis.refused = 0; indexedDB.open = () => { refused++; throw new DOMException('no', 'SecurityError'); }"
    fresh = page(served, prepare=lambda page: page.add_init_script(refusing))
    fresh.wait_for_selector("html[data-state=ready]")
    before = fresh.evaluate("refused")
    hand = Hand(fresh)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    fresh.wait_for_function("(before) => refused > before", arg=before)
    expect(fresh.get_by_role("alert")).to_be_hidden()


def test_a_link_carries_the_drawing(page: Callable[..., Page], served: str, loaded: Page, hand: Hand) -> None:
    hand.draw(FOUR)
    four = hand.answer()
    fragment = loaded.evaluate(LINK)
    assert fragment.startswith("#ink=")
    assert len(fragment) < 300
    there = page(served + fragment)
    there.wait_for_selector("html[data-state=ready]")
    expect(there.locator("#prediction")).to_have_text("4")
    assert Hand(there).answer().bars == pytest.approx(four.bars, abs=0.5)
    assert there.url == served  # what is drawn from here on is another drawing
    there.locator("#undo").click()
    assert Hand(there).answer().verdict == "empty"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ink: ink[:-4],
        lambda ink: ink[:20] + ("A" if ink[20] != "A" else "B") + ink[21:],
        lambda ink: "#ink=",
        lambda ink: "#ink=%3Cscript%3E",
        lambda ink: "#ink=AAAA",
        lambda ink: "#ink=" + "A" * 100_000,
    ],
)
def test_a_broken_link_is_a_sentence_and_the_drawing_stays(loaded: Page, hand: Hand, spoil: Callable[[str], str]) -> None:
    hand.draw(FOUR)
    fragment = spoil(loaded.evaluate(LINK))
    loaded.locator("#clear").click()
    hand.draw(SEVEN)
    before = hand.answer()
    loaded.evaluate("(fragment) => { location.hash = fragment; }", fragment)
    expect(loaded.get_by_role("alert")).to_contain_text("The link to this drawing is broken")
    assert hand.answer() == before
    loaded.get_by_role("button", name="Close").click()


def test_a_link_that_cannot_be_opened_is_said(page: Callable[..., Page], served: str) -> None:
    missing = page(
        f"{served}#ink=AAAA",
        expected_console="ERR_FAILED|share.js",  # which imports it too
        prepare=lambda page: page.route("**/js/pad/ink_link.js", lambda route: route.abort()),
    )
    expect(missing.get_by_role("alert")).to_contain_text("The drawing in this link could not be opened")


def test_a_link_keeps_widths_erasing_and_places(loaded: Page, hand: Hand) -> None:
    back = loaded.evaluate(
        """async () => {
            const { linkTo, drawingIn } = await import("./js/pad/ink_link.js");
            const point = (x, y) => ({ x, y, pressure: 0.5, time: 0 });
            const strokes = [{ width: 4, points: [point(-30.25, 0), point(279.5, 300)] },
                             { width: 48, erases: true, points: Array.from({ length: 300 }, (_, i) => point(i / 2, 280 - i)) }];
            const back = drawingIn(linkTo({ picture: null, strokes }));
            const told = (strokes) => JSON.stringify(
                strokes.map(({ width, erases, points }) => [width, erases, points.map(({ x, y }) => [x, y])]));
            return told(back.strokes) === told(strokes);
        }"""
    )
    assert back


def share(page: Page, control: str) -> None:
    page.get_by_role("button", name="Share").click()
    page.locator(control).click()


def test_the_result_is_saved_as_a_picture(loaded: Page, hand: Hand, tmp_path: Path) -> None:
    share(loaded, "#save-result")
    expect(loaded.locator("#share-outcome")).to_contain_text("draw a digit first")
    loaded.keyboard.press("Escape")
    expect(loaded.locator("#share")).to_be_hidden()
    hand.draw(FOUR)
    hand.answer()
    with loaded.expect_download() as download:
        share(loaded, "#save-result")
    assert download.value.suggested_filename == "digit-4.png"
    download.value.save_as(tmp_path / "result.png")
    with Image.open(tmp_path / "result.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000
        assert len(picture.getcolors(1 << 20) or []) > 10
    loaded.keyboard.press("Escape")


def test_result_and_link_are_copied(loaded: Page, hand: Hand, served: str) -> None:
    loaded.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand.draw(FOUR)
    hand.answer()
    share(loaded, "#copy-result")
    expect(loaded.locator("#share-outcome")).to_have_text("Copied.")
    picture = loaded.evaluate(
        """async () => { const [item] = await navigator.clipboard.read();
                         return [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())]; }"""
    )
    assert Image.open(io.BytesIO(bytes(picture))).width > 1000
    loaded.locator("#copy-link").click()
    expect(loaded.locator("#share-outcome")).to_have_text("Copied.")
    link = loaded.evaluate("navigator.clipboard.readText()")
    assert link.startswith(served + "#ink=")
    loaded.context.clear_permissions()
    loaded.keyboard.press("Escape")


def test_without_a_clipboard_there_is_another_way(loaded: Page, hand: Hand, served: str) -> None:
    loaded.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    hand.draw(FOUR)
    hand.answer()
    with loaded.expect_download():
        share(loaded, "#copy-result")
    expect(loaded.locator("#share-outcome")).to_contain_text("saved as a file instead")
    loaded.locator("#copy-link").click()
    expect(loaded.locator("#share-outcome")).to_contain_text("address bar")
    assert "#ink=" in loaded.url
    loaded.evaluate("(url) => { delete navigator.clipboard; history.replaceState(null, '', url); }", served)
    loaded.keyboard.press("Escape")


def test_everything_kept_is_forgotten(page: Callable[..., Page], served: str) -> None:
    fresh = page(served, offline_copy=True)
    fresh.wait_for_selector("html[data-state=ready]")
    hand = Hand(fresh)
    hand.draw(FOUR)
    hand.answer()
    fresh.evaluate(KEPT_AND_COPIED)
    share(fresh, "#forget")
    expect(fresh.locator("#share-outcome")).to_contain_text("Deleted")
    kept = fresh.evaluate(
        """async () => [(await indexedDB.databases()).length, (await caches.keys()).length, localStorage.length,
                        (await navigator.serviceWorker.getRegistrations()).length]"""
    )
    assert kept == [0, 0, 0, 0]
    assert hand.answer().digit == "4"  # what is on the screen stays
    fresh.reload()
    fresh.wait_for_selector("html[data-state=ready]")
    assert hand.answer().verdict == "empty"


def test_what_cannot_be_forgotten_is_not_said_to_be(loaded: Page, hand: Hand) -> None:
    loaded.evaluate("() => { indexedDB.deleteDatabase = () => { throw new DOMException('refused', 'SecurityError'); }; }")
    share(loaded, "#forget")
    expect(loaded.locator("#share-outcome")).to_contain_text("Not everything could be deleted")
    loaded.evaluate("() => { delete indexedDB.deleteDatabase; }")
    loaded.keyboard.press("Escape")
