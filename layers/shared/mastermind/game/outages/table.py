"""The table outages, as admins see it; the health check records them (mastermind/operations/health)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection, Cursor


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage from `began` to `ended`; whether it counts."""

    outage_id: int
    began: datetime
    ended: datetime
    counts: bool


# An offset past the end shows the last page.
PAGE: LiteralString = """
SELECT id AS outage_id, began, ended, counts
FROM outages
ORDER BY ended DESC, id DESC
OFFSET least(%(before)s, (SELECT greatest(count(*) - 1, 0) / %(most)s * %(most)s FROM outages))
LIMIT %(most)s
"""


def page(conn: Connection, window: Window) -> Cursor[Outage]:
    """A page of them, the newest first."""
    return rows(conn, Outage, PAGE, {"before": window.before, "most": window.size})


COUNT: LiteralString = "SELECT count(*) AS count FROM outages"


def count(conn: Connection) -> Cursor[int]:
    return value(conn, int, COUNT)


LOCK: LiteralString = "SELECT id AS outage_id, began, ended, counts FROM outages WHERE id = %(id)s FOR NO KEY UPDATE"


def lock(conn: Connection, outage_id: int) -> Cursor[Outage]:
    """The outage, locked; no row if there is none with that id."""
    return rows(conn, Outage, LOCK, {"id": outage_id})


DECIDE: LiteralString = "UPDATE outages SET counts = %(counts)s WHERE id = %(id)s"


def decide(conn: Connection, outage_id: int, *, counts: bool) -> None:
    conn.execute(DECIDE, {"id": outage_id, "counts": counts})
