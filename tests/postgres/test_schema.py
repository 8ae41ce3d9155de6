"""Roles, grants, limits and policies as docs/rules/database.md promises them, read from pg_catalog."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

import pytest
from psycopg import sql

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.operations.migrations import runner as migrations
from tests.conftest import MIGRATIONS

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection

APPS = ("app_main", "app_tensey", "app_award", "app_outbox")

# What a function of ours may touch, and nothing else: role, table, privilege, columns ("*": the table whole).
GRANTS = """
app_award  announcements       INSERT  details key kind user_id
app_award  announcements       SELECT  *
app_award  announcements       UPDATE  made_at resolved_at status
app_award  booked_days         SELECT  *
app_award  booked_days         UPDATE  streak_share
app_award  content_flags       INSERT  categories excerpt in_need interaction_id source source_id user_id
app_award  content_flags       SELECT  in_need status user_id
app_award  daily_records       SELECT  *
app_award  day_awards          SELECT  *
app_award  audit_head          SELECT  *
app_award  audit_head          UPDATE  day
app_award  deletions           DELETE  *
app_award  deletions           SELECT  *
app_award  deletions           UPDATE  logged_at
app_award  for_you             INSERT  details kind ref user_id
app_award  for_you             SELECT  kind ref user_id
app_award  explained           SELECT  *
app_award  game_settings       SELECT  *
app_award  health_probes       INSERT  at
app_award  health_probes       SELECT  at last
app_award  health_probes       UPDATE  at
app_award  health_reports      INSERT  at healthy report
app_award  health_reports      SELECT  *
app_award  health_reports      UPDATE  at healthy report
app_award  outages             SELECT  *
app_award  pauses              SELECT  *
app_award  rest_days           SELECT  *
app_award  pending_xp_awards   SELECT  *
app_award  pending_xp_awards   UPDATE  resolved_at status
app_award  raid_contributions  SELECT  *
app_award  raid_events         SELECT  *
app_award  raid_events         UPDATE  ended_at rewarded_at status
app_award  schema_migrations   SELECT  number
app_award  tensey_completions  SELECT  *
app_award  time_zones          SELECT  name since utc_offset
app_award  travel_days         SELECT  *
app_award  users               SELECT  created_at display_name faction hidden level time_zone user_id xp
app_award  users               SELECT  settings social_freedom_exercises_tenseys
app_award  users               UPDATE  updated_at
app_award  xp_ledger           INSERT  day details kind source source_id user_id xp
app_award  xp_ledger           SELECT  *
app_main   announcements       SELECT  *
app_main   cheers              DELETE  *
app_main   cheers              INSERT  celebrated_id key user_id
app_main   cheers              SELECT  *
app_main   audit_chain         SELECT  *
app_main   audit_log           INSERT  action actor_id after before invocation operator reason subject_id
app_main   audit_log           SELECT  *
app_main   booked_days         DELETE  *
app_main   booked_days         INSERT  day streak_share user_id
app_main   booked_days         SELECT  *
app_main   content_flags       INSERT  categories excerpt in_need interaction_id source source_id user_id
app_main   content_flags       SELECT  *
app_main   content_flags       UPDATE  resolved_at resolved_by status
app_main   course_lessons      SELECT  *
app_main   course_modules      SELECT  *
app_main   course_progress     INSERT  lesson_id user_id
app_main   course_progress     SELECT  *
app_main   course_questions    INSERT  nonce question question_id user_id
app_main   course_questions    SELECT  *
app_main   course_questions    UPDATE  answer answered_at answered_by seen_at
app_main   course_questions_question_id_seq USAGE *
app_main   daily_records       DELETE  *
app_main   daily_records       INSERT  count day logged_late mage stat user_id warrior xp
app_main   daily_records       SELECT  *
app_main   daily_records       UPDATE  count logged_late mage warrior xp
app_main   day_awards          SELECT  *
app_main   day_challenges      SELECT  *
app_main   deletions           INSERT  interaction_id
app_main   deletions           SELECT  *
app_main   deletions           UPDATE  logged_at
app_main   explained           INSERT  day matter user_id
app_main   explained           SELECT  *
app_main   factions            SELECT  *
app_main   first_runs          INSERT  declined knows_clock step user_id
app_main   first_runs          SELECT  *
app_main   first_runs          UPDATE  declined knows_clock step
app_main   health_reports      SELECT  *
app_main   interactions_done   INSERT  interaction_id outcome user_id
app_main   interactions_done   SELECT  *
app_main   outages             SELECT  *
app_main   outages             UPDATE  counts
app_main   pauses              INSERT  begun_on first_day last_day user_id
app_main   pauses              SELECT  *
app_main   rest_days           INSERT  day user_id
app_main   rest_days           SELECT  *
app_main   rest_days           DELETE  *
app_main   for_you             SELECT  *
app_main   pending_xp_awards   SELECT  *
app_main   raid_contributions  INSERT  change day points raid_id source source_id stat user_id
app_main   raid_contributions  SELECT  *
app_main   raid_contributions  UPDATE  user_id
app_main   raid_events         INSERT  ends_at started_at started_by target tick_points type
app_main   raid_events         SELECT  *
app_main   raid_events         UPDATE  ended_at status
app_main   rate_limit_violations SELECT *
app_main   rate_limits         SELECT  *
app_main   schema_migrations   SELECT  number
app_main   tensey_completions  SELECT  *
app_main   travel_days         INSERT  day user_id
app_main   travel_days         SELECT  *
app_main   user_moderation     INSERT  proposal user_id warning_id
app_main   user_moderation     SELECT  *
app_main   user_moderation     UPDATE  ends_at refusal resolved_at resolved_by status tries
app_main   user_warnings       INSERT  display_name given_by reason strike user_id
app_main   user_warnings       SELECT  *
app_main   user_warnings       UPDATE  withdrawn_at withdrawn_by
app_main   warned_people       INSERT  user_id
app_main   warned_people       SELECT  *
app_main   warned_people       UPDATE  warned_at
app_main   time_zone_changes   INSERT  at from_zone to_zone user_id
app_main   time_zone_changes   SELECT  *
app_main   users               INSERT  avatar display_name time_zone user_id
app_main   users               SELECT  *
app_main   users               UPDATE  avatar display_name hidden settings time_zone updated_at
app_main   users_stats         SELECT  *
app_main   xp_ledger           INSERT  day details kind source source_id user_id xp
app_main   xp_ledger           SELECT  *
app_main   xp_totals           SELECT  *
app_main   weekly_reports      SELECT  *
app_main   board_counts        SELECT  *
app_main   private_stats       SELECT  *
app_main   shown_categories    DELETE  *
app_main   shown_categories    INSERT  *
app_main   shown_categories    SELECT  *
app_main   faction_totals      SELECT  *
app_main   time_zones          SELECT  name since utc_offset
app_award  bot_status          SELECT  *
app_award  outbox              INSERT  due_at key kind refs user_id
app_award  outbox              SELECT  *
app_award  interaction_tokens  SELECT  expires_at revision user_id
app_main   outbox              INSERT  due_at key kind refs user_id
app_main   outbox              SELECT  *
app_main   interaction_tokens  SELECT  expires_at revision user_id
app_main   game_settings       DELETE  *
app_main   game_settings       INSERT  asked name value
app_main   game_settings       SELECT  *
app_main   game_settings       UPDATE  asked changed_at notified_at refused value
app_main   game_roles          DELETE  *
app_main   game_roles          INSERT  added_by keeps_lower kind least name role_id
app_main   game_roles          SELECT  *
app_main   game_roles          UPDATE  added_at added_by checked_at keeps_lower kind least name refused
app_main   member_roles        SELECT  *
app_main   role_state          SELECT  *
app_main   role_state          UPDATE  after_id differing done finished_at members started_at sync_id
app_main   direct_channels     SELECT  *
app_main   direct_channels     UPDATE  closed_at
app_main   bot_status          SELECT  *
app_outbox pauses              SELECT  *
app_outbox rest_days           SELECT  *
app_main   reminders           INSERT  hour occasion user_id weekdays
app_main   reminders           SELECT  *
app_main   reminders           UPDATE  hour off since weekdays
app_outbox booked_days         SELECT  *
app_outbox daily_records       SELECT  day logged_late stat user_id
app_outbox outages             SELECT  *
app_outbox reminders           SELECT  *
app_outbox reminders           UPDATE  last_day next_at off seen_at
app_outbox travel_days         SELECT  *
app_main   missing_rights      SELECT  *
app_outbox audit_log           SELECT  action actor_id id operator subject_id
app_outbox audit_log           INSERT  action actor_id after before reason subject_id
app_outbox user_moderation     SELECT  *
app_outbox user_moderation     UPDATE  acted_at lifted_at refusal resolved_at resolved_by status
app_outbox user_warnings       SELECT  id reason strike user_id withdrawn_at withdrawn_by
app_outbox announcements       INSERT  details key kind
app_outbox announcements       SELECT  *
app_outbox announcements       UPDATE  claimed_until digest_id resolved_at status
app_outbox digests             USAGE   *
app_outbox board_counts        SELECT  *
app_outbox game_settings       SELECT  *
app_outbox game_settings       UPDATE  asked notified_at refused value
app_outbox game_roles          SELECT  *
app_outbox game_roles          UPDATE  checked_at refused
app_outbox member_roles        INSERT  given kept user_id wanted
app_outbox member_roles        SELECT  *
app_outbox member_roles        UPDATE  checked_at given kept wanted
app_outbox role_state          SELECT  *
app_outbox role_state          UPDATE  after_id differing done finished_at
app_outbox bot_status          SELECT  *
app_outbox bot_status          UPDATE  asked_at is_on since
app_outbox day_awards          SELECT  *
app_outbox direct_channels     INSERT  channel_id user_id
app_outbox direct_channels     SELECT  *
app_outbox direct_channels     UPDATE  channel_id closed_at opened_at
app_outbox faction_totals      SELECT  *
app_outbox for_you             INSERT  details kind ref user_id
app_outbox for_you             SELECT  kind ref user_id
app_outbox explained           INSERT  day matter user_id
app_outbox explained           SELECT  *
app_outbox factions            SELECT  *
app_outbox interaction_tokens  SELECT  *
app_outbox outbox              INSERT  due_at key kind refs user_id
app_outbox outbox              SELECT  *
app_outbox missing_rights      DELETE  *
app_outbox missing_rights      INSERT  code needs target_id
app_outbox missing_rights      SELECT  *
app_outbox missing_rights      UPDATE  code last_at notified_at
app_outbox outbox              UPDATE  asked_at channel_id code deadline handed_at message_id needs reason retry_at
app_outbox outbox              UPDATE  settled_at state status target_id tried tries
app_outbox pending_xp_awards   SELECT  *
app_outbox raid_contributions  SELECT  *
app_outbox raid_events         SELECT  *
app_outbox tensey_completions  SELECT  *
app_outbox time_zones          SELECT  name since utc_offset
app_outbox users               SELECT  avatar created_at display_name faction hidden level time_zone user_id xp
app_outbox users               SELECT  settings social_freedom_exercises_tenseys
app_outbox users               UPDATE  updated_at
app_outbox xp_ledger           SELECT  day user_id xp
app_outbox xp_totals           SELECT  *
app_tensey first_runs          INSERT  declined step user_id
app_tensey first_runs          SELECT  step user_id
app_tensey first_runs          UPDATE  declined step
app_outbox health_reports      SELECT  *
app_outbox weekly_reports      INSERT  figures week
app_outbox weekly_reports      SELECT  *
app_outbox weekly_reports      UPDATE  claimed_until sent_at
app_tensey interaction_tokens  DELETE  *
app_tensey interaction_tokens  INSERT  revision sealed user_id
app_tensey interaction_tokens  SELECT  user_id
app_tensey interactions_done   INSERT  interaction_id outcome user_id
app_tensey interactions_done   SELECT  *
app_tensey pending_xp_awards   INSERT  challenge_id delay user_id
app_tensey pending_xp_awards   SELECT  *
app_tensey pending_xp_awards   UPDATE  resolved_at sent_at status
app_tensey tensey_completions  SELECT  *
app_tensey users               INSERT  display_name time_zone user_id
app_tensey users               SELECT  avatar display_name faction hidden level time_zone user_id xp
app_tensey users               SELECT  social_freedom_exercises_tenseys
app_tensey users               UPDATE  display_name updated_at
app_tensey xp_totals           SELECT  *
app_tensey board_counts        SELECT  *
app_tensey private_stats       SELECT  *
app_tensey shown_categories    SELECT  *
app_tensey time_zones          SELECT  name since utc_offset
"""

ACL: LiteralString = """
SELECT coalesce(roles.rolname, 'PUBLIC'), relname, acl.privilege_type, column_name
FROM (
    SELECT oid, relname, '*' AS column_name, relacl AS acl FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_class.oid, relname, attname, attacl FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace
) AS objects
CROSS JOIN LATERAL aclexplode(acl) AS acl
LEFT JOIN pg_roles AS roles ON roles.oid = acl.grantee
WHERE roles.rolname IS DISTINCT FROM 'mastermind_owner'
"""

POLICIES = {
    ("everyone_reads", "SELECT", ("app_award", "app_main", "app_tensey"), "true", None),
    ("tensey_ticks", "INSERT", ("app_tensey",), None, "(status = 'pending'::text)"),
    (
        "tensey_cancels",
        "UPDATE",
        ("app_tensey",),
        "(status = 'pending'::text)",
        "(status = ANY (ARRAY['pending'::text, 'cancelled'::text]))",
    ),
    ("award_awards", "UPDATE", ("app_award",), "(status = 'pending'::text)", "(status = 'awarded'::text)"),
    ("outbox_reads", "SELECT", ("app_outbox",), "true", None),
}

KEYS = {
    "users": [("user_id",)],
    "time_zones": [("name",)],
    "factions": [("name",)],
    "board_counts": [("id",)],
    "private_stats": [("stat",)],
    "shown_categories": [("user_id", "category")],
    "xp_ledger": [("id",), ("source", "source_id", "kind")],
    "xp_totals": [("user_id", "period", "board")],
    "faction_totals": [("period", "faction", "part")],
    "interactions_done": [("interaction_id",)],
    "deletions": [("interaction_id",)],
    "pseudonym_key": [("last",)],
    "kept_after_deletion": [("who", "what", "ref")],
    "for_you": [("user_id", "kind", "ref")],
    "pending_xp_awards": [("award_id",), ("user_id", "challenge_id")],
    "day_challenges": [("pool", "place")],
    "day_awards": [("award_id",), ("user_id", "day"), ("tick_id",)],
    "booked_days": [("user_id", "day")],
    "daily_records": [("user_id", "day", "stat")],
    "users_stats": [("user_id", "stat")],
    "travel_days": [("user_id", "day")],
    "pauses": [("user_id", "first_day")],
    "rest_days": [("user_id", "day")],
    "first_runs": [("user_id",)],
    "explained": [("user_id", "matter")],
    "announcements": [("key",)],
    "cheers": [("key", "user_id")],
    "raid_events": [("raid_id",), ("status",)],
    "raid_contributions": [("id",), ("source", "source_id", "stat", "user_id")],
    "audit_log": [("id",)],
    "audit_chain": [("position",), ("entry_id",)],
    "audit_head": [("last",)],
    "user_warnings": [("id",)],
    "warned_people": [("user_id",)],
    "user_moderation": [("id",), ("warning_id",)],
    "content_flags": [("id",), ("interaction_id",), ("source", "source_id")],
    "time_zone_changes": [("user_id", "at")],
    "course_modules": [("module_id",)],
    "course_lessons": [("lesson_id",)],
    "course_progress": [("user_id", "lesson_id")],
    "course_questions": [("question_id",), ("user_id", "nonce")],
    "outbox": [("id",), ("key",), ("user_id",)],
    "interaction_tokens": [("user_id",)],
    "direct_channels": [("user_id",)],
    "reminders": [("user_id", "occasion")],
    "bot_status": [("last",)],
    "game_settings": [("name",)],
    "game_roles": [("role_id",), ("kind", "least", "name")],
    "member_roles": [("user_id",)],
    "role_state": [("last",)],
    "missing_rights": [("needs", "target_id")],
    "outages": [("id",), ("began",)],
    "health_reports": [("last",)],
    "health_probes": [("last",)],
    "weekly_reports": [("week",)],
    "rate_limits": [("user_id", "pace")],
    "rate_limit_violations": [("user_id", "pace", "day")],
}


def test_each_role_may_do_what_its_function_needs_and_nothing_else(owner: Connection):
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for role, table, privilege, column in owner.execute(ACL):
        found[role, table, privilege].add(column)
    expected: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for line in GRANTS.strip().splitlines():
        role, table, privilege, *columns = line.split()
        expected[role, table, privilege].update(columns)
    assert found == expected


def test_nobody_may_change_or_delete_a_ledger_row_but_the_owner(owner: Connection):
    for role in APPS:
        for privilege in ("UPDATE", "DELETE", "TRUNCATE"):
            query = (
                "SELECT has_table_privilege(%s, 'xp_ledger', %s) OR has_any_column_privilege(%s, 'xp_ledger', 'UPDATE')"
            )
            assert owner.execute(query, [role, privilege, role]).fetchone() == (False,)
    assert owner.execute("SELECT has_table_privilege('app_tensey', 'xp_ledger', 'SELECT')").fetchone() == (False,)


def test_no_role_may_change_or_delete_entries_of_the_audit_log_or_what_seals_them(owner: Connection):
    held = owner.execute(
        "SELECT role, tablename, privilege FROM unnest(%s::text[]) AS role,"
        " unnest('{audit_log,audit_chain}'::text[]) AS tablename,"
        " unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) AS privilege"
        " WHERE has_table_privilege(role, tablename, privilege)"
        " OR privilege = 'UPDATE' AND has_any_column_privilege(role, tablename, privilege)"
        " OR tablename = 'audit_chain' AND has_any_column_privilege(role, tablename, 'INSERT')",
        [sorted(APPS)],
    )
    assert held.fetchall() == []


def test_the_public_may_not_even_connect(owner: Connection):
    connects = owner.execute(
        "SELECT grantee::regrole::text, privilege_type FROM pg_database, aclexplode(datacl)"
        " WHERE datname = current_database() AND grantee <> 'mastermind_owner'::regrole ORDER BY 1"
    ).fetchall()
    assert connects == [(role, "CONNECT") for role in sorted(APPS)]
    uses = owner.execute(
        "SELECT grantee::regrole::text, privilege_type FROM pg_namespace, aclexplode(nspacl)"
        " WHERE nspname = 'public' AND grantee NOT IN (nspowner, 'mastermind_owner'::regrole) ORDER BY 1"
    ).fetchall()
    assert uses == [(role, "USAGE") for role in sorted(APPS)]


def test_the_functions_of_the_database_are_few_and_closed(owner: Connection):
    functions = owner.execute(
        "SELECT proname, prosecdef, proconfig, ARRAY(SELECT grantee::regrole::text FROM aclexplode(proacl)"
        " WHERE grantee <> proowner ORDER BY 1), proowner::regrole::text"
        " FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname"
    ).fetchall()
    assert {name: (definer, granted) for name, definer, _, granted, _ in functions} == {
        "announce_level": (True, []),
        "announce_raid": (True, []),
        "book_ledger_rows": (True, []),
        "board_leaf": (False, ["app_main", "app_outbox", "app_tensey"]),
        "count_listed": (True, []),
        "is_unlisted": (False, ["app_main", "app_tensey"]),
        "ledger_differences": (True, ["app_main"]),
        "repair_figures": (True, ["app_main"]),
        "remove_large_objects": (True, ["app_main"]),
        "leaf_of_line": (False, ["app_main", "app_tensey"]),
        "members_ahead": (False, ["app_main", "app_outbox", "app_tensey"]),
        "members_listed": (False, ["app_main", "app_outbox", "app_tensey"]),
        "faction_part": (False, []),
        "keep_stat_totals": (True, []),
        "keep_stat_listed": (True, []),
        "keep_totals_listed": (True, []),
        "leave_faction_totals": (True, []),
        "move_faction_totals": (True, []),
        "period_now": (False, ["app_main", "app_outbox", "app_tensey"]),
        "period_of": (False, ["app_main", "app_outbox", "app_tensey"]),
        "contribute_tick": (True, []),
        "count_contributions": (True, []),
        "charge": (True, ["app_main", "app_tensey"]),
        "check_deadline": (False, sorted(APPS)),
        "come_back": (True, []),
        "comes_within": (False, sorted(APPS)),
        "refuse_jump": (False, []),
        "follow_first_deed": (True, []),
        "follow_first_run": (True, []),
        "offer_first_run": (True, []),
        "covered_days": (False, ["app_award", "app_main", "app_outbox"]),
        "check_roles": (True, ["app_outbox"]),
        "follow_game_roles": (True, []),
        "follow_with_roles": (True, []),
        "note_roles": (True, ["app_main"]),
        "note_said": (True, ["app_main", "app_tensey"]),
        "end_pause": (True, ["app_main"]),
        "outage_days": (False, ["app_award", "app_main", "app_outbox"]),
        "fill_in_award": (True, []),
        "clock_reaches": (False, ["app_award", "app_main", "app_outbox"]),
        "day_begins": (False, ["app_award", "app_main", "app_outbox"]),
        "last_used": (True, ["app_main", "app_outbox"]),
        "move_reminder": (True, []),
        "next_reminder": (False, []),
        "plan_reminder": (True, []),
        "week_to_announce": (False, ["app_outbox"]),
        "week_to_report": (False, ["app_outbox"]),
        "follow_records": (True, []),
        "keep_booked_days": (True, []),
        "make_limits": (True, []),
        "enforce_limit": (False, ["app_main", "app_tensey"]),
        "admit_deletion": (True, ["app_main"]),
        "audit_texts": (False, ["app_main"]),
        "extend_audit_chain": (True, ["app_award"]),
        "delete_member": (True, ["app_main"]),
        "keep_to_what_was_asked": (False, []),
        "kept_of": (True, ["app_main"]),
        "pseudonym": (True, []),
        "lapse_announcements": (True, []),
        "leave_faction": (True, []),
        "lock_member": (False, ["app_main", "app_tensey"]),
        "local_day": (False, sorted(APPS)),
        "place_in_faction": (True, []),
        "record_outage": (True, ["app_award"]),
        "recounted": (False, []),
        "prune": (True, ["app_award"]),
        "raid_parts": (True, ["app_award", "app_main", "app_outbox"]),
        "apply_award": (False, ["app_award"]),
        "award_ref": (False, ["app_award", "app_outbox"]),
        "challenges_of_day": (False, ["app_main"]),
        "claim_day_award": (True, ["app_award"]),
        "do_day_challenge": (True, ["app_main"]),
        "undo_day_challenge": (True, ["app_main"]),
        "is_away": (False, []),
        "reset_awards_and_xp": (True, ["app_main"]),
        "reverse_award": (True, ["app_tensey"]),
        "set_up_roles": (False, []),
        "tell_award_later": (False, ["app_award", "app_outbox"]),
        "tensey_change": (False, []),
        "waiting_for": (True, ["app_main", "app_tensey"]),
        "withdraw_tick": (True, []),
    }
    assert {config[0] for _, _, config, _, _ in functions} == {"search_path=pg_catalog, public, pg_temp"}
    assert {name: config[1:] for name, _, config, _, _ in functions if config[1:]} == {
        "count_listed": ["plan_cache_mode=force_generic_plan"]
    }
    assert {owned_by for *_, owned_by in functions} == {"mastermind_owner"}


def test_the_owner_is_no_superuser_and_owns_everything(owner: Connection):
    query = "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = 'mastermind_owner'"
    assert owner.execute(query).fetchone() == (False, True, False)
    owners = owner.execute(
        "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert owners == [("mastermind_owner",)]


@pytest.mark.parametrize(
    ("role", "statement", "lock"),
    [
        ("app_main", "2s", "1500ms"),
        ("app_tensey", "2s", "1500ms"),
        ("app_award", "5s", "2s"),
        ("app_outbox", "5s", "2s"),
    ],
)
def test_each_role_only_logs_in_and_waits_for_nothing_long(owner: Connection, role: str, statement: str, lock: str):
    row = owner.execute(
        "SELECT rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication, rolconfig"
        " FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    assert row
    assert row[:2] == (True, False)
    assert set(row[2]) == {
        f"statement_timeout={statement}",
        f"lock_timeout={lock}",
        "idle_in_transaction_session_timeout=5s",
        "client_connection_check_interval=100ms",
    }


def test_the_connection_limits_of_all_roles_leave_a_part_of_the_server_free(owner: Connection):
    limits = owner.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = ANY(%s)", [list(APPS)]).fetchall()
    (most,) = owner.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
    assert len(limits) == len(APPS)
    assert all(limit > 0 for (limit,) in limits)
    assert sum(limit for (limit,) in limits) <= most * 0.7


def test_only_the_states_that_are_a_roles_own_can_be_reached(owner: Connection):
    policies = owner.execute(
        "SELECT policyname, cmd, roles::text[], qual, with_check FROM pg_policies WHERE tablename = 'pending_xp_awards'"
    ).fetchall()
    assert {
        (name, command, tuple(sorted(roles)), using, check) for name, command, roles, using, check in policies
    } == POLICIES
    query = "SELECT relrowsecurity FROM pg_class WHERE oid = 'pending_xp_awards'::regclass"
    assert owner.execute(query).fetchone() == (True,)
    query = "SELECT reloptions FROM pg_class WHERE oid = 'tensey_completions'::regclass"
    assert owner.execute(query).fetchone() == (["security_invoker=true"],)


@pytest.mark.parametrize("table", KEYS)
def test_each_table_has_the_keys_it_promises(owner: Connection, table: str):
    keys = owner.execute(
        "SELECT ARRAY(SELECT attname::text FROM unnest(indkey) WITH ORDINALITY AS key (number, place)"
        " JOIN pg_attribute ON attrelid = indrelid AND attnum = key.number ORDER BY place)"
        " FROM pg_index WHERE indrelid = %s::regclass AND indisunique ORDER BY indisprimary DESC",
        [table],
    ).fetchall()
    primary, *others = [tuple(columns) for (columns,) in keys]
    assert [primary, *sorted(others)] == [KEYS[table][0], *sorted(KEYS[table][1:])]


def test_every_table_is_among_those_whose_keys_are_promised(owner: Connection):
    tables = owner.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND relname <> 'schema_migrations'"  # the runner's own
    ).fetchall()
    assert {name for (name,) in tables} == KEYS.keys()


def test_no_index_depends_on_the_order_of_letters_of_a_language(owner: Connection):
    """Another version of the system may sort a language otherwise: then a unique index lets a key in twice."""
    query = """
        SELECT indexrelid::regclass::text
        FROM pg_index, unnest(indcollation::oid[]) AS used (collation_id)
        WHERE indrelid::regclass::text = ANY(%s) AND collation_id NOT IN (0, '"C"'::regcollation)
        ORDER BY 1
    """
    assert owner.execute(query, [list(KEYS)]).fetchall() == []


def test_ids_are_bigint_and_times_know_their_zone(owner: Connection):
    columns = owner.execute(
        "SELECT table_name || '.' || column_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = ANY(%s)",
        [list(KEYS)],
    ).fetchall()
    assert [full for full, name, kind in columns if name == "user_id" and kind != "bigint"] == []
    times = [(full, kind) for full, name, kind in columns if name == "at" or name.endswith("_at")]
    assert [full for full, kind in times if kind != "timestamp with time zone"] == []
    assert [full for full, name, kind in columns if name == "day" and kind != "date"] == []


def test_a_second_database_finds_the_roles_and_rds_lets_them_in_by_token(database: Postgres):
    """As after a restore; and as on RDS, where members of rds_iam log in with a token."""
    with closing(database.as_superuser()) as conn:
        conn.execute("CREATE ROLE rds_iam; GRANT rds_iam TO mastermind_owner WITH ADMIN OPTION")
        conn.execute("CREATE DATABASE second OWNER mastermind_owner")
        try:
            migrations.apply(replace(database.settings(OWNER), name="second"), MIGRATIONS, Deadline.after(60))
            members = "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = 'rds_iam'::regrole ORDER BY 1"
            assert [name for (name,) in conn.execute(members)] == [*sorted(APPS), OWNER]
        finally:
            conn.execute("DROP DATABASE second WITH (FORCE)")
            for role in (*APPS, OWNER):
                conn.execute(sql.SQL("REVOKE rds_iam FROM {} CASCADE").format(sql.Identifier(role)))
            conn.execute("DROP ROLE rds_iam")
