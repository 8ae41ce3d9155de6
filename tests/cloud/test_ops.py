"""The operator's tool on a running game: it names what is wrong, and changes only what it is asked to."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from bench import load
from bench.saturation import DATABASE, EMULATOR, FUNCTIONS
from devkit.content.files import CourseFile
from devkit.discord_client import DiscordClient, User, snowflake
from local.cloud import STACK
from mastermind.errors import MigrationError
from mastermind.game.privacy.rules import Deletion
from mastermind.operations.health.rules import HEALTHY
from mastermind.operations.migrations import runner as migrations
from ops import doctor, launch, migrate, queries, smoke, throttle
from ops.checklist import lines
from ops.checklist.all_lines import LINES
from ops.checklist.lines import Site
from ops.checks import findings
from ops.target import TargetError
from ops.tokens import VARIABLES
from tests.cloud import faults
from tests.cloud.faults import FAULTS, Fault, Game
from tests.deletion_logs import log_of
from tests.ops.discord_stand_in import TOKEN, StandIn, discord
from tests.ops.test_asks import ASKS
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from devkit.json_types import Json
    from local.cloud import Cloud


@pytest.fixture(scope="module")
def game(cloud: Cloud) -> Game:
    return Game(cloud)


@pytest.fixture
def context(game: Game) -> findings.Context:
    return findings.Context(game.target, {})


# --- the doctor ---


def test_nothing_is_wrong_with_a_new_game(game: Game):
    result = game.ops("doctor")
    assert (result.exit_code, "Nothing is wrong." in result.output) == (0, True), result.output


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.inject.__name__)
def test_a_fault_is_reported_with_its_fix(game: Game, context: findings.Context, fault: Fault):
    with fault.inject(game, context) as sick:
        named = next((one for one in wrong(sick) if one.what == fault.what and fault.words in one.words), None)
        assert named, wrong(sick)
    assert fault.fix in named.fix
    assert "secret-of-theirs" not in str(named)


def wrong(context: findings.Context) -> Iterator[findings.Finding]:
    return (one for one in doctor.run_checks(context) if one.state is findings.State.WRONG)


def test_after_the_repairs_nothing_is_wrong(context: findings.Context):
    """Alarms and the health check look back, and may be unhappy for a while."""
    assert [one for one in wrong(context) if one.what not in {"alarms", "health check"}] == []


def test_without_its_database_everything_else_is_still_checked(game: Game, context: findings.Context):
    with faults.no_database(game, context):
        result = game.ops("doctor", "--json")
    found = {one["what"]: one["state"] for one in json.loads(result.stdout)}
    assert (result.exit_code, found["database"], found["snapshot"]) == (1, "wrong", "fine")


def test_without_credentials_nothing_else_is_asked(game: Game):
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    result = game.ops("doctor", "--json", "--stack", "game", "--region", "eu-central-1", **variables)
    (found,) = json.loads(result.stdout)
    assert (result.exit_code, found["what"], "aws sso login" in found["fix"]) == (1, "credentials", True)


# --- Discord's applications ---


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        yield stand_in


def applications(game: Game, stand_in: StandIn, **shown: str) -> list[findings.Finding]:
    """What the doctor finds at main's application, which the stand-in shows as ours but for what is `shown`."""
    known, target = game.target.parameters, game.target
    ours = {"id": known["MainApplicationId"], "verify_key": known["MainPublicKey"]}
    stand_in.application = {**ours, "interactions_endpoint_url": target.output("MainInteractionsUrl"), **shown}
    context = findings.Context(target, {"main": TOKEN}, stand_in.url)
    return [
        one for one in doctor.run_check("applications", doctor.CHECKS["applications"], context) if "main" in one.what
    ]


def registered(game: Game, stand_in: StandIn) -> None:
    known = game.target.parameters
    place = ("--application-id", known["MainApplicationId"], "--guild", known["GuildId"], "--base-url", stand_in.url)
    assert game.ops("register", "main", *place, "--yes", DISCORD_BOT_TOKEN_MAIN=TOKEN).exit_code == 0


def test_an_application_that_is_set_up_is_fine(game: Game, stand_in: StandIn):
    registered(game, stand_in)
    assert [one.state for one in applications(game, stand_in)] == [findings.State.FINE]


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"id": "99"}, "the token is that of application 99"),
        ({"verify_key": "ab" * 32}, "Discord has another public key"),
        ({"interactions_endpoint_url": ""}, "its interactions endpoint URL is not set"),
    ],
)
def test_an_application_that_is_not_ours_is_named(game: Game, stand_in: StandIn, shown: dict[str, str], words: str):
    registered(game, stand_in)
    (found,) = applications(game, stand_in, **shown)
    assert (found.state, words in found.words) == (findings.State.WRONG, True)


