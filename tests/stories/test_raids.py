"""Raids beside everything else: endings, rewards, and two at once in both orders."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.contributions import table as contributions
from mastermind.game.days import actions as stats
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.raids import actions as raids
from mastermind.game.raids import table
from mastermind.game.raids.rules import REWARD, RaidType
from tests.actors import by
from tests.award.game import ANN, BEN, DELAY, ZONE, Connection, Game, connect
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future
    from uuid import UUID

    from devkit.postgres import Postgres
    from tests.stories.play import Play

CATALOGUE = catalogues.load()
CLEO = Member(3, "Cleo")

# Each row is something that must not be.
BROKEN: LiteralString = """
SELECT 'the total is not the sum of the contributions', raid_id::text
FROM raid_events
WHERE total <> (SELECT coalesce(sum(points), 0) FROM raid_contributions AS of WHERE of.raid_id = raid_events.raid_id)
UNION ALL
SELECT 'a raid is not completed when and only when its target was reached', raid_id::text
FROM raid_events WHERE (status = 'completed') <> (total >= target)
UNION ALL
SELECT 'a member has taken more from a raid than they gave', user_id::text
FROM raid_contributions WHERE user_id IS NOT NULL GROUP BY raid_id, user_id, stat HAVING sum(points) < 0
UNION ALL
SELECT 'a reward without a contribution to a completed raid', source_id
FROM xp_ledger WHERE source = 'raid' AND (xp <> 250 OR NOT EXISTS (
    SELECT FROM raid_contributions AS given JOIN raid_events USING (raid_id)
    WHERE given.raid_id || ':' || given.user_id = xp_ledger.source_id AND status = 'completed'
    GROUP BY given.user_id HAVING sum(points) > 0
))
UNION ALL
SELECT 'somebody who is gone is named', raid_id::text
FROM raid_events
CROSS JOIN LATERAL (VALUES (started_by), (top_user_id)) AS named (member)
WHERE member IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE user_id = member)
UNION ALL
SELECT 'more than one top', split_part(source_id, ':', 1)
FROM xp_ledger WHERE source = 'raid' AND kind = 'top' GROUP BY 2 HAVING count(*) > 1
"""


class Field(Game):
    """The award's game, with raids."""

    def start(
        self, target: int = 1000, minutes: int = 60, raid_type: RaidType = RaidType.WARRIOR, member: Member = BEN
    ) -> int:
        started = raids.start(
            self.main,
            by(member, next(self.interactions), ZONE),
            raid_type,
            minutes=minutes,
            target=target,
            tick_points=15,
        )
        assert started.is_new
        return started.raid.raid_id

    def submit(self, approaches: int, member: Member = ANN, conn: Connection | None = None) -> stats.Submitted:
        ids = next(self.interactions), next(self.interactions)
        added = {"approaches": approaches}
        return stats.submit(
            conn or self.main, by(member, ids[0], ZONE, nonce=ids[1]), "today", added, catalogue=CATALOGUE
        )

    def edit(self, submitted: stats.Submitted, approaches: int, member: Member = ANN) -> stats.Edited:
        ids = next(self.interactions), next(self.interactions)
        return stats.edit(
            self.main,
            by(member, ids[0], ZONE, nonce=ids[1]),
            submitted.day,
            {"approaches": approaches},
            catalogue=CATALOGUE,
        )

    def run_out(self) -> None:
        """The raid's time is over, and nobody has looked yet."""
        self.look.execute(
            "UPDATE raid_events SET started_at = started_at - ago, ends_at = ends_at - ago"
            " FROM (SELECT interval '5 hours' AS ago) AS moved WHERE status = 'active'"
        )

    def sweep(self, conn: Connection | None = None) -> raids.RaidSweep:
        return raids.sweep(conn or self.award, Deadline.after(60))

    def newest(self) -> tuple[str, int]:
        row = self.look.execute("SELECT status, total FROM raid_events ORDER BY raid_id DESC LIMIT 1").fetchone()
        assert row
        return row[0], row[1]

    def rewards(self) -> dict[int, int]:
        """XP of raids, by member."""
        found = self.look.execute("SELECT user_id, sum(xp)::int FROM xp_ledger WHERE source = 'raid' GROUP BY 1")
        return {row[0]: row[1] for row in found}

    def forget(self, member: Member, conn: Connection | None = None) -> None:
        """They have themselves removed from the game."""
        (conn or self.look).execute("SELECT delete_member(%s)", [member.user_id])

    @property
    def sound(self) -> bool:
        self.check()
        assert self.look.execute(BROKEN).fetchall() == []
        return True


