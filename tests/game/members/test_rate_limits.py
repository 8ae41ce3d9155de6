"""The limits as the database keeps them: against the rule, against each other, and against what is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from devkit.postgres import OWNER
from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing
from mastermind.game.members import table as users
from mastermind.game.members.pace import Charge, Limit, Pace
from mastermind.game.members.rules import Actor
from mastermind.postgres.errors import DatabaseError
from mastermind.postgres.exchange import exchange
from mastermind.postgres.sqlstates import TOO_FAST
from tests.connections import enter, refused
from tests.game.members.arrivals import arrive
from tests.waiting import wait_for

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
SLOW = Limit(1, 3600, 3)
"""Three at once, and then nothing for the rest of a test."""

interactions = count(1)


@pytest.fixture
def main(as_role: Enter) -> Connection:
    return as_role("app_main")


def use(conn: Connection, limit: Limit = SLOW, pace: Pace = Pace.OTHER, *, user_id: int = 1, id_: int = 0) -> bool:
    """Whether a charged use was let through."""
    actor = Actor(user_id, "Ann", id_ or next(interactions), ZONE, Charge(pace, limit))
    try:
        with exchange(conn):
            users.meet(conn, actor)
            users.admit(conn, actor)
    except DatabaseError as error:
        if error.sqlstate != TOO_FAST:
            raise
        return False
    return True


def uses(conn: Connection, times: int, limit: Limit = SLOW, pace: Pace = Pace.OTHER) -> list[bool]:
    return [use(conn, limit, pace) for _ in range(times)]


def violations(owner: Connection) -> dict[tuple[int, str], int]:
    rows = owner.execute("SELECT user_id, pace, violations FROM rate_limit_violations").fetchall()
    return {(user_id, pace): times for user_id, pace, times in rows}


@pytest.mark.parametrize("role", ["app_main", "app_tensey"])
def test_a_burst_passes_and_the_rest_is_refused_and_counted(as_role: Enter, owner: Connection, role: str):
    assert uses(as_role(role), 5) == [True, True, True, False, False]
    assert violations(owner) == {(1, "other"): 2}


def test_paces_and_members_do_not_get_into_each_others_way(main: Connection, owner: Connection):
    uses(main, 4)
    assert uses(main, 4, pace=Pace.STATS) == [True, True, True, False]
    assert use(main, user_id=2)
    assert violations(owner) == {(1, "other"): 1, (1, "stats"): 1}


def test_ticks_and_undos_share_one_pace_over_both_roles(as_role: Enter):
    assert uses(as_role("app_tensey"), 2, pace=Pace.TICKS) == [True, True]
    assert uses(as_role("app_main"), 2, pace=Pace.TICKS) == [True, False]


def test_what_stands_behind_a_refusal_in_its_exchange_does_not_run(main: Connection, owner: Connection):
    uses(main, 3)
    renamed = Actor(1, "Ann with a new name", next(interactions), ZONE, Charge(Pace.OTHER, SLOW))

    def hide() -> None:
        with exchange(main):
            users.meet(main, renamed)
            users.admit(main, renamed)
            main.execute("UPDATE users SET hidden = true")

    with pytest.raises(DatabaseError, match="too fast") as refusal:
        hide()
    again = datetime.fromtimestamp(int(refusal.value.detail), UTC)
    assert timedelta(minutes=59) < again - datetime.now(UTC) <= timedelta(seconds=3601)
    assert owner.execute("SELECT hidden FROM users").fetchall() == [(False,)]
    assert violations(owner) == {(1, "other"): 1}
    assert main.execute("SELECT 1").fetchone() == (1,)


def test_a_refusal_that_reads_no_row_does_not_hide_that_the_use_came_too_fast(main: Connection):
    uses(main, 3)
    ann = Actor(1, "Ann", next(interactions), ZONE, Charge(Pace.OTHER, SLOW))
    with pytest.raises(DatabaseError, match="too fast"), changing(main, ann, "xp.adjust"):
        raise MemberMistake("refused without a look at the database")
    assert main.execute("SELECT 1").fetchone() == (1,)


def test_the_connection_is_as_good_as_before_for_the_next_member(main: Connection):
    assert uses(main, 4)[-1] is False
    assert use(main, user_id=2)
    with exchange(main):
        users.meet(main, Actor(3, "Not charged", 1, ZONE))


def test_the_same_interaction_again_is_not_charged(main: Connection, owner: Connection):
    assert [use(main, id_=77_000) for _ in range(9)] == [True] * 9
    assert uses(main, 3) == [True, True, False]
    assert violations(owner) == {(1, "other"): 1}


def test_the_repeat_of_a_stored_interaction_is_not_charged_however_late_it_comes(main: Connection, owner: Connection):
    main.execute("INSERT INTO interactions_done (interaction_id, user_id, outcome) VALUES (77001, 1, '{}')")
    uses(main, 4)
    assert [use(main, id_=77_001) for _ in range(3)] == [True] * 3
    assert violations(owner) == {(1, "other"): 1}


def test_after_the_wait_it_goes_on(main: Connection, owner: Connection):
    uses(main, 4)
    owner.execute("UPDATE rate_limits SET expected_at = expected_at - interval '1 hour'")
    assert uses(main, 2) == [True, False]


def test_a_forgotten_member_leaves_nothing_and_starts_over(main: Connection, owner: Connection):
    uses(main, 4)
    owner.execute("DELETE FROM users")
    assert violations(owner) == {}
    assert owner.execute("SELECT FROM rate_limits").rowcount == 0
    assert use(main)


def test_who_is_unknown_and_stays_so_is_charged_nothing(as_role: Enter, owner: Connection):
    conn = as_role("app_tensey")
    with exchange(conn):
        users.meet(conn, Actor(1, "Ann", 1, ZONE, Charge(Pace.TICKS, SLOW), joins=False))
    assert owner.execute("SELECT FROM rate_limits").rowcount == 0


def test_nobody_but_the_functions_of_the_database_moves_a_limit(as_role: Enter):
    for role in ("app_main", "app_tensey"):
        for statement in ("UPDATE rate_limits SET interaction_id = 1", "DELETE FROM rate_limit_violations"):
            with refused(errors.InsufficientPrivilege):
                as_role(role).execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue]


def test_first_contact_makes_the_limits_of_every_pace(main: Connection, owner: Connection):
    users.meet(main, Actor(1, "Ann", 1, ZONE))
    assert {pace for (pace,) in owner.execute("SELECT pace FROM rate_limits WHERE user_id = 1")} == set(Pace)


@pytest.mark.parametrize("pace", [Pace.OTHER, Pace.TICKS])
def test_a_use_waits_for_no_booking_of_the_member_and_for_nobody_who_waits_for_one(
    as_role: Enter, owner: Connection, pace: Pace
):
    """The first use of a pace neither: it would wait along the versions of the row, as a deadlock needs it to."""
    main = as_role("app_main")
    use(main)
    booking, waiting = as_role(OWNER), as_role("app_main")
    booking.run_script("BEGIN; UPDATE users SET xp = xp + 1")  # a newer version, which nobody sees yet
    with ThreadPoolExecutor(1) as threads:
        locked = threads.submit(waiting.run_script, "BEGIN; SELECT lock_member(1)")
        wait_for(lambda: owner.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount)
        main.execute("SET lock_timeout = '30s'")
        assert use(main, pace=pace)
        booking.execute("COMMIT")
        locked.result()
    assert use(main, pace=pace)  # while the row is locked in its newest version


def test_uses_at_the_same_moment_never_share_the_last_slot(database: Postgres, owner: Connection):
    """In any order, exactly a burst of each member's uses passes, also when they are new to the game."""

    def press(number: int) -> list[bool]:
        with closing(enter(database.url("app_main"))) as conn:
            return [use(conn, Limit(1, 3600, 10), user_id=member, id_=member * 1000 + number) for member in range(1, 9)]

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(press, range(16)))
    assert [sum(of_member) for of_member in zip(*outcomes, strict=True)] == [10] * 8
    assert violations(owner) == {(member, "other"): 6 for member in range(1, 9)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.builds(Limit, st.integers(1, 100), st.sampled_from([60, 3600]), st.integers(1, 6)),
    pauses=st.lists(st.integers(0, 90).map(float), min_size=1, max_size=25),
)
def test_the_database_decides_as_the_rule_does(main: Connection, owner: Connection, limit: Limit, pauses: list[float]):
    """Time passes by moving what is expected into the past; the rule gets the database's own timestamps."""
    owner.execute("DELETE FROM users")
    expected = None
    for pause in pauses:
        owner.execute("UPDATE rate_limits SET expected_at = expected_at - make_interval(secs => %s)", [pause])
        expected = expected and expected - timedelta(seconds=pause)
        before = now(owner)
        passes = use(main, limit)
        after = now(owner)
        early, late = arrive(expected, before, limit), arrive(expected, after, limit)
        if (early[1] is None) != (late[1] is None):  # it could go either way within these milliseconds
            return
        assert passes == (early[1] is None)
        kept = cast(
            "datetime", owner.execute("SELECT expected_at FROM rate_limits WHERE interaction_id <> 0").fetchall()[0][0]
        )
        if passes:
            assert early[0] <= kept <= late[0]
        expected = kept


