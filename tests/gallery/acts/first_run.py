"""The first run: each of its steps, and every way out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ops.button_messages import START as START_BUTTON
from tests.commands.playing import ALEX, SAM
from tests.conftest import NO_OFFERS
from tests.gallery import past

if TYPE_CHECKING:
    from tests.gallery.stage import Act

START = "/start"


def three_steps(act: Act) -> None:
    show, alex = act.of(START), replace(act.main, locale="de")
    act.owner.execute("UPDATE bot_status SET is_on = true")
    first = show("a newcomer: a deed that can be done now", alex.command("start"))
    show("opened by a posted button", alex.press(START_BUTTON.custom_id))
    show("another deed", alex.tap(first, "Another"))
    second = show("the second step: how they are today", alex.tap(first, "Did it"))
    third = show("the third step: their rhythm", alex.tap(second, "7"))
    through = show("through", alex.tap(third, "3 a day"))
    show("another rhythm", alex.tap(through, "3 a week"))
    show("a reminder", alex.tap(through, "Remind me"))
    show("opened again", alex.command("start"))


def ways_out(act: Act) -> None:
    show, alex = act.of(START), act.main
    first = show("a language that lets us guess no clock", replace(alex, locale="ru").command("start"))
    form = show("the form for another clock", alex.tap(first, "Elsewhere"))
    show("a place that nobody knows", alex.fill(form, {"zone": "Atlantis"}))
    show("a place with several clocks", alex.fill(form, {"zone": "Australia"}))
    show("a clock that was chosen", alex.choose(first, "America/Denver"))
    show("a clock that was named", alex.fill(form, {"zone": "Lisbon"}))
    show("declined", alex.tap(first, "Not now"))
    second = alex.tap(first, "Did it")
    show("left in the middle, and typed again", alex.command("start"))
    show("a heavy day", alex.tap(second, "2"))


def without_today(act: Act) -> None:
    show, alex = act.of(START), act.main
    past.meet(act.owner, ALEX)
    past.tick(act.owner, past.every()[:1])
    show("who has ticked a challenge before", alex.command("start"))
    show("later", alex.tap(alex.command("start"), "Later"))


def offered(act: Act) -> None:
    for statement in NO_OFFERS:
        act.owner.execute(statement.replace("DISABLE", "ENABLE").encode())
    show, alex = act.of("/submit-stats"), act.main
    show("a newcomer, who is told where to begin", alex.command("submit-stats"))
    act.of("For you")("a newcomer, who is told where to begin", act.tensey.command("tenseylist"))
    alex.tap(alex.command("start"), "Did it")
    show("the first run, left in the middle", alex.command("submit-stats"))


def in_tensey(act: Act) -> None:
    for statement in NO_OFFERS:
        act.owner.execute(statement.replace("DISABLE", "ENABLE").encode())
    show, alex, sam = act.of("/tenseylist"), act.tensey, act.tensey.as_user(SAM)
    listed = alex.command("tenseylist")
    first = show("a newcomer's first deed", alex.tap(listed, "Begin"))
    another = show("another first deed", alex.tap(first, "Another"))
    done = show("the first deed is done", alex.tap(another, "Did it"))
    show("the first deed, opened again", alex.tap(listed, "Begin"))
    show("the first deed is undone", alex.tap(done, "Undo it"))
    show("no first deed now", sam.tap(sam.tap(sam.command("tenseylist"), "Begin"), "Not now"))


ACTS = (three_steps, ways_out, without_today, offered, in_tensey)
