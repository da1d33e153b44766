"""The room Code, in the browser: edited code runs, fails and is stopped, while the pad goes on reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hand import FOUR, SEVEN, Hand
from playwright.sync_api import Browser, Page, expect

REPLACE = """([before, after]) => {
    const editor = ace.edit(document.querySelector("#editor"));
    if (!editor.getValue().includes(before)) throw new Error(`no ${before}`);
    editor.setValue(editor.getValue().replace(before, after), -1);
}"""


@pytest.fixture(scope="module")
def room(browser: Browser, served: str) -> Iterator[Page]:
    """The room Code, open, with a seven on the pad."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(f"{served}?room=code")
    opened.wait_for_selector("html[data-state=ready]")
    Hand(opened).draw(SEVEN)
    expect(opened.locator("#edited-status")).to_have_text("All checks passed.")
    yield opened
    context.close()


@pytest.fixture
def code(room: Page) -> Iterator[Page]:
    yield room
    if room.locator("#edit-reset-all").is_enabled():
        room.locator("#edit-reset-all").click()
    room.locator("#code-file").select_option("nn/layers.py")
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


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ("return x @ W + undefined", "NameError: name 'undefined' is not defined"),
        ("return [0] * 10**9", "MemoryError"),
        ("import js; js.fetch('/'); return x @ W + b", "TypeError"),
        ("import js; js.document; return x @ W + b", "AttributeError: document"),
    ],
)
def test_an_error_is_shown_with_its_line(code: Page, after: str, sentence: str) -> None:
    replace(code, "return x @ W + b", after)
    expect(code.locator("#code-problem p")).to_contain_text(sentence)
    expect(code.locator("#edited-prediction")).to_be_empty()
    code.locator("#code-file").select_option("nn/loss.py")
    code.locator("#code-problem button").last.click()
    expect(code.locator("#code-file")).to_have_value("nn/layers.py")
    expect(code.locator(".ace_gutter-active-line")).to_have_text(str(line_of(code, after)))
    expect(code.locator("#prediction")).to_have_text("7")


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
    code.evaluate("location.hash = '#edit=broken'")
    expect(code.locator("#edited-status")).to_contain_text("The link to this code is broken")


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


def test_the_console_answers_and_survives_an_endless_loop(code: Page) -> None:
    code.locator("#console summary").click()
    for text, answer in (("reading.digit", "7"), ("while True: pass", "is there an endless loop?"), ("x.shape", "(1, 784)")):
        code.locator("#console-input").fill(text)
        code.keyboard.press("Enter")
        expect(code.locator("#console-output")).to_contain_text(answer)
    code.keyboard.press("ArrowUp")
    expect(code.locator("#console-input")).to_have_value("x.shape")
    code.locator("#console summary").click()


def test_an_edit_survives_a_reload_and_the_original_gives_equal_answers(code: Page) -> None:
    label = code.locator("#edited-bars").get_attribute("aria-label")
    replace(code, "return x @ W + b", "return 0.25 * (x @ W + b)")
    expect(code.locator("#edited-bars")).not_to_have_attribute("aria-label", str(label))
    code.wait_for_function(
        """async () => {
            const { kept } = await import("./js/storage.js");
            return (await kept("edits"))?.["nn/layers.py"]?.includes("0.25 *");
        }"""
    )
    code.reload()
    expect(code.locator("#code-file option").first).to_have_text("py/nn/layers.py (edited)")
    expect(code.locator("#edited-status")).to_contain_text("checks failed")
    code.locator("#edit-reset").click()
    expect(code.locator("#edited-bars")).to_have_attribute("aria-label", str(label))
    expect(code.locator("#edit-reset")).to_be_disabled()


def test_nothing_of_the_room_is_fetched_before_it_opens(page: Callable[..., Page], served: str) -> None:
    fetched: list[str] = []
    opened = page(served, prepare=lambda page: page.on("request", lambda request: fetched.append(request.url)))
    opened.wait_for_selector("html[data-state=ready]")
    opened.wait_for_selector("#train:not([inert])", state="attached")
    assert [url for url in fetched if "/js/code/" in url or "/vendor/editor/" in url] == []
