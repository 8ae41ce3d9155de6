"""/scorecard tells everybody where a member stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.discord_client import User
from mastermind.content import challenges
from mastermind.domain.levels import LEVELS, xp_needed
from tests.commands.playing import ALEX, SAM

if TYPE_CHECKING:
    from tests.commands.playing import Bot
    from tests.conftest import Connection


def give(owner: Connection, user: User, xp: int) -> None:
    """Book XP as an admin's correction does: by a row of the ledger."""
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, %s, 'correction', 'admin', gen_random_uuid()::text, current_date)",
        [user.id, xp],
    )


def accent(answer_parts: list[dict[str, object]]) -> object:
    return answer_parts[0]["accent_color"]


def test_a_first_look_opens_a_card_for_all_to_see(main: Bot):
    card = main.command("scorecard")
    assert card.kind == 4
    assert not card.is_private
    assert "Alex" in card.text
    assert "Level 1 of 50: Awkward Initiate" in card.text
    assert "**XP:** 0" in card.text
    assert "**To level 2:** ▱▱▱▱▱▱▱▱▱▱ 0 of 500 XP (0 %), 500 XP to go" in card.text
    assert "**Rank:** 1" in card.text
    assert "**Faction:** Luminarchs" in card.text
    assert f"**Challenges:** ▱▱▱▱▱▱▱▱▱▱ 0 of {challenges.load().count} done (0 %)" in card.text


def test_the_card_shows_class_and_way_to_the_next_level(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, 12_000)
    card = main.command("scorecard")
    assert "Level 10 of 50: Bold Explorer" in card.text
    assert "**XP:** 12,000" in card.text
    assert "**To level 11:** ▰▰▰▰▱▱▱▱▱▱ 1,000 of 2,200 XP (45 %), 1,200 XP to go" in card.text
    assert accent(list(card.parts())) == 0x48C9B0


def test_the_highest_level_has_no_next_one(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, xp_needed(LEVELS) + 1)
    card = main.command("scorecard")
    assert "Level 50 of 50: Galactic Mastermind" in card.text
    assert "The highest level is reached." in card.text


def test_xp_below_zero_shows_as_none(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, -250)
    card = main.command("scorecard")
    assert "**XP:** 0\n" in card.text
    assert "500 XP to go" in card.text


def test_another_members_card_can_be_looked_at(main: Bot, owner: Connection):
    main.as_user(SAM).command("scorecard")
    give(owner, SAM, 700)
    card = main.command("scorecard", {"user": SAM})
    assert "## Sam" in card.text
    assert "**XP:** 700" in card.text
    assert "**Rank:** 1" in card.text
    assert "**Rank:** 2" in main.command("scorecard").text


def test_looking_at_somebody_is_a_first_contact_of_the_one_who_looks(main: Bot, owner: Connection):
    main.command("scorecard", {"user": SAM})
    assert owner.execute("SELECT user_id, display_name FROM users").fetchall() == [(ALEX.id, "Alex")]


def test_somebody_whom_the_game_has_not_met_is_spoken_of_kindly(main: Bot):
    card = main.command("scorecard", {"user": SAM})
    assert card.text.startswith("Sam has not joined the game yet.")
    assert not card.is_private


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("**Bold** <@1>", "\\*\\*Bold\\*\\* \\<\\@1\\>"),
        ("# Big [x](https://e.org)", "\\# Big \\[x\\]\\(https\\://e.org\\)"),
        ("two\nlines", "two lines"),
        ("x" * 60, "x" * 31 + "…"),
    ],
)
def test_a_name_is_shown_as_plain_words(main: Bot, name: str, shown: str):
    card = main.as_user(User(ALEX.id, name)).command("scorecard")
    assert card.text.startswith(f"## {shown}\n")


def test_the_rank_of_a_hidden_member_is_for_their_own_card(main: Bot, owner: Connection):
    main.as_user(SAM).command("scorecard")
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [SAM.id])
    assert "**Rank:** hidden" in main.command("scorecard", {"user": SAM}).text
    assert "**Rank:** 1 (not on the leaderboard)" in main.as_user(SAM).command("scorecard").text
