"""/tenseylist: browse, tick, undo; in every state the list can be in."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from devkit import discord_client as discord
from devkit.content.files import LONGEST_ID, LONGEST_TEXT, LONGEST_TITLE, MOST_LEVELS
from devkit.discord_client import User
from devkit.inspection import violations
from mastermind.bot.call import Call, Services
from mastermind.bot.custom_ids import CustomId, make, to_base62
from mastermind.commands.tensey import tenseylist
from mastermind.config import DiscordSettings, GameSettings
from mastermind.deadline import Deadline
from mastermind.discord.interactions import parse
from mastermind.discord.limits import BUTTON_LABEL_READS_WELL
from mastermind.discord.replies import Update, render
from mastermind.game.challenges import actions as ticks
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges.actions import LiveAward
from mastermind.game.challenges.rules import (
    AwardStatus,
    Challenge,
    Challenges,
    ChallengeState,
    Checklist,
    Level,
    Place,
    Show,
)
from mastermind.game.members.rules import Member
from mastermind.postgres.database import Database
from tests.actors import by
from tests.commands.playing import ALEX, PLACE, SAM, Bot, button, labels, select, unrevised

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

CATALOGUE = challenges.load()
LEVEL_1 = CATALOGUE.level(1)
FIRST, SECOND = LEVEL_1.challenges[:2]
UPDATE, MESSAGE = 7, 4


def opened(bot: Bot, **options: discord.Value) -> Answer:
    return bot.command("tenseylist", options)


def award_all(awards: Database) -> None:
    """The sweep, as it comes each minute."""
    awards.run(lambda conn: ticks.sweep(conn, Deadline.after(60)), Deadline.after(60))


def complete(owner: Connection, *ids: str) -> None:
    """Ticks that are due, written at once."""
    owner.execute_many(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)"
        " VALUES (%s, %s, 100, current_date, statement_timestamp(), statement_timestamp())",
        [(ALEX.id, challenge_id) for challenge_id in ids],
    )


def xp(owner: Connection) -> object:
    return owner.execute("SELECT xp FROM users WHERE user_id = %s", [ALEX.id]).fetchone()


def rows(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute(
        "SELECT challenge_id, status, sent_at IS NOT NULL FROM pending_xp_awards ORDER BY created_at"
    ).fetchall()


def texts_of(answer: Answer) -> list[str]:
    """The challenges on a page, without their numbers and how they stand."""
    lines = [cast("str", part["content"]) for part in answer.parts() if part["type"] == 10]
    return [line.partition("** ")[2].partition("\n")[0] for line in lines if line.startswith("**")]


# --- opening ---


def test_the_first_time_the_list_opens_at_its_beginning_for_the_caller_alone(tensey: Bot):
    page = opened(tensey)
    assert page.kind == MESSAGE
    assert page.is_private
    assert f"## Level 1. {LEVEL_1.title}" in page.text
    assert "Page 1 of 2, showing all" in page.text
    assert "This level: 0 of 13 done ▱▱▱▱▱▱▱▱▱▱" in page.text
    assert "All levels: 0 of 303 done ▱▱▱▱▱▱▱▱▱▱" in page.text
    assert "tap its Tick button: +100 XP each" in page.text
    assert texts_of(page) == [each.text for each in LEVEL_1.challenges[:7]]


def test_each_challenge_has_its_own_button_and_the_page_its_controls(tensey: Bot):
    assert labels(opened(tensey)) == [
        *(f"Tick {number}" for number in range(1, 8)),
        "Next: page 2",
        "Info",
        "Show open",
        "Show done",
    ]


def test_the_select_leads_to_each_of_the_25_levels(tensey: Bot):
    options = cast("list[dict[str, object]]", select(opened(tensey))["options"])
    assert [option["value"] for option in options] == [str(number) for number in range(1, 26)]
    assert [option["value"] for option in options if option.get("default")] == ["1"]
    assert options[0]["description"] == "0 of 13 done"


def test_the_list_opens_at_the_first_level_that_is_not_complete(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, *(each.id for each in LEVEL_1.challenges))
    page = opened(tensey)
    assert "## Level 2. " in page.text
    assert "0 of 13 done" in page.text
    assert "13 of 303 done" in page.text


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("25", 25),
        ("Playful Curiosity", 2),
        ("grandmaster", 25),
        ("CROWD", 10),
        ("  ", 1),
        ("\u200f٣", 3),
        ("Level 3", 3),
    ],
)
def test_a_level_can_be_asked_for_by_number_or_title(tensey: Bot, words: str, level: int):
    assert f"## Level {level}. " in opened(tensey, level=words).text


@pytest.mark.parametrize("words", ["0", "26", "play", "no such level", "-1", "²", "1:2", "💥"])
def test_an_ambiguous_level_is_refused_with_a_hint(tensey: Bot, words: str):
    answer = opened(tensey, level=words)
    assert answer.is_private
    assert answer.text.startswith("I could not tell which level you mean.")


# --- ticking ---


def test_a_tick_updates_the_same_page_and_says_when_the_xp_comes(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Tick 1")
    assert page.kind == UPDATE
    assert f"Ticked: {FIRST.text}\n+100 XP in 60 s." in page.text
    assert f"**1.** {FIRST.text}\n-# Ticked: +100 XP in 60 s" in page.text
    assert "1 of 13 done" in page.text
    assert "1 of 303 done" in page.text
    assert labels(page)[:2] == ["Done 1 (undo)", "Tick 2"]
    assert rows(owner) == [(FIRST.id, "pending", True)]


def test_a_tick_sends_its_award_to_the_queue_once(tensey: Bot, owner: Connection):
    tensey.tap(opened(tensey), "Tick 1")
    assert owner.execute("SELECT award_id FROM pending_xp_awards").fetchall() == [
        (UUID(sent),) for sent in tensey.queue.sent
    ]


def test_the_wait_shown_is_the_configured_one(tensey: Bot):
    slow = replace(tensey, xp_delay=300)
    assert "+100 XP in 300 s" in slow.tap(opened(slow), "Tick 1").text


def test_later_the_list_shows_the_remaining_wait(tensey: Bot):
    tensey.tap(opened(tensey), "Tick 1")
    left = re.search(r"-# Ticked: \+100 XP in (\d+) s", opened(tensey).text)
    assert left
    assert 0 < int(left[1]) <= 60


def test_xp_that_is_due_but_not_yet_booked_is_shown_as_on_the_way(tensey: Bot):
    fast = replace(tensey, xp_delay=0)
    assert "-# Ticked: +100 XP on the way" in fast.tap(opened(fast), "Tick 1").text


def test_once_awarded_the_line_says_so(tensey: Bot, awards: Database, owner: Connection):
    fast = replace(tensey, xp_delay=0)
    fast.tap(opened(fast), "Tick 1")
    award_all(awards)
    assert f"**1.** {FIRST.text}\n-# Done: +100 XP" in opened(tensey).text
    assert xp(owner) == (100,)


def test_a_second_tap_on_an_old_tick_button_changes_nothing(tensey: Bot, owner: Connection):
    page = opened(tensey)
    tensey.tap(page, "Tick 1")
    again = tensey.tap(page, "Tick 1")
    assert f"This one was ticked before: {FIRST.text}" in again.text
    assert len(rows(owner)) == len(tensey.queue.sent) == 1


def test_a_repeat_of_the_same_tap_gets_the_same_answer(tensey: Bot, owner: Connection):
    payload = discord.component(PLACE, ALEX, button(opened(tensey), "Tick 1"))
    assert tensey.send(payload).body == tensey.send(payload).body
    assert len(rows(owner)) == 1


def test_a_late_repeat_of_a_tick_that_was_undone_just_shows_the_page(tensey: Bot, owner: Connection):
    payload = discord.component(PLACE, ALEX, button(opened(tensey), "Tick 1"))
    tensey.tap(tensey.send(payload), "Undo")
    page = tensey.send(payload)
    assert "Ticked" not in page.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled"]


def test_when_the_queue_is_down_the_tick_counts_and_the_sweep_awards_it(
    tensey: Bot, awards: Database, owner: Connection
):
    fast = replace(tensey, xp_delay=0)
    fast.queue.down = True
    page = fast.tap(opened(fast), "Tick 1")
    assert "Ticked: " in page.text
    assert rows(owner) == [(FIRST.id, "pending", False)]
    award_all(awards)
    assert xp(owner) == (100,)


def test_another_members_tap_is_refused_politely_and_does_nothing(tensey: Bot, owner: Connection):
    page = opened(tensey)
    refusal = tensey.as_user(SAM).tap(page, "Tick 1")
    assert refusal.kind == MESSAGE
    assert refusal.is_private
    assert "/tenseylist" in refusal.text
    assert rows(owner) == []


def test_when_the_database_is_down_a_tap_gets_a_polite_answer(tensey: Bot, postgres: Postgres):
    page = opened(tensey)
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    answer = nowhere.tap(page, "Tick 1")
    assert answer.status == 200
    assert answer.is_private
    assert "so this was not done" in answer.text


# --- undoing ---


def test_undo_names_the_latest_completion_and_undoes_one_after_the_other(tensey: Bot, owner: Connection):
    page = tensey.tap(tensey.tap(opened(tensey), "Tick 1"), "Tick 2")
    assert [label for label in labels(page) if label.startswith(f"Undo: {SECOND.text[:20]}")]
    page = tensey.tap(page, "Undo")
    assert f"Undone: {SECOND.text}\nNothing had been awarded yet" in page.text
    assert [label for label in labels(page) if label.startswith(f"Undo: {FIRST.text[:20]}")]
    page = tensey.tap(page, "Undo")
    assert f"Undone: {FIRST.text}\n" in page.text
    assert not [label for label in labels(page) if label.startswith("Undo")]
    assert [status for _, status, _ in rows(owner)] == ["cancelled", "cancelled"]


def test_with_nothing_done_the_undo_button_says_so_and_cannot_be_used(tensey: Bot):
    shown = {part.get("label"): part.get("disabled") for part in opened(tensey).parts() if part["type"] == 2}
    assert shown["Nothing to undo"] is True


def test_an_undo_after_the_award_takes_the_xp_back(tensey: Bot, awards: Database, owner: Connection):
    fast = replace(tensey, xp_delay=0)
    fast.tap(opened(fast), "Tick 1")
    award_all(awards)
    page = tensey.tap(opened(tensey), "Undo")
    assert f"Undone: {FIRST.text}\nIts 100 XP was taken back." in page.text
    assert xp(owner) == (0,)


def test_a_done_challenge_is_undone_by_its_own_button(tensey: Bot, owner: Connection):
    page = tensey.tap(tensey.tap(opened(tensey), "Tick 1"), "Tick 2")
    page = tensey.tap(page, "Done 1 (undo)")
    assert f"Undone: {FIRST.text}" in page.text
    assert [(id_, status) for id_, status, _ in rows(owner)] == [(FIRST.id, "cancelled"), (SECOND.id, "pending")]


def test_an_undone_challenge_can_be_ticked_again(tensey: Bot, owner: Connection):
    page = tensey.tap(tensey.tap(opened(tensey), "Tick 1"), "Undo")
    page = tensey.tap(page, "Tick 1")
    assert "1 of 13 done" in page.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled", "pending"]


def test_an_old_undo_button_changes_nothing_more(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Tick 1")
    tensey.tap(tensey.tap(page, "Undo"), "Tick 2")
    again = tensey.tap(page, "Undo")
    assert "That completion was undone before. Nothing has changed." in again.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled", "pending"]


def test_a_member_can_only_undo_their_own_completions(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Tick 1")
    stolen = button(page, "Undo").replace(to_base62(ALEX.id), to_base62(SAM.id))
    answer = tensey.as_user(SAM).press(stolen)
    assert "Nothing has changed." in answer.text
    assert FIRST.text not in answer.text.splitlines()[4]
    assert [status for _, status, _ in rows(owner)] == ["pending"]


# --- leafing, filters, levels ---


def test_paging_shows_each_of_the_303_challenges_once_and_leads_back(tensey: Bot):
    page, seen = opened(tensey), list[str]()
    while True:
        seen += texts_of(page)
        onward = [label for label in labels(page) if label.startswith("Next")]
        if not onward:
            break
        page = tensey.tap(page, "Next")
    assert seen == [each.text for each in CATALOGUE.by_id.values()]
    assert "Previous: page 1" in labels(page)
    assert "Previous: level 24" in labels(tensey.tap(page, "Previous"))


def test_the_select_jumps_to_a_level_and_keeps_the_filter(tensey: Bot):
    page = tensey.choose(tensey.tap(opened(tensey), "Show open"), "17")
    assert page.kind == UPDATE
    assert "## Level 17. Public Games" in page.text
    assert "showing open" in page.text


def test_the_open_filter_lists_open_challenges_and_ticks_whose_xp_is_pending(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, SECOND.id)
    award_all(awards)
    page = tensey.tap(opened(tensey, show="open"), "Tick 1")
    assert texts_of(page)[:2] == [FIRST.text, LEVEL_1.challenges[2].text]
    assert "-# Ticked: +100 XP in 60 s" in page.text


def test_the_done_filter_lists_done_challenges(tensey: Bot):
    tensey.tap(opened(tensey), "Tick 2")
    page = tensey.tap(opened(tensey), "Show done")
    assert texts_of(page) == [SECOND.text]
    assert "Page 1 of 1, showing done" in page.text
    assert "Show all" in labels(page)


def test_the_done_filter_opens_at_a_level_with_done_challenges(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, CATALOGUE.level(7).challenges[0].id)
    assert "## Level 7. " in opened(tensey, show="done").text


def test_an_empty_filter_says_why_and_where_to_go(tensey: Bot, owner: Connection, awards: Database):
    nothing = opened(tensey, show="done").text
    assert "Nothing is done in this level yet." in nothing
    assert "Do one of these" not in nothing
    complete(owner, *(each.id for each in LEVEL_1.challenges))
    award_all(awards)
    page = opened(tensey, level="1", show="open")
    assert "Nothing is open in this level." in page.text
    assert "Every challenge of this level is done. Well done!" in page.text
    assert "Next: level 2" in labels(page)


def test_when_everything_is_done_the_list_says_so(tensey: Bot, owner: Connection, awards: Database):
    opened(tensey)
    complete(owner, *CATALOGUE.by_id)
    award_all(awards)
    page = opened(tensey)
    assert "## Level 25. " in page.text
    assert "All levels: 303 of 303 done (100 %) ▰▰▰▰▰▰▰▰▰▰" in page.text
    assert "Every one of the 303 challenges is done." in page.text
    assert xp(owner) == (30_300,)


def test_info_explains_the_level_and_the_rules_and_leads_back(tensey: Bot):
    page = tensey.tap(tensey.tap(opened(tensey), "Tick 1"), "Next")
    info = tensey.tap(page, "Info")
    assert info.kind == UPDATE
    assert LEVEL_1.about in info.text
    assert "60 s later you get +100 XP" in info.text
    assert "1. Warm-Up & Icebreakers: 1 of 13 done" in info.text
    assert "25. Grandmaster Challenges: 0 of 12 done" in info.text
    assert unrevised(tensey.tap(info, "Back to the list")) == unrevised(page)


# --- messages from before, and nonsense ---


def test_ticking_a_retired_challenge_gets_a_polite_page(tensey: Bot, owner: Connection):
    stale = button(opened(tensey), "Tick 1").replace(FIRST.id, "long-gone")
    page = tensey.press(stale)
    assert page.kind == UPDATE
    assert "That challenge is no longer in the list, so nothing was ticked." in page.text
    assert rows(owner) == []


def test_a_completion_of_a_retired_challenge_can_still_be_undone(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, "long-gone")
    page = opened(tensey)
    assert "0 of 303 done" in page.text
    assert "And 1 of an earlier list, which still counts." in page.text
    assert "Undo: a retired challenge" in labels(page)
    assert "Undone: a retired challenge" in tensey.tap(page, "Undo").text
    assert [status for _, status, _ in rows(owner)] == ["cancelled"]


def test_completions_of_an_earlier_list_count_and_stay_out_of_the_bars(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, *CATALOGUE.by_id, "long-gone", "gone-too")
    award_all(awards)
    page = opened(tensey)
    assert "All levels: 303 of 303 done (100 %) ▰▰▰▰▰▰▰▰▰▰\nAnd 2 of an earlier list, which still count." in page.text
    assert "Every one of the 303 challenges is done." in page.text
    assert xp(owner) == (30_500,)


def test_the_list_and_the_scorecard_agree_on_what_is_done(tensey: Bot, main: Bot, owner: Connection, awards: Database):
    opened(tensey)
    complete(owner, FIRST.id, "long-gone", "gone-too")
    award_all(awards)
    tensey.tap(opened(tensey), "Tick 2")  # its XP is still on the way
    done = "2 of 303 done ▰▱▱▱▱▱▱▱▱▱\nAnd 2 of an earlier list, which still count."
    assert f"All levels: {done}" in opened(tensey).text
    assert f"**Challenges:** {done}" in main.command("scorecard").text


def test_an_awarded_completion_of_an_earlier_list_is_undone_like_any_other(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, FIRST.id)
    complete(owner, "long-gone")
    award_all(awards)
    page = opened(tensey, show="done")
    assert texts_of(page) == [FIRST.text]
    page = tensey.tap(page, "Undo: a retired challenge")
    assert "Undone: a retired challenge\nIts 100 XP was taken back." in page.text
    assert "of an earlier list" not in page.text
    assert xp(owner) == (100,)


def test_a_page_that_no_longer_exists_shows_the_nearest_one(tensey: Bot):
    onward = button(opened(tensey), "Next")
    page = tensey.press(onward.replace(":1:2:all", ":999:999:all"))
    assert "## Level 25. " in page.text
    assert "Page 2 of 2" in page.text


@pytest.mark.parametrize(
    "rest",
    [
        "",
        ":1",
        ":1:2",
        ":-:2:all",
        ":1:-2:all",
        ":1:2:none",
        ":1:2:",
        "::::",
        ":1:99999999999999999999:all",
        ":²:2:all",
    ],
)
def test_a_custom_id_without_a_page_gets_a_400(tensey: Bot, rest: str):
    assert tensey.press(f"{make('tenseylist', 'next', ALEX.id)}{rest}").status == 400


@pytest.mark.parametrize("award_id", ["no-award", "", "z" * 32, "0" * 31])
def test_an_undo_without_an_award_id_gets_a_400(tensey: Bot, award_id: str):
    assert tensey.press(make("tenseylist", "undo", ALEX.id, award_id, 1, 1, "all")).status == 400


@pytest.mark.parametrize("value", ["", "x", "-1", "²", "1000"])
def test_a_jump_to_an_unknown_level_gets_a_400(tensey: Bot, value: str):
    jump = cast("str", select(opened(tensey))["custom_id"])
    assert tensey.press(jump, [value]).status == 400


def test_an_undo_of_an_unknown_award_changes_nothing(tensey: Bot):
    answer = tensey.press(make("tenseylist", "undo", ALEX.id, 7, 1, 1, "all"))
    assert "Nothing has changed." in answer.text


# --- suggestions ---


def suggestions(answer: Answer) -> dict[object, object]:
    return {choice["value"]: choice["name"] for choice in answer.choices}


def test_levels_are_suggested_with_title_and_progress(tensey: Bot):
    tensey.tap(opened(tensey), "Tick 1")
    found = suggestions(tensey.typing("tenseylist", "level", ""))
    assert len(found) == 25
    assert found["1"] == "1. Warm-Up & Icebreakers: 1 of 13 done"


def test_suggestions_match_the_typed_text(tensey: Bot):
    assert list(suggestions(tensey.typing("tenseylist", "level", "2"))) == [
        *("2", "20", "21", "22", "23", "24", "25", "12"),
    ]
    assert list(suggestions(tensey.typing("tenseylist", "level", "GAMES"))) == ["6", "17"]
    assert suggestions(tensey.typing("tenseylist", "level", "nothing like it")) == {}


def test_without_the_database_levels_are_suggested_by_title_alone(postgres: Postgres):
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    assert suggestions(nowhere.typing("tenseylist", "level", "grand")) == {"25": "25. Grandmaster Challenges"}


# --- for everybody ---


def test_every_label_reads_well_on_a_narrow_phone(tensey: Bot, owner: Connection):
    longest = max(CATALOGUE.by_id.values(), key=lambda each: len(each.text))
    opened(tensey)
    complete(owner, longest.id)
    for level in CATALOGUE.levels:
        page = opened(tensey, level=str(level.number))
        shown = [cast("str", part["label"]) for part in page.parts() if part["type"] == 2]
        options = cast("list[dict[str, str]]", select(page)["options"])
        assert max(map(len, (*shown, *(option["label"] for option in options)))) <= BUTTON_LABEL_READS_WELL


def test_the_largest_valid_content_fits_into_a_message(tensey: Bot):
    view = replace(_largest_view(tensey), notice=f"Ticked: {'x' * LONGEST_TEXT}\n+100 XP in 86400 s. Undo is free.")
    for part in (tenseylist.page(view), tenseylist.info(view)):
        assert violations(render(Update((part,))), 3) == []


def _largest_view(bot: Bot) -> tenseylist.ListView:
    """A page of eight done challenges, with every text as long as a content file may have it."""
    title, text = "\U0001d54f" * (LONGEST_TITLE // 4), "x" * LONGEST_TEXT
    challenges_of = {
        number: tuple(
            Challenge(f"{number:02}{place:03}".ljust(LONGEST_ID, "y"), text, number, place) for place in range(1, 101)
        )
        for number in range(1, MOST_LEVELS + 1)
    }
    levels = tuple(Level(number, title, text, challenges_of[number]) for number in challenges_of)
    catalogue = Challenges(levels, {each.id: each for level in levels for each in level.challenges})
    interaction = parse(json.dumps(discord.command(PLACE, User(2**63 - 1), "tenseylist")).encode())
    assert interaction.caller
    settings = DiscordSettings(PLACE.application_id, b"", 0, 0, 0, 0)
    services = Services(
        lambda: bot.database, lambda: bot.queue, lambda: bot.notices, GameSettings(86_400, "UTC"), Deadline.after(1)
    )
    call = Call("tensey", CustomId("tenseylist", ""), interaction, interaction.caller, settings, services)
    now = datetime.now(UTC)
    live = tuple(
        LiveAward(UUID(int=n), id_, AwardStatus.PENDING, now, now + timedelta(days=1))
        for n, id_ in enumerate(catalogue.by_id)
    )
    standings = {award.challenge_id: ChallengeState.TICKED for award in live}
    return tenseylist.ListView(call, live, Checklist(catalogue, standings), Place(25, 1), Show.ALL, now)


def test_the_list_is_what_the_database_holds(tensey: Bot, enter_ticks: None):
    del enter_ticks
    page = opened(tensey, show="done", level="1")
    assert texts_of(page) == [FIRST.text, SECOND.text]


@pytest.fixture
def enter_ticks(tensey: Bot) -> None:
    """Two completions by the action itself, without the command."""
    member = Member(ALEX.id, ALEX.name)
    for number, challenge in enumerate((SECOND, FIRST), 1):
        tensey.database.run(
            lambda conn, number=number, id_=challenge.id: ticks.tick(
                conn, by(member, number, "Europe/Paris"), id_, delay=60
            ),
            Deadline.after(10),
        )


def test_a_member_with_any_display_name_has_a_list(tensey: Bot):
    assert "## Level 1. " in opened(tensey.as_user(User(1, "@everyone\n# <b>"))).text
