"""Where members stand: a leaderboard a page at a time, and scorecards."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.days import table as days
from mastermind.game.days.marks import marks
from mastermind.game.exchanges import looking, own_row
from mastermind.game.standings import table as standings
from mastermind.game.standings.table import BoardLine, Portrait, Scorecard, Standing
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.days.rules import Day
    from mastermind.game.days.streaks import Streak
    from mastermind.game.days.table import Bridge
    from mastermind.game.members.rules import Actor
    from mastermind.game.standings.rules import Board
    from mastermind.postgres.connection import Connection, Cursor

__all__ = ["LINES", "BoardLine", "Leaderboard", "Scorecard", "Standing", "read_board", "read_scorecards"]

LINES = 10
"""Lines of a page: what a narrow phone shows at once."""


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Lines of a board with `own`, the standing of the member who looks; no lines when nobody is listed."""

    lines: tuple[BoardLine, ...]
    own: Standing

    @property
    def shows_own(self) -> bool:
        """Whether the member's own line is among these."""
        return any(line.user_id == self.own.user_id for line in self.lines)


def read_board(conn: Connection, actor: Actor, board: Board, before: int | None = None) -> Leaderboard:
    """The lines that `before` others precede; without it those around the member's own, the first when they have none.

    Lines and ranks are those of one moment.
    """
    with looking(conn, actor):
        found = standings.standing(conn, board, actor.time_zone, actor.user_id)
        lines = standings.page(conn, board, actor.time_zone, actor.user_id, before=before, size=LINES)
    return Leaderboard(tuple(lines), own_row(found))


def read_scorecards(
    conn: Connection, actor: Actor, *wanted: int, catalogue: Catalogue, to_draw: bool = False
) -> tuple[Scorecard | None, ...]:
    """The scorecards of these members, as of one moment; None for somebody whom the game has never met.

    With `to_draw` they have all that their pictures show, read in the same round trip.
    """
    with looking(conn, actor):
        found = [
            (
                standings.scorecard(conn, user_id, catalogue.values),
                days.day(conn, user_id, None),
                _to_draw(conn, actor, user_id) if to_draw else None,
            )
            for user_id in wanted
        ]
    return tuple(_whole(card, day, drawn) for card, day, drawn in found)


LAST_DAYS = timedelta(days=13)
"""Before today, in the row of days of a card."""


def _to_draw(conn: Connection, actor: Actor, user_id: int) -> tuple[Cursor[Portrait], Cursor[Bridge]]:
    return standings.portrait(conn, user_id, actor.time_zone), days.bridges(conn, user_id, LAST_DAYS.days)


def _whole(
    cards: Cursor[Scorecard], found: Cursor[Day], drawn: tuple[Cursor[Portrait], Cursor[Bridge]] | None
) -> Scorecard | None:
    card = cards.fetchone()
    if card is None:
        return None
    day = only(found)
    if drawn is None:
        return replace(card, streak=_streak(day))
    portrait, bridges = only(drawn[0]), {each.day: each.mark for each in drawn[1]}
    row = marks(day, bridges, portrait.joined, day.today - LAST_DAYS, day.today)
    return replace(card, streak=_streak(day), portrait=portrait, days=row)


def _streak(day: Day) -> Streak:
    """The streak as of today; a pause that has not begun is private."""
    streak = day.streak(counted=bool(day.in_time))
    return streak if day.is_paused else replace(streak, pause=None)
