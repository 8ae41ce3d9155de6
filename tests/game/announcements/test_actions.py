"""Announcements on the real database: made once, sent once, whatever fails in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import table
from mastermind.game.announcements.rules import (
    LEVELS,
    AnnouncementKind,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
)
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome
from mastermind.game.contributions import table as contributions
from mastermind.game.ledger import actions as ledger
from mastermind.game.levels.rules import xp_needed
from mastermind.game.members.rules import Member, Subject
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import RaidType
from mastermind.postgres.exchange import only
from tests.actors import by
from tests.award.game import connect

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from devkit.postgres import Postgres
    from mastermind.game.announcements.queued import Announcement
    from tests.conftest import Enter

ANN, BEN = Member(1, "Ann"), Member(2, "Ben")
TEN = Milestone(1, "Ann", 10, 303, level=2)


class Player:
    """Ticks, undoes and applies awards under the functions' own roles."""

    def __init__(self, enter: Enter) -> None:
        self.tensey, self.award, self.look = enter("app_tensey"), enter("app_award"), enter(OWNER)
        self.main, self.relay = enter("app_main"), enter("app_outbox")
        self.numbers = count(1)

    def tick(self, member: Member = ANN) -> UUID:
        number = next(self.numbers)
        ticked = challenges.tick(self.tensey, by(member, number), f"c{number}", delay=0)
        return ticked.award_id

    def award_many(self, how_many: int, member: Member = ANN) -> list[UUID]:
        ticked = [self.tick(member) for _ in range(how_many)]
        assert all(challenges.apply(self.award, award_id) is Outcome.AWARDED for award_id in ticked)
        return ticked

    def undo(self, award_id: UUID, member: Member = ANN) -> None:
        challenges.undo(self.tensey, by(member, next(self.numbers)), award_id)

    def begin_with(self, challenges: int, member: Member = ANN) -> None:
        """As if the member had done so many in earlier times."""
        self.award_many(1, member)
        self.look.execute(
            "UPDATE users SET social_freedom_exercises_tenseys = %s WHERE user_id = %s", [challenges, member.user_id]
        )

    def rows(self) -> list[tuple[int, int, str]]:
        query = (
            "SELECT user_id, (details ->> 'challenges')::int, status FROM announcements"
            " WHERE kind = 'milestone' ORDER BY 1, 2"
        )
        return cast("list[tuple[int, int, str]]", self.look.execute(query).fetchall())

    def announced(self) -> list[Announcement]:
        """What is handed over to be sent."""
        sent: list[Announcement] = []
        assert announcements.announce(self.relay, sent.append, AnnouncementKind, Deadline.after(60)) == len(sent)
        return sent


@pytest.fixture
def player(as_role: Enter) -> Player:
    return Player(as_role)


def fail(_: Announcement) -> None:
    raise Unavailable("the queue is down")


def test_the_tenth_challenge_is_announced_and_no_other(player: Player):
    player.award_many(9)
    assert player.rows() == []
    player.award_many(1)
    assert player.announced() == [TEN]
    player.award_many(2)
    assert player.announced() == []
    assert player.rows() == [(1, 10, "sent")]


@pytest.mark.parametrize("milestone", [10, 50, 100, 200, 303])
def test_each_milestone_is_reached_by_the_award_that_makes_the_count_whole(player: Player, milestone: int):
    player.begin_with(milestone - 1)
    player.award_many(1)
    assert player.announced() == [Milestone(1, "Ann", milestone, 303)]


def test_the_sweep_reaches_milestones_too(player: Player):
    for _ in range(10):
        player.tick()
    assert challenges.sweep(player.award, Deadline.after(60)).applied == 10
    assert player.announced() == [TEN]


def test_a_pending_award_reaches_nothing(player: Player):
    player.award_many(9)
    waiting = challenges.tick(player.tensey, by(ANN, 999), "later", delay=60)
    assert challenges.apply(player.award, waiting.award_id) is Outcome.NOT_DUE
    assert player.rows() == []


def test_an_award_delivered_again_and_again_reaches_its_milestone_once(player: Player):
    *_, last = player.award_many(10)
    assert player.announced() == [TEN]
    for _ in range(5):
        assert challenges.apply(player.award, last) is Outcome.NOTHING
        assert player.announced() == []


def test_an_undo_below_and_a_new_tick_do_not_reach_it_again(player: Player):
    *_, last = player.award_many(10)
    assert player.announced() == [TEN]
    player.undo(last)
    player.award_many(1)
    assert player.announced() == []
    assert player.rows() == [(1, 10, "sent")]