@pytest.fixture
def field(database: Postgres) -> Iterator[Field]:
    with closing(Field(database)) as field:
        yield field


# --- what contributes ---


def test_stats_of_today_and_ticks_contribute_by_themselves(field: Field):
    field.start()
    assert field.submit(3).raid == 45
    field.tick()
    assert field.newest() == ("active", 60)
    assert field.sound


def test_stats_of_another_day_and_before_the_raid_do_not(field: Field):
    assert field.submit(3).raid is None
    field.start()
    yesterday = stats.submit(field.main, by(ANN, 1, ZONE, nonce=2), "yesterday", {"approaches": 3}, catalogue=CATALOGUE)
    assert yesterday.raid is None
    assert field.newest() == ("active", 0)


def test_an_edit_changes_the_total_while_the_raid_runs_and_not_after(field: Field):
    field.start(target=100)
    first = field.submit(4)
    assert field.edit(first, 2).raid == -30
    assert field.newest() == ("active", 30)
    assert field.edit(first, 7).raid == 75
    assert field.newest() == ("completed", 105)
    assert field.edit(first, 1).raid is None
    assert field.newest() == ("completed", 105)
    assert field.sound


def test_in_a_mage_raid_warrior_stats_do_not_count(field: Field):
    field.start(raid_type=RaidType.MAGE)
    assert field.submit(3).raid is None
    assert field.newest() == ("active", 0)


# --- endings and rewards ---


def test_when_the_target_is_reached_everybody_is_rewarded_once_and_the_top_twice(field: Field):
    field.start(target=150)
    field.submit(4, ANN)
    field.submit(2, CLEO)
    field.submit(4, BEN)
    assert field.newest() == ("completed", 150)
    assert field.sweep() == raids.RaidSweep(failed=0, rewarded=3, busy=0, refused=0, finished=True)
    assert field.rewards() == {1: 2 * REWARD, 2: REWARD, 3: REWARD}
    assert field.sweep().rewarded == 0
    assert field.one("SELECT rewarded_at IS NOT NULL FROM raid_events")
    assert field.sound


def test_the_rewards_say_in_the_ledger_what_for(field: Field):
    raid_id = field.start(target=15)
    field.submit(1)
    field.sweep()
    rows = field.look.execute(
        "SELECT kind, source_id, details, day = (at AT TIME ZONE %s)::date"
        " FROM xp_ledger WHERE source = 'raid' ORDER BY kind",
        [ZONE],
    ).fetchall()
    details = {"raid_id": raid_id, "type": "warrior", "points": 15}
    assert rows == [(kind, f"{raid_id}:1", details, True) for kind in ("reward", "top")]


def test_a_member_who_took_everything_back_is_not_a_contributor(field: Field):
    field.start(target=100)
    field.edit(field.submit(4), 0)
    field.submit(7, BEN)
    field.sweep()
    assert field.rewards() == {2: 2 * REWARD}


def test_a_raid_whose_time_is_over_fails_and_rewards_nobody(field: Field):
    field.start()
    field.submit(4)
    field.run_out()
    assert field.sweep() == raids.RaidSweep(failed=1, rewarded=0, busy=0, refused=0, finished=True)
    assert field.newest() == ("failed", 60)
    assert field.sweep().failed == 0
    assert field.rewards() == {}
    assert field.sound


def test_a_cancelled_raid_rewards_nobody(field: Field):
    raid_id = field.start()
    field.submit(4)
    assert raids.cancel(field.main, by(BEN, next(field.interactions), ZONE), raid_id).by_this
    field.sweep()
    assert field.rewards() == {}


def test_a_sweep_that_dies_between_two_rewards_is_gone_on_with_by_the_next(field: Field):
    field.start(target=45)
    for member in (ANN, BEN, CLEO):
        field.submit(1, member)
    first, *_ = contributions.unrewarded(field.award, None, 10)
    contributions.reward(field.award, first.raid_id, first.user_id, xp=REWARD)
    assert field.sweep().rewarded == 2
    assert field.rewards() == {1: 2 * REWARD, 2: REWARD, 3: REWARD}
    assert field.sound


def test_a_sweep_without_time_leaves_the_rewards_to_the_next(field: Field):
    field.start(target=15)
    field.submit(1)
    report = raids.sweep(field.award, Deadline.after(1))
    assert (report.rewarded, report.finished) == (0, False)
    assert not field.one("SELECT rewarded_at IS NOT NULL FROM raid_events")
    assert field.sweep().rewarded == 1


