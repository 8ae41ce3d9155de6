"""What admins see: health, the audit log, corrections, the data of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from devkit.discord_client import NamedChannel, NamedRole
from mastermind.deadline import Deadline
from mastermind.discord.permissions import BAN_MEMBERS, MANAGE_ROLES
from mastermind.operations.health import actions
from mastermind.operations.health.rules import Outage, Probe, State, report
from mastermind.postgres.database import Database
from tests.commands.moderating import ADA
from tests.commands.playing import ALEX, PLACE, SAM
from tests.gallery import past
from tests.gallery.acts.days import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.discord_client import Answer, Value
    from tests.gallery.stage import Act

HEALTH, AUDIT, EXPORT = "/security health", "/security audit", "/security export-data"
BACKUP = "/security backup"
ADJUST, RESET = "/admin adjust-xp", "/admin reset-stats"

GOOD = (
    Probe("database", healthy=True, words="migration 22; 9 of 70 connections are in use"),
    Probe("main", healthy=True, words="refuses a forged signature"),
    Probe("tensey", healthy=True, words="refuses a forged signature"),
    Probe("health", healthy=True, words="says ok"),
    Probe("dead_letters", healthy=True, words="every queue is empty"),
)
BAD = (GOOD[0], replace(GOOD[1], healthy=False, words="answers 502"), *GOOD[2:])


def check(act: Act, probes: Sequence[Probe], since: timedelta | None = None) -> None:
    """The health check comes, and finds this."""
    state = State(at=act.now, since=None if since is None else act.now - since)
    act.awards.run(lambda conn: actions.store(conn, report(state, probes, "1.2.3")), Deadline.after(10))


def health(act: Act) -> None:
    show, ada = act.of(HEALTH), act.main.as_user(ADA)
    show("before the first check", ada.command("security health"))
    check(act, GOOD)
    act.later(minutes=3)
    page = show("all is well", ada.command("security health"))
    check(act, BAD, timedelta(minutes=12))
    act.later(minutes=2)
    show("the game is down", ada.command("security health"))
    act.later(minutes=3)
    check(act, GOOD, timedelta(minutes=17))
    act.later(minutes=1)
    show("recovering", ada.tap(page, "Refresh"))
    began = act.now - timedelta(minutes=17)
    outage = Outage(began, act.now, ("main",))
    act.awards.run(lambda conn: actions.record(conn, outage), Deadline.after(10))
    act.later(minutes=4)
    check(act, (*GOOD[:-1], replace(GOOD[-1], healthy=False, words="1 in NoticesDlq")))
    act.later(minutes=1)
    show("something is to do", ada.tap(page, "Refresh"))
    act.later(minutes=4)
    check(act, GOOD)
    past.tick(act.owner, past.of_chapter(1)[:2])
    act.later(minutes=1)
    late = show("awards are late, and an outage stands on record", ada.command("security health"))
    act.of("/admin outages")("opened from the health", ada.tap(late, "Outages"))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    act.owner.execute(
        "INSERT INTO missing_rights (needs, target_id, code) VALUES ('post', %s, 50013)", [PLACE.guild_id]
    )
    act.owner.execute(
        "INSERT INTO outbox (key, kind, state, handed_at, settled_at, status, code, reason) VALUES"
        " ('a', 'announcement', 'refused', now(), now(), 403, 50013, 'Missing Permissions'),"
        " ('b', 'announcement', 'unknown', now(), now(), NULL, NULL, NULL)"
    )
    show("the bot lacks a right, and something is unknown", ada.command("security health"))
    act.later(minutes=15)
    show("the check is silent", ada.command("security health"))
    away = act.player("main", Database(replace(act.postgres.settings("app_main"), port=9)), ADA)
    show("the database is away", away.command("security health"))


def outages(act: Act) -> None:
    show, ada = act.of("/admin outages"), act.main.as_user(ADA)
    show("none yet", ada.command("admin outages"))
    for hours in range(6):
        began = act.now - timedelta(days=3 * hours + 1, hours=hours)
        outage = Outage(began, began + timedelta(minutes=17 + 60 * hours), ("main",))
        act.owner.execute(
            "INSERT INTO outages (began, ended, probes) VALUES (%s, %s, '{main}')", [outage.began, outage.ended]
        )
    page = show("some", ada.command("admin outages"))
    ignored = show("one does not count", ada.tap(page, "Don't count"))
    show("that again", ada.tap(page, "Don't count"))
    show("it counts after all", ada.tap(ignored, "Count it"))
    following = show("the next page", ada.tap(page, "Next"))
    show("the page before", ada.tap(following, "Previous"))
    show("refreshed", ada.tap(page, "Refresh"))


def audit(act: Act) -> None:
    show, ada = act.of(AUDIT), act.main.as_user(ADA)
    show("nothing was done yet", ada.command("security audit"))
    past.meet(act.owner, ALEX, SAM)
    ada.command("start-raid", {"type": "mage"})
    ada.command("admin adjust-xp", {"user": ALEX, "amount": 500, "reason": "Forgot to log the weekend"})
    ada.command("security warn", {"user": SAM, "reason": "Went on after a no"})
    act.main.command("settings", {"time-zone": "Asia/Tokyo"})
    act.main.tap(act.main.command("settings"), "Hide me")
    log(act.main, "Core", approaches="4")
    act.main.tap(act.main.command("stats-delete", {"date": "today"}), "Delete day")
    act.main.command("privacy export")
    first = show("some of everything", ada.command("security audit"))
    older = show("the older page", ada.tap(first, "Older"))
    show("the newer page", ada.tap(older, "Newer"))
    show("the newest page", ada.tap(older, "Newest"))
    act.of("/security warnings")("of somebody whom the audit log names", ada.choose(first, str(SAM.id)))
    show("about one member", ada.command("security audit", {"user": SAM}))
    show("one kind of action", ada.command("security audit", {"action": "xp.adjust"}))
    show("nothing such", ada.command("security audit", {"user": SAM, "action": "xp.adjust"}))
    show("an unknown action", ada.command("security audit", {"action": "party"}))
    show("typing the action", ada.typing("security audit", "action", ""))
    show("typing “warn”", ada.typing("security audit", "action", "warn"))
    act.owner.execute("SELECT delete_member(%s)", [SAM.id])
    show("somebody's data was deleted since", ada.command("security audit", {"action": "warn.add"}))


def adjusting(act: Act) -> None:
    show, ada = act.of(ADJUST), act.main.as_user(ADA)
    show("somebody who has not played", ada.command("admin adjust-xp", {"user": ALEX, "amount": 5, "reason": "A test"}))
    past.meet(act.owner, ALEX)
    given = show(
        "XP given", ada.command("admin adjust-xp", {"user": ALEX, "amount": 1_500, "reason": "Forgot the *weekend*"})
    )
    show("XP given, delivered twice", ada.again(given))
    show("XP taken", ada.command("admin adjust-xp", {"user": ALEX, "amount": -500, "reason": "Logged by mistake"}))
    show("XP taken below zero", ada.command("admin adjust-xp", {"user": ALEX, "amount": -2_000, "reason": "Made up"}))
    show("no XP at all", ada.command("admin adjust-xp", {"user": ALEX, "amount": 0, "reason": "Nothing"}))
    show("a reason that says nothing", ada.command("admin adjust-xp", {"user": ALEX, "amount": 5, "reason": "  x  "}))
    act.of("/history")("corrected by an admin", act.main.command("history"))


def resetting(act: Act) -> None:
    show, ada = act.of(RESET), act.main.as_user(ADA)
    show("somebody who has not played", ada.command("admin reset-stats", {"user": ALEX}))
    log(act.main, "Core", approaches="4")
    past.tick(act.owner, past.of_chapter(1)[:3])
    act.sweep()
    form = show("asking", ada.command("admin reset-stats", {"user": ALEX}))
    refused = show("the word was not typed", ada.fill(form, {"word": "yes", "reason": "Wants to start again"}))
    show("to be corrected", ada.tap(refused, "Correct it"))
    show("a reason that says nothing", ada.fill(form, {"word": "RESET", "reason": " x "}))
    done = show("reset", ada.fill(form, {"word": "RESET", "reason": "Wants to start again"}))
    show("reset, delivered twice", ada.again(done))
    act.of("/history")("reset by an admin", act.main.command("history"))


def exporting(act: Act) -> None:
    show, ada = act.of(EXPORT), act.main.as_user(ADA)
    show("of whom the game keeps nothing", ada.command("security export-data", {"user": ALEX}))
    past.meet(act.owner, ALEX)
    show("a file", ada.command("security export-data", {"user": ALEX}))
    act.owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " SELECT %s, 1, 'adjustment', 'admin', n::text, '2026-08-01', '{}' FROM generate_series(1, 20000) n",
        [ALEX.id],
    )
    show("a link, when it is too large for a message", ada.command("security export-data", {"user": ALEX}))


def backing_up(act: Act) -> None:
    show, ada = act.of(BACKUP), act.main.as_user(ADA)
    started = show("started", ada.command("security backup"))
    show("started, delivered twice", ada.again(started))
    ada.jobs.down = True
    show("the queue for it is down", ada.command("security backup"))


def giving_roles(act: Act) -> None:
    ada = act.main.as_user(ADA)
    show, listed, synced, removed = (act.of(f"/admin roles {name}") for name in ("add", "list", "sync", "remove"))
    explorer, knight = NamedRole(1_204_000_000_000_000_001), NamedRole(1_204_000_000_000_000_002)
    listed("no role yet", ada.command("admin roles list"))
    removed("typing what to remove, of nothing", ada.typing("admin roles remove", "role", ""))
    off = replace(ada, gives_roles=False)
    listed("roles are off", off.command("admin roles list"))
    show("roles are off", off.command("admin roles add", {"role": explorer, "for": "level", "value": "5"}))

    def add(what: str, value: str, role: NamedRole = explorer, **more: Value) -> Answer:
        return ada.command("admin roles add", {"role": role, "for": what, "value": value, **more})

    show("for a level", add("level", "10"))
    show("for a level, with the lower ones", add("level", "20", knight, keep="all"))
    show("what has a role already", add("level", "20"))
    show("for a class", add("class", "Bold Explorer"))
    show("no such class", add("class", "Wizard"))
    show("no number", add("streak", "a week"))
    show("a role with rights over others", add("level", "5", replace(explorer, permissions=BAN_MEMBERS | MANAGE_ROLES)))
    show("a role of a bot", add("level", "5", replace(explorer, managed=True)))
    act.owner.execute(
        "UPDATE game_roles SET refused = 'it is not below the highest role of the bot' WHERE role_id = %s", [knight.id]
    )
    page = listed("two roles, one of them refused", ada.command("admin roles list"))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    past.meet(act.owner, ALEX, SAM)
    synced("begun", ada.command("admin roles sync"))
    act.owner.execute("UPDATE role_state SET done = 2, differing = 1")
    listed("a sync that runs", ada.tap(page, "Refresh"))
    act.later(minutes=2)
    act.owner.execute("UPDATE role_state SET done = 3, finished_at = clock_timestamp()")
    ended = listed("a sync that has ended", ada.tap(page, "Refresh"))
    listed("everybody is checked again", ada.tap(ended, "Check all"))
    removed("typing what to remove", ada.typing("admin roles remove", "role", ""))
    removed("removed", ada.command("admin roles remove", {"role": str(knight.id)}))
    removed("removed before", ada.command("admin roles remove", {"role": str(knight.id)}))
    removed("words that were not suggested", ada.command("admin roles remove", {"role": "the red one"}))


def choosing_settings(act: Act) -> None:
    show, ada = act.of("/admin settings"), act.main.as_user(ADA)
    news, helpers = NamedChannel(1_203_000_000_000_000_001), NamedRole(1_204_000_000_000_000_001, "Helpers")
    show("where there is no bot: the channel", ada.tap(ada.command("admin settings"), "Change", 1))
    show("where there is no bot: the moderators", ada.tap(ada.command("admin settings"), "Change", 2))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    page = show("as the deploy sets them", ada.command("admin settings"))
    off = show("turned off", ada.tap(page, "Turn off"))
    show("turned on again", ada.tap(off, "Turn on"))
    channel = show("the channel", ada.tap(page, "Change", 1))
    show("a voice channel", ada.pick(channel, replace(news, kind=2)))
    where = show("a channel: asked once more", ada.pick(channel, news))
    show("a channel that is asked about", ada.tap(where, "Announce there"))
    refused = "UPDATE game_settings SET refused = 'my role lacks *Send Messages* in <#1203000000000000001>'"
    act.owner.execute(refused)
    show("a channel in which I may not write", ada.command("admin settings"))
    moderators = show("the moderators", ada.tap(page, "Change", 2))
    show("everyone as moderators", ada.pick(moderators, NamedRole(PLACE.guild_id or 0, "@everyone", position=0)))
    asking = show("who the moderators are: asked once more", ada.pick(moderators, helpers))
    show("left as it is", ada.tap(asking, "Keep it"))
    show("a role that is asked about", ada.tap(asking, "Make moderators"))
    act.owner.execute("UPDATE game_settings SET value = asked, asked = NULL, refused = NULL")
    ada.choose(ada.choose(ada.tap(page, "Change", 3), "leaderboard"), "2")
    changed = show("all settings", ada.command("admin settings"))
    show("another channel", ada.tap(changed, "Change", 1))
    show("back to the default", ada.tap(ada.tap(changed, "Change", 2), "Use default"))
    limits = show("how fast members may play", ada.tap(page, "Change", 3))
    speeds = show("how fast members may log", ada.choose(limits, "stats"))
    fast = show("twice as fast", ada.choose(speeds, "2"))
    show("all limits back to the default", ada.tap(fast, "Use default"))


ACTS = (health, outages, audit, adjusting, resetting, exporting, backing_up, giving_roles, choosing_settings)
