"""A leaderboard as a message: a page with medals, the caller's own place, and paging buttons.

Members decide whether they are listed. Who hides, or keeps what the board counts to themselves, is never listed; when
they open it, only they see it, with the rank they would have. A public message they opened before no longer shows their
own line.

Anybody may use the buttons of a public message: its opener turns the page, anybody else gets a private copy
(docs/rules/access.md, Buttons). So the buttons have no owner and name the opener in an argument. Their arguments: the
opener, who sees the message, the target page, and the board.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import name
from mastermind.errors import BadArgument
from mastermind.game.members.pace import Pace
from mastermind.game.standings.rules import period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.actions import BoardLine, Leaderboard, Standing

    type Read = Callable[[int | None], Leaderboard]
    """Reads a page of a board by its number, from 1; None reads the page with the caller's own line."""

PUBLIC, PRIVATE = "public", "private"
"""Who sees a message, stored in its custom_ids: Discord does not send it with a button press."""

PACES: Mapping[str, Pace] = dict.fromkeys(("previous", "next", "refresh", "mine"), Pace.PAGING)
"""The rate limits of the buttons; opening a board has a stricter one."""

FIRST_ARGUMENT = 3
"""The index of the first custom_id argument that identifies the board."""

MEDALS = {1: "🥇 **1. Gold** ", 2: "🥈 **2. Silver** ", 3: "🥉 **3. Bronze** "}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The wording of one board.

    `total` writes a total with its unit. `first` is what puts a member on it, as in "your first challenge", and `how`
    says where. `note` ends the heading. `arguments` identify the board in custom_ids. `unit` is what its picture
    counts, "" for a board without one.
    """

    title: str
    total: Callable[[int], str]
    first: str
    how: str
    note: str = ""
    arguments: tuple[str, ...] = ()
    unit: str = ""


# --- what a command and its buttons do ---


def opened(call: Call, sheet: Sheet, read: Read, wanted: int | None) -> Reply:
    """The board, visible to everybody; to the caller alone when they are hidden."""
    board = read(wanted)
    return _message(BoardView(call, board, sheet, private=board.own.hidden))


def opened_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """A private copy for the caller of a button that has no owner."""
    board = read(1)
    return _message(BoardView(call, board, sheet, private=True))


def turned(call: Call, sheet: Sheet, read: Read) -> Reply:
    """Previous, next and refresh: each names its target page."""
    opener, private = _origin(call)
    board = read(call.whole_argument(2))
    if opener != call.caller.user_id:
        return _message(BoardView(call, board, sheet, private=True))
    return _update(BoardView(call, board, sheet, private=private))


def found_own(call: Call, sheet: Sheet, read: Read) -> Reply:
    """The page with the caller's own line; a hidden member gets a private copy."""
    opener, private = _origin(call)
    board = read(None)
    if opener != call.caller.user_id or (board.own.hidden and not private):
        return _message(BoardView(call, board, sheet, private=True))
    return _update(BoardView(call, board, sheet, private=private))


def _origin(call: Call) -> tuple[int, bool]:
    """Who opened the message, and whether it is private."""
    seen = call.argument(1)
    if seen not in {PUBLIC, PRIVATE}:
        raise BadArgument("a message is public or private")
    return call.whole_argument(0), seen == PRIVATE


# --- a page ---


@dataclass(frozen=True, slots=True)
class BoardView:
    """A page of a board, ready to render, for the caller alone (`private`) or for everybody."""

    call: Call
    board: Leaderboard
    sheet: Sheet
    private: bool

    def custom_id(self, action: str, target: int) -> str:
        seen = PRIVATE if self.private else PUBLIC
        return self.call.shared_custom_id(action, self.call.caller.user_id, seen, target, *self.sheet.arguments)


def _message(view: BoardView) -> Message:
    return Message((page(view),), private=view.private, picture=_picture(view))


def _update(view: BoardView) -> Update:
    return Update((page(view),), _picture(view))


def _picture(view: BoardView) -> Callable[[], str] | None:
    """The first ten, on the first page."""
    lines, sheet = view.board.page.lines, view.sheet
    if not (view.call.draws and sheet.unit and lines and view.board.page.number == 1):
        return None

    def drawn() -> str:
        from mastermind.commands.parts import pictures  # many games draw none

        return pictures.of_board(sheet.title, sheet.unit, lines)

    return drawn


def page(view: BoardView) -> Container:
    lines = "\n".join(_line(view, entry) for entry in view.board.page.lines)
    return Container((Text(_heading(view)), Text(lines or _empty(view.sheet)), *_own(view), _paging(view)))


def _empty(sheet: Sheet) -> str:
    return f"Nobody is on the board yet. The {sheet.first} opens it: {sheet.how}"


def _heading(view: BoardView) -> str:
    board, sheet = view.board, view.sheet
    members = f"{board.own.members:,} member{'' if board.own.members == 1 else 's'}"
    span = f"{period(board.own.first_day, board.own.last_day)}\n" if board.own.first_day and board.own.last_day else ""
    return f"## {sheet.title}\n{span}Page {board.page.number:,} of {board.page.pages:,}, {members}{sheet.note}"


def _line(view: BoardView, entry: BoardLine) -> str:
    """One member's line; ties share a rank, and so a medal."""
    rank = MEDALS.get(entry.rank, f"**{entry.rank:,}.** ")
    you = " (you)" if view.private and entry.user_id == view.board.own.user_id else ""
    return f"{rank}{name(entry.display_name)}{you}: {view.sheet.total(entry.total)}"


def _own(view: BoardView) -> tuple[ContainerPart, ...]:
    """The caller's own place, on every page; nothing in public for a hidden member."""
    own = view.board.own
    if own.hidden and not view.private:
        return ()
    return Separator(), Text(_own_private(own, view.sheet) if view.private else _own_public(own, view.sheet))


def _own_private(own: Standing, sheet: Sheet) -> str:
    hidden = "\n-# Only you see this: the board leaves you out. `/settings` changes that." if own.hidden else ""
    if not own.total:
        return f"You have no place yet: your {sheet.first} opens it. {sheet.how}{hidden}"
    place = "Your place would be" if own.hidden else "Your place:"
    return f"{place} **{own.rank:,}**, with {sheet.total(own.total)}.{hidden}"


def _own_public(own: Standing, sheet: Sheet) -> str:
    """The same by name, because others read it too."""
    if not own.total:
        return f"{name(own.display_name)} has no place yet: the {sheet.first} opens it."
    return f"{name(own.display_name)} is in place **{own.rank:,}**, with {sheet.total(own.total)}."


def _paging(view: BoardView) -> Row:
    board = view.board
    return Row(
        (
            _page_button(view, "previous", "Previous", board.page.number - 1),
            _page_button(view, "next", "Next", board.page.number + 1),
            Button("My page", view.custom_id("mine", 1), disabled=not _has_own_page_elsewhere(view)),
            Button("Refresh", view.custom_id("refresh", board.page.number)),
        )
    )


def _page_button(view: BoardView, action: str, word: str, target: int) -> Button:
    """A button to another page, labelled with its target; disabled when there is no such page."""
    if not 1 <= target <= view.board.page.pages:
        return Button(word, view.custom_id(action, view.board.page.number), disabled=True)
    return Button(f"{word}: page {target:,}", view.custom_id(action, target))


def _has_own_page_elsewhere(view: BoardView) -> bool:
    """In public anybody may press the button, so it is enabled whenever there is more than one page."""
    if not view.private:
        return view.board.page.pages > 1
    return view.board.own.is_listed and not view.board.shows_own
