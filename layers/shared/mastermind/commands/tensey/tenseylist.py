"""/tenseylist: the challenges a page at a time, each with its own button; a tick becomes XP a little later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option
from mastermind.commands.parts import challenge_cards, ticking
from mastermind.commands.parts.challenge_cards import ListView
from mastermind.discord.replies import Choice, Choices, Message, Reply, Update
from mastermind.errors import BadArgument, MemberMistake, Unavailable
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges import content
from mastermind.game.challenges.rules import AwardStatus, ChallengeState, Checklist, Place, Show
from mastermind.game.members.pace import Pace
from mastermind.typed import meant, suggested

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.game.challenges.actions import LiveAward, Ticked
    from mastermind.game.challenges.rules import Challenge, Chapter


# --- what the command, its buttons and its select do ---


def _open(call: Call) -> Reply:
    call.welcomes()
    show = _show(call.text("show", Show.OPEN.value))
    wanted = _wanted_chapter(call.text("level"))
    place = Place(wanted, 0) if wanted else None
    return Message((challenge_cards.page(_view(call, _read(call), place, show)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next, back, and the filters: each names its target page."""
    place, show = _place_and_show(call, 0)
    return _updated(call, _read(call), place, show)


def _jump(call: Call) -> Reply:
    _, show = _place_and_show(call, 0)
    chosen = next(iter(call.interaction.values), "")
    return _updated(call, _read(call), Place(_whole(chosen), 0), show)


def _more(call: Call) -> Reply:
    place, show = _place_and_show(call, 0)
    return Update((challenge_cards.more(_view(call, _read(call), place, show)),))


def _surprise(call: Call) -> Reply:
    """An open challenge by itself: the next one after that which the button belongs to, if it belongs to one."""
    shown, (place, show) = call.argument(0), _place_and_show(call, 1)
    view = _view(call, _read(call), place, show)
    found = view.checklist.surprise(view.place.chapter, int(call.now.timestamp()), shown)
    return Update((challenge_cards.surprise(view, found) if found else challenge_cards.page(view),))


def _tick(call: Call) -> Reply:
    challenge = content.load().by_id.get(call.argument(0))
    place, show = _place_and_show(call, 1)
    if challenge is None:
        notice = "That challenge has left the list, so nothing was ticked."
        return _updated(call, _read(call), place, show, notice)
    ticked = _save_tick(call, challenge)
    award = ticking.award_of(ticked)
    if award is None:  # a repeat
        return _updated(call, ticked.live, place, show, "That tick was undone since.")
    place = _place_of(challenge.id, ticked.live, show) or place
    if not ticked.fresh:
        return _updated(call, ticked.live, place, show, "This one was ticked before.")
    ticking.send(call, award)
    return _updated(call, ticked.live, place, show, now=award.created_at)


def _undo(call: Call) -> Reply:
    """Undo the completion that the button names: the latest one, or any by its own button."""
    award_id = call.uuid_argument(0)
    place, show = _place_and_show(call, 1)
    undone = call.run(challenges.undo, award_id, token=call.token)
    place = _place_of(undone.challenge_id, undone.live, show) or place
    return _updated(call, undone.live, place, show, challenge_cards.undone(undone.outcome))


def _suggest(call: Call) -> Choices:
    """The chapters that match the typed text, with their progress (without it when the database is unavailable)."""
    chapters = content.load().chapters
    fitting = suggested(call.typed, [(chapter, challenge_cards.titled(chapter)) for chapter in chapters])
    try:
        checklist = _checklist(_read(call))
    except Unavailable:
        return Choices(tuple(Choice(challenge_cards.titled(each), str(each.number)) for each in fitting))
    return Choices(tuple(Choice(_summed_up(each, checklist), str(each.number)) for each in fitting))


def _first(call: Call) -> Reply:
    """A step of the first run."""
    from mastermind.commands.parts import first_challenge  # few members ever take it

    return first_challenge.ACTIONS[call.pressed.action](call)


# --- reading and saving ---


def _read(call: Call) -> tuple[LiveAward, ...]:
    """The member's completions, newest first."""
    return call.run(challenges.read)


