"""/security health shows the admins the state of the game, even when the database is unavailable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import User
from devkit.postgres import OWNER
from mastermind.bot import looks
from mastermind.bot.dispatch import WHO
from mastermind.commands.main.security import health as page_of_health
from mastermind.commands.parts.health_state import DOWN, SILENT
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR, MANAGE_GUILD
from mastermind.entrypoints.interactions import ANSWER_WITHIN
from mastermind.entrypoints.invocation import LAST_WORDS
from mastermind.game.members.authority import Access
from mastermind.operations.alerts import messages as alerts
from mastermind.operations.health import actions as health
from mastermind.operations.health.rules import Outage, Probe, State, report
from mastermind.postgres import schema
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, Bot, labels, select
from tests.project.test_laws import ROOT, anchors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ADA, BEN = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR), User(1_300_000_000_000_000_011, "Ben", MANAGE_GUILD)
MESSAGE, UPDATE = 4, 7

GOOD = (
    Probe("database", healthy=True, words="migration 17; 5 of 97 connections are in use"),
    Probe("main", healthy=True, words="refuses a forged signature"),
    Probe("dead_letters", healthy=True, words="none"),
)
BAD = (replace(GOOD[0], healthy=False, words="it has migration 16, the code needs 17"), *GOOD[1:])


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


@pytest.fixture
def check(awards: Database) -> Callable[..., None]:
    """A health check some seconds ago that found this, reported as xp_award stores it."""

    def store(probes: Sequence[Probe] = GOOD, ago: float = 0, since: timedelta | None = None) -> None:
        now = datetime.now(UTC)
        at = now - timedelta(seconds=ago)
        state = State(at=at, since=None if since is None else now - since)
        awards.run(lambda conn: health.store(conn, report(state, probes, "1.2.3")), Deadline.after(60))

    return store


def opened(admin: Bot) -> Answer:
    answer = admin.command("security health")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def color(answer: Answer) -> object:
    return next(answer.parts())["accent_color"]


def title(answer: Answer) -> str:
    return answer.text.splitlines()[0]


# --- how it is ---


def test_before_the_first_check_it_says_so_and_shows_what_the_database_reports(admin: Bot):
    page = opened(admin)
    assert title(page) == "## 🩺 Health: nobody has checked yet"
    assert "within five minutes of a deploy" in page.text
    assert color(page) == looks.HEALTH.color
    assert f"🟢 **Migration:** fine, the database has {schema.NEEDED}, this version needs {schema.NEEDED}" in page.text
    assert "🟢 **Pending awards:** fine, 0 in all" in page.text
    assert "🟢 **Overdue awards:** fine, nothing is late" in page.text
    assert re.search(r"🟢 \*\*Connections:\*\* fine, \d+ of \d+ in use", page.text)
    assert "**Last outage:** nothing on record" in page.text


def test_all_is_well_in_words_and_in_green_with_the_age_of_the_check(admin: Bot, check: Callable[..., None]):
    check(ago=185)
    page = opened(admin)
    assert title(page) == "## 🩺 Health: all is well"
    assert "Checked 3 minutes ago: every probe is fine." in page.text
    assert color(page) == alerts.GREEN
    assert "### What the check of version 1.2.3 found" in page.text
    assert "🟢 **Database:** fine, migration 17; 5 of 97 connections are in use" in page.text
    assert "🟢 **Endpoint of main:** fine, refuses a forged signature" in page.text
    assert "🟢 **Dead letters:** fine, none" in page.text


def test_broken_probes_come_first_with_their_words_since_when_and_what_to_do(admin: Bot, check: Callable[..., None]):
    check((*GOOD[1:], BAD[0]), since=timedelta(minutes=12, seconds=5))
    page = opened(admin)
    assert title(page) == "## 🩺 Health: the game is down"
    assert re.search(r"Down since <t:\d+:f>, for 12 minutes. Broken: Database.\n", page.text)
    assert "docs/Troubleshooting.md#the-game-is-down" in page.text
    assert color(page) == alerts.RED
    found = page.text.partition("found\n")[2].splitlines()
    assert found[0] == "🔴 **Database:** broken, it has migration 16, the code needs 17"
    assert found[1].startswith("🟢 **Endpoint of main:** fine")


def test_what_no_member_feels_is_to_do_and_not_an_outage(admin: Bot, check: Callable[..., None]):
    check((*GOOD[:2], replace(GOOD[2], healthy=False, words="1 in NoticesDlq")))
    page = opened(admin)
    assert title(page) == "## 🩺 Health: something is to do"
    assert "members do not notice it, but somebody should look at Dead letters." in page.text
    assert "docs/Troubleshooting.md#messages-in-a-dead-letter-queue" in page.text
    assert "🟠 **Dead letters:** to do, 1 in NoticesDlq" in page.text
    assert color(page) == alerts.ORANGE


def test_after_one_good_check_it_is_recovering(admin: Bot, check: Callable[..., None]):
    check(GOOD, since=timedelta(hours=2, minutes=5))
    page = opened(admin)
    assert title(page) == "## 🩺 Health: recovering"
    assert "for 2 hours 5 minutes. What members feel was fine again. One more good check ends it." in page.text
    assert color(page) == alerts.ORANGE


@pytest.mark.parametrize("probes", [GOOD, BAD])
def test_a_check_that_is_silent_for_more_than_eleven_minutes_seems_to_have_stopped(
    admin: Bot, check: Callable[..., None], probes: Sequence[Probe]
):
    check(probes, ago=11 * 60 + 5, since=timedelta(hours=1))
    page = opened(admin)
    assert title(page) == "## 🩺 Health: the health check itself seems to have stopped"
    assert "Checked 11 minutes ago, and it should be every five minutes." in page.text
    assert "**What to do:**" in page.text
    assert "docs/Troubleshooting.md#the-health-check-is-silent" in page.text
    assert color(page) == alerts.ORANGE


def test_a_check_less_than_eleven_minutes_old_is_trusted(admin: Bot, check: Callable[..., None]):
    check(ago=11 * 60 - 45)
    assert title(opened(admin)) == "## 🩺 Health: all is well"


def test_a_check_with_a_clock_ahead_counts_as_just_now(admin: Bot, check: Callable[..., None]):
    check(ago=-30)
    assert "Checked 0 seconds ago" in opened(admin).text


# --- what the database says now ---


def test_awards_are_counted_pending_and_overdue(admin: Bot, owner: Connection, check: Callable[..., None]):
    check()
    tick(owner, due_in=600)
    tick(owner, due_in=-121)
    page = opened(admin)
    assert title(page) == "## 🩺 Health: all is well"
    assert "🟢 **Pending awards:** fine, 2 in all" in page.text
    assert "🟢 **Overdue awards:** fine, 1, the oldest for 2 minutes; each minute" in page.text


def test_late_awards_are_shown_although_the_last_check_was_good(
    admin: Bot, owner: Connection, check: Callable[..., None]
):
    check()
    tick(owner, due_in=-301)
    page = opened(admin)
    assert title(page) == "## 🩺 Health: look at what the database says"
    assert "Since then something has changed: see overdue awards below." in page.text
    assert (
        "🔴 **Overdue awards:** late, 1, the oldest for 5 minutes: `docs/Troubleshooting.md#awards-are-late`"
        in page.text
    )
    assert color(page) == alerts.ORANGE


def test_a_database_behind_the_code_is_shown(admin: Bot, check: Callable[..., None], monkeypatch: pytest.MonkeyPatch):
    check()
    has = schema.NEEDED
    monkeypatch.setattr(schema, "NEEDED", has + 1)
    page = opened(admin)
    assert f"🔴 **Migration:** behind, the database has {has}, this version needs {has + 1}" in page.text
    assert "see migration below" in page.text


def test_nearly_exhausted_connections_are_shown(
    admin: Bot, check: Callable[..., None], owner: Connection, as_role: Enter
):
    check()
    (limit,) = owner.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
    taken = "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()"
    while (owner.execute(taken).fetchone() or (0,))[0] < limit * 92 // 100:
        as_role(OWNER)
    page = opened(admin)
    assert re.search(r"🔴 \*\*Connections:\*\* nearly all taken, \d+ of \d+ in use", page.text)
    assert "see connections below" in page.text


def test_the_last_outage_is_shown_with_what_failed(admin: Bot, awards: Database):
    ended = datetime.now(UTC) - timedelta(days=1)
    for days, probes in ((5, ("queues",)), (0, ("database", "health"))):
        outage = Outage(ended - timedelta(days=days, minutes=78), ended - timedelta(days=days), probes)
        awards.run(lambda conn, outage=outage: health.record(conn, outage), Deadline.after(60))
    began = int((ended - timedelta(minutes=78)).timestamp())
    page = opened(admin)
    assert f"**Last outage:** <t:{began}:f>, for 1 hour 18 minutes: Database, Health page" in page.text
    assert f"<t:{began}:f>" in admin.tap(page, "Outages").text


def test_an_outage_without_a_known_cause_is_shown_too(admin: Bot, awards: Database):
    now = datetime.now(UTC)
    outage = Outage(now - timedelta(seconds=90), now, ())
    awards.run(lambda conn: health.record(conn, outage), Deadline.after(60))
    assert "for 1 minute: nobody noted what" in opened(admin).text


def test_viewing_health_makes_nobody_a_member(admin: Bot, owner: Connection):
    opened(admin)
    assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


@pytest.mark.parametrize("place", [DOWN, SILENT, page_of_health.LATE])
def test_every_place_the_page_refers_to_exists(place: str):
    file, _, section = place.partition("#")
    assert section in anchors(ROOT / file)


# --- refreshing ---


def test_refresh_updates_the_same_message(admin: Bot, check: Callable[..., None]):
    page = opened(admin)
    check(BAD, since=timedelta(minutes=1))
    page = admin.tap(page, "Refresh")
    assert (page.kind, title(page)) == (UPDATE, "## 🩺 Health: the game is down")
    check(GOOD)
    page = admin.tap(page, "Refresh")
    assert (page.kind, title(page)) == (UPDATE, "## 🩺 Health: all is well")


def test_the_button_belongs_to_the_admin_who_opened_the_page(admin: Bot):
    refusal = admin.as_user(BEN).tap(opened(admin), "Refresh")
    assert (refusal.kind, refusal.is_private) == (MESSAGE, True)
    assert refusal.text == "This belongs to the member who opened it. Type `/security health` to get your own."


# --- who may ---


@pytest.mark.parametrize("user", [ADA, BEN])
def test_admins_may_see_health(main: Bot, user: User):
    assert opened(main.as_user(user)).buttons


def test_a_refusal_makes_no_query(main: Bot, postgres: Postgres):
    nowhere = replace(main, database=Database(replace(postgres.settings("app_main"), port=1)))
    assert nowhere.command("security health").text == WHO[Access.ADMIN]


def test_it_is_in_the_help_of_members_who_may_use_it(main: Bot):
    admin = main.as_user(ADA)
    assert "'/security'" in str(select(admin.tap(admin.command("help"), "The team")))
    assert "The team" not in labels(main.as_user(ALEX).command("help"))
    assert "/security health" in main.as_user(ADA).command("help", {"topic": "security"}).text


# --- what the game says by itself ---


def test_without_a_bot_it_says_what_is_off(admin: Bot):
    assert "⚪ **Bot:** off, no token that Discord accepts is stored." in opened(admin).text


def test_a_right_that_the_bot_lacks_is_named(admin: Bot, check: Callable[..., None], owner: Connection):
    check()
    owner.execute("UPDATE bot_status SET is_on = true")
    assert "🟢 **Bot:** on" in opened(admin).text
    owner.execute(
        "INSERT INTO missing_rights (needs, target_id, code)"
        " VALUES ('post', 77, 50013), ('roles', 88, 50013), ('ban', 0, 50013), ('time_out', 0, 50013)"
    )
    page = opened(admin)
    assert title(page) == "## 🩺 Health: look at what the database says"
    assert re.search(r"🟠 \*\*The bot's role lacks\*\* \*Send Messages\* in <#77>, since <t:\d+:f>", page.text)
    assert "*Manage Roles*, or does not stand above <@&88>" in page.text
    assert "*Ban Members*" in page.text
    assert "*Time out members*" in page.text
    assert "🔴 **Bot's rights:** missing" in page.text


def test_what_discord_refused_and_what_nobody_knows_is_listed(admin: Bot, owner: Connection):
    owner.execute(
        "INSERT INTO outbox (key, kind, state, handed_at, settled_at, status, code, reason) VALUES"
        " ('a', 'announcement', 'refused', now(), now(), 403, 50013, 'Missing *Permissions*'),"
        " ('b', 'announcement', 'refused', now(), now(), 403, 50013, 'Missing *Permissions*'),"
        " ('c', 'reminder', 'refused', now(), now(), 403, 50007, 'Cannot send messages to this user'),"
        " ('d', 'level_message', 'unknown', now(), now(), NULL, NULL, NULL)"
    )
    page = opened(admin)
    assert re.search(r"\*\*Refused:\*\* announcement, 2 times, last <t:\d+:f>: Missing \\\*Permissions", page.text)
    assert "(403, code 50013)" in page.text
    assert re.search(r"\*\*Unknown:\*\* level message, once, <t:\d+:f>\. Nobody can say", page.text)
    assert "Cannot send messages" not in page.text


def test_any_trouble_fits(admin: Bot, check: Callable[..., None], owner: Connection):
    check([Probe(f"probe_{number}", healthy=False, words="x" * 300) for number in range(21)])
    owner.execute(
        "INSERT INTO missing_rights (needs, target_id, code)"
        " SELECT 'roles', 1300000000000000000 + n, 50013 FROM generate_series(1, 30) AS n"
    )
    owner.execute(
        "INSERT INTO outbox (key, kind, state, handed_at, settled_at, status, reason)"
        " SELECT n::text, repeat('x', 40), 'refused', now(), now(), 403, repeat('*', 190) || n"
        " FROM generate_series(1, 30) AS n"
    )
    opened(admin)


# --- trouble ---


def test_without_the_database_it_says_where_to_look_and_offers_a_retry(
    admin: Bot, postgres: Postgres, check: Callable[..., None]
):
    check()
    page = opened(admin)
    nowhere = replace(admin, database=Database(replace(postgres.settings("app_main"), port=1)))
    for answer, kind in ((nowhere.command("security health"), MESSAGE), (nowhere.tap(page, "Refresh"), UPDATE)):
        assert answer.kind == kind
        assert title(answer) == "## 🩺 Health: the database does not answer"
        assert "**Where to look:**" in answer.text
        assert color(answer) == alerts.RED
        assert labels(answer) == ["Refresh"]
        assert title(admin.tap(answer, "Refresh")) == "## 🩺 Health: all is well"
    assert nowhere.command("security health").is_private


def test_with_a_frozen_database_that_answer_comes_in_time(admin: Bot, database: Postgres):
    """A machine that stalls makes one of them late, and not each."""
    hurried = replace(admin, answer_within=ANSWER_WITHIN - LAST_WORDS)
    opened(admin)
    database.freeze()
    try:
        seconds = (answer.seconds for answer in (unanswered(hurried) for _ in range(5)))
        assert any(each < ANSWER_WITHIN for each in seconds)
    finally:
        database.thaw()
    assert title(opened(admin)) == "## 🩺 Health: nobody has checked yet"


def unanswered(admin: Bot) -> Answer:
    answer = admin.command("security health")
    assert title(answer) == "## 🩺 Health: the database does not answer"
    return answer


@pytest.mark.parametrize("words", ["x" * 300, "[*a*](https://e.org) `b` <@1> " * 9, "ä" * 300, "", "\n# A\n"])
def test_any_report_fits_and_is_escaped(admin: Bot, check: Callable[..., None], words: str):
    """Discord's limits and schema are looked at with every answer."""
    names = ("dead_letters", "**bold**" * 9, *(f"probe_{number}" for number in range(21)))
    check([Probe(name, healthy=False, words=words) for name in names])
    page = opened(admin)
    assert "somebody should look at Dead letters, " in page.text
    assert "and 17 more." in page.text
    assert "](https://" not in page.text
    assert "<@1>" not in page.text


def tick(owner: Connection, due_in: float) -> None:
    """A pending award of Alex's that is due in so many seconds."""
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Alex', 'UTC') ON CONFLICT DO NOTHING",
        [ALEX.id],
    )
    due_at = datetime.now(UTC) + timedelta(seconds=due_in)
    owner.execute(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)"
        " VALUES (%s, gen_random_uuid()::text, 100, current_date, %s, %s)",
        [ALEX.id, due_at - timedelta(seconds=60), due_at],
    )
