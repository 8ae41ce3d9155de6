"""Every message that people can see, in the order of the gallery."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.cloud import ROOT
from tests.commands import alone
from tests.gallery import normal
from tests.gallery.acts import (
    admins,
    anywhere,
    course,
    days,
    first_run,
    home,
    moderators,
    own,
    posts,
    raids,
    report,
    standing,
    tensey,
    today,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.gallery.stage import Scene, Stage

FILE = ROOT / "simulator" / "page" / "gallery.json"

ACTS = (
    *first_run.ACTS,
    *today.ACTS,
    *tensey.ACTS,
    *days.ACTS,
    *standing.ACTS,
    *raids.ACTS,
    *course.ACTS,
    *own.ACTS,
    *home.ACTS,
    *moderators.ACTS,
    *admins.ACTS,
    *report.ACTS,
    *anywhere.ACTS,
    *posts.ACTS,
)


def play(stage: Stage) -> list[Scene]:
    """Every act, each in a clean game; then those that only the test of a command has."""
    scenes: list[Scene] = []
    for perform in ACTS:
        with stage.act() as act:
            perform(act)
        scenes += act.scenes
    headings = {scene.name for scene in scenes}
    for line in alone.lines():
        if line not in headings and (perform := alone.said("scenes", line)):
            with stage.act() as act:
                perform(act.of(line), act)
            scenes += act.scenes
    return scenes


def written(scenes: Sequence[Scene]) -> str:
    """The scenes as the file holds them: one to a line, so that a change of one is a change of one line."""
    lines = ",\n".join(json.dumps(scene, ensure_ascii=False) for scene in normal.normalized(scenes))
    return f"[\n{lines}\n]\n"
