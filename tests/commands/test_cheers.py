"""*Cheer* below what the bot has posted of a member: it counts once, brings no XP, and the post says who."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot.custom_ids import make
from mastermind.commands.parts.cheering import GONE, OWN
from tests.commands.playing import ALEX, PLACE, SAM, Bot
from tests.round_trips import Traced

if TYPE_CHECKING:
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7
BEN, CEM = User(1_300_000_000_000_000_011, "Ben"), User(1_300_000_000_000_000_012, "Cem")
LEVEL, DIGEST = make("scorecard", "cheer", 0, "level_up", SAM.id, 5), make("scorecard", "cheer", 0, "digest", 7)


@pytest.fixture(autouse=True)
def posted(owner: Connection) -> None:
    """Sam's level has been posted, and with Ben's and Cem's another one in a digest."""
    for user in (SAM, BEN, CEM):
        owner.execute(
            "INSERT INTO users (user_id, display_name, time_zone, avatar) VALUES (%s, %s, 'UTC', %s)",
            [user.id, user.name, "a" * 32],
        )
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
            " VALUES (%s, 12000, 'adjustment', 'admin', gen_random_uuid()::text, '2026-11-25', '{}')",
            [user.id],
        )
    owner.execute("UPDATE announcements SET status = 'sent', resolved_at = clock_timestamp()")
    owner.execute("UPDATE announcements SET digest_id = 7 WHERE details ->> 'level' = '10'")


def cheers(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT key, user_id FROM cheers ORDER BY 1, 2").fetchall()


def test_a_tap_counts_and_the_post_itself_says_who(main: Bot, owner: Connection):
    answer = main.press(LEVEL)
    assert answer.kind == UPDATE
    assert "**Sam**" in answer.text
    assert "👏 1 · Alex" in answer.text
    main.as_user(BEN).press(LEVEL)
    assert "👏 3 · Alex, Ben and 1 other" in main.as_user(CEM).press(LEVEL).text
    assert owner.execute("SELECT sum(xp) FROM xp_ledger WHERE user_id = %s", [ALEX.id]).fetchone() == (None,)


def test_the_card_keeps_its_colour_its_picture_and_its_button(main: Bot):
    (card,) = main.press(LEVEL).body["data"]["components"]  # type: ignore[index]
    assert card["accent_color"] == 0x5DADE2
    assert card["components"][0]["accessory"]["media"]["url"].endswith(f"/avatars/{SAM.id}/{'a' * 32}.png?size=128")
    assert card["components"][-1]["components"][0]["custom_id"] == LEVEL


def test_a_tap_takes_two_round_trips(enter_as: EnterAs):
    database = Traced(enter_as("app_main"))
    main = Bot("main", database)
    for button in (LEVEL, LEVEL, DIGEST):
        before = database.trips
        main.press(button)
        assert database.trips - before <= 2


def test_a_second_tap_takes_the_first_back(main: Bot, owner: Connection):
    main.press(LEVEL)
    assert "👏" not in main.press(LEVEL).text
    assert cheers(owner) == []


def test_a_tap_that_is_delivered_twice_counts_once(main: Bot, owner: Connection):
    tap = discord.component(PLACE, ALEX, LEVEL)
    assert main.send(tap).text == main.send(tap).text
    assert cheers(owner) == [(f"level_up:{SAM.id}:5", ALEX.id)]


def test_nobody_cheers_for_themselves(main: Bot, owner: Connection):
    answer = main.as_user(SAM).press(LEVEL)
    assert (answer.kind, answer.is_private, answer.text) == (MESSAGE, True, OWN)
    assert cheers(owner) == []


HIDES: LiteralString = "UPDATE users SET hidden = true WHERE user_id = %s"
IS_QUIET: LiteralString = """UPDATE users SET settings = '{"announcements": "off"}' WHERE user_id = %s"""


@pytest.mark.parametrize("wish", [HIDES, IS_QUIET])
def test_who_does_not_want_to_be_named_counts_without_a_name(main: Bot, owner: Connection, wish: LiteralString):
    main.as_user(BEN).press(LEVEL)
    owner.execute(wish, [BEN.id])
    assert "👏 2 · Alex and 1 other" in main.press(LEVEL).text
    assert "\n👏 1\n" in f"{main.press(LEVEL).text}\n"


def test_who_hides_is_not_shown_any_more(main: Bot, owner: Connection):
    owner.execute(HIDES, [SAM.id])
    answer = main.press(LEVEL)
    assert (answer.kind, answer.is_private, answer.text) == (MESSAGE, True, GONE)


def test_after_a_month_or_without_a_trace_it_says_so(main: Bot, owner: Connection):
    owner.execute("UPDATE announcements SET resolved_at = resolved_at - interval '31 days'")
    assert main.press(LEVEL).text == GONE
    owner.execute("DELETE FROM announcements")
    assert main.press(LEVEL).text == GONE


def test_a_digest_cheers_for_all_whom_it_names_but_oneself(main: Bot, owner: Connection):
    answer = main.press(DIGEST)
    assert "👏 1 · Alex" in answer.text
    assert [key for key, _ in cheers(owner)] == [f"level_up:{user.id}:10" for user in (SAM, BEN, CEM)]
    assert "👏 2 · Alex and Ben" in main.as_user(BEN).press(DIGEST).text
    assert (f"level_up:{BEN.id}:10", BEN.id) not in cheers(owner)
    assert "👏 1 · Ben" in main.press(DIGEST).text


def test_the_celebrated_member_reads_once_how_many_people_cheered(main: Bot):
    main.press(LEVEL)
    sam = main.as_user(SAM)
    assert "👏 **Somebody cheered for you.**" in sam.command("history").text
    assert "cheered for you" not in sam.command("history").text
    for user in (BEN, CEM):
        main.as_user(user).press(LEVEL)
        main.as_user(user).press(DIGEST)
    assert "👏 **2 people cheered for you.**" in sam.command("history").text


def test_the_line_stands_on_no_public_post(main: Bot):
    main.press(LEVEL)
    owned = make("scorecard", "cheer", 0, "level_up", BEN.id, 5)
    assert "cheered for you" not in main.as_user(SAM).press(owned).text


def test_who_is_deleted_takes_their_cheers_along(main: Bot, owner: Connection):
    main.press(LEVEL)
    main.as_user(BEN).press(LEVEL)
    owner.execute("SELECT delete_member(%s)", [BEN.id])
    assert cheers(owner) == [(f"level_up:{SAM.id}:5", ALEX.id)]
    owner.execute("SELECT delete_member(%s)", [SAM.id])
    assert cheers(owner) == []


@pytest.mark.parametrize(
    "arguments", [(), ("level_up",), ("raid_started", 1, 1), ("level_up", SAM.id), ("level_up", "-", 5)]
)
def test_a_button_that_nobody_made_is_refused(main: Bot, owner: Connection, arguments: tuple[str | int, ...]):
    assert main.press(make("scorecard", "cheer", 0, *arguments)).status == 400
    assert cheers(owner) == []
