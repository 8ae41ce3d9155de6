"""/security flags: members' texts that a moderator should review, oldest first, with buttons to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.parts import paging
from mastermind.commands.parts.people import counted, moment, named, words
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Message, Update
from mastermind.game.flags import actions as flags
from mastermind.game.flags import content as rules
from mastermind.game.flags.rules import FlagStatus
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.flags.actions import Flag
    from mastermind.game.paging import Page

PLACES = {"course.question": "a question about the course"}
"""Where the text was written, by the source of its flag."""

MOST_TITLES = 3
"""Categories that are named; a flag with more is worth reading anyway."""

NOTHING = "Nothing is waiting to be looked at. When a member writes something that matches a rule, it appears here."
NEED = "💙 "
"""Marks somebody in need; their flags come first (docs/rules/need.md, The flag)."""

YOURS = "-# These are your own words, so another moderator or admin decides."
HOW = "-# Resolve: you have acted. Dismiss: no need."


# --- what the subcommand and its buttons do ---


def _open(call: Call) -> Reply:
    return Message((_page(_read(call, 1)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next and refresh: each names its target page."""
    return Update((_page(_read(call, call.whole_argument(0))),))


def _resolve(call: Call) -> Reply:
    return _decide(call, FlagStatus.RESOLVED)


def _dismiss(call: Call) -> Reply:
    return _decide(call, FlagStatus.DISMISSED)


def _decide(call: Call, status: FlagStatus) -> Reply:
    page, flag_id = call.whole_argument(0), call.whole_argument(1)
    decided = call.run(flags.decide, flag_id, status, page)
    said = decided.status
    notice = f"Flag {flag_id}: {said}." if decided.fresh else f"Flag {flag_id} was {said} before. Nothing has changed."
    return Update((_page(FlagsView(call, decided.flags, notice)),))


# --- a page ---


@dataclass(frozen=True, slots=True)
class FlagsView:
    """A page of the open flags, ready to render; `notice` reports what has just happened."""

    call: Call
    found: Page[Flag]
    notice: str = ""


def _read(call: Call, page: int) -> FlagsView:
    return FlagsView(call, call.run(flags.read, page))


def _page(view: FlagsView) -> Container:
    """At most 17 of the 40 components: 2 flags of 5, 7 around them."""
    row = paging.buttons(view.found, view.call.custom_id)
    return Container((Text(_heading(view)), *_lines(view), row), looks.MODERATION.color)


def _heading(view: FlagsView) -> str:
    found = view.found
    lines = [f"## {looks.MODERATION.emoji} Flags"]
    if found.count:
        lines += [f"{counted(found.count, 'flag')} to look at, page {found.number:,} of {found.pages:,}", HOW]
    else:
        lines.append(NOTHING)
    return "\n".join(lines + [f"**{view.notice}**"] * bool(view.notice))


def _lines(view: FlagsView) -> Iterator[ContainerPart]:
    for flag in view.found.lines:
        yield Text(_line(flag))
        if flag.user_id == view.call.caller.user_id:
            yield Text(YOURS)
        else:
            yield _decision(view, flag)


def _line(flag: Flag) -> str:
    found = [rules.load().rule(category) for category in flag.categories]
    titles = ", ".join(rule.title for rule in found[:MOST_TITLES]) + (" and more" if found[MOST_TITLES:] else "")
    place = PLACES.get(flag.source, words(flag.source, 40))
    mark = NEED if flag.in_need else ""
    lines = [
        f"**{flag.flag_id}. {mark}{titles}**: {named(flag.user_id, flag.display_name)} in {place}, {moment(flag.at)}",
        f"> {words(flag.excerpt, 160)}",
        f"-# {found[0].advice}",
    ]
    return "\n".join(lines if found[0].advice else lines[:2])


def _decision(view: FlagsView, flag: Flag) -> Row:
    page, number = view.found.number, flag.flag_id
    return Row(
        (
            Button(f"Resolve {number}", view.call.custom_id("resolve", page, number), ButtonStyle.PRIMARY),
            Button(f"Dismiss {number}", view.call.custom_id("dismiss", page, number)),
        )
    )


SUBCOMMAND = Subcommand(
    "flags",
    "What members wrote that needs a look",
    _open,
    access=Access.MODERATOR,
    components={"open": _open, **paging.turned_by(_turn), "resolve": _resolve, "dismiss": _dismiss},
    paces=dict.fromkeys(paging.ACTIONS, Pace.PAGING),
)
