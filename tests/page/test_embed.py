"""The page in a frame of another site: the pad alone or one chapter, even where the browser gives the frame no storage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from hand import SEVEN
from playwright.sync_api import Browser, Frame, Locator, Page, expect


@pytest.fixture(scope="module")
def site(served: str) -> Iterator[str]:
    """The address of another site, which frames the page with the query that it gets."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = unquote(urlsplit(self.path).query)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            frame = f'<iframe src="{served}?{query}" width="800" height="640"></iframe>'
            self.wfile.write(f"<!doctype html><title>A school</title>{frame}".encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def framed(browser: Browser, site: str) -> Iterator[Callable[[str], Frame]]:
    """`framed(query)` opens the other site and returns its frame; nothing may go wrong in it."""
    context = browser.new_context(viewport={"width": 850, "height": 700})
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

    def open_frame(query: str) -> Frame:
        page = context.new_page()
        page.goto(f"{site}?{query}")
        frame = page.frames[1]
        frame.locator("html[data-state=ready]").wait_for(state="attached")
        return frame

    yield open_frame
    context.close()
    assert problems == []


def draw_seven(page: Page, pad: Locator) -> None:
    box = pad.bounding_box()
    assert box
    for number, (x, y) in enumerate(SEVEN[0]):
        page.mouse.move(box["x"] + box["width"] * x / 280, box["y"] + box["height"] * y / 280, steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_the_pad_alone_reads(framed: Callable[[str], Frame]) -> None:
    frame = framed("embed")
    draw_seven(frame.page, frame.locator("#pad"))
    expect(frame.locator("#short-answer")).to_contain_text("That is a 7.")
    for hidden in ("header", "#modes", "#pad-actions", "#rooms"):
        expect(frame.locator(hidden)).to_be_hidden()
    assert frame.evaluate("document.documentElement.scrollHeight") <= 640
    link = frame.get_by_role("link", name="Digits from scratch")
    expect(link).to_have_attribute("target", "_blank")
    assert "embed" not in (link.get_attribute("href") or "embed")
    frame.locator("#clear").click()
    expect(frame.locator("#short-answer")).to_contain_text("Draw a digit")


def test_one_chapter_computes_and_cannot_be_left(framed: Callable[[str], Frame]) -> None:
    frame = framed("embed&room=learn&chapter=4")
    draw_seven(frame.page, frame.locator("#pad"))
    expect(frame.locator("[data-number=answer]")).to_contain_text("7,")
    frame.get_by_role("button", name="Same answer, less sure").click()
    expect(frame.locator(".question [role=status]")).to_contain_text("Right.")
    frame.locator("#learn h2").click()
    frame.page.keyboard.press("ArrowRight")
    expect(frame.locator("#learn h2")).to_contain_text("4.")
    frame.evaluate(
        "async () => (await import('./js/train/stored_run.js')).storeRun({ over: true })"
    )  # ends without storage too
    for hidden in ("header", ".chapters", ".further", "#networks"):
        expect(frame.locator(hidden)).to_be_hidden()
    expect(frame.get_by_role("button", name="Next")).to_be_hidden()


def test_serve_py_lets_nobody_frame_the_rest_of_the_page(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
            page.goto(f"{site}?room=learn")
        assert page.frames[1].locator("#pad").count() == 0
