"""A Hypothesis state machine over the whole main game on a real PostgreSQL, under the real roles.

Random histories of whatever members, admins, the queue and the calendar do; after every step each figure is what a
naive recount says (docs/rules/figures.md).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome
from mastermind.game.course import actions as course
from mastermind.game.course import content as courses
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.pauses import actions as pauses
from mastermind.game.privacy import actions as privacy
from mastermind.game.raids import actions as raids
from mastermind.game.raids import table as raid_events
from mastermind.game.raids.rules import RaidType
from mastermind.game.rest_days import actions as rest_days
from mastermind.game.settings import actions as member_settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.game.standings import table as standings
from tests.actors import by
from tests.award.game import DELAY
from tests.stories import play as naive
from tests.stories.play import CATALOGUE, ZONE

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from uuid import UUID

    from mastermind.game.days.actions import DayCard, Edited, Submitted
    from mastermind.game.settings.actions import Settings
    from tests.stories.play import Play

STORIES = 40
STEPS = 40

DAY = timedelta(days=1)
BEGINNING = datetime(2025, 10, 20, 16, tzinfo=UTC)
"""In the past, so that what keeps the real clock comes later; a fortnight before the clocks change in New York."""

ANN, BEN, CEM, ADMIN = (Member(user_id, name) for user_id, name in ((1, "Ann"), (2, "Ben"), (3, "Cem"), (9, "Admin")))
MEMBERS = (ANN, BEN, CEM)
COURSE = courses.load()
STATS = (
    "approaches",
    "numbers",
    "dates_had",
    "grounding",
    "releasing_session",
    "overall_state",
    "journal",
    "course_experiment",
)
"""Few, so that stories come back to what was logged: of warriors and mages, with low caps, and the one once a day."""

ZONES = ("Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Europe/Berlin", "Asia/Kathmandu")

members = st.sampled_from((ANN, *MEMBERS))  # Ann is the one who logs every day
picks = st.integers(0, 1_000)  # which of those there are, counted around
counts = st.dictionaries(st.sampled_from(STATS), st.sampled_from((0, 1, 1, 2, 3, 5, 6, 8, 9, 10, 11)), max_size=4)
days_back = st.sampled_from((0, 0, 0, 1, 1, 2, 2, 3, 5, 7, 8, 30, 31))


@dataclass
class Day:
    """A day as the model knows it: what is logged, which of it in time, what was booked at which share."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    in_time: set[str] = field(default_factory=set[str])
    booked: int = 0
    share: int = 0


@dataclass(frozen=True)
class Done:
    """A change of a day, with its form and the answer."""

    kind: str
    member: Member
    day: date
    given: Mapping[str, int]
    nonce: int
    answer: Submitted | Edited


@dataclass(frozen=True)
class Award:
    """A challenge as the model knows it."""

    award_id: UUID
    member: Member
    day: date
    status: str = "pending"

    @property
    def live(self) -> bool:
        return self.status in {"pending", "awarded"}


