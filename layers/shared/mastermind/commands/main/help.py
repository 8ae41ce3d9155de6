"""/help: how the game works, by what one wants; and every command of both applications, from their declarations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Listed, Option
from mastermind.bot.guide import WHO, lowest_access, usages, visibility
from mastermind.bot.listing import LISTED
from mastermind.bot.registry import find
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Select, SelectOption, Separator, Text
from mastermind.discord.limits import CHOICES, SELECT_OPTIONS
from mastermind.discord.replies import Choice, Choices, Message, Update
from mastermind.discord.text import cut
from mastermind.errors import MemberMistake
from mastermind.game.members.authority import Access
from mastermind.typed import fold, meant, suggested

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.bot.call import Call
    from mastermind.discord.components import MessagePart
    from mastermind.discord.replies import Reply


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, in their words; `how` is one sentence about it, `more` what its page adds.

    `commands` are those that help with it, the first of them first.
    """

    key: str
    emoji: str
    title: str
    button: str
    how: str
    more: str
    commands: tuple[str, ...]
    access: Access = Access.EVERYONE


LISTS = "list"
"""The last word of the subcommand that shows what the others of its group change."""

WISHES = (
    Wish(
        "challenge",
        looks.CHALLENGES.emoji,
        "Do a challenge",
        "Challenges",
        "`/tenseylist` shows what to try next.",
        "Do one, tick it, and its XP comes a minute later. Ticked by mistake? Undo it; that costs you nothing.",
        ("tenseylist", "today"),
    ),
    Wish(
        "log",
        looks.DAYS.emoji,
        "Log my day",
        "Log today",
        "`/submit-stats` takes what you did.",
        "Every day you log keeps your streak. A day off is fine: say so, and it is held.",
        ("submit-stats", "submit-past-stats", "stats-days", "stats-edit", "stats-delete", "rest-day", "pause"),
    ),
    Wish(
        "own",
        looks.FIGURES.emoji,
        "How am I doing?",
        "My progress",
        "`/scorecard` shows level and streak.",
        "XP raises your level, at your own pace.",
        ("scorecard", "progress", "history"),
    ),
    Wish(
        "others",
        "👥",
        "The others",
        "The others",
        "`/leaderboard` shows where everybody is.",
        "Want to stay out of sight? `/settings` hides you.",
        ("leaderboard", "tenseyleaderboard", "faction-stats", "raid-status"),
    ),
    Wish(
        "team",
        looks.ADMIN.emoji,
        "For the team",
        "The team",
        "`/admin home` shows what waits.",
        "You see what you may use.",
        ("admin", "security", "start-raid"),
        Access.MODERATOR,
    ),
)
"""At most five: they stand in one row of buttons."""

HOW_IT_WORKS = (
    f"{looks.GUIDE.heading('How it works')}\nDo something small and brave. Note it here. Watch yourself grow."
)


def show(call: Call) -> Reply:
    words = call.text("topic")
    names = [(it.name, name) for it in _usable(call.access) for name in (it.name, f"/{it.name}")] if words else []
    return Message(_page(call, meant(words, names) or words))


def turn(call: Call) -> Reply:
    """Replace the message with the chosen topic."""
    return Update(_page(call, "".join(call.interaction.values)))


def wish(call: Call) -> Reply:
    """Replace the message with what helps with a wish."""
    return Update(_page(call, wanted=call.argument(0)))


def suggest(call: Call) -> Choices:
    """The commands whose name or description contains the typed text; those whose name starts with it come first."""
    found = suggested(
        call.typed, [(command, f"/{command.name}: {command.description}") for command in _usable(call.access)]
    )
    beginning = fold(call.typed).removeprefix("/")
    found.sort(key=lambda command: not command.name.startswith(beginning))
    return Choices(tuple(Choice(_title(command), command.name) for command in found[:CHOICES]))


def _page(call: Call, topic: str = "", wanted: str = "") -> tuple[MessagePart, ...]:
    text, wishes, lines = _fixed(call.access, topic, wanted)
    buttons = _back(call) if topic else Row(tuple(_button(call, each, is_chosen=each.key == wanted) for each in wishes))
    menu = Select(call.custom_id("topic"), lines, placeholder="More about one command")
    return (Container((text, Separator(), buttons, Row((menu,))), looks.GUIDE.color),)


def _back(call: Call) -> Row:
    return Row((Button("Back", call.custom_id("wish", ""), emoji=looks.GUIDE.emoji),))


