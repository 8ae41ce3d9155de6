"""Code changes while the local cloud is running: each is checked, built and deployed; mistakes are reported."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from local.builder import BuildError, files
from local.deployer import DeployError
from mastermind import strict_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from devkit.json_types import Json
    from local.builder import Part

EVERY = 0.5  # seconds between two looks at the files; what changed must stand still for one
FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)

type Commands = dict[str, list[Json]]
"""The commands of each application, as Discord would register them."""


class CodeError(Exception):
    """The code cannot be read or imported; says where and why."""


@dataclass(frozen=True, slots=True)
class Code:
    """Which code is served: `revision` counts the changes; `trouble` says why the newest is not served."""

    revision: int = 0
    trouble: str = ""


class Changes:
    """Looks at all that the builds read, from its creation; `serve` builds and deploys it, with these commands."""

    def __init__(
        self, root: Path, parts: Iterable[Part], serve: Callable[[Commands], None], note: Callable[[str], None]
    ) -> None:
        self._root, self._serve, self._note = root, serve, note
        self._roots = {read for part in parts for read in part.roots}
        self._stopped, self._served = threading.Event(), self._scan()
        self._thread = threading.Thread(target=self._watch, name="changes", daemon=True)
        self.code = Code()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        seen = self._served
        while not self._stopped.wait(EVERY):
            now, served = self._scan(), self._served
            if now == seen != served:
                self._served = now
                self._try(sorted(file for file in {*now, *served} if now.get(file) != served.get(file)))
            seen = now

    def _scan(self) -> dict[Path, tuple[int, int]]:
        """When each file was written, and how long it is."""
        found: dict[Path, tuple[int, int]] = {}
        for file in files(self._roots):
            try:
                status = file.stat()
            except FileNotFoundError:
                continue  # an editor has just replaced it
            found[file] = (status.st_mtime_ns, status.st_size)
        return found

    def _try(self, changed: list[Path]) -> None:
        names = ", ".join(str(file.relative_to(self._root)) for file in changed[:3]) + ", ..." * (len(changed) > 3)
        try:
            check(self._root, changed)
            self._serve(read_commands(self._root))
        except (CodeError, BuildError, DeployError) as error:
            self.code = Code(self.code.revision, str(error))
            self._note(f"The change of {names} is not served, the code before it is. {error}")
        except Exception as error:  # noqa: BLE001 (whatever it was, the next change is tried)
            self.code = Code(self.code.revision, f"{type(error).__name__}: {error}")
            self._note(f"The change of {names} could not be served: {type(error).__name__}: {error}")
        else:
            self.code = Code(self.code.revision + 1)
            self._note(f"Served with the change of {names}.")


def check(root: Path, changed: Iterable[Path]) -> None:
    """Raises CodeError for the first file that is no Python."""
    for file in changed:
        if file.suffix != ".py" or not file.exists():
            continue
        try:
            compile(file.read_bytes(), file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            lineno = getattr(error, "lineno", None)
            line = f", line {lineno}" if lineno else ""
            raise CodeError(f"{file.relative_to(root)}{line}: {getattr(error, 'msg', error)}") from error


def read_commands(root: Path) -> Commands:
    """The commands as a new process imports them; raises CodeError."""
    command = [sys.executable, "-B", "-m", "local.registered"]
    made = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CodeError(_last(root, made.stderr))
    return cast("Commands", strict_json.loads(made.stdout.encode()))


def _last(root: Path, traceback: str) -> str:
    """Where a traceback ends, and in which error."""
    said = traceback.strip().rpartition("\n")[2]
    ours = [found for found in FRAME.finditer(traceback) if Path(found["file"]).is_relative_to(root / "layers")]
    if not ours:
        return said
    return f"{Path(ours[-1]['file']).relative_to(root)}, line {ours[-1]['line']}: {said}"
