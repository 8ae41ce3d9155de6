"""A kind of request: everything about it is in one file of mastermind/relay/kinds."""

from __future__ import annotations

import pkgutil
from copy import replace
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from mastermind.discord.commands import PLAIN
from mastermind.game.outbox.rules import PATIENCE, Entry, Priority
from mastermind.game.server_settings.rules import CHANNEL, MODERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import timedelta

    from mastermind.discord.commands import Commands
    from mastermind.discord.requests import Request, Result
    from mastermind.game.announcements.rules import AnnouncementKind
    from mastermind.game.server_settings.rules import Choices
    from mastermind.postgres.connection import Connection

__all__ = ["Entry", "Kind", "Line", "Priority", "Scene", "find_all"]

PACKAGE = "mastermind.relay.kinds"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a kind knows beside the database: the channel of the announcements (0: none), and what is on.

    `commands` are those that a message in a channel can link to; in a direct message none can be opened. `time_zone` is
    that of the deployment. `reports`: the admins get a report each week. `moderator_role` is the one that admins have
    chosen, 0 for none.
    """

    announcements_channel: int
    announced: Collection[AnnouncementKind]
    commands: Commands = PLAIN
    time_zone: str = "UTC"
    gives_roles: bool = False
    draws: bool = False
    reports: bool = False
    moderator_role: int = 0

    def with_choices(self, choices: Choices) -> Scene:
        """As the admins of the server have chosen (docs/rules/settings.md)."""
        return replace(
            self,
            announcements_channel=choices.id(CHANNEL, self.announcements_channel),
            announced=choices.announced(self.announced),
            moderator_role=choices.id(MODERATORS, 0),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What appears on top of the answer that a member got last, if they still look at it."""

    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request.

    `compose` is asked in the transaction of the hand-over, behind a lock that keeps the member from leaving. It returns
    what is true at that moment, None when it is true no more. It reads the database and changes nothing.

    `lasts` is how long after its time it is of interest, `patience` how long Discord may be asked once it is composed.
    `is_edit` are those that compose a Line, which needs no bot; `is_direct` those that compose a DirectMessage, whose
    channel is found by relay.

    `settled` is called in the transaction that books what became of it, once it is final; with None where it lapsed.
    `is_check` are those that only ask whether something may be done: who asked reads what is lacking.

    `otherwise` is how it is said where there is no bot, or where Discord refuses it: a message for the queue Notices.
    Those `by_webhook` are said so wherever there is a bot, too.
    """

    name: str
    priority: Priority
    lasts: timedelta
    compose: Callable[[Connection, Entry, Scene], Request | Line | None]
    patience: timedelta = PATIENCE
    is_edit: bool = False
    is_direct: bool = False
    is_check: bool = False
    settled: Callable[[Connection, Entry, Result | None], None] | None = None
    otherwise: Callable[[Connection, Entry, Scene], str | None] | None = None
    by_webhook: bool = False


def find_all() -> Mapping[str, Kind]:
    """All kinds by their names, the most urgent first."""
    files = sorted(file.name for file in pkgutil.iter_modules(import_module(PACKAGE).__path__))
    found = [cast("Kind", import_module(f"{PACKAGE}.{name}").KIND) for name in files]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.priority)}
