"""The work of the function relay: hand over due rows, ask about missing outcomes, record outcomes.

A row says that it is handed over before the queue gets it. If that fails in between, nobody guesses: after the deadline
outbox is asked. Both queues keep their order, so its answer follows whatever became of the hand-over itself
(docs/rules/relay.md). No transaction is open while a queue is asked.
"""

from __future__ import annotations

import logging
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from mastermind.discord.requests import Edit, HandOver, Outcome
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import notices
from mastermind.game.announcements import table as announced
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.members import table as members
from mastermind.game.outbox import rules as outbox_rules
from mastermind.game.outbox import table as outbox
from mastermind.game.outbox.rules import ASKED_AGAIN, CLOSED, LATE, UNANSWERED, Entry, State
from mastermind.game.outbox.table import Answer
from mastermind.game.outreach import table as outreach
from mastermind.game.outreach.rights import REFUSALS
from mastermind.game.reminders import actions as reminders
from mastermind.game.server_settings import actions as server_settings
from mastermind.game.server_settings import rules as settings
from mastermind.game.server_settings import table as chosen
from mastermind.operations.report import actions as reports
from mastermind.operations.report import notices as report_notices
from mastermind.postgres.errors import WorkRefused
from mastermind.postgres.exchange import decision, exchange, only, transaction
from mastermind.relay import notifying, reporting, rules
from mastermind.relay.composing import SOON, Composer, name
from mastermind.relay.rules import ASKING, ComesBack, Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.deadline import Deadline
    from mastermind.discord.requests import Result
    from mastermind.game.announcements.queued import Announcement
    from mastermind.game.announcements.table import RaidPost
    from mastermind.game.server_settings.rules import Choice
    from mastermind.operations.report.actions import Leaders
    from mastermind.postgres.connection import Connection, Cursor
    from mastermind.relay.kind import Kind, Scene

log = logging.getLogger(__name__)


class Ways(Protocol):
    """Where relay sends to; every method raises Unavailable. `once` names a message: the queue takes it once."""

    def hand_over(self, message: HandOver, once: str, deadline: Deadline) -> None: ...
    def edit(self, message: Edit, deadline: Deadline) -> None: ...
    def notice(self, message: str, deadline: Deadline) -> None: ...


