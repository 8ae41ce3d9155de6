"""/history says where all XP came from, and where it can be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mastermind.game.challenges import content as challenges
from mastermind.game.days import calendar as days
from mastermind.game.ledger.actions import PAGE_SIZE
from mastermind.game.today.rules import Pools
from mastermind.game.today.table import put_pools
from tests.commands import diary
from tests.commands.playing import ALEX, SAM, Bot, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.conftest import Connection

MINUS, TIMES = "\u2212", "\u00d7"
MESSAGE, UPDATE = 4, 7


def log(main: Bot, category: str, date: str = "today", **fields: str) -> Answer:
    return main.fill(main.tap(main.command("submit-past-stats", {"date": date}), category), fields)


def rows(answer: Answer) -> list[str]:
    """The rows without when they were."""
    lines = answer.text.splitlines()[2:-1]
    return [line.partition(":R>")[2].removeprefix(". ") if line.startswith("-# ") else line for line in lines]


def insert(owner: Connection, xp: int, kind: str, source: str, details: str = "{}") -> None:
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " VALUES (%s, %s, %s, %s, gen_random_uuid()::text, current_date, %s)",
        [ALEX.id, xp, kind, source, details],
    )


def test_an_empty_history_says_how_to_start(main: Bot):
    page = main.command("history")
    assert page.is_private
    assert page.text == (
        "## 📊 Your XP, row by row\n"
        "You have no XP yet. `/submit-stats` and the challenges of `/tenseylist` bring your first XP."
    )


def test_each_change_of_a_day_is_shown_with_its_reasons_newest_first(main: Bot, owner: Connection):
    log(main, "Core", approaches="4")
    log(main, "Daily", overall_state="9")
    card = main.command("stats-edit", {"date": "today"})
    main.fill(main.tap(card, "Core"), {"approaches": "2"})
    main.tap(main.command("stats-delete", {"date": "today"}), "Delete day")
    day = diary.today(owner)
    today = days.described(day, day)
    page = main.command("history")
    assert page.kind == MESSAGE
    assert page.text.startswith("## 📊 Your XP, row by row\nPage 1 of 1, the newest first\n")
    assert rows(page) == [
        f"**{MINUS}300 XP** Deleted {today}: Approaches 2, Overall State Today (1-10) 9",
        "",
        f"**{MINUS}350 XP** Edited {today}: Approaches 2, was 4",
        "The day became worth 300 XP; 650 was paid before",
        f"**+250 XP** Logged for {today}: Overall State Today (1-10) 9",
        f"The day became worth 500 {TIMES} 1.3 (+30 % Templar day) = 650 XP; 400 was paid before",
        f"**+400 XP** Logged for {today}: Approaches 4",
        "",
    ]


def test_what_can_still_be_changed_has_a_button_that_leads_there(main: Bot, owner: Connection):
    log(main, "Core", approaches="4")
    log(main, "Core", "8 days ago", numbers="1")
    log(main, "Core", "7 days ago", numbers="1")
    page = main.command("history")
    assert labels(page) == ["Edit day", "Edit day"]
    day = diary.today(owner)
    opened = main.tap(page, "Edit")
    assert opened.kind == UPDATE
    assert opened.text.startswith(f"## 📝 Edit {days.named(day - timedelta(days=7), day)}\n")


def test_a_challenge_says_where_it_is_undone_for_as_long_as_it_can_be(main: Bot, owner: Connection):
    main.command("history")
    challenge = challenges.load().chapter(1).challenges[0]
    award = owner.execute(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at, status, resolved_at)"
        " VALUES (%s, %s, 100, current_date, now(), now(), 'awarded', now()) RETURNING award_id::text",
        [ALEX.id, challenge.id],
    ).fetchone()
    assert award is not None
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " VALUES (%s, 100, 'award', 'tensey', %s, current_date, jsonb_build_object('challenge_id', %s::text))",
        [ALEX.id, award[0], challenge.id],
    )
    assert rows(main.command("history")) == [
        f"**+100 XP** Challenge: {challenge.text}",
        "`/tenseylist` can undo it",
    ]
    owner.execute("SELECT reverse_award(%s, %s)", [award[0], ALEX.id])
    assert rows(main.command("history")) == [
        f"**{MINUS}100 XP** Challenge undone: {challenge.text}",
        "",
        f"**+100 XP** Challenge: {challenge.text}",
        "",
    ]


def test_the_challenge_of_a_day_says_where_it_is_undone_on_that_day(main: Bot, owner: Connection):
    main.command("history")
    challenge = challenges.load().chapter(3).challenges[0]
    put_pools(owner, Pools((challenge.id,), ()))
    owner.execute("SELECT do_day_challenge(%s, %s)", [ALEX.id, challenge.id])
    done = f"**+50 XP** Challenge of the day: {challenge.text}"
    assert rows(main.command("history")) == [done, "`/today` can undo it"]
    owner.execute("SELECT undo_day_challenge(%s, award_id) FROM day_awards", [ALEX.id])
    undone = f"**{MINUS}50 XP** Challenge of the day undone: {challenge.text}"
    assert rows(main.command("history")) == [undone, "", done, ""]


def test_every_other_source_has_its_words_and_reasons_are_escaped(main: Bot, owner: Connection):
    main.command("history")
    insert(owner, 250, "reward", "raid", '{"raid_id": 7, "type": "mage", "points": 120}')
    insert(owner, 250, "top", "raid", '{"raid_id": 7, "type": "mage", "points": 120}')
    insert(owner, 500, "module", "course")
    insert(owner, 500, "module", "course", '{"module_id": "steady-ground", "title": "Steady Ground"}')
    insert(owner, -5, "adjustment", "admin", '{"reason": "**Counted** twice\\n# sorry"}')
    insert(owner, 7, "gift", "birthday")
    insert(owner, 100, "award", "tensey", '{"challenge_id": "long-gone"}')
    pages = (main.command("history"), main.command("history", {"page": 2}))
    assert [line for page in pages for line in rows(page) if line] == [
        "**+100 XP** Challenge: a retired challenge",
        "**+7 XP** Gift (birthday)",
        f"**{MINUS}5 XP** Corrected by an admin: \\*\\*Counted\\*\\* twice \\# sorry",
        "**+500 XP** Module of the course completed: Steady Ground",
        "**+500 XP** A module of the course completed",
        "**+250 XP** You gave most to mage raid 7",
        "**+250 XP** Reward of mage raid 7, to which you gave 120 points",
    ]


def test_retired_stats_keep_their_rows(main: Bot, owner: Connection):
    log(main, "Core", approaches="1")
    owner.execute("INSERT INTO booked_days (user_id, day, streak_share) VALUES (%s, '2020-01-01', 0)", [ALEX.id])
    figures = '"base": 100, "streak": 10, "templar": 0, "event": 200, "price": 220, "booked_before": 0'
    submitted, edited = '"added": {"dancing": 1, "numbers": 2}', '"before": {}, "after": {"dancing": 1}'
    for kind, counts in (("submit", submitted), ("edit", edited)):
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
            " VALUES (%s, 220, %s, 'stats', %s, '2020-01-01', %s)",
            [ALEX.id, kind, kind, f"{{{figures}, {counts}}}"],
        )
    worth = f"The day became worth 100 {TIMES} 2.2 (+10 % streak, 200 % event) = 220 XP"
    assert rows(main.command("history"))[:4] == [
        "**+220 XP** Edited Wed 1 Jan 2020: retired stats",
        worth,
        "**+220 XP** Logged for Wed 1 Jan 2020: Numbers 2, retired stats",
        worth,
    ]


def test_a_long_history_is_paged(main: Bot, owner: Connection):
    main.command("history")
    for number in range(2 * PAGE_SIZE + 1):
        insert(owner, number + 1, "gift", "test")
    first = main.command("history")
    assert "Page 1 of 3, the newest first" in first.text
    assert labels(first) == ["Older"]
    second = main.tap(first, "Older")
    assert second.kind == UPDATE
    assert labels(second) == ["Newer", "Older"]
    last = main.tap(second, "Older")
    assert rows(last)[0] == "**+1 XP** Gift (test)"
    assert labels(last) == ["Newer"]
    assert main.tap(last, "Newer").text == second.text
    assert main.command("history", {"page": 2}).text == second.text
    assert main.command("history", {"page": 999}).text == last.text


@pytest.mark.parametrize("letter", ["a", "ü[", "🦊", "€*"])
def test_the_longest_rows_there_can_be_fit_into_a_message(main: Bot, owner: Connection, letter: str):
    main.command("history")
    for _ in range(PAGE_SIZE):
        insert(owner, -(10**9), "adjustment", "admin", '{"reason": "' + letter * 1_000 + '"}')
    answer = main.command("history")
    assert answer.text.count(letter[0]) > PAGE_SIZE * 100
    assert len(answer.text) < 4_000


@pytest.mark.parametrize("reason", ["why " * 74 + "why", "ж" * 300, "字" * 300])
def test_a_reason_is_shown_in_full(main: Bot, owner: Connection, reason: str):
    main.command("history")
    insert(owner, 50, "adjustment", "admin", '{"reason": "' + reason + '"}')
    assert f"{reason}\n" in main.command("history").text


def test_only_the_member_sees_a_history(main: Bot, owner: Connection):
    log(main, "Core", approaches="1")
    assert "You have no XP yet." in main.as_user(SAM).command("history").text
    assert owner.execute("SELECT count(*) FROM users").fetchall() == [(2,)]
