"""/history: every change of a member's XP in words, newest first, with an edit button where it still can be edited."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from mastermind.bot import looks
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import day_cards
from mastermind.commands.parts.people import counted
from mastermind.discord.components import Button, Container, Row, Section, Separator, Text
from mastermind.discord.replies import Message, Reply, Update
from mastermind.discord.text import cut, fit, isolated, prose
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.days import calendar as days
from mastermind.game.days.calendar import EDIT_BACK
from mastermind.game.days.xp import NO_EVENT, Price
from mastermind.game.ledger import actions as ledger
from mastermind.game.ledger.rules import BookingKind, Source
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.ledger.actions import Break, LedgerRow
    from mastermind.game.paging import Page

LONGEST_WORDS, LONGEST_REASON, MOST_BYTES = 300, 400, 1_000
"""Characters of a row's text and of one with an admin's reason, and bytes of a row: a page fits into a message."""


def _run(call: Call) -> Reply:
    call.welcomes()
    return Message((_page(call, call.whole("page", 1)),), private=True)


def _turn(call: Call) -> Reply:
    return Update((_page(call, call.whole_argument(0)),))


def _page(call: Call, wanted: int) -> Container:
    page = call.run(ledger.read, wanted)
    if not page.lines:
        return Container((Text(f"{TITLE}\n{EMPTY}"),), looks.FIGURES.color)
    heading = Text(f"{TITLE}\nPage {page.number:,} of {page.pages:,}, the newest first")
    rows = (_row(call, entry) for entry in page.lines)
    return Container((heading, *rows, Separator(), Text(NEXT), _paging(call, page)), looks.FIGURES.color)


def _paging(call: Call, page: Page[LedgerRow]) -> Row:
    before, after = page.number - 1, page.number + 1
    newer = Button("Newer", call.custom_id("newer", before), disabled=before < 1)
    older = Button("Older", call.custom_id("older", after), disabled=after > page.pages)
    return Row((newer, older))


# --- a row ---


def _row(call: Call, entry: LedgerRow) -> ContainerPart:
    """A row in words, with a button when its day can still be edited."""
    most = LONGEST_REASON if entry.source == Source.ADMIN else LONGEST_WORDS
    breaks = _breaks(entry)
    what = cut(fit(_what(entry), MOST_BYTES), most - len(breaks))
    text = Text(f"{breaks}**{day_cards.signed(entry.xp)} XP** {what}\n-# {_why(entry)}")
    if entry.source == Source.STATS and entry.age <= EDIT_BACK:
        # The row's id keeps the custom_ids of two rows of one day apart.
        day = day_cards.written(entry.day)
        edit = call.custom_id("open", day, entry.entry_id, path="stats-edit")
        return Section((text,), Button("Edit day", edit))
    return text


def _breaks(entry: LedgerRow) -> str:
    """A line for each pause and each rest day that came after the row."""
    return "".join(f"{_break(each, _today(entry))}\n" for each in entry.breaks)


def _break(each: Break, today: date) -> str:
    first, last = days.named(each.first, today), days.named(each.last, today)
    return f"**Rest day:** {first}" if each.rests else f"**Pause:** {first} through {last}"


def _what(entry: LedgerRow) -> str:
    """What the XP was for."""
    if entry.source == Source.STATS:
        return _of_a_day(entry)
    if entry.source == Source.TENSEY:
        return f"Challenge{_undone(entry)}: {_challenge(entry)}"
    if entry.source == Source.TODAY:
        return f"Challenge of the day{_undone(entry)}: {_challenge(entry)}"
    if entry.source == Source.RAID:
        return _of_a_raid(entry)
    if entry.source == Source.COURSE and "title" in entry.details:
        return f"Module of the course completed: {entry.details['title']}"
    words = KNOWN.get((entry.source, entry.kind), f"{entry.kind} ({entry.source})".capitalize())
    reason = entry.details.get("reason")
    return f"{words}: {isolated(prose(str(reason)))}" if reason else words


def _of_a_day(entry: LedgerRow) -> str:
    day = days.described(entry.day, _today(entry))
    if entry.kind == BookingKind.SUBMIT:
        return f"Logged for {day}: {_listed(_counts(entry, 'added'))}"
    if entry.kind == BookingKind.OUTAGE:
        return f"Streak of {day}, after an outage of ours"
    before = _counts(entry, "before")
    if entry.kind == BookingKind.DELETE:
        return f"Deleted {day}: {_listed(before)}"
    return f"Edited {day}: {_moves(before, _counts(entry, 'after'))}"


def _of_a_raid(entry: LedgerRow) -> str:
    """A raid's reward: for contributing, with the points given, or for contributing most."""
    raid = f"{entry.details.get('type')} raid {entry.details.get('raid_id')}"
    if entry.kind == BookingKind.TOP:
        return f"You gave most to {raid}"
    return f"Reward of {raid}, to which you gave {counted(int(str(entry.details.get('points', 0))), 'point')}"