def test_a_locked_member_is_rewarded_by_the_next_sweep_and_delays_nobody(field: Field):
    field.start(target=30)
    field.submit(1, ANN)
    field.submit(1, BEN)
    with closing(connect(field.postgres, "app_main")) as busy:
        busy.execute("BEGIN")
        users.lock(busy, ANN.user_id)
        report = field.sweep()
        assert (report.rewarded, report.busy) == (1, 1)
        busy.rollback()
    assert field.sweep().rewarded == 1
    assert field.rewards() == {1: 2 * REWARD, 2: REWARD}


def test_whom_the_database_refuses_holds_nobody_up(field: Field):
    field.start(target=30)
    field.submit(1, ANN)
    field.submit(1, BEN)
    field.look.execute("ALTER TABLE xp_ledger ADD CONSTRAINT broken CHECK (user_id <> 1 OR source <> 'raid')")
    try:
        report = field.sweep()
    finally:
        field.look.execute("ALTER TABLE xp_ledger DROP CONSTRAINT broken")
    assert (report.rewarded, report.refused) == (1, 1)
    assert field.sweep().rewarded == 1


def test_many_sweeps_at_once_reward_each_once(field: Field):
    members = [Member(number, f"Member {number}") for number in range(1, 13)]
    field.start(target=15 * len(members))
    for member in members:
        field.submit(1, member)
    entered = [field.enter("app_award") for _ in range(4)]
    with ThreadPoolExecutor(len(entered)) as threads:
        list(threads.map(field.sweep, entered))
    field.sweep()
    assert sorted(field.rewards().values()) == [REWARD] * 11 + [2 * REWARD]
    assert field.sound


# --- two at once ---


class Beside:
    """An action on a connection of its own, in another thread."""

    def __init__(self, field: Game, future: Future[Any], pid: int) -> None:
        self._field, self._future, self._pid = field, future, pid

    def waits(self) -> bool:
        """Whether it waits for a lock, after it had time to come that far."""
        wait_for(lambda: self._future.done() or self._field.is_waiting(self._pid))
        return not self._future.done()

    def result(self) -> Any:  # noqa: ANN401 # whatever the action gives
        return self._future.result(timeout=60)


type Start = Callable[[str, Callable[[Connection], object]], Beside]


@contextmanager
def beside(field: Game) -> Generator[Start]:
    with ThreadPoolExecutor(4) as threads:

        def start(role: str, action: Callable[[Connection], object]) -> Beside:
            conn = field.enter(role)
            return Beside(field, threads.submit(action, conn), conn.pgconn.backend_pid)

        yield start


def contribute(conn: Connection, user_id: int, points: int, source_id: str) -> None:
    """The middle of a submission: everything of it but its end."""
    conn.execute("BEGIN")
    users.lock(conn, user_id)
    table.lock_active(conn)
    contributions.contribute(conn, user_id, "stats", source_id, {"approaches": points})


@pytest.fixture
def running(field: Field) -> Field:
    """A raid that lacks 100 points, with everybody met."""
    field.start(target=160)
    for member in (ANN, BEN):
        field.submit(2, member)
    return field


def test_an_ending_waits_for_a_contribution_that_reaches_the_target_and_then_lets_it_be(running: Field):
    newest = running.one(NEWEST)
    with beside(running) as start, closing(connect(running.postgres, "app_main")) as first:
        contribute(first, ANN.user_id, 105, "last")
        ending = start("app_main", lambda conn: raids.cancel(conn, by(BEN, 1, ZONE), newest))
        assert ending.waits()
        first.execute("COMMIT")
        assert not ending.result().by_this
    assert running.newest() == ("completed", 165)
    assert running.sound


def test_the_sweep_finds_the_time_over_while_a_last_contribution_is_being_written(play: Play):
    """It came in time and reached the target, so the raid is won."""
    raids.start(
        play.main, by(BEN, next(play.interactions), ZONE), RaidType.WARRIOR, minutes=60, target=160, tick_points=15
    )
    for member in (ANN, BEN):
        play.submit({"approaches": 2}, member=member)
    with beside(play) as start:
        first = play.enter("app_main")
        contribute(first, ANN.user_id, 105, "last")
        play.clock.advance(hours=2)
        sweep = start("app_award", lambda conn: raids.sweep(conn, Deadline.after(60)))
        assert sweep.waits()
        first.execute("COMMIT")
        assert sweep.result().failed == 0
    assert play.look.execute("SELECT status, total FROM raid_events").fetchall() == [("completed", 165)]
    assert play.look.execute(BROKEN).fetchall() == []
    play.check()


