"""/tenseylist: the challenges a page at a time, each with its own button; a tick becomes XP a little later."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option
from mastermind.commands.parts import bars, challenge_progress
from mastermind.discord import limits
from mastermind.discord.components import (
    Button,
    ButtonStyle,
    Container,
    Row,
    Section,
    Select,
    SelectOption,
    Separator,
    Text,
)
from mastermind.discord.replies import Choice, Choices, Message, Reply, Update
from mastermind.discord.text import cut
from mastermind.errors import BadArgument, MemberMistake, OutcomeUnknown, Unavailable
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges import content
from mastermind.game.challenges.rules import (
    CHALLENGE_XP,
    AwardStatus,
    Challenge,
    ChallengeState,
    Checklist,
    Level,
    Place,
    Show,
    Undo,
)
from mastermind.game.members.pace import Pace
from mastermind.typed import meant, suggested

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.challenges.actions import LiveAward, Ticked, Undone

log = logging.getLogger(__name__)


# --- what the command, its buttons and its select do ---


def _open(call: Call) -> Reply:
    show = _show(call.text("show", Show.ALL.value))
    wanted = _wanted_level(call.text("level"))
    place = Place(wanted, 1) if wanted else None
    return Message((page(_view(call, _read(call), place, show)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next, back from the info, and the filters: each names its target page."""
    place, show = _place_and_show(call, 0)
    return _updated(call, _read(call), place, show)


def _jump(call: Call) -> Reply:
    _, show = _place_and_show(call, 0)
    chosen = next(iter(call.interaction.values), "")
    return _updated(call, _read(call), Place(_whole(chosen), 1), show)


def _inform(call: Call) -> Reply:
    place, show = _place_and_show(call, 0)
    return Update((info(_view(call, _read(call), place, show)),))


def _tick(call: Call) -> Reply:
    challenge = content.load().by_id.get(call.argument(0))
    place, show = _place_and_show(call, 1)
    if challenge is None:
        notice = "That challenge is no longer in the list, so nothing was ticked. This is the list as it is now."
        return _updated(call, _read(call), place, show, notice)
    ticked = _save_tick(call, challenge)
    award = next((each for each in ticked.live if each.award_id == ticked.award_id), None)
    if award is None:  # a repeat of a tick that was undone since
        return _updated(call, ticked.live, place, show)
    if not ticked.fresh:
        return _updated(call, ticked.live, place, show, f"This one was ticked before: {challenge.text}")
    _send(call, award)
    notice = f"Ticked: {challenge.text}\n{_reward(award, award.created_at)}. Until then an undo costs nothing."
    return _updated(call, ticked.live, place, show, notice, now=award.created_at)


def _undo(call: Call) -> Reply:
    """Undo the completion that the button names: the latest one, or any by its own button."""
    award_id = call.uuid_argument(0)
    place, show = _place_and_show(call, 1)
    undone = call.run(challenges.undo, award_id, token=call.token)
    return _updated(call, undone.live, place, show, _result(undone))


def _suggest(call: Call) -> Choices:
    """The levels that match the typed text, with their progress (without it when the database is unavailable)."""
    fitting = suggested(call.typed, [(level, _titled(level)) for level in content.load().levels])
    try:
        checklist = _checklist(_read(call))
    except Unavailable:
        return Choices(tuple(Choice(_titled(level), str(level.number)) for level in fitting))
    return Choices(tuple(Choice(_summed_up(level, checklist), str(level.number)) for level in fitting))


# --- reading and saving ---


def _read(call: Call) -> tuple[LiveAward, ...]:
    """The member's completions, newest first."""
    return call.run(challenges.read)


def _save_tick(call: Call, challenge: Challenge) -> Ticked:
    game = call.services.game
    return call.run(challenges.tick, challenge.id, delay=game.xp_delay, token=call.token)


def _send(call: Call, award: LiveAward) -> None:
    """Send the award's id. If that fails, the sweep finds the award (docs/rules/awards.md, Tick)."""
    try:
        call.send_award(award.award_id)
    except Unavailable as problem:
        log.warning("award left to the sweep", extra={"award_id": str(award.award_id), "problem": str(problem)})
        return
    with suppress(Unavailable, OutcomeUnknown):  # the timestamp only helps operators; the tick counts without it
        call.services.run(lambda conn: challenges.note_sent(conn, award.award_id))


# --- a page ---


@dataclass(frozen=True, slots=True)
class ListView:
    """One page of the list, ready to render; `notice` reports what has just happened.

    `live` are the member's completions, newest first; waiting times are counted from `now`.
    """

    call: Call
    live: tuple[LiveAward, ...]
    checklist: Checklist
    place: Place
    show: Show
    now: datetime
    notice: str = ""

    @property
    def level(self) -> Level:
        return self.checklist.catalogue.level(self.place.level)

    def award_of(self, challenge: Challenge) -> LiveAward | None:
        return next((award for award in self.live if award.challenge_id == challenge.id), None)

    def custom_id(self, action: str, *subject: str | int, place: Place | None = None, show: Show | None = None) -> str:
        """A custom_id with its subject and then a page, by default this one."""
        place = place or self.place
        return self.call.custom_id(action, *subject, place.level, place.page, show or self.show)


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
    place = place or Place(checklist.current_level(show), 1)
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
    return Update((page(_view(call, live, place, show, notice, now)),))


