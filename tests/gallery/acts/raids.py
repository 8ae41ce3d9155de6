"""Raids: how they begin, go on and end, and what is announced of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from tests.commands.moderating import ADA, BEN
from tests.commands.playing import SAM
from tests.gallery import past
from tests.gallery.acts.days import log

if TYPE_CHECKING:
    from tests.gallery.stage import Act

START, STATUS = "/start-raid", "/raid-status"


def before_any(act: Act) -> None:
    show, alex = act.of(STATUS), act.main
    show("there was none yet", alex.command("raid-status"))
    show("a number that there is not", alex.command("raid-status", {"id": 7}))
    show("a button of a raid that is not known any more", alex.press(custom_ids.make("raid-status", "open", 0, 7)))
    start = act.of(START)
    start(
        "a cancel button of a raid that is not known any more",
        alex.as_user(ADA).press(custom_ids.make("start-raid", "cancel", 0, 7)),
    )


def running(act: Act) -> None:
    start, show, alex, ada = act.of(START), act.of(STATUS), act.main, act.main.as_user(ADA)
    begun = start("a warrior raid", ada.command("start-raid", {"type": "warrior"}))
    start("the same, delivered twice", ada.again(begun))
    start("another while it runs", ada.as_user(BEN).command("start-raid", {"type": "mage"}))
    shown = show("just begun", alex.command("raid-status"))
    log(alex.as_user(SAM), "Core", approaches="10")
    log(alex, "Core", approaches="3")
    act.tensey.tap(act.tensey.command("tenseylist"), "Did it")
    act.later(minutes=20)
    show("some have contributed", alex.command("raid-status"))
    show("refreshed", alex.tap(shown, "Refresh"))
    show("refreshed by another member: a copy of their own", alex.as_user(BEN).tap(shown, "Refresh"))
    show("opened from the call: a copy of one's own", alex.tap(begun, "See raid"))
    for user in past.CROWD[:6]:
        log(alex.as_user(user), "Core", approaches="1")
    past.hide(act.owner, SAM)
    show("more than are named, one of them hidden", alex.command("raid-status"))
    show("opened by a hidden member", alex.as_user(SAM).command("raid-status"))
    question = start("cancelling: asked once more", ada.tap(begun, "Cancel"))
    start("thought better of it", ada.tap(question, "Keep it"))
    cancelled = start("cancelled", ada.tap(question, "Cancel it"))
    start("cancelled, delivered twice", ada.again(cancelled))
    start("cancelled before", ada.tap(question, "Cancel it"))
    start("the cancel button of a raid that is over", ada.tap(begun, "Cancel"))
    show("cancelled", alex.command("raid-status"))


def of_mages(act: Act) -> None:
    start, ada = act.of(START), act.main.as_user(ADA)
    start(
        "a mage raid, as long and as far as can be",
        ada.command("start-raid", {"type": "mage", "duration": 240, "target": 10_000}),
    )
    act.later(hours=5)
    act.of(STATUS)("time is over, nobody contributed", act.main.command("raid-status"))


def lost(act: Act) -> None:
    act.main.as_user(ADA).command("start-raid", {"type": "warrior"})
    log(act.main, "Core", approaches="2")
    act.later(hours=2)
    act.of(STATUS)("time is over", act.main.command("raid-status"))


def won(act: Act) -> None:
    show, alex = act.of(STATUS), act.main
    alex.as_user(ADA).command("start-raid", {"type": "warrior", "target": 100})
    act.of("/submit-stats")("the last blow of a raid", log(alex.as_user(SAM), "Core", approaches="7"))
    show("won, the rewards on their way", alex.command("raid-status"))
    act.later(minutes=1)
    act.sweep()
    show("won, the rewards there", alex.as_user(SAM).command("raid-status"))
    past.hide(act.owner, SAM)
    show("won by members who are all hidden", alex.command("raid-status"))
    act.of("/history")("a raid won", alex.as_user(SAM).command("history"))
    show("an earlier one, by its number", alex.command("raid-status", {"id": 1}))


ACTS = (before_any, running, of_mages, lost, won)
