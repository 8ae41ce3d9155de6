"""The challenges: the list with everything that can be tapped on it, and the board of who has done how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from tests.commands.playing import ALEX, SAM, button
from tests.gallery import past

if TYPE_CHECKING:
    from tests.gallery.stage import Act

LIST, BOARD = "/tenseylist", "/tenseyleaderboard"


def paging(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    first = show("the first time", alex.command("tenseylist"))
    second = show("the second page of a chapter", alex.tap(first, "Next"))
    show("back on the first page", alex.tap(second, "◀️"))
    more = show("what the chapter and the list are about", alex.tap(first, "⋯"))
    show("another chapter, by the select", alex.choose(more, "7"))
    show("back from there", alex.tap(more, "Back"))
    surprise = show("a surprise", alex.tap(first, "Surprise"))
    show("another surprise", alex.tap(surprise, "Another"))
    show("back from the surprise", alex.tap(surprise, "Back"))
    show("asked for by its title", alex.command("tenseylist", {"level": "Grandmaster Challenges"}))
    show("asked for by words that fit no chapter", alex.command("tenseylist", {"level": "the fun one"}))
    show("nothing done yet, and only what is done is asked for", alex.command("tenseylist", {"show": "done"}))
    show("opened by the posted button", alex.press(custom_ids.make("tenseylist", "open", 0)))
    show("typing the chapter", alex.typing("tenseylist", "level", ""))
    show("typing “vo”", alex.typing("tenseylist", "level", "vo"))


def ticking(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    first = alex.command("tenseylist")
    ticked = show("just ticked", alex.tap(first, "Did it"))
    show("just ticked, delivered twice", alex.again(ticked))
    show("ticked again on a message from before", alex.press(button(first, "Did it")))
    act.later(seconds=20)
    show("20 s later", alex.command("tenseylist"))
    undone = show("undone before the XP came", alex.tap(ticked, "Undo it"))
    show("the undo, delivered twice", alex.again(undone))
    show("undone again on a message from before", alex.press(button(ticked, "Undo it")))
    show("the tick that was undone since, delivered again", alex.again(ticked))
    again = alex.tap(first, "Did it", 2)
    act.later(minutes=1)
    show("due, and not awarded yet", alex.command("tenseylist"))
    act.sweep()
    show("one awarded, one on its way", alex.tap(again, "Did it", 2))
    act.later(minutes=1)
    act.sweep()
    page = show("all awarded, the last one fresh", alex.command("tenseylist"))
    show("the last one undone", alex.tap(page, "Undo last"))
    done = show("what is done", alex.command("tenseylist", {"show": "done"}))
    show("undone by its own button, its XP taken back", alex.tap(done, "Undo it"))
    act.later(minutes=11)
    show("eleven minutes later", alex.command("tenseylist", {"show": "all"}))
    show("ticked from a surprise", alex.tap(alex.tap(first, "Surprise"), "Did it"))


def ticking_a_later_page(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    page = alex.command("tenseylist", {"level": "3"})
    page = show("a later page, just ticked", alex.tap(page, "Did it"))
    for _ in range(4):
        page = alex.tap(page, "Did it")
    show("a later page, all of it just ticked", page)
    show("a later page, with an undo of what is on another", alex.command("tenseylist", {"level": "4"}))


def with_xp_that_nobody_was_told_of(act: Act) -> None:
    show, alex = act.of("For you"), act.tensey
    alex.tap(alex.tap(alex.command("tenseylist", {"level": "14"}), "Did it"), "Did it")
    past.tick(act.owner, past.of_chapter(1)[:3])
    act.later(minutes=1)
    act.sweep(told=False)
    show("XP of ticks, and a level reached with it", alex.command("tenseylist"))


def with_the_queue_down(act: Act) -> None:
    act.tensey.queue.down = True
    act.of(LIST)("just ticked while the queue is down", act.tensey.tap(act.tensey.command("tenseylist"), "Did it"))


def with_much_done(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    past.tick(act.owner, [*past.of_chapter(1), *past.of_chapter(2)[:3]])
    act.sweep()
    page = show("a chapter complete, another begun", alex.command("tenseylist"))
    more = show("behind More, with some done", alex.tap(page, "⋯"))
    done = show("only what is done", alex.tap(more, "Show done"))
    everything = show("open and done", alex.tap(alex.tap(done, "⋯"), "Show all"))
    show("only what is open", alex.tap(alex.tap(everything, "⋯"), "Show open"))
    show("a complete chapter", alex.choose(alex.tap(everything, "⋯"), "1"))
    show("nothing open in a chapter", alex.command("tenseylist", {"level": "1", "show": "open"}))
    show("typing the chapter, with some done", alex.typing("tenseylist", "level", "1"))


def with_everything_done(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    early = alex.command("tenseylist")
    past.tick(act.owner, [*past.every(), "long-gone"])
    act.sweep()
    page = show("everything done", alex.command("tenseylist"))
    show("a surprise, with everything done", alex.tap(early, "Surprise"))
    more = show("everything done, and one of an earlier list", alex.tap(page, "⋯"))
    show("one of an earlier list undone", alex.tap(more, "Undo earlier"))


def with_a_list_that_has_changed(act: Act) -> None:
    show, alex = act.of(LIST), act.tensey
    tick = button(alex.command("tenseylist"), "Did it").split(":")
    stale = ":".join([*tick[:4], "long-gone", *tick[5:]])
    show("a challenge that has left the list", alex.press(stale))


def board_on_the_first_day(act: Act) -> None:
    show, alex = act.of(BOARD), act.tensey
    show("nobody has done anything", alex.command("tenseyleaderboard"))
    show("the same, opened by the posted button", alex.press(custom_ids.make("tenseyleaderboard", "open", 0)))
    past.tick(act.owner, past.of_chapter(1)[:1])
    act.sweep()
    show("one member with one challenge", alex.command("tenseyleaderboard"))


def board(act: Act) -> None:
    show, alex = act.of(BOARD), act.tensey
    for place, user in enumerate((*past.CROWD, ALEX)):
        past.tick(act.owner, past.every()[: 30 - place - place % 2], user)
    act.sweep()
    first = show("full", alex.command("tenseyleaderboard"))
    top = show("the top", alex.tap(first, "Top"))
    second = show("the page after it", alex.tap(top, "▶️"))
    show("back at the top", alex.tap(second, "◀️"))
    show("around oneself again", alex.tap(top, "Me"))
    show("refreshed", alex.tap(first, "🔄"))
    show("of all time", alex.tap(first, "All time"))
    show("a page beyond the last", alex.command("tenseyleaderboard", {"page": 99}))
    show("tapped by another member: a copy of their own", alex.as_user(SAM).tap(first, "🔄"))
    show("opened by the posted button", alex.press(custom_ids.make("tenseyleaderboard", "open", 0)))
    past.hide(act.owner, ALEX)
    show("opened by a hidden member", alex.command("tenseyleaderboard"))


ACTS = (
    paging,
    ticking,
    ticking_a_later_page,
    with_xp_that_nobody_was_told_of,
    with_the_queue_down,
    with_much_done,
    with_everything_done,
    with_a_list_that_has_changed,
    board_on_the_first_day,
    board,
)