def now(owner: Connection) -> datetime:
    return cast("datetime", owner.execute("SELECT clock_timestamp()").fetchall()[0][0])


# --- what admins have chosen ---


def chosen(owner: Connection, pace: Pace, speed: str) -> None:
    owner.execute("INSERT INTO game_settings (name, value) VALUES (%s, %s)", [f"limit.{pace}", speed])


@pytest.mark.parametrize(("speed", "at_once"), [("0.5", 2), ("2", 6), ("4", 12)])
def test_a_limit_is_as_many_times_as_fast_as_admins_say(main: Connection, owner: Connection, speed: str, at_once: int):
    limit = Limit(3, 3600, 3)
    chosen(owner, Pace.LEADERBOARD, speed)
    assert uses(main, at_once + 1, limit, Pace.LEADERBOARD) == [True] * at_once + [False]
    assert uses(main, 4, limit, Pace.PAGING) == [True] * 3 + [False], "each pace has its own"


def test_a_slower_limit_never_waits_longer_than_the_deploys_and_always_lets_one_use_through(
    main: Connection, owner: Connection
):
    chosen(owner, Pace.ADMIN, "0.5")
    assert uses(main, 2, Limit(1, 86_400, 1), Pace.ADMIN) == [True, False]


@pytest.mark.parametrize("value", ["0", "1000", "-1", "1", "0.001", "fast", ""])
def test_the_database_takes_no_other_speed(owner: Connection, value: str):
    with refused(errors.CheckViolation):
        chosen(owner, Pace.TICKS, value)
