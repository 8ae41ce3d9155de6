"""A member's own data: every table that can name a member is exported, and forgets.

The schema itself is asked, so that a new table that neither exports nor forgets fails here.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest
from psycopg import sql

from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake, Unavailable
from mastermind.game.exports import table as exports
from mastermind.game.members.rules import Member
from mastermind.game.moderation import table as warnings
from mastermind.game.moderation.rules import STANDS_FOR
from mastermind.game.moderation.table import Counts
from mastermind.game.privacy import actions as privacy
from mastermind.game.privacy.rules import ACTS_KEPT, DELETIONS_KEPT, Deletion, Ended
from mastermind.game.privacy.table import Repeated
from mastermind.postgres.errors import DatabaseError
from mastermind.postgres.exchange import exchange, only
from mastermind.postgres.pruning import prune
from tests.actors import by
from tests.award.game import MISCOUNTED

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection, Enter

ME, OTHER = 987654321987654321, 123456789123456789
TRACES = (str(ME), "Zebulon", "what I wrote")
"""By these a row is recognised as telling of me."""

NAMES_A_MEMBER = {
    "actor_id",
    "added_by",
    "answered_by",
    "celebrated_id",
    "given_by",
    "resolved_by",
    "started_by",
    "subject_id",
    "top_user_id",
    "user_id",
    "withdrawn_by",
}
IS_NO_MEMBER = {
    "after_id",
    "entry_id",
    "given",
    "kept",
    "role_id",
    "wanted",
    "channel_id",
    "hidden",
    "id",
    "interaction_id",
    "members",
    "message_id",
    "digest_id",
    "nonce",
    "position",
    "question_id",
    "target_id",
    "raid_id",
    "ref",
    "total",
    "warning_id",
    "xp",
}

BIG_COLUMNS: LiteralString = """
SELECT relname::text, attname::text, starts_with(format_type(atttypid, NULL), 'bigint')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    AND NOT starts_with(relname, 'schema_migrations')
    AND atttypid IN ('bigint'::regtype, 'bigint[]'::regtype, 'numeric'::regtype)
