"""A leaderboard as a message: ten lines around the caller's own, with medals and the gap to the next, and its buttons.

Members decide whether they are listed. Who hides, or keeps what the board counts to themselves, is never listed; when
they open it, only they see it, with the rank they would have. A public message they opened before no longer shows their
own line.

Anybody may use the buttons of a public message: its opener turns the page, anybody else gets a private copy
(docs/rules/access.md, Buttons). So the buttons have no owner and name the opener in an argument. Their arguments: the
opener, who sees the message, how many lines come before those wanted, since when it counts, and the board.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.discord import avatars
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import name
from mastermind.errors import BadArgument
from mastermind.game.members.pace import Pace
from mastermind.game.standings.actions import LINES
from mastermind.game.standings.rules import Reach, period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.actions import BoardLine, Leaderboard, Standing

    type Read = Callable[[Reach, int | None], Leaderboard]
    """Reads the lines that so many others precede; None reads those around the caller's own."""

PUBLIC, PRIVATE = "public", "private"
"""Who sees a message, stored in its custom_ids: Discord does not send it with a button press."""

PACES: Mapping[str, Pace] = dict.fromkeys(("top", "previous", "next", "mine", "refresh", "since"), Pace.PAGING)
"""The rate limits of the buttons; opening a board has a stricter one."""

SINCE, FIRST_ARGUMENT = 3, 4
"""The indexes of the custom_id arguments that say since when it counts, and that identify the board."""

MEDALS = {1: "🥇 ", 2: "🥈 ", 3: "🥉 "}

TITLES = {Reach.WEEK: "this week", Reach.MONTH: "this month", Reach.ALL: ""}

SPANS = {Reach.WEEK: "This week", Reach.MONTH: "This month", Reach.ALL: "All time"}

