"""Installed, and without a network: one visit is enough, and no version is ever mixed with another."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from hand import FOUR, SEVEN, Hand, copy_python, copy_site, wait_until
from picture_files import GOOD
from PIL import Image
from playwright.sync_api import Page, expect
from static_host import hosted

from hosting.server import Server
from hosting.site import Site, precache_list
from vendoring.files import sha256

PROJECT = Path(__file__).resolve().parents[2]
COPIED = """async () => {
    while ((await navigator.serviceWorker.getRegistration())?.active?.state !== "activated") {
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture
def page(page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page that makes its offline copy."""
    return partial(page, offline_copy=True)


@pytest.fixture
def editable(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a copy of the project, served as serve.py does, and its folder."""
    copy_site(tmp_path)
    copy_python(tmp_path)
    with Server(Site(tmp_path), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.url, tmp_path
        server.shutdown()


def ready(page: Page) -> Hand:
    page.wait_for_selector("html[data-state=ready]")
    return Hand(page)


def test_with_the_server_gone_a_new_tab_draws_reads_and_opens_pictures(page: Callable[..., Page]) -> None:
    command = [sys.executable, str(PROJECT / "serve.py"), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().removeprefix("Serving ").strip()
        first = page(url, expected_console="ERR_CONNECTION_REFUSED|unknown error occurred when fetching the script")
        try:
            ready(first)
            first.evaluate(COPIED)
        finally:
            process.kill()
    tab = first.context.new_page()
    first.close()
    tab.goto(url + "?room=draw")
    hand = ready(tab)
    hand.draw(FOUR)
    assert hand.answer().digit == "4"
    tab.set_input_files("#upload", {"name": "seven.jpg", "mimeType": "", "buffer": GOOD["color.jpg"]()})
    expect(tab.locator("#prediction")).to_have_text("7")
    tab.locator("nav [data-room=code]").click()
    expect(tab.locator("#edited-status")).to_have_text("All checks passed.")
    expect(tab.locator("#edited-prediction")).to_have_text("7")


def test_under_serve_py_the_page_can_be_installed_and_a_reload_downloads_nothing_but_shows_every_edit(
    editable: tuple[str, Path], page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, root = editable
    asked: list[str] = []
    find = Site.find
    monkeypatch.setattr(Site, "find", lambda site, name: (asked.append(name), find(site, name))[1])
    visit = page(url)
    ready(visit)
    visit.evaluate(COPIED)
    check_that_it_can_be_installed(visit)
    assert "js/main.js" in asked
    asked.clear()
    visit.reload()
    ready(visit)
    assert {name for name in asked if name.startswith(("js/", "css/", "vendor/", "archives/"))} == set()
    index = root / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace("Everything runs here", "All of it runs here"), encoding="utf-8")
    visit.reload()
    expect(visit.locator("#privacy")).to_contain_text("All of it runs here")
    expect(visit.locator("#news")).to_be_hidden()


@pytest.fixture
def published(site_folder: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a built site, and its folder."""
    folder = shutil.copytree(site_folder, tmp_path / "site")
    with hosted(folder) as address:
        yield address, folder


def publish(folder: Path, edits: dict[str, tuple[str, str]]) -> None:
    """Replace words in files of a built site, and list the new ones."""
    known = json.loads((folder / "precache.js").read_text(encoding="utf-8").removeprefix("self.PRECACHE = ").rstrip(";\n"))
    for name, (before, after) in edits.items():
        content = (folder / name).read_text(encoding="utf-8")
        assert before in content
        (folder / name).write_text(content.replace(before, after), encoding="utf-8")
        known["files"][name] = sha256((folder / name).read_bytes())
    version = sha256(json.dumps(known["files"]).encode())[:16]
    (folder / "precache.js").write_bytes(precache_list(known["files"], version, network_first=False))


UPDATE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => {});
    const taking = registration.installing, over = ["redundant", "installed"];
    while (taking && !over.includes(taking.state)) await new Promise(requestAnimationFrame);
    return taking?.state;
}"""


def test_half_a_new_version_is_not_taken_and_a_whole_one_waits_quietly_and_keeps_the_drawing(
    published: tuple[str, Path], page: Callable[..., Page]
) -> None:
    url, folder = published
    first = page(url)
    ready(first)
    first.evaluate(COPIED)
    before = (folder / "js/draw/room.js").read_bytes()
    publish(
        folder, {"index.html": ("Everything runs here", "All of it runs here"), "js/draw/room.js": ("That is ", "This is ")}
    )
    after = (folder / "js/draw/room.js").read_bytes()
    (folder / "js/draw/room.js").write_bytes(before)  # its new version is still on the way to the host
    assert first.evaluate(UPDATE) == "redundant"
    first.reload()
    ready(first)
    expect(first.locator("#privacy")).to_contain_text("Everything runs here")

    (folder / "js/draw/room.js").write_bytes(after)
    old = first.context.new_page()
    first.close()
    old.goto(url)
    hand = ready(old)
    hand.draw(SEVEN)
    expect(old.locator("#privacy")).to_contain_text("Everything runs here")
    expect(old.locator("#status")).to_have_text("That is a 7.")  # all of it the old version
    policy = old.evaluate("fetch('js/python/worker.js').then(({ headers }) => headers.get('Content-Security-Policy'))")
    assert policy.startswith("default-src 'none';"), "the offline copy has the header that this host does not send"
    news = old.locator("#news")
    expect(news).to_be_visible()
    news.get_by_role("button").click()
    expect(old.locator("#privacy")).to_contain_text("All of it runs here")
    ready(old)
    expect(old.locator("#status")).to_have_text("This is a 7.")
    expect(news).to_be_hidden()
    assert len(old.evaluate("caches.keys()")) == 1


DAMAGE = """async (path) => {
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    const address = new URL(path, (await navigator.serviceWorker.getRegistration()).scope).href;
    const { headers } = await cache.match(address);
    await cache.put(address, new Response("damaged", { headers }));
}"""

STILL_DAMAGED = """async () => {
    const [name] = await caches.keys();
    const cache = await caches.open(name);
    for (const request of await cache.keys()) if ((await (await cache.match(request)).text()) === "damaged") return request.url;
}"""


def test_a_damaged_offline_copy_is_repaired(page: Callable[..., Page], built: str) -> None:
    visit = page(built, expected_console="^", expected_uncaught="^")
    ready(visit)
    visit.evaluate(COPIED)
    for paths, strokes, digit in (
        (["index.html"], SEVEN, "7"),
        (["js/main.js"], FOUR, "4"),
        (["js/pad/pad.js", "js/python/worker.js"], SEVEN, "7"),
        (["archives/python.tar.gz", "vendor/runtime/pyodide.asm.wasm", "css/pad.css"], FOUR, "4"),
    ):
        for path in paths:
            visit.evaluate(DAMAGE, path)
        visit.reload()
        hand = ready(visit)
        visit.locator("#clear").click()
        hand.draw(strokes)
        assert hand.answer().digit == digit
        expect(visit.get_by_role("alert")).to_be_hidden()
        wait_until(visit, f"async () => !(await ({STILL_DAMAGED})())")


def test_a_host_that_alters_a_script_is_told_about(published: tuple[str, Path], page: Callable[..., Page]) -> None:
    url, folder = published
    with (folder / "js" / "save_file.js").open("a", encoding="utf-8") as script:
        script.write("// minified by the host")
    visit = page(url, expected_console="offline copy")
    ready(visit)
    expect(visit.get_by_role("alert")).to_contain_text("could not be stored for use offline")


def test_a_site_may_have_any_address_on_a_host_that_alters_html(
    page: Callable[..., Page], site_folder: Path, tmp_path: Path
) -> None:
    index = shutil.copytree(site_folder, tmp_path / "with space" / "数字 100%") / "index.html"
    index.write_text(index.read_text(encoding="utf-8").replace("</body>", "<p>A banner</p></body>"), encoding="utf-8")
    with hosted(tmp_path) as address:
        visit = page(f"{address}{quote('with space/数字 100%')}/")
        ready(visit)
        visit.evaluate(COPIED)
    visit.context.set_offline(True)
    visit.reload()
    ready(visit)
    expect(visit.get_by_text("A banner")).to_be_visible()


def check_that_it_can_be_installed(visit: Page) -> None:
    manifest = visit.evaluate("async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json()")
    assert manifest["display"] == "standalone"
    assert manifest["start_url"] == "./"
    sizes = set()
    for listed in manifest["icons"]:
        assert (PROJECT / listed["src"]).is_file()
        if listed["type"] == "image/png":
            with Image.open(PROJECT / listed["src"]) as image:
                assert "{}x{}".format(*image.size) == listed["sizes"]
            assert (PROJECT / listed["src"]).stat().st_size < 20_000
            sizes.add((listed["sizes"], listed.get("purpose", "any")))
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    errors = visit.context.new_cdp_session(visit).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if "incognito" not in error["errorId"]] == []
