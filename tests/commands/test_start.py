"""/start: three small steps, each one tap, and nothing nags who wants none."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mastermind.bot import custom_ids
from mastermind.bot.dispatch import TOO_OLD
from tests.commands import diary
from tests.commands.playing import ALEX, SAM, button, labels, select
from tests.conftest import NO_OFFERS
from tests.gallery import past

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from tests.commands.playing import Bot
    from tests.conftest import Connection

MOST_WORDS = 25
BEGIN_WITH_A_CHALLENGE = custom_ids.make("tenseylist", "begin", ALEX.id)
_WORD = re.compile(r"[^\W_]+(?:['’:][^\W_]+)*")


def words(answer: Answer) -> int:
    """How many there are to read, without buttons and selects."""
    return len(_WORD.findall(re.sub(r"`/[a-z- ]+`", "command", answer.text)))


def row(owner: Connection) -> tuple[object, ...] | None:
    return owner.execute("SELECT step, declined, knows_clock FROM first_runs").fetchone()


def zone(owner: Connection) -> object:
    (found,) = owner.execute("SELECT time_zone FROM users").fetchone() or (None,)
    return found


def test_three_taps_lead_through_and_each_step_is_read_at_a_glance(main: Bot, owner: Connection):
    first = main.command("start")
    assert first.is_private
    assert "## Welcome, Alex! 👋\nYour team: the ☀️ **Luminarchs**." in first.text
    second = main.tap(first, "Did it")
    assert second.text.startswith("## First one done! 🎉 +33 XP\n")
    third = main.tap(second, "7")
    assert "of 500 XP to level 2." in third.text
    through = main.tap(third, "1 a day")
    assert through.text.startswith("## You are all set 🎯\n☀️ **1 a day** it is.")
    assert diary.records(owner) == {"overall_state": 7, "wins_shared": 1}
    assert owner.execute("SELECT settings ->> 'rhythm' FROM users").fetchone() == ("daily",)
    for step in (first, second, third, through):
        assert words(step) <= MOST_WORDS, step.text


def test_a_deed_that_is_tapped_twice_counts_once(main: Bot, owner: Connection):
    first = main.command("start")
    assert main.tap(first, "Did it").text.endswith("●●○ 2 of 3")
    assert main.tap(first, "Did it").text.endswith("●●○ 2 of 3")
    assert diary.records(owner) == {"wins_shared": 1}


def test_another_deed_is_one_tap_away_and_the_last_is_followed_by_the_first(main: Bot, owner: Connection):
    page = main.command("start")
    seen = [page.text]
    for _ in range(3):
        page = main.tap(page, "Another")
        seen.append(page.text)
        assert words(page) <= MOST_WORDS, page.text
    assert len(set(seen)) == 3
    assert seen[0] == seen[3]
    main.tap(main.tap(page, "Another"), "Did it")
    assert diary.records(owner) == {"grounding": 1}


@pytest.mark.parametrize(("locale", "expected"), [("de", "Europe/Berlin"), ("ja", "Asia/Tokyo"), ("xx", None)])
def test_the_clock_is_guessed_from_the_language_and_asked_for(
    main: Bot, owner: Connection, locale: str, expected: str | None
):
    bot = replace(main, locale=locale)
    first = bot.command("start")
    assert ("Is this your time?" in first.text) is (expected is not None)
    (chosen,) = [each["value"] for each in select(first)["options"] if each.get("default")] or (None,)
    assert chosen == expected
    assert zone(owner) == "America/New_York", "a guess is no answer"
    second = bot.tap(first, "Did it")
    assert zone(owner) == (expected or "America/New_York")
    assert ("🕒 What time is it for you?" in str(second.body)) is (expected is None)
    assert words(second) <= MOST_WORDS, second.text


def test_somebody_who_lives_elsewhere_chooses_their_time_or_names_their_town(main: Bot, owner: Connection):
    bot = replace(main, locale="de")
    first = bot.command("start")
    assert "Is this your time?" not in bot.choose(first, "Europe/Vienna").text
    assert zone(owner) == "Europe/Vienna"
    form = bot.tap(first, "Elsewhere")
    several = bot.fill(form, {"zone": "Australia"})
    assert "Is this your time?" not in several.text
    assert "Australia/Sydney" in str(select(several)["options"])
    assert zone(owner) == "Europe/Vienna"
    bot.fill(form, {"zone": "Lisbon"})
    assert zone(owner) == "Europe/Lisbon"
    assert "I don't know that place" in bot.fill(form, {"zone": "Atlantis"}).text
    assert labels(bot.fill(form, {"zone": "Atlantis"})) == ["Correct it"]


def test_the_days_deed_belongs_to_the_day_of_the_clock_that_was_asked_for(main: Bot, owner: Connection):
    bot = replace(main, locale="zh-TW")
    bot.tap(bot.command("start"), "Did it")
    query = "SELECT day = local_day(clock_timestamp(), 'Asia/Taipei') FROM daily_records"
    assert owner.execute(query).fetchone() == (True,)
    assert owner.execute("SELECT to_zone FROM time_zone_changes").fetchall() == [("Asia/Taipei",)]


def test_who_has_ticked_or_logged_something_has_done_their_first_deed(main: Bot, owner: Connection):
    past.meet(owner, ALEX)
    past.tick(owner, past.every()[:1])
    page = main.command("start")
    assert page.text.endswith("●●○ 2 of 3")
    assert "First one done" not in page.text


def test_the_second_step_can_wait(main: Bot, owner: Connection):
    second = main.tap(main.command("start"), "Did it")
    third = main.tap(second, "Later")
    assert third.text.startswith("## You are in 🎯\n**33** of 500 XP")
    assert diary.records(owner) == {"wins_shared": 1}
    assert main.command("start").text.endswith("●●● 3 of 3")


def test_a_heavy_day_is_met_with_kindness(main: Bot):
    third = main.tap(main.tap(main.command("start"), "Did it"), "2")
    assert "A heavy day. Be kind to yourself." in third.text
    assert words(third) <= MOST_WORDS


def test_a_reminder_is_offered_where_the_game_can_write(main: Bot, owner: Connection):
    through = main.tap(main.tap(main.tap(main.command("start"), "Did it"), "7"), "3 a week")
    assert "Remind me" not in labels(through)
    owner.execute("UPDATE bot_status SET is_on = true")
    through = main.command("start")
    assert "Do you want a reminder at 18:00?" in through.text
    assert words(through) <= MOST_WORDS
    assert "I write to you at 18:00" in main.tap(through, "Remind me").text
    assert owner.execute("SELECT occasion, hour FROM reminders").fetchall() == [("reminder", 18)]
    assert "Remind me" not in labels(main.command("start"))


def test_the_rhythm_can_be_changed_at_the_end(main: Bot, owner: Connection):
    through = main.tap(main.tap(main.tap(main.command("start"), "Did it"), "7"), "3 a day")
    assert "🌱 **3 a week** it is." in main.tap(through, "3 a week").text
    assert owner.execute("SELECT settings ->> 'rhythm' FROM users").fetchone() == ("weekly",)


def test_who_declines_is_left_in_peace_and_can_still_come_back(main: Bot, owner: Connection):
    assert main.tap(main.command("start"), "Not now").text == "No problem. `/start` is here whenever you like. 👋"
    assert row(owner) == (1, True, False)
    main.tap(main.command("start"), "Did it")
    assert row(owner) == (2, False, True)


def test_a_step_of_yesterday_is_begun_again(main: Bot):
    first = main.command("start")
    later = replace(main, clock=lambda: main.clock() + timedelta(days=2))
    assert later.tap(first, "Did it").text.startswith(TOO_OLD.partition(".")[0])


def test_buttons_that_nobody_made_do_nothing(main: Bot, owner: Connection):
    first = main.command("start")
    for action, arguments in (("rhythm", "hourly"), ("state", "B:"), ("state", "5:Mars/Olympus")):
        forged = button(first, "Not now").replace("not-now", action) + f":{arguments}"
        assert main.press(forged).status == 400
    assert diary.records(owner) == {}


def test_in_tensey_the_first_deed_is_a_challenge_that_is_ticked_where_one_stands(
    main: Bot, tensey: Bot, owner: Connection
):
    page = tensey.press(BEGIN_WITH_A_CHALLENGE)
    assert page.is_private
    assert "## Welcome, Alex! 👋\nYour team: the ☀️ **Luminarchs**." in page.text
    seen = [page.text]
    for _ in range(3):
        page = tensey.tap(page, "Another")
        seen.append(page.text)
        assert words(page) <= MOST_WORDS, page.text
    assert (len(set(seen)), seen[0]) == (3, seen[3])
    done = tensey.tap(page, "Did it")
    assert done.text.startswith("## First one done! 🎉 +100 XP\nYour streak begins. 🔥 The XP comes <t:")
    assert words(done) <= MOST_WORDS, done.text
    assert tensey.tap(page, "Did it").text == done.text, "it counts once"
    assert owner.execute("SELECT challenge_id FROM pending_xp_awards").fetchall() == [("cheerful-note",)]
    assert len(tensey.queue.sent) == 1
    assert main.command("start").text.endswith("●●○ 2 of 3")
    assert tensey.press(BEGIN_WITH_A_CHALLENGE).text.startswith("## Your first deed is done 🎯")
    assert "1 of 13 done" in tensey.tap(done, "See all").text
    undone = tensey.tap(done, "Undo it")
    assert "Undone. Nothing had been awarded yet." in undone.text
    assert tensey.tap(page, "Did it").text.startswith("## First one done!"), "what was undone can be done"


@pytest.mark.usefixtures("_offers")
def test_who_begins_in_tensey_reads_three_times_that_it_goes_on(main: Bot, tensey: Bot):
    tensey.tap(tensey.press(BEGIN_WITH_A_CHALLENGE), "Did it")
    told = [GOES_ON in bot.command(name).text for bot, name in [(main, "rest-day"), (tensey, "tenseylist")] * 2]
    assert told == [True, True, True, False]


@pytest.mark.usefixtures("_offers")
def test_who_declines_in_tensey_is_offered_nothing_more(main: Bot, tensey: Bot):
    declined = tensey.tap(tensey.tap(tensey.command("tenseylist"), "Begin"), "Not now")
    assert declined.text == "No problem. `/start` is here whenever you like. 👋"
    assert OFFER not in tensey.command("tenseylist").text
    assert OFFER not in main.command("rest-day").text
    assert tensey.press(BEGIN_WITH_A_CHALLENGE).text.startswith("## Welcome"), "it can be opened again"


OFFER, GOES_ON = (
    "🧭 **New here?** Two minutes.",
    "🧭 **Your first steps go on where you left them.**",
)


@pytest.fixture
def _offers(owner: Connection) -> Iterator[None]:
    for statement in NO_OFFERS:
        owner.execute(statement.replace("DISABLE", "ENABLE").encode())
    yield
    for statement in NO_OFFERS:
        owner.execute(statement)


@pytest.mark.usefixtures("_offers")
def test_a_newcomer_reads_where_to_begin_on_each_private_answer(main: Bot, tensey: Bot):
    for _ in range(4):
        answer = main.command("rest-day")
        assert answer.text.startswith(OFFER)
        assert "Rest well" in answer.text, "the command's own answer always comes"
    listed = tensey.command("tenseylist")
    assert listed.text.startswith(OFFER)
    assert tensey.tap(listed, "Begin").text.startswith("## Welcome, Alex!")
    assert OFFER not in main.command("faction-stats").text, "a public answer is everybody's"
    assert OFFER not in main.command("help").text
    assert main.tap(main.command("rest-day"), "Begin").text.startswith("## Welcome, Alex!")


@pytest.mark.usefixtures("_offers")
def test_who_has_ticked_or_declined_is_no_newcomer(main: Bot, tensey: Bot):
    tensey.tap(tensey.command("tenseylist"), "Did it")
    assert OFFER not in main.command("rest-day").text
    sam = main.as_user(SAM)
    assert OFFER in sam.command("rest-day").text
    sam.tap(sam.command("start"), "Not now")
    assert OFFER not in sam.command("rest-day").text


@pytest.mark.usefixtures("_offers")
def test_what_was_left_in_the_middle_is_offered_three_times(main: Bot):
    second = main.tap(main.command("start"), "Did it")
    said = [GOES_ON in main.command("rest-day").text for _ in range(2)]
    main.tap(second, "7")
    assert GOES_ON not in main.command("start").text
    said += [GOES_ON in main.command("rest-day").text for _ in range(3)]
    assert said == [True, True, True, False, False]


@pytest.mark.usefixtures("_offers")
def test_who_is_through_is_offered_nothing(main: Bot):
    main.tap(main.tap(main.tap(main.command("start"), "Did it"), "7"), "1 a day")
    text = main.command("rest-day").text
    assert (OFFER in text, GOES_ON in text) == (False, False)
