"""Calls the moderators for somebody in need: they are mentioned, and the flag is stored (docs/rules/need.md)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from mastermind.deadline import Deadline
from mastermind.discord.commands import PLAIN
from mastermind.errors import MessageRefused, TryAgain, Unavailable, WebhookGone
from mastermind.game.flags import needs
from mastermind.operations.needs import rules
from mastermind.operations.needs.rules import Step
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.discord.commands import Commands
    from mastermind.game.flags.needs import Need
    from mastermind.json_types import Json
    from mastermind.operations.admins import Admins
    from mastermind.operations.needs.rules import Mention, Mentions
    from mastermind.operations.stored import Stored

log = logging.getLogger(__name__)

ASKING = 2.0
"""Seconds that who the moderators are may take; then those of the deploy are mentioned."""

NOTING = 4.0
"""Seconds kept, after the last wait for Discord, to note the mention and to store the flag."""


class Game(Protocol):
    """The function that stores flags."""

    def ask(self, question: Mapping[str, object], deadline: Deadline) -> Json: ...


class Responder:
    """Mentions the moderators in the admins' channel: the role that admins have chosen, else `role_id`; 0 is none."""

    def __init__(
        self,
        mentions: Stored[Mentions],
        admins: Admins,
        game: Game,
        role_id: int,
        *,
        commands: Commands = PLAIN,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._mentions, self._admins, self._game = mentions, admins, game
        self._role_id = self._deployed_role_id = role_id
        self._commands, self._now = commands, now

    def receive(self, need: Need, deadline: Deadline) -> None:
        """Mention the moderators or raise a count, and store the flag; an error has the queue deliver it again.

        Neither waits for the other: trouble in Discord keeps no flag from being stored, an outage nobody from helping.
        """
        try:
            self._call(need, Deadline(deadline.moment - NOTING))
        except (TryAgain, Unavailable):
            self._flag(need, deadline)
            raise
        self._flag(need, deadline)

    def _flag(self, need: Need, deadline: Deadline) -> None:
        self._game.ask({"flag": as_dict(need)}, deadline)
        log.info("somebody in need is flagged")

    def _call(self, need: Need, deadline: Deadline) -> None:
        known, step = self._note(need, deadline)
        log.info("somebody is in need", extra={"step": step.name.lower()})
        match step:
            case Step.MENTION:
                channel, message_id = self._post(need, deadline)
                noted = Deadline(deadline.moment + NOTING / 2)
                self._mentions.change(
                    lambda known: rules.after_post(known, need.interaction_id, channel, message_id), noted
                )
            case Step.COUNT:
                self._raise_count(known.each[-1], deadline)
            case Step.NOTHING:
                pass

    def _note(self, need: Need, deadline: Deadline) -> tuple[Mentions, Step]:
        def after(known: Mentions) -> tuple[Mentions, tuple[Mentions, Step]]:
            changed, step = rules.after_need(known, need.interaction_id, need.user_id, self._now())
            return changed, (changed, step)

        return self._mentions.decide(after, deadline)

    def _post(self, need: Need, deadline: Deadline) -> tuple[str, str]:
        """Where it is posted, and the message's id."""
        self._role_id = self._moderators(deadline)
        posted = self._admins.post(self._message(0), "Somebody needs a kind word", needs.NOW, deadline)
        log.info("the moderators are notified", extra={"interaction_id": need.interaction_id, "channel": posted[0]})
        return posted

    def _moderators(self, deadline: Deadline) -> int:
        """The role of this moment; that of the deploy, or of the last mention, where the database does not answer."""
        try:
            answer = self._game.ask({"moderators": True}, Deadline(min(deadline.moment, Deadline.after(ASKING).moment)))
            return int(str(answer["role"])) or self._deployed_role_id
        except (Unavailable, KeyError, ValueError) as error:
            log.warning("who the moderators are is not known", extra={"reason": str(error)})
            return self._role_id

    def _message(self, more: int) -> Mapping[str, object]:
        return needs.message(self._role_id, more, self._commands)

    def _raise_count(self, mention: Mention, deadline: Deadline) -> None:
        """The message that mentioned them says how many more there are. If it cannot, the flags still do."""
        channel = self._admins.find(mention.channel)
        if channel is None or not mention.message_id:
            return
        self._role_id = self._moderators(deadline)
        try:
            channel.edit(mention.message_id, self._message(len(mention.further)), deadline)
        except (WebhookGone, MessageRefused, TryAgain, Unavailable) as error:
            log.warning("a count was not raised", extra={"reason": str(error)})
