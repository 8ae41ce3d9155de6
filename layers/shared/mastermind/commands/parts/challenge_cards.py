"""The cards of /tenseylist: a page of a chapter, a challenge as a surprise, and what stands behind *More*."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mastermind.bot import looks
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
    Text,
)
from mastermind.discord.text import cut
from mastermind.game.challenges.rules import (
    CHALLENGE_XP,
    UNDO_LAST,
    AwardStatus,
    Chapter,
    Checklist,
    Place,
    Show,
    Undo,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.challenges.actions import LiveAward
    from mastermind.game.challenges.rules import Challenge


@dataclass(frozen=True, slots=True)
class ListView:
    """One page of the list, ready to render; `notice` reports what has just happened.

    `live` are the member's completions, newest first; `now` is when they were read.
    """

    call: Call
    live: tuple[LiveAward, ...]
    checklist: Checklist
    place: Place
    show: Show
    now: datetime
    notice: str = ""

    @property
    def chapter(self) -> Chapter:
        return self.checklist.catalogue.chapter(self.place.chapter)

    def award_of(self, challenge: Challenge) -> LiveAward | None:
        return next((award for award in self.live if award.challenge_id == challenge.id), None)

    def custom_id(self, action: str, *subject: str | int, place: Place | None = None, show: Show | None = None) -> str:
        """A custom_id with its subject and then a page, by default this one."""
        place = place or self.place
        return self.call.custom_id(action, *subject, place.chapter, place.page, show or self.show)


ONE_LINE = 38
"""Characters of a challenge whose XP is on its way, but of the latest: five of them still fit one screen."""


# --- a page ---


def page(view: ListView) -> Container:
    """At most 24 of the 40 components of a message, so that the outbox can put a line and a picture on top."""
    listed = view.checklist.page(view.place, view.show)
    lines: tuple[ContainerPart, ...] = tuple(_line(view, each) for each in listed) or (Text(_empty(view)),)
    parts = (Text(_heading(view)), *lines, _navigation(view, listed))
    return Container(parts, accent_color=looks.CHALLENGES.color)


def _heading(view: ListView) -> str:
    chapter, checklist = view.chapter, view.checklist
    lines = [
        looks.CHALLENGES.heading(chapter.title),
        bars.with_figures(checklist.done(chapter), len(chapter.challenges), "done"),
        f"-# {_where(view)}{_how_it_is(view)}",
    ]
    if view.notice:
        lines.append(view.notice)
    if checklist.done_in_all == checklist.catalogue.count:
        lines.append(f"All {checklist.catalogue.count} challenges are done. What a journey!")
    return "\n".join(lines)


def _where(view: ListView) -> str:
    pages = view.checklist.pages(view.chapter, view.show)
    return f"Chapter {view.chapter.number}{_SHOWN[view.show]}, page {view.place.page} of {pages}"


def _how_it_is(view: ListView) -> str:
    """A word when a chapter is complete, and how to begin for somebody who has done nothing yet."""
    if view.checklist.is_complete(view.chapter):
        return ". Well done!"
    return "" if view.live or view.show is Show.DONE else f". Tap *Did it*: +{CHALLENGE_XP} XP"


def _line(view: ListView, challenge: Challenge) -> Section:
    """A challenge with its own button, and how it stands."""
    award = view.award_of(challenge)
    if award is None:
        return Section((Text(challenge.text),), did_it(view, challenge))
    undo = Button("Undo it", view.custom_id("untick", award.award_id.int))
    return Section((Text(_done_line(challenge, award, view.now, is_latest=award is view.live[0])),), undo)


def _done_line(challenge: Challenge, award: LiveAward, now: datetime, *, is_latest: bool) -> str:
    """What is done, and when its XP comes: Discord counts down by itself."""
    if award.status is AwardStatus.AWARDED:
        return f"✅ {challenge.text}"
    comes = f"<t:{round(award.due_at.timestamp())}:R>" if award.due_at > now else "on the way"
    words = challenge.text if is_latest else cut(challenge.text, ONE_LINE)
    return f"{words}\n-# Ticked: +{CHALLENGE_XP} XP {comes}"


def did_it(view: ListView, challenge: Challenge) -> Button:
    return Button("Did it", view.custom_id("tick", challenge.id), ButtonStyle.SUCCESS)


def _empty(view: ListView) -> str:
    """Why a page is empty, and what to do."""
    if view.show is Show.OPEN:
        return "Nothing is open here. *More* leads to the other chapters, and to what is done."
    return "Nothing is done here yet. *More* leads to the other chapters, and to what is open."


def _navigation(view: ListView, listed: Sequence[Challenge]) -> Row:
    """One line on a phone: where there is a way back, that and the surprise have no word beside their sign."""
    before, after = view.checklist.neighbours(view.place, view.show)
    back = (Button("", view.custom_id("previous", place=before), emoji="◀️"),) if before else ()
    on = (Button("Next", view.custom_id("next", place=after)),) if after else ()
    surprise = _surprising(view, "" if before else "Surprise me")
    more = Button("⋯ More", view.custom_id("more"))
    return Row((*back, *on, *surprise, more, *_undo_of_the_last(view, listed)))


def _surprising(view: ListView, label: str) -> tuple[Button, ...]:
    """A button to a surprise, if anything is left to do."""
    is_left = view.checklist.done_in_all < view.checklist.catalogue.count
    return (_surprise_button(view, label),) if is_left else ()


def _undo_of_the_last(view: ListView, listed: Sequence[Challenge]) -> tuple[Button, ...]:
    """The button that takes back the latest tick, as long as it is fresh and has no line on this page."""
    latest = next(iter(view.live), None)
    if latest is None or view.now - latest.created_at > UNDO_LAST:
        return ()
    if any(each.id == latest.challenge_id for each in listed):
        return ()
    return (Button("Undo last", view.custom_id("undo", latest.award_id.int)),)


# --- a surprise ---


def surprise(view: ListView, challenge: Challenge) -> Container:
    """One challenge by itself; its tick leads to the page on which it stands."""
    chapter = view.checklist.catalogue.chapter(challenge.chapter)
    words = f"## 🎲 How about this one?\n**{challenge.text}**\n-# Chapter {titled(chapter)}, +{CHALLENGE_XP} XP"
    another = _surprise_button(view, "Another one", challenge.id)
    buttons = Row((did_it(view, challenge), another, Button("Back", view.custom_id("back"))))
    return Container((Text(words), buttons), accent_color=looks.CHALLENGES.color)


def _surprise_button(view: ListView, label: str, but: str = "") -> Button:
    return Button(label, view.custom_id("surprise", but), emoji="🎲")


# --- what stands behind *More* ---


def more(view: ListView) -> Container:
    """What this chapter is about, the filter, the way to other chapters, and how the list works."""
    chapter, checklist = view.chapter, view.checklist
    about = f"{looks.CHALLENGES.heading(chapter.title)}\n-# Chapter {chapter.number}\n{chapter.about}"
    progress = challenge_progress.to_milestone("**All chapters:**", checklist.catalogue, checklist.standings)
    how = _HOW.format(xp=CHALLENGE_XP, delay=view.call.services.game.xp_delay)
    filters = Row(tuple(_filter(view, show) for show in Show))
    back = Row((Button("Back", view.custom_id("back")), *_undo_of_an_earlier_list(view)))
    parts = (Text(about), filters, _chapters(view), Text("\n".join(progress)), Text(how), back)
    return Container(parts, accent_color=looks.CHALLENGES.color)


def _filter(view: ListView, show: Show) -> Button:
    """A button to the list with that filter; the chosen one stands out."""
    style = ButtonStyle.PRIMARY if show is view.show else ButtonStyle.SECONDARY
    return Button(f"Show {show}", view.custom_id(f"show-{show}", place=Place(view.place.chapter, 1), show=show), style)


def _chapters(view: ListView) -> Row:
    """The select to jump to any chapter."""
    options = tuple(_chapter_option(chapter, view) for chapter in view.checklist.catalogue.chapters)
    return Row((Select(view.custom_id("jump"), options, placeholder="Choose a chapter"),))


def _chapter_option(chapter: Chapter, view: ListView) -> SelectOption:
    is_here = chapter.number == view.place.chapter
    return _option(titled(chapter), str(chapter.number), done(chapter, view.checklist), is_here=is_here)


@lru_cache(1024)  # a few for each chapter
def _option(titled: str, number: str, done: str, *, is_here: bool) -> SelectOption:
    return SelectOption(cut(titled, limits.BUTTON_LABEL_READS_WELL), number, done, default=is_here)


def _undo_of_an_earlier_list(view: ListView) -> tuple[Button, ...]:
    """The button that takes back the latest completion that has no line of its own any more."""
    by_id = view.checklist.catalogue.by_id
    retired = next((award for award in view.live if award.challenge_id not in by_id), None)
    if retired is None:
        return ()
    return (Button("Undo earlier", view.custom_id("undo", retired.award_id.int)),)


_HOW = """**How it works:** do a challenge, then tap *Did it*: {delay} s later you get +{xp} XP. *Undo it* takes it \
back; until then it costs nothing.
Choose what suits you. Anybody you meet must be free to say no: stop kindly when somebody is not at ease."""


# --- wording ---

_SHOWN = {Show.OPEN: "", Show.DONE: ", done ones", Show.ALL: ", open and done"}


def titled(chapter: Chapter) -> str:
    return f"{chapter.number}. {chapter.title}"


def done(chapter: Chapter, checklist: Checklist) -> str:
    return f"{checklist.done(chapter)} of {len(chapter.challenges)} done"


def undone(outcome: Undo) -> str:
    match outcome:
        case Undo.CANCELLED:
            return "Undone. Nothing had been awarded yet."
        case Undo.REVERSED:
            return f"Undone. Its {CHALLENGE_XP} XP was taken back."
        case Undo.GONE:
            return "That was undone before."