def page(view: ListView) -> Container:
    """At most 39 of the 40 components a message may have: 15 around the eight challenges of 3 each."""
    listed = view.checklist.page(view.place, view.show)
    notice = (Text(view.notice),) if view.notice else ()
    lines: tuple[ContainerPart, ...] = tuple(_line(view, each) for each in listed) or (Text(_empty(view)),)
    return Container((Text(_heading(view)), *notice, *lines, Separator(), _paging(view), _filters(view), _levels(view)))


def _heading(view: ListView) -> str:
    level, checklist = view.level, view.checklist
    lines = [
        f"## Level {_titled(level)}",
        f"Page {view.place.page} of {checklist.pages(level, view.show)}, {_SHOWING[view.show]}",
        f"This level: {bars.with_figures(checklist.done(level), len(level.challenges), 'done')}",
        *challenge_progress.lines("All levels:", checklist.catalogue, checklist.standings),
    ]
    return "\n".join(lines + _encouragement(view))


def _encouragement(view: ListView) -> list[str]:
    """A line when nothing is done yet, when a level is complete, and when everything is."""
    checklist, level = view.checklist, view.level
    if checklist.done_in_all == checklist.catalogue.count:
        return [f"Every one of the {checklist.catalogue.count} challenges is done. What a journey!"]
    if checklist.is_complete(level):
        return ["Every challenge of this level is done. Well done!"]
    if not view.live and view.show is not Show.DONE:
        return [f"Do one of these, then tap its Tick button: +{CHALLENGE_XP} XP each."]
    return []


def _line(view: ListView, challenge: Challenge) -> Section:
    """A challenge with its own button and its state in words."""
    award = view.award_of(challenge)
    if award is None:
        button = Button(f"Tick {challenge.number}", view.custom_id("tick", challenge.id), ButtonStyle.PRIMARY)
        return Section((Text(f"**{challenge.number}.** {challenge.text}"),), button)
    button = Button(f"Done {challenge.number} (undo)", view.custom_id("untick", award.award_id.int))
    standing = f"{_STANDING_OF[award.status].capitalize()}: {_reward(award, view.now)}"
    return Section((Text(f"**{challenge.number}.** {challenge.text}\n-# {standing}"),), button)


def _reward(award: LiveAward, now: datetime) -> str:
    """The XP of a completion, and how long until it is awarded."""
    if _STANDING_OF[award.status] is ChallengeState.DONE:
        return f"+{CHALLENGE_XP} XP"
    seconds = ceil((award.due_at - now).total_seconds())
    return f"+{CHALLENGE_XP} XP in {seconds} s" if seconds > 0 else f"+{CHALLENGE_XP} XP on the way"


def _empty(view: ListView) -> str:
    """Why a page is empty, and what to do."""
    if view.show is Show.OPEN:
        return "Nothing is open in this level. Choose another level below, or show all."
    return "Nothing is done in this level yet. Choose another level below, or show all."


def _paging(view: ListView) -> Row:
    before, after = view.checklist.neighbours(view.place, view.show)
    return Row(
        (
            _page_button(view, "previous", "Previous", before),
            _page_button(view, "next", "Next", after),
            _undo_button(view),
            Button("Info", view.custom_id("info")),
        )
    )


def _page_button(view: ListView, action: str, word: str, target: Place | None) -> Button:
    """A button to another page, labelled with its target; disabled without one."""
    if target is None:
        return Button(word, view.custom_id(action), disabled=True)
    where = f"page {target.page}" if target.level == view.place.level else f"level {target.level}"
    return Button(f"{word}: {where}", view.custom_id(action, place=target))


def _undo_button(view: ListView) -> Button:
    """The undo button for the latest completion, labelled with its challenge."""
    if not view.live:
        return Button("Nothing to undo", view.custom_id("undo", 0), disabled=True)
    latest = view.live[0]
    label = cut(f"Undo: {_name(latest.challenge_id)}", limits.BUTTON_LABEL_READS_WELL)
    return Button(label, view.custom_id("undo", latest.award_id.int), ButtonStyle.DANGER)


def _filters(view: ListView) -> Row:
    return Row(tuple(_filter(view, show) for show in Show))


def _filter(view: ListView, show: Show) -> Button:
    chosen = show is view.show
    label = _SHOWING[show].capitalize() if chosen else f"Show {show}"
    return Button(label, view.custom_id(f"show-{show}", place=Place(view.place.level, 1), show=show), disabled=chosen)


def _levels(view: ListView) -> Row:
    """The select to jump to any level."""
    options = tuple(_level_option(level, view) for level in view.checklist.catalogue.levels)
    return Row((Select(view.custom_id("jump"), options, placeholder="Jump to a level"),))


