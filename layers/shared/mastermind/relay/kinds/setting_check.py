"""Checks an admin's choice: a channel gets a first post, a role is looked up (docs/rules/settings.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from mastermind.bot import looks
from mastermind.discord.components import Container, Text
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import CheckRole, CreateMessage, Outcome
from mastermind.game.outreach import rights
from mastermind.game.outreach.rights import REFUSALS, Needed, Right
from mastermind.game.server_settings import actions as server_settings
from mastermind.game.server_settings.actions import SETTING_CHECK
from mastermind.game.server_settings.rules import CHANNEL
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Message as Sent
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection

FIRST_POST = "## 📣 The game announces here from now on\nAn admin has chosen this channel."

LATE = "Discord could not be asked within an hour"

DELETED = "it was deleted in Discord"

ADMIN = "the admin who added it"


def _compose(conn: Connection, entry: Entry, scene: Scene) -> CreateMessage | CheckRole | None:
    refs = entry.refs
    if "in_force" in refs:
        return CheckRole(int(refs["in_force"]), 0, for_moderators=True)
    name, asked = str(refs["setting"]), int(refs["asked"])
    if not server_settings.is_asked(conn, name, asked):
        return None
    if name == CHANNEL:
        return CreateMessage(asked, _first_post(scene))
    return CheckRole(asked, entry.user_id or 0, for_moderators=True)


def _first_post(scene: Scene) -> Sent:
    shown = Message((Container((Text(FIRST_POST),), looks.SETTINGS.color),), private=False)
    return cast("Sent", render(shown, scene.commands)["data"])


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    refs = entry.refs
    name = str(refs["setting"])
    if "in_force" in refs:
        if result and result.outcome is Outcome.GONE:
            server_settings.lose_role(conn, int(refs["in_force"]))
    elif result and result.outcome is Outcome.DONE:
        server_settings.accept(conn, name, int(refs["asked"]), entry.user_id)
    else:
        server_settings.refuse(conn, name, int(refs["asked"]), _reason(name, int(refs["asked"]), result))


def _reason(name: str, asked: int, result: Result | None) -> str:
    """Why not, so that it follows on "because"."""
    if result is None:
        return LATE
    if name == CHANNEL and result.code in REFUSALS:
        return f"my role lacks {rights.lacks(Needed(Right.POST, asked), result.code)}"
    if result.outcome is Outcome.GONE:
        return DELETED
    if result.outcome is Outcome.UNKNOWN:
        return "Discord's answer was lost"
    return result.reason.replace(ADMIN, "the admin who chose it") or f"Discord refused it with {result.status}"


KIND = Kind(SETTING_CHECK, Priority.NEWS, timedelta(hours=1), _compose, is_check=True, settled=_settled)