def test_commands_that_are_not_registered_are_named(game: Game, stand_in: StandIn):
    (found,) = applications(game, stand_in)
    assert "+ /help is new" in found.words
    assert found.fix.startswith("`.venv/bin/ops register main --stack ")


@pytest.mark.parametrize(
    ("mentionable", "state", "words"),
    [
        (True, findings.State.FINE, "may be mentioned"),
        (False, findings.State.WRONG, "may not be mentioned"),
        (None, findings.State.WRONG, "the server has no role"),
    ],
)
def test_the_moderators_role_must_be_one_that_may_be_mentioned(
    game: Game, stand_in: StandIn, mentionable: bool | None, state: findings.State, words: str
):
    role: Json = {"id": game.target.parameters["ModeratorRoleId"], "mentionable": mentionable}
    stand_in.roles = [role] if mentionable is not None else []
    context = findings.Context(game.target, {"tensey": TOKEN}, stand_in.url)
    (found,) = doctor.run_check("moderators", doctor.CHECKS["moderators"], context)
    assert (found.state, words in found.words) == (state, True)


def test_a_token_that_discord_refuses_is_reported_and_not_shown(game: Game, stand_in: StandIn):
    context = findings.Context(game.target, {"main": "wrong.token"}, stand_in.url)
    found = doctor.run_check("applications", doctor.CHECKS["applications"], context)[0]
    assert "Discord answers 401" in found.words
    assert "wrong.token" not in str(found)


# --- smoke ---


def test_the_smoke_set_passes_signed(game: Game):
    before = game.rows("SELECT count(*) FROM users")
    result = game.ops("smoke", "--yes", "--json")
    assert (result.exit_code, [one["problem"] for one in json.loads(result.stdout)]) == (0, [""] * 10)
    assert game.rows("SELECT count(*) - 1 FROM users") == before
    # Its raid would end after a quarter of an hour, in a test of which nothing may change meanwhile.
    game.rows("UPDATE raid_events SET ends_at = ends_at + interval '4 hours' WHERE status = 'active'")


def test_the_smoke_set_asks_before_it_plays(game: Game):
    before = game.rows("SELECT count(*) FROM users")
    assert game.ops("smoke", answer="n\n").exit_code == 1
    assert game.rows("SELECT count(*) FROM users") == before


def test_the_smoke_set_rehearsed_leaves_nothing(game: Game):
    before = game.rows("SELECT count(*) FROM users")
    result = game.ops("smoke", "--rehearse")
    assert result.exit_code == 0, result.output
    assert game.rows("SELECT count(*) FROM users") == before


def test_the_smoke_set_fails_when_a_forged_signature_is_not_refused(game: Game, context: findings.Context):
    with faults.a_broken_function(game, context):
        result = game.ops("smoke", "--rehearse")
    assert result.exit_code == 1
    assert re.search(r"a forged signature, tensey.*answers 50\d to a forged signature instead of 401", result.output)


def test_the_smoke_set_fails_when_the_database_is_away(game: Game, context: findings.Context):
    with faults.no_database(game, context):
        result = game.ops("smoke", "--rehearse")
    assert result.exit_code == 1
    assert "can't reach its database" in result.output


# --- the report ---


def test_the_report_says_how_it_goes_and_that_a_local_game_costs_nothing(game: Game):
    found = game.json("report")
    assert found["costs"] == {"usd": 0, "is_estimate": False, "words": "a local game costs nothing"}
    assert found["this_week"]["active"] >= 0
    assert "This week" in game.ops("report").output


# --- awards ---


def late_award(game: Game, *, minutes: int) -> str:
    """A tick whose message was lost."""
    somebody = snowflake()
    game.rows("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Sam', 'UTC')", somebody)
    ((award,),) = game.rows(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, due_at, created_at)"
        " VALUES (%s, 'x', 100, 'pending', current_date, now() - make_interval(mins => %s), now() - interval '1 day')"
        " RETURNING award_id::text",
        somebody,
        minutes,
    )
    return award


def status(game: Game, award: str) -> str:
    return game.rows("SELECT status FROM pending_xp_awards WHERE award_id = %s::uuid", award)[0][0]