class GameMachine(RuleBasedStateMachine):
    """What happens, and a model of what must come of it."""

    play: ClassVar[Play]

    def __init__(self) -> None:
        super().__init__()
        self.play.clean()
        self.play.clock.set(BEGINNING)
        self.days: defaultdict[int, dict[date, Day]] = defaultdict(dict)
        self.other_xp: defaultdict[int, int] = defaultdict(int)  # of the course and of admins
        self.watched: defaultdict[int, set[str]] = defaultdict(set)
        self.paid: defaultdict[int, set[str]] = defaultdict(set)
        self.awards: dict[UUID, Award] = {}
        self.outages: list[tuple[datetime, datetime]] = []
        self.raid_points: defaultdict[tuple[int, int, str, date], int] = defaultdict(int)  # by raid, member, stat, day
        self.done: list[Done] = []
        self.ledger: dict[int, tuple[Any, ...]] = {}
        self.zones: dict[int, str] = {}
        self.rests: defaultdict[int, set[date]] = defaultdict(set)

    # --- time ---

    @rule(hours=st.integers(1, 30))
    def hours_pass(self, hours: int) -> None:
        self.play.clock.advance(hours=hours)

    @rule(days=st.integers(1, 16))
    def somebody_logs_every_day(self, days: int) -> None:
        for _ in range(days):
            self.log(ANN, 0, {"hellos_to_strangers": 1})
            self.play.clock.advance(hours=24)

    @rule(hours=st.sampled_from([0.5, 1.9, 2.1, 5, 26]))
    def we_were_away(self, hours: float) -> None:
        began = self.play.clock.now() - timedelta(hours=hours)
        if self.outages:
            began = max(began, self.outages[-1][1] + timedelta(minutes=1))
        self.play.outage(began, hours)
        self.outages.append((began, began + timedelta(hours=hours)))

    # --- what members log ---

    @rule(member=members, back=days_back, added=counts)
    def submit(self, member: Member, back: int, added: dict[str, int]) -> None:
        self.log(member, back, added)

    @rule(member=members, back=days_back, wanted=counts)
    def edit(self, member: Member, back: int, wanted: dict[str, int]) -> None:
        day, (_, nonce), raid = self.today(member) - back * DAY, self.play.ids(), self.running()
        allowed = back <= 7 and all(self.has_room(Day(), *each) for each in wanted.items())
        with self.refused_with_words(not allowed):
            edited = self.play.edit(day, wanted, member=member, nonce=nonce)
            self.expect_correction(Done("edit", member, day, wanted, nonce, edited), raid)

    @rule(member=members, back=days_back)
    def delete(self, member: Member, back: int) -> None:
        day, (_, nonce), raid = self.today(member) - back * DAY, self.play.ids(), self.running()
        logged = self.of(member, day).counts
        with self.refused_with_words(back > 7 or not logged):
            deleted = self.play.delete(day, member=member, nonce=nonce)
            self.expect_correction(Done("delete", member, day, dict.fromkeys(logged, 0), nonce, deleted), raid)

    @precondition(lambda self: self.done)
    @rule(pick=picks, given=counts, how=st.sampled_from(("submit", "edit")))
    def come_back_to_a_day(self, pick: int, given: dict[str, int], how: str) -> None:
        once = self.done[-1 - pick % len(self.done)]
        back = (self.today(once.member) - once.day).days
        if back < 0:
            return  # who went west since; there are tests of that by themselves
        given = {**dict.fromkeys(list(once.answer.counts)[:1], 1), **given}
        (self.log if how == "submit" else self.edit)(once.member, back, given)

    @precondition(lambda self: self.done)
    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        once = self.done[pick % len(self.done)]
        raid = raid_events.find(self.play.main, once.answer.raid_id).fetchone() if once.answer.raid_id else None
        assert self.again(once) == replace(once.answer, raid_now=raid, repeated=True)  # the raid as it stands now

    # --- challenges ---

    @rule(member=members, challenge_id=st.sampled_from("abc"))
    def tick(self, member: Member, challenge_id: str) -> None:
        day, ticked = self.today(member), self.play.tick(member, challenge_id)
        if ticked.fresh:
            self.awards[ticked.award_id] = Award(ticked.award_id, member, day)

    @precondition(lambda self: self.awards)
    @rule(pick=picks)
    def undo(self, pick: int) -> None:
        award = self.picked(pick)
        outcome = {"pending": "cancelled", "awarded": "reversed"}.get(award.status)
        assert self.play.undo(award.award_id, award.member).outcome == (outcome or "gone")
        if outcome:
            self.settle(award, outcome)

    @precondition(lambda self: self.awards)
    @rule(pick=picks)
    def deliver_any_message(self, pick: int) -> None:
        award = self.picked(pick)
        if challenges.apply(self.play.award, award.award_id) is Outcome.AWARDED:
            assert award.status == "pending"
            self.settle(award, "awarded")

    @rule()
    def a_minute_passes_and_the_sweep_comes(self) -> None:
        self.play.clock.advance(hours=(DELAY + 1) / 3600)
        assert challenges.sweep(self.play.award, Deadline.after(60)).refused == ()
        assert raids.sweep(self.play.award, Deadline.after(60)).refused == 0
        for award in [award for award in self.awards.values() if award.status == "pending"]:
            self.settle(award, "awarded")

    # --- the course ---

    @rule(member=members, lesson=st.sampled_from([lesson.id for lesson in COURSE.lessons[:6]]))
    def watch(self, member: Member, lesson: str) -> None:
        interaction = self.next()
        with suppress(MemberMistake):  # a module that is not open yet
            answer = [course.watch(self.play.main, by(member, interaction, ZONE), lesson) for _ in range(2)]
            watched, paid = self.watched[member.user_id], self.paid[member.user_id]
            watched.add(lesson)
            complete = {module.id for module in COURSE.modules if watched >= {each.id for each in module.lessons}}
            assert set(answer[0].completed) == complete - paid
            self.other_xp[member.user_id] += 500 * len(complete - paid)
            paid |= complete

    # --- what admins do ---

    @rule(member=members, amount=st.integers(-400, 400).filter(bool))
    def adjust_xp(self, member: Member, amount: int) -> None:
        with suppress(MemberMistake):  # somebody who has never played
            ledger.adjust(self.play.main, by(ADMIN, self.next(), ZONE), Subject(member.user_id), amount, "because")
            self.other_xp[member.user_id] += amount

    @rule(member=members)
    def reset(self, member: Member) -> None:
        ids = self.play.ids()
        with suppress(MemberMistake):
            ledger.reset(self.play.main, by(ADMIN, ids[0], ZONE, nonce=ids[1]), Subject(member.user_id), "because")
            assert ledger.reset(
                self.play.main, by(ADMIN, ids[0], ZONE, nonce=ids[1]), Subject(member.user_id), "because"
            ).repeated
        self.start_again(member)

    @rule(raid_type=st.sampled_from(list(RaidType)), goal=st.sampled_from([50, 200, 1000]))
    def start_a_raid(self, raid_type: RaidType, goal: int) -> None:
        raids.start(self.play.main, by(ADMIN, self.next(), ZONE), raid_type, minutes=240, target=goal, tick_points=15)

    # --- what members decide about themselves ---

    @rule(member=members, hidden=st.booleans())
    def hide_or_show(self, member: Member, hidden: bool) -> None:
        assert self.decide(member, SettingsChange(hidden=hidden)).hidden == hidden

    @rule(member=members, zone=st.sampled_from(ZONES), hours=st.sampled_from((0, 12, 30, 40)))
    def travel(self, member: Member, zone: str, hours: int) -> None:
        self.play.clock.advance(hours=hours)
        before = self.play.card(member=member).streak
        with suppress(MemberMistake):  # more moves than a journey has
            assert self.decide(member, SettingsChange(time_zone=zone)).time_zone == zone
            self.zones[member.user_id] = zone
        after = self.play.card(member=member).streak
        assert (after.length, after.longest) >= (before.length, before.longest)

    @rule(member=members)
    def rest(self, member: Member) -> None:
        today, rests, free = self.today(member), self.rests[member.user_id], self.bridges(member)
        week = {today + number * DAY for number in range(-today.weekday(), 7 - today.weekday())}
        counted = self.counted(member)
        used = (rests & week) - counted - free
        may = not (used or week & self.paused(member)) and today not in counted
        may = may and naive.streak(counted, free | rests, today)[0] > 0
        assert rest_days.declare(self.play.main, by(member, self.next(), ZONE), today).kept == may
        if may:
            rests.add(today)

    @rule(member=members)
    def take_the_rest_day_back(self, member: Member) -> None:
        today, rests = self.today(member), self.rests[member.user_id]
        assert rest_days.withdraw(self.play.main, by(member, self.next(), ZONE), today).kept == (today in rests)
        rests.discard(today)

    @rule(member=members, length=st.integers(3, 5), late=st.booleans())
    def pause(self, member: Member, length: int, late: bool) -> None:
        with suppress(MemberMistake):  # as often as it goes
            pauses.begin(self.play.main, by(member, self.next(), ZONE), length, late=late)

    @rule(member=members)
    def end_the_pause(self, member: Member) -> None:
        pauses.end(self.play.main, by(member, self.next(), ZONE))
        assert not self.paused(member) & {self.today(member) + number * DAY for number in range(1, 40)}

    @rule(member=members)
    def be_forgotten(self, member: Member) -> None:
        interaction = self.next()
        for _ in range(2):
            privacy.delete(self.play.main, by(member, interaction))
        self.start_again(member)
        for kept in (self.zones, self.watched, self.paid, self.rests):
            kept.pop(member.user_id, None)
        self.done = [done for done in self.done if done.member != member]
        self.awards = {key: award for key, award in self.awards.items() if award.member != member}
        self.ledger = {key: row for key, row in self.ledger.items() if row[1] != member.user_id}

    # --- what must be so after every step ---

    @invariant()
    def nothing_is_broken(self) -> None:
        self.play.check()
        assert self.play.broken() == []

    @invariant()
    def what_is_stored_of_each_day_is_what_the_model_has(self) -> None:
        rows = self.play.look.execute("SELECT user_id, day, stat, count, logged_late FROM daily_records").fetchall()
        assert sorted(rows) == sorted(
            (user_id, day, stat, count, stat not in kept.in_time)
            for user_id, days in self.days.items()
            for day, kept in days.items()
            for stat, count in kept.counts.items()
        )
        booked = self.play.look.execute("SELECT user_id, day, xp, streak_share FROM booked_days").fetchall()
        assert sorted(booked) == sorted(
            (user_id, day, kept.booked, kept.share) for user_id, days in self.days.items() for day, kept in days.items()
        )

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        rewards = self.raid_rewards()
        for member in MEMBERS:
            awarded = sum(award.status == "awarded" for award in self.awards.values() if award.member == member)
            logged = sum(day.booked for day in self.days[member.user_id].values())
            xp = logged + 100 * awarded + self.other_xp[member.user_id] + rewards[member.user_id]
            assert self.play.balance(member) == (xp, awarded)

    @invariant()
    def streaks_and_ranks_are_those_of_a_naive_recount(self) -> None:
        visible = [xp for (xp,) in self.play.look.execute("SELECT xp FROM users WHERE NOT hidden").fetchall()]
        known = {user_id for (user_id,) in self.play.look.execute("SELECT user_id FROM users")}
        for member in MEMBERS:
            if member.user_id not in known:
                continue
            shown = self.play.card(member=member)
            assert shown.day == self.today(member)
            self.expect_standing(member, shown)
            card = standings.scorecard(self.play.main, member.user_id).fetchone()
            assert card is not None
            assert card.rank == 1 + sum(
                xp > max(self.play.balance(member)[0], 0) for xp in visible
            )  # boards begin at none

    @invariant()
    def raids_have_what_was_logged_during_them(self) -> None:
        rows = self.play.look.execute(
            "SELECT raid_id, user_id, stat, day, sum(points) FROM raid_contributions"
            " WHERE stat <> 'tensey_exercise' AND user_id IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING sum(points) <> 0"
        ).fetchall()
        assert {tuple(row[:4]): row[4] for row in rows} == {
            key: points for key, points in self.raid_points.items() if points > 0
        }

    @invariant()
    def the_ledger_only_grows_and_the_history_shows_its_end(self) -> None:
        rows = {row[0]: row for row in self.play.look.execute("SELECT id, user_id, xp FROM xp_ledger ORDER BY id")}
        assert {key: rows.get(key) for key in self.ledger} == self.ledger
        self.ledger = rows
        for member in MEMBERS[:1]:
            own = [(row[0], row[2]) for row in reversed(rows.values()) if row[1] == member.user_id]
            shown = ledger.read(self.play.main, by(member, time_zone=ZONE)).lines
            assert [(entry.entry_id, entry.xp) for entry in shown] == own[: ledger.PAGE_SIZE]

    # --- the model ---

    def next(self) -> int:
        return next(self.play.interactions)

    def zone(self, member: Member) -> str:
        return self.zones.get(member.user_id, ZONE)

    def today(self, member: Member) -> date:
        return naive.day_in(self.zone(member), self.play.clock.now())

    def decide(self, member: Member, change: SettingsChange) -> Settings:
        return member_settings.change(self.play.main, by(member, self.next(), ZONE), change)

    def picked(self, pick: int) -> Award:
        return list(self.awards.values())[pick % len(self.awards)]

    def settle(self, award: Award, status: str) -> None:
        self.awards[award.award_id] = replace(award, status=status)

    def of(self, member: Member, day: date) -> Day:
        """The day as the model has it; one on which nothing was ever booked is not kept by this."""
        return self.days[member.user_id].get(day, Day())

    def counted(self, member: Member, *, but: date | None = None) -> set[date]:
        """The days that count: with a stat that was logged in time (leaving one day out), or a live challenge."""
        logged = {day for day, kept in self.days[member.user_id].items() if kept.in_time and day != but}
        return logged | {award.day for award in self.awards.values() if award.member == member and award.live}

    def bridges(self, member: Member) -> set[date]:
        """The days on which we were away for long, and those that travel and pauses bridge, as they are noted."""
        query = "SELECT day FROM travel_days WHERE user_id = %s"
        noted = {day for (day,) in self.play.look.execute(query, [member.user_id])}
        last = self.today(member)
        days = (last - number * DAY for number in range((last - BEGINNING.date()).days + 5))
        noted |= self.paused(member)
        return noted | {day for day in days if naive.covered(self.zone(member), self.outages, day)}

    def paused(self, member: Member) -> set[date]:
        """The days of the member's pauses, as they are noted."""
        query = "SELECT first_day, last_day FROM pauses WHERE user_id = %s"
        spans = self.play.look.execute(query, [member.user_id]).fetchall()
        return {first + number * DAY for first, last in spans for number in range((last - first).days + 1)}

    @contextmanager
    def refused_with_words(self, refused: bool) -> Generator[None]:
        """The change is refused when, and only when, it must be; the model stays as it is then."""
        try:
            yield
        except MemberMistake:
            assert refused
        else:
            assert not refused

    def log(self, member: Member, back: int, added: dict[str, int]) -> None:
        day, (_, nonce), raid = self.today(member) - back * DAY, self.play.ids(), self.running()
        kept = self.of(member, day)
        added = {stat: count for stat, count in added.items() if count}
        refused = back > 30 or not added or not all(self.has_room(kept, *each) for each in added.items())
        with self.refused_with_words(refused):
            answer = self.play.submit(added, day if back else "today", member=member, nonce=nonce)
            self.contribute(raid, member, day, added)
            after = {stat: kept.counts.get(stat, 0) + added.get(stat, 0) for stat in {*kept.counts, *added}}
            in_time = kept.in_time if back > 1 else {*kept.in_time, *added}
            booked = self.book(member, day, after, in_time, only_up=True)
            assert (answer.booked_xp, answer.late, answer.counts) == (booked, back > 1, after)
            self.expect_standing(member, answer)
            self.done.append(Done("submit", member, day, added, nonce, answer))

    def has_room(self, kept: Day, stat: str, count: int) -> bool:
        known, so_far = CATALOGUE.stat(stat), kept.counts.get(stat, 0)
        return not (known.once_a_day and so_far) and so_far + count <= (known.cap or count)

    def expect_correction(self, done: Done, raid: tuple[int, str] | None) -> None:
        kept, answer = self.of(done.member, done.day), done.answer
        changed = {stat: count for stat, count in done.given.items() if count != kept.counts.get(stat, 0)}
        if not changed:
            assert (answer.booked_xp, answer.counts) == (0, kept.counts)
            return
        moves = {stat: count - kept.counts.get(stat, 0) for stat, count in changed.items()}
        self.contribute(raid, done.member, done.day, moves)
        after = {stat: count for stat, count in {**kept.counts, **changed}.items() if count}
        late = done.day < self.today(done.member) - DAY and not kept.in_time
        in_time = {stat for stat in after if stat in kept.in_time or (stat in changed and not late)}
        assert (answer.booked_xp, answer.counts) == (self.book(done.member, done.day, after, in_time), after)
        self.expect_standing(done.member, answer)
        self.done.append(done)

    def expect_standing(self, member: Member, answer: Submitted | Edited | DayCard) -> None:
        """The streak and the XP that an answer contains are those that a naive recount finds now."""
        free = self.bridges(member) | self.rests[member.user_id]
        streak = naive.streak(self.counted(member), free, answer.today)
        assert (answer.streak.length, answer.streak.longest, answer.streak.freezes) == streak
        assert answer.xp == self.play.balance(member)[0]

    def again(self, once: Done) -> Submitted | Edited:
        """The same form a second time."""
        match once.kind:
            case "submit":
                return self.play.submit(once.given, once.day, member=once.member, nonce=once.nonce)
            case "edit":
                return self.play.edit(once.day, once.given, member=once.member, nonce=once.nonce)
            case _:
                return self.play.delete(once.day, member=once.member, nonce=once.nonce)

    def start_again(self, member: Member) -> None:
        """Nothing is left of the member but the points they gave to raids, which name nobody now."""
        self.days[member.user_id].clear()
        self.other_xp[member.user_id] = 0
        for key in [key for key in self.raid_points if key[1] == member.user_id]:
            del self.raid_points[key]
        for award in [award for award in self.awards.values() if award.member == member and award.live]:
            self.settle(award, "cancelled" if award.status == "pending" else "reversed")

    # --- raids ---

    def running(self) -> tuple[int, str] | None:
        """The raid that runs, and its type."""
        query = "SELECT raid_id, type FROM raid_events WHERE status = 'active' AND ends_at > clock_timestamp()"
        return self.play.look.execute(query).fetchone()

    def contribute(self, raid: tuple[int, str] | None, member: Member, day: date, moves: Mapping[str, int]) -> None:
        if raid is None:
            return
        for stat, count in moves.items():
            if count < 0 or day == self.today(member):
                points = CATALOGUE.stat(stat).raid.get(raid[1], 0)
                self.raid_points[raid[0], member.user_id, stat, day] += count * points

    def raid_rewards(self) -> defaultdict[int, int]:
        """Who has contributed to a raid that was rewarded has 250 XP for it, who has most another 250."""
        rows = self.play.look.execute(
            "SELECT user_id, 250 * (1 + (user_id IS NOT DISTINCT FROM top_user_id)::int)"
            " FROM raid_contributions JOIN raid_events USING (raid_id)"
            " WHERE rewarded_at IS NOT NULL AND user_id IS NOT NULL"
            " GROUP BY raid_id, user_id, top_user_id HAVING sum(points) > 0"
        ).fetchall()
        rewards: defaultdict[int, int] = defaultdict(int)
        for user_id, xp in rows:
            rewards[user_id] += xp
        return rewards

    def book(
        self, member: Member, day: date, after: dict[str, int], in_time: set[str], *, only_up: bool = False
    ) -> int:
        """Set the day, and give the XP that this books; the first booking freezes the share."""
        kept = self.days[member.user_id].get(day)
        if kept is None:
            own = {day} if in_time else set[date]()
            until = {each for each in self.counted(member) | own if each <= day}
            length, _, _ = naive.streak(until, self.bridges(member) | self.rests[member.user_id], day)
            kept = self.days[member.user_id][day] = Day(share=naive.streak_share(length))
        difference = naive.price(after, kept.share) - kept.booked
        booked = max(0, difference) if only_up else difference
        kept.counts, kept.in_time, kept.booked = after, in_time, kept.booked + booked
        return booked


@pytest.mark.prove
@pytest.mark.timeout(1800)  # to shrink a story that fails takes minutes
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_whatever_happens_every_figure_is_what_a_naive_recount_says(play: Play):
    machine = type("Machine", (GameMachine,), {"play": play})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=STORIES,
            stateful_step_count=STEPS,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
