"""What a function can do at worst when somebody else has its role (docs/rules/database.md, Worst cases)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString, cast

import pytest
from psycopg import errors

from devkit.discord_client import snowflake
from mastermind.operations.report import table as reports
from mastermind.postgres.errors import DatabaseError
from tests.connections import refused

if TYPE_CHECKING:
    from tests.conftest import Connection, Enter

RULES = Path(__file__).parents[2] / "docs" / "rules" / "database.md"
APPS = ("app_main", "app_tensey", "app_award", "app_outbox")
REFUSED = {
    each.sqlstate for each in (errors.InsufficientPrivilege, errors.CheckViolation, errors.InvalidParameterValue)
}
ANN, BEN = 1, 2

# Columns of these types that a role may write: what they are declared as, and their checks of that column alone.
WRITABLE: LiteralString = """
SELECT
    relname || '.' || attname AS name, format_type(atttypid, NULL) AS declared,
    format_type(coalesce(nullif(typbasetype, 0), atttypid), NULL) AS type,
    ARRAY(
        SELECT pg_get_expr(conbin, conrelid)
        FROM pg_constraint
        WHERE conrelid = attrelid AND contype = 'c' AND conkey = ARRAY[attnum]
    ) AS checks
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
JOIN pg_type ON pg_type.oid = atttypid
WHERE relnamespace = 'public'::regnamespace
    AND relkind = 'r'
    AND attnum > 0
    AND format_type(coalesce(nullif(typbasetype, 0), atttypid), NULL) = ANY(%s)
    AND EXISTS (
        SELECT FROM pg_roles
        WHERE rolname = ANY(%s)
            AND (
                has_column_privilege(rolname, attrelid, attnum, 'INSERT')
                OR has_column_privilege(rolname, attrelid, attnum, 'UPDATE')
            )
    )
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = attrelid AND contype = 'f' AND conkey = ARRAY[attnum])
ORDER BY 1
"""
HUGE = {
    "text": "repeat('x', 1000000)",
    "text[]": "array_fill('x'::text, ARRAY[100000])",
    "bigint[]": "array_fill(1::bigint, ARRAY[100000])",
    "jsonb": "jsonb_build_object('x', repeat('x', 1000000))",
}
NEVER = ("infinity", "-infinity", "2999-01-01", "0044-03-15 BC")
NUMBERS = ("integer", "bigint")


@pytest.fixture(autouse=True)
def _members(owner: Connection) -> None:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')")


def refuses(conn: Connection, query: LiteralString, *values: object) -> bool:
    """Whether the database refuses it for what it is."""
    with pytest.raises(DatabaseError) as refusal:
        conn.execute(query, values)
    return refusal.value.sqlstate in REFUSED


def takes(owner: Connection, name: str, checks: list[str], value: str) -> bool:
    """Whether the column's checks take this value, which is SQL."""
    tried = " OR ".join(f"({check}) IS FALSE" for check in checks) or "false"
    question = f"SELECT {tried} FROM (SELECT {value} AS {name.partition('.')[2]}) AS tried"  # noqa: S608 # our own checks
    return owner.execute(cast("LiteralString", question)).fetchone() != (True,)


def test_nothing_that_a_role_writes_has_a_length_without_bounds(owner: Connection):
    columns = owner.execute(WRITABLE, [list(HUGE), list(APPS)]).fetchall()
    assert [name for name, _, kind, checks in columns if takes(owner, name, checks, HUGE[kind])] == []
    assert len(columns) >= 33


@pytest.mark.parametrize("moment", NEVER)
def test_no_role_writes_a_moment_that_never_comes(owner: Connection, moment: str):
    columns = owner.execute(WRITABLE, [["date", "timestamp with time zone"], list(APPS)]).fetchall()
    unbounded: list[str] = []
    for name, declared, _, _ in columns:
        try:
            owner.execute(cast("LiteralString", f"SELECT ('{moment}'::{declared})::text"))
            unbounded.append(name)
        except DatabaseError as error:
            assert error.sqlstate == errors.CheckViolation.sqlstate, name  # noqa: PT017 # most are refused
    assert unbounded == ["pauses.first_day", "pauses.last_day"], "these follow from the day on which it was begun"
    assert len(columns) >= 57


