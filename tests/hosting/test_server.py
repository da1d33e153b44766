"""serve.py: what a browser gets from it, and what it says when it cannot serve."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hosting.server import Server
from hosting.site import Site
from vendoring.vendor import PROJECT

from .conftest import entry, write_lock

SERVE = [sys.executable, str(PROJECT / "serve.py"), "--no-browser"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a file of each kind."""
    for name in (
        "index.html", "css/page.css", "sw.js", "js/main.js", "py/nn/__init__.py", "py/nn/kernel/gemm.wasm",
        "py/digits/idx.py", "py/nn/__pycache__/idx.pyc", "py/web/worker.py", "py/hosting/server.py", "py/train.py",
        "weights/a.pk1", "weights/b.npz", "assets/icon.svg", "assets/app.webmanifest", "vendor/runtime/a.whl",
        "vendor/runtime/a.mjs", "vendor/.lock", ".git/config", "tests/run.py",
    ):  # fmt: skip
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    (tmp_path / "secret.txt").write_text("secret")
    third_party = [entry(name, f"this is vendor/runtime/{name}".encode(), f"cdn /{name}") for name in ("a.whl", "a.mjs")]
    write_lock(tmp_path / "project/vendor.lock.json", "http://127.0.0.1:9", runtime=third_party)
    return tmp_path / "project"


@pytest.fixture
def connection(project: Path) -> Iterator[http.client.HTTPConnection]:
    """One connection to a server of that project."""
    with Server(Site(project), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        yield connection
        connection.close()
        server.shutdown()


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/?model=cnn", "text/html; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        ("/vendor/runtime/a.mjs", "text/javascript; charset=utf-8"),
        ("/py/nn/kernel/gemm.wasm", "application/wasm"),
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


def test_a_link_out_of_the_project_is_not_followed(connection: http.client.HTTPConnection, project: Path) -> None:
    try:
        (project / "js/link.js").symlink_to(project.parent / "secret.txt")
    except OSError:
        assert os.name == "nt"  # where making a link is a privilege
    assert get(connection, "/js/link.js")[0] == 404


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


def test_the_page_may_ask_no_host_but_its_own(connection: http.client.HTTPConnection) -> None:
    policy = get(connection, "/")[1]["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    assert "http" not in policy
    assert "unsafe-inline" not in policy
    page = (PROJECT / "index.html").read_text(encoding="utf-8")  # says it again, for hosts that send no such header
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page


def test_the_page_is_told_which_python_files_to_load(connection: http.client.HTTPConnection) -> None:
    listed = json.loads(get(connection, "/py/files.json")[2])
    assert listed == {"files": ["digits/idx.py", "nn/__init__.py", "web/worker.py"]}


def test_what_is_no_request_for_a_file_is_refused_in_words(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/js/main.js", body=b"x")
    response = connection.getresponse()
    assert response.status == 501
    assert b"<" not in response.read()


def test_head_tells_the_size_only(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/js/main.js")
    response = connection.getresponse()
    assert (response.status, response.headers["Content-Length"], response.read()) == (200, "18", b"")


def test_serve_py_says_where_the_page_is_once_it_can_be_opened(served: str) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", served)
    connection = http.client.HTTPConnection(urlsplit(served).netloc, timeout=10)
    assert get(connection, "/py/files.json")[0] == 200
    assert get(connection, "/vendor/runtime/pyodide.asm.wasm")[1]["Content-Type"] == "application/wasm"
    connection.close()


def test_a_taken_port_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run([*SERVE, "--port", str(port)], capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == (
        f"Port {port} is taken: stop what runs there, or choose another one with --port N (0 finds a free one).\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "many"], "“many” is no port: give a number from 0 to 65535"),
        (["--port", "65536"], "“65536” is no port: give a number from 0 to 65535"),
        (["--port", "0", "--host", "192.0.2.1"], "192.0.2.1 is no address of this machine"),
    ],
)
def test_a_wrong_address_is_a_sentence(arguments: list[str], sentence: str) -> None:
    run = subprocess.run([*SERVE, *arguments], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode > 0
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


if os.name == "posix":

    def test_ctrl_c_ends_it_quietly() -> None:
        def heed_ctrl_c() -> None:  # which a shell's background job would not
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        command = [*SERVE, "--port", "0"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
        ) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert (process.wait(), process.stderr.read().strip()) == (0, "")