FREE = {
    Reach.WEEK: "The week is young, and this board is still free.",
    Reach.MONTH: "The month is young, and this board is still free.",
    Reach.ALL: "This board is still free.",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The wording of one board.

    `unit` follows a total, as in "12 done". `first` is what puts a member on it, as in "first challenge", and `how`
    says where. `arguments` identify the board in custom_ids.
    """

    title: str
    unit: str
    first: str
    how: str
    reach: Reach
    arguments: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return f"{self.title} {TITLES[self.reach]}".rstrip()

    @property
    def opening(self) -> str:
        """What opens the board, as in "first challenge this week"."""
        return f"{self.first} {TITLES[self.reach]}".rstrip()

    def total(self, total: int) -> str:
        return f"{total:,} {self.unit}"


def of_challenges(reach: Reach, *arguments: str) -> Sheet:
    """The board that both applications have."""
    how = "`/tenseylist` shows what there is to do."
    return Sheet("Challenges done", "done", "first challenge", how, reach, arguments)


# --- what a command and its buttons do ---


def opened(call: Call, sheet: Sheet, read: Read, page: int) -> Reply:
    """The board around the caller, or a page of it, for everybody to see; for them alone when they are hidden."""
    board = read(sheet.reach, LINES * (page - 1) if page else None)
    return _message(BoardView(call, board, sheet, private=board.own.hidden))


def opened_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """A private copy for the caller of a button that has no owner."""
    return _message(BoardView(call, read(sheet.reach, None), sheet, private=True))


def turned(call: Call, sheet: Sheet, read: Read) -> Reply:
    """Top, previous, next and refresh: each says which lines it leads to."""
    opener, private = _origin(call)
    board = read(sheet.reach, call.whole_argument(2))
    if opener != call.caller.user_id:
        return _message(BoardView(call, board, sheet, private=True))
    return _update(BoardView(call, board, sheet, private=private))


def found_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """The lines around the caller's own, now or of another time; a hidden member gets a private copy."""
    opener, private = _origin(call)
    board = read(sheet.reach, None)
    if opener != call.caller.user_id or (board.own.hidden and not private):
        return _message(BoardView(call, board, sheet, private=True))
    return _update(BoardView(call, board, sheet, private=private))


def reach_of(call: Call) -> Reach:
    """Since when the board of a button counts."""
    reach = call.argument(SINCE)
    if reach not in set(Reach):
        raise BadArgument("the range of a board is this week, this month or all time")
    return Reach(reach)


def _origin(call: Call) -> tuple[int, bool]:
    """Who opened the message, and whether it is private."""
    seen = call.argument(1)
    if seen not in {PUBLIC, PRIVATE}:
        raise BadArgument("a message is public or private")
    return call.whole_argument(0), seen == PRIVATE


# --- a page ---


@dataclass(frozen=True, slots=True)
class BoardView:
    """Some lines of a board, ready to render, for the caller alone (`private`) or for everybody."""

    call: Call
    board: Leaderboard
    sheet: Sheet
    private: bool

    @property
    def before(self) -> int:
        """How many lines come before these."""
        return self.board.lines[0].place - 1 if self.board.lines else 0

    def custom_id(self, action: str, target: int) -> str:
        seen, sheet = PRIVATE if self.private else PUBLIC, self.sheet
        return self.call.shared_custom_id(action, self.call.caller.user_id, seen, target, sheet.reach, *sheet.arguments)


def _message(view: BoardView) -> Message:
    return Message((page(view),), private=view.private, picture=_picture(view))


def _update(view: BoardView) -> Update:
    return Update((page(view),), _picture(view))


def _picture(view: BoardView) -> Callable[[], str] | None:
    """The first ten, where these are shown."""
    lines, sheet = view.board.lines, view.sheet
    if not (view.call.draws and lines and view.before == 0):
        return None

    def drawn() -> str:
        from mastermind.commands.parts import pictures  # many games draw none

        return pictures.of_board(sheet.heading, sheet.unit, lines)

    return drawn


def page(view: BoardView) -> Container:
    sheet = view.sheet
    lines = "\n".join(_line(view, nth) for nth in range(len(view.board.lines)))
    empty = f"{FREE[sheet.reach]} The {sheet.first} opens it."
    texts = (lines or empty, *_own(view), f"-# {sheet.how}")
    return Container((_heading(view), *map(Text, texts), _paging(view), _spans(view)), looks.BOARDS.color)


def _heading(view: BoardView) -> ContainerPart:
    """The title and the time, with the picture of the member who leads where their line is shown."""
    text = Text(f"{looks.BOARDS.heading(view.sheet.heading)}\n{_about(view)}")
    first = view.board.lines[0] if view.board.lines else None
    if first and first.place == 1 and (face := avatars.thumbnail(first.user_id, first.display_name, first.avatar)):
        return Section((text,), face)
    return text


def _about(view: BoardView) -> str:
    """The days, and which places are shown of how many, as in "23 to 29 November 2026 · places 6 to 15 of 23"."""
    own, lines = view.board.own, view.board.lines
    days = (period(own.first_day, own.last_day),) if own.first_day and own.last_day else ()
    members = f"{own.members:,} member{'' if own.members == 1 else 's'}"
    if len(lines) < own.members:
        members = f"places {lines[0].place:,} to {lines[-1].place:,} of {own.members:,}" if lines else members
    about = " · ".join((*days, members))
    return about[0].upper() + about[1:]


def _line(view: BoardView, nth: int) -> str:
    """One member's line, the figure first, since names may be long. Ties share a rank, and so a medal."""
    entry = view.board.lines[nth]
    medal, total, who = MEDALS.get(entry.rank, ""), f"{entry.total:,}", name(entry.display_name)
    if entry.user_id != view.board.own.user_id:
        return f"{medal}**{entry.rank:,}.** {total} · {who}"
    gap = _gap(view.board.lines, nth)
    return f"▶ {medal}**{entry.rank:,}. {total} · {'you' if view.private else who}**{gap and f' · {gap}'}"


def _gap(lines: tuple[BoardLine, ...], nth: int) -> str:
    """How far that line is behind the one before it, or the first one ahead; "" where no neighbour is shown."""
    own, above, below = lines[nth], lines[nth - 1 : nth], lines[nth + 1 : nth + 2]
    if above:
        return _apart(above[0].total - own.total, "behind", above[0])
    return _apart(own.total - below[0].total, "ahead of", below[0]) if own.rank == 1 and below else ""


def _apart(gap: int, how: str, other: BoardLine) -> str:
    who = name(other.display_name)
    return f"{gap:,} {how} {who}" if gap else f"level with {who}"


def _own(view: BoardView) -> tuple[str, ...]:
    """The caller's own place where their line is not shown; nothing in public for a hidden member."""
    own = view.board.own
    if view.board.shows_own or (own.hidden and not view.private):
        return ()
    if view.private:
        return (_own_private(own, view.sheet),)
    return (_own_public(own, view.sheet),) if view.board.lines else ()


def _own_private(own: Standing, sheet: Sheet) -> str:
    hidden = "\n-# Only you see this: the board leaves you out. `/settings` changes that." if own.hidden else ""
    if not own.total:
        return f"You have no place yet: your {sheet.opening} opens it.{hidden}"
    place = "Your place would be" if own.hidden else "Your place:"
    return f"{place} **{own.rank:,}**, with {sheet.total(own.total)}.{hidden}"


def _own_public(own: Standing, sheet: Sheet) -> str:
    """The same by name, because others read it too."""
    if not own.total:
        return f"{name(own.display_name)} has no place yet: the {sheet.opening} opens it."
    return f"{name(own.display_name)} is in place **{own.rank:,}**, with {sheet.total(own.total)}."


# --- its buttons ---


def _paging(view: BoardView) -> Row:
    before, after = view.before - LINES, view.before + LINES
    return Row(
        (
            Button("Top", view.custom_id("top", 0), emoji="🥇", disabled=view.before == 0),
            Button("", view.custom_id("previous", max(before, 0)), emoji="◀️", disabled=view.before == 0),
            Button("", view.custom_id("next", after), emoji="▶️", disabled=after >= view.board.own.members),
            Button("Me", view.custom_id("mine", 0), emoji="📍", disabled=not _has_own_place_elsewhere(view)),
            Button("", view.custom_id("refresh", view.before), emoji="🔄"),
        )
    )


def _has_own_place_elsewhere(view: BoardView) -> bool:
    """In public anybody may press the button, so it is enabled whenever not everybody is shown."""
    if not view.private:
        return len(view.board.lines) < view.board.own.members
    return view.board.own.is_listed and not view.board.shows_own


def _spans(view: BoardView) -> Row:
    return Row(tuple(_span(replace(view, sheet=replace(view.sheet, reach=reach)), view.sheet.reach) for reach in Reach))


def _span(view: BoardView, shown: Reach) -> Button:
    """A button to the board of another time; the chosen one is blue."""
    reach = view.sheet.reach
    style = ButtonStyle.PRIMARY if reach is shown else ButtonStyle.SECONDARY
    return Button(SPANS[reach], view.custom_id("since", 0), style)