def test_a_pause_is_near_the_day_on_which_it_was_asked_for(as_role: Enter):
    begin: LiteralString = (
        "INSERT INTO pauses (user_id, first_day, last_day, begun_on) VALUES (1, %s::date, %s::date, current_date)"
    )
    assert refuses(as_role("app_main"), begin, "infinity", "infinity")
    assert refuses(as_role("app_main"), begin, "2999-01-01", "2999-01-03")


@pytest.mark.parametrize(
    ("column", "ahead"),
    [
        *[(f"outbox.{each}", "25 hours") for each in ("due_at", "retry_at", "deadline")],
        *[(f"{each}.claimed_until", "25 hours") for each in ("announcements", "weekly_reports")],
        *[("raid_events.ends_at", "25 hours"), ("raid_events.started_at", "5 minutes")],
        *[("reminders.next_at", "32 days"), ("user_moderation.ends_at", "32 days")],
        *[("member_roles.checked_at", "5 minutes"), ("bot_status.asked_at", "5 minutes")],
        *[("direct_channels.opened_at", "5 minutes"), ("reminders.last_day", "3 days")],
        *[("weekly_reports.week", "3 days"), ("booked_days.day", "33 days"), ("xp_ledger.day", "33 days")],
    ],
)
def test_what_waits_for_a_moment_waits_for_no_longer_than_the_game_ever_does(
    owner: Connection, column: str, ahead: str
):
    columns = owner.execute(WRITABLE, [["date", "timestamp with time zone"], list(APPS)]).fetchall()
    declared = {name: declared for name, declared, _, _ in columns}[column]
    later = cast("LiteralString", f"SELECT ((now() + interval '{ahead}')::{declared})::text")
    with refused(errors.CheckViolation):
        owner.execute(later)


def test_no_number_that_a_role_writes_makes_a_sum_too_large(owner: Connection):
    columns = owner.execute(WRITABLE, [list(NUMBERS), list(APPS)]).fetchall()
    summed = {
        "daily_records.count",
        "daily_records.xp",
        "daily_records.warrior",
        "daily_records.mage",
        "raid_events.target",
        "raid_events.tick_points",
        "raid_contributions.change",
    }
    checks = {name: checks for name, _, _, checks in columns}
    assert [name for name in sorted(summed) if takes(owner, name, checks[name], str(2**31 - 1))] == []


def test_what_is_counted_goes_up_by_one(owner: Connection, as_role: Enter):
    owner.execute("INSERT INTO outbox (key, kind) VALUES ('a', 'x')")
    owner.execute("INSERT INTO user_warnings (user_id, display_name, strike, reason) VALUES (1, 'Ann', 2, 'x')")
    owner.execute("INSERT INTO user_moderation (user_id, warning_id, proposal) SELECT 1, id, 'ban' FROM user_warnings")
    relay, main = as_role("app_outbox"), as_role("app_main")
    assert refuses(relay, "UPDATE outbox SET tries = 2147483647")
    assert refuses(main, "UPDATE user_moderation SET tries = 2147483647")
    assert refuses(main, "UPDATE role_state SET sync_id = 2147483647")
    relay.execute("UPDATE outbox SET tries = tries + 1")
    main.execute("UPDATE user_moderation SET tries = tries + 1")
    main.execute("UPDATE role_state SET sync_id = sync_id + 1")


def test_the_rules_name_every_function_that_a_role_may_call_and_that_runs_as_the_owner(owner: Connection):
    query: LiteralString = """
    SELECT proname::text
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
        AND EXISTS (
            SELECT FROM pg_roles
            WHERE rolname = ANY(%s) AND has_function_privilege(rolname, pg_proc.oid, 'EXECUTE')
        )
    """
    narrow = RULES.read_text(encoding="utf-8").partition("## Narrow functions")[2].partition("\n## ")[0]
    callable_by_roles = [name for (name,) in owner.execute(query, [list(APPS)]).fetchall()]
    assert len(callable_by_roles) > 20
    assert [name for name in callable_by_roles if f"`{name}`" not in narrow] == []


