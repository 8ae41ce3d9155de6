"""Finds what an interaction uses, and how it is declared: a typed command, or the action of a message or form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids, repeats
from mastermind.bot.commands import Subcommand
from mastermind.bot.custom_ids import CustomId
from mastermind.discord.interactions import InteractionType
from mastermind.errors import MemberMistake
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mastermind.bot.commands import Command, Form, Handler, Option
    from mastermind.discord.interactions import Interaction
    from mastermind.game.members.authority import Access

    type Find = Callable[[str], Command | None]

UNKNOWN_COMMAND = "I don't know this command any more. Type `/` to see what there is."


@dataclass(frozen=True, slots=True)
class Use:
    """What a typed command runs: a whole command, or one of its subcommands."""

    typed: CustomId
    run: Handler
    options: Sequence[Option]
    access: Access
    pace: Pace


def used(find: Find, interaction: Interaction) -> Use:
    """What a typed command runs; raises MemberMistake when it no longer exists."""
    command, path = find(interaction.name), interaction.path
    if command is None:
        raise MemberMistake(UNKNOWN_COMMAND)
    if command.run and not path:
        return Use(CustomId(command.name, ""), command.run, command.options, command.access, _pace(command))
    words = " ".join(path)
    for subcommand in command.subcommands:
        if words == subcommand.name:
            typed, access = CustomId(custom_ids.path(command.name, words), ""), _access(command, subcommand)
            return Use(typed, subcommand.run, subcommand.options, access, _pace(command, subcommand))
    raise MemberMistake(UNKNOWN_COMMAND)


@dataclass(frozen=True, slots=True)
class Deed:
    """The handler of an action; the form that it sends, or the options of the command that it runs again."""

    run: Handler
    form: Form | None = None
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """What an action does, who may do it, and the command that opens the message it belongs to.

    `is_direct`: it can also be used in a direct message.
    """

    does: Deed
    access: Access
    typed: str
    pace: Pace
    is_direct: bool = False


def pressed(find: Find, custom_id: CustomId, kind: InteractionType) -> Press | None:
    """What a button, select or form does, with the access of its declaration; None when it no longer exists."""
    name, *words = custom_id.path.split(".")
    subcommand_name = " ".join(words)
    command = find(name)
    part = command and _part(command, subcommand_name)
    does = part and _does(part, custom_id, kind)
    if not (command and part and does):
        return None
    subcommand = part if isinstance(part, Subcommand) else None
    access = _access(command, subcommand) if subcommand else command.access
    typed = f"{name} {subcommand_name}".strip()
    is_direct = custom_id.action in command.direct and not subcommand
    return Press(does, access, typed, _pace(command, subcommand, custom_id.action), is_direct)


def _part(command: Command, subcommand_name: str) -> Command | Subcommand | None:
    if not subcommand_name:
        return command
    return next((part for part in command.subcommands if part.name == subcommand_name), None)


def _does(part: Command | Subcommand, custom_id: CustomId, kind: InteractionType) -> Deed | None:
    """What the action does; None when it no longer exists. A button with a key repeats any kind of action."""
    is_button, form = kind is not InteractionType.MODAL, part.modals.get(custom_id.action)
    if is_button and (run := part.components.get(custom_id.action)):
        return Deed(run)
    if form and (custom_id.key or not is_button):
        return Deed(form.send, form)
    if is_button and custom_id.key and custom_id.action == repeats.RUN and part.run:
        return Deed(part.run, options=part.options)
    return None


def _access(command: Command, subcommand: Subcommand) -> Access:
    return command.access if subcommand.access is None else subcommand.access


def _pace(command: Command, subcommand: Subcommand | None = None, action: str = "") -> Pace:
    """The rate limit of a use: from the nearest declaration, else by the access it needs."""
    access = _access(command, subcommand) if subcommand else command.access
    part = subcommand or command
    usual = Pace.ADMIN if access else Pace.OTHER
    return part.paces.get(action) or part.pace or command.pace or usual
