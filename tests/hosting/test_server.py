"""serve.py: what a browser gets from it, and what it says when it cannot serve."""

from __future__ import annotations

import contextlib
import http.client
import itertools
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

from hosting import request_handler
from hosting import server as server_module
from hosting.server import Server
from hosting.site import Site
from vendoring.vendor import PROJECT

from .conftest import entry, write_lock

SERVE = [sys.executable, str(PROJECT / "serve.py"), "--no-browser"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a file of each kind."""
    for name in (
        "index.html", "css/page.css", "sw.js", "js/main.js", "py/nn/__init__.py", "vendor/runtime/a.wasm",
        "py/digits/idx.py", "py/nn/__pycache__/idx.pyc", "py/web/worker.py", "py/hosting/server.py", "py/train.py",
        "weights/a.pk1", "weights/b.npz", "assets/icon.svg", "assets/app.webmanifest", "vendor/runtime/a.whl",
        "vendor/runtime/a.mjs", "vendor/.lock", ".git/config", "tests/run.py",
    ):  # fmt: skip
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    (tmp_path / "secret.txt").write_text("secret")
    third_party = [
        entry(name, f"this is vendor/runtime/{name}".encode(), f"cdn /{name}") for name in ("a.whl", "a.mjs", "a.wasm")
    ]
    write_lock(tmp_path / "project/vendor.lock.json", "http://127.0.0.1:9", runtime=third_party, pillow=[])
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


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("192.168.1.7", 200),
        ("evil.example", 421), ("evil.example:8000", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
        ("127.0.0.1@evil.example", 421), ("evil.example#127.0.0.1", 421), ("[::1", 421), ("", 421), (":8000", 421),
    ],
)  # fmt: skip
def test_a_foreign_host_name_is_refused(connection: http.client.HTTPConnection, host: str, status: int) -> None:
    answer, headers, body = get(connection, "/js/main.js", Host=host)
    assert answer == status
    assert headers["Content-Security-Policy"]
    if status == 421:
        assert body.decode().endswith(": to use that name, give it to serve.py with --host.\n")


def test_the_name_given_with_host_is_accepted(project: Path) -> None:
    with Server(Site(project), "localhost", 0) as server:
        server.host = "classroom.example"  # as if that name led here
        assert server.is_known_as("Classroom.Example:8000")
        assert not server.is_known_as("example")


def test_serving_beyond_this_machine_says_what_that_means(project: Path) -> None:
    with Server(Site(project), "127.0.0.1", 0) as alone, Server(Site(project), "0.0.0.0", 0) as open_to_all:
        assert alone.warning == ""
        assert open_to_all.warning.startswith("Everyone who can reach this machine at http://0.0.0.0:")


@pytest.mark.parametrize(
    ("asked", "status", "sent", "place"),
    [
        ("bytes=0-3", 206, b"this", "bytes 0-3/18"), ("bytes=8-", 206, b"js/main.js", "bytes 8-17/18"),
        ("bytes=-2", 206, b"js", "bytes 16-17/18"), ("bytes=-99", 206, b"this is js/main.js", "bytes 0-17/18"),
        ("bytes=17-99", 206, b"s", "bytes 17-17/18"), ("bytes=18-", 416, b"", "bytes */18"),
        ("bytes=-0", 416, b"", "bytes */18"), ("bytes=4-2", 200, b"this is js/main.js", None),
        ("bytes=0-1,4-5", 200, b"this is js/main.js", None), ("bytes=-", 200, b"this is js/main.js", None),
        ("lines=0-3", 200, b"this is js/main.js", None), ("bytes=" + "9" * 5000 + "-", 200, b"this is js/main.js", None),
    ],
)  # fmt: skip
def test_a_part_of_a_file_can_be_asked_for(
    connection: http.client.HTTPConnection, asked: str, status: int, sent: bytes, place: str | None
) -> None:
    answer, headers, body = get(connection, "/js/main.js", Range=asked)
    assert (answer, body, headers["Content-Range"], headers["Content-Length"]) == (status, sent, place, str(len(sent)))
    assert headers["Accept-Ranges"] == "bytes"


def test_a_part_of_another_version_is_not_mixed_in(connection: http.client.HTTPConnection) -> None:
    etag = get(connection, "/js/main.js")[1]["ETag"]
    assert get(connection, "/js/main.js", Range="bytes=0-3", If_Range=etag)[0] == 206
    assert get(connection, "/js/main.js", Range="bytes=0-3", If_Range='"older"')[::2] == (200, b"this is js/main.js")


@pytest.mark.parametrize("path", ["/js/main.js", "/archives/sources.tar.gz", "/precache.js"])
def test_what_did_not_change_is_not_sent_again(connection: http.client.HTTPConnection, project: Path, path: str) -> None:
    etag = get(connection, path)[1]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert get(connection, path, If_None_Match=known)[::2] == (304, b"")
    assert get(connection, path, If_None_Match='"other"')[0] == 200
    (project / "js/main.js").write_text("this is js/main.J?")
    (project / "py/nn/new.py").touch()
    assert get(connection, path, If_None_Match=etag)[0] == 200


@pytest.mark.parametrize("name", ["archives/sources.tar.gz", "precache.js"])
def test_what_the_server_makes_is_made_again_only_after_an_edit(project: Path, name: str) -> None:
    site = Site(project)
    made = site.make(name)
    assert site.make(name) is made
    (project / "py/nn/new.py").touch()
    assert site.make(name) != made


def test_the_time_of_the_last_change_is_compared_too(connection: http.client.HTTPConnection, project: Path) -> None:
    os.utime(project / "js/main.js", (1_700_000_000, 1_700_000_000))
    changed = get(connection, "/js/main.js")[1]["Last-Modified"]
    assert get(connection, "/js/main.js", If_Modified_Since=changed)[::2] == (304, b"")
    for other in ("Tue, 14 Nov 2023 22:13:19 GMT", "yesterday", ""):
        assert get(connection, "/js/main.js", If_Modified_Since=other)[0] == 200
    assert get(connection, "/js/main.js", If_Modified_Since=changed, If_None_Match='"other"')[0] == 200


INNER = b"GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: localhost\r\nContent-Length: %d" % len(INNER), b"Host: localhost\r\nContent-Length : %d" % len(INNER),
        b"Host: localhost\r\nTransfer-Encoding: chunked", b"Host: localhost\r\nno colon", b"Host: localhost\r\nHost: 127.0.0.1",
        b"Accept: */*", b"Host: localhost\r\n folded: line", b"Host: localhost\r\nX: a\rContent-Length: 9",
    ],
)  # fmt: skip
def test_a_body_is_never_taken_for_the_next_request(connection: http.client.HTTPConnection, headers: bytes) -> None:
    for method in (b"GET", b"HEAD", b"POST", b"PUT"):
        answers = ask(connection, method + b" /js/main.js HTTP/1.1\r\n" + headers + b"\r\n\r\n" + INNER)
        assert answers.startswith(b"HTTP/1.1 501" if method in (b"POST", b"PUT") else b"HTTP/1.1 400")
        assert answers.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "request_bytes",
    [b"\r\n", b"nonsense\r\n\r\n", b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01" * 99 + b"\n",
     b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n"],
)  # fmt: skip
def test_broken_requests_get_an_error_and_harm_nobody(connection: http.client.HTTPConnection, request_bytes: bytes) -> None:
    answer = ask(connection, request_bytes)
    assert not answer or re.search(rb"^HTTP/1.1 4|^Bad|^400|\.$", answer)
    assert get(connection, "/js/main.js")[0] == 200


def ask(connection: http.client.HTTPConnection, content: bytes) -> bytes:
    """All that the server answers to these bytes until it closes the connection."""
    with socket.create_connection((connection.host, connection.port), timeout=10) as client:
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):  # it closes without reading what follows a refused request
            while received := client.recv(65536):
                answer += received
        return answer


def test_many_browsers_can_call_at_once(project: Path) -> None:
    with Server(Site(project), "127.0.0.1", 0) as server, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", server.server_port)
        clients = [
            stack.enter_context(socket.create_connection(address, timeout=2)) for _ in range(100)
        ]  # none is answered yet
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for client in clients:
            client.sendall(b"GET /js/main.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert all(client.makefile("rb").read().endswith(b"this is js/main.js") for client in clients)
        server.shutdown()


def test_silent_and_slow_connections_are_closed_and_others_are_served(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_handler, "PATIENCE", 0.5)
    (project / "assets/large.png").write_bytes(bytes(30_000_000))
    with Server(Site(project), "127.0.0.1", 0) as server, contextlib.ExitStack() as stack:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = ("127.0.0.1", server.server_port)
        clients = (stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(4))
        silent, stalled, slow, flooding = clients
        stalled.sendall(b"GET /assets/large.png HTTP/1.1\r\nHost: localhost\r\n\r\n")
        other = http.client.HTTPConnection(*address, timeout=10)
        stack.callback(other.close)
        with contextlib.suppress(ConnectionError):
            for byte in itertools.cycle(b"GET /a"):
                slow.sendall(bytes([byte]))
                assert get(other, "/js/main.js")[0] == 200
        assert silent.recv(1) == b""
        received = 0
        with contextlib.suppress(ConnectionError):
            while chunk := stalled.recv(1 << 20):
                received += len(chunk)
        assert 0 < received < 30_000_000
        with pytest.raises(ConnectionError):  # it asks a million times and reads nothing
            flooding.sendall(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000_000)
        server.shutdown()


if sys.platform == "linux":  # which tells how much memory a process holds

    def test_stalled_downloads_hold_no_file_in_memory(project: Path) -> None:
        (project / "assets/large.png").write_bytes(bytes(30_000_000))
        with Server(Site(project), "127.0.0.1", 0) as server, contextlib.ExitStack() as stack:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            before = resident_megabytes()
            for _ in range(20):
                stalled = stack.enter_context(socket.create_connection(("127.0.0.1", server.server_port), timeout=10))
                stalled.sendall(b"GET /assets/large.png HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert stalled.recv(8) == b"HTTP/1.1"
            assert resident_megabytes() - before < 60  # the files would be 600
            server.shutdown()

    def resident_megabytes() -> float:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1000


def test_one_connection_too_many_ends_the_one_that_was_idle_for_longest(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CONNECTIONS", 3)
    with Server(Site(project), "127.0.0.1", 0) as server, contextlib.ExitStack() as stack:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = ("127.0.0.1", server.server_port)
        silent = [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(20)]
        connection = http.client.HTTPConnection(*address, timeout=10)
        stack.callback(connection.close)
        assert get(connection, "/js/main.js")[0] == 200
        for ended in silent[:18]:
            assert ended.recv(1) == b""
        server.shutdown()


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
    assert get(connection, "/archives/python.tar.gz")[0] == 200
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
        (["--port", "6000"], "Browsers do not open port 6000: choose another one, such as --port 8000 (0 finds a free one)."),
        (["--port", "6666"], "Browsers do not open port 6666: choose another one, such as --port 8000 (0 finds a free one)."),
        (["--port", "0", "--host", "192.0.2.1"], "192.0.2.1 is not an address of this machine"),
    ],
)
def test_a_wrong_address_is_a_sentence(arguments: list[str], sentence: str) -> None:
    run = subprocess.run([*SERVE, *arguments], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode > 0
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


if os.name == "posix":

    @pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
    def test_ctrl_c_and_kill_end_it_quietly(signal_: signal.Signals) -> None:
        def heed_ctrl_c() -> None:  # which a shell's background job would not
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        command = [*SERVE, "--port", "0"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
        ) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.send_signal(signal_)
            assert (process.wait(), process.stderr.read().strip()) == (0, "")
