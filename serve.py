#!/usr/bin/env python3
"""Opens the page that reads the digit you draw: `python3 serve.py`. All the work is done in py/hosting."""

import signal
import sys
from pathlib import Path

if sys.version_info < (3, 10):
    sys.exit("This needs Python 3.10 or newer, not %d.%d: get one from python.org." % sys.version_info[:2])

sys.path.insert(0, str(Path(__file__).resolve().parent / "py"))

from hosting.serve_command import main

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also stops a download that was started, as Ctrl-C does
    sys.exit(main())
