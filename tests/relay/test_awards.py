"""The line about an award: on top of the answer to its tick, if that is still there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import Outcome, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges import content
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Post

if TYPE_CHECKING:
    from uuid import UUID

    from tests.conftest import Enter

START: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC');
INSERT INTO interaction_tokens (user_id, sealed, revision) VALUES (1, '\\x01', '0aZ9');
"""
TICK: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, delay) VALUES (%s, %s, 0)
RETURNING award_id
"""
RAID: LiteralString = """
INSERT INTO raid_events (type, target, tick_points, ends_at) VALUES ('warrior', %s, 15, now() + interval '1 hour')
"""
RUN: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, delay, created_at, day)
SELECT 1, 'earlier ' || n, 0, now() - n * interval '1 day', local_day(now(), 'UTC') - n
FROM generate_series(1, %s) AS n
"""


class Stage:
    def __init__(self, enter: Enter) -> None:
        self.conn, self.award, self.look = enter("app_outbox"), enter("app_award"), enter(OWNER)
        self.post, self.open = Post(), [each.id for each in content.load().chapter(1).challenges]
        self.relay = Relay(kind.find_all(), Scene(7, frozenset(AnnouncementKind)), self.post, 42, 10, time.time)
        self.look.run_script(START)

    def ticks(self, user_id: int = 1) -> UUID:
        """One that is due at once, and awarded."""
        ((award_id,),) = self.look.execute(TICK, [user_id, self.open.pop()]).fetchall()
        assert challenges.apply(self.award, award_id) is challenges.Outcome.AWARDED
        return award_id

    def told(self, outcome: Outcome = Outcome.DONE) -> str:
        """What is said on top of the answer, and what became of that."""
        self.relay.work(self.conn, Deadline.after(60))
        (edit,) = self.post.edits
        self.post.edits.clear()
        self.relay.book(self.conn, Result(edit.id, outcome, time.time()), Deadline.after(60))
        return edit.line

    def explained(self) -> list[object]:
        return [matter for (matter,) in self.look.execute("SELECT matter FROM explained").fetchall()]


@pytest.fixture
def stage(as_role: Enter) -> Stage:
    return Stage(as_role)


def test_an_award_is_told_on_top_of_the_answer_to_its_tick(stage: Stage):
    stage.ticks()
    line = stage.told()
    assert line.startswith("🎉 **+100 XP** for *")
    assert line.endswith("*. 400 XP to level 2.")


def test_a_tick_says_what_it_gave_the_raid(stage: Stage):
    stage.look.execute(RAID, [100])
    stage.ticks()
    assert stage.told().endswith("\n⚔️ Raid: **+15 points**, now 15 of 100")


def test_a_tick_that_wins_the_raid_is_celebrated_and_the_others_are_not(stage: Stage):
    stage.look.execute(RAID, [30])
    stage.ticks()
    stage.ticks(user_id=2)
    assert stage.told().endswith("\n⚔️ Raid: **+15 points**, now 30 of 30"), "Ben's was the last blow"
    stage.look.execute(RAID, [15])
    stage.ticks()
    assert stage.told().endswith(
        "\n🏆 **You finished the raid!** **+15 points**. The rewards come within a minute or two."
    )


def test_a_tick_without_a_raid_says_nothing_of_one(stage: Stage):
    stage.ticks()
    stage.look.execute(RAID, [30])
    assert "Raid" not in stage.told()


@pytest.mark.parametrize(
    ("days", "matter", "words"),
    [
        (2, "gift", "❄️ **A gift: your first freeze.**"),
        (4, "board", "🏆 **You are on the board.**"),
        (5, "six", "🔥 **Tomorrow is day seven.**"),
        (6, "seven", "🎉 **Seven days!**"),
    ],
)
def test_a_tick_explains_what_its_day_of_the_first_week_does_once(stage: Stage, days: int, matter: str, words: str):
    stage.look.execute(RUN, [days])
    stage.ticks()
    assert f"\n{words}" in stage.told()
    assert stage.explained() == [matter]
    stage.ticks()
    assert words not in stage.told()


def test_what_could_not_be_told_is_not_explained_and_what_was_is_not_told_again(stage: Stage):
    stage.look.execute(RUN, [4])
    stage.ticks()
    assert "You are on the board" in stage.told(Outcome.GONE)
    assert stage.explained() == []
    stage.look.execute("INSERT INTO explained (user_id, matter, day) VALUES (1, 'board', current_date)")
    stage.ticks()
    assert "You are on the board" not in stage.told()