"""

# A row of each table in which I occur, in each part that somebody can have in it.
ROWS: dict[str, LiteralString] = {
    "users": "INSERT INTO users (user_id, display_name, time_zone) VALUES (%(me)s, 'Zebulon', 'UTC'),"
    " (%(other)s, 'Somebody', 'UTC')",
    "xp_ledger": "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES"
    " (%(me)s, 100, 'award', 'tensey', 'a', '2026-11-01'), (%(other)s, 500, 'award', 'tensey', 'b', '2026-11-01')",
    "pending_xp_awards": "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, due_at)"
    " VALUES (%(me)s, 'a', 100, '2026-11-01', clock_timestamp() + interval '1 min')",
    "day_awards": "INSERT INTO day_awards (user_id, day, challenge_id, tick_id)"
    " SELECT user_id, day, challenge_id, award_id FROM pending_xp_awards",
    "booked_days": "INSERT INTO booked_days (user_id, day, streak_share) VALUES (%(me)s, '2026-11-01', 0)",
    "daily_records": "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
    " VALUES (%(me)s, '2026-11-01', 'approaches', 1, false, 100, 3, 0)",
    "shown_categories": "INSERT INTO shown_categories (user_id, category) VALUES (%(me)s, 'dating')",
    "travel_days": "INSERT INTO travel_days (user_id, day) VALUES (%(me)s, '2026-11-01')",
    "pauses": "INSERT INTO pauses (user_id, first_day, last_day, begun_on)"
    " VALUES (%(me)s, '2026-11-02', '2026-11-08', '2026-11-02')",
    "rest_days": "INSERT INTO rest_days (user_id, day) VALUES (%(me)s, '2026-11-09')",
    "for_you": "INSERT INTO for_you (user_id, kind) VALUES (%(me)s, 'raid')",
    "first_runs": "INSERT INTO first_runs (user_id, step) VALUES (%(me)s, 2)",
    "explained": "INSERT INTO explained (user_id, matter, day) VALUES (%(me)s, 'board', '2026-11-01')",
    "reminders": "INSERT INTO reminders (user_id, occasion, hour, weekdays) VALUES (%(me)s, 'week', 18, '7')",
    "time_zone_changes": "INSERT INTO time_zone_changes (user_id, from_zone, to_zone) VALUES (%(me)s, 'UTC', 'GMT')",
    "announcements": "INSERT INTO announcements (key, kind, user_id, details)"
    " VALUES ('level_up:' || %(me)s || ':5', 'level_up', %(me)s, '{}'),"
    " ('level_up:' || %(other)s || ':5', 'level_up', %(other)s, '{}')",
    "cheers": "INSERT INTO cheers (key, user_id, celebrated_id)"
    " VALUES ('level_up:' || %(me)s || ':5', %(other)s, %(me)s),"
    " ('level_up:' || %(other)s || ':5', %(me)s, %(other)s)",
    "outbox": "INSERT INTO outbox (key, kind, user_id) VALUES ('reminder:' || %(me)s || ':1', 'reminder', %(me)s)",
    "interaction_tokens": "INSERT INTO interaction_tokens (user_id, sealed, revision)"
    " VALUES (%(me)s, 'sealed', 'abcd')",
    "direct_channels": "INSERT INTO direct_channels (user_id, channel_id) VALUES (%(me)s, 7)",
    "member_roles": "INSERT INTO member_roles (user_id, given) VALUES (%(me)s, '{7}')",
    "game_roles": "INSERT INTO game_roles (role_id, kind, least, added_by) VALUES (7, 'level', 5, %(me)s)",
    "raid_events": "INSERT INTO raid_events (type, status, target, tick_points, started_by, top_user_id, ends_at,"
    " ended_at) VALUES ('mage', 'active', 100, 15, %(me)s, NULL, clock_timestamp() + interval '1 hour', NULL),"
    " ('mage', 'completed', 100, 15, %(other)s, %(me)s, clock_timestamp() + interval '1 hour', clock_timestamp())",
    "raid_contributions": "INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)"
    " SELECT raid_id, %(me)s, 'stats', '1', 'approaches', 15, 15 FROM raid_events WHERE status = 'active'",
    "course_progress": "INSERT INTO course_progress (user_id, lesson_id)"
    " SELECT %(me)s, lesson_id FROM course_lessons LIMIT 1",
    "course_questions": "INSERT INTO course_questions (user_id, nonce, question, answer, answered_by, answered_at)"
    " VALUES (%(me)s, 1, 'what I wrote', 'An answer', %(other)s, clock_timestamp()),"
    " (%(other)s, 1, 'a question of mine', 'An answer', %(me)s, clock_timestamp())",
    "warned_people": "INSERT INTO warned_people (user_id) VALUES (%(me)s), (%(other)s)",
    "user_warnings": "INSERT INTO user_warnings (user_id, display_name, strike, reason, given_by, withdrawn_by) VALUES"
    " (%(me)s, 'Zebulon', 1, 'Zebulon was rude', %(other)s, NULL), (%(other)s, 'Somebody', 1, 'Rude', %(me)s, %(me)s)",
    "user_moderation": "INSERT INTO user_moderation (user_id, warning_id, proposal, status, resolved_by, resolved_at)"
    " SELECT user_id, id, 'timeout', 'done', given_by, clock_timestamp() FROM user_warnings",
    "content_flags": "INSERT INTO content_flags (user_id, interaction_id, source, source_id, categories, excerpt,"
    " status, resolved_by, resolved_at) VALUES"
    " (%(me)s, 1, 'a', '1', '{x}', 'what I wrote', 'resolved', %(other)s, clock_timestamp()),"
    " (%(other)s, 2, 'a', '2', '{x}', 'words', 'resolved', %(me)s, clock_timestamp())",
    "audit_log": "INSERT INTO audit_log (actor_id, action, subject_id, before, after, reason) VALUES"
    """ (%(other)s, 'warn.add', %(me)s, '{"name": "Zebulon"}', '{"name": "Zebulon"}', 'Zebulon was rude'),"""
    """ (%(me)s, 'warn.add', %(other)s, '{"name": "Somebody"}', NULL, 'rude'),"""
    " (%(me)s, 'raid.start', NULL, NULL, '{}', '')",
    "kept_after_deletion": "SELECT admit_deletion(%(me)s, 8)",
    "rate_limits": "UPDATE rate_limits SET interaction_id = 7 WHERE user_id = %(me)s AND pace = 'other'",
    "rate_limit_violations": "INSERT INTO rate_limit_violations (user_id, pace, day, last_at)"
    " VALUES (%(me)s, 'other', '2026-11-01', clock_timestamp())",
    "interactions_done": "INSERT INTO interactions_done (interaction_id, user_id, outcome)"
    " VALUES (1, %(me)s, '{}'), (2, %(other)s, '{}')",
}
AS_ACTOR = [("audit_log", str(ME))]
"""What a deletion leaves for a time."""

HASHED = {"kept_after_deletion"}
"""Tables that know a member by a keyed hash of their id."""

BY_THEMSELVES = {"xp_totals", "users_stats"}
"""Filled by the triggers of others."""


@pytest.fixture
def life(owner: Connection) -> Connection:
    """A member with a row in every table; the owner's connection to read them."""
    owner.execute(
        "INSERT INTO course_modules (module_id, place, title, about, level) VALUES ('m', 1, 'M', 'A', 1)"
        " ON CONFLICT DO NOTHING"
    )
    owner.execute(
        "INSERT INTO course_lessons (lesson_id, module_id, place, title, about, minutes)"
        " VALUES ('l', 'm', 1, 'L', 'A', 1) ON CONFLICT DO NOTHING"
    )
    for statement in ROWS.values():
        owner.execute(statement, {"me": ME, "other": OTHER})
    return owner