def test_a_contribution_that_waits_for_an_ending_counts_nothing(running: Field):
    with beside(running) as start, closing(connect(running.postgres, "app_main")) as first:
        first.execute("BEGIN")
        users.lock(first, BEN.user_id)
        table.lock_active(first)
        table.cancel(first, running.one(NEWEST))
        submission = start("app_main", lambda conn: running.submit(7, ANN, conn))
        tick = start("app_tensey", lambda conn: challenges.tick(conn, by(CLEO, 7, ZONE), "a", delay=0))
        assert submission.waits()
        assert tick.waits()
        first.execute("COMMIT")
        assert submission.result().raid is None
        assert tick.result().fresh
    assert running.newest() == ("cancelled", 60)


NEWEST: LiteralString = "SELECT max(raid_id) FROM raid_events"


def test_an_undo_that_waits_for_the_contribution_that_wins_leaves_its_points(running: Field):
    award_id = running.tick().award_id
    with beside(running) as start, closing(connect(running.postgres, "app_main")) as first:
        contribute(first, BEN.user_id, 90, "last")
        undo = start("app_tensey", lambda conn: challenges.undo(conn, by(ANN, 8), award_id))
        assert undo.waits()
        first.execute("COMMIT")
        assert undo.result().outcome == "cancelled"
    assert running.newest() == ("completed", 165)
    assert running.sound


def test_a_contribution_that_waits_for_an_undo_meets_the_lower_total(running: Field):
    award_id = running.tick().award_id
    with beside(running) as start, closing(connect(running.postgres, "app_tensey")) as first:
        first.execute("BEGIN")
        users.lock(first, ANN.user_id)
        first.execute(
            "UPDATE pending_xp_awards SET status = 'cancelled', resolved_at = clock_timestamp() WHERE award_id = %s",
            [award_id],
        )
        submission = start("app_main", lambda conn: running.submit(6, BEN, conn))
        assert submission.waits()
        first.execute("COMMIT")
        assert submission.result().raid == 90
    assert running.newest() == ("active", 150)
    assert running.sound


def test_an_undo_after_the_award_that_waits_for_an_ending_leaves_its_points(running: Field):
    award_id = running.tick(delay=0).award_id
    assert challenges.apply(running.award, award_id) is challenges.Outcome.AWARDED
    with beside(running) as start, closing(connect(running.postgres, "app_award")) as first:
        running.run_out()
        first.execute("BEGIN")
        table.expire(first)
        undo = start("app_tensey", lambda conn: challenges.undo(conn, by(ANN, 8), award_id))
        assert undo.waits()
        first.execute("COMMIT")
        assert undo.result().outcome == "reversed"
    assert running.newest() == ("failed", 75)
    assert running.sound


def second_start(first: Connection, start: Start) -> Beside:
    """Ann starts a raid while Ben has started one in `first`, which is not committed."""
    first.execute("BEGIN")
    users.lock(first, BEN.user_id)
    table.start(first, by(BEN, 8), RaidType.WARRIOR, minutes=60, target=1000, tick_points=15)
    other = start(
        "app_main",
        lambda conn: raids.start(conn, by(ANN, 9, ZONE), RaidType.MAGE, minutes=60, target=500, tick_points=0),
    )
    assert other.waits()
    return other


def test_of_two_simultaneous_starts_the_second_returns_the_first(field: Field):
    field.submit(1, ANN)
    field.submit(1, BEN)

    with beside(field) as start, closing(connect(field.postgres, "app_main")) as first:
        other = second_start(first, start)
        first.execute("COMMIT")
        started = other.result()
    assert (started.is_new, started.raid.type, started.raid.status) == (False, "warrior", "active")


def test_a_start_that_waits_for_one_that_fails_starts_its_own(field: Field):
    field.submit(1, ANN)
    field.submit(1, BEN)

    with beside(field) as start, closing(connect(field.postgres, "app_main")) as first:
        other = second_start(first, start)
        first.rollback()
        started = other.result()
    assert (started.is_new, started.raid.type) == (True, "mage")


# --- who leaves ---


def test_a_member_deleted_during_a_raid_leaves_their_points_without_a_name(running: Field):
    with beside(running) as start, closing(connect(running.postgres, OWNER)) as first:
        first.execute("BEGIN")
        running.forget(ANN, first)
        other = start("app_main", lambda conn: running.submit(7, BEN, conn))
        assert other.waits(), "for the counters, which the one who leaves takes last"
        first.execute("COMMIT")
        assert other.result().raid == 105
    assert running.newest() == ("completed", 165)
    running.sweep()
    assert running.rewards() == {2: 2 * REWARD}
    standing = raids.read(running.main, by(CLEO, time_zone=ZONE), None)
    assert [(each.display_name, each.points) for each in standing.top] == [("Ben", 135)]
    assert standing.raid
    shown = 160  # 24 of Ann's 30, who left, and Ben's 135; a raid that is won shows its target
    assert (standing.raid.total, standing.raid.contributors) == (shown, 1)


