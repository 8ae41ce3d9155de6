"""Everything that can be typed, tapped and sent: each is answered, in at most two round trips to the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from devkit.discord_client import User
from mastermind.bot import registry as catalogue
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from tests.collations import analysed, dependent
from tests.commands.crawl import Crawl, Visit, declared
from tests.commands.playing import SAM, Bot
from tests.round_trips import Traced

if TYPE_CHECKING:
    from devkit.discord_client import Value
    from devkit.postgres import Postgres
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
MOST = 2

WORDS: dict[str, Value] = {
    "user": SAM,
    "compare": SAM,
    "reason": "for trying everything",
    "admin adjust-xp amount": 50,
    "admin reset-stats word": "RESET",
    "admin roles add value": "5",
    "privacy delete word": "DELETE",
    "course question": "Am I too shy for this, you idiot?",
    "question": "Am I too shy for this, you idiot?",
    "text": "Nobody is too shy for this.",
    "settings zone": "+1",
    "start zone": "+1",
    "pause days": 7,
    "stats-edit approaches": 2,
    "stats-edit hellos_to_strangers": 2,
}
"""What options and fields are filled with where not any word will do."""

MISTAKES = {"word": "no"}
"""What fields are filled with first, to be refused."""

# Thirty people on every board, enough rows for pages of everything, and Ada among them, with a streak that lacks
# yesterday.
ROWS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT CASE n WHEN 30 THEN %(ada)s WHEN 29 THEN %(sam)s ELSE n END, 'Member ' || n, 'UTC'
FROM generate_series(1, 30) AS n;
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
SELECT
    user_id, 100 + length(display_name), 'award', 'tensey', gen_random_uuid()::text,
    local_day(clock_timestamp(), 'America/New_York') -- where this week is another one at times
FROM users;
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
SELECT %(ada)s, n, 'adjustment', 'admin', 'trial ' || n, local_day(clock_timestamp(), 'America/New_York')
FROM generate_series(1, 30) AS n;
INSERT INTO booked_days (user_id, day, streak_share, counts) VALUES (%(ada)s, current_date - 2, 0, true);
INSERT INTO audit_log (actor_id, action) SELECT %(ada)s, 'xp.adjust' FROM generate_series(1, 30);
INSERT INTO user_warnings (user_id, display_name, strike, reason, given_by)
SELECT n, 'Member ' || n, 2, 'for a trial', %(ada)s FROM generate_series(1, 30) AS n;
INSERT INTO user_moderation (user_id, warning_id, proposal)
SELECT user_id, id, 'timeout' FROM user_warnings ORDER BY id LIMIT 4;
INSERT INTO content_flags (user_id, interaction_id, source, source_id, categories, excerpt)
SELECT n, n, 'course.question', 'trial ' || n, '{insult}', 'words' FROM generate_series(1, 20) AS n;
INSERT INTO course_questions (user_id, nonce, question)
SELECT n, n, 'How do I begin, says number ' || n FROM generate_series(1, 20) AS n;
INSERT INTO course_questions (user_id, nonce, question, answer, answered_at)
VALUES (%(ada)s, 21, 'How do I begin, says Ada', 'With one hello', clock_timestamp());
INSERT INTO user_warnings (user_id, display_name, strike, reason) VALUES (%(ada)s, 'Ada', 1, 'for a trial');
UPDATE bot_status SET is_on = true;
INSERT INTO game_settings (name, value) VALUES ('channel', '6'), ('moderators', '7'), ('limit.ticks', '2');
INSERT INTO game_roles (role_id, kind, least) SELECT 70 + n, 'streak', 3000 + n FROM generate_series(1, 6) AS n;
INSERT INTO day_challenges (pool, place, challenge_id) VALUES ('day', 0, 'odd-socks'), ('other', 0, 'mirror-hellos');
INSERT INTO outages (began, ended, probes)
SELECT now() - n * interval '3 days', now() - n * interval '3 days' + interval '1 hour', '{main}'
FROM generate_series(1, 6) AS n;
INSERT INTO course_progress (user_id, lesson_id)
SELECT %(ada)s, lesson_id FROM course_lessons JOIN course_modules USING (module_id) WHERE course_modules.place = 1
"""