def _level_option(level: Level, view: ListView) -> SelectOption:
    is_here = level.number == view.place.level
    return _option(_titled(level), str(level.number), _done(level, view.checklist), is_here=is_here)


@lru_cache(1024)  # a few for each level, and every page has one of each
def _option(titled: str, number: str, done: str, *, is_here: bool) -> SelectOption:
    return SelectOption(cut(titled, limits.BUTTON_LABEL_READS_WELL), number, done, default=is_here)


def info(view: ListView) -> Container:
    """What this level is about, how the list works, and the progress in every level."""
    level = f"## Level {_titled(view.level)}\n{view.level.about}"
    how = _HOW.format(xp=CHALLENGE_XP, delay=view.call.services.game.xp_delay)
    levels = "\n".join(_summed_up(level, view.checklist) for level in view.checklist.catalogue.levels)
    back = Button("Back to the list", view.custom_id("back"), ButtonStyle.PRIMARY)
    return Container((Text(level), Text(how), Text(f"## All levels\n{levels}"), Row((back,))))


_HOW = """## How this list works
Do a challenge, then tap its Tick button. {delay} s later you get +{xp} XP, and the leaderboard counts one more.
Undo takes back your latest completion; tap it again for the one before. Each done challenge has an undo of its own.
Within those {delay} s nothing has been awarded yet; after that, its {xp} XP is taken back.
Choose what suits you, in any order, and leave out what does not. Anybody you meet must be free to say no: stop \
kindly when somebody is not at ease."""


# --- wording and parsing ---

_SHOWING = {Show.OPEN: "showing open", Show.DONE: "showing done", Show.ALL: "showing all"}

_STANDING_OF = {AwardStatus.PENDING: ChallengeState.TICKED, AwardStatus.AWARDED: ChallengeState.DONE}


def _checklist(live: tuple[LiveAward, ...]) -> Checklist:
    return Checklist(content.load(), {award.challenge_id: _STANDING_OF[award.status] for award in live})


def _result(undone: Undone) -> str:
    """The result of an undo."""
    match undone.outcome:
        case Undo.CANCELLED:
            return f"Undone: {_name(undone.challenge_id)}\nNothing had been awarded yet, so nothing was taken back."
        case Undo.REVERSED:
            return f"Undone: {_name(undone.challenge_id)}\nIts {CHALLENGE_XP} XP was taken back."
        case Undo.GONE:
            return "That completion was undone before. Nothing has changed."


def _name(challenge_id: str) -> str:
    """A challenge's text; a completion may be of a retired challenge."""
    challenge = content.load().by_id.get(challenge_id)
    return challenge.text if challenge else "a retired challenge"


def _titled(level: Level) -> str:
    return f"{level.number}. {level.title}"


def _done(level: Level, checklist: Checklist) -> str:
    return f"{checklist.done(level)} of {len(level.challenges)} done"


def _summed_up(level: Level, checklist: Checklist) -> str:
    return f"{_titled(level)}: {_done(level, checklist)}"


def _wanted_level(words: str) -> int | None:
    """The level a member asked for by number or title; None when they gave none."""
    if not words:
        return None
    levels = content.load().levels
    found = meant(words, [(level.number, name) for level in levels for name in _names(level)])
    if found is None:
        raise MemberMistake(
            f"I could not tell which level you mean. Choose one of the {len(levels)} levels from the suggestions, "
            "or leave the level out: the list then opens where you are."
        )
    return found


def _names(level: Level) -> tuple[str, ...]:
    return _titled(level), level.title, str(level.number), f"level {level.number}"


def _place_and_show(call: Call, first: int) -> tuple[Place, Show]:
    """Parse the page and the filter from a custom_id's arguments, from index `first`: level, page, filter."""
    place = Place(call.whole_argument(first), call.whole_argument(first + 1))
    return place, _show(call.argument(first + 2))


def _show(word: str) -> Show:
    try:
        return Show(word)
    except ValueError:
        raise BadArgument("there is no such filter") from None


def _whole(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 3):
        raise BadArgument("there is no such level")
    return int(word)


COMMAND = Command(
    name="tenseylist",
    description="Browse the challenges and tick what you have done",
    run=_open,
    options=(
        Option("level", "A level by number or title (default: where you are)", autocomplete=_suggest, max_length=100),
        Option("show", "Which challenges to list (default: all)", choices=tuple(Choice(str(s), str(s)) for s in Show)),
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
        "info": _inform,
    },
    help=(
        "Shows one page of one level: tick what you have done, and +100 XP follows 60 seconds later. Undo takes back "
        "the latest completion, and every done challenge can be undone by its own button. Previous, next and the "
        "select lead through all levels; `show` lists only what is open or done. Only you can see and use your list."
    ),
    pace=Pace.PAGING,
    paces=dict.fromkeys(("tick", "untick", "undo"), Pace.TICKS),
)
