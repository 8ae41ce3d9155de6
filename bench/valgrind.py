"""Brings valgrind: the machine's, or Debian's package unpacked into a folder, which needs no root.

`python -m bench.valgrind FOLDER` tries both and prints the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".tools" / "valgrind"
PATIENCE = 600  # seconds; a download may be slow
SORRY = """Instructions cannot be counted: valgrind is missing, and could not be brought.
Install it (Debian: apt-get install valgrind; macOS has none) and run this again. What was tried:
  * on the PATH: there is none
  * Debian's package: """


def bring(folder: Path = FOLDER) -> list[str]:
    """The command that starts valgrind, brought into `folder` if need be; raises SystemExit with what to do."""
    if found := shutil.which("valgrind"):
        return [found]
    unpacked = folder / "package"
    try:
        if not unpacked.is_dir():
            _unpack(folder, unpacked)
        command = _command(unpacked)
        _run([*command, "--version"], folder)
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(SORRY + str(error).strip().partition("\n")[0])
    return command


def _unpack(folder: Path, into: Path) -> None:
    """Fetch Debian's package without root, and unpack it beside the system."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise OSError("this is no Debian")
    fresh = folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _run(["apt-get", "download", "-q", "-o", "Acquire::Retries=5", "valgrind"], fresh)
    for package in fresh.glob("valgrind_*.deb"):
        _run(["dpkg-deb", "-x", str(package), str(fresh / "unpacked")], fresh)
    (fresh / "unpacked").rename(into)
    shutil.rmtree(fresh)


def _command(unpacked: Path) -> list[str]:
    """Its tools are beside it, where it would not look."""
    return ["env", f"VALGRIND_LIB={unpacked / 'usr/libexec/valgrind'}", str(unpacked / "usr/bin/valgrind")]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise OSError(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")


if __name__ == "__main__":
    print(" ".join(bring(Path(sys.argv[1]))))