def test_a_milestone_that_was_undone_before_it_was_announced_waits_until_it_is_reached_again(player: Player):
    *_, last = player.award_many(10)
    player.undo(last)
    assert player.announced() == []
    player.award_many(1)
    assert player.announced() == [TEN]


def test_a_reset_takes_back_what_was_not_announced_yet(player: Player):
    player.award_many(10)
    gain(player, xp_needed(5))
    reset(player)
    assert player.announced() == []


def test_what_could_not_be_sent_stays_due_and_is_sent_later(player: Player):
    player.award_many(10)
    with pytest.raises(Unavailable):
        announcements.announce(player.relay, fail, AnnouncementKind, Deadline.after(60))
    assert player.rows() == [(1, 10, "due")]
    assert player.announced() == [TEN]
    assert player.announced() == []


def test_of_several_those_that_were_sent_are_not_sent_again_when_one_fails(player: Player):
    for member in (ANN, BEN):
        player.award_many(10, member)
    sent: list[Announcement] = []

    def send(milestone: Announcement) -> None:
        if sent:
            raise Unavailable("the queue is down")
        sent.append(milestone)

    with pytest.raises(Unavailable):
        announcements.announce(player.relay, send, AnnouncementKind, Deadline.after(60))
    assert sent == [TEN]
    assert player.announced() == [Milestone(2, "Ben", 10, 303, level=2)]


def test_members_reach_their_milestones_each_for_themselves(player: Player):
    for member in (ANN, BEN):
        player.award_many(10, member)
    assert player.announced() == [TEN, Milestone(2, "Ben", 10, 303, level=2)]


def test_a_member_is_called_as_today(player: Player):
    player.award_many(10)
    player.tick(Member(1, "Anna"))
    assert player.announced() == [Milestone(1, "Anna", 10, 303, level=2)]


@pytest.mark.parametrize("wish", ['settings = \'{"announcements": "off"}\'', "hidden = true"])
def test_who_wants_no_announcements_is_passed_over_for_good(player: Player, wish: str):
    player.award_many(10)
    player.look.execute(f"UPDATE users SET {wish}".encode())  # noqa: S608 # our own words
    assert player.announced() == []
    player.look.execute("UPDATE users SET settings = '{}', hidden = false")
    assert player.announced() == []
    assert player.rows() == [(1, 10, "silent")]


def test_other_settings_keep_nobody_from_being_announced(player: Player):
    player.award_many(10)
    player.look.execute('UPDATE users SET settings = \'{"announcements": "on"}\'')
    assert player.announced() == [TEN]


def test_where_milestones_are_off_they_are_passed_over_for_good(player: Player):
    player.award_many(10)
    assert announcements.announce(player.relay, fail, (), Deadline.after(60)) == 0
    assert player.announced() == []
    assert player.rows() == [(1, 10, "silent")]


def test_a_passed_deadline_leaves_them_due(player: Player):
    player.award_many(10)
    assert announcements.announce(player.relay, fail, AnnouncementKind, Deadline.after(0)) == 0
    assert player.rows() == [(1, 10, "due")]


def test_what_another_process_is_sending_is_neither_waited_for_nor_sent(player: Player, as_role: Enter):
    player.award_many(10)
    other = as_role("app_outbox")
    met: list[int] = []

    def meanwhile(_: Announcement) -> None:
        met.append(announcements.announce(other, fail, AnnouncementKind, Deadline.after(60)))

    assert announcements.announce(player.relay, meanwhile, AnnouncementKind, Deadline.after(60)) == 1
    assert met == [0]


def test_what_another_process_left_claimed_is_due_again_after_its_deadline(player: Player, as_role: Enter):
    player.award_many(10)
    assert table.claim(as_role("app_outbox"), 600).fetchone()
    assert player.announced() == []
    player.look.execute("UPDATE announcements SET claimed_until = clock_timestamp()")
    assert player.announced() == [TEN]


def test_while_one_is_being_sent_another_process_sends_the_others(player: Player, as_role: Enter):
    for member in (ANN, BEN):
        player.award_many(10, member)
    other = as_role("app_outbox")
    sent: list[Announcement] = []

    def meanwhile(announcement: Announcement) -> None:
        announcements.announce(other, sent.append, AnnouncementKind, Deadline.after(60))
        sent.append(announcement)

    assert announcements.announce(player.relay, meanwhile, AnnouncementKind, Deadline.after(60)) == 1
    assert sent == [Milestone(2, "Ben", 10, 303, level=2), TEN]


