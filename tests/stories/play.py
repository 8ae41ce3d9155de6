"""The main game as its proofs see it: the award's game, with stats, a clock that can be set, and naive recounts."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, LiteralString, override

from devkit.clock import SEARCH_PATH, Clock
from devkit.postgres import OWNER
from mastermind.game.catalogue import content as catalogues
from mastermind.game.days import actions as stats
from mastermind.game.days.rules import digest
from mastermind.game.settings import content as time_zones
from tests.actors import by
from tests.award.game import ANN, MISCOUNTED, Connection, Game
from tests.connections import enter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from devkit.postgres import Postgres
    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.days.actions import DayCard, Edited, Submitted, When
    from mastermind.game.members.rules import Member

CATALOGUE = catalogues.load()
ZONE = "America/New_York"
NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)  # there, on a Wednesday

# Each part gives a row for everything that breaks an invariant of what members log.
BROKEN: LiteralString = (
    """
SELECT 'totals of stats are not the sums of the records', concat_ws(' ', user_id, stat)
FROM (SELECT user_id, stat, sum(count) AS total FROM daily_records GROUP BY user_id, stat) AS counted
FULL JOIN users_stats AS kept USING (user_id, stat)
WHERE counted.total IS DISTINCT FROM kept.total
UNION ALL
SELECT 'a day does not count as its records do', concat_ws(' ', user_id, day)
FROM booked_days AS days
WHERE counts <> EXISTS (
    SELECT FROM daily_records AS records
    WHERE records.user_id = days.user_id AND records.day = days.day AND NOT logged_late
)
UNION ALL
SELECT 'a level is not that of the XP', user_id::text
FROM users
WHERE level <> (
    SELECT count(*) FROM generate_series(1, 50) AS n
    WHERE CASE n WHEN 1 THEN 0 WHEN 2 THEN 500 ELSE 100 * n * (n + 1) END <= greatest(xp, 0)
)
UNION ALL
SELECT 'a faction has not what its members gathered who do not hide', concat_ws(' ', period, faction)
FROM (
    SELECT period, faction, sum(ledger.xp) AS xp
    FROM xp_ledger AS ledger JOIN users USING (user_id)
    CROSS JOIN LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW'))) AS periods (period)
    WHERE NOT hidden
    GROUP BY 1, 2
) AS counted
FULL JOIN (SELECT period, faction, sum(xp) AS xp FROM faction_totals GROUP BY 1, 2) AS kept USING (period, faction)
WHERE coalesce(counted.xp, 0) <> coalesce(kept.xp, 0)
UNION ALL
SELECT 'a raid is not the sum of its contributions', raid_id::text
FROM raid_events AS raids
WHERE total <> (SELECT coalesce(sum(points), 0) FROM raid_contributions AS given WHERE given.raid_id = raids.raid_id)
UNION ALL
"""  # noqa: S608 # both parts are written out here
    + MISCOUNTED
)


class Play(Game):
    """The actions of the main game, each as an interaction of its own unless one is named.

    All of them read the clock that can be set; at first it is noon.
    """

    zone = ZONE

    def __init__(self, postgres: Postgres, clean: Callable[[], None]) -> None:
        self._clean = clean
        with closing(enter(postgres.url(OWNER))) as conn:
            Clock(conn)
        super().__init__(postgres)
        self.clock = Clock(self.look)
        self.clock.set(NOON)

    @override
    def close(self) -> None:
        self.clock.remove()
        super().close()

    @override
    def clean(self) -> None:
        self._clean()

    @override
    def connect(self, role: str) -> Connection:
        return connect(self.postgres, role)

    def submit(
        self,
        added: Mapping[str, int],
        when: When = "today",
        *,
        member: Member = ANN,
        interaction: int | None = None,
        nonce: int | None = None,
        conn: Connection | None = None,
        catalogue: Catalogue = CATALOGUE,
    ) -> Submitted:
        ids = self.ids(interaction, nonce)
        return stats.submit(conn or self.main, by(member, ids[0], ZONE, nonce=ids[1]), when, added, catalogue=catalogue)

    def edit(
        self,
        day: date,
        counts: Mapping[str, int],
        *,
        member: Member = ANN,
        interaction: int | None = None,
        nonce: int | None = None,
        catalogue: Catalogue = CATALOGUE,
    ) -> Edited:
        ids = self.ids(interaction, nonce)
        return stats.edit(self.main, by(member, ids[0], ZONE, nonce=ids[1]), day, counts, catalogue=catalogue)

    def delete(
        self,
        day: date,
        *,
        member: Member = ANN,
        interaction: int | None = None,
        nonce: int | None = None,
        catalogue: Catalogue = CATALOGUE,
    ) -> Edited:
        ids = self.ids(interaction, nonce)
        shown = digest(self.card(day, member).counts)
        deleted = stats.delete(self.main, by(member, ids[0], ZONE, nonce=ids[1]), day, shown, catalogue=catalogue)
        assert deleted is not None
        return deleted

    def card(self, when: When = "today", member: Member = ANN) -> DayCard:
        return stats.card(self.main, by(member, time_zone=ZONE), when)

    def ids(self, interaction: int | None = None, nonce: int | None = None) -> tuple[int, int]:
        """The interaction of a change and that which opened its form; those that are not named are new."""
        return interaction or next(self.interactions), nonce or next(self.interactions)

    def live_in(self, zone: str, member: Member = ANN) -> None:
        """The member, met if they were not, lives in that zone from now on."""
        self.card(member=member)
        self.main.execute("UPDATE users SET time_zone = %s WHERE user_id = %s", [zone, member.user_id])

    def outage(self, began: datetime, hours: float) -> None:
        """One that was recorded in time, by the clock that can be set."""
        self.look.execute(
            "INSERT INTO outages (began, ended, probes) VALUES (%s, %s, '{database}')",
            [began, began + timedelta(hours=hours)],
        )

    def broken(self) -> list[tuple[str, str]]:
        return self.look.execute(BROKEN).fetchall()


def connect(postgres: Postgres, role: str) -> Connection:
    """A connection whose statements read the clock that can be set."""
    return enter(postgres.url(role), SEARCH_PATH)


# --- naive recounts, by other ways than the game's own ---


def day_in(zone: str, at: datetime) -> date:
    """The date on a calendar of that zone, by Python's own rules of time."""
    return at.astimezone(time_zones.zone(zone)).date()


