"""A leaderboard as a message: a page with medals, the caller's own place, and buttons that lead to the other pages.

Members decide whether they are on a board. Who is hidden stands in no line; when they open one, the answer is for them
alone, with the rank they would have; and a public message of theirs from before shows no line of their own any more.

Anybody may use the buttons of a public message: its opener turns the page, anybody else gets a private copy
(docs/rules/access.md, Buttons). So they name the opener in an argument and have no owner. Their arguments: opener, who
sees the message, the page they lead to, and which board it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import name
from mastermind.errors import BadRequest
from mastermind.game.members.pace import Pace
from mastermind.game.standings.rules import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.leaderboard import Entry, Leaderboard, Standing

    type Read = Callable[[int | None], Leaderboard]
    """A page of a board by its number, counted from 1; None is the one with the caller's own line."""

PUBLIC, PRIVATE = "public", "private"
"""Who sees a message, as its custom_ids say it; Discord itself does not tell us with a tap."""

PACES: Mapping[str, Pace] = dict.fromkeys(("previous", "next", "refresh", "mine"), Pace.PAGING)
"""What a tap of the buttons counts as; opening a board counts more."""

FIRST_ARGUMENT = 3
"""The place of the first argument in a custom_id that says which board it is."""

MEDALS = {1: "🥇 **1. Gold** ", 2: "🥈 **2. Silver** ", 3: "🥉 **3. Bronze** "}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one board says in its own words.

    `told` says a total. `first` is what opens a place on it, as in "your first challenge", and `how` where to do that.
    `note` ends the heading. `arguments` say in custom_ids which board it is.
    """

    title: str
    told: Callable[[int], str]
    first: str
    how: str
    note: str = ""
    arguments: tuple[str, ...] = ()


# --- what a command and its buttons do ---


def opened(call: Call, sheet: Sheet, read: Read, wanted: int | None) -> Reply:
    """The board for all to see; for themselves alone when the one who asks is hidden."""
    board = read(wanted)
    return _message(View(call, board, sheet, private=board.own.hidden))


def opened_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """A private copy for whoever taps a button that belongs to nobody."""
    board = read(1)
    return _message(View(call, board, sheet, private=True))


def turned(call: Call, sheet: Sheet, read: Read) -> Reply:
    """Previous, next and refresh: they name the page they lead to."""
    opener, private = _origin(call)
    board = read(call.whole_argument(2))
    if opener != call.caller.user_id:
        return _message(View(call, board, sheet, private=True))
    return Update((page(View(call, board, sheet, private=private)),))


def found_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """The page with the line of whoever taps; who is hidden is told apart, not before everybody."""
    opener, private = _origin(call)
    board = read(None)
    if opener != call.caller.user_id or (board.own.hidden and not private):
        return _message(View(call, board, sheet, private=True))
    return Update((page(View(call, board, sheet, private=private)),))


def _origin(call: Call) -> tuple[int, bool]:
    """Who opened the message, and whether they alone see it."""
    seen = call.argument(1)
    if seen not in {PUBLIC, PRIVATE}:
        raise BadRequest("a message is public or private")
    return call.whole_argument(0), seen == PRIVATE


# --- a page ---


@dataclass(frozen=True, slots=True)
class View:
    """A page of a board, ready to be shown to the caller, alone (`private`) or with everybody."""

    call: Call
    board: Leaderboard
    sheet: Sheet
    private: bool

    def custom_id(self, action: str, target: int) -> str:
        seen = PRIVATE if self.private else PUBLIC
        return self.call.shared_custom_id(action, self.call.caller.user_id, seen, target, *self.sheet.arguments)


def _message(view: View) -> Message:
    return Message((page(view),), private=view.private)


def page(view: View) -> Container:
    lines = "\n".join(_line(view, entry) for entry in view.board.entries)
    return Container((Text(_heading(view)), Text(lines or _empty(view.sheet)), *_own(view), _leafing(view)))


def _empty(sheet: Sheet) -> str:
    return f"Nobody is on the board yet. The {sheet.first} opens it: {sheet.how}"


def _heading(view: View) -> str:
    board, sheet = view.board, view.sheet
    members = f"{board.own.members:,} member{'' if board.own.members == 1 else 's'}"
    span = f"{told(board.own.first_day, board.own.last_day)}\n" if board.own.first_day and board.own.last_day else ""
    return f"## {sheet.title}\n{span}Page {board.page:,} of {board.pages:,}, {members}{sheet.note}"


def _line(view: View, entry: Entry) -> str:
    """One member's line; equals share a rank, and so a medal."""
    rank = MEDALS.get(entry.rank, f"**{entry.rank:,}.** ")
    you = " (you)" if view.private and entry.user_id == view.board.own.user_id else ""
    return f"{rank}{name(entry.display_name)}{you}: {view.sheet.told(entry.total)}"


def _own(view: View) -> tuple[ContainerPart, ...]:
    """Where the caller stands, whatever the page; before everybody nothing of who is hidden."""
    own = view.board.own
    if own.hidden and not view.private:
        return ()
    return Separator(), Text(_told_alone(own, view.sheet) if view.private else _told_to_all(own, view.sheet))


def _told_alone(own: Standing, sheet: Sheet) -> str:
    hidden = "\n-# Only you see this: you are hidden, so the board leaves you out." if own.hidden else ""
    if not own.total:
        return f"You have no place yet: your {sheet.first} opens it. {sheet.how}{hidden}"
    place = "Your place would be" if own.hidden else "Your place:"
    return f"{place} **{own.rank:,}**, with {sheet.told(own.total)}.{hidden}"


def _told_to_all(own: Standing, sheet: Sheet) -> str:
    """The same by name: who reads it is not who asked."""
    if not own.total:
        return f"{name(own.display_name)} has no place yet: the {sheet.first} opens it."
    return f"{name(own.display_name)} has place **{own.rank:,}**, with {sheet.told(own.total)}."


def _leafing(view: View) -> Row:
    board = view.board
    return Row(
        (
            _leaf(view, "previous", "Previous", board.page - 1),
            _leaf(view, "next", "Next", board.page + 1),
            Button("My page", view.custom_id("mine", 1), disabled=not _has_own_page_elsewhere(view)),
            Button("Refresh", view.custom_id("refresh", board.page)),
        )
    )


def _leaf(view: View, action: str, word: str, target: int) -> Button:
    """A button to another page that says where it leads; when there is no such page it cannot be used."""
    if not 1 <= target <= view.board.pages:
        return Button(word, view.custom_id(action, view.board.page), disabled=True)
    return Button(f"{word}: page {target:,}", view.custom_id(action, target))


def _has_own_page_elsewhere(view: View) -> bool:
    """Before everybody the button is for whoever taps it, so that any further page can be theirs."""
    if not view.private:
        return view.board.pages > 1
    return view.board.own.is_listed and not view.board.shows_own
