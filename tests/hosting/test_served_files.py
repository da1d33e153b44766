"""Which files serve.py sends, with which headers, and that an edit shows at once."""

from __future__ import annotations

import http.client
import os
import re
from pathlib import Path

import pytest

from hosting.site import Site
from vendoring.vendor import PROJECT

from .conftest import get


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?model=cnn", "text/html; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        ("/vendor/runtime/a.mjs", "text/javascript; charset=utf-8"),
        ("/vendor/runtime/a.wasm", "application/wasm"),
        ("/vendor/runtime/a.whl", "application/zip"),
        ("/weights/a.pk1", "application/octet-stream"),
        ("/weights/b.npz", "application/zip"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/assets/app.webmanifest", "application/manifest+json"),
    ],
)
def test_the_site_s_files_have_their_types(connection: http.client.HTTPConnection, path: str, kind: str) -> None:
    status, headers, body = get(connection, path)
    assert (status, headers["Content-Type"]) == (200, kind)
    assert body.startswith(b"this is ")


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/py/hosting/server.py", "/py/train.py", "/tests/run.py", "/vendor/.lock",
        "/py/nn/__pycache__/idx.pyc", "/../secret.txt", "/js/../../secret.txt", "/js/%2e%2e/%2e%2e/secret.txt",
        "/js/..%5c..%5csecret.txt", "/js/", "/js", "//etc/passwd", "/js/%00", "/js//etc/passwd", "/none.js",
        "/js/" + "long" * 999,
    ],
)  # fmt: skip
def test_nothing_else_is_served_and_that_is_a_plain_sentence(connection: http.client.HTTPConnection, path: str) -> None:
    status, headers, body = get(connection, path)
    assert (status, headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert re.fullmatch(r"There is no .* here: the page is at http://127\.0\.0\.1:\d+/\n", body.decode())


@pytest.mark.parametrize("target", ["../secret.txt", ".git", ".git/config", "py/hosting/server.py", "tests"])
def test_a_link_is_followed_only_to_the_site_s_own_files(
    connection: http.client.HTTPConnection, project: Path, target: str
) -> None:
    try:
        (project / "assets/link").symlink_to(project / target)
        (project / "assets/main.js").symlink_to(project / "js/main.js")
    except OSError:
        assert os.name == "nt"  # where making a link is a privilege
        return
    assert get(connection, "/assets/link")[0] == 404
    assert get(connection, "/assets/link/config")[0] == 404
    assert get(connection, "/assets/main.js")[2] == b"this is js/main.js"
    assert get(connection, "/assets/icon.svg")[0] == 200
    (project / "assets/icon.svg").unlink()
    (project / "assets/icon.svg").symlink_to(project / target)
    assert get(connection, "/assets/icon.svg")[0] == 404


@pytest.mark.parametrize("has_sendfile", [True, False])
def test_a_large_file_arrives_whole(
    connection: http.client.HTTPConnection, project: Path, monkeypatch: pytest.MonkeyPatch, has_sendfile: bool
) -> None:
    if not has_sendfile:  # as on Windows
        monkeypatch.delattr(os, "sendfile", raising=False)
    content = bytes(range(251)) * 12_345
    (project / "assets/large.png").write_bytes(content)
    assert get(connection, "/assets/large.png")[2] == content
    assert get(connection, "/assets/large.png", Range="bytes=123456-2345678")[2] == content[123456:2345679]


def test_one_connection_serves_many_files_and_an_edit_shows_at_once(
    connection: http.client.HTTPConnection, project: Path
) -> None:
    _, headers, _ = get(connection, "/js/main.js")
    socket_before = connection.sock
    status, again, body = get(connection, "/js/main.js", If_None_Match=headers["ETag"])
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    (project / "js/main.js").write_text("edited")
    assert get(connection, "/js/main.js", If_None_Match=headers["ETag"])[2] == b"edited"
    assert headers["Cache-Control"] == "no-cache"
    assert connection.sock is socket_before


@pytest.mark.parametrize("name", ["archives/sources.tar.gz", "precache.js"])
def test_what_the_server_makes_is_made_again_only_after_an_edit(project: Path, name: str) -> None:
    site = Site(project)
    made = site.make(name)
    assert site.make(name) is made
    (project / "py/nn/new.py").touch()
    assert site.make(name) != made


def test_the_page_may_ask_no_host_but_its_own(connection: http.client.HTTPConnection) -> None:
    policy = get(connection, "/")[1]["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    assert "http" not in policy
    assert "unsafe-inline" not in policy
    assert policy.endswith("; frame-ancestors 'none'")
    page = (PROJECT / "index.html").read_text(encoding="utf-8")  # says it again, for hosts that send no such header
    in_page = policy.removesuffix("; frame-ancestors 'none'")
    assert f'<meta http-equiv="Content-Security-Policy" content="{in_page}; require-trusted-types-for' in page


@pytest.mark.parametrize(
    ("query", "allowed"), [("embed", True), ("room=learn&embed=", True), ("embedded", False), ("x=embed", False)]
)
def test_only_what_is_made_for_frames_may_be_framed(connection: http.client.HTTPConnection, query: str, allowed: bool) -> None:
    policy = get(connection, f"/?{query}")[1]["Content-Security-Policy"]
    assert ("frame-ancestors 'none'" not in policy) == allowed
    assert policy.startswith("default-src 'none'")
