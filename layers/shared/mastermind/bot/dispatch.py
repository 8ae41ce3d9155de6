"""Routes an interaction to its handler, after the checks that all handlers share.

A refusal is a MemberMistake; `entrypoints.endpoint` turns errors into answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import arguments, custom_ids
from mastermind.bot.call import Call
from mastermind.bot.custom_ids import CustomId
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Choices, Pong
from mastermind.errors import BadRequest, MemberMistake
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.bot.call import Services
    from mastermind.bot.commands import Command, Handler, Option, Subcommand
    from mastermind.config import DiscordSettings
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Reply

WRONG_APPLICATION = "This came for another app, so nothing was done. An admin should check the app's settings."
WRONG_SERVER = "This game belongs to another server, so I can't play here."
DIRECT_MESSAGE = "I only play inside the server. Type the command in one of its channels."
UNKNOWN_COMMAND = "I don't know this command any more. Type `/` to see what there is."
STALE = "This message is from an older version of me. Type the command again and you get a fresh one."
WHO = {
    Access.MODERATOR: "This is for the moderators of this server.",
    Access.ADMIN: "This is for the admins of this server.",
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Runs the commands of one application for the members who may use them."""

    app: str
    settings: DiscordSettings
    find: Callable[[str], Command | None]

    def answer(self, interaction: Interaction, services: Services) -> Reply:
        """The reply to an interaction; raises MemberMistake, Unavailable, BadRequest."""
        if interaction.kind is InteractionType.PING:
            return Pong()
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
            raise MemberMistake(DIRECT_MESSAGE)
        if interaction.guild_id != self.settings.guild_id:
            raise MemberMistake(WRONG_SERVER)

    def _run(self, interaction: Interaction, services: Services) -> Reply:
        use = _use(self._command(interaction.name), interaction.path)
        call = self._call(interaction, use.typed, services, use.pace)
        _check_access(call, use.access)
        arguments.check(use.options, interaction.options, interaction.users)
        return use.run(call)

    def _complete(self, interaction: Interaction, services: Services) -> Reply:
        use = _use(self._command(interaction.name), interaction.path)
        call = self._call(interaction, use.typed, services, Pace.PAGING)
        _check_access(call, use.access)
        for option in use.options:
            if option.autocomplete and option.name == interaction.focused:
                return option.autocomplete(call)
        return Choices(())

    def _press(self, interaction: Interaction, services: Services) -> Reply:
        custom_id = custom_ids.read(interaction.custom_id)
        press = custom_id and self._pressed(custom_id, interaction.kind)
        if not (custom_id and press):
            raise MemberMistake(STALE)
        call = self._call(interaction, custom_id, services, press.pace)
        _check_access(call, press.access)
        _check_owner(call, custom_id, press)
        return press.run(call)

    def _command(self, name: str) -> Command:
        command = self.find(name)
        if command is None:
            raise MemberMistake(UNKNOWN_COMMAND)
        return command

    def _pressed(self, custom_id: CustomId, kind: InteractionType) -> _Press | None:
        """The handler of a button, select or form, with the access of its declaration; None when it is gone."""
        name, _, subcommand_name = custom_id.path.partition(".")
        command = self.find(name)
        if command is None:
            return None
        if not subcommand_name:
            run = _actions(command, kind).get(custom_id.action)
            return run and _Press(run, command.access, name, _pace(command, action=custom_id.action))
        for subcommand in command.subcommands:
            if subcommand.name == subcommand_name and (run := _actions(subcommand, kind).get(custom_id.action)):
                typed, pace = f"{name} {subcommand_name}", _pace(command, subcommand, custom_id.action)
                return _Press(run, _access(command, subcommand), typed, pace)
        return None

    def _call(self, interaction: Interaction, pressed: CustomId, services: Services, pace: Pace) -> Call:
        caller = interaction.caller
        if caller is None:
            raise BadRequest("the interaction has no caller")
        return Call(self.app, pressed, interaction, caller, self.settings, services, pace)


@dataclass(frozen=True, slots=True)
class _Use:
    """What a typed command runs: a whole command, or one of its subcommands."""

    typed: CustomId
    run: Handler
    options: Sequence[Option]
    access: Access
    pace: Pace


def _use(command: Command, path: tuple[str, ...]) -> _Use:
    if command.run and not path:
        return _Use(CustomId(command.name, ""), command.run, command.options, command.access, _pace(command))
    for subcommand in command.subcommands:
        if path == (subcommand.name,):
            typed, access = CustomId(f"{command.name}.{subcommand.name}", ""), _access(command, subcommand)
            return _Use(typed, subcommand.run, subcommand.options, access, _pace(command, subcommand))
    raise MemberMistake(UNKNOWN_COMMAND)


def _access(command: Command, subcommand: Subcommand) -> Access:
    return command.access if subcommand.access is None else subcommand.access


def _pace(command: Command, subcommand: Subcommand | None = None, action: str = "") -> Pace:
    """The rate limit of a use: from the nearest declaration, else by the access it needs."""
    access = _access(command, subcommand) if subcommand else command.access
    part = subcommand or command
    usual = Pace.ADMIN if access else Pace.OTHER
    return part.paces.get(action) or part.pace or command.pace or usual


@dataclass(frozen=True, slots=True)
class _Press:
    """The handler of an action, who may use it, and the command that opens the message it belongs to."""

    run: Handler
    access: Access
    typed: str
    pace: Pace


def _actions(part: Command | Subcommand, kind: InteractionType) -> Mapping[str, Handler]:
    return part.modals if kind is InteractionType.MODAL else part.components


def _check_access(call: Call, needed: Access) -> None:
    if call.access < needed:
        raise MemberMistake(WHO[needed])


def _check_owner(call: Call, custom_id: CustomId, press: _Press) -> None:
    if custom_id.owner not in {0, call.caller.user_id}:
        raise MemberMistake(f"This belongs to the member who opened it. Type `/{press.typed}` to get your own.")