def tables(owner: Connection) -> set[str]:
    """Those that can name a member."""
    return HASHED | {table for table, column, _ in owner.execute(BIG_COLUMNS) if column in NAMES_A_MEMBER}


def traces(owner: Connection) -> list[tuple[str, str]]:
    """Every row that mentions the member: the table and the text that does."""
    every = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    query = sql.SQL("SELECT FROM {} AS found_row WHERE found_row::text LIKE {}")
    return [
        (table, trace)
        for table in every
        for trace in TRACES
        if owner.execute(query.format(sql.Identifier(table), sql.Literal(f"%{trace}%"))).rowcount
    ]


def others(owner: Connection) -> list[object]:
    """What the tables say of somebody else and of everybody together, but for names of those who are gone."""
    return [
        owner.execute(query, {"other": OTHER}).fetchall()
        for query in (
            "SELECT xp, level, faction, hidden FROM users WHERE user_id = %(other)s",
            "SELECT * FROM xp_totals WHERE user_id = %(other)s ORDER BY period, board",
            "SELECT raid_id, status, target, total FROM raid_events ORDER BY raid_id",
            "SELECT raid_id, points FROM raid_contributions ORDER BY id",
            "SELECT id, reason FROM user_warnings WHERE user_id = %(other)s",
            "SELECT id, status, resolved_at FROM user_moderation WHERE user_id = %(other)s",
            "SELECT question, answer FROM course_questions WHERE user_id = %(other)s",
            "SELECT excerpt, status FROM content_flags WHERE user_id = %(other)s",
            "SELECT before, reason FROM audit_log WHERE subject_id = %(other)s",
        )
    ]


def forget(main: Connection, interaction_id: int = 9) -> None:
    privacy.delete(main, by(Member(ME, ""), interaction_id))


def test_every_large_number_of_the_schema_is_known_to_name_a_member_or_not_to(owner: Connection):
    columns = {column for _, column, _ in owner.execute(BIG_COLUMNS)}
    assert columns - NAMES_A_MEMBER - IS_NO_MEMBER == set()


def test_every_table_that_can_name_a_member_is_exported(owner: Connection):
    assert set(exports.PARTS) == tables(owner)


def test_this_test_has_a_row_of_every_table_that_can_name_a_member(owner: Connection):
    assert set(ROWS) | BY_THEMSELVES == tables(owner)


@pytest.mark.usefixtures("life")
def test_an_export_tells_of_every_table_in_which_somebody_occurs(as_role: Enter):
    main = as_role("app_main")
    with exchange(main):
        found = exports.read(main, ME)
    rows = {table: (cursor.fetchone() or (None,))[0] for table, cursor in found.items()}
    assert all(rows.values())
    assert str(OTHER) not in str(rows)
    assert "Somebody" not in str(rows)
    assert "Rude" not in str(rows), "why somebody else was warned is theirs"


def test_nothing_of_a_forgotten_member_is_left_in_any_table(life: Connection, as_role: Enter):
    """But for the id of who did something to others, and that for a time."""
    assert {table for table, _ in traces(life)} >= set(ROWS) - {"raid_events"} - HASHED
    forget(as_role("app_main"))
    assert traces(life) == AS_ACTOR
    life.execute("UPDATE audit_log SET actor_until = now() WHERE actor_until IS NOT NULL")
    prune(as_role("app_award"))
    assert traces(life) == []


