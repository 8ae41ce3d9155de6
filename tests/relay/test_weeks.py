"""The week of the server on its way to the channel: as the bot with a button, by the webhook without."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.inspection import message_violations
from devkit.postgres import OWNER
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.discord.requests import CreateMessage, Outcome, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Discord, Post, parts, words

if TYPE_CHECKING:
    from tests.conftest import Connection, Enter

CHANNEL = 7

DUE: LiteralString = """
INSERT INTO announcements (key, kind, details)
VALUES ('week:2026-11-23', 'week', '{"first_day": "2026-11-23", "zone": "UTC"}')
"""
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (1, 500, 'adjustment', 'admin', gen_random_uuid()::text, '2026-11-25', '{"reason": "for the test"}')
"""


class Stage:
    def __init__(self, enter: Enter, owner: Connection) -> None:
        self.conn, self.look = enter("app_outbox"), enter(OWNER)
        self.post = Post()
        self.discord = Discord(self.post, time.time)
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC')")
        owner.execute(EARNED)
        owner.execute(DUE)

    def relay(self, *, channel: int = CHANNEL, on: bool = True, kinds: frozenset[AnnouncementKind]) -> None:
        self.look.execute("UPDATE bot_status SET is_on = %s", [on])
        scene = Scene(channel, kinds)
        Relay(kind.find_all(), scene, self.post, 42, 10, time.time).work(self.conn, Deadline.after(60))


WEEKS = frozenset({AnnouncementKind.WEEK})


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    return Stage(as_role, owner)


def test_the_bot_posts_it_with_a_button_that_is_everybodys(stage: Stage):
    stage.relay(kinds=WEEKS)
    stage.discord.answer_all()
    (sent,) = stage.discord.done
    assert isinstance(sent, CreateMessage)
    assert words(sent.message).startswith("### 📅 **The week from 23 to 29 November 2026**")
    (button,) = (part for part in parts(sent.message) if "custom_id" in part)
    assert button["custom_id"] == custom_ids.make("submit-stats", "open", 0)
    assert message_violations(sent.message) == []


@pytest.mark.parametrize(("channel", "on"), [(0, True), (CHANNEL, False)])
def test_without_a_bot_or_a_channel_it_goes_by_the_webhook(stage: Stage, channel: int, *, on: bool):
    stage.relay(channel=channel, on=on, kinds=WEEKS)
    (notice,) = stage.post.notices
    assert json.loads(notice)["announcement"]["kind"] == "week"


def test_a_post_that_discord_refuses_from_the_bot_goes_by_the_webhook(stage: Stage):
    stage.relay(kinds=WEEKS)
    (handed,) = stage.post.waiting
    refused = Result(handed.id, Outcome.REFUSED, 0.0, status=403, code=50001)
    relay = Relay(kind.find_all(), Scene(CHANNEL, WEEKS), stage.post, 42, 10, time.time)
    relay.book(stage.conn, refused, Deadline.after(60))
    (notice,) = stage.post.notices
    assert json.loads(notice)["announcement"]["first_day"] == "2026-11-23"


def test_where_weeks_are_off_nothing_is_posted(stage: Stage):
    stage.relay(kinds=frozenset(AnnouncementKind) - WEEKS)
    assert (stage.post.waiting, stage.post.notices) == ([], [])
    assert stage.look.execute("SELECT status FROM announcements").fetchall() == [("silent",)]
