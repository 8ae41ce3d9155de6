"""Whatever can be typed, tapped and sent, and came to no known end, is done once at most by *Try again*."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, override

from mastermind.bot import registry as catalogue
from mastermind.bot import repeats
from mastermind.errors import OutcomeUnknown
from tests.commands.crawl import Crawl, Visit, declared
from tests.commands.playing import Bot
from tests.commands.test_every_command import (
    ADA,
    AS_NEW,
    BELOW_A_POST,
    CLOSED,
    LATE,
    MISTAKES,
    TICKED,
    WORDS,
    fill,
    name,
)
from tests.round_trips import Traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from mastermind.bot.call import CommandDatabase
    from mastermind.deadline import Deadline
    from mastermind.postgres.connection import Connection as Entered
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

TYPING, UPDATE = 4, 7
NEW = " (new)"
"""What an answer to a question is only when it is read for the first time."""
UNCOUNTED = ("interactions_done", "rate_limits", "rate_limit_violations", "schema_migrations")
"""What a repeat may change: what is known of the interaction itself."""


@dataclass
class Unsure:
    """The database, which does nothing and does not say so while it is `lost`."""

    database: CommandDatabase
    lost: bool = False

    def run[T](self, work: Callable[[Entered], T], deadline: Deadline) -> T:
        if self.lost:
            raise OutcomeUnknown("no answer to COMMIT")
        return self.database.run(work, deadline)


@dataclass
class Interrupted(Crawl):
    """Who tries everything and never learns at first what came of it."""

    unsure: Unsure | None = None
    owner: Connection | None = None

    @override
    def _do(self, what: str, payload: Json) -> Answer:
        assert self.unsure is not None
        if payload["type"] == TYPING:
            return super()._do(what, payload)
        self.unsure.lost = True
        lost = self.bot.send(payload)
        self.unsure.lost = False
        if not lost.text.startswith(repeats.UNKNOWN):
            return self._visited(what, lost)
        assert lost.is_private or lost.kind == UPDATE  # of a private message
        done = self.bot.tap(lost, "Try again")
        once = self._state()
        again, late = self.bot.tap(lost, "Try again"), self.bot.send(payload)
        assert self._state() == once, f"{what}: done twice"
        first = done.text.replace(NEW, "")
        assert (again.text, late.text) == (first, first), what
        return self._visited(what, done)

    def _visited(self, what: str, answer: Answer) -> Answer:
        assert answer.status == 200, what
        self.visits.append(Visit(what, answer, 0))
        return answer

    def _state(self) -> dict[str, str]:
        """All rows of each table, as a digest; a tick's message may be sent again, so it does not count when.

        Each use compares the member's roles, a repeat too: what that asks for does not count.
        """
        assert self.owner is not None
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (%s)"
        tables = [name for (name,) in self.owner.execute(query, [list(UNCOUNTED)])]
        return {table: self._digest(table) for table in tables}

    def _digest(self, table: str) -> str:
        assert self.owner is not None
        compared = "to_jsonb(found) ->> 'kind' IS NOT DISTINCT FROM 'roles'"
        rows = f"SELECT (to_jsonb(found) - 'sent_at')::text AS row FROM {table} AS found WHERE NOT {compared}"  # noqa: S608
        query = f"SELECT md5(coalesce(string_agg(row, ';' ORDER BY row), '')) FROM ({rows}) AS every"  # noqa: S608
        ((digest,),) = self.owner.execute(query.encode()).fetchall()
        return digest


def test_whatever_came_to_no_known_end_is_done_once_by_trying_again(enter_as: EnterAs, owner: Connection):
    fill(owner)
    visits = [visit for app in catalogue.APPS for visit in tried(app, enter_as, owner)]
    missed = {each for app in catalogue.APPS for each in declared(app)} - {name(visit) for visit in visits}
    assert missed == BELOW_A_POST


def tried(app: str, enter_as: EnterAs, owner: Connection) -> list[Visit]:
    unsure, now = Unsure(enter_as(f"app_{app}")), datetime.now(UTC)  # answers that show the time are compared
    for statement in AS_NEW:
        owner.execute(statement, [ADA.id])
    bot = Bot(app, unsure, user=ADA, clock=lambda: now, xp_delay=LATE)
    crawl = Interrupted(bot, Traced(unsure), WORDS, MISTAKES, unsure=unsure, owner=owner)
    crawl.everything()
    for statement in (CLOSED, TICKED):
        owner.execute(statement, [ADA.id])
    crawl.everything()
    return crawl.visits
