"""The builder: runs the make targets of `sam build` for this machine, unless nothing they read has changed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEPT = 3  # builds of each part, and all that somebody began to use within these seconds:
IN_USE = (
    3600.0  # another local cloud of the same tree (a test beside a game, an editor beside both) may be at work with it
)
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
OTHERS = 0o077  # what a group and all others may do
UNREAD = {"__pycache__", ".DS_Store"}


class BuildError(Exception):
    """A make target failed; the message is its output."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something to build: a function or a layer, by its logical id, with the makefile's folder and all it reads."""

    logical_id: str
    makefile: Path
    reads: tuple[Path, ...]
    is_layer: bool = False

    @property
    def roots(self) -> tuple[Path, ...]:
        """All that its target reads: folders and files."""
        return (self.makefile, *self.reads)


@dataclass(frozen=True, slots=True)
class Build:
    """A finished build; `key` changes when anything that went into it does."""

    logical_id: str
    folder: Path
    key: str
    is_layer: bool


def architecture() -> str:
    """This machine's architecture by Lambda's name."""
    return ARCHITECTURES[platform.machine().lower()]


def build(parts: Iterable[Part], into: Path) -> dict[str, Build]:
    """Build what is not built yet, two at a time; by logical id. Raises BuildError."""
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    (into / "lock").touch(mode=0o600)
    # One at a time: two local clouds of one tree (a test beside a game) share the builds.
    with (into / "lock").open("w", encoding="ascii") as lock, ThreadPoolExecutor(2) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = pool.map(_build, parts, repeat(into))
        return {build.logical_id: build for build in made}


def _build(part: Part, into: Path) -> Build:
    key = fingerprint(part)
    folder = into / part.logical_id / key
    if folder.is_dir():
        os.utime(folder)
    else:
        _make(part, folder)
        _prune(folder.parent)
    return Build(part.logical_id, folder, key, part.is_layer)


def fingerprint(part: Part) -> str:
    """A hash over the names and contents of all that the part's target reads, and over what machine it is built for."""
    digest = hashlib.sha256(f"{sys.platform} {architecture()} {sys.version_info[:2]}".encode())
    for file in sorted(files(part.roots)):
        digest.update(f"\0{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def files(roots: Iterable[Path]) -> Iterable[Path]:
    """Those in these folders, and those of them that are files themselves."""
    for root in roots:
        found = root.rglob("*") if root.is_dir() else [root]
        yield from (file for file in found if file.is_file() and not UNREAD & {*file.parts})


def _make(part: Part, folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    fresh.mkdir(mode=0o700)
    command = ["make", "-C", str(part.makefile.parent), "-f", part.makefile.name, f"build-{part.logical_id}"]
    command += [f"ARTIFACTS_DIR={fresh}", f"ARCHITECTURE={architecture()}"]
    if sys.platform == "darwin":
        command.append(f"PLATFORM={'aarch64' if architecture() == 'arm64' else 'x86_64'}-apple-darwin")
    # A make above us would hand its own flags and variables down.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise BuildError(f"{part.logical_id} could not be built:\n{made.stdout[-2000:]}{made.stderr[-4000:]}")
    _close(fresh)
    fresh.rename(folder)


def _close(folder: Path) -> None:
    """Leave it to this user alone, whatever the modes of what was copied, or the umask of the user who builds.

    Everything in it is a copy: uv is told to link nothing to its cache (layers/platform.mk).
    """
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~OTHERS)


def _prune(folder: Path) -> None:
    used = {build: build.stat().st_mtime for build in folder.iterdir()}
    for old in sorted(used, key=used.__getitem__, reverse=True)[KEPT:]:
        if used[old] < time.time() - IN_USE:
            shutil.rmtree(old, ignore_errors=True)
