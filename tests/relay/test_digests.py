"""Many who are celebrated in a short time: three by themselves, the others in one post."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.inspection import message_violations
from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import CreateMessage, Outcome, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Discord, Post, parts, words

if TYPE_CHECKING:
    from tests.conftest import Enter

CHANNEL, ALL = 7, frozenset(AnnouncementKind)
# Long ago: on a Monday evening relay announces the week before, too.
REACHED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (%s, 3000, 'adjustment', 'admin', gen_random_uuid()::text, '2026-01-07', '{"reason": "for the test"}')
"""
LATER: LiteralString = """
UPDATE announcements SET resolved_at = resolved_at - interval '10 min 1 s';
UPDATE outbox SET due_at = due_at - interval '10 min 1 s'
"""


class Stage:
    def __init__(self, enter: Enter) -> None:
        self.conn, self.look = enter("app_outbox"), enter(OWNER)
        self.post = Post()
        self.discord = Discord(self.post, time.time)
        self.look.execute("UPDATE bot_status SET is_on = true")

    def reach(self, *members: int) -> None:
        """These members reach level 5."""
        for member in members:
            self.look.execute(
                "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, %s, 'UTC')",
                [member, f"Member {member}"],
            )
            self.look.execute(REACHED, [member])

    @property
    def relay(self) -> Relay:
        return Relay(kind.find_all(), Scene(CHANNEL, ALL), self.post, 42, 10, time.time)

    def minute(self) -> None:
        self.relay.work(self.conn, Deadline.after(60))
        for result in self.discord.answer_all():
            self.relay.book(self.conn, result, Deadline.after(60))

    def later(self) -> None:
        """Ten minutes pass."""
        self.look.run_script(LATER)

    def posted(self) -> list[str]:
        return [words(it.message) for it in self.discord.done if isinstance(it, CreateMessage)]


@pytest.fixture
def stage(as_role: Enter) -> Stage:
    return Stage(as_role)


def test_three_in_ten_minutes_have_a_post_each(stage: Stage):
    for member in (1, 2, 3):
        stage.reach(member)
        stage.minute()
    assert [f"Member {member}" in said for member, said in enumerate(stage.posted(), 1)] == [True] * 3


def test_what_is_more_is_gathered_and_posted_as_one_card_after_ten_minutes(stage: Stage):
    stage.reach(1, 2, 3)
    stage.minute()
    for member in (4, 5):
        stage.reach(member)
        stage.minute()
    assert len(stage.posted()) == 3
    stage.later()
    stage.minute()
    *_, digest = stage.discord.done
    assert isinstance(digest, CreateMessage)
    assert "⭐ **Member 4**: level 5, Social Squire\n⭐ **Member 5**: level 5, Social Squire" in words(digest.message)
    assert [part["label"] for part in parts(digest.message) if "label" in part] == ["Cheer"]
    assert message_violations(digest.message) == []


def test_many_at_once_are_one_card(stage: Stage):
    stage.reach(*range(1, 6))
    stage.minute()
    assert stage.posted() == []
    stage.later()
    stage.minute()
    (said,) = stage.posted()
    assert said.count("level 5") == 5


def test_after_ten_minutes_each_has_a_post_again(stage: Stage):
    stage.reach(*range(1, 6))
    stage.minute()
    stage.later()
    stage.reach(6)
    stage.minute()
    assert len(stage.posted()) == 2


def test_who_hides_neither_fills_a_digest_nor_stands_in_one(stage: Stage):
    stage.reach(1, 2, 3, 4)
    stage.look.execute("UPDATE users SET hidden = true WHERE user_id = 1")
    stage.minute()
    assert len(stage.posted()) == 3
    stage.reach(5, 6)
    stage.minute()
    stage.look.execute("UPDATE users SET hidden = true WHERE user_id = 5")
    stage.later()
    stage.minute()
    assert ["Member 5" in said for said in stage.posted()] == [False] * 4
    assert "Member 6" in stage.posted()[-1]


def test_a_digest_of_whom_nobody_is_left_is_not_posted_and_may_be_told_another_time(stage: Stage):
    stage.reach(1, 2, 3, 4)
    stage.minute()
    stage.look.execute("UPDATE users SET hidden = true")
    stage.later()
    stage.minute()
    assert stage.posted() == []
    assert stage.look.execute("SELECT DISTINCT status FROM announcements").fetchall() == [("lapsed",)]


def test_a_digest_that_discord_refuses_from_the_bot_goes_by_the_webhook(stage: Stage):
    stage.reach(1, 2, 3, 4)
    stage.minute()
    stage.later()
    stage.relay.work(stage.conn, Deadline.after(60))
    (handed,) = stage.post.waiting
    refused = Result(handed.id, Outcome.REFUSED, 0.0, status=403, code=50001)
    stage.relay.book(stage.conn, refused, Deadline.after(60))
    (notice,) = (it for it in stage.post.notices if "announcement" in it)
    told = json.loads(notice)["announcement"]
    assert (told["kind"], [each["user_id"] for each in told["celebrated"]]) == ("digest", [1, 2, 3, 4])


def test_by_the_webhook_each_has_a_message(stage: Stage):
    stage.reach(*range(1, 6))
    stage.look.execute("UPDATE bot_status SET is_on = false")
    stage.minute()
    assert [json.loads(it)["announcement"]["kind"] for it in stage.post.notices] == ["level_up"] * 5
