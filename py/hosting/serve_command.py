"""The command line of `serve.py`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
import webbrowser
from pathlib import Path

from hosting.build import BuildError, build
from hosting.server import PortError, Server
from hosting.site import SERVED, Site
from vendoring import vendor


def main(arguments: list[str] | None = None) -> int:
    """Serves or builds; returns the exit status. What goes wrong is one sentence on stderr."""
    options = _parser().parse_args(arguments)
    site = Site(vendor.PROJECT)
    try:
        if options.build:
            print(f"The site stands in {build(site, options.build, vendor.project_vendor())}")
        else:
            serve(site, options.host, options.port, options.browser)
    except (vendor.VendorError, BuildError, PortError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)  # leaves the prompt a line of its own after ^C
        return 130
    return 0


def serve(site: Site, host: str, port: int, browser: bool) -> None:
    """Serves until it is interrupted. The port is taken first: if it is not free, nothing is downloaded."""
    with Server(site, host, port) as server:
        prepare(site)
        try:
            if server.warning:
                print(server.warning, file=sys.stderr)
            print(f"Serving {server.url}", flush=True)
            threading.Thread(target=_fetch_mnist, daemon=True).start()
            if browser:
                threading.Thread(target=webbrowser.open, args=(server.browser_url,), daemon=True).start()
            server.serve_forever()
        except KeyboardInterrupt:
            print(file=sys.stderr)  # Ctrl-C is the usual way to stop


def prepare(site: Site) -> None:
    """Fetch and prepare what the browser needs. Raises VendorError."""
    for group in SERVED:
        vendor.ensure(group)
    try:
        site.prepare()
    except OSError as error:
        raise vendor.VendorError(
            f"{error.filename} cannot be written ({error.strerror}): make room for it, or make it writable."
        ) from None


def _fetch_mnist() -> None:
    """Fetch MNIST for the samples and the training room in the background; the page works without it."""
    with contextlib.suppress(vendor.VendorError):
        vendor.ensure("mnist")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="serve.py",
        description="Serves the page that reads the digit you draw. The first start fetches Pyodide and NumPy for the "
        "browser into vendor/ (17 MB); later ones need no network.",
    )
    parser.add_argument("--port", type=_port, default=8000, metavar="N", help="the port (8000); 0 finds a free one")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="the address (127.0.0.1: this machine only; 0.0.0.0: all)"
    )
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="do not open the browser")
    parser.add_argument(
        "--build", type=Path, metavar="DIR", help="write the complete static site into DIR, for any web host, and end"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is no port: give a number from 0 to 65535")
    return int(text)