def test_awards_that_wait_are_shown(game: Game):
    award = late_award(game, minutes=-60)
    shown = game.json("awards")
    assert award in [one["award_id"] for one in shown["awards"]]
    assert shown["oldest_overdue_seconds"] == 0
    assert award in game.ops("awards").output


def test_what_is_overdue_is_applied_at_once_when_asked(game: Game):
    award = late_award(game, minutes=10)
    assert game.ops("awards", "--sweep", answer="n\n").exit_code == 1
    assert game.ops("awards", "--sweep", "--yes").exit_code == 0
    assert status(game, award) == "awarded"
    assert booked(game, "awards.sweep")["operator"] == game.target.caller


def dead_letters(game: Game, queue: str, *bodies: str, **fifo: str) -> None:
    """Put these messages there."""
    url, sqs = queries.dead_letter_queues(game.target)[queue], game.target.client("sqs")
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, **fifo)


def booked(game: Game, action: str) -> Json:
    """The newest entry of the audit log about that act of the operator."""
    return game.json("audit", "--action", action)[0]


def test_dead_letters_are_put_back_and_count_once(game: Game):
    award = late_award(game, minutes=0)
    dead_letters(game, "XpAwardsDlq", *[award] * 12)
    shown = game.ops("awards")
    assert (shown.exit_code, "12 in XpAwardsDlq" in shown.output) == (1, True)
    moved = game.ops("queue-redrive", "--yes")
    assert "12 moved from XpAwardsDlq to XpAwards" in moved.output, moved.output
    wait_for(lambda: status(game, award) == "awarded")
    assert game.rows("SELECT count(*) FROM xp_ledger WHERE source_id = %s", award) == [(1,)]
    assert queries.dead_letters(game.target)["XpAwardsDlq"] == 0
    entry = booked(game, "queue.redrive")
    assert (entry["operator"], entry["after"]) == (game.target.caller, {"XpAwardsDlq": 12})


def test_what_became_of_requests_is_put_back_in_its_group(game: Game):
    result = json.dumps({"id": str(uuid4()), "outcome": "done", "at": time.time()})
    dead_letters(game, "OutboxResultsDlq", result, MessageGroupId="a key", MessageDeduplicationId="1")
    moved = game.ops("queue-redrive", "OutboxResults", "--yes")
    assert "1 moved from OutboxResultsDlq to OutboxResults" in moved.output, moved.output
    assert queries.dead_letters(game.target)["OutboxResultsDlq"] == 0


def test_looking_at_dead_letters_leaves_them_and_shows_no_secret(game: Game):
    need = {"kind": "need", "user_id": 77, "place": "/course ask", "excerpt": "what they wrote", "token": "aW50ZXJ"}
    dead_letters(game, "NoticesDlq", json.dumps(need), "nothing of ours, and secret")
    try:
        for _ in range(2):
            found = game.ops("queue-look")
            assert (found.exit_code, "NoticesDlq has 2:" in found.output) == (1, True), found.output
            assert "kind=need user_id=77 place=/course ask (and 2 fields that are not shown)" in found.output
            assert "no JSON, so not ours" in found.output
            assert not any(word in found.output for word in ("what they wrote", "aW50ZXJ", "secret"))
        (name,) = game.json("queue-look", "Notices")
        assert name == "NoticesDlq"
        assert queries.dead_letters(game.target)["NoticesDlq"] == 2
    finally:
        game.cloud.aws.sqs.purge_queue(QueueUrl=queries.dead_letter_queues(game.target)["NoticesDlq"])


def test_a_dropped_message_is_kept_in_a_file_of_its_owner_alone(game: Game, tmp_path: Path):
    dead_letters(game, "JobsDlq", '{"job": "backup", "interaction_id": 1}', '{"job": "backup", "interaction_id": 2}')
    first, second = game.json("queue-look", "JobsDlq")["JobsDlq"]["shown"]
    file, rest = tmp_path / "one.jsonl", tmp_path / "rest.jsonl"
    dropped = game.ops("queue-drop", "JobsDlq", "--id", second["id"], "--id", str(uuid4()), "--to", str(file), "--yes")
    assert "1 deleted from JobsDlq" in dropped.output, dropped.output
    assert "1 of those ids were not found" in dropped.output
    (kept,) = map(json.loads, file.read_text().splitlines())
    assert (kept["id"], f"interaction_id={json.loads(kept['MessageBody'])['interaction_id']}") == (
        second["id"],
        second["about"].split()[-1],
    )
    assert file.stat().st_mode & 0o077 == 0
    assert [one["id"] for one in game.json("queue-look", "JobsDlq")["JobsDlq"]["shown"]] == [first["id"]]
    again = game.ops("queue-drop", "JobsDlq", "--to", str(file), "--yes")
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    assert "1 deleted from JobsDlq" in game.ops("queue-drop", "JobsDlq", "--to", str(rest), "--yes").output
    entry = booked(game, "queue.drop")
    assert (entry["operator"], entry["after"]) == (game.target.caller, {"JobsDlq": 1})
    empty = game.ops("queue-drop", "JobsDlq", "--yes")
    assert (empty.exit_code, empty.output) == (0, "There is nothing in JobsDlq.\n")
    assert game.ops("queue-look", "JobsDlq").output == "There are no dead letters.\n"