def test_whatever_is_anothers_stays_as_it_was(life: Connection, as_role: Enter):
    before = others(life)
    assert all(before)
    forget(as_role("app_main"))
    assert others(life) == before


def test_the_counters_are_what_a_recount_gives(life: Connection, as_role: Enter):
    forget(as_role("app_main"))
    assert (
        life.execute("SELECT name, members FROM factions WHERE members > 0").fetchall()
        == life.execute("SELECT faction, count(*) FROM users GROUP BY 1").fetchall()
    )
    gathered = life.execute("SELECT period, sum(xp) FROM faction_totals GROUP BY 1 HAVING sum(xp) <> 0 ORDER BY 1")
    assert gathered.fetchall() == [("2026-W44", 500), ("all", 500)]
    assert life.execute(MISCOUNTED).fetchall() == []
    listed = "SELECT DISTINCT period, board, members_listed(period, board) FROM board_counts ORDER BY 1, 2"
    assert life.execute(listed).fetchall() == [
        (period, board, 1) for period in ("2026-11", "2026-W44", "all") for board in ("tensey", "xp")
    ]


def test_the_audit_log_keeps_what_was_done_and_that_somebody_left(life: Connection, as_role: Enter):
    forget(as_role("app_main"))
    rows = life.execute("SELECT actor_id, action, subject_id, before, after, reason FROM audit_log ORDER BY id")
    assert rows.fetchall() == [
        (OTHER, "warn.add", None, None, None, ""),
        (ME, "warn.add", OTHER, {"name": "Somebody"}, None, "rude"),
        (ME, "raid.start", None, None, {}, ""),
        (None, "privacy.delete", None, None, None, ""),
    ]


def test_who_did_something_to_others_is_known_for_400_days_though_they_had_themselves_deleted(
    life: Connection, as_role: Enter
):
    life.execute("UPDATE audit_log SET at = now() - interval '401 days' WHERE action = 'raid.start'")
    life.execute(
        "INSERT INTO audit_log (actor_id, action, subject_id) VALUES (%(me)s, 'stats.undo', %(me)s)", {"me": ME}
    )
    forget(as_role("app_main"))
    kept = "SELECT actor_id, action, extract(epoch FROM actor_until - at)::bigint FROM audit_log ORDER BY id"
    assert life.execute(kept).fetchall()[:-1] == [
        (OTHER, "warn.add", None),
        (ME, "warn.add", ACTS_KEPT.total_seconds()),
        (None, "raid.start", None),
        (None, "stats.undo", None),
    ]


def test_warnings_count_on_after_a_deletion_until_they_expire(life: Connection, as_role: Enter):
    main = as_role("app_main")
    assert standing(main) == 1
    forget(main)
    assert standing(main) == 1
    assert warnings.counts(main, ME, STANDS_FOR).fetchall() == [Counts(given=0, standing=0, kept=1)]
    kept = "SELECT until > now() + interval '29 days' FROM kept_after_deletion WHERE what = 'warning'"
    assert life.execute(kept).fetchall() == [(True,)]
    life.execute("UPDATE kept_after_deletion SET until = now()")
    assert standing(main) == 0
    assert prune(as_role("app_award"))["kept_after_deletion"] == 2


def standing(main: Entered) -> int:
    return only(warnings.standing(main, ME, STANDS_FOR))


def test_a_withdrawn_or_old_warning_counts_no_more_after_a_deletion_either(life: Connection, as_role: Enter):
    life.execute("UPDATE user_warnings SET withdrawn_at = now(), withdrawn_by = 1 WHERE user_id = %s", [ME])
    life.execute(
        "INSERT INTO user_warnings (user_id, display_name, strike, reason, at)"
        " VALUES (%s, 'Zebulon', 1, 'rude', now() - interval '31 days')",
        [ME],
    )
    main = as_role("app_main")
    forget(main)
    assert standing(main) == 0


