"""What admins and moderators look at first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX, PLACE, SAM
from tests.gallery import past
from tests.gallery.acts.admins import GOOD, check
from tests.gallery.acts.moderators import warn, write

if TYPE_CHECKING:
    from tests.gallery.stage import Act

HOME = "/admin home"

QUESTION = (
    "INSERT INTO course_questions (user_id, nonce, question, asked_at)"
    " SELECT %s, 1, 'How do I begin?', now() - interval '2 days'"
)
UNDELIVERED = (
    "INSERT INTO outbox (key, kind, state, handed_at, settled_at, status, code, reason) VALUES"
    " ('a', 'announcement', 'refused', now(), now(), 403, 50013, 'Missing Permissions'),"
    " ('b', 'announcement', 'unknown', now(), now(), NULL, NULL, NULL)"
)
LACKING = "INSERT INTO missing_rights (needs, target_id, code) VALUES ('post', %s, 50013)"


def home(act: Act) -> None:
    show, ada, mia = act.of(HOME), act.main.as_user(ADA), act.main.as_user(MIA)
    past.meet(act.owner, ADA, MIA, ALEX, SAM)
    show("nobody waits, and nobody has checked yet", ada.command("admin home"))
    check(act, GOOD)
    past.give(act.owner, dict.fromkeys(past.CROWD[:3], 100))
    past.give(act.owner, dict.fromkeys(past.CROWD[:8], 400), back=7)
    act.later(minutes=1)
    page = show("all is well", ada.command("admin home"))
    past.give(act.owner, dict.fromkeys(past.CROWD[3:7], 250))
    ada.command("start-raid", {"type": "warrior"})
    write(act, SAM, "What an idiot I was!", 2)
    act.later(minutes=20)
    write(act, ALEX, "How do I go on when I feel better off dead?", 1)
    warn(act)
    warn(act, reason="Wrote to somebody who had asked to be left alone")
    act.owner.execute(QUESTION, [SAM.id])
    act.later(minutes=2)
    show("as a moderator sees it", mia.command("admin home"))
    past.tick(act.owner, past.of_chapter(1)[:2])
    act.owner.execute(UNDELIVERED)
    act.owner.execute(LACKING, [PLACE.guild_id])
    check(act, (*GOOD[:-1], replace(GOOD[-1], healthy=False, words="1 in NoticesDlq")))
    show("everything at once", ada.tap(page, "Refresh"))
    posted = custom_ids.make("admin.home", "open", 0)
    page = show("from the button in the channel", ada.press(posted))
    show("somebody else taps the button in the channel", act.main.press(posted))
    act.of("/security flags")("from what waits", ada.tap(page, "Read flags"))
    act.of("/security warnings")("from what waits", ada.tap(page, "Decide"))
    act.of("/admin course-questions")("from what waits", ada.tap(page, "Answer"))
    act.of("/security health")("from what waits", ada.tap(page, "Look closer"))
    act.of("/raid-status")("from what waits", ada.tap(page, "See raid"))


ACTS = (home,)
