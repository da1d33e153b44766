"""The room Code, in the browser: edited code runs, fails and is stopped, while the pad goes on reading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hand import FOUR, SEVEN, Hand, impatient, wait_until
from playwright.sync_api import Browser, Page, expect
from training_room import LONG, SMALL, fill, metric, ready, stage, start, stored
from watched_page import watched_page

FOREIGN_LINK = """async () => {
    const { linkToPatch } = await import("./js/code/edit_link.js");
    const hunk = "@@ -3,2 +3,2 @@\\n of another version\\n-of another version\\n+and edited\\n";
    location.hash = await linkToPatch(`--- a/py/nn/layers.py\\n+++ b/py/nn/layers.py\\n${hunk}`);
}"""

REPLACE = """([before, after]) => {
    const editor = ace.edit(document.querySelector("#editor"));
    if (!editor.getValue().includes(before)) throw new Error(`no ${before}`);
    editor.setValue(editor.getValue().replace(before, after), -1);
}"""


@pytest.fixture(scope="module")
def room(browser: Browser, served: str) -> Iterator[Page]:
    """The room Code, open, with a seven on the pad."""
    stopped = "name 'nonsense' is not defined"  # which training with an edit ends with, in one of the tests
    with watched_page(browser, f"{served}?room=code", stopped, viewport={"width": 1280, "height": 900}) as opened:
        opened.wait_for_selector("html[data-state=ready]")
        Hand(opened).draw(SEVEN)
        expect(opened.locator("#edited-status")).to_have_text("All checks passed.")
        yield opened


@pytest.fixture
def code(room: Page) -> Iterator[Page]:
    yield room
    room.locator("#code-file").select_option("nn/layers.py")
    if room.locator("#edit-reset").is_enabled():
        room.locator("#edit-reset").click()  # does not start Python again, as the next one does
    if room.locator("#edit-reset-all").is_enabled():
        room.locator("#edit-reset-all").click()
    expect(room.locator("#edited-status")).to_have_text("All checks passed.")
    expect(room.locator("#edited-prediction")).to_have_text("7")


def replace(page: Page, before: str, after: str) -> None:
    page.evaluate(REPLACE, [before, after])


def test_an_edit_changes_the_answer_and_the_checks_say_what_broke(code: Page) -> None:
    expect(code.locator("#edited-prediction")).to_have_text("7")
    replace(code, "self.x.T @ dy", "-self.x.T @ dy")
    expect(code.locator('[data-check="Gradients of Dense"]')).to_have_attribute("data-passed", "false")
    expect(code.locator('[data-check="Softmax sums to 1"]')).to_have_attribute("data-passed", "true")
    expect(code.locator("#edited-status")).to_contain_text("of 10 checks failed")


def test_an_error_is_shown_with_its_line(code: Page) -> None:
    before = "return x @ W + b"
    for after, sentence in (
        ("return x @ W + undefined", "NameError: name 'undefined' is not defined"),
        ("return [0] * 10**9", "MemoryError"),
        ("return [0] * 10**12", "OverflowError: cannot fit 'int' into an index-sized integer"),
        ("import js; js.fetch('/'); return x @ W + b", "TypeError"),
        ("import js; js.document; return x @ W + b", "AttributeError: document"),
    ):
        replace(code, before, after)
        expect(code.locator("#code-problem p")).to_contain_text(sentence)
        expect(code.locator("#edited-prediction")).to_be_empty()
        code.locator("#code-file").select_option("nn/loss.py")
        code.locator("#code-problem button").last.click()
        expect(code.locator("#code-file")).to_have_value("nn/layers.py")
        expect(code.locator(".ace_gutter-active-line")).to_have_text(str(line_of(code, after)))
        expect(code.locator("#prediction")).to_have_text("7")
        before = after


def test_an_edit_that_breaks_everything_is_told_and_the_page_reads_on(code: Page) -> None:
    for after, sentence in (
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("del Layer", "ImportError: cannot import name 'Layer'"),
        ("def endless():\n    return endless()\n\nendless()", "RecursionError"),
        ("raise SystemExit('over')", "SystemExit: over"),
    ):
        code.evaluate(
            "(after) => { const editor = ace.edit(document.querySelector('#editor'));"
            " editor.session.insert({ row: editor.session.getLength(), column: 0 }, after); }",
            f"\n\n{after}\n",
        )
        expect(code.locator("#code-problem p")).to_contain_text(sentence)
        expect(code.locator("#prediction")).to_have_text("7")
        code.locator("#edit-reset").click()
        expect(code.locator("#edited-status")).to_have_text("All checks passed.")
    replace(code, "return x @ W + b", "print('\\n' * 1_000_000); return x @ W + b")
    expect(code.locator("#code-output")).to_contain_text("… and more.")


def line_of(page: Page, text: str) -> int:
    source: str = page.evaluate("ace.edit(document.querySelector('#editor')).getValue()")
    return source[: source.index(text)].count("\n") + 1


def test_an_endless_loop_is_stopped_and_the_pad_goes_on_reading(code: Page) -> None:
    with impatient(code):
        replace(code, "return x @ W + b", "while True: pass")
        expect(code.locator("#edited-status")).to_have_text("Running …")
        code.locator("#clear").click()
        hand = Hand(code)
        hand.draw(FOUR)
        assert hand.answer().digit == "4"
        expect(code.locator("#edited-status")).to_contain_text("is there an endless loop?")
    code.locator("#clear").click()
    hand.draw(SEVEN)
    assert hand.answer().digit == "7"


def test_with_the_keyboard_alone(code: Page) -> None:
    code.locator("#code-file").focus()
    while not code.evaluate("document.activeElement.matches('.ace_scroller')"):
        code.keyboard.press("Tab")
    code.keyboard.press("Enter")
    code.keyboard.press("Control+End")
    code.keyboard.type("\nprint('from the keyboard')")
    expect(code.locator("#code-output")).to_contain_text("from the keyboard")
    code.keyboard.press("Escape")
    code.keyboard.press("Tab")
    assert code.evaluate("document.activeElement.closest('#editor')?.outerHTML ?? ''") == ""


def test_the_room_inside_opens_a_layer_in_the_editor(code: Page) -> None:
    code.locator("nav [data-room=inside]").click()
    code.locator("#parts").get_by_text("Answer").click()
    code.locator("#source-code > summary").click()
    code.locator('#source-code [data-type="Dense"] .edit').click()
    expect(code.locator("html")).to_have_attribute("data-open", "code")
    expect(code.locator("#code-file")).to_have_value("nn/layers.py")
    expect(code.locator(".ace_gutter-active-line")).to_have_text(str(line_of(code, "class Dense(")))


def test_a_link_shows_its_change_and_runs_it_only_after_a_click(code: Page) -> None:
    replace(code, "return x @ W + b", "return 0.5 * (x @ W + b)")
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    code.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code.locator("#changes summary").click()
    expect(code.locator("#code-diff")).to_contain_text("+        return 0.5 * (x @ W + b)")
    code.locator("#code-link").click()
    expect(code.locator("#changes-outcome")).to_contain_text("Copied")
    link = code.evaluate("navigator.clipboard.readText()")
    code.locator("#edit-reset-all").click()
    expect(code.locator("#edited-status")).to_have_text("All checks passed.")
    expect(code.locator("#code-diff")).to_have_text("Nothing is changed.")
    code.locator("#changes summary").click()
    code.goto(link)
    expect(code.locator("#linked-diff")).to_contain_text("-        return x @ W + b")
    expect(code.locator("#edit-reset-all")).to_be_disabled()
    code.locator("#linked-run").click()
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    assert "#edit" not in code.url

    code.evaluate(FOREIGN_LINK)
    alert = code.locator("#alert")
    expect(alert).to_contain_text("cannot be used with this version of the page: it does not fit py/nn/layers.py at line 3.")
    expect(code.locator("#linked-diff")).to_contain_text("-of another version")
    expect(code.locator("#linked-run")).to_be_disabled()
    code.locator("#linked-discard").click()
    expect(code.locator("#linked")).to_be_hidden()

    code.goto("about:blank")
    code.goto(f"{link.partition('#')[0]}#edit=broken")  # what opens the page
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    expect(alert).to_contain_text("The link to this code is broken")
    alert.get_by_role("button", name="Close").click()


def test_an_exercise_says_what_is_missing_until_it_is_solved(code: Page) -> None:
    code.locator("#exercises summary").click()
    code.locator("#exercise").select_option("relu_backward")
    code.locator("#exercise-begin").click()
    expect(code.locator("#code-file")).to_have_value("nn/activations.py")
    code.locator("#exercise-check").click()
    expect(code.locator("#exercise-outcome")).to_contain_text("Not yet: dL/d(")
    replace(code, "        return dy\n", "        return dy * (self.y > 0)\n")
    code.locator("#exercise-check").click()
    expect(code.locator("#exercise-outcome")).to_have_text("Solved.")
    expect(code.locator("#exercise option:checked")).to_contain_text("(solved)")
    code.locator("#exercises summary").click()


def test_the_console_answers_completes_and_can_be_interrupted(code: Page) -> None:
    code.locator("#console summary").click()
    prompt, output = code.locator("#console-input"), code.locator("#console-output")
    for text, answer in (("reading.digit", "7"), ("while True: pass", "KeyboardInterrupt"), ("x.shape", "(1, 784)")):
        prompt.fill(text)
        code.keyboard.press("Enter")
        if text.startswith("while"):
            code.keyboard.press("Control+c")
        expect(output).to_contain_text(answer)
    expect(code.locator("#prediction")).to_have_text("7")
    code.keyboard.press("ArrowUp")
    expect(prompt).to_have_value("x.shape")

    prompt.fill("reading.im")
    code.keyboard.press("Tab")
    expect(prompt).to_have_value("reading.image")
    code.keyboard.press("Enter")
    expect(output.get_by_role("img", name="28 × 28 numbers, from 0.00 to 1.00")).to_be_visible()
    prompt.fill("np.arange")
    code.keyboard.press("Escape")
    code.keyboard.press("Tab")
    expect(prompt).not_to_be_focused()
    prompt.press("Delete")  # of the console, not of the drawing
    prompt.press("Control+z")
    expect(code.locator("#prediction")).to_have_text("7")
    code.locator("#console summary").click()


def test_an_endless_loop_in_the_console_is_stopped(code: Page) -> None:
    """Also one that the code left behind, which the page did not ask for."""
    code.locator("#console summary").click()
    loop = "import js, pyodide\njs.setTimeout(pyodide.ffi.create_once_callable(lambda: [0 for _ in iter(int, 1)]), 0)"
    for text in ("while True: pass", loop):
        with impatient(code):
            code.locator("#console-input").fill(text)
            code.keyboard.press("Enter")
            if text == loop:
                code.locator("#console-input").fill("x.shape")
                code.keyboard.press("Enter")
            expect(code.locator("#console-output")).to_contain_text("is there an endless loop?")
        code.locator("#console-output").evaluate("(output) => output.replaceChildren()")
    code.locator("#console summary").click()


def test_edited_code_reaches_neither_the_page_nor_its_storage(code: Page) -> None:
    code.locator("#console summary").click()
    attempts = (
        *(
            "js.postMessage('anything')",
            "js.navigator.locks.request",
            "js.navigator.storage.getDirectory()",
            "js.indexedDB.open",
        ),
        *("js.caches.keys()", "js.FontFace.new('a', 'url(http://192.0.2.1/)')", "js.BroadcastChannel.new('a')", "js.close()"),
        *("js.WebSocket.new('ws://192.0.2.1/')", "js.eval('1')", "js.importScripts('a.js')", "js.document", "js.parent"),
    )
    for number, attempt in enumerate(attempts):
        code.locator("#console-input").fill(f"import js\ntry: {attempt}\nexcept Exception as error: print({number}, 'refused')")
        code.keyboard.press("Enter")
        expect(code.locator("#console-output")).to_contain_text(f"{number} refused")
    code.locator("#console summary").click()


def test_resetting_all_files_undoes_what_edited_code_did_to_others(code: Page) -> None:
    label = str(code.locator("#edited-bars").get_attribute("aria-label"))
    replace(code, "return x @ W + b", "np.exp = np.cos; return x @ W + b")
    expect(code.locator("#edited-bars")).not_to_have_attribute("aria-label", label)
    code.locator("#edit-reset-all").click()
    expect(code.locator("#edited-bars")).to_have_attribute("aria-label", label)
    expect(code.locator("#edited-status")).to_have_text("All checks passed.")


def test_training_goes_on_while_code_is_edited_and_takes_the_edits_if_asked(code: Page) -> None:
    train = code.locator("nav [data-room=train]")
    train.click()
    ready(code)
    fill(code, LONG | {"epochs": "2000"})
    expect(code.locator("#train-edits")).to_be_hidden()
    start(code)
    stored(code, "step > 0")
    code.locator("nav [data-room=code]").click()
    replace(code, "import numpy as np", "import numpy as np, js; assert not getattr(js, 'WebSocket', None), 'a way out'")
    replace(code, "self.x.T @ dy", "0 * self.x.T @ dy")
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    train.click()
    step = stored(code, "step > 0")["step"]
    assert stored(code, f"step > {step}")
    expect(code.locator("#train-status")).to_have_text("Training")
    code.locator("#train-stop").click()
    stage(code, "finished")

    fill(code, SMALL)
    code.locator("#settings > summary").click()
    code.locator("#use-edits").check()
    code.locator("#train-over").click()
    expect(code.locator("#train-status")).to_have_text("Training with your edited code, in NumPy alone")
    stage(code, "finished")
    assert metric(code, "test-accuracy") < 30, "no weight has learned anything"
    code.locator("nav [data-room=code]").click()
    replace(code, "0 * self.x.T @ dy", "nonsense")
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    train.click()
    code.locator("#train-over").click()
    expect(code.locator("#train-alert")).to_contain_text("Your edited code has stopped Python: NameError: name 'nonsense'")
    code.locator("nav [data-room=code]").click()


def test_a_name_of_no_file_in_the_url_opens_the_usual_one(code: Page) -> None:
    code.evaluate("async () => (await import('./js/main.js')).state.set({ source: 'constructor:3' })")
    expect(code.locator("#code-file")).to_have_value("nn/layers.py")


def test_an_edit_survives_a_reload_and_the_original_gives_equal_answers(code: Page) -> None:
    label = code.locator("#edited-bars").get_attribute("aria-label")
    replace(code, "return x @ W + b", "return 0.25 * (x @ W + b)")
    expect(code.locator("#edited-bars")).not_to_have_attribute("aria-label", str(label))
    wait_until(
        code,
        """async () => {
            const { kept } = await import("./js/storage.js");
            return (await kept("edits"))?.["nn/layers.py"]?.includes("0.25 *");
        }""",
    )
    code.reload()
    expect(code.locator("#code-file option").first).to_have_text("py/nn/layers.py (edited)")
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    code.locator("#edit-reset").click()
    expect(code.locator("#edited-bars")).to_have_attribute("aria-label", str(label))
    expect(code.locator("#edit-reset")).to_be_disabled()
