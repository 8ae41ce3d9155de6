"""The post about a raid: edited at half, at nine tenths and at the end, and never a further message for that."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.inspection import message_violations
from devkit.postgres import OWNER
from mastermind.bot import looks
from mastermind.deadline import Deadline
from mastermind.discord.requests import CreateMessage, EditMessage, Outcome, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Discord, Post, parts, words

if TYPE_CHECKING:
    from tests.conftest import Enter

CHANNEL, ALL = 7, frozenset(AnnouncementKind)
START: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC');
INSERT INTO raid_events (type, target, tick_points, ends_at) VALUES ('mage', 100, 5, now() + interval '1 hour');
"""
GIVEN: LiteralString = """
INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)
SELECT raid_id, %(who)s, 'stats', gen_random_uuid()::text, 'grounding', %(points)s, %(points)s FROM raid_events
"""
RUN_OUT: LiteralString = """
UPDATE raid_events SET started_at = now() - interval '1 hour', ends_at = now() - interval '1 second'
"""
CANCELLED: LiteralString = "UPDATE raid_events SET status = 'cancelled', ended_at = now()"


class Stage:
    def __init__(self, enter: Enter) -> None:
        self.conn, self.look = enter("app_outbox"), enter(OWNER)
        self.post = Post()
        self.discord = Discord(self.post, time.time)
        self.look.run_script(START)
        self.switch(is_on=True)

    def switch(self, *, is_on: bool) -> None:
        self.look.execute("UPDATE bot_status SET is_on = %s", [is_on])

    def gives(self, points: int, who: int = 1) -> None:
        self.look.execute(GIVEN, {"points": points, "who": who})

    @property
    def relay(self) -> Relay:
        return Relay(kind.find_all(), Scene(CHANNEL, ALL), self.post, 42, 10, time.time)

    def minute(self) -> None:
        self.relay.work(self.conn, Deadline.after(60))
        for result in self.discord.answer_all():
            self.relay.book(self.conn, result, Deadline.after(60))

    def edits(self) -> list[EditMessage]:
        return [it for it in self.discord.done if isinstance(it, EditMessage)]

    def messages(self) -> int:
        return sum(isinstance(it, CreateMessage) for it in self.discord.done)

    def color(self) -> object:
        return next(parts(self.edits()[-1].message))["accent_color"]

    def labels(self) -> list[str]:
        return [part["label"] for part in parts(self.edits()[-1].message) if "label" in part]


@pytest.fixture
def stage(as_role: Enter) -> Stage:
    stage = Stage(as_role)
    stage.minute()
    return stage


def test_half_and_nine_tenths_are_told_by_editing_the_one_message_once_each(stage: Stage):
    for points, told in ((49, 0), (1, 1), (10, 1), (30, 2), (5, 2)):
        stage.gives(points)
        stage.minute()
        assert len(stage.edits()) == told
    half, nearly = stage.edits()
    assert (half.channel_id, half.message_id) == (nearly.channel_id, nearly.message_id) == (77, 1)
    assert "Half of the **mage raid** is done!" in words(half.message)
    assert "50 of 100 points" in words(half.message)
    assert "The **mage raid** is nearly won!" in words(nearly.message)
    assert (stage.color(), stage.labels()) == (looks.MAGE.color, ["Log today", "Raid status"])
    assert message_violations(half.message) == []
    assert stage.messages() == 1


def test_a_raid_that_is_won_at_once_has_two_messages_and_one_edit(stage: Stage):
    stage.gives(120)
    stage.minute()
    stage.minute()
    assert (len(stage.edits()), stage.messages()) == (1, 2)
    assert "won" in words(stage.edits()[0].message)
    assert (stage.color(), stage.labels()) == (looks.WON.color, ["Raid status"])


@pytest.mark.parametrize(("ended", "said"), [(RUN_OUT, "**mage raid**"), (CANCELLED, "An admin has ended")])
def test_one_that_is_over_turns_grey(stage: Stage, ended: LiteralString, said: str):
    stage.look.execute(ended)
    stage.minute()
    assert said in words(stage.edits()[-1].message)
    assert (stage.color(), stage.labels()) == (looks.OVER.color, ["Raid status"])


def test_an_edit_does_not_give_away_what_somebody_keeps_to_themselves(stage: Stage):
    """Others see a hidden part in steps of 5 %, so half is told when they see half."""
    stage.look.execute("UPDATE users SET hidden = true WHERE user_id = 2")
    stage.gives(46)
    stage.gives(4, who=2)
    stage.minute()
    assert stage.edits() == []
    stage.gives(4)
    stage.minute()
    assert len(stage.edits()) == 1


def test_without_a_bot_nothing_is_edited_and_nothing_is_lost(stage: Stage):
    stage.gives(60)
    stage.switch(is_on=False)
    stage.minute()
    assert stage.edits() == []
    stage.switch(is_on=True)
    stage.minute()
    assert len(stage.edits()) == 1


def test_a_message_that_somebody_has_deleted_is_let_go(stage: Stage):
    stage.gives(60)
    stage.relay.work(stage.conn, Deadline.after(60))
    (handed,) = stage.post.waiting
    stage.relay.book(stage.conn, Result(handed.id, Outcome.GONE, 0.0, status=404, code=10008), Deadline.after(60))
    assert stage.look.execute("SELECT state FROM outbox WHERE kind = 'raid'").fetchall() == [("gone",)]