def test_the_admin_who_started_the_raid_may_be_deleted_too(running: Field):
    running.forget(BEN)
    assert running.one("SELECT started_by FROM raid_events") is None
    assert running.newest() == ("active", 60)


def test_the_top_contributors_part_is_nobodys_when_they_are_forgotten_before_it_is_booked(running: Field):
    running.submit(7, ANN)
    running.forget(ANN)
    running.sweep()
    assert running.rewards() == {2: REWARD}
    assert running.sound


def win_by_stats(field: Field, conn: Connection) -> None:
    field.submit(1, BEN, conn)


def win_by_a_tick(field: Field, conn: Connection) -> None:
    challenges.tick(conn, by(BEN, next(field.interactions), ZONE), "b", delay=DELAY)


@pytest.mark.parametrize(("role", "win"), [("app_main", win_by_stats), ("app_tensey", win_by_a_tick)])
def test_a_win_that_waits_for_a_deletion_has_its_top_among_those_who_are_left(
    running: Field, role: str, win: Callable[[Field, Connection], None]
):
    running.submit(6, ANN)
    with beside(running) as start, closing(connect(running.postgres, OWNER)) as first:
        first.execute("BEGIN")
        running.forget(ANN, first)
        other = start(role, lambda conn: win(running, conn))
        assert other.waits()
        first.execute("COMMIT")
        other.result()
    assert running.newest() == ("completed", 165)
    assert running.one("SELECT top_user_id FROM raid_events") == BEN.user_id
    running.sweep()
    assert running.rewards() == {2: 2 * REWARD}
    assert running.sound


def test_a_deletion_that_waits_for_a_win_leaves_no_top_behind(running: Field):
    running.submit(6, ANN)
    with beside(running) as start, closing(connect(running.postgres, "app_main")) as first:
        contribute(first, BEN.user_id, 15, "last")
        other = start(OWNER, lambda conn: running.forget(ANN, conn))
        assert other.waits()
        first.execute("COMMIT")
        other.result()
    assert running.newest() == ("completed", 165)
    assert running.one("SELECT top_user_id FROM raid_events") is None
    running.sweep()
    assert running.rewards() == {2: REWARD}
    assert running.sound


def test_a_member_who_starts_over_leaves_the_raid_and_may_contribute_again(running: Field):
    contributions.leave(running.main, ANN.user_id)
    assert running.newest() == ("active", 60)
    assert running.submit(1, ANN).raid == 15
    standing = raids.read(running.main, by(ANN, time_zone=ZONE), None)
    shown = 56 + 8  # in steps of 8: the 60 of who left, and the 15 of the others
    assert (standing.own.points, standing.raid and standing.raid.total) == (15, shown)


# --- all at once ---


def test_with_everything_at_once_no_point_is_lost_and_nothing_locks_up(field: Field):
    members = [Member(number, f"Member {number}") for number in range(1, 7)]
    field.start(target=900, member=members[0])
    for member in members:
        field.submit(1, member)

    def play(number: int) -> None:
        member, chance = members[number], random.Random(number)  # noqa: S311 # the same game each time
        with (
            closing(connect(field.postgres, "app_main")) as main,
            closing(connect(field.postgres, "app_tensey")) as tensey,
            closing(connect(field.postgres, "app_award")) as award,
        ):
            mine: list[UUID] = []
            for step in range(12):
                interaction = 10_000 + number * 1000 + step
                match chance.randrange(5):
                    case 0 | 1:
                        made = challenges.tick(tensey, by(member, interaction, ZONE), f"c{step}", delay=0)
                        mine.append(made.award_id)
                    case 2 if mine:
                        challenges.undo(tensey, by(member, interaction), mine.pop())
                    case 3:
                        challenges.sweep(award, Deadline.after(60))
                        raids.sweep(award, Deadline.after(60))
                    case _:
                        field.submit(1, member, main)

    with ThreadPoolExecutor(len(members)) as threads:
        list(threads.map(play, range(len(members))))
    assert field.sound
    field.submit(60, members[0])
    assert field.newest()[0] == "completed"
    challenges.sweep(field.award, Deadline.after(60))
    field.sweep()
    assert field.one("SELECT rewarded_at IS NOT NULL FROM raid_events")
    assert field.sound