def test_what_may_not_be_repeated_is_not_sent_back(game: Game):
    refused = game.ops("queue-redrive", "HandOvers", "--yes")
    assert refused.exit_code == 1
    assert "HandOversDlq is not sent back: nobody knows whether Discord saw these requests" in refused.output
    assert "`.venv/bin/ops queue-drop HandOversDlq` empties it." in refused.output


def test_what_cannot_be_booked_is_not_done(game: Game, context: findings.Context):
    with faults.a_dead_letter(game, context):
        with faults.no_database(game, context):
            refused = game.ops("queue-redrive", "--yes")
        assert (refused.exit_code, "run this again" in refused.output) == (1, True), refused.output
        assert queries.dead_letters(game.target)["XpAwardsDlq"] == 1


# --- the ledger ---


def test_figures_that_the_ledger_does_not_say_are_found_shown_and_set_right(game: Game, context: findings.Context):
    with faults.xp_from_nowhere(game, context):
        found = game.ops("ledger-show")
        assert (found.exit_code, "808: `.venv/bin/ops ledger-show 808`" in found.output) == (1, True), found.output
        shown = game.ops("ledger-show", "808")
        assert (shown.exit_code, "`.venv/bin/ops ledger-repair 808" in shown.output) == (1, True), shown.output
        assert re.search(r"xp +77 +0 +-77", shown.output)
        done = game.ops("ledger-repair", "808", "--reason", "somebody wrote by hand", "--yes")
        assert (done.exit_code, "xp: 77 is 0 now." in done.output) == (0, True), done.output
        entry = booked(game, "ledger.repair")
        assert (entry["operator"], entry["subject_id"]) == (game.target.caller, "808")
        assert (entry["before"], entry["after"], entry["reason"]) == ({"xp": 77}, {"xp": 0}, "somebody wrote by hand")
        again = game.ops("ledger-repair", "808", "--reason", "again", "--yes")
        assert (again.exit_code, "Nothing differs" in again.output) == (0, True), again.output
    assert "Nothing differs" in game.ops("ledger-show").output
    unknown = game.ops("ledger-show", "1")
    assert (unknown.exit_code, unknown.output) == (1, "the game does not know this member\n")


def test_large_objects_are_shown_and_removed(game: Game):
    assert game.ops("large-objects").output == "There are none.\n"
    game.rows("SELECT lo_create(0) FROM generate_series(1, 3)")
    shown = game.ops("large-objects")
    assert (shown.exit_code, "3 of mastermind_owner" in shown.output) == (1, True), shown.output
    removed = game.ops("large-objects", "--remove", "--yes")
    assert (removed.exit_code, removed.output) == (0, "3 deleted.\nThere are none.\n")
    assert booked(game, "database.large_objects")["operator"] == game.target.caller


def test_what_the_game_says_by_itself_is_shown_without_a_text(game: Game):
    game.rows("INSERT INTO outbox (key, kind, due_at) VALUES ('a-test', 'nothing_of_ours', now() + interval '1 day')")
    game.rows(
        "INSERT INTO announcements (key, kind, details, status, resolved_at)"
        " VALUES ('raid_started:0', 'raid_started', '{}', 'silent', now())"
    )
    shown = game.ops("outbox").output
    game.rows("DELETE FROM outbox WHERE key = 'a-test'")
    game.rows("DELETE FROM announcements WHERE key = 'raid_started:0'")
    assert re.search("nothing_of_ours +due +1 ", shown), shown
    assert "raid_started:0: silent not announced" in shown


# --- health, migrations, records, logs ---


