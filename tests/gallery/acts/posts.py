"""What is posted without anybody having asked: announcements, alerts, and the messages with a button."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import notices, rules
from mastermind.game.announcements.rules import (
    LEVELS,
    AnnouncementKind,
    Digest,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
)
from mastermind.game.audit import notices as acts
from mastermind.game.audit import rules as audit
from mastermind.game.days.rules import Day
from mastermind.game.levels.rules import xp_needed
from mastermind.game.outreach import lacking
from mastermind.game.outreach.lacking import Lacking
from mastermind.game.outreach.rights import NO_ACCESS, NO_PERMISSION, Needed, Right
from mastermind.game.raids import table as raid_rows
from mastermind.operations import runbook
from mastermind.operations.alerts import messages
from mastermind.operations.alerts.records import Down, Ends, Meanwhile, Past, Recovered, Starts
from mastermind.relay.kinds import announcement, raid, reminder
from mastermind.relay.kinds import week as own_week
from ops import button_messages
from tests.commands.moderating import ADA
from tests.commands.playing import ALEX, SAM
from tests.gallery import past
from tests.gallery.acts.days import log
from tests.gallery.stage import COMMANDS, NOON
from tests.game.weeks.test_words import BAD, EMPTY, FIRST, FULL, GOOD, QUIET

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.game.announcements.queued import Announcement
    from mastermind.operations.alerts.records import Alert
    from tests.gallery.stage import Act

REMINDERS, WEEKS = "Reminders", "A member's week"
ANNOUNCED, ALERTS, ADMINS, POSTED = "Announcements", "Alerts", "The admins' channel", "Posted buttons"
BANNER = "https://example.org/banner.png"


def announce(act: Act, states: list[str], kinds: Collection[AnnouncementKind] = tuple(AnnouncementKind)) -> None:
    """Have the bot post what is due of these kinds, one message for each state."""
    due: list[Announcement] = []
    work = partial(announcements.announce, send=due.append, kinds=kinds, deadline=Deadline.after(10))
    act.relay.run(work, Deadline.after(10))
    for state, notice in zip(states, due, strict=True):
        act.posted(ANNOUNCED, state, announcement.message(notice, COMMANDS))


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


def cheers(act: Act) -> None:
    """What taps make of a post."""
    past.meet(act.owner, SAM)
    past.give(act.owner, {SAM: xp_needed(5)})
    announce(act, ["level 5, with *Cheer*"])
    cheer, show = custom_ids.make("scorecard", "cheer", 0, "level_up", SAM.id, 5), act.of("Cheers")
    show("the first", act.main.press(cheer))
    show("one's own", act.main.as_user(SAM).press(cheer))
    for number, name in enumerate(("Ben", "Cem", "Dan"), 1):
        act.main.as_user(User(7_000 + number, name)).press(cheer)
    show("several", act.main.as_user(User(7_004, "Eve")).press(cheer))
    show("taken back", act.main.press(cheer))
    act.later(days=31)
    show("a month later", act.main.press(cheer))


def raids(act: Act) -> None:
    ada = act.main.as_user(ADA)
    ada.command("start-raid", {"type": "warrior", "target": 100})
    announce(act, ["a raid has begun"])
    log(act.main.as_user(SAM), "Core", approaches="5")
    edited(act, "half of the raid is done")
    log(act.main.as_user(SAM), "Core", approaches="1")
    log(act.main, "Core", hellos_to_strangers="1")
    edited(act, "the raid is nearly won")
    log(act.main, "Core", approaches="2")
    edited(act, "the post about the start, after the raid was won")
    act.sweep()
    announce(act, ["a raid is won"])
    ada.command("start-raid", {"type": "mage"})
    announce(act, ["a mage raid has begun"])
    log(act.main, "Inner", grounding="2")
    act.later(hours=2)
    edited(act, "the post about the start, after the raid was over")
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


def edited(act: Act, state: str) -> None:
    """The post about the start of the newest raid, as it is edited now."""
    found = act.relay.run(lambda conn: raid_rows.find(conn, None).fetchone(), Deadline.after(10))
    assert found is not None
    act.posted(ANNOUNCED, state, raid.message(found, COMMANDS))


def weeks(act: Act) -> None:
    for state, week in {
        "a quiet week": QUIET,
        "a full week": FULL,
        "a week without raids": replace(FULL, raids=()),
        "many newcomers and raids": replace(FULL, more_newcomers=7, more_raids=2),
    }.items():
        act.posted(ANNOUNCED, state, announcement.message(week, COMMANDS))


def digests(act: Act) -> None:
    told = tuple(LevelUp(number, f"Member {number}", 5) for number in range(1, 13))
    few = Digest(1, (Milestone(1, "Alex", 10, 303), *told[:3]))
    act.posted(ANNOUNCED, "four members in a short time", announcement.message(few, COMMANDS))
    act.posted(ANNOUNCED, "more than a digest names", announcement.message(Digest(2, told), COMMANDS))


def webhooks(act: Act) -> None:
    """What a webhook can: words alone."""
    for state, notice in {
        "10 challenges": Milestone(1, "Alex", 10, 303),
        "level 5": LevelUp(1, "Alex", 5),
        "several members": Digest(1, (Milestone(1, "Alex", 10, 303), LevelUp(2, "Sam", 5))),
        "a raid has begun": RaidStarted(1, "warrior", 1000, int(NOON.timestamp()) + 3600),
        "a raid is won": RaidCompleted(1, "warrior", 1000, 1015, 4, "Alex"),
        "a raid has failed": RaidFailed(1, "mage", 1000, 30, 1),
        "a full week": FULL,
    }.items():
        act.posted("Announcements by a webhook", state, notices.message(notice, COMMANDS))


FAILED = {"database": "it does not answer", "main": "answers 502 to a forged signature instead of 401"}
LATER = NOON + timedelta(minutes=12)
LINK = "https://example.org/docs/Troubleshooting.md"
STALE = "Snapshot: the newest is 27 h old: game-20261121"


def alarms(act: Act) -> None:
    since = NOON - timedelta(minutes=2)
    many = {f"probe {number}": "it does not answer" for number in range(16)}
    meanwhile = (
        Past("Discord gets 5xx answers.", NOON, LATER),
        Past("Awards wait in the queue.", NOON, None),
        Past("The main bot's function fails.", NOON, LATER, times=5),
    )
    late = Starts("Awards wait in the queue.", runbook.LATE_AWARDS, NOON, urgent=False)
    cases: tuple[tuple[str, Alert, str | None], ...] = (
        ("the game is down", Down(since, FAILED, further=False), LINK),
        ("the game is down, without a link to the runbook", Down(since, FAILED, further=False), None),
        ("more of the game is down", Down(since, {"awards": "3 overdue"}, further=True), LINK),
        ("more is broken than anybody reads", Down(NOON, many, further=False), LINK),
        ("the game is well again", Recovered(since, LATER, FAILED), LINK),
        ("what else happened while it was down", Meanwhile(since, LATER, meanwhile), LINK),
        ("the health check is silent", Starts("The health check is silent.", runbook.SILENT, NOON, urgent=True), LINK),
        ("something is to do", Starts(STALE, runbook.PROBES["snapshot"], NOON, urgent=False), LINK),
        ("another alarm goes off", late, LINK),
        ("another alarm goes off, without a link to the runbook", late, None),
        ("another alarm is over", Ends(late.what, NOON, LATER), LINK),
        ("announcements are dropped", Starts(GONE, runbook.WEBHOOK, NOON, urgent=False), LINK),
    )
    for state, alert, link in cases:
        act.posted(ALERTS, state, messages.words(alert, link).message())


GONE = "Announcements are dropped: Discord does not know the webhook: 404 Unknown Webhook."


def lacks(act: Act) -> None:
    """What the bot's role lacks, as the admins read it."""
    channel, role = 1_230_000_000_000_000_001, 1_230_000_000_000_000_002
    lacked = {
        "it does not see the channel": Lacking(Needed(Right.POST, channel), NO_ACCESS),
        "it may not post there": Lacking(Needed(Right.POST, channel), NO_PERMISSION),
        "it cannot give a role": Lacking(Needed(Right.ROLES, role), NO_PERMISSION),
        "it may not time out": Lacking(Needed(Right.TIME_OUT), NO_PERMISSION),
        "it may not ban": Lacking(Needed(Right.BAN), NO_PERMISSION),
    }
    for state, one in lacked.items():
        act.posted(ADMINS, state, lacking.message(one, COMMANDS))