def test_limits_stay_used_up_for_who_comes_back(life: Connection, as_role: Enter):
    late = "UPDATE rate_limits SET expected_at = now() + interval '1 hour' WHERE user_id = %s AND pace = 'stats'"
    life.execute(late, [ME])
    forget(as_role("app_main"))
    life.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Zebulon', 'UTC')", [ME])
    paces = "SELECT pace FROM rate_limits WHERE user_id = %s AND expected_at > now() + interval '59 min'"
    assert life.execute(paces, [ME]).fetchall() == [("stats",)]


def test_what_is_kept_of_a_deleted_member_is_found_by_their_id_alone_and_by_no_role(life: Connection, as_role: Enter):
    main = as_role("app_main")
    forget(main)
    for query in ("SELECT FROM kept_after_deletion", "SELECT FROM pseudonym_key", "SELECT pseudonym(7)"):
        with pytest.raises(DatabaseError, match="permission denied"):
            main.execute(query)
        main.rollback()
    assert life.execute("SELECT FROM kept_of(%s)", [OTHER]).rowcount == 0
    assert life.execute("SELECT length(key) FROM pseudonym_key").fetchone() == (32,)


def test_somebody_is_deleted_three_times_a_day_at_most_and_a_repeat_is_no_further_time(
    life: Connection, as_role: Enter
):
    life.execute("DELETE FROM kept_after_deletion")
    main = as_role("app_main")
    for interaction_id in (1, 2, 3, 3, 1):
        privacy.admit_deletion(main, by(Member(ME, ""), interaction_id))
    with pytest.raises(MemberMistake, match="You can do it again <t:"):
        privacy.admit_deletion(main, by(Member(ME, ""), 4))
    privacy.admit_deletion(main, by(Member(OTHER, ""), 5))
    life.execute("UPDATE kept_after_deletion SET until = now() WHERE ref = '1'")
    privacy.admit_deletion(main, by(Member(ME, ""), 4))


def test_a_second_deletion_does_nothing(life: Connection, as_role: Enter):
    main = as_role("app_main")
    forget(main)
    forget(main, 10)
    assert life.execute("SELECT count(*) FROM audit_log WHERE action = 'privacy.delete'").fetchone() == (1,)
    assert life.execute("SELECT interaction_id FROM deletions ORDER BY 1").fetchall() == [(9,), (10,)]


def test_nobody_but_main_may_forget(as_role: Enter):
    for role in ("app_tensey", "app_award"):
        query = "SELECT has_function_privilege(%s, 'delete_member(bigint, timestamptz)', 'EXECUTE')"
        assert as_role(role).execute(query, [role]).fetchone() == (False,)


def test_every_column_that_names_a_member_is_found_by_an_index(owner: Connection):
    """Forgetting waits for nobody: neither our statements nor the foreign keys read a table whole."""
    indexed = {
        (table, column)
        for table, column in owner.execute(
            "SELECT relname::text, attname::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            " JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
            " WHERE relnamespace = 'public'::regnamespace"
        ).fetchall()
    }
    named = {(table, column) for table, column, _ in owner.execute(BIG_COLUMNS) if column in NAMES_A_MEMBER}
    assert named - indexed == set()


# --- deletions that are repeated after a restore ---


def now(conn: Connection) -> datetime:
    (at,) = conn.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert at
    return at


def again(owner: Connection, ended: datetime, interaction_id: int = 9) -> list[Repeated]:
    return list(privacy.forget_again(owner, [Deletion(interaction_id, ME, ended)]).elements())


def test_a_restored_member_is_forgotten_again_once(life: Connection):
    ended = now(life)
    assert again(life, ended) == [Repeated.DELETED]
    assert traces(life) == AS_ACTOR
    assert again(life, ended) == [Repeated.DONE]
    assert life.execute("SELECT interaction_id, ended_at, logged_at IS NULL FROM deletions").fetchall() == [
        (9, ended, False)
    ]


def test_a_deletion_that_this_database_has_seen_is_not_repeated(life: Connection, as_role: Enter):
    forget(as_role("app_main"))
    names = {"me": ME, "other": OTHER}
    life.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%(me)s, 'Zebulon', 'UTC')", names)
    life.execute("INSERT INTO warned_people (user_id) VALUES (%(me)s)", names)
    life.execute(ROWS["user_warnings"], names)
    before = traces(life)
    came_back = {"users", "outbox", "rate_limits", "warned_people", "user_warnings"}
    assert {table for table, _ in before} == came_back | {"audit_log"}
    assert again(life, now(life)) == [Repeated.DONE]
    assert traces(life) == before


