"""Lines on top of a private answer: news that its member has not read yet (docs/rules/messages.md, For you)."""

from __future__ import annotations

import logging
from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.components import Button, ButtonStyle, Section, Text
from mastermind.discord.replies import Message, render
from mastermind.errors import LimitError, OutcomeUnknown, Unavailable
from mastermind.game.for_you import table
from mastermind.game.for_you.rules import Kind, by_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from mastermind.bot.call import Call
    from mastermind.discord.components import MessagePart
    from mastermind.discord.replies import Reply
    from mastermind.game.for_you.rules import Line

log = logging.getLogger(__name__)

MOST = 2
"""Lines on one answer: the others wait for the next."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How a kind is told: a line about all that waits of it; `where` to read it, or the button of an application.

    `times`: on so many answers; 0: until an answer shows it (Call.shows). `is_noted`: whether that is noted here, or by
    what reads it.
    """

    words: Callable[[Sequence[Line]], str]
    where: str = ""
    times: int = 0
    buttons: Mapping[str, Callable[[Call], Button]] | None = None
    is_noted: bool = True


def on_top(call: Call, reply: Reply, found: Sequence[Mapping[str, Any]]) -> Reply:
    """The reply, and above it the news for its member, if it opens a message; news that was shown is recorded."""
    waiting = by_kind(found)
    read = [line for kind, lines in waiting.items() if kind in call.waiting.read for line in lines]
    if not call.waiting.welcomes:
        waiting.pop(Kind.BACK, None)
    unread = {kind: lines for kind, lines in waiting.items() if kind not in call.waiting.read}
    if isinstance(reply, Message) and reply.private:
        said = dict(list(unread.items())[:MOST])
        topped = replace(reply, parts=(*(_line(call, kind, lines) for kind, lines in said.items()), *reply.parts))
        if _fits(topped):
            _note(call, read, [line for lines in said.values() for line in lines])
            return topped
    _note(call, read, ())
    return reply


def _line(call: Call, kind: Kind, lines: Sequence[Line]) -> MessagePart:
    told = TOLD[kind]
    words, button = told.words(lines), (told.buttons or {}).get(call.app)
    return Section((Text(words),), button(call)) if button else Text(f"{words} {told.where}".rstrip())


def _fits(message: Message) -> bool:
    try:
        render(message)
    except LimitError:
        return False
    return True


def _note(call: Call, read: Sequence[Line], said: Sequence[Line]) -> None:
    """Record which news was read, and on how many answers the rest was shown; unrecorded news is shown again."""
    counted = [line for line in said if TOLD[line.kind].times]
    done = [line for line in read if TOLD[line.kind].is_noted]
    done += [line for line in counted if line.shown + 1 >= TOLD[line.kind].times]
    again = [line for line in counted if line not in done]
    if not (done or again):
        return
    try:
        call.services.run(lambda conn: table.note(conn, call.caller.user_id, done, again))
    except (Unavailable, OutcomeUnknown) as problem:
        log.warning("it is not noted what a member was told", extra={"reason": str(problem)})


# --- wording ---

WELCOME_BACK = "👋 **Welcome back, nothing is lost!** All you earned is still yours. Start small: one hello is enough."


def _back(_lines: Sequence[Line]) -> str:
    return WELCOME_BACK


def _warnings(_lines: Sequence[Line]) -> str:
    return "⚠️ **A moderator has written a warning for you.**"


def _answers(lines: Sequence[Line]) -> str:
    what = "your question" if len(lines) == 1 else f"{len(lines)} of your questions"
    return f"✉️ **An admin has answered {what}.**"


def _awards(lines: Sequence[Line]) -> str:
    """The XP of ticks, and the level that was reached with one of them."""
    xp = sum(int(line.details.get("xp", 0)) for line in lines)
    done = "a challenge" if len(lines) == 1 else f"{len(lines)} challenges"
    reached = [_level_with(line) for line in lines]
    level = f" ⭐ **You have reached level {max(reached)}!**" if any(reached) else ""
    return f"🎉 **+{xp:,} XP** for {done} you did.{level}"


def _level_with(line: Line) -> int:
    """The level that the member reached with this award, 0 for none."""
    from mastermind.game.levels.rules import level_of  # few lines need it

    total = int(line.details.get("total", 0))
    now, before = level_of(total), level_of(total - int(line.details.get("xp", 0)))
    return now if now > before else 0


def _raids(lines: Sequence[Line]) -> str:
    """Raids that were won and have been rewarded since."""
    xp = sum(int(line.details.get("xp", 0)) for line in lines)
    won = f"Raid {lines[0].ref} is won" if len(lines) == 1 else f"{len(lines)} raids are won"
    most = " You gave most!" if any(line.details.get("top") for line in lines) else ""
    return f"🏆 **{won}: +{xp:,} XP for you.**{most}"


def _cheers(lines: Sequence[Line]) -> str:
    people = sum(int(line.details.get("people", 0)) for line in lines)
    return f"👏 **{'Somebody' if people == 1 else f'{people:,} people'} cheered for you.**"


def _start(_lines: Sequence[Line]) -> str:
    return "🧭 **New here?** Two minutes."


def _go_on(_lines: Sequence[Line]) -> str:
    return "🧭 **Your first steps go on where you left them.**"


def _begin(call: Call) -> Button:
    return Button("Begin", call.custom_id("open", path="start"), ButtonStyle.PRIMARY, emoji="▶️")


def _begin_with_a_challenge(call: Call) -> Button:
    return Button("Begin", call.custom_id("begin", path="tenseylist"), ButtonStyle.PRIMARY, emoji="▶️")


def _resume(call: Call) -> Button:
    return Button("Go on", call.custom_id("open", path="start"), emoji="▶️")


def _read_warnings(call: Call) -> Button:
    return Button("Read it", call.custom_id("open", path="settings"))


def _read_answer(call: Call) -> Button:
    return Button("Read it", call.custom_id("read", path="course.ask"))


TOLD: Mapping[Kind, _Told] = {
    Kind.BACK: _Told(_back, is_noted=False),
    Kind.WARNING: _Told(_warnings, "It is in `/settings`.", buttons={"main": _read_warnings}),
    Kind.ANSWER: _Told(_answers, "It is in `/course overview`.", buttons={"main": _read_answer}, is_noted=False),
    Kind.AWARD: _Told(_awards, times=1),
    Kind.RAID: _Told(_raids, times=1),
    Kind.CHEER: _Told(_cheers, times=1),
    Kind.START: _Told(_start, buttons={"main": _begin, "tensey": _begin_with_a_challenge}, is_noted=False),
    Kind.GO_ON: _Told(_go_on, "Type `/start`.", times=3, buttons={"main": _resume}, is_noted=False),
}
