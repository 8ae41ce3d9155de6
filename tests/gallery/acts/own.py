"""What is a member's own: help, settings, their data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from tests.commands import diary
from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX, PLACE
from tests.gallery import past

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.gallery.stage import Act, Player, Show

HELP, SETTINGS, PAUSE, REST = "/help", "/settings", "/pause", "/rest-day"
EXPORT, DELETE = "/privacy export", "/privacy delete"

SELECT = 3  # the type of a select among components
DIRECT = replace(PLACE, guild_id=None)


def helping(act: Act) -> None:
    show, alex = act.of(HELP), act.main
    first = show("a member's", alex.command("help"))
    show("a topic, by the select", alex.choose(alex.tap(first, "Challenges"), "tenseylist"))
    show("a topic, typed", alex.command("help", {"topic": "/leaderboard"}))
    show("a topic that there is not", alex.command("help", {"topic": "how to fly"}))
    show("a moderator's", alex.as_user(MIA).command("help"))
    show("an admin's", alex.as_user(ADA).command("help"))
    for words in ("Challenges", "Log today", "My progress", "The others"):
        show(f"{words}, by its button", alex.tap(first, words))
    show("for the team, a moderator's", alex.as_user(MIA).tap(alex.as_user(MIA).command("help"), "The team"))
    show("for the team, an admin's", alex.as_user(ADA).tap(alex.as_user(ADA).command("help"), "The team"))
    show("an admin's topic", alex.as_user(ADA).command("help", {"topic": "admin"}))
    show("a moderator's topic", alex.as_user(MIA).command("help", {"topic": "security"}))
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
    shown = show("Dating is shown", alex.tap(page, "Show Dating"))
    show("Dating is theirs alone again", alex.tap(shown, "Hide Dating"))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    show("with a bot that can write", alex.command("settings"))
    rhythms(show, alex)
    reminders(act, show, alex)
    act.owner.execute("INSERT INTO time_zones SELECT 'Old/Town', release, since, utc_offset FROM time_zones LIMIT 1")
    act.owner.execute("UPDATE users SET time_zone = 'Old/Town'")
    show("a time zone that no longer exists", alex.command("settings"))
    act.owner.execute("UPDATE users SET time_zone = 'Australia/Sydney'")
    act.owner.execute("INSERT INTO direct_channels (user_id, closed_at) VALUES (%s, now())", [ALEX.id])
    closed = show("Discord takes no direct messages for them", alex.command("settings"))
    show("direct messages open again", alex.tap(closed, "They're open"))
    for zone in ("UTC", "Europe/Berlin"):
        alex.command("settings", {"time-zone": zone})
    show("moved too often", alex.command("settings", {"time-zone": "UTC"}))


def rhythms(show: Show, alex: Player) -> None:
    page = show("the page of the rhythm", alex.tap(alex.command("settings"), "Rhythm"))
    page = show("a rhythm chosen", alex.tap(page, "3 a week"))
    show("with a rhythm", alex.tap(page, "All settings"))


def reminders(act: Act, show: Show, alex: Player) -> None:
    page = show("the page of reminders, off", alex.tap(alex.command("settings"), "Reminders"))
    page = show("reminders on", alex.tap(page, "Turn on"))
    hours, weekdays, evening = (str(part["custom_id"]) for part in page.parts() if part["type"] == SELECT)
    show("an hour chosen", alex.press(hours, ["9"]))
    page = show("weekdays chosen", alex.press(weekdays, ["1", "3"]))
    page = show("the week on", alex.tap(page, "Send it"))
    page = show("another evening hour", alex.press(evening, ["20"]))
    show("with reminders", alex.tap(page, "All settings"))
    show("the week off again", alex.tap(page, "Stop it"))
    show("reminders off again", alex.tap(page, "Turn off"))
    act.owner.execute("INSERT INTO outbox (key, kind, user_id) VALUES ('reminder:1', 'reminder', %s)", [ALEX.id])
    act.owner.execute("UPDATE outbox SET state = 'done', settled_at = now(), message_id = 7")
    act.owner.execute("UPDATE reminders SET seen_at = now()")
    show("not today, below a reminder", below_reminder(alex, "settings", "not-today"))
    show("stopped below a reminder", below_reminder(alex, "settings", "stop"))
    show("turned on again below it", below_reminder(alex, "settings", "resume"))
    show("stopped below a week", below_reminder(alex, "settings", "stop-week"))
    show("turned on again below it, a week", below_reminder(alex, "settings", "resume-week"))
    act.of("/submit-stats")("below a reminder", below_reminder(alex, "submit-stats", "log"))
    act.owner.execute("UPDATE reminders SET off = 'silence'")
    show("stopped after two weeks of silence", alex.command("settings"))
    act.owner.execute("UPDATE reminders SET off = 'left'")
    show("back in the server", alex.command("settings"))


def below_reminder(alex: Player, path: str, action: str) -> Answer:
    pressed = discord.component(DIRECT, ALEX, custom_ids.make(path, action, ALEX.id))
    return alex.send({**pressed, "message": {"id": "7", "components": []}})


def looking_back(act: Act) -> None:
    show, alex = act.of("/progress"), act.main
    show("the first day", alex.command("progress"))
    for approaches, numbers, state in ((7, 2, 4), (3, 1, 6), (4, 2, 8)):
        log(alex, "Core", approaches=approaches, numbers=numbers)
        log(alex, "Inner", grounding=1)
        log(alex, "Daily", overall_state=state)
        act.later(days=2)
    page = show("XP of 30 days", alex.command("progress"))
    page = show("XP of 90 days", alex.tap(page, "90 days"))
    page = show("state and conversions", alex.tap(page, "State"))
    page = show("archetype", alex.tap(page, "Archetype"))
    show("the year", alex.tap(page, "The year"))


def log(alex: Player, category: str, **counts: int) -> None:
    form = alex.tap(alex.command("submit-stats"), category)
    alex.fill(form, {stat: str(count) for stat, count in counts.items()})


def pausing(act: Act) -> None:
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 16, last=2)
    show, alex = act.of(PAUSE), act.main
    page = show("a member who missed yesterday", alex.command("pause"))
    show("with yesterday", alex.tap(page, "From yesterday"))
    paused = show("begun", alex.tap(page, "7 days"))
    show("another one, while it runs", alex.command("pause", {"days": 20}))
    act.of("/scorecard")("paused", alex.command("scorecard"))
    act.of("/submit-stats")("a pause that runs", alex.command("submit-stats"))
    act.later(days=2)
    show("ended by hand", alex.tap(paused, "End pause"))
    show("when today needs nothing", alex.command("pause"))
    act.later(days=1)
    alex.command("pause", {"days": 3})
    act.later(days=1)
    form = alex.tap(alex.command("submit-stats"), "Core")
    act.of("/submit-stats")("an entry that ends a pause", alex.fill(form, {"approaches": "3"}))
    planned = show("planned, because today counts already", alex.command("pause", {"days": 3}))
    act.of("/history")("with a pause", alex.command("history"))
    show("cancelled", alex.tap(planned, "Cancel pause"))
    act.owner.execute(
        "INSERT INTO pauses (user_id, first_day, last_day, begun_on)"
        " SELECT %s, day, day + 2, day FROM (SELECT %s::date - 20 * n AS day FROM generate_series(1, 2) AS n) AS days",
        [ALEX.id, diary.today(act.owner)],
    )
    show("none left", alex.command("pause"))
    show("none left, typed", alex.command("pause", {"days": 5}))


def pausing_with_yesterday(act: Act) -> None:
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 3, last=2)
    show, alex = act.of(PAUSE), act.main
    show("begun with yesterday", alex.command("pause", {"days": 3, "from": "yesterday"}))
    act.later(days=10)
    show("with yesterday too soon again", alex.command("pause", {"days": 3, "from": "yesterday"}))


def resting(act: Act) -> None:
    past.meet(act.owner, ALEX)
    show, alex = act.of(REST), act.main
    show("without a streak", alex.command("rest-day"))
    diary.write_run(act.owner, 5)
    page = show("offered", alex.command("rest-day"))
    show("opened from a pause", alex.tap(alex.command("pause"), "Rest day"))
    resting = show("taken", alex.tap(page, "Rest today"))
    act.of("/submit-stats")("on a rest day", alex.command("submit-stats"))
    act.of("/scorecard")("on a rest day", alex.command("scorecard"))
    act.of("/stats-days")("with a rest day", alex.command("stats-days"))
    show("taken back", alex.tap(resting, "Take back"))
    show("taken back again", alex.tap(resting, "Take back"))
    show("with a button of another day", alex.press(custom_ids.make("rest-day", "declare", ALEX.id, "20260101")))
    alex.command("pause", {"days": 3})
    show("a week with a pause", alex.tap(page, "Rest today"))


def rested(act: Act) -> None:
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 5, last=2)
    show, alex = act.of(REST), act.main
    page = alex.command("rest-day")
    another = 1 if diary.today(act.owner).weekday() else -1
    day = diary.today(act.owner) - another * timedelta(days=1)
    act.owner.execute("INSERT INTO rest_days (user_id, day) VALUES (%s, %s)", [ALEX.id, day])
    show("one a week", alex.tap(page, "Rest today"))
    alex.fill(alex.tap(alex.command("submit-stats"), "Core"), {"approaches": "1"})
    show("a day that counts", alex.command("rest-day"))


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


ACTS = (helping, settings, looking_back, pausing, pausing_with_yesterday, resting, rested, exporting, deleting)