def covered(zone: str, outages: Collection[tuple[datetime, datetime]], day: date) -> bool:
    """Whether outages, none of which overlap, took more than two hours of a day."""
    begins = _midnight(zone, day)
    ends = _midnight(zone, day + timedelta(days=1))
    parts = (min(ended, ends) - max(began, begins) for began, ended in outages)
    return sum((part for part in parts if part > timedelta(0)), timedelta(0)) > timedelta(hours=2)


def price(logged: Mapping[str, int], share: int) -> int:
    """The XP of a day in fractions, without events (docs/rules/xp.md)."""
    known = [(CATALOGUE.stat(key), 1 if key == "overall_state" else count) for key, count in logged.items() if count]
    warrior, mage = (
        Fraction(sum(getattr(stat, kind) * count for stat, count in known)) for kind in ("warrior", "mage")
    )
    balance = mage / (warrior + mage) if warrior + mage else None
    bonus = Fraction(share, 100)
    bonus += Fraction(30, 100) if balance is not None and Fraction(2, 5) <= balance <= Fraction(3, 5) else 0
    return floor(sum(stat.xp * count for stat, count in known) * min(1 + bonus, Fraction(5)) + Fraction(1, 2))


def streak_share(length: int) -> int:
    return min(25, 5 * (length // 7))


def _midnight(zone: str, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=time_zones.zone(zone)).astimezone(UTC)


def streak(counted: Collection[date], bridges: Collection[date], today: date) -> tuple[int, int, int]:
    """Length, longest and freezes, by walking through every single day."""
    length = longest = freezes = gifts = 0
    if not counted:
        return 0, 0, 0
    day = min(counted)
    while day <= max(*counted, today):
        if day in counted:
            length += 1
            longest = max(longest, length)
            gift = length == 3 and not gifts
            gifts += gift
            freezes = min(2, freezes + gift + (length % 14 == 0))
        elif day not in bridges and day <= today - timedelta(days=2):
            length, freezes = (length, freezes - 1) if freezes else (0, 0)
        day += timedelta(days=1)
    return length, longest, freezes