def _listed(counts: Mapping[str, int]) -> str:
    """Counts in words; retired stats have no names any more."""
    named = [f"{stat.name} {count:,}" for stat, count in stats.load().known(counts)]
    return ", ".join(named + ["retired stats"] * (stats.load().retired(counts) > 0))


def _moves(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    moved = [
        f"{stat.name} {after.get(key, 0):,}, was {before.get(key, 0):,}"
        for key, stat in stats.load().by_key.items()
        if after.get(key, 0) != before.get(key, 0)
    ]
    return "; ".join(moved) or "retired stats"


def _counts(entry: LedgerRow, field: str) -> Mapping[str, int]:
    return cast("Mapping[str, int]", entry.details.get(field, {}))


def _undone(entry: LedgerRow) -> str:
    return " undone" if entry.kind == BookingKind.REVERSAL else ""


def _challenge(entry: LedgerRow) -> str:
    """A challenge's text; the challenge may be retired."""
    challenge = challenges.load().by_id.get(str(entry.details.get("challenge_id")))
    return challenge.text if challenge else "a retired challenge"


def _why(entry: LedgerRow) -> str:
    """When it was, how the amount came about, and which command can undo it."""
    parts = [f"<t:{int(entry.at.timestamp())}:R>"]
    if entry.source == Source.STATS and entry.kind != BookingKind.DELETE and (how := _sum(entry)):
        parts.append(how)
    if entry.live:
        parts.append(f"`/{'today' if entry.source == Source.TODAY else 'tenseylist'}` can undo it")
    return ". ".join(parts)


def _sum(entry: LedgerRow) -> str:
    """The XP of the day with its bonuses, and what it had already paid; "" where the row says all."""
    details = cast("Mapping[str, int]", entry.details)
    price = Price(*(details[name] for name in ("base", "streak", "templar", "event")))
    before = f"; {details['booked_before']:,} was paid before" if details["booked_before"] else ""
    if not (before or day_cards.is_multiplied(price)):
        return ""
    return f"The day became worth {_multiplied(price)}{price.xp:,} XP{before}"


def _multiplied(price: Price) -> str:
    """The base and its multiplier with the reasons, as in "850 x 1.35 (+5 % streak, +30 % Templar day) = "."""
    if not day_cards.is_multiplied(price):
        return ""
    bonuses = ((price.streak, "streak"), (price.templar, "Templar day"))
    named = [f"+{share} % {name}" for share, name in bonuses if share]
    if price.event != NO_EVENT:
        named.append(f"{price.event} % event")
    return f"{price.base:,} {day_cards.TIMES} {day_cards.factor(price.multiplier)} ({', '.join(named)}) = "


def _today(entry: LedgerRow) -> date:
    return entry.day + timedelta(days=entry.age)


TITLE = looks.FIGURES.heading("Your XP, row by row")
NEXT = "-# `/stats-days` shows your last days, `/progress` your last weeks."
EMPTY = "You have no XP yet. `/submit-stats` and the challenges of `/tenseylist` bring your first XP."

KNOWN: Mapping[tuple[str, str], str] = {
    (Source.COURSE, BookingKind.MODULE): "A module of the course completed",
    (Source.ADMIN, BookingKind.ADJUSTMENT): "Corrected by an admin",
    (Source.ADMIN, BookingKind.RESET): "Reset by an admin",
}
"""Sources and kinds in words; others are shown by their own names."""

COMMAND = Command(
    name="history",
    description="See where your XP comes from, newest first",
    run=_run,
    options=(Option("page", "Which page (default: the newest)", OptionType.INTEGER, min_value=1, max_value=100_000),),
    private=True,
    components={"newer": _turn, "older": _turn},
    pace=Pace.PAGING,
    help=(
        "Shows every change of your XP in words, the newest first: what it was for, and how a day's bonuses made it so "
        "much. Where something can still be changed there is a button, or it says where."
    ),
)