# After the first round, in which she has deleted what is hers: closed to direct messages, through the first run, and
# reminded of nothing.
CLOSED: LiteralString = """
WITH ada AS (SELECT %s::bigint AS user_id),
through AS (
    INSERT INTO first_runs (user_id, step) SELECT user_id, 4 FROM ada ON CONFLICT (user_id) DO UPDATE SET step = 4
),
not_reminded AS (DELETE FROM reminders USING ada WHERE reminders.user_id = ada.user_id)
INSERT INTO direct_channels (user_id, channel_id, closed_at) SELECT user_id, 1, clock_timestamp() FROM ada
ON CONFLICT (user_id) DO UPDATE SET closed_at = EXCLUDED.closed_at
"""
# She has ticked nothing, and a line on top of her answers says where to begin.
AS_NEW: tuple[LiteralString, ...] = (
    "DELETE FROM pending_xp_awards WHERE user_id = %s",
    "INSERT INTO for_you (user_id, kind) VALUES (%s, 'start') ON CONFLICT DO NOTHING",
)
LATE = 900
"""A delay in seconds after which no test still runs: what is overdue says for how long, at every look for longer."""
TICKED: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, delay) VALUES (%s, 'of-an-earlier-list', 900)
"""


def test_everything_is_answered_and_takes_two_round_trips_at_most(enter_as: EnterAs, owner: Connection):
    fill(owner)
    visits = [visit for app in catalogue.APPS for visit in tried(app, enter_as, owner)]
    if "MASTERMIND_GALLERY" in os.environ:  # a file to read every answer in
        Path(os.environ["MASTERMIND_GALLERY"]).write_text("\n\n".join(f"{it.what}\n{it.answer.text}" for it in visits))
    missed = {each for app in catalogue.APPS for each in declared(app)} - {name(visit) for visit in visits}
    assert missed == BELOW_A_POST, "add what they need to WORDS or to ROWS"
    assert [(visit.what, visit.trips) for visit in visits if visit.trips > MOST] == []


def test_no_query_depends_on_the_language_of_the_database(enter_as: EnterAs, database: Postgres, owner: Connection):
    """RDS sorts as in English, this machine by bytes."""
    fill(owner)
    with analysed(database) as analysis:
        for app in catalogue.APPS:
            tried(app, enter_as, owner)
        queries = analysis.queries()
    assert len(queries) > 200  # they were analysed
    assert dependent(owner, queries) == set()


BELOW_A_POST = {
    "/scorecard, cheer",
    "/settings, not-today",
    "/settings, resume",
    "/settings, resume-week",
    "/settings, stop",
    "/settings, stop-week",
}
"""No answer has these buttons; test_reminders.py and test_cheers.py tap them where they are."""


def fill(owner: Connection) -> None:
    courses.seed(owner, course.load())
    for statement in ROWS.split(";\n"):
        owner.execute(statement.encode(), {"ada": ADA.id, "sam": SAM.id})


def tried(app: str, enter_as: EnterAs, owner: Connection) -> list[Visit]:
    """All that Ada does; twice, because the first round leaves something behind for the second."""
    database = Traced(enter_as(f"app_{app}"))
    crawl = Crawl(Bot(app, database, user=ADA), database, WORDS, MISTAKES)
    for statement in AS_NEW:
        owner.execute(statement, [ADA.id])
    crawl.everything()
    for statement in (CLOSED, TICKED):
        owner.execute(statement, [ADA.id])
    crawl.everything()
    return crawl.visits


def name(visit: Visit) -> str:
    """As it is declared: a line without its options."""
    return visit.what if "," in visit.what else line(visit.what)


def line(what: str) -> str:
    """The longest line that is declared and begins it."""
    lines = {each for app in catalogue.APPS for each in declared(app) if "," not in each}
    return max((each for each in lines if f"{what} ".startswith(f"{each} ")), key=len)
