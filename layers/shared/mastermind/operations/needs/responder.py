"""Has the moderators look after somebody in need: they are mentioned, and the flag is stored (docs/rules/need.md)."""

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
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.discord.commands import Commands
    from mastermind.game.flags.needs import Need
    from mastermind.json_types import Json
    from mastermind.operations.needs.mentions import MentionStore
    from mastermind.operations.needs.rules import Mention, Mentions

log = logging.getLogger(__name__)

MAIL = "e-mail"
"""The channel of last resort."""

NOTING = 4.0
"""Seconds kept, after the last wait for Discord, to note the mention and to store the flag."""


class Channel(Protocol):
    """A channel of Discord."""

    @property
    def name(self) -> str: ...
    def post(self, message: Mapping[str, object], deadline: Deadline) -> str: ...
    def edit(self, message_id: str, message: Mapping[str, object], deadline: Deadline) -> None: ...


class Mail(Protocol):
    """The operators' mailboxes."""

    def send(self, subject: str, text: str, deadline: Deadline) -> None: ...


class Game(Protocol):
    """The function that stores flags."""

    def ask(self, question: Mapping[str, object], deadline: Deadline) -> Json: ...


class Responder:
    """Mentions the moderators in the first of the channels that exists, by e-mail if none does; 0 is no role."""

    def __init__(
        self,
        mentions: MentionStore,
        channels: Sequence[Channel],
        mail: Mail,
        game: Game,
        role_id: int,
        *,
        commands: Commands = PLAIN,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._mentions, self._channels, self._mail = mentions, channels, mail
        self._game, self._now = game, now
        self._role_id, self._commands = role_id, commands

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
                    lambda known: (rules.after_post(known, need.interaction_id, channel, message_id), None), noted
                )
            case Step.COUNT:
                self._raise_count(known.each[-1], deadline)
            case Step.NOTHING:
                pass

    def _note(self, need: Need, deadline: Deadline) -> tuple[Mentions, Step]:
        def after(known: Mentions) -> tuple[Mentions, tuple[Mentions, Step]]:
            changed, step = rules.after_need(known, need.interaction_id, need.user_id, self._now())
            return changed, (changed, step)

        return self._mentions.change(after, deadline)

    def _post(self, need: Need, deadline: Deadline) -> tuple[str, str]:
        """Where it is posted, and the message's id."""
        for channel in self._channels:
            try:
                return channel.name, channel.post(self._message(0), deadline)
            except (WebhookGone, MessageRefused) as error:
                log.warning("a channel cannot be used", extra={"channel": channel.name, "reason": str(error)})
        self._mail.send("Somebody needs a kind word", needs.NOW, deadline)
        log.warning("sent by e-mail", extra={"interaction_id": need.interaction_id})
        return MAIL, ""

    def _message(self, more: int) -> Mapping[str, object]:
        return needs.message(self._role_id, more, self._commands)

    def _raise_count(self, mention: Mention, deadline: Deadline) -> None:
        """The message that mentioned them says how many more there are. If it cannot, the flags still do."""
        channel = next((each for each in self._channels if each.name == mention.channel), None)
        if channel is None or not mention.message_id:
            return
        try:
            channel.edit(mention.message_id, self._message(len(mention.further)), deadline)
        except (WebhookGone, MessageRefused, TryAgain, Unavailable) as error:
            log.warning("a count was not raised", extra={"reason": str(error)})
