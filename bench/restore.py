"""How long it takes to have a game back from a dump: `make bench-restore` (MEMBERS=n takes fewer).

A game as the triggers make it is dumped, ten members leave, and `ops restore-drill` brings it back.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

from rich.console import Console
from rich.table import Column, Table

from bench import pages
from devkit.discord_client import snowflake
from devkit.postgres import OWNER, temporary
from mastermind.deadline import Deadline
from mastermind.game.privacy import rules as privacy
from mastermind.operations.migrations import runner as migrations
from ops import drill, dumps

if TYPE_CHECKING:
    import psycopg

ROOT = Path(__file__).parent.parent
MEMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
GONE = 10

USERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT (1400000000 + number)::bigint << 22, 'Member ' || number, 'America/New_York'
FROM generate_series(1, %(many)s::bigint) AS number
"""
# A challenge every third day, each member at their own pace.
LEDGER: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
SELECT user_id, 10 * (1 + (user_id >> 22) %% 50 + nth %% 7), 'award', 'tensey', gen_random_uuid()::text,
    current_date - nth::int * 3
FROM users, generate_series(1, %(rows)s::bigint) AS nth
"""
LEAVE: LiteralString = "SELECT user_id FROM users ORDER BY user_id LIMIT %(gone)s"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mastermind-restore-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        dump, log = folder / "game.dump", folder / "log"
        making = Console().status(f"making {MEMBERS:,} members with {ROWS:,} ledger rows each")
        with making, temporary(folder / "postgres", settings={"shared_buffers": "256MB"}) as postgres:
            migrations.apply(postgres.settings(OWNER), ROOT / "migrations", Deadline.after(60))
            with closing(postgres.as_superuser()) as conn:
                conn.execute(USERS, {"many": MEMBERS})
                conn.execute(LEDGER, {"rows": ROWS})
                leave(conn, log)
            dumps.dump(postgres.owner_url, dump)
        with redirect_stdout(StringIO()) as output:
            drill.restore_drill(dump=dump, log=log, as_json=True)
    shown = table(json.loads(output.getvalue()))
    Console().print(shown)
    pages.write("restore", "make bench-restore", shown)


def table(report: dict[str, Any]) -> Table:
    """What each part of the drill took; the recovery time leaves out the making of the dump."""
    shown = Table("part", Column("seconds", justify="right"), title=f"{MEMBERS:,} members, {ROWS:,} ledger rows each")
    for part, seconds in report["seconds"].items():
        shown.add_row(part, f"{seconds:.1f}")
    shown.add_row("recovery time", f"{report['recovery_seconds']:.1f}")
    return shown


def leave(conn: psycopg.Connection[tuple[int, ...]], log: Path) -> None:
    """Some ask to be forgotten after the dump: so says the log."""
    for (user_id,) in conn.execute(LEAVE, {"gone": GONE}).fetchall():
        asked = snowflake()
        for entry in (privacy.begin(user_id, asked), privacy.Ended(asked, datetime.now(UTC))):
            path = log / privacy.key(entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(privacy.write(entry))


if __name__ == "__main__":
    main()
