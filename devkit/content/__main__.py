"""Writes a community's own content into what is being built, or says what is wrong.

    python -m devkit.content game FOLDER    into the package `mastermind.game`
    python -m devkit.content look FOLDER    into the look of the pictures

The environment names the files (CHALLENGES_FILE and its like); paths count from the project's root.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import mastermind.game
from devkit.content.files import OWN
from devkit.content.look import LookFile
from devkit.content.reading import ContentError, read
from devkit.terminal import printable

ROOT = Path(__file__).resolve().parents[2]
GAME = Path(mastermind.game.__file__ or "").parent


KINDS = {"game": (GAME, OWN), "look": (LookFile.SHIPPED.parent, (LookFile,))}
"""What is built: where ours stands, and which files a community can bring."""


def main(what: str, folder: Path) -> None:
    problems: list[str] = []
    ours, kinds = KINDS[what]
    for kind in kinds:
        if not (file := os.environ.get(kind.VARIABLE)):
            continue
        try:
            own = read(kind, ROOT / file)
            (folder / kind.SHIPPED.relative_to(ours)).write_bytes(own.canonical())
            sys.stdout.write(printable(f"{kind.SHIPPED.stem.capitalize()} from {file}: {own.size}\n"))
        except ContentError as error:
            problems.append(printable(f"{kind.VARIABLE}={file} cannot be used:\n{error}"))
    if problems:
        sys.exit("\n".join(problems))


main(sys.argv[1], Path(sys.argv[2]))
