"""An act of an admin or an operator, posted in the admins' channel (docs/rules/moderation.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.audit import notices
from mastermind.game.audit import table as audit
from mastermind.game.privacy.actions import ACT
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection


def _compose(_conn: Connection, _entry: Entry, _scene: Scene) -> None:
    """The bot does not say it: the admins' channel has a webhook."""


def _by_webhook(conn: Connection, entry: Entry, _scene: Scene) -> str | None:
    entry_id = int(entry.refs.get("entry_id", 0))
    if not entry_id:
        return notices.write(notices.FORGOTTEN)
    act = audit.act(conn, entry_id, int(entry.refs["xp"])).fetchone()
    return act and notices.write(act)


KIND = Kind(ACT, Priority.MODERATION, timedelta(days=7), _compose, otherwise=_by_webhook, by_webhook=True)
