"""Python restored from a snapshot instead of started."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable

import pytest
from hand import SEVEN, Copy, Hand, copy_python, numbers
from picture_files import GOOD
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or bool(os.environ.get("NO_SNAPSHOT")),
    reason="there is no snapshot without Node.js or with NO_SNAPSHOT",
)

SECOND_VISIT = "Object.defineProperty(navigator.serviceWorker, 'controller', { value: { postMessage() {} } });"

READ = """async () => {
    const { pad, recognizer } = await import("./js/main.js");
    const { probabilities, activations } = await recognizer.ask({ kind: "read", pixels: pad.pixels() });
    return [probabilities, ...activations].map(({ data }) => [...new Uint32Array(data.slice().buffer)]);
}"""

MARKS = "performance.getEntriesByType('mark').map(({ name }) => name)"


def restoring(page: Callable[..., Page], url: str, **options: object) -> Page:
    """The page, ready, which takes the snapshot however slow the machine is."""
    visit = page(url, prepare=lambda page: page.add_init_script(SECOND_VISIT), offline_copy=True, **options)
    visit.wait_for_selector("html[data-state=ready]")
    return visit


def test_a_restored_python_reads_as_a_started_one_and_does_the_rest(page: Callable[..., Page], served: str) -> None:
    restored = restoring(page, served)
    assert restored.evaluate(MARKS) == ["Python restored"]
    no_snapshot = json.dumps({"sizes": {}, "snapshot": None})
    started = page(served, prepare=lambda page: page.route("**/downloads.json", lambda route: route.fulfill(body=no_snapshot)))
    started.wait_for_selector("html[data-state=ready]")
    assert started.evaluate(MARKS) == ["Python started"]
    read = []
    for visit in (restored, started):
        hand = Hand(visit)
        hand.draw(SEVEN)
        assert hand.answer().digit == "7"
        read.append(numbers(visit, READ))
    assert read[0] == read[1]

    restored.get_by_role("link", name="Train").click()
    expect(restored.locator("#plan")).to_contain_text("parameters")
    restored.get_by_role("link", name="Draw").click()
    restored.set_input_files("#upload", {"name": "four.png", "mimeType": "", "buffer": GOOD["color.png"]()})
    expect(restored.locator("#prediction")).to_have_text("4")
    expect(restored.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("damage", ["a flipped bit", "of other memory", "of other files"])
def test_a_damaged_snapshot_is_dropped_without_a_word(copy: Copy, page: Callable[..., Page], damage: str) -> None:
    copy_python(copy.root)
    facts, memory, _ = sorted((copy.root / "vendor/prepared/snapshot").iterdir())
    content = bytearray(memory.read_bytes())
    if damage == "a flipped bit":
        content[len(content) // 2] ^= 1
    elif damage == "of other memory":
        tar = bytearray(gzip.decompress(content))
        tar[len(tar) // 2] ^= 1
        content[:] = gzip.compress(tar)
    else:
        facts.write_bytes(facts.read_bytes().replace(facts.stem.encode(), b"another"))
    memory.write_bytes(content)
    visit = restoring(page, copy.url, expected_console="404" if damage == "of other files" else "")
    assert "Python started" in visit.evaluate(MARKS)
    hand = Hand(visit)
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"
    expect(visit.get_by_role("alert")).to_be_hidden()
