"""Routes an interaction to its handler, after the checks that all handlers share.

A refusal is a MemberMistake; `entrypoints.endpoint` turns errors into answers.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import arguments, care, custom_ids, entries, repeats, stale
from mastermind.bot.access import needs_role
from mastermind.bot.call import Call
from mastermind.bot.commands import Subcommand
from mastermind.bot.custom_ids import CustomId
from mastermind.discord.components import Button, ButtonStyle, Row, Text
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Choices, Message, Modal, Pong, Update
from mastermind.errors import BadRequest, Forgotten, InputRefused, MemberMistake, TooFast
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from mastermind.bot.call import Services
    from mastermind.bot.commands import Command, Form, Handler, Option
    from mastermind.bot.entries import Entry
    from mastermind.bot.moderators import Moderators
    from mastermind.config import DiscordSettings
    from mastermind.discord.components import MessagePart
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Reply

WRONG_APPLICATION = "This came for another app, so nothing was done. An admin should check the app's settings."
WRONG_SERVER = "This game belongs to another server, so I can't play here. Ask an admin to take me off this one."
DIRECT_MESSAGE = "I only play inside the server. Type the command in one of its channels."
NOT_HERE = (
    "This button no longer works here, because I have not seen you in the server for a day, or the message is not one "
    "of my reminders. In the server everything works: log your day in one of its channels."
)
UNKNOWN_COMMAND = "I don't know this command any more. Type `/` to see what there is."
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
    find: Callable[[str], Command | None]

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
        use = _use(self._command(interaction.name), interaction.path)
        call = self._call(interaction, use.typed, services, use.pace, use.access)
        _check_access(call, use.access)
        with _giving_back():
            arguments.check(use.options, interaction.options, interaction.users, interaction.roles)
            return _with_lines(call, use.run(call))

    def _complete(self, interaction: Interaction, services: Services) -> Reply:
        use = _use(self._command(interaction.name), interaction.path)
        call = self._call(interaction, use.typed, services, Pace.PAGING, use.access)
        _check_access(call, use.access)
        for option in use.options:
            if option.autocomplete and option.name == interaction.focused:
                return option.autocomplete(call)
        return Choices(())

    def _press(self, interaction: Interaction, services: Services) -> Reply:
        custom_id = custom_ids.read(interaction.custom_id)
        press = custom_id and self._pressed(custom_id, interaction.kind)
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
        """Say why something was refused, give back what was typed, and offer the form with it once more."""
        given_back = self._given_back(interaction)
        in_place = bool(entries.read(interaction.message)) or repeats.in_direct_message(interaction)
        parts = (Text(words), *given_back)
        return Update(parts) if given_back and in_place else Message(parts)

    def _given_back(self, interaction: Interaction) -> tuple[MessagePart, ...]:
        """What was typed, with the button to correct a form; nothing where nothing is worth copying."""
        typed = entries.entered(interaction, self.settings)
        if interaction.kind is InteractionType.COMMAND:
            return _worth_copying(typed, _use(self._command(interaction.name), interaction.path).options)
        custom_id = custom_ids.read(interaction.custom_id)
        press = custom_id and self._pressed(custom_id, interaction.kind)
        if not (custom_id and press):  # of an older version: what was typed can be copied
            return _text(typed) if interaction.kind is InteractionType.MODAL else ()
        if not (form := press.does.form):
            return _worth_copying(typed, press.does.options)
        correct = replace(custom_id, action=form.opener, key=0)
        return (*_text(typed), Row((Button("Correct it", str(correct), ButtonStyle.PRIMARY),)))

    def _command(self, name: str) -> Command:
        command = self.find(name)
        if command is None:
            raise MemberMistake(UNKNOWN_COMMAND)
        return command

    def _pressed(self, custom_id: CustomId, kind: InteractionType) -> _Press | None:
        """What a button, select or form does, with the access of its declaration; None when it is gone."""
        name, *words = custom_id.path.split(".")
        subcommand_name = " ".join(words)
        command = self.find(name)
        part = command and _part(command, subcommand_name)
        does = part and _does(part, custom_id, kind)
        if not (command and part and does):
            return None
        subcommand = part if isinstance(part, Subcommand) else None
        access = _access(command, subcommand) if subcommand else command.access
        typed = f"{name} {subcommand_name}".strip()
        is_direct = custom_id.action in command.direct and not subcommand
        return _Press(does, access, typed, _pace(command, subcommand, custom_id.action), is_direct)

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
    words = " ".join(path)
    for subcommand in command.subcommands:
        if words == subcommand.name:
            typed, access = CustomId(custom_ids.path(command.name, words), ""), _access(command, subcommand)
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
class _Deed:
    """The handler of an action; the form that it sends, or the options of the command that it runs again."""

    run: Handler
    form: Form | None = None
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class _Press:
    """What an action does, who may do it, and the command that opens the message it belongs to.

    `is_direct`: it can also be used in a direct message.
    """

    does: _Deed
    access: Access
    typed: str
    pace: Pace
    is_direct: bool = False


def _part(command: Command, subcommand_name: str) -> Command | Subcommand | None:
    if not subcommand_name:
        return command
    return next((part for part in command.subcommands if part.name == subcommand_name), None)


def _does(part: Command | Subcommand, custom_id: CustomId, kind: InteractionType) -> _Deed | None:
    """What the action does; None when it is gone. A button with a key tries again whatever it was."""
    is_button, form = kind is not InteractionType.MODAL, part.modals.get(custom_id.action)
    if is_button and (run := part.components.get(custom_id.action)):
        return _Deed(run)
    if form and (custom_id.key or not is_button):
        return _Deed(form.send, form)
    if is_button and custom_id.key and custom_id.action == repeats.RUN and part.run:
        return _Deed(part.run, options=part.options)
    return None


def _with_lines(call: Call, reply: Reply) -> Reply:
    """The reply, below what waits for its member. Few answers have something to say or to note."""
    opens = isinstance(reply, Message) and reply.private
    if not (opens or call.waiting.read) or call.interaction.guild_id is None or not (found := call.waiting.rows()):
        return reply
    from mastermind.bot import for_you  # for most members nothing waits

    return for_you.on_top(call, reply, found)


@contextmanager
def _giving_back() -> Generator[None]:
    """Refusals of what was entered are told apart from those of who entered it, or where."""
    try:
        yield
    except (TooFast, Forgotten):
        raise
    except MemberMistake as mistake:
        raise InputRefused(str(mistake)) from mistake


def _worth_copying(typed: Sequence[Entry], options: Sequence[Option]) -> tuple[Text, ...]:
    """What was entered with a command, if something is among it that was typed by hand."""
    by_hand = {option.name for option in options if option.is_typed}
    return _text(typed) if by_hand & {entry.name for entry in typed} else ()


def _text(typed: Sequence[Entry]) -> tuple[Text, ...]:
    given_back = entries.shown(typed)
    return (Text(given_back, verbatim=True),) if given_back else ()


def _check_access(call: Call, needed: Access) -> None:
    if call.access < needed:
        raise MemberMistake(WHO[needed])


def _check_age(call: Call, press: _Press) -> None:
    if call.pressed.key and repeats.is_stale(call.pressed.key, call.now):
        raise MemberMistake(TOO_OLD.format(typed=press.typed))


def _check_owner(call: Call, custom_id: CustomId, press: _Press) -> None:
    if custom_id.owner not in {0, call.caller.user_id}:
        raise MemberMistake(f"This belongs to the member who opened it. Type `/{press.typed}` to get your own.")


def _check_direct(call: Call, press: _Press) -> None:
    """In a direct message only what the game has sent to this member can be used, as long as they are in the server."""
    if not press.is_direct or not call.pressed.owner:
        raise MemberMistake(DIRECT_MESSAGE)
    from mastermind.game.reminders import actions as reminders  # nothing in the server needs it

    user_id, message_id = call.caller.user_id, call.interaction.message_id
    if not call.services.run(lambda conn: reminders.may_tap(conn, user_id, message_id)):
        raise MemberMistake(NOT_HERE)
