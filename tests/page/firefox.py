"""A second browser engine: drives Debian's Firefox over its Marionette protocol, which needs no driver program."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

EXECUTABLE = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE = 120  # seconds, as long as the tests in Chromium wait
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the WebDriver standard's name for a reference to an element


class Firefox:
    """A headless Firefox with a fresh profile in `folder`.

    A message of Marionette is JSON with its length before it: `[0, id, command, parameters]`, answered by
    `[1, id, error, result]`.
    """

    def __init__(self, folder: Path) -> None:
        assert EXECUTABLE
        command = [EXECUTABLE, "--headless", "--marionette", "--profile", str(folder)]
        environment = {**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"}
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._connection = socket.create_connection(("127.0.0.1", self._port(folder / "MarionetteActivePort")), PATIENCE)
        self._answers = self._connection.makefile("rb")
        self._ids = itertools.count(1)
        self._receive()  # its greeting
        self.send("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": {"script": 1000 * PATIENCE}}})

    def _port(self, file: Path) -> int:
        deadline = time.monotonic() + PATIENCE
        while not (file.exists() and file.read_text().strip()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{EXECUTABLE} did not start")
            time.sleep(0.05)  # nothing tells when the file appears
        return int(file.read_text())

    def send(self, command: str, **parameters: Any) -> Any:
        message = json.dumps([0, next(self._ids), command, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result

    def _receive(self) -> Any:
        length = b"".join(iter(lambda: self._answers.read(1), b":"))
        return json.loads(self._answers.read(int(length)))

    def open(self, url: str) -> None:
        self.send("WebDriver:Navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """Return what the body of a JavaScript function returns, awaited if it is a promise."""
        return self.send("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true; if it never is, say what the page shows."""
        script = f"""const until = Date.now() + {900 * PATIENCE};
            while (!({condition}) && Date.now() < until) await new Promise(requestAnimationFrame);
            return [Boolean({condition}), document.body.innerText];"""
        holds, text = self.evaluate(f"return (async () => {{ {script} }})();")
        assert holds, f"{condition} did not become true; the page says: {text}"

    def element(self, selector: str) -> str:
        return str(self.send("WebDriver:FindElement", using="css selector", value=selector)["value"][ELEMENT])

    def click(self, selector: str) -> None:
        self.send("WebDriver:ElementClick", id=self.element(selector))

    def choose_file(self, selector: str, file: Path) -> None:
        self.send("WebDriver:ElementSendKeys", id=self.element(selector), text=str(file))

    def draw(self, stroke: list[tuple[int, int]]) -> None:
        """Press, move and lift a mouse between points of the window."""
        moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 20} for x, y in stroke]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self.send("WebDriver:PerformActions", actions=[{"type": "pointer", "id": "mouse", "actions": actions}])

    def close(self) -> None:
        self._connection.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
