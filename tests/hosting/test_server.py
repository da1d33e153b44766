"""serve.py as a command: where the page is, which addresses it takes, and how it ends."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hosting.server import Server
from hosting.site import Site
from vendoring.vendor import PROJECT

from .conftest import get

SERVE = [sys.executable, str(PROJECT / "serve.py"), "--no-browser"]


def test_serve_py_says_where_the_page_is_once_it_can_be_opened(served: str) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", served)
    connection = http.client.HTTPConnection(urlsplit(served).netloc, timeout=10)
    assert get(connection, "/archives/python.tar.gz")[0] == 200
    assert get(connection, "/vendor/runtime/pyodide.asm.wasm")[1]["Content-Type"] == "application/wasm"
    connection.close()


def test_the_name_given_with_host_is_accepted(project: Path) -> None:
    with Server(Site(project), "localhost", 0) as server:
        server.host = "classroom.example"  # as if that name led here
        assert server.is_known_as("Classroom.Example:8000")
        assert not server.is_known_as("example")


def test_serving_beyond_this_machine_says_what_that_means(project: Path) -> None:
    with Server(Site(project), "127.0.0.1", 0) as alone, Server(Site(project), "0.0.0.0", 0) as open_to_all:
        assert alone.warning == ""
        assert open_to_all.warning.startswith("Everyone who can reach this machine at http://0.0.0.0:")


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