def test_many_processes_announce_each_once_and_awards_go_on_meanwhile(player: Player, database: Postgres):
    members = [Member(number, f"Member {number}") for number in range(1, 9)]
    last = [player.award_many(9, member) and (member, player.tick(member)) for member in members]
    sent: list[Announcement] = []

    def work(number: int) -> None:
        with closing(connect(database, "app_award")) as award, closing(connect(database, "app_outbox")) as relay:
            for step in range(len(last)):
                challenges.apply(award, last[(step + number) % len(last)][1])
                announcements.announce(relay, sent.append, AnnouncementKind, Deadline.after(60))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert sorted(each.user_id for each in sent if isinstance(each, Milestone)) == [
        member.user_id for member in members
    ]
    assert {status for *_, status in player.rows()} == {"sent"}


def test_a_milestone_goes_with_its_member(player: Player):
    player.award_many(10)
    player.look.run_script(
        "DELETE FROM xp_totals; DELETE FROM xp_ledger; DELETE FROM pending_xp_awards; DELETE FROM users"
    )
    assert player.rows() == []


def reset(player: Player, member: Member = ANN) -> None:
    """An admin takes the member back to their beginning."""
    ledger.reset(player.main, by(Member(9, "Admin"), next(player.numbers)), Subject(member.user_id), "wrong member")


# --- levels ---


def gain(player: Player, xp: int, member: Member = ANN) -> None:
    """XP by a ledger row, as everything that gives XP does."""
    player.look.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (%s, %s, 'x', 'x', %s, '2026-08-01')",
        [member.user_id, xp, f"{member.user_id}:{next(player.numbers)}"],
    )


def xp_total(player: Player) -> int:
    row = player.look.execute("SELECT xp FROM users").fetchone()
    assert row
    return cast("int", row[0])


@pytest.fixture
def newcomer(player: Player) -> Player:
    """Ann has come, and is at level 1."""
    player.look.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC')")
    return player


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_that_is_told_is_told_when_it_is_reached(newcomer: Player, level: int):
    gain(newcomer, xp_needed(level) - 1)
    newcomer.announced()
    gain(newcomer, 1)
    assert newcomer.announced() == [LevelUp(1, "Ann", level)]


def test_no_other_level_is_told(newcomer: Player):
    told: list[Announcement] = []
    for level in range(2, 51):
        gain(newcomer, xp_needed(level) - xp_needed(level - 1))
        told += newcomer.announced()
    assert told == [LevelUp(1, "Ann", level) for level in LEVELS]


def test_an_award_that_reaches_a_level_tells_it_beside_the_milestone(player: Player):
    player.begin_with(9)
    gain(player, xp_needed(5) - 200)
    player.award_many(1)
    assert player.announced() == [LevelUp(1, "Ann", 5), replace(TEN, level=5)]


def test_who_jumps_over_several_levels_is_told_at_the_highest(newcomer: Player):
    gain(newcomer, xp_needed(26))
    assert newcomer.announced() == [LevelUp(1, "Ann", 25)]
    assert newcomer.announced() == []


def test_a_level_that_is_lost_and_reached_again_is_told_once(newcomer: Player):
    gain(newcomer, xp_needed(5))
    gain(newcomer, -100)
    gain(newcomer, 100)
    assert newcomer.announced() == [LevelUp(1, "Ann", 5)]
    gain(newcomer, -100)
    gain(newcomer, 100)
    assert newcomer.announced() == []


def test_a_level_that_was_taken_back_before_it_was_announced_is_not_announced(newcomer: Player):
    gain(newcomer, xp_needed(50))
    gain(newcomer, xp_needed(4) - xp_needed(50))
    assert newcomer.announced() == []


def test_after_a_correction_the_level_that_holds_is_announced(newcomer: Player):
    gain(newcomer, xp_needed(50))
    gain(newcomer, xp_needed(12) - xp_needed(50))
    assert newcomer.announced() == [LevelUp(1, "Ann", 10)]


def test_levels_that_were_never_announced_are_announced_when_they_are_reached(newcomer: Player):
    gain(newcomer, xp_needed(50))
    gain(newcomer, -xp_needed(50))
    newcomer.announced()
    for level in LEVELS:
        gain(newcomer, xp_needed(level) - xp_total(newcomer))
        assert newcomer.announced() == [LevelUp(1, "Ann", level)]


def test_a_mistake_that_was_announced_silences_no_lower_level(newcomer: Player):
    gain(newcomer, xp_needed(25))
    assert newcomer.announced() == [LevelUp(1, "Ann", 25)]
    gain(newcomer, -xp_needed(25))
    gain(newcomer, xp_needed(5))
    assert newcomer.announced() == [LevelUp(1, "Ann", 5)]
    gain(newcomer, xp_needed(25))
    assert newcomer.announced() == [LevelUp(1, "Ann", 10)]


