"""What an answer makes announceable is announced at once: relay is nudged after it, and after nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mastermind.bot import custom_ids
from mastermind.game.course import content
from tests.commands.moderating import ADA, meet
from tests.commands.playing import ALEX, Bot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Connection


def give(owner: Connection, xp: int) -> None:
    """XP that were booked before, and whose announcements are out."""
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, %s, 'adjustment', 'admin', 'before', current_date)",
        [ALEX.id, xp],
    )
    owner.execute("UPDATE announcements SET status = 'sent', resolved_at = now()")


def due(owner: Connection) -> list[str]:
    return [kind for (kind,) in owner.execute("SELECT kind FROM announcements WHERE status = 'due'").fetchall()]


def start_a_raid(main: Bot) -> None:
    main.as_user(ADA).command("start-raid", {"type": "warrior"})


def adjust(main: Bot) -> None:
    main.as_user(ADA).command("admin adjust-xp", {"user": ALEX, "amount": 10, "reason": "a slip"})


def log(main: Bot) -> None:
    main.fill(main.tap(main.command("submit-stats"), "Core social"), {"approaches": "1"})


def edit(main: Bot) -> None:
    main.fill(main.tap(main.command("stats-edit", {"date": "today"}), "Core social"), {"approaches": "1"})


def complete_a_module(main: Bot) -> None:
    for lesson in content.load().modules[0].lessons:
        main.press(custom_ids.make("course.watch", "watched", ALEX.id, lesson.id, "module"))


LEVEL_5 = 100 * 5 * 6
BY_XP = (adjust, log, edit, complete_a_module)


def test_the_start_of_a_raid_is_announced_at_once(main: Bot, owner: Connection):
    start_a_raid(main)
    assert due(owner) == ["raid_started"]
    assert main.nudges.sent == ["due"]
    start_a_raid(main)
    assert main.nudges.sent == ["due"], "there is one already"


@pytest.mark.parametrize("act", BY_XP)
def test_a_level_is_announced_at_once_whatever_reaches_it(main: Bot, owner: Connection, act: Callable[[Bot], None]):
    meet(owner, ALEX)
    give(owner, LEVEL_5 - 5)
    act(main)
    assert due(owner) == ["level_up"]
    assert main.nudges.sent == ["due"]


@pytest.mark.parametrize("act", [adjust, log, edit])
def test_xp_that_reach_no_level_nudge_nobody(main: Bot, owner: Connection, act: Callable[[Bot], None]):
    meet(owner, ALEX)
    give(owner, LEVEL_5 + 100)
    act(main)
    assert (due(owner), main.nudges.sent) == ([], [])


def test_a_nudge_that_is_lost_costs_a_minute_and_no_answer(main: Bot, owner: Connection):
    main.nudges.down = True
    start_a_raid(main)
    assert due(owner) == ["raid_started"]
