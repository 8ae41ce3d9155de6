"""What is posted without anybody having asked: announcements, alerts, and the messages with a button."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from mastermind.config import RUNBOOK
from mastermind.deadline import Deadline
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import notices, rules
from mastermind.game.announcements.rules import LEVELS, AnnouncementKind
from mastermind.game.levels.rules import xp_needed
from mastermind.operations.alerts import messages as alerts
from mastermind.operations.alerts.rules import Failure, Note
from ops import button_messages
from tests.commands.moderating import ADA
from tests.commands.playing import ALEX, SAM
from tests.gallery import past
from tests.gallery.acts.days import log
from tests.gallery.stage import NOON

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.game.announcements.rules import Announcement
    from tests.gallery.stage import Act

ANNOUNCED, ALERTS, POSTED = "Announcements", "Alerts", "Posted buttons"
BANNER = "https://example.org/banner.png"


def announce(act: Act, states: list[str], kinds: Collection[AnnouncementKind] = tuple(AnnouncementKind)) -> None:
    """Have notify post what is due of these kinds, one message for each state."""
    due: list[Announcement] = []
    work = partial(announcements.announce, send=due.append, kinds=kinds, deadline=Deadline.after(10))
    act.awards.run(work, Deadline.after(10))
    for state, notice in zip(states, due, strict=True):
        act.posted(ANNOUNCED, state, notices.message(notice))


def milestones(act: Act) -> None:
    done = 0
    for milestone in rules.milestones(len(past.every())):
        past.tick(act.owner, past.every()[done:milestone])
        act.sweep()
        done = milestone
        announce(act, [f"{milestone} challenges"], [AnnouncementKind.MILESTONE])


def levels(act: Act) -> None:
    for level in LEVELS:
        past.meet(act.owner, SAM)
        row = act.owner.execute("SELECT xp FROM users WHERE user_id = %s", [SAM.id]).fetchone()
        assert row is not None
        past.give(act.owner, {SAM: xp_needed(level) - row[0]})
        announce(act, [f"level {level}"])


def raids(act: Act) -> None:
    ada = act.main.as_user(ADA)
    ada.command("start-raid", {"type": "warrior", "target": 100})
    announce(act, ["a raid has begun"])
    log(act.main.as_user(SAM), "Core", approaches="7")
    log(act.main, "Core", approaches="1")
    act.sweep()
    announce(act, ["a raid is won"])
    ada.command("start-raid", {"type": "mage"})
    announce(act, ["a mage raid has begun"])
    log(act.main, "Inner", grounding="2")
    act.later(hours=2)
    act.sweep()
    announce(act, ["a raid has failed, one member contributed"])
    ada.command("start-raid", {"type": "mage"})
    act.later(hours=2)
    act.sweep()
    announce(act, ["a raid has failed, nobody contributed"])
    past.hide(act.owner, ALEX)
    ada.command("start-raid", {"type": "warrior", "target": 100})
    log(act.main, "Core", approaches="9")
    act.sweep()
    announce(act, ["a raid is won, most of it by a hidden member"])


FAILED = ("database: it does not answer", "main: answers 502 to a forged signature instead of 401")
LATER = NOON + timedelta(minutes=12)


def note(what: str, section: str, *, is_alarm: bool, failure: Failure | None = None) -> Note:
    return Note("alarm", what, f"{RUNBOOK}#{section}", is_alarm, NOON, NOON if is_alarm else LATER, failure=failure)


def alarms(act: Act) -> None:
    broken, silent, never_reported = (
        Failure(NOON - timedelta(minutes=2), FAILED),
        Failure(NOON - timedelta(minutes=10)),
        Failure(None),
    )
    late = note("Awards wait in the queue for too long.", "awards-are-late", is_alarm=True)
    over = note("Discord gets answers that say we are broken.", "the-game-is-not-healthy", is_alarm=False)
    health = partial(note, "The game is not healthy.", "the-game-is-not-healthy")
    cases: tuple[tuple[str, Note, list[Note]], ...] = (
        ("the game is not healthy", health(is_alarm=True, failure=broken), []),
        ("more is broken than anybody reads", health(is_alarm=True, failure=Failure(NOON, FAILED * 8)), []),
        ("the health check is silent", health(is_alarm=True, failure=silent), []),
        ("the health check has never reported", health(is_alarm=True, failure=never_reported), []),
        ("the game is healthy again", health(is_alarm=False, failure=broken), []),
        ("healthy again, with what else went off meanwhile", health(is_alarm=False, failure=broken), [late, over]),
        ("the health check speaks again", health(is_alarm=False, failure=silent), []),
        ("another alarm goes off", late, []),
        ("another alarm is over", over, []),
    )
    for state, each, folded in cases:
        act.posted(ALERTS, state, alerts.alert(each, folded, RUNBOOK).message())


def posted(act: Act) -> None:
    for post, banner, state in (
        (button_messages.LIST, None, "the list of challenges"),
        (button_messages.LEADERBOARD, None, "the leaderboard"),
        (button_messages.LIST, BANNER, "the list of challenges, with a banner"),
    ):
        act.posted(POSTED, state, post.body(banner))


ACTS = (milestones, levels, raids, alarms, posted)
