"""The pictures of a week and of a raid that ended: the figures of the words beside them, and of nobody else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, LiteralString

import pytest
from pydantic import TypeAdapter

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import CreateMessage
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.contributions import table as contributions
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import RaidStatus
from mastermind.pictures.figures import FactionWeek, RaidState, ServerWeek
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Discord, Post, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Connection, Enter

NAMES = ("Ann", "Ben", "Cem", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan")
SAID = frozenset(AnnouncementKind) - {AnnouncementKind.RAID_STARTED}

MET: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, avatar, created_at)
VALUES (%s, %s, 'UTC', %s, '2026-01-05')
"""
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, %s, '{"reason": "for the test"}')
"""
WEEK: LiteralString = """
INSERT INTO announcements (key, kind, details)
VALUES ('week:2026-11-23', 'week', '{"first_day": "2026-11-23", "zone": "UTC"}')
"""
RAID: LiteralString = """
INSERT INTO raid_events (type, target, tick_points, started_at, ends_at)
VALUES ('warrior', 100, 15, now(), now() + interval '1 hour')
"""


class Stage:
    """Ten members, named in the order in which they met the game; one after the other joins the smaller faction."""

    def __init__(self, enter: Enter) -> None:
        self.conn, self.main, self.award = enter("app_outbox"), enter("app_main"), enter("app_award")
        self.look = enter(OWNER)
        self.look.execute("UPDATE bot_status SET is_on = true")
        for user_id, name in enumerate(NAMES, 1):
            self.look.execute(MET, [user_id, name, f"{user_id:032x}"])

    def hides(self, name: str) -> None:
        self.look.execute("UPDATE users SET hidden = true WHERE display_name = %s", [name])

    def is_quiet(self, name: str) -> None:
        self.look.execute('UPDATE users SET settings = \'{"announcements": "off"}\' WHERE display_name = %s', [name])

    def earned(self, xp: dict[str, int], day: str = "2026-11-25") -> None:
        for name, amount in xp.items():
            self.look.execute(EARNED, [NAMES.index(name) + 1, amount, day])

    def raid(self, points: dict[str, int]) -> None:
        """A raid of 100 points, won if there are so many, else over."""
        self.look.execute(RAID)
        for name, amount in points.items():
            contributions.contribute(self.main, NAMES.index(name) + 1, "stats", name, {"approaches": amount})
        self.look.execute("UPDATE raid_events SET ends_at = clock_timestamp() WHERE status = 'active'")
        raids.expire(self.award)

    def posted(self, *, draws: bool = True) -> tuple[str, str]:
        """The words and the figures of the one message."""
        post = Post()
        relay = Relay(kind.find_all(), Scene(7, SAID, draws=draws), post, 42, 10, time.time)
        relay.work(self.conn, Deadline.after(60))
        discord = Discord(post, time.time)
        discord.answer_all()
        (sent,) = discord.done
        assert isinstance(sent, CreateMessage)
        return words(sent.message), sent.picture

    def week(self) -> tuple[str, ServerWeek]:
        self.look.execute(WEEK)
        words, picture = self.posted()
        return words, TypeAdapter(ServerWeek).validate_json(picture)

    def ended(self) -> tuple[str, RaidState]:
        words, picture = self.posted()
        return words, TypeAdapter(RaidState).validate_json(picture)


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    del owner
    return Stage(as_role)


# --- a week ---


def test_a_week_is_drawn_as_its_words_say(stage: Stage):
    stage.raid({"Ann": 100})
    stage.look.execute("DELETE FROM announcements")
    stage.look.execute(
        "UPDATE raid_events SET started_at = '2026-11-25 12:00Z', ends_at = '2026-11-25 13:00Z',"
        " ended_at = '2026-11-25 12:30Z'"
    )
    stage.earned({name: 1_100 - 100 * place for place, name in enumerate(NAMES)})
    stage.earned({"Jan": 10}, "2026-11-18")
    words, week = stage.week()
    assert f"{week.story}." in words
    assert week.first == "2026-11-23"
    assert [(each.title, each.person.name, each.person.user_id, each.text) for each in week.honours] == [
        ("Climbed most", "Ann", 1, "+1,100 XP"),
        ("Climbed most", "Ben", 2, "+1,000 XP"),
        ("Climbed most", "Cem", 3, "+900 XP"),
        ("Biggest step up", "Jan", 10, "190 XP more than the week before"),
    ]
    assert [each.person.avatar for each in week.honours] == [f"{user_id:032x}" for user_id in (1, 2, 3, 10)]
    assert all(f"**{each.person.name}**" in words and each.text in words for each in week.honours)
    assert week.factions == (FactionWeek("Luminarchs", 3_500, 700), FactionWeek("Noctivores", 3_000, 600))
    assert all(f"{each.name} {each.xp:,} XP ({each.average} a member)" in words for each in week.factions)
    assert [(tile.name, tile.count) for tile in week.tiles] == [("XP together", 6_500)]
    assert f"⚔️ {week.raid}." in words


def test_of_a_faction_with_fewer_than_five_nobody_can_compute_what_one_of_them_did(stage: Stage):
    stage.earned(dict.fromkeys(NAMES[:9], 100))
    words, week = stage.week()
    assert "a member" not in words
    assert week.factions == ()
    assert [(tile.name, tile.count) for tile in week.tiles] == [("XP together", 900)]


def test_newcomers_are_counted_where_the_words_count_them(stage: Stage):
    stage.look.execute("UPDATE users SET created_at = '2026-11-24' WHERE user_id <= 9")
    stage.earned(dict.fromkeys(NAMES, 100))
    words, week = stage.week()
    assert "a few more" in words
    assert "New here" not in [tile.name for tile in week.tiles]
    stage.look.execute("DELETE FROM outbox")
    stage.look.execute("DELETE FROM announcements")
    stage.look.execute("UPDATE users SET created_at = '2026-11-24'")
    words, week = stage.week()
    assert "and 5 more" in words
    assert ("New here", 10) in [(tile.name, tile.count) for tile in week.tiles]


@pytest.mark.parametrize("wish", [Stage.hides, Stage.is_quiet])
def test_who_is_not_named_in_the_words_of_a_week_is_not_drawn(stage: Stage, wish: Callable[[Stage, str], None]):
    stage.earned(dict.fromkeys(NAMES, 100) | {"Ann": 900})
    stage.earned({"Ann": 10}, "2026-11-18")
    wish(stage, "Ann")
    words, week = stage.week()
    assert "Ann" not in words
    assert "Ann" not in [each.person.name for each in week.honours]


def test_a_quiet_week_has_no_picture(stage: Stage):
    stage.earned({"Ann": 100, "Ben": 100})
    stage.look.execute(WEEK)
    words, picture = stage.posted()
    assert ("quiet one" in words, picture) == (True, "")


# --- a raid ---


def test_a_raid_that_is_won_is_drawn_as_its_words_say(stage: Stage):
    stage.raid({"Ben": 30, "Cem": 20, "Dan": 10, "Ann": 60})
    words, raid = stage.ended()
    assert raid.status is RaidStatus.COMPLETED
    assert f"**{raid.total} of {raid.target} points** by {raid.members} members" in words
    assert f"gets {raid.reward} XP" in words
    assert [(each.place, each.person.name, each.count) for each in raid.top] == [
        (1, "Ann", 60),
        (2, "Ben", 30),
        (3, "Cem", 20),
    ]
    assert "**Ann** contributed most" in words


def test_a_raid_that_is_over_is_drawn_without_a_reward(stage: Stage):
    stage.raid({"Ben": 30})
    words, raid = stage.ended()
    assert (raid.status, raid.reward) == (RaidStatus.FAILED, 0)
    assert f"**{raid.total} of {raid.target} points** by {raid.members} member." in words


def test_who_hides_is_neither_named_nor_drawn_with_a_raid(stage: Stage):
    stage.hides("Ann")
    stage.raid({"Ann": 60, "Ben": 30, "Cem": 20})
    words, raid = stage.ended()
    assert "Ann" not in words
    assert [(each.place, each.person.name) for each in raid.top] == [(1, "Ben"), (2, "Cem")]
    assert f"by {raid.members} members" in words
    assert raid.members == 2


def test_who_wants_no_announcements_is_not_drawn_and_nobody_gets_their_place(stage: Stage):
    stage.is_quiet("Ann")
    stage.raid({"Ann": 60, "Ben": 30, "Cem": 20})
    words, raid = stage.ended()
    assert "Ann" not in words
    assert [(each.place, each.person.name) for each in raid.top] == [(2, "Ben"), (3, "Cem")]


def test_a_raid_without_points_has_no_picture(stage: Stage):
    stage.raid({})
    words, picture = stage.posted()
    assert ("Hardly anybody came by" in words, picture) == (True, "")


def test_where_nothing_is_drawn_the_words_go_alone(stage: Stage):
    stage.raid({"Ben": 100})
    words, picture = stage.posted(draws=False)
    assert ("100 of 100 points" in words, picture) == (True, "")