def _save_tick(call: Call, challenge: Challenge) -> Ticked:
    game = call.services.game
    return call.run(challenges.tick, challenge.id, delay=game.xp_delay, token=call.token)


# --- a page ---


def _view(
    call: Call,
    live: tuple[LiveAward, ...],
    place: Place | None,
    show: Show,
    notice: str = "",
    now: datetime | None = None,
) -> ListView:
    """The page at `place`; by default the one where the member is."""
    checklist = _checklist(live)
    place = place or Place(checklist.current_chapter(show), 0)
    return ListView(call, live, checklist, checklist.held(place, show), show, now or call.now, notice)


def _updated(
    call: Call,
    live: tuple[LiveAward, ...],
    place: Place,
    show: Show,
    notice: str = "",
    now: datetime | None = None,
) -> Update:
    """Replace the message with the current page."""
    return Update((challenge_cards.page(_view(call, live, place, show, notice, now)),))


def _place_of(challenge_id: str, live: tuple[LiveAward, ...], show: Show) -> Place | None:
    """Where the list shows a challenge, if it does."""
    challenge = content.load().by_id.get(challenge_id)
    return _checklist(live).place_of(challenge, show) if challenge else None


def _checklist(live: tuple[LiveAward, ...]) -> Checklist:
    return Checklist(content.load(), {award.challenge_id: _STATE_OF[award.status] for award in live})


_STATE_OF = {AwardStatus.PENDING: ChallengeState.TICKED, AwardStatus.AWARDED: ChallengeState.DONE}


# --- wording and parsing ---


def _summed_up(chapter: Chapter, checklist: Checklist) -> str:
    return f"{challenge_cards.titled(chapter)}: {challenge_cards.done(chapter, checklist)}"


def _wanted_chapter(words: str) -> int | None:
    """The chapter a member asked for by number or title; None when they gave none."""
    if not words:
        return None
    chapters = content.load().chapters
    found = meant(words, [(chapter.number, name) for chapter in chapters for name in _names(chapter)])
    if found is None:
        raise MemberMistake(
            f"I could not tell which chapter you mean. Choose one of the {len(chapters)} chapters from the "
            "suggestions, or leave it out: the list then opens where you are."
        )
    return found


def _names(chapter: Chapter) -> tuple[str, ...]:
    number = chapter.number
    return challenge_cards.titled(chapter), chapter.title, str(number), f"chapter {number}", f"level {number}"


def _place_and_show(call: Call, first: int) -> tuple[Place, Show]:
    """Parse the page and the filter from a custom_id's arguments, from index `first`: chapter, page, filter."""
    place = Place(call.whole_argument(first), call.whole_argument(first + 1))
    return place, _show(call.argument(first + 2))


def _show(word: str) -> Show:
    try:
        return Show(word)
    except ValueError:
        raise BadArgument("there is no such filter") from None


def _whole(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 3):
        raise BadArgument("there is no such chapter")
    return int(word)


COMMAND = Command(
    name="tenseylist",
    description="Browse the challenges and tick what you have done",
    run=_open,
    options=(
        Option("level", "A chapter by number or title (default: where you are)", autocomplete=_suggest, max_length=100),
        Option("show", "Which challenges to list (default: open)", choices=tuple(Choice(str(s), str(s)) for s in Show)),
    ),
    private=True,
    components={
        "open": _open,
        "tick": _tick,
        "untick": _undo,
        "undo": _undo,
        "previous": _turn,
        "next": _turn,
        "back": _turn,
        "show-open": _turn,
        "show-done": _turn,
        "show-all": _turn,
        "jump": _jump,
        "surprise": _surprise,
        "more": _more,
        "begin": _first,
        "first": _first,
        "another": _first,
        "not-now": _first,
    },
    help=(
        "Shows the open challenges of a chapter, five at a time: tap *Did it*, and +100 XP follows 60 seconds later. "
        "*Surprise me* picks one for you. *More* leads to the other chapters and to what is done. Each done challenge "
        "can be undone by its own button, the latest one for ten minutes also below the list. Only you can see and "
        "use your list."
    ),
    pace=Pace.PAGING,
    paces=dict.fromkeys(("tick", "untick", "undo", "first"), Pace.TICKS),
)