@dataclass(frozen=True, slots=True)
class Report:
    """How much was announced, how many are reminded, how much was handed over, asked about and let go."""

    announced: int
    reminded: int
    handed: int
    asked: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class Relay:
    """What relay works with.

    `application_id` is the one whose answers are edited, `openings` how many channels of direct messages may be opened
    in a minute, `clock` gives seconds since 1970.
    """

    kinds: Mapping[str, Kind]
    scene: Scene
    ways: Ways
    application_id: int
    openings: int
    clock: Callable[[], float]

    @property
    def _composer(self) -> Composer:
        return Composer(self.kinds, self.scene, self.application_id, self.openings, self.clock)

    # --- what is due ---

    def work(self, conn: Connection, deadline: Deadline) -> Report:
        """All that is to be done until `deadline`; raises Unavailable when a queue takes nothing: it stays due."""
        with exchange(conn), transaction(conn):
            found, missing, choices = outreach.is_on(conn), outreach.to_notify(conn), chosen.choices(conn)
            unused, raid_posts = chosen.to_notify(conn), announced.raid_posts(conn)
            chosen.look_daily(conn)
        notifying.of_rights(conn, missing.fetchall(), self.ways.notice, deadline)
        notifying.of_settings(conn, unused.fetchall(), self.ways.notice, deadline)
        return self._as_chosen(choices).do(conn, only(found), raid_posts.fetchall(), deadline)

    def _as_chosen(self, choices: Cursor[Choice]) -> Relay:
        return replace(self, scene=self.scene.with_choices(settings.choices(choices)))

    def do(self, conn: Connection, is_on: bool, raid_posts: Sequence[RaidPost], deadline: Deadline) -> Report:
        """As `work`, where this is known; `is_on` says whether there is a bot."""
        asked = self._ask(conn, deadline)
        lapsed = self._lapse_old(conn)
        if self.scene.reports:
            self._report(conn, deadline)
        if AnnouncementKind.WEEK in self.scene.announced:
            announcements.begin_week(conn, self.scene.time_zone)
        by_bot = is_on and self.scene.announcements_channel != 0
        handed_on = announcements.hand_over(conn, self.scene.announced, deadline) if by_bot else 0
        if by_bot:
            announcements.tell_stages(conn, raid_posts)
        reminded = reminders.hand_over(conn, self.openings) if is_on else 0
        handed = [self._hand_over(conn, entry, deadline) for entry in self._due(conn, is_on=is_on)]
        self._say_otherwise(conn, deadline, is_on=is_on)
        if not by_bot:
            handed_on = self._announce(conn, deadline)
        return Report(handed_on, reminded, sum(handed), asked, lapsed)

    def _lapse_old(self, conn: Connection) -> int:
        with decision(conn) as change:
            change.begin()
            lapsed = outbox.lapse_old(conn, {kind.name: kind.lasts for kind in self.kinds.values()}).fetchall()
            for entry in lapsed:
                self._composer.note(conn, entry, None)
            change.commit()
        return len(lapsed)

    def _announce(self, conn: Connection, deadline: Deadline) -> int:
        """By the webhook, where the bot has no channel for it."""

        def send(announcement: Announcement) -> None:
            self.ways.notice(notices.write(announcement, self.clock()), deadline)

        return announcements.announce(conn, send, self.scene.announced, deadline)

    def _due(self, conn: Connection, *, is_on: bool) -> Sequence[Entry]:
        """Edits, and of the rest as much as may be on its way."""
        edits = [kind.name for kind in self.kinds.values() if kind.is_edit]
        others = [kind.name for kind in self.kinds.values() if not (kind.is_edit or kind.by_webhook)]
        with exchange(conn):
            looked_at, waiting = outbox.due(conn, edits, UNANSWERED), outbox.due(conn, others, UNANSWERED)
            unanswered = outbox.unanswered(conn, others)
        free = max(0, UNANSWERED - only(unanswered)) if is_on else 0
        return [*looked_at.fetchall(), *waiting.fetchall()[:free]]

    def _hand_over(self, conn: Connection, entry: Entry, deadline: Deadline) -> bool:
        """Whether it was handed over; what the database refuses is left to the next time."""
        if deadline.passed:
            return False
        try:
            message = self._composer.message(conn, entry)
        except WorkRefused as error:
            log.warning("a request is left to the next time", extra={"key": entry.key, "reason": type(error).__name__})
            return False
        match message:
            case HandOver():
                self.ways.hand_over(message, message.id, deadline)
            case Edit():
                self.ways.edit(message, deadline)
            case None:
                return False
        return True

    # --- what needs no bot ---

    def _say_otherwise(self, conn: Connection, deadline: Deadline, *, is_on: bool) -> None:
        """What can be said without a bot does not wait for one."""
        names = [kind.name for kind in self.kinds.values() if kind.otherwise and (kind.by_webhook or not is_on)]
        with exchange(conn):
            waiting = outbox.due(conn, names, UNANSWERED)
        for entry in waiting.fetchall():
            with exchange(conn), transaction(conn):
                taken = outbox.wait(conn, entry, SOON)
            if taken.fetchone() and not deadline.passed:
                was_said = self._was_said_otherwise(conn, entry, deadline)
                with decision(conn) as change:
                    change.begin()
                    if outbox.lapse(conn, entry).fetchone() and not was_said:
                        self._composer.note(conn, entry, None)
                    change.commit()

    def _was_said_otherwise(self, conn: Connection, entry: Entry, deadline: Deadline) -> bool:
        kind = self.kinds.get(entry.kind)
        words = kind.otherwise(conn, entry, self.scene) if kind and kind.otherwise else None
        if words is None:
            return False
        self.ways.notice(words, deadline)
        return True

    # --- what leaders are told ---

    def _report(self, conn: Connection, deadline: Deadline) -> None:
        def post(leaders: Leaders) -> None:
            told = reporting.told(leaders, self.clock(), draws=self.scene.draws)
            self.ways.notice(report_notices.write(told), deadline)

        reports.send(conn, self.scene.time_zone, post, deadline)

    # --- what nobody answered ---

    def _ask(self, conn: Connection, deadline: Deadline) -> int:
        """Ask what became of hand-overs whose deadline is over, and whether there is a bot; returns how often."""
        with exchange(conn), transaction(conn):
            unanswered, off = outbox.overdue(conn, LATE, ASKED_AGAIN), outreach.ask(conn, ASKED_AGAIN)
        questions = [HandOver(ASKING, "", self.clock(), 0)] if off.fetchone() else []
        for entry in unanswered.fetchall():
            if self._is_edit(entry):
                with exchange(conn), transaction(conn):
                    outbox.come_back(conn, entry, timedelta(0), tried=True)
            else:
                questions.append(HandOver(name(entry, 0), entry.key, self.clock(), 0))
        for question in questions:
            self.ways.hand_over(question, f"{question.id}?{self.clock():.3f}", deadline)
        return len(questions)

    # --- what is answered ---

    def book(self, conn: Connection, result: Result, deadline: Deadline) -> None:
        """Note what became of a hand-over, once, however often it is said; raises Unavailable."""
        named = outbox_rules.read_hand_over_id(result.id)
        if named is None:
            return
        with exchange(conn):
            found, choices = outbox.handed(conn, *named), chosen.choices(conn)
        entry = found.fetchone()
        if result.of_edit and entry and not self._is_edit(entry):
            log.error("an edit has the id of another request", extra={"id": result.id})
        else:
            self._as_chosen(choices).settle(conn, entry, result, deadline)

    def _is_edit(self, entry: Entry) -> bool:
        return entry.kind in self.kinds and self.kinds[entry.kind].is_edit

    def settle(self, conn: Connection, entry: Entry | None, result: Result, deadline: Deadline) -> None:
        """As `book`, of the row that was found."""
        kind = self.kinds.get(entry.kind) if entry else None
        was_said = bool(entry and rules.has_failed(result) and self._was_said_otherwise(conn, entry, deadline))
        with decision(conn) as change:
            change.begin()
            needs_bot = result.id == ASKING or bool(kind and not kind.is_edit)
            if (is_on := rules.says_that_bot_is(result, needs_bot=needs_bot)) is not None:
                outreach.note(conn, is_on=is_on)
            if entry and entry.user_id:
                members.lock(conn, entry.user_id)
            if entry:
                self._book(conn, entry, result, was_said=was_said)
                if not (kind and kind.is_check):
                    _note_right(conn, entry, result)
                if rules.is_channel_gone(result):
                    server_settings.lose_channel(conn, entry.id)
            change.commit()

    def _book(self, conn: Connection, entry: Entry, result: Result, *, was_said: bool) -> None:
        kind = self.kinds.get(entry.kind)
        if kind and kind.is_direct and entry.user_id:
            _note_channel(conn, entry.user_id, result)
        match Settled(State.REFUSED) if was_said else rules.after(result):
            case Settled(state):
                answer = _answer(result, is_kept=not (kind and kind.is_direct) or entry.user_id is not None)
                if outbox.settle(conn, entry, state, answer).fetchone() and not was_said:
                    self._composer.note(conn, entry, result)
            case ComesBack(time):
                outbox.come_back(conn, entry, time, tried=not result.untried)


def _note_right(conn: Connection, entry: Entry, result: Result) -> None:
    """What Discord refuses for want of a right is known until something that needs it is done."""
    if result.outcome is Outcome.REFUSED and result.code in REFUSALS:
        outreach.note_missing(conn, entry.id, result.code)
    elif result.outcome is Outcome.DONE:
        outreach.forget_missing(conn, entry.id)


def _note_channel(conn: Connection, user_id: int, result: Result) -> None:
    if result.code == CLOSED:
        outreach.note_closed(conn, user_id)
    elif result.outcome is Outcome.GONE:
        outreach.forget_channel(conn, user_id)
    elif result.channel_id:
        outreach.note_channel(conn, user_id, result.channel_id)


def _answer(result: Result, *, is_kept: bool) -> Answer:
    """What is kept of it; the channel of somebody who is no member would not go with them."""
    return Answer(
        (is_kept and result.channel_id) or None,
        (is_kept and result.message_id) or None,
        result.status or None,
        result.code or None,
        result.reason[:200] or None,
    )