# --- tensey ---


TICK: LiteralString = "INSERT INTO pending_xp_awards (user_id, challenge_id, delay) VALUES (%s, %s, %s)"


def test_tensey_chooses_neither_the_sum_nor_the_day_nor_the_moment_of_an_award(owner: Connection, as_role: Enter):
    tensey = as_role("app_tensey")
    for column, value in (("xp", "1000"), ("day", "'2020-01-01'"), ("due_at", "now()"), ("created_at", "now()")):
        query = f"INSERT INTO pending_xp_awards (user_id, challenge_id, {column}) VALUES (1, 'a', {value})"  # noqa: S608
        assert refuses(tensey, cast("LiteralString", query)), column
    assert refuses(tensey, TICK, ANN, "a", -1)
    assert refuses(tensey, TICK, ANN, "a", 901)
    tensey.execute(TICK, [ANN, "a", 60])
    made = owner.execute(
        "SELECT xp, day = current_date, due_at - created_at = '60 s' FROM pending_xp_awards"
    ).fetchone()
    assert made == (100, True, True)


def test_tensey_gives_nobody_more_than_a_list_has(owner: Connection, as_role: Enter):
    owner.execute(
        "INSERT INTO pending_xp_awards (user_id, challenge_id) SELECT 1, 'c' || n FROM generate_series(1, 1000) AS n"
    )
    assert refuses(as_role("app_tensey"), TICK, ANN, "one more", 0)
    as_role("app_tensey").execute(TICK, [BEN, "one more", 0])


def test_tensey_reads_no_outcome_of_another_application(as_role: Enter):
    main, tensey = as_role("app_main"), as_role("app_tensey")
    store: LiteralString = "INSERT INTO interactions_done (interaction_id, user_id, outcome) VALUES (%s, %s, '{}')"
    main.execute(store, [7, ANN])
    tensey.execute(store, [8, ANN])
    seen: LiteralString = "SELECT interaction_id FROM interactions_done ORDER BY 1"
    assert tensey.execute(seen).fetchall() == [(8,)]
    assert main.execute(seen).fetchall() == [(7,), (8,)]
    forged: LiteralString = (
        "INSERT INTO interactions_done (interaction_id, user_id, done_by, outcome) VALUES (9, 1, 'app_main', '{}')"
    )
    assert refuses(tensey, forged)


@pytest.mark.parametrize("role", ["app_main", "app_tensey"])
@pytest.mark.parametrize(
    ("spacing", "burst"),
    [
        *[("1 hour", 10000), ("1000 years", 1), ("-1 s", 5), ("0 s", 5), ("1 min", 0), ("1 s", -1)],
        *[("1000 years", None), ("infinity", None), (None, 1), (None, None), ("infinity", 1), ("-infinity", 1)],
    ],
)
def test_nobody_is_locked_out_for_longer_than_a_day(as_role: Enter, role: str, spacing: str | None, burst: int | None):
    query: LiteralString = "SELECT charge(1, 'other', 7, %s::interval, %s::int)"
    assert refuses(as_role(role), query, spacing, burst)


@pytest.mark.parametrize("speed", ["0.5", "2", "4"])
@pytest.mark.parametrize(("spacing", "burst"), [("1 day", 1), ("8 hours", 3), ("1 s", 86400)])
def test_neither_is_anybody_by_a_speed_that_admins_choose(
    owner: Connection, as_role: Enter, speed: str, spacing: str, burst: int
):
    owner.execute("INSERT INTO game_settings (name, value) VALUES ('limit.other', %s)", [speed])
    main = as_role("app_main")
    began = owner.execute("SELECT clock_timestamp()").fetchone() or ()
    for interaction in range(20):
        main.execute("SELECT charge(1, 'other', %s, %s::interval, %s::int)", [interaction + 1, spacing, burst])
    query: LiteralString = (
        "SELECT expected_at BETWEEN %s AND clock_timestamp() + interval '1 day' FROM rate_limits"
        " WHERE user_id = 1 AND pace = 'other'"
    )
    assert owner.execute(query, began).fetchall() == [(True,)]


