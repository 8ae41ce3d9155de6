"""What is a member's own: help, settings, their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX
from tests.gallery import past

if TYPE_CHECKING:
    from tests.gallery.stage import Act

HELP, SETTINGS, EXPORT, DELETE = "/help", "/settings", "/privacy export", "/privacy delete"


def helping(act: Act) -> None:
    show, alex = act.of(HELP), act.main
    first = show("a member's", alex.command("help"))
    show("a topic, by the select", alex.choose(first, "tenseylist"))
    show("a topic, typed", alex.command("help", {"topic": "/leaderboard"}))
    show("a topic that there is not", alex.command("help", {"topic": "how to fly"}))
    show("a moderator's", alex.as_user(MIA).command("help"))
    show("an admin's", alex.as_user(ADA).command("help"))
    show("an admin's topic", alex.as_user(ADA).command("help", {"topic": "security"}))
    show("typing nothing yet", alex.typing("help", "topic", ""))
    show("typing “day”", alex.typing("help", "topic", "day"))


def settings(act: Act) -> None:
    show, alex = act.of(SETTINGS), act.main
    page = show("as the deployment has set them", alex.command("settings"))
    show("typing nothing yet", alex.typing("settings", "time-zone", ""))
    show("typing “germ”", alex.typing("settings", "time-zone", "germ"))
    show("a chosen time zone", alex.command("settings", {"time-zone": "Europe/Berlin"}))
    show("words that fit several", alex.command("settings", {"time-zone": "america"}))
    show("words that only resemble", alex.command("settings", {"time-zone": "tok"}))
    show("words that fit none", alex.command("settings", {"time-zone": "the moon"}))
    form = show("the form for the time zone", alex.tap(page, "Change"))
    show("the form: one fits", alex.fill(form, {"zone": "Tokyo"}))
    several = show("the form: several fit", alex.fill(form, {"zone": "australia"}))
    show("one of them chosen", alex.choose(several, "Australia/Sydney"))
    show("the form: none fits", alex.fill(form, {"zone": "the moon"}))
    hidden = show("hidden", alex.tap(page, "Hide me"))
    show("shown again", alex.tap(hidden, "Show me"))
    quiet = show("announcements off", alex.tap(page, "Turn off"))
    show("announcements on again", alex.tap(quiet, "Turn on"))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    show("with a bot that can write", alex.command("settings"))
    act.owner.execute("INSERT INTO direct_channels (user_id, closed_at) VALUES (%s, now())", [ALEX.id])
    closed = show("Discord takes no direct messages for them", alex.command("settings"))
    show("direct messages open again", alex.tap(closed, "They are open"))
    for zone in ("UTC", "Europe/Berlin"):
        alex.command("settings", {"time-zone": zone})
    show("moved too often", alex.command("settings", {"time-zone": "UTC"}))


def exporting(act: Act) -> None:
    show, alex = act.of(EXPORT), act.main
    show("a file", alex.command("privacy export"))
    act.owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " SELECT user_id, 1, 'adjustment', 'admin', n::text, '2026-08-01', '{}' FROM users, generate_series(1, 20000) n"
    )
    show("a link, when it is too large for a message", alex.command("privacy export"))
    alex.storage.down = True
    show("the store for it is away", alex.command("privacy export"))


def deleting(act: Act) -> None:
    show, alex = act.of(DELETE), act.main
    past.meet(act.owner, ALEX)
    asked = show("asking", alex.command("privacy delete"))
    form = show("asking again", alex.tap(asked, "Delete everything"))
    show("the word was not typed", alex.fill(form, {"word": "yes"}))
    show("kept", alex.tap(asked, "Keep everything"))
    alex.storage.down = True
    show("the log of deletions is away", alex.fill(form, {"word": "DELETE"}))
    alex.storage.down = False
    gone = show("deleted", alex.fill(form, {"word": "DELETE"}))
    show("deleted, delivered twice", alex.again(gone))


ACTS = (helping, settings, exporting, deleting)