def test_health_is_reported_in_words_and_by_the_exit_status(game: Game, context: findings.Context):
    for _ in range(2):
        game.ops("health", "--check", "--yes")
    well = game.ops("health")
    assert well.exit_code == 0, well.output
    assert re.search(r"The game is well; checked \d+ seconds? ago\.", well.output)
    assert re.search(r"✓ +snapshot +the newest is 0 h old: ", well.output)
    assert well.output.endswith("There is nothing to do.\n")
    with faults.no_database(game, context):
        away = game.ops("health")
    assert (away.exit_code, "The game is down" in away.output) == (1, True)
    assert re.search(r"✗ +database .*PostgreSQL", away.output)
    assert "What to do:\n→ database: `.venv/bin/ops doctor` says what is wrong" in away.output


def test_health_ends_with_what_to_do_where_members_can_play(game: Game, context: findings.Context):
    with faults.xp_from_nowhere(game, context):
        found = game.ops("health")
    assert (found.exit_code, "Members can play, and something is to do" in found.output) == (0, True), found.output
    assert "→ ledger: " in found.output


def test_migrations_are_applied_again_without_harm(game: Game):
    here = queries.newest_migration()
    assert f"The database has migration {here:03}" in game.ops("migrate", "--dry-run").output
    done = game.ops("migrate", "--yes")
    assert (done.exit_code, f"the database has migration {here}." in done.output) == (0, True), done.output
    entry = booked(game, "database.migrate")
    assert (entry["operator"], entry["after"]) == (game.target.caller, {"applied": [], "migration": here})


def test_the_audit_log_is_shown_and_filtered(game: Game):
    admin = User(snowflake(), "Kim", permissions=8)
    with DiscordClient.from_endpoints(game.cloud.endpoints, "main") as main:
        main.command("start-raid", {"type": "mage"}, user=admin)
        subject = User(snowflake(), "Sam")
        main.command("scorecard", user=subject)
        main.command("admin adjust-xp", {"user": subject, "amount": 5, "reason": "[red]thanks[/]"}, user=admin)
    (entry,) = game.json("audit", "--user", str(subject.id))
    assert (entry["actor_id"], entry["action"], entry["reason"]) == (str(admin.id), "xp.adjust", "[red]thanks[/]")
    assert "Adjusted a member's XP" in game.ops("audit", "--user", str(subject.id)).output
    assert "[red]thanks[/]" in game.ops("audit", "--action", "xp.adjust").output
    assert "no such entry" in game.ops("audit", "--user", "1").output


def test_the_audit_log_verifies_until_somebody_changes_it(game: Game):
    admin, subject = User(snowflake(), "Kim", permissions=8), User(snowflake(), "Sam")
    with DiscordClient.from_endpoints(game.cloud.endpoints, "main") as main:
        main.command("scorecard", user=subject)
        main.command("admin adjust-xp", {"user": subject, "amount": 5, "reason": "thanks"}, user=admin)
    game.rows("UPDATE audit_log SET at = at - interval '2 minutes' WHERE at > now() - interval '1 minute' RETURNING 1")
    game.rows("UPDATE audit_head SET day = current_date - 1 RETURNING 1")
    game.ops("awards", "--sweep", "--yes")
    done = game.ops("audit-verify")
    assert done.exit_code == 0, done.output
    assert re.search("are as they were sealed; the ends of [12] days agree", done.output), "2 if the day ends meanwhile"
    changed = "UPDATE audit_log SET reason = %s WHERE id = (SELECT max(entry_id) FROM audit_chain) RETURNING id"
    ((entry,),) = game.rows(changed, "nothing")
    found = game.ops("audit-verify")
    game.rows(changed, "thanks")
    assert (found.exit_code, f"entry {entry} has another subject" in found.output) == (1, True), found.output


def test_somebodys_data_is_written_to_a_file_and_the_audit_log_says_by_whom(game: Game, tmp_path: Path):
    member, file = User(snowflake(), "Robin"), tmp_path / "robin.json"
    with DiscordClient.from_endpoints(game.cloud.endpoints, "main") as main:
        main.command("scorecard", user=member)
    command = ("export-data", str(member.id), "--to", str(file))
    asked = game.ops(*command, answer="n\n")
    assert (asked.exit_code, f"The audit log will name you: {game.target.caller}" in asked.output) == (1, True)
    done = game.ops(*command, "--yes")
    assert done.exit_code == 0, done.output
    assert str(member.id) in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    (booked,) = game.rows("SELECT actor_id, operator FROM audit_log WHERE subject_id = %s", member.id)
    assert booked == (None, game.target.caller)
    again = game.ops(*command, "--yes")
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def test_nothing_is_exported_of_somebody_unknown(game: Game, tmp_path: Path):
    done = game.ops("export-data", "1", "--to", str(tmp_path / "x"), "--yes")
    assert (done.exit_code, "keeps nothing about this person" in done.output) == (1, True)