def _button(call: Call, wish: Wish, *, is_chosen: bool) -> Button:
    style = ButtonStyle.PRIMARY if is_chosen else ButtonStyle.SECONDARY
    return Button(wish.button, call.custom_id("wish", wish.key), style, wish.emoji)


@lru_cache(32)  # the same for everybody with that access
def _fixed(access: Access, topic: str, wanted: str) -> tuple[Text, tuple[Wish, ...], tuple[SelectOption, ...]]:
    """The text, the wishes that have a button, and the lines of the select."""
    usable, wishes = _usable(access), tuple(each for each in WISHES if each.access <= access)
    text = _topic(usable, topic) if topic else _wanted(wishes, usable, access, wanted) or _overview(wishes)
    shown = (it for it in usable if it.name in _together(usable, topic, wanted))
    lines = (SelectOption(f"/{it.name}", it.name, it.description, default=it.name == topic) for it in shown)
    return Text(text), wishes, tuple(lines)[:SELECT_OPTIONS]


def _together(usable: list[Listed], topic: str, wanted: str) -> Collection[str]:
    """The commands of the select: those of the wish that is shown or has the topic, else those of none."""
    chosen = next((each for each in WISHES if each.key == wanted or topic in each.commands), None)
    if chosen:
        return chosen.commands
    helping = {name for wish in WISHES for name in wish.commands}
    return {it.name for it in usable} - helping


@lru_cache
def _usable(access: Access) -> list[Listed]:
    """The commands of both applications that somebody with that access may use; the others are not shown."""
    return sorted((it for it in LISTED if it.access <= access), key=lambda it: it.name)


def _overview(wishes: tuple[Wish, ...]) -> str:
    return "\n".join((HOW_IT_WORKS, *(f"{each.emoji} **{_asked(each.title)}** {each.how}" for each in wishes)))


def _asked(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def _wanted(wishes: tuple[Wish, ...], usable: list[Listed], access: Access, key: str) -> str:
    """The page of a wish, with every command that helps; "" for none of that key."""
    chosen = next((each for each in wishes if each.key == key), None)
    if chosen is None:
        return ""
    known = {it.name: it for it in usable}
    commands = (known[name] for name in chosen.commands if name in known)
    lines = (f"{' '.join(f'`{path}`' for path in _paths(it, access))} {it.description}" for it in commands)
    return "\n".join((f"## {chosen.emoji} {chosen.title}", chosen.more, *lines))


def _paths(command: Listed, access: Access) -> list[str]:
    """What can be opened of the command: itself, or those of its subcommands that somebody with that access may use."""
    parts = [f"/{command.name} {name}" for name, needed in command.subcommands if needed <= access]
    return [path for path in parts if _stands_for_itself(path, parts)] or [f"/{command.name}"]


def _stands_for_itself(path: str, paths: Collection[str]) -> bool:
    """Whether it is no part of a group of subcommands, or the one that lists what the others change."""
    group, _, last = path.rpartition(" ")
    return " " not in group or last == LISTS or f"{group} {LISTS}" not in paths


def _topic(usable: list[Listed], topic: str) -> str:
    chosen = next((it for it in usable if it.name == topic), None)
    command = chosen and find(chosen.app, chosen.name)
    if command is None:
        raise MemberMistake("I have no help about that. Type `/help` and choose from the list.")
    return _explanation(command)


def _explanation(command: Command) -> str:
    """Its help, and how it is typed, or what each of its subcommands does."""
    lines = [looks.GUIDE.heading(command.name), command.help]
    typed = usages(command)
    paths = [path for path, _, _ in typed]
    ways = [
        (f"-# `{path}` {does}" if command.subcommands else f"`{path}` {given}")
        for path, given, does in typed
        if _stands_for_itself(path, paths)
    ]
    lines += map(str.rstrip, ways)
    lines += [f"- `{option.name}`: {option.description}" for option in command.options]
    lines.append(f"-# For {WHO[lowest_access(command)]}; {visibility(command)}.")
    return "\n".join(lines)


def _title(command: Listed) -> str:
    return cut(f"/{command.name}: {command.description}", 100)


COMMAND = Command(
    name="help",
    description="How the game works, and what each command does",
    run=show,
    options=(Option("topic", "The command you want to know more about", autocomplete=suggest),),
    components={"topic": turn, "wish": wish},
    help="Shows how the game works in a few lines. Choose a topic, here or while typing, and a command is explained.",
)
