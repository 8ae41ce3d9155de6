"""Puts a community's own challenges into the layer that is being built, or says what is wrong with them.

    python own_challenges.py FILE FOLDER

FILE counts from the project's root; FOLDER is that of the package which is to have it. Needs the standard library only,
as a build may run where nothing else is installed.
"""

import shutil
import sys
from pathlib import Path

from mastermind.content import challenges
from mastermind.errors import ContentError

ROOT = Path(__file__).resolve().parents[2]


def main(file: str, folder: str) -> None:
    try:
        own = challenges.read_file(ROOT / file)
    except ContentError as error:
        sys.exit(f"CHALLENGES_FILE={file} cannot be used:\n{error}")
    shutil.copyfile(ROOT / file, Path(folder) / "content" / challenges.FILE)
    sys.stdout.write(f"Challenges from {file}; levels: {len(own.levels)}, challenges: {own.count}\n")


main(*sys.argv[1:])
