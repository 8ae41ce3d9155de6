"""The table private_stats: which stats the database knows to be their owner's alone; for the migration runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import only, value

if TYPE_CHECKING:
    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.postgres.connection import Connection

HAS_PRIVATE: LiteralString = "SELECT to_regclass('private_stats') IS NOT NULL AS has_private"

PUT_PRIVATE: LiteralString = """
INSERT INTO private_stats AS kept (stat, category)
SELECT stat, category FROM unnest(%(stats)s::text[], %(categories)s::text[]) AS shipped (stat, category)
ON CONFLICT (stat) DO UPDATE SET category = EXCLUDED.category WHERE kept.category <> EXCLUDED.category
"""

OPEN: LiteralString = "DELETE FROM private_stats WHERE stat = ANY(%(stats)s)"


def has_private(conn: Connection) -> bool:
    """Whether the table is there yet."""
    return only(value(conn, bool, HAS_PRIVATE))


def put_private(conn: Connection, catalogue: Catalogue) -> None:
    """Store which stats are private; one that the catalogue no longer has stays so, what was logged of it stays too."""
    private = [(stat.key, each.key) for each in catalogue.private for stat in each.stats]
    names = {"stats": [stat for stat, _ in private], "categories": [category for _, category in private]}
    conn.execute(PUT_PRIVATE, names)
    conn.execute(OPEN, {"stats": [key for key in catalogue.by_key if key not in names["stats"]]})
