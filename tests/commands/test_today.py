"""/today: the day on one card, its challenge, one more of what is logged most, and what is near."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from mastermind.game.challenges import content
from mastermind.game.days import calendar as days
from mastermind.game.today.rules import Pools
from mastermind.game.today.table import put_pools
from ops.button_messages import TODAY
from tests.commands import diary
from tests.commands.playing import ALEX, PLACE, SAM, button, labels
from tests.gallery import past

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.commands.playing import Bot
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7
OF_DAY, OTHER = content.load().by_id["odd-socks"], content.load().by_id["mirror-hellos"]
PLUS = ["+1 Hellos To Strangers", "+1 Releasing Session", "+1 Wins Shared"]
"""What a newcomer is offered: small steps."""


@pytest.fixture(autouse=True)
def _challenges(owner: Connection) -> None:
    put_pools(owner, Pools((OF_DAY.id,), (OTHER.id,)))


def xp(owner: Connection, user_id: int = ALEX.id) -> int:
    row = owner.execute("SELECT xp FROM users WHERE user_id = %s", [user_id]).fetchone()
    assert row
    return row[0]


def twice(main: Bot, page: Answer, label: str) -> Answer:
    """Tap it, and have Discord deliver that once more: the answer is the same."""
    payload = discord.component(PLACE, main.user, button(page, label))
    done, again = main.send(payload), main.send(payload)
    assert again.text == done.text
    return done


def tick(tensey: Bot, challenge_id: str) -> None:
    tensey.press(custom_ids.make("tenseylist", "tick", ALEX.id, challenge_id, 4, 1, "all"))


# --- the card ---


def test_the_card_has_the_day_the_challenge_and_quick_buttons(main: Bot, owner: Connection):
    card = main.command("today")
    day = diary.today(owner)
    assert (card.kind, card.is_private) == (MESSAGE, True)
    assert card.text.splitlines() == [
        f"## 🌅 Today, {days.named(day, day)}",
        "🔥 **Streak:** the next day you log starts one.",
        "🎯 **Challenge of the day, +50 XP**",
        OF_DAY.text,
        "⭐ **Near:** 500 XP to level 2",
    ]
    assert labels(card) == ["Did it", "Another", *PLUS, "Log more"]


def test_everybody_who_taps_the_posted_button_gets_a_card_of_their_own(main: Bot):
    card = main.press(TODAY.custom_id)
    assert (card.kind, card.is_private) == (MESSAGE, True)
    assert OF_DAY.text in main.as_user(SAM).press(TODAY.custom_id).text


def test_another_is_one_tap_away_and_leads_back(main: Bot):
    other = main.tap(main.command("today"), "Another")
    assert other.kind == UPDATE
    assert f"🎯 **Or this one instead, +50 XP**\n{OTHER.text}" in other.text
    assert OF_DAY.text not in other.text
    assert OF_DAY.text in main.tap(other, "Another").text


def test_log_more_opens_the_card_of_the_day(main: Bot):
    opened = main.tap(main.command("today"), "Log more")
    assert (opened.kind, "Log today" in opened.text) == (UPDATE, True)
    assert labels(opened)[0] == "Core social"


def test_without_a_challenge_the_rest_is_there(main: Bot, owner: Connection):
    for nothing in (Pools((), ()), Pools(("of-a-later-release",), ("another-one",))):
        put_pools(owner, nothing)
        card = main.command("today")
        assert "Today has no challenge of its own: choose one in `/tenseylist`." in card.text
        assert labels(card) == [*PLUS, "Log more"]


# --- the challenge of the day ---


@pytest.mark.parametrize("taps", [(), ("Another",)], ids=["that of the day", "the other one"])
def test_it_brings_50_xp_once_and_is_taken_back(main: Bot, owner: Connection, taps: tuple[str, ...]):
    first = main.command("today")
    page = first
    for tap in taps:
        page = main.tap(page, tap)
    done = twice(main, page, "Did it")
    assert "**+50 XP** 🎉" in done.text
    assert f"🎯 **Challenge of the day: done, +50 XP** ✅\n{(OTHER if taps else OF_DAY).text}" in done.text
    assert "-# Tick it in `/tenseylist` too: another 100 XP." in done.text
    assert "🔥 **Streak:** 1 day, today included" in done.text
    assert labels(done) == ["Undo", *PLUS, "Log more"]
    assert "Today has brought its 50 XP already." in main.tap(first, "Did it").text
    assert xp(owner) == 50
    back = twice(main, done, "Undo")
    assert "**Taken back**, and the 50 XP with it." in back.text
    assert labels(back)[:2] == ["Did it", "Another"]
    assert "That was taken back before. Nothing has changed." in main.tap(done, "Undo").text
    assert xp(owner) == 0


def test_a_card_of_another_day_brings_nothing(main: Bot, owner: Connection):
    card = main.command("today")
    put_pools(owner, Pools(("seven-greetings",), ("wave-from-afar",)))
    late = main.tap(card, "Did it")
    assert "**That was the challenge of another day, so nothing was stored.** This is today's." in late.text
    assert content.load().by_id["seven-greetings"].text in late.text
    assert xp(owner) == 0


def test_the_list_and_the_card_know_of_each_other(main: Bot, tensey: Bot, owner: Connection):
    tick(tensey, OF_DAY.id)
    assert "-# You ticked it: 100 XP and these 50 come by itself." in main.command("today").text
    owner.execute("UPDATE pending_xp_awards SET day = day - 40, created_at = created_at - interval '40 days'")
    assert "-# You have done this one before. Today it counts again." in main.command("today").text
    done = main.tap(main.command("today"), "Did it")
    assert "Tick it in" not in done.text
    assert xp(owner) == 50


def test_a_level_that_is_reached_is_said(main: Bot, owner: Connection):
    past.give(owner, {ALEX: 460})
    assert "⭐ **Near:** 40 XP to level 2" in main.command("today").text
    assert "**+50 XP** 🎉\n**Level 2 reached!**" in main.tap(main.command("today"), "Did it").text


# --- one more of what is logged most ---


def test_one_more_is_logged_as_a_form_would_and_the_buttons_follow(main: Bot, owner: Connection):
    card = twice(main, main.command("today"), "+1 Hellos To Strangers")
    assert (card.kind, "**+10 XP** for Hellos To Strangers: 1 today" in card.text) == (UPDATE, True)
    main.tap(card, "+1 Hellos To Strangers")
    assert owner.execute("SELECT stat, count FROM daily_records").fetchall() == [("hellos_to_strangers", 2)]
    assert xp(owner) == 20
    diary.write(owner, 1, {"grounding": 9, "approaches": 5, "overall_state": 9})
    assert labels(main.command("today"))[2:5] == ["+1 Grounding", "+1 Approaches", "+1 Hellos To Strangers"]


def test_one_more_can_be_taken_back_right_after(main: Bot, owner: Connection):
    card = main.tap(main.command("today"), PLUS[0])
    assert labels(card)[-1] == "Undo +1"
    undone = twice(main, card, "Undo +1")
    assert (undone.kind, "**Undone:** \N{MINUS SIGN}10 XP." in undone.text) == (UPDATE, True)
    assert "Undo +1" not in labels(undone)
    assert (diary.records(owner), xp(owner)) == ({}, 0)


def test_one_more_is_not_taken_back_from_a_day_that_has_changed(main: Bot, owner: Connection):
    card = main.tap(main.command("today"), PLUS[0])
    main.tap(card, PLUS[0])
    assert main.tap(card, "Undo +1").text.startswith("Nothing was undone: the day has changed since.")
    assert diary.records(owner) == {"hellos_to_strangers": 2}


def test_one_more_that_wins_the_raid_is_celebrated(main: Bot, owner: Connection):
    main.command("today")
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('warrior', 2, 15, clock_timestamp() + interval '1 hour')"
    )
    card = main.tap(main.command("today"), PLUS[0])
    assert "\n🏆 **You finished the raid!** **+2 points**. The rewards come within a minute or two." in card.text


def test_one_more_keeps_the_challenge_that_is_shown(main: Bot):
    other = main.tap(main.command("today"), "Another")
    assert OTHER.text in main.tap(other, PLUS[0]).text


def test_a_card_of_yesterday_logs_for_yesterday(main: Bot, owner: Connection):
    main.command("today")
    day = diary.today(owner) - timedelta(1)
    late = main.press(custom_ids.make("today", "log", ALEX.id, f"{day:%Y%m%d}", "approaches", "day"))
    assert f"**+100 XP** for Approaches: 1 on {days.named(day, diary.today(owner))}" in late.text
    assert owner.execute("SELECT day, count FROM daily_records").fetchall() == [(day, 1)]


@pytest.mark.parametrize("stat", ["overall_state", "tensey_exercise", "gone"])
def test_what_is_no_counted_stat_is_refused(main: Bot, owner: Connection, stat: str):
    main.command("today")
    refused = main.press(custom_ids.make("today", "log", ALEX.id, f"{diary.today(owner):%Y%m%d}", stat, "day"))
    assert refused.text == "What can be logged has changed since this card was opened. Please type `/today` again."


def test_more_than_a_day_holds_is_refused(main: Bot, owner: Connection):
    card = main.command("today")
    diary.write(owner, 0, {"hellos_to_strangers": 200})
    assert "a day holds at most 200" in main.tap(card, PLUS[0]).text
    assert PLUS[0] not in labels(main.command("today"))


# --- the rhythm ---


@pytest.mark.parametrize(
    ("rhythm", "before", "after"),
    [
        ("daily", "☀️ **Your rhythm:** 0 of 1 today", "☀️ **Your rhythm:** 1 of 1 today ✅"),
        ("thrice", "🔥 **Your rhythm:** 0 of 3 today", "🔥 **Your rhythm:** 2 of 3 today"),
        ("weekly", "🌱 **Your rhythm:** 0 of 3 days this week", "🌱 **Your rhythm:** 1 of 3 days this week"),
    ],
)
def test_who_has_a_rhythm_reads_how_far_it_is(main: Bot, owner: Connection, rhythm: str, before: str, after: str):
    assert "rhythm" not in main.command("today").text
    owner.execute("UPDATE users SET settings = jsonb_build_object('rhythm', %s::text)", [rhythm])
    card = main.command("today")
    assert before in card.text.splitlines()
    assert after in main.tap(main.tap(card, "Did it"), PLUS[0]).text.splitlines()


# --- what is near, and the raid ---


@pytest.mark.parametrize(
    ("length", "last", "said"),
    [
        (6, 1, "🔥 **Near:** log something and today is day 7, and every XP counts +5 % more"),
        (6, 0, "🔥 **Near:** tomorrow is day 7, and every XP counts +5 % more"),
    ],
)
def test_a_share_of_the_streak_that_is_near(main: Bot, owner: Connection, length: int, last: int, said: str):
    past.meet(owner, ALEX)
    diary.write_run(owner, length, last=last)
    assert said in main.command("today").text


def test_a_templar_day_that_is_near(main: Bot, owner: Connection):
    past.meet(owner, ALEX)
    diary.write(owner, 0, {"approaches": 3})
    assert "🔮 **Near:** 6 mage points to a Templar day (both sides in balance), +30 %" in main.command("today").text


def test_a_raid_that_runs_has_one_line_with_ones_own_part(main: Bot, owner: Connection):
    main.command("today")
    assert "raid" not in main.command("today").text
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('warrior', 100, 15, clock_timestamp() + interval '1 hour')"
    )
    assert "⚔️ **Warrior raid:** 0 of 100 points, and yours still to come. Ends <t:" in main.command("today").text
    card = main.tap(main.command("today"), PLUS[0])
    assert "**+10 XP** for Hellos To Strangers: 1 today. Raid: +2 points" in card.text
    assert "⚔️ **Warrior raid:** 2 of 100 points, 2 from you. Ends <t:" in card.text
