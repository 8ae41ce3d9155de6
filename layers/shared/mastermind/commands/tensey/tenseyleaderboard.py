"""/tenseyleaderboard: who has done how many challenges, a page at a time, for all to see.

Members decide whether they are on it. Who is hidden stands in no line; when they open the board, the answer is for them
alone, with the rank they would have; and a public message of theirs from before shows no line of their own any more.

The buttons of a public message are everybody's: its opener turns the message itself, anybody else gets a private copy
of their own (contracts, People). That is why they name the opener in an argument and have no owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.actions import leaderboard
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.content import challenges
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Reply, Update
from mastermind.discord.text import name
from mastermind.domain import bars
from mastermind.domain.pace import Pace
from mastermind.errors import BadRequest

if TYPE_CHECKING:
    from mastermind.actions.leaderboard import Entry, Leaderboard, Standing
    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart

PUBLIC, PRIVATE = "public", "private"
"""Who sees a message, as its custom_ids say it; Discord itself does not tell us with a tap."""

MEDALS = {1: "🥇 **1. Gold** ", 2: "🥈 **2. Silver** ", 3: "🥉 **3. Bronze** "}


# --- what the command and its buttons do ---


def _open(call: Call) -> Reply:
    """The board for all to see; for themselves alone when the one who asks is hidden."""
    board = _read(call, call.whole("page", 1))
    return _message(View(call, board, private=board.own.hidden))


def _open_own(call: Call) -> Reply:
    """A button that belongs to nobody opens a private copy for whoever taps it."""
    return _message(View(call, _read(call, 1), private=True))


def _turn(call: Call) -> Reply:
    """Previous, next and refresh: they name the page they lead to."""
    opener, private = _origin(call)
    board = _read(call, call.whole_argument(2))
    if opener != call.caller.user_id:
        return _message(View(call, board, private=True))
    return Update((page(View(call, board, private=private)),))


def _find_own(call: Call) -> Reply:
    """The page with the line of whoever taps; who is hidden is told apart, not before everybody."""
    opener, private = _origin(call)
    board = _read(call, None)
    if opener != call.caller.user_id or (board.own.hidden and not private):
        return _message(View(call, board, private=True))
    return Update((page(View(call, board, private=private)),))


def _origin(call: Call) -> tuple[int, bool]:
    """Who opened the message, and whether they alone see it."""
    seen = call.argument(1)
    if seen not in {PUBLIC, PRIVATE}:
        raise BadRequest("a message is public or private")
    return call.whole_argument(0), seen == PRIVATE


def _read(call: Call, wanted: int | None) -> Leaderboard:
    zone = call.services.game.time_zone
    return call.run(lambda connection: leaderboard.read(connection, call.member, zone, wanted))


# --- a page ---


@dataclass(frozen=True, slots=True)
class View:
    """A page of the board, ready to be shown to the caller, alone (`private`) or with everybody."""

    call: Call
    board: Leaderboard
    private: bool

    def custom_id(self, action: str, target: int) -> str:
        seen = PRIVATE if self.private else PUBLIC
        return self.call.shared_custom_id(action, self.call.caller.user_id, seen, target)


def _message(view: View) -> Message:
    return Message((page(view),), private=view.private)


def page(view: View) -> Container:
    lines = "\n".join(_line(view, entry) for entry in view.board.entries)
    return Container((Text(_heading(view.board)), Text(lines or _EMPTY), *_own(view), _leafing(view)))


_EMPTY = "Nobody is on the board yet. The first challenge opens it: `/tenseylist` shows what there is to do."


def _heading(board: Leaderboard) -> str:
    members = f"{board.own.members:,} member{'' if board.own.members == 1 else 's'}"
    return (
        f"## Challenges done\nPage {board.page:,} of {board.pages:,}, {members}, {challenges.load().count:,} challenges"
    )


def _line(view: View, entry: Entry) -> str:
    """One member's line; equals share a rank, and so a medal."""
    rank = MEDALS.get(entry.rank, f"**{entry.rank:,}.** ")
    you = " (you)" if view.private and entry.user_id == view.board.own.user_id else ""
    return f"{rank}{name(entry.display_name)}{you}: {_done(entry.done)}"


def _done(done: int) -> str:
    """Challenges with their share of the list; some may be of an earlier list, and are not counted beyond all of it."""
    count = challenges.load().count
    return f"{done:,} done ({bars.percent(min(done, count), count)} %)"


def _own(view: View) -> tuple[ContainerPart, ...]:
    """Where the caller stands, whatever the page; before everybody nothing of who is hidden."""
    own = view.board.own
    if own.hidden and not view.private:
        return ()
    return Separator(), Text(_told_alone(own) if view.private else _told_to_all(own))


def _told_alone(own: Standing) -> str:
    hidden = "\n-# Only you see this: you are hidden, so the board leaves you out." if own.hidden else ""
    if not own.done:
        return f"You have no place yet: your first challenge opens it. `/tenseylist` shows what there is to do.{hidden}"
    place = "Your place would be" if own.hidden else "Your place:"
    return f"{place} **{own.rank:,}**, with {_done(own.done)}.{hidden}"


def _told_to_all(own: Standing) -> str:
    """The same by name: who reads it is not who asked."""
    if not own.done:
        return f"{name(own.display_name)} has no place yet: the first challenge opens it."
    return f"{name(own.display_name)} has place **{own.rank:,}**, with {_done(own.done)}."


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


COMMAND = Command(
    name="tenseyleaderboard",
    description="See who has done the most challenges, and your own place",
    run=_open,
    options=(Option("page", "Which page (left out: the first)", type=OptionType.INTEGER, min_value=1),),
    private=False,
    components={
        "open": _open_own,
        "previous": _turn,
        "next": _turn,
        "refresh": _turn,
        "mine": _find_own,
    },
    help=(
        "Lists the members by challenges done, ten to a page, with your own place below. Equals share a place. "
        "Everybody in the channel sees the answer; when somebody else taps its buttons, they get a copy of their own. "
        "A challenge counts from the moment its XP came. Who is hidden is not listed, and sees their place alone."
    ),
    pace=Pace.LEADERBOARD,
    paces=dict.fromkeys(("previous", "next", "refresh", "mine"), Pace.PAGING),
)
