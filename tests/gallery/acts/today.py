"""The card of the day: its challenge, one more of what is logged most, what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from mastermind.game.today.rules import Pools
from mastermind.game.today.table import put_pools
from tests.commands import diary
from tests.commands.moderating import ADA
from tests.commands.playing import ALEX
from tests.gallery import past
from tests.gallery.acts.days import log

if TYPE_CHECKING:
    from tests.gallery.stage import Act

TODAY, SUBMIT, HISTORY = "/today", "/submit-stats", "/history"
OF_DAY, OTHER = "odd-socks", "mirror-hellos"


def a_first_day(act: Act) -> None:
    show, alex = act.of(TODAY), act.main
    first = show("a newcomer", alex.command("today"))
    act.owner.execute("""UPDATE users SET settings = '{"rhythm": "thrice"}'""")
    show("opened by a posted button", alex.press(custom_ids.make("today", "open", 0)))
    another = show("another challenge instead", alex.tap(first, "Another"))
    show("back to that of the day", alex.tap(another, "Another"))
    done = show("the challenge done", alex.tap(another, "Did it"))
    show("the same, delivered twice", alex.again(done))
    show("done from another card: once a day", alex.tap(first, "Did it"))
    plus = show("one more hello", alex.tap(done, "+1"))
    act.of(SUBMIT)("opened from the card of the day", alex.tap(plus, "Log more"))
    back = show("taken back", alex.tap(done, "Undo"))
    show("taken back before", alex.tap(done, "Undo"))
    alex.tap(back, "Did it")
    act.of(HISTORY)("the challenge of the day, and an undo of it", alex.command("history"))
    show("one more taken back", alex.tap(alex.tap(back, "+1"), "Undo +1"))
    act.later(days=1)
    show("done from a card of yesterday", alex.tap(first, "Did it"))
    show("one more from a card of yesterday", alex.tap(first, "+1"))


def with_the_list(act: Act) -> None:
    show, alex = act.of(TODAY), act.main
    put_pools(act.owner, Pools((OF_DAY,), (OTHER,)))
    past.meet(act.owner, ALEX)
    act.tensey.press(custom_ids.make("tenseylist", "tick", ALEX.id, OF_DAY, 4, 1, "all"))
    show("ticked in the list, its XP on the way", alex.command("today"))
    act.award()
    show("brought by the tick", alex.command("today"))
    act.later(days=1)
    again = show("a challenge that was done before", alex.command("today"))
    show("done again", alex.tap(again, "Did it"))
    put_pools(act.owner, Pools((), ()))
    act.later(days=1)
    show("a day without a challenge", alex.command("today"))


def what_is_near(act: Act) -> None:
    show, alex = act.of(TODAY), act.main
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 6)
    show("tomorrow's share of the streak is near", alex.command("today"))
    log(alex, "Core", approaches="3")
    show("a Templar day is near", alex.command("today"))
    past.give(act.owner, {ALEX: 120})
    reached = alex.tap(alex.command("today"), "+1 Approaches")
    show("one more, and a level is reached", reached)
    past.tick(act.owner, past.every()[20:28])
    act.sweep()
    show("a milestone is near", alex.command("today"))
    alex.as_user(ADA).command("start-raid", {"type": "warrior", "target": 100})
    show("a raid that has begun", alex.command("today"))
    show("one more, and its part in the raid", alex.tap(alex.command("today"), "+1 Approaches"))


def others(act: Act) -> None:
    show, alex = act.of(TODAY), act.main
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 5, last=6)
    show("somebody who comes back", alex.command("today"))
    past.give(act.owner, {ALEX: 300_000})
    show("the highest level", alex.command("today"))
    diary.write(act.owner, 0, {"hellos_to_strangers": 199, "new_contact_response": 49, "courage_welcoming": 19})
    long = show("what is logged most, with long names", alex.command("today"))
    show("as much as a day holds: the next one is offered", alex.tap(long, "+1 Hellos"))
    gone = custom_ids.make("today", "log", ALEX.id, f"{diary.today(act.owner):%Y%m%d}", "no_longer_asked", "day")
    show("a stat that is no longer asked for", alex.press(gone))


def paused(act: Act) -> None:
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 4)
    act.main.command("pause", {"days": 7})
    act.of(TODAY)("paused", act.main.command("today"))


ACTS = (a_first_day, with_the_list, what_is_near, others, paused)
