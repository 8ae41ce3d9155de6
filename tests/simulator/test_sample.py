"""The sample community is a game like any other: nothing in it breaks an invariant, at whatever moment one starts."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.discord_client import snowflake
from devkit.postgres import OWNER
from local import sample
from mastermind.game.catalogue import content as catalogues
from mastermind.game.catalogue.rules import Catalogue
from mastermind.game.challenges import content as challenges
from simulator.sample.days import played
from simulator.sample.people import NEWCOMER, PEOPLE, RAIDERS
from simulator.sample.playing import Content, play
from tests.award.game import BROKEN as BROKEN_AWARDS
from tests.stories.play import BROKEN as BROKEN_DAYS

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
CONTENT = Content(catalogues.load(), challenges.load(), ZONE)
IDS = {person.name: snowflake(1_700_000_000 + nth) for nth, person in enumerate(PEOPLE)}

MONDAY = datetime(2026, 3, 9, 4, 0, 20, tzinfo=UTC)
"""A week has begun 20 seconds ago, on the day after the clocks changed."""

# What would be left of the clock that was moved.
LEFT: LiteralString = """
SELECT 'a default', adrelid::regclass::text FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) LIKE '%clock.%'
UNION ALL
SELECT 'a search path', proname FROM pg_proc WHERE proconfig::text LIKE '%clock%'
UNION ALL
SELECT 'a schema', nspname FROM pg_namespace WHERE nspname = 'clock'
"""

ALIVE: tuple[LiteralString, ...] = (
    "SELECT FROM raid_events WHERE status = 'active' AND total BETWEEN 3 * target / 10 AND target - 1",
    "SELECT FROM raid_events WHERE status = 'completed' AND rewarded_at < ended_at + interval '5 hours'",
    "SELECT FROM raid_events WHERE status = 'failed'",
    "SELECT FROM pauses WHERE ended_at IS NULL",
    "SELECT FROM users WHERE hidden",
    "SELECT FROM course_progress",
    "SELECT FROM course_questions WHERE answer IS NULL",
    "SELECT FROM course_questions WHERE answer IS NOT NULL",
    "SELECT FROM user_warnings",
)

BOARDS: LiteralString = """
SELECT period, board, count(*) FROM xp_totals
WHERE period IN (SELECT period FROM unnest(ARRAY['all', 'week', 'month']) AS reach, period_now(reach, %s))
    AND board IN ('xp', 'tensey')
GROUP BY period, board
"""


def check(owner: Connection) -> None:
    """No invariant is broken, and everything is alive."""
    for query in (BROKEN_AWARDS, BROKEN_DAYS, LEFT):
        assert owner.execute(query).fetchall() == []
    counted = owner.execute("SELECT count(*) FROM users").fetchone()
    assert counted == (len(PEOPLE),)
    assert [query for query in ALIVE if owner.execute(query).fetchone() is None] == []


def test_no_invariant_is_broken_and_everything_is_alive(database: Postgres, as_role: Enter):
    now = datetime.now(UTC)
    play(database.url(OWNER), CONTENT, IDS, now)
    owner = as_role(OWNER)
    check(owner)
    assert len(owner.execute(BOARDS, [ZONE]).fetchall()) == 6
    due = owner.execute("SELECT kind FROM announcements WHERE status = 'due'").fetchall()
    assert due == [("raid_started",)]
    assert owner.execute("SELECT FROM xp_ledger WHERE at > %s + interval '1 minute'", [now]).fetchall() == []


def test_a_week_that_has_just_begun_breaks_nothing_either(database: Postgres, as_role: Enter):
    play(database.url(OWNER), CONTENT, IDS, MONDAY)
    check(as_role(OWNER))


def test_a_community_that_cannot_be_played_says_how_to_start_without_it(database: Postgres, tmp_path: Path):
    nothing = Content(Catalogue((), ()), CONTENT.challenges, ZONE)
    with pytest.raises(sample.SampleError, match="make run EMPTY=1 starts without it"):
        sample.begin(tmp_path, database.url(OWNER), nothing, IDS)
    assert sample.is_unfinished(tmp_path)


def test_the_same_moment_makes_the_same_days():
    for person in PEOPLE:
        once, again = (
            list(played(person, ZONE, MONDAY, Random(1), CONTENT.catalogue))  # noqa: S311 (no secret)
            for _ in range(2)
        )
        assert once == again
        assert all(day.at <= MONDAY for day in once)


def test_everybody_has_a_name_of_their_own():
    names = {person.name for person in PEOPLE}
    assert len(names) == len(PEOPLE) == 24
    assert names >= set(RAIDERS)
    assert NEWCOMER not in names