def told(act: Act) -> None:
    """What admins and operators did of which all admins are told."""
    admin, member = 1_300_000_000_000_000_007, 1_300_000_000_000_000_003
    done = {
        "somebody's data was exported": audit.Act("privacy.export", admin, "", member),
        "an operator exported somebody's data": audit.Act("privacy.export", 0, OPERATOR, member),
        "a member was reset": audit.Act("stats.reset", admin, "", member),
        "much XP was given": audit.Act("xp.adjust", admin, "", member, 50_000),
        "much XP was taken": audit.Act("xp.adjust", admin, "", 0, -50_000),
        "an admin had themselves deleted": acts.FORGOTTEN,
    }
    for state, one in done.items():
        act.posted(ADMINS, state, acts.message(one, COMMANDS))


OPERATOR = "arn:aws:sts::123456789012:assumed-role/Operators/kim"


def posted(act: Act) -> None:
    for post, banner, state in (
        (button_messages.START, None, "the first steps"),
        (button_messages.TODAY, None, "the day"),
        (button_messages.LIST, None, "the list of challenges"),
        (button_messages.LEADERBOARD, None, "the leaderboard"),
        (button_messages.LIST, BANNER, "the list of challenges, with a banner"),
        (button_messages.HOME, None, "what waits for the team"),
    ):
        act.posted(POSTED, state, post.body(banner))


def reminded(act: Act) -> None:
    """Reminders, by how a member stands."""
    today, day = NOON.date(), timedelta(days=1)
    states = {
        "nothing logged ever": (),
        "in the first days": (1, 2),
        "with a streak": tuple(range(1, 7)),
        "with a freeze": tuple(range(1, 17)),
        "yesterday can still be logged": tuple(range(2, 8)),
        "after a gap": tuple(range(20, 27)),
    }
    for state, ago in states.items():
        days = tuple(today - each * day for each in ago)
        own = Day(today, today, 0, 0, None, {}, {}, frozenset(), days, frozenset())
        act.posted(REMINDERS, state, reminder.message(ALEX.id, own, is_last=False))
        if state == "after a gap":
            act.posted(REMINDERS, "the last one", reminder.message(ALEX.id, own, is_last=True))


def own_weeks(act: Act) -> None:
    """The words about a member's week, as direct messages."""
    for state, week in {
        "a good week": GOOD,
        "a bad week": BAD,
        "a first week": FIRST,
        "an empty week": EMPTY,
        "every day": replace(GOOD, days=7, challenges=0),
    }.items():
        act.posted(WEEKS, state, own_week.message(ALEX.id, week, is_last=False))
    act.posted(WEEKS, "the last one", own_week.message(ALEX.id, EMPTY, is_last=True))


ACTS = (milestones, levels, cheers, digests, raids, weeks, webhooks, alarms, lacks, told, posted, reminded, own_weeks)
