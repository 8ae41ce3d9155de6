"""`python -m tests.gallery` plays every scene and writes the file that the gallery of the page shows."""

from __future__ import annotations

import logging
import tempfile
from contextlib import closing, redirect_stdout
from io import StringIO
from pathlib import Path

from tests.gallery.scenes import FILE, play, written
from tests.gallery.stage import Stage

if __name__ == "__main__":
    logging.disable()  # some scenes are of what goes wrong
    with tempfile.TemporaryDirectory() as folder, closing(Stage(Path(folder))) as stage, redirect_stdout(StringIO()):
        scenes = play(stage)
    FILE.write_text(written(scenes), encoding="utf-8")
    print(f"{len(scenes)} scenes are written to {FILE}")  # noqa: T201 (the output of the make target)
