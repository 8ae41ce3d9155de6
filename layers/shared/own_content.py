"""Puts a community's own content into the layer that is being built, or says what is wrong with it.

    python own_content.py challenges|stats|flags|course FILE FOLDER

FILE counts from the project's root; FOLDER is that of the package which is to have it. Needs the standard library only,
as a build may run where nothing else is installed.
"""

import shutil
import sys
from pathlib import Path

from mastermind.errors import ContentError
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.course import content as course
from mastermind.game.flags import content as flags

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"challenges": challenges, "stats": stats, "flags": flags, "course": course}
FOLDERS = {"challenges": "challenges", "stats": "catalogue", "flags": "flags", "course": "course"}


def main(kind: str, file: str, folder: str) -> None:
    content = KINDS[kind]
    try:
        own = content.read_file(ROOT / file)
    except ContentError as error:
        sys.exit(f"{kind.upper()}_FILE={file} cannot be used:\n{error}")
    shutil.copyfile(ROOT / file, Path(folder) / "game" / FOLDERS[kind] / content.FILE)
    sys.stdout.write(f"{kind.capitalize()} from {file}: {own.told}\n")


main(*sys.argv[1:])
