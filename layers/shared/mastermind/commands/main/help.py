"""/help: how the game works, and every command of both applications, from their declarations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Listed, Option
from mastermind.bot.guide import WHO, lowest_access, options, usages, visibility
from mastermind.bot.listing import LISTED
from mastermind.bot.registry import find
from mastermind.discord.components import Container, Row, Select, SelectOption, Separator, Text
from mastermind.discord.limits import CHOICES, SELECT_OPTIONS
from mastermind.discord.replies import Choice, Choices, Message, Update
from mastermind.discord.text import cut, inline
from mastermind.errors import MemberMistake
from mastermind.typed import fold, meant, suggested

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.components import MessagePart
    from mastermind.discord.replies import Reply
    from mastermind.game.members.authority import Access

HOW_IT_WORKS = """\
## How it works
Do something brave in the world, note it here, and earn XP. XP raises your level, at your own pace.
Every tap is answered at once. Only the member who opened a list or a form can use it, so nobody else can tick for you.
Something ticked by mistake? There is an undo, and nothing you take back counts against you."""


def show(call: Call) -> Reply:
    words = call.text("topic")
    names = [(it.name, name) for it in _usable(call.access) for name in (it.name, f"/{it.name}")] if words else []
    return Message(_page(call, meant(words, names) or words))


def turn(call: Call) -> Reply:
    """Replace the message with the chosen topic."""
    return Update(_page(call, "".join(call.interaction.values)))


def suggest(call: Call) -> Choices:
    """The commands whose name or description contains the typed text; those whose name starts with it come first."""
    found = suggested(
        call.typed, [(command, f"/{command.name}: {command.description}") for command in _usable(call.access)]
    )
    beginning = fold(call.typed).removeprefix("/")
    found.sort(key=lambda command: not command.name.startswith(beginning))
    return Choices(tuple(Choice(_title(command), command.name) for command in found[:CHOICES]))


def _page(call: Call, topic: str) -> tuple[MessagePart, ...]:
    text, lines = _text_and_lines(call.access, topic)
    menu = Select(call.custom_id("topic"), lines, placeholder="Tell me more about a command")
    return (Container((text, Separator(), Row((menu,)))),)


@lru_cache(32)  # the same for everybody with that access
def _text_and_lines(access: Access, topic: str) -> tuple[Text, tuple[SelectOption, ...]]:
    usable = _usable(access)
    text = _topic(usable, topic) if topic else f"{HOW_IT_WORKS}\n## Commands\n{_overview(usable, access)}"
    lines = (SelectOption(f"/{it.name}", it.name, it.description, default=it.name == topic) for it in usable)
    return Text(text), tuple(lines)[:SELECT_OPTIONS]


@lru_cache
def _usable(access: Access) -> list[Listed]:
    """The commands of both applications that somebody with that access may use; the others are not shown."""
    return sorted((it for it in LISTED if it.access <= access), key=lambda it: it.name)


def _overview(usable: list[Listed], access: Access) -> str:
    return "\n".join(f"{' '.join(f'`{path}`' for path in _paths(it, access))} {it.description}" for it in usable)


def _paths(command: Listed, access: Access) -> list[str]:
    """What can be opened of the command: itself, or those of its subcommands that somebody with that access may use."""
    parts = [f"/{command.name} {name}" for name, needed in command.subcommands if needed <= access]
    return parts or [f"/{command.name}"]


def _topic(usable: list[Listed], topic: str) -> str:
    chosen = next((it for it in usable if it.name == topic), None)
    command = chosen and find(chosen.app, chosen.name)
    if command is None:
        raise MemberMistake(f"I have no help about “{inline(cut(topic, 32))}”. Type `/help` and choose from the list.")
    return _explanation(command)


def _explanation(command: Command) -> str:
    lines = [f"## {command.name}", command.help]
    lines += [f"`{path}` {given}".rstrip() for path, given in usages(command)]
    lines += [f"- `{option.name}`: {option.description}" for option in options(command)]
    lines.append(f"-# For {WHO[lowest_access(command)]}; {visibility(command)}.")
    return "\n".join(lines)


def _title(command: Listed) -> str:
    return cut(f"/{command.name}: {command.description}", 100)


COMMAND = Command(
    name="help",
    description="How the game works, and what each command does",
    run=show,
    options=(Option("topic", "The command you want to know more about", autocomplete=suggest),),
    components={"topic": turn},
    help="Shows how the game works in a few lines. Choose a topic, here or while typing, and a command is explained.",
)