def test_logs_are_shown_newest_last_and_filtered(game: Game):
    game.ops("awards", "--sweep", "--yes")
    lines = game.ops("logs", "xp_award", "--grep", "swept", "--raw").output.splitlines()
    assert json.loads(lines[-1])["message"] == "swept"
    assert "INFO swept" in game.ops("logs", "xp-award").output
    quiet = game.ops("logs", "xp-award", "--errors", "--since", "1s", "--grep", "no such words").output
    assert "has logged no such line" in quiet


@contextmanager
def impatient(game: Game) -> Generator[None]:
    """The migrations' runner may work for three seconds, and all of it must be over soon after."""
    functions, name = game.cloud.aws.functions, f"{STACK}-migrate"
    timeout = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=3)
    began = time.monotonic()
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Timeout=timeout)
    assert time.monotonic() - began < 60, "the template gives it five minutes"


def test_another_runner_that_never_ends_is_not_waited_for(game: Game):
    with impatient(game), psycopg.connect(game.cloud.postgres.owner_url) as holder:
        holder.execute(migrations.LOCK)
        done = game.ops("migrate", "--yes")
    assert (done.exit_code, "another migration runner is at work" in done.output) == (1, True), done.output


def test_a_frozen_database_does_not_hold_a_migration_up(game: Game):
    with impatient(game):
        game.cloud.postgres.freeze()
        try:
            with pytest.raises(MigrationError, match="could not be migrated"):
                migrate.apply(game.target)
        finally:
            game.cloud.postgres.thaw()


# --- nothing unasked ---


def everything(game: Game, stand_in: StandIn) -> dict[str, object]:
    """What a command could change: rows, messages, snapshots, secrets, and what was sent to Discord.

    Left out is what the game itself writes at any moment: of its health and its bot's, what protects from repeats, the
    seals of the audit log, and the report of a week. A probe of the database writes its one row whatever asks it: a
    read-only database answers every question.
    """
    health = ("health_reports", "health_probes", "outages", "bot_status")
    own = (*health, "interactions_done", "audit_chain", "audit_head", "weekly_reports")
    sqs, rds, ssm = game.cloud.aws.sqs, game.target.client("rds"), game.cloud.aws.ssm
    with psycopg.connect(game.cloud.postgres.owner_url) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        content = sql.SQL("SELECT count(*), coalesce(sum(hashtext(one::text)), 0) FROM {} one")
        rows = {name: conn.execute(content.format(sql.Identifier(name))).fetchone() for (name,) in tables}
    webhooks = [f"/{STACK}/webhooks/{kind}" for kind in ("announcements", "alerts")]
    return {
        "rows": {name: found for name, found in rows.items() if name not in own},
        "dead letters": queries.dead_letters(game.target),
        "queues": sorted(sqs.list_queues().get("QueueUrls", [])),
        "snapshots": [one["DBSnapshotIdentifier"] for one in rds.describe_db_snapshots()["DBSnapshots"]],
        "limits": [one.in_force for one in throttle.read(game.target)],
        "webhooks": [one.get("Version") for one in ssm.get_parameters(Names=webhooks)["Parameters"]],
        "Discord": [one for one in stand_in.asked if not one.startswith("GET ")],
    }


UNASKED = {
    "health": ("--check",),
    "smoke": (),
    "migrate": (),
    "awards": ("--sweep",),
    "ledger-repair": ("808", "--reason", "a test"),
    "large-objects": ("--remove",),
    "queue-redrive": (),
    "queue-drop": ("XpAwardsDlq", "--to", "{folder}/copy.jsonl"),
    "backup": ("--folder", "{folder}"),
    "export-data": ("909", "--to", "{folder}/theirs.json"),
    "register": ("main", "--application-id", "11", "--guild", "22", "--base-url", "{discord}"),
    "post-buttons": (
        *("--application-id", "11", "--list-channel", "33", "--base-url", "{discord}"),
        *("--state", "{folder}/buttons.json"),
    ),
    "seed-course": ("{folder}/course.json",),
    "reapply-deletions": ("--folder", "{folder}/log"),
    "token": ("--base-url", "{discord}"),
    "throttle": ("closed",),
}
"""How to bring each command to its question. What deploy asks is in test_ops_deploy, what init asks
in test_init, what restore asks in test_ops_restore; remove, settings and rotate-password need a stack on AWS
(tests/ops/test_remove.py, test_adopting.py, test_passwords.py), rotate-token a new token
(tests/ops/test_rotating.py), and rotate-webhook a server of Discord (test_init)."""