def test_nothing_that_was_written_after_the_end_of_a_deletion_is_touched(life: Connection):
    before, kept = traces(life), others(life)
    ended = now(life) - timedelta(days=1)
    assert again(life, ended) == [Repeated.NOBODY]
    assert (traces(life), others(life)) == (before, kept)


def test_moderation_after_the_end_stays_when_what_was_before_it_goes(life: Connection):
    """A restore that is opened too early: the member is back, and moderators act before the deletion is repeated."""
    ended = now(life)
    later = ("warned_people", "user_warnings", "audit_log")
    life.execute("DELETE FROM warned_people")
    for table in later:
        life.execute(ROWS[table], {"me": ME, "other": OTHER})
    life.execute(
        "INSERT INTO user_moderation (user_id, warning_id, proposal) SELECT user_id, id, 'ban' FROM user_warnings"
        " WHERE at > %s AND user_id = %s",
        [ended, ME],
    )
    assert again(life, ended) == [Repeated.DELETED]
    assert {table for table, _ in traces(life)} == {*later, "user_moderation"}
    earlier = "SELECT FROM {} AS kept WHERE at <= {} AND kept::text LIKE {}"
    for table in ("user_warnings", "user_moderation"):
        names = sql.Identifier(table), sql.Literal(ended), sql.Literal(f"%{ME}%")
        assert life.execute(sql.SQL(earlier).format(*names)).rowcount == 0
    about_me = "SELECT FROM audit_log WHERE at <= %s AND subject_id = %s"
    assert life.execute(about_me, [ended, ME]).rowcount == 0


PLAYED: dict[str, LiteralString] = {
    "a change": "INSERT INTO interactions_done (interaction_id, user_id, outcome) VALUES (7, %(me)s, '{}')",
    "stats": "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
    " VALUES (%(me)s, 5, 'adjustment', 'admin', '7', '2026-11-02')",
    "a tick": "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, due_at)"
    " VALUES (%(me)s, 'z', 100, '2026-11-01', clock_timestamp() + interval '1 min')",
    "a challenge of the day": "INSERT INTO day_awards (user_id, day, challenge_id) VALUES (%(me)s, '2026-11-02', 'z')",
    "a lesson": "UPDATE course_progress SET watched_at = clock_timestamp() WHERE user_id = %(me)s",
}


@pytest.mark.parametrize("played", PLAYED.values(), ids=PLAYED)
def test_a_member_who_has_played_since_the_restore_is_left_alone(life: Connection, played: LiteralString):
    ended = now(life)
    life.execute(played, {"me": ME})
    before = traces(life)
    assert again(life, ended) == [Repeated.PLAYS]
    assert traces(life) == before
    assert life.execute("SELECT FROM deletions").rowcount == 0


def test_traces_without_a_member_go_too(database: Postgres, owner: Connection):
    with closing(database.as_superuser()) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("INSERT INTO interactions_done (interaction_id, user_id, outcome) VALUES (7, %s, '{}')", [ME])
    assert again(owner, now(owner)) == [Repeated.NOBODY]
    assert traces(owner) == []


def test_ends_are_logged_once_and_kept_as_long_as_the_log(life: Connection, as_role: Enter):
    main, award = as_role("app_main"), as_role("app_award")
    forget(main)
    forget(main, 10)
    privacy.note_logged(main, 10)
    taken: list[Ended] = []
    assert privacy.log_ends(award, taken.append, Deadline.after(60)) == 1
    assert [ended.interaction_id for ended in taken] == [9]
    assert privacy.log_ends(award, taken.append, Deadline.after(60)) == 0
    life.execute("UPDATE deletions SET logged_at = logged_at - %s WHERE interaction_id = 9", [DELETIONS_KEPT])
    privacy.log_ends(award, taken.append, Deadline.after(60))
    assert life.execute("SELECT interaction_id FROM deletions").fetchall() == [(10,)]


def test_an_end_that_could_not_be_written_is_left_to_the_next_time(life: Connection, as_role: Enter):
    forget(as_role("app_main"))

    def fail(_: Ended) -> None:
        raise Unavailable("S3 is away")

    with pytest.raises(Unavailable):
        privacy.log_ends(as_role("app_award"), fail, Deadline.after(60))
    assert life.execute("SELECT FROM deletions WHERE logged_at IS NULL").rowcount == 1
