"""/admin home: who needs something, what waits and how the week is, each with the button that does the next thing.

Moderators see what they may act on; the rest is for admins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.parts import health_state
from mastermind.commands.parts.people import counted
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace
from mastermind.game.weeks.rules import FEW
from mastermind.operations.home import actions as homes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.operations.home.actions import Home, Waiting, Weeks

NOBODY = "🌿 **Nobody is waiting for you.** What comes next appears here."


def _open(call: Call) -> Reply:
    return Message((_page(call),), private=True)


def _refresh(call: Call) -> Reply:
    return Update((_page(call),))


def _page(call: Call) -> Container:
    """At most 25 of the 40 components."""
    home, is_admin = call.run(homes.read), call.access >= Access.ADMIN
    people = tuple(_people(call, home.waiting, is_admin=is_admin))
    parts: list[ContainerPart] = [Text(looks.ADMIN.heading("What waits for you"))]
    parts += people or (Text(NOBODY),)
    parts.append(Separator())
    if is_admin:
        parts.append(_game(call, home))
    parts += (_week(call, home), Row((Button("Refresh", call.custom_id("refresh"), emoji="🔄"),)))
    return Container(tuple(parts), looks.NEED.color if home.waiting.needs else looks.ADMIN.color)


# --- who needs something ---


def _people(call: Call, waiting: Waiting, *, is_admin: bool) -> Iterator[Section]:
    """People in need first; what nobody waits for is left out."""
    if waiting.needs or waiting.flags:
        yield _section(call, _flags(waiting), "Read flags", "security.flags", is_urgent=waiting.needs > 0)
    if waiting.proposals or waiting.confirmed:
        yield _section(call, _proposals(waiting), "Decide", "security.warnings")
    if is_admin and waiting.questions:
        asked = f"❓ **{counted(waiting.questions, 'question')} to answer**{_oldest(waiting.question_since)}"
        yield _section(call, asked, "Answer", "admin.course-questions")


def _section(call: Call, words: str, label: str, path: str, *, is_urgent: bool = False) -> Section:
    style = ButtonStyle.PRIMARY if is_urgent else ButtonStyle.SECONDARY
    return Section((Text(words),), Button(label, call.custom_id("open", path=path), style))


def _flags(waiting: Waiting) -> str:
    lines: list[str] = []
    if waiting.needs:
        need = "Somebody needs" if waiting.needs == 1 else f"{waiting.needs:,} messages need"
        lines.append(f"{looks.NEED.emoji} **{need} a kind word**{_oldest(waiting.need_since)}")
    if waiting.flags:
        lines.append(f"🚩 **{counted(waiting.flags, 'flag')} to look at**{_oldest(waiting.flag_since)}")
    return "\n".join(lines)


def _proposals(waiting: Waiting) -> str:
    lines: list[str] = []
    if waiting.proposals:
        proposed = counted(waiting.proposals, "proposal")
        lines.append(f"{looks.MODERATION.emoji} **{proposed} to decide**{_oldest(waiting.proposal_since)}")
    if waiting.confirmed:
        lines.append(f"-# {waiting.confirmed:,} confirmed and on the way to Discord.")
    return "\n".join(lines)


def _oldest(since: datetime | None) -> str:
    return f" · <t:{int(since.timestamp())}:R>" if since else ""


# --- how the game is ---


def _game(call: Call, home: Home) -> Section:
    state = health_state.headline(home.checked, call.now)
    small = " · ".join(_undelivered(home))
    words = f"🩺 **The game: {state.title}**" + (f"\n-# {small}" if small else "")
    return _section(call, words, "Look closer", "security.health")


def _undelivered(home: Home) -> Iterator[str]:
    """What did not arrive, or not yet; the page of health says why."""
    waiting = home.waiting
    if home.overdue.awards:
        yield f"⏳ {counted(home.overdue.awards, 'award')} late"
    if undelivered := waiting.unknown + waiting.refused:
        yield f"📨 {undelivered:,} undelivered"
    if waiting.rights:
        yield f"🔑 {counted(waiting.rights, 'right')} missing"


# --- how the week is ---


def _week(call: Call, home: Home) -> Section | Text:
    words = f"📈 {_activity(home.weeks)}"
    raid_id, ends = home.waiting.raid_id, home.waiting.raid_ends
    if raid_id is None or ends is None:
        return Text(words)
    raid = Text(f"{looks.WARRIOR.emoji} A raid ends <t:{int(ends.timestamp())}:R>.")
    return Section((Text(words), raid), Button("See raid", call.custom_id("open", raid_id, path="raid-status")))


def _activity(weeks: Weeks) -> str:
    now, before = _active(weeks.active, weeks.xp), _active(weeks.active_before, weeks.xp_before)
    return f"**This week so far:** {now}\n-# Last week: {before}."


def _active(members: int, xp: int) -> str:
    """Of fewer than FEW members no figure is given."""
    if not members:
        return "quiet"
    return f"{members:,} members active, {xp:,} XP" if members >= FEW else f"fewer than {FEW} members active"


SUBCOMMAND = Subcommand(
    "home",
    "Who needs something, what waits, and how the week is",
    _open,
    access=Access.MODERATOR,
    components={"open": _open, "refresh": _refresh},
    paces={"open": Pace.PAGING, "refresh": Pace.PAGING},
)