ON_AWS = {"deploy", "init", "remove", "restore", "rotate-password", "rotate-token", "rotate-webhook", "settings"}


THERE = {"ledger-repair": faults.xp_from_nowhere, "large-objects": faults.a_large_object}
"""What must be there so that a command asks; for the others a dead letter."""


def test_every_command_that_asks_is_tried():
    assert set(UNASKED) | ON_AWS == ASKS


@pytest.fixture
def folder(game: Game, tmp_path: Path) -> Path:
    """With a course of other words, and with a log of the deletion of a member who is there."""
    course = json.loads(CourseFile.SHIPPED.read_text())
    course["modules"][0]["title"] += ", differently"
    (tmp_path / "course.json").write_text(json.dumps(course))
    game.rows("INSERT INTO users (user_id, display_name, time_zone) VALUES (909, 'Ash', 'UTC') ON CONFLICT DO NOTHING")
    log_of(tmp_path / "log", Deletion(9, 909, datetime.now(UTC) + timedelta(minutes=1)))
    return tmp_path


@pytest.mark.parametrize("command", UNASKED)
def test_nothing_changes_when_nobody_answers(
    game: Game, context: findings.Context, stand_in: StandIn, folder: Path, command: str
):
    stand_in.channels.messages["33"] = {}
    if command == "token":
        stand_in.application = {"id": game.target.parameters["MainApplicationId"]}
    words = [word.format(folder=folder, discord=stand_in.url) for word in UNASKED[command]]
    with THERE.get(command, faults.a_dead_letter)(game, context):
        before, files = everything(game, stand_in), sorted(folder.rglob("*"))
        done = game.ops(command, *words, **dict.fromkeys(VARIABLES.values(), TOKEN))
        after = everything(game, stand_in)
    assert (done.exit_code, "[y/N]" in done.output, "Aborted" in done.output) == (1, True, True), done.output
    assert after == before
    assert sorted(folder.rglob("*")) == files


@pytest.mark.parametrize(
    "command", ["doctor", "health", "launch-check", "audit", "awards", "queue-look", "logs notify"]
)
def test_looking_changes_nothing(game: Game, stand_in: StandIn, command: str):
    before = everything(game, stand_in)
    game.ops(*command.split())
    assert everything(game, stand_in) == before


def test_a_closed_api_answers_nobody_until_it_is_normal_again(game: Game):
    page = game.target.url("HealthUrl")
    before = game.ops("throttle")
    assert "POST /interactions/main" in before.output
    closed = game.ops("throttle", "closed", "--yes")
    try:
        assert "POST /interactions/main: 20 a second, 40 at once -> closed" in closed.output
        assert (httpx.get(page, timeout=60).status_code, smoke.forged(game.target, "main").problem != "") == (429, True)
        with pytest.raises(TargetError, match="ops throttle low"):
            throttle.refuse_if_closed(game.target)
    finally:
        game.ops("throttle", "normal", "--yes")
    assert (httpx.get(page, timeout=60).status_code, smoke.forged(game.target, "main").problem) == (200, "")
    assert game.ops("throttle").output == before.output


def test_the_limits_of_the_template_hold_for_each_method_alone(game: Game):
    page = game.target.url("HealthUrl")
    with ThreadPoolExecutor(4) as together:
        asked = [together.submit(httpx.get, page, timeout=60) for _ in range(60)]
    assert 429 in [one.result().status_code for one in asked], "10 at once, 2 a second"
    assert smoke.forged(game.target, "main").problem == ""


# --- the launch checklist ---

NAMES = [line.name for line in LINES]


def line(name: str) -> lines.Line:
    return next(one for one in LINES if one.name == name)