def test_a_level_that_is_taken_back_while_it_is_being_sent_is_not_sent_again(newcomer: Player):
    gain(newcomer, xp_needed(5))
    sent: list[Announcement] = []

    def send(announcement: Announcement) -> None:
        sent.append(announcement)
        gain(newcomer, -100)

    assert announcements.announce(newcomer.relay, send, AnnouncementKind, Deadline.after(60)) == 1
    gain(newcomer, 100)
    assert newcomer.announced() == []
    assert sent == [LevelUp(1, "Ann", 5)]


def test_a_level_that_is_lost_and_reached_again_while_it_is_being_sent_is_sent_once(newcomer: Player, as_role: Enter):
    gain(newcomer, xp_needed(5))
    other = as_role("app_outbox")

    def send(_: Announcement) -> None:
        gain(newcomer, -100)
        gain(newcomer, 100)
        assert announcements.announce(other, fail, AnnouncementKind, Deadline.after(60)) == 0

    assert announcements.announce(newcomer.relay, send, AnnouncementKind, Deadline.after(60)) == 1
    assert newcomer.announced() == []


def test_a_member_can_go_on_while_their_level_is_being_sent(newcomer: Player):
    gain(newcomer, xp_needed(5))

    def send(_: Announcement) -> None:
        newcomer.look.execute("SET lock_timeout = '30s'")
        newcomer.look.execute("SELECT FROM announcements FOR UPDATE")

    assert announcements.announce(newcomer.relay, send, AnnouncementKind, Deadline.after(60)) == 1


def test_each_kind_can_be_off_for_itself(newcomer: Player):
    gain(newcomer, xp_needed(5))
    sent: list[Announcement] = []
    others = [kind for kind in AnnouncementKind if kind is not AnnouncementKind.LEVEL_UP]
    assert announcements.announce(newcomer.relay, sent.append, others, Deadline.after(60)) == 0
    assert newcomer.announced() == sent == []


# --- raids ---


def start_raid(player: Player, target: int = 1000) -> int:
    started = raids.start(player.main, by(ANN, 900), RaidType.WARRIOR, minutes=60, target=target, tick_points=15)
    return only(started)


def end_time_of(player: Player) -> datetime:
    row = player.look.execute("SELECT ends_at FROM raid_events").fetchone()
    assert row
    return cast("datetime", row[0])


def test_a_raid_is_told_when_it_starts_and_when_it_is_won(player: Player):
    player.award_many(1)
    raid_id = start_raid(player, target=100)
    ends = int(end_time_of(player).timestamp())
    assert player.announced() == [RaidStarted(raid_id, "warrior", 100, ends)]
    contributions.contribute(player.main, 1, "stats", "1", {"approaches": 105})
    assert player.announced() == [RaidCompleted(raid_id, "warrior", 100, 105, 1, "Ann")]
    assert player.announced() == []


def test_a_raid_that_failed_is_told(player: Player):
    player.award_many(1)
    raid_id = start_raid(player)
    player.announced()
    contributions.contribute(player.main, 1, "stats", "1", {"approaches": 30})
    player.look.execute("UPDATE raid_events SET ends_at = clock_timestamp()")
    raids.expire(player.award)
    assert player.announced() == [RaidFailed(raid_id, "warrior", 1000, 30, 1)]


def test_that_a_raid_has_started_is_not_told_when_it_is_over(player: Player):
    player.award_many(1)
    raid_id = start_raid(player)
    player.look.execute("UPDATE raid_events SET ends_at = clock_timestamp()")
    assert player.announced() == []
    raids.expire(player.award)
    assert player.announced() == [RaidFailed(raid_id, "warrior", 1000, 0, 0)]


def test_a_cancelled_raid_is_not_told(player: Player):
    player.award_many(1)
    raids.cancel(player.main, start_raid(player))
    assert player.announced() == []


def test_who_was_reset_before_the_reward_is_not_named_as_its_receiver(player: Player):
    player.award_many(1)
    start_raid(player, target=100)
    player.announced()
    contributions.contribute(player.main, 1, "stats", "1", {"approaches": 105})
    reset(player)
    [notice] = player.announced()
    assert isinstance(notice, RaidCompleted)
    assert (notice.top, notice.contributors) == ("", 0)


@pytest.mark.parametrize("wish", ['settings = \'{"announcements": "off"}\'', "hidden = true"])
def test_who_does_not_want_to_be_named_is_not_named_as_the_top_of_a_raid(player: Player, wish: str):
    player.award_many(1)
    start_raid(player, target=100)
    contributions.contribute(player.main, 1, "stats", "1", {"approaches": 105})
    player.look.execute(f"UPDATE users SET {wish}".encode())  # noqa: S608 # our own words
    [notice] = player.announced()
    assert isinstance(notice, RaidCompleted)
    assert notice.top == ""
