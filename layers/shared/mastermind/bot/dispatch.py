"""Routes an interaction to its handler, after the checks that all handlers share.

A refusal is a MemberMistake; `entrypoints.endpoint` turns errors into answers.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import arguments, care, custom_ids, entries, finding, repeats, stale
from mastermind.bot.access import needs_role
from mastermind.bot.call import Call
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Choices, Message, Modal, Pong
from mastermind.errors import BadRequest, Forgotten, InputRefused, MemberMistake, TooFast
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Generator

    from mastermind.bot.call import Services
    from mastermind.bot.custom_ids import CustomId
    from mastermind.bot.finding import Find, Press
    from mastermind.bot.moderators import Moderators
    from mastermind.config import DiscordSettings
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Reply

WRONG_APPLICATION = "This came for another app, so nothing was done. An admin should check the app's settings."
WRONG_SERVER = "This game belongs to another server, so I can't play here. Ask an admin to take me off this one."
DIRECT_MESSAGE = "I only play inside the server. Type the command in one of its channels."
NOT_HERE = (
    "This button no longer works here, because I have not seen you in the server for a day, or the message is not one "
    "of my reminders. In the server everything works: log your day in one of its channels."
)
TOO_OLD = (
    "This is about a day old, and I no longer know whether it was stored then. Nothing is stored twice, so I have done "
    "nothing now. Please look whether it is there; if not, begin again with `/{typed}`."
)
WHO = {
    Access.MODERATOR: "This is for the moderators of this server.",
    Access.ADMIN: "This is for the admins of this server.",
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Runs the commands of one application for the members who may use them."""

    app: str
    moderators: Moderators
    find: Find

    @property
    def settings(self) -> DiscordSettings:
        return self.moderators.settings

    def answer(self, interaction: Interaction, services: Services) -> Reply:
        """The reply to an interaction; raises MemberMistake, Unavailable, BadRequest."""
        if interaction.kind is InteractionType.PING:
            return Pong()
        if care.is_safe(interaction):
            return care.safe(interaction)
        self._check_place(interaction)
        match interaction.kind:
            case InteractionType.COMMAND:
                return self._run(interaction, services)
            case InteractionType.AUTOCOMPLETE:
                return self._complete(interaction, services)
            case _:
                return self._press(interaction, services)

    def _check_place(self, interaction: Interaction) -> None:
        if interaction.application_id != self.settings.application_id:
            raise MemberMistake(WRONG_APPLICATION)
        if interaction.guild_id is None:
            if interaction.kind not in {InteractionType.COMPONENT, InteractionType.MODAL}:
                raise MemberMistake(DIRECT_MESSAGE)
        elif interaction.guild_id != self.settings.guild_id:
            raise MemberMistake(WRONG_SERVER)

    def _run(self, interaction: Interaction, services: Services) -> Reply:
        use = finding.used(self.find, interaction)
        call = self._call(interaction, use.typed, services, use.pace, use.access)
        _check_access(call, use.access)
        with _giving_back():
            arguments.check(use.options, interaction.options, interaction.users, interaction.roles)
            return _with_lines(call, use.run(call))

    def _complete(self, interaction: Interaction, services: Services) -> Reply:
        use = finding.used(self.find, interaction)
        call = self._call(interaction, use.typed, services, Pace.PAGING, use.access)
        _check_access(call, use.access)
        for option in use.options:
            if option.autocomplete and option.name == interaction.focused:
                return option.autocomplete(call)
        return Choices(())

    def _press(self, interaction: Interaction, services: Services) -> Reply:
        custom_id = custom_ids.read(interaction.custom_id)
        press = custom_id and finding.pressed(self.find, custom_id, interaction.kind)
        if not (custom_id and press):
            raise InputRefused(stale.words(interaction.custom_id, self.find))
        is_repeat = repeats.is_repeat(interaction)
        made = entries.restored(interaction, press.does.options) if is_repeat else interaction
        is_direct = interaction.guild_id is None
        call = self._call(made, custom_id, services, Pace.DIRECT if is_direct else press.pace, press.access)
        _check_access(call, press.access)
        _check_owner(call, custom_id, press)
        if is_direct:
            _check_direct(call, press)
        with _giving_back():
            _check_age(call, press)
            arguments.check(press.does.options, made.options, made.users, made.roles)
            reply = press.does.run(call)
        if isinstance(reply, Modal):
            return entries.filled(reply, entries.read(interaction.message))
        reply = _with_lines(call, reply)
        return repeats.replacing(reply) if is_repeat else reply

    def refuse(self, interaction: Interaction, words: str) -> Reply:
        """Explain a refusal, repeat what was typed, and offer the form with it once more."""
        from mastermind.bot import refusals  # few answers are one

        return refusals.refuse(interaction, words, self.find, self.settings)

    def _call(
        self, interaction: Interaction, pressed: CustomId, services: Services, pace: Pace, access: Access
    ) -> Call:
        caller = interaction.caller
        if caller is None:
            raise BadRequest("the interaction has no caller")
        settings = self.moderators.settings
        if access and needs_role(caller, settings, access):
            settings = self.moderators.read(services)
        return Call(self.app, pressed, interaction, caller, settings, services, pace)


def _with_lines(call: Call, reply: Reply) -> Reply:
    """The reply, below the news for its member. Few answers have any news to show or to record."""
    opens = isinstance(reply, Message) and reply.private
    if not (opens or call.waiting.read) or call.interaction.guild_id is None or not (found := call.waiting.rows()):
        return reply
    from mastermind.bot import for_you  # for most members nothing waits

    return for_you.on_top(call, reply, found)


@contextmanager
def _giving_back() -> Generator[None]:
    """Distinguishes refusals of the input from those of the member or the place."""
    try:
        yield
    except (TooFast, Forgotten):
        raise
    except MemberMistake as mistake:
        raise InputRefused(str(mistake)) from mistake


def _check_access(call: Call, needed: Access) -> None:
    if call.access < needed:
        raise MemberMistake(WHO[needed])


def _check_age(call: Call, press: Press) -> None:
    if call.pressed.key and repeats.is_stale(call.pressed.key, call.now):
        raise MemberMistake(TOO_OLD.format(typed=press.typed))


def _check_owner(call: Call, custom_id: CustomId, press: Press) -> None:
    if custom_id.owner not in {0, call.caller.user_id}:
        raise MemberMistake(f"This belongs to the member who opened it. Type `/{press.typed}` to get your own.")


def _check_direct(call: Call, press: Press) -> None:
    """In a direct message only messages that the game has sent to this member work, while they are in the server."""
    if not press.is_direct or not call.pressed.owner:
        raise MemberMistake(DIRECT_MESSAGE)
    from mastermind.game.reminders import actions as reminders  # nothing in the server needs it

    user_id, message_id = call.caller.user_id, call.interaction.message_id
    if not call.services.run(lambda conn: reminders.may_tap(conn, user_id, message_id)):
        raise MemberMistake(NOT_HERE)