def test_every_line_prints_its_state_and_keeps_its_proof(game: Game, tmp_path: Path):
    result = game.ops("launch-check", "--json", "--hours", "1", "--evidence", str(tmp_path))
    states = {one["line"]: one["state"] for one in json.loads(result.stdout)}
    assert list(states) == NAMES
    assert set(states.values()) <= {"pass", "fail", "confirm by hand", "only on AWS"}
    looking_back = {"health", "stability"}  # at the faults of other tests, which a health check may have met
    assert {name for name, state in states.items() if state == "fail"} <= looking_back
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.txt" for name in NAMES} | {"summary.json"}
    assert json.loads((tmp_path / "summary.json").read_text())["lines"] == states
    assert "The game begins" in (tmp_path / "announcement.txt").read_text()
    assert "client_id=" + game.target.parameters["MainApplicationId"] in (tmp_path / "invites.txt").read_text()
    everything = "".join(path.read_text() for path in tmp_path.iterdir())
    assert game.cloud.webhooks.url("alerts") not in everything


@pytest.mark.parametrize(
    ("name", "plant"),
    [
        ("parameters", faults.one_key_for_both),
        ("endpoints", faults.a_broken_function),
        ("smoke", faults.no_database),
        ("course", faults.no_course),
        ("database", faults.xp_from_nowhere),
        ("protection", faults.an_unprotected_database),
        ("backup", faults.no_snapshot),
        ("queues", faults.a_dead_letter),
        ("webhooks", faults.a_webhook_elsewhere),
        ("health", faults.an_outage),
        ("clock", faults.a_wrong_clock),
    ],
)
def test_a_broken_line_fails(
    game: Game,
    context: findings.Context,
    name: str,
    plant: Callable[[Game, findings.Context], AbstractContextManager[findings.Context]],
):
    with plant(game, context) as sick:
        result = launch.evaluate(line(name), Site(sick))
    assert result.state is lines.State.FAIL, result
    if name != "health":  # alarms look back
        assert launch.evaluate(line(name), Site(findings.Context(game.target, {}))).state is lines.State.PASS


def test_one_broken_line_fails_the_list(game: Game, context: findings.Context):
    assert game.ops("launch-check", "webhooks", "clock").exit_code == 0
    with faults.no_webhook(game, context):
        result = game.ops("launch-check", "webhooks", "clock")
    assert (result.exit_code, "is not stored" in result.output) == (1, True)


def test_the_last_lines_print_what_they_are_about(game: Game):
    assert "The game begins" in game.ops("launch-check", "announcement").output
    assert "https://discord.com/oauth2/authorize?client_id=" in game.ops("launch-check", "invites").output


def test_commands_that_discord_does_not_know_fail_their_line(game: Game, stand_in: StandIn):
    site = Site(findings.Context(game.target, {"main": TOKEN, "tensey": ""}, stand_in.url))
    assert launch.evaluate(line("commands"), site).state is lines.State.FAIL


def history(game: Game, until: datetime, *, hours: float, bad: timedelta | None = None) -> None:
    """Good figures of that many hours until then, and a bad one so long before."""
    moments = [until - timedelta(minutes=5 * n) for n in range(round(hours * 12) + 1)]
    points = [(moment, 1.0) for moment in moments] + ([(until - bad, 0.0)] if bad else [])
    dimensions = [{"Name": "service", "Value": "healthcheck"}]
    said = [
        {"MetricName": HEALTHY, "Value": value, "Timestamp": moment, "Unit": "None", "Dimensions": dimensions}
        for moment, value in points
    ]
    game.target.client("cloudwatch").put_metric_data(Namespace=STACK, MetricData=said)


def test_stability_is_counted_in_the_history_of_healthy(game: Game):
    """On a day when no health check of this cloud has run, which may have met the faults of other tests."""
    then = datetime.now(UTC) - timedelta(days=2)
    context = findings.Context(game.target, {}, now=lambda: then)
    history(game, then, hours=6)
    stable = launch.evaluate(line("stability"), Site(context, 5))
    assert (stable.state, "of 5 h without a gap" in stable.words) == (lines.State.PASS, True), stable
    assert launch.evaluate(line("stability"), Site(context, 9)).state is lines.State.FAIL
    history(game, then, hours=0, bad=timedelta(hours=3))
    bad = launch.evaluate(line("stability"), Site(context, 5))
    assert bad.state is lines.State.FAIL
    assert re.search(r"healthy for [23]\.\d of 5 h", bad.words), bad


# --- the load ---


def test_who_plays_without_a_pause_gets_good_answers_until_the_api_holds_them_back(game: Game):
    [step] = load.run(game.cloud.endpoints, 1, 3.0, lambda _: None)
    assert step.latencies
    assert set(step.failures) <= {"HTTP 429"}, step.failures
    assert all(step.busy.parts[part] > 0 for part in (FUNCTIONS, DATABASE, EMULATOR)), step.busy