@pytest.mark.parametrize("role", ["app_main", "app_tensey"])
def test_no_use_of_the_game_comes_from_another_day(owner: Connection, as_role: Enter, role: str):
    """An interaction's id is its time: one of 2084 would have a member in the server until then."""
    charge: LiteralString = "SELECT charge(1, 'other', %s, '1 s', 5)"
    assert refuses(as_role(role), charge, 2**63 - 1)
    assert refuses(as_role(role), charge, snowflake(time.time() + 2 * 86_400))
    as_role(role).execute(charge, [snowflake(time.time() + 60)])
    seen: LiteralString = "SELECT last_used(1, true) BETWEEN now() AND now() + interval '2 minutes'"
    assert owner.execute(seen).fetchall() == [(True,)]


# --- the ledger ---


BOOK: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (%s, %s, %s, %s, %s, current_date)
"""


@pytest.mark.parametrize(("kind", "source"), [("award", "tensey"), ("reversal", "tensey"), ("reward", "raid")])
def test_main_books_nothing_that_award_or_the_database_books(as_role: Enter, kind: str, source: str):
    assert refuses(as_role("app_main"), BOOK, ANN, 100, kind, source, "x")


@pytest.mark.parametrize("xp", [1_000_001, -1_000_001])
def test_main_books_no_sum_beyond_any_level(as_role: Enter, xp: int):
    assert refuses(as_role("app_main"), BOOK, ANN, xp, "adjustment", "admin", "x")


def test_award_books_the_awards_there_are_for_what_they_are_worth(owner: Connection, as_role: Enter):
    award = as_role("app_award")
    owner.execute("INSERT INTO pending_xp_awards (user_id, challenge_id) VALUES (1, 'a')")
    row = owner.execute("SELECT award_id FROM pending_xp_awards").fetchone()
    assert row
    award_id = str(row[0])
    for user_id, xp, kind, source, source_id in (
        (ANN, 101, "award", "tensey", award_id),
        (BEN, 100, "award", "tensey", award_id),
        (ANN, 100, "reversal", "tensey", award_id),
        (ANN, 100, "award", "tensey", "0198c0de-0000-7000-8000-000000000000"),
        (ANN, 251, "reward", "raid", "1:1"),
        (ANN, 100, "adjustment", "admin", "x"),
        (ANN, 100, "submit", "stats", "x"),
    ):
        assert refuses(award, BOOK, user_id, xp, kind, source, source_id), (kind, xp)
    award.execute(BOOK, [ANN, 100, "award", "tensey", award_id])


@pytest.mark.parametrize("role", APPS)
def test_nobody_locks_a_table_that_migrations_need(as_role: Enter, role: str):
    """RDS lets nobody revoke advisory locks from a role, so nothing of ours waits for one."""
    conn = as_role(role)
    for mode in ("SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"):
        with refused(errors.InsufficientPrivilege), conn.transaction():
            conn.execute(f"LOCK TABLE schema_migrations IN {mode} MODE NOWAIT")


def test_award_seals_and_prunes_no_more_at_once_however_much_it_asks_for(owner: Connection, as_role: Enter):
    old = "clock_timestamp() - interval '40 days' FROM generate_series(1, 5001) AS n"
    owner.execute(f"INSERT INTO audit_log (action, at) SELECT 'raid.start', {old}")
    owner.execute(f"INSERT INTO interactions_done (interaction_id, user_id, outcome, at) SELECT n, 1, '{{}}', {old}")
    award = as_role("app_award")
    for most in (2**31 - 1, None):
        assert award.execute("SELECT added FROM extend_audit_chain(%s::int)", [most]).fetchone() == (1_000,)
    pruned: LiteralString = "SELECT amount FROM prune(%s::int) WHERE pruned = 'interactions_done'"
    assert award.execute(pruned, [2**31 - 1]).fetchone() == (5_000,)
    assert award.execute(pruned, [None]).fetchone() == (1,)


# --- the challenge of the day ---


CHOICE: LiteralString = """
INSERT INTO day_challenges (pool, place, challenge_id) VALUES ('day', 0, 'a'), ('other', 0, 'b'), ('other', 1, 'c')
"""
DO: LiteralString = "SELECT do_day_challenge(%s, %s)"


def test_main_gives_nobody_more_than_one_challenge_of_the_day_and_chooses_nothing_else_of_it(
    owner: Connection, as_role: Enter
):
    owner.execute(CHOICE)
    main = as_role("app_main")
    row = owner.execute("SELECT other FROM challenges_of_day(1, current_date)").fetchone()
    assert row
    came = [main.execute(DO, [ANN, each]).fetchone() for each in ("z", "a", row[0], "a")]
    assert came == [("other_day",), ("awarded",), ("had",), ("had",)]
    booked = owner.execute("SELECT user_id, xp, kind, source, day = current_date FROM xp_ledger").fetchall()
    assert booked == [(ANN, 50, "award", "today", True)]
    for query in (
        "INSERT INTO day_awards (user_id, day, challenge_id) VALUES (2, current_date, 'a')",
        "UPDATE day_awards SET reversed_at = now()",
        "DELETE FROM day_awards",
        "INSERT INTO day_challenges (pool, place, challenge_id) VALUES ('day', 1, 'z')",
        "SELECT claim_day_award(uuidv7())",
    ):
        assert refuses(main, cast("LiteralString", query)), query
    assert refuses(main, BOOK, BEN, 50, "award", "today", "x")


def test_main_takes_back_a_challenge_of_the_day_once_and_only_for_its_member(owner: Connection, as_role: Enter):
    owner.execute(CHOICE)
    main = as_role("app_main")
    main.execute(DO, [ANN, "a"])
    row = owner.execute("SELECT award_id FROM day_awards").fetchone()
    assert row
    undo: LiteralString = "SELECT undo_day_challenge(%s, %s)"
    undone = [main.execute(undo, [user_id, row[0]]).fetchone() for user_id in (BEN, ANN, ANN)]
    assert undone == [(False,), (True,), (False,)]
    assert owner.execute("SELECT xp FROM users WHERE user_id = 1").fetchone() == (0,)


def test_award_books_a_challenge_of_the_day_only_with_its_tick(owner: Connection, as_role: Enter):
    owner.execute(CHOICE)
    award = as_role("app_award")
    owner.execute("INSERT INTO pending_xp_awards (user_id, challenge_id, delay) VALUES (1, 'a', 0), (1, 'z', 0)")
    ticks = dict(owner.execute("SELECT challenge_id, award_id FROM pending_xp_awards").fetchall())
    claim: LiteralString = "SELECT award_id FROM claim_day_award(%s)"
    assert award.execute(claim, [ticks["a"]]).fetchall() == [], "it is not awarded"
    owner.execute("UPDATE pending_xp_awards SET status = 'awarded', resolved_at = now()")
    assert award.execute(claim, [ticks["z"]]).fetchall() == [], "it is none of that day"
    (made,) = award.execute(claim, [ticks["a"]]).fetchone() or (None,)
    assert award.execute(claim, [ticks["a"]]).fetchall() == []
    for user_id, xp, kind, source_id in (
        (ANN, 51, "award", made),
        (BEN, 50, "award", made),
        (ANN, -50, "reversal", made),
        (ANN, 50, "award", "0198c0de-0000-7000-8000-000000000000"),
    ):
        assert refuses(award, BOOK, user_id, xp, kind, "today", str(source_id)), (kind, xp)
    award.execute(BOOK, [ANN, 50, "award", "today", str(made)])


@pytest.mark.parametrize("role", ["app_tensey", "app_outbox"])
def test_no_other_role_touches_the_challenge_of_the_day(as_role: Enter, role: str):
    for query in (
        "SELECT do_day_challenge(1, 'a')",
        "SELECT undo_day_challenge(1, uuidv7())",
        "SELECT claim_day_award(uuidv7())",
        "UPDATE day_awards SET xp = 50",
    ):
        assert refuses(as_role(role), cast("LiteralString", query)), query


# --- the outbox ---


WANT: LiteralString = "INSERT INTO outbox (key, kind, user_id, refs) VALUES ('a', 'x', 1, %s::jsonb)"


@pytest.mark.parametrize("role", ["app_main", "app_award", "app_outbox"])
@pytest.mark.parametrize(
    "refs", ['{"words": "what somebody wrote"}', '{"of": {"more": 1}}', '{"of": ["a"]}', "[]", '"x"', '{"a": "ä"}']
)
def test_no_words_that_anybody_wrote_stand_in_the_outbox(as_role: Enter, role: str, refs: str):
    assert refuses(as_role(role), WANT, refs)
    as_role(role).execute(WANT, ['{"of": "milestone:1:10", "award_id": "0198c0de-0000-7000-8000-000000000000"}'])


def test_the_function_that_decides_what_is_said_changes_nothing_of_the_game(as_role: Enter):
    relay = as_role("app_outbox")
    for query in (
        "UPDATE users SET display_name = 'Zed'",
        "UPDATE users SET xp = 1",
        "DELETE FROM users",
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (1, 1, 'x', 'x', 'x', current_date)",
        "UPDATE pending_xp_awards SET status = 'cancelled'",
        "UPDATE outbox SET key = 'b'",
        "UPDATE outbox SET user_id = 2",
        "UPDATE outbox SET refs = '{}'",
        "DELETE FROM outbox",
        "DELETE FROM announcements",
        "SELECT question FROM course_questions",
        "SELECT given_by FROM user_warnings",
        "UPDATE user_warnings SET reason = 'another'",
        "UPDATE user_moderation SET user_id = 2",
        "INSERT INTO user_moderation (user_id, warning_id, proposal) VALUES (1, 1, 'ban')",
        "SELECT before FROM audit_log",
        "DELETE FROM audit_log",
        "SELECT excerpt FROM content_flags",
        "SELECT count FROM daily_records",
        "SELECT delete_member(1)",
    ):
        assert refuses(relay, cast("LiteralString", query)), query


WAITS: LiteralString = "INSERT INTO for_you (user_id, kind, ref, details) VALUES (1, %s, 7, %s::jsonb)"


@pytest.mark.parametrize("role", ["app_award", "app_outbox"])
def test_what_waits_for_a_member_has_figures_and_no_words(as_role: Enter, role: str):
    conn = as_role(role)
    for details in (
        '{"xp": "much"}',
        '{"xp": 1e300}',
        '{"xp": -1e300}',
        '{"xp": [1]}',
        '{"xp": {"a": 1}}',
        '{"xp": null}',
    ):
        assert refuses(conn, WAITS, "award", details), details
    for found_elsewhere in ("warning", "answer", "cheer", "back"):
        assert refuses(conn, WAITS, found_elsewhere, "{}"), found_elsewhere
    conn.execute(WAITS, ["raid", '{"xp": 250, "top": true}'])


@pytest.mark.parametrize(
    "figures",
    [
        '{"logged": [{"key": "@everyone", "members": 9}]}',
        '{"raids": [{"type": "[a](http://b)"}]}',
        '{"members": 1e300}',
    ],
)
def test_no_words_stand_in_a_report(as_role: Enter, figures: str):
    add: LiteralString = "INSERT INTO weekly_reports (week, figures) VALUES (current_date, %s::jsonb)"
    assert refuses(as_role("app_outbox"), add, figures)


def test_a_report_that_relay_makes_up_is_not_the_newest_for_ever(as_role: Enter):
    relay, add = as_role("app_outbox"), "INSERT INTO weekly_reports (week, figures"
    assert refuses(relay, f"{add}, made_at) VALUES (current_date, '{{}}', 'infinity')")
    assert refuses(relay, f"{add}) VALUES ('2999-12-30', '{{}}')"), "nor has a week a report before it comes"
    relay.execute(f'{add}) VALUES (current_date, \'{{"made": "up"}}\')')
    relay.execute(f"{add}) VALUES ('2026-01-05', '{{\"made\": \"later\"}}')")
    assert [one.figures for one in reports.newest(as_role("app_main"))] == [{"made": "later"}]


def test_relay_keeps_nobody_from_roles_and_reminders_for_ever(owner: Connection, as_role: Enter):
    owner.execute("INSERT INTO member_roles (user_id) VALUES (1)")
    owner.execute("INSERT INTO reminders (user_id, occasion, hour, weekdays) VALUES (1, 'reminder', 18, '1234567')")
    relay = as_role("app_outbox")
    for query in (
        "UPDATE member_roles SET checked_at = %s",
        "UPDATE reminders SET last_day = %s",
        "UPDATE reminders SET next_at = %s",
        "UPDATE bot_status SET asked_at = %s",
    ):
        assert refuses(relay, cast("LiteralString", query), "infinity"), query
        assert refuses(relay, cast("LiteralString", query), "2999-01-01"), query
    relay.execute("UPDATE reminders SET last_day = current_date")
    relay.execute("UPDATE member_roles SET checked_at = clock_timestamp()")


def test_relay_puts_no_setting_into_force_that_no_admin_has_asked_for(owner: Connection, as_role: Enter):
    owner.execute(
        "INSERT INTO game_settings (name, value, asked)"
        " VALUES ('moderators', '7', '8'), ('channel', '5', NULL), ('limit.stats', '2', NULL)"
    )
    relay = as_role("app_outbox")
    for query in (
        "UPDATE game_settings SET value = '9' WHERE name = 'moderators'",
        "UPDATE game_settings SET asked = '9' WHERE name = 'moderators'",
        "UPDATE game_settings SET asked = '9' WHERE name = 'channel'",
        "UPDATE game_settings SET value = '4' WHERE name = 'limit.stats'",
        "UPDATE game_settings SET name = 'channel' WHERE name = 'moderators'",
        "INSERT INTO game_settings (name, value) VALUES ('raids', 'off')",
        "DELETE FROM game_settings",
    ):
        assert refuses(relay, cast("LiteralString", query)), query
    relay.execute("UPDATE game_settings SET value = asked, asked = NULL WHERE name = 'moderators'")
    relay.execute("UPDATE game_settings SET asked = value, value = NULL, refused = 'gone' WHERE name = 'channel'")


def test_nobody_but_relay_reads_a_sealed_token_and_tensey_keeps_none_for_longer(owner: Connection, as_role: Enter):
    tensey = as_role("app_tensey")
    tensey.execute("INSERT INTO interaction_tokens (user_id, sealed, revision) VALUES (1, 'sealed', 'abcd')")
    for role in ("app_tensey", "app_main", "app_award"):
        assert refuses(as_role(role), "SELECT sealed FROM interaction_tokens"), role
    longer: LiteralString = (
        "INSERT INTO interaction_tokens (user_id, sealed, revision, expires_at) VALUES (2, 'x', 'abcd', 'infinity')"
    )
    assert refuses(tensey, longer)
    assert refuses(tensey, "UPDATE interaction_tokens SET expires_at = 'infinity'")
    lasts = owner.execute("SELECT expires_at <= now() + interval '15 minutes' FROM interaction_tokens").fetchall()
    assert lasts == [(True,)]


def test_a_token_is_in_no_dump_and_no_snapshot(owner: Connection):
    query: LiteralString = "SELECT relpersistence::text FROM pg_class WHERE oid = 'interaction_tokens'::regclass"
    assert owner.execute(query).fetchone() == ("u",), (
        "PostgreSQL empties what is not logged when it recovers, as from a snapshot"
    )
