"""An answer that came to no end offers to try again, under the key of the first try."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from devkit import discord_client as discord
from mastermind.bot import custom_ids, dispatch, repeats
from mastermind.bot.custom_ids import make
from mastermind.discord.snowflakes import EPOCH, made_at
from tests.bot.playground import ALEX, PLACE, SAM, Answered, command, send

if TYPE_CHECKING:
    from devkit.discord_client import User
    from devkit.json_types import Json


def form(words: str, key: int = 0) -> Json:
    return discord.modal(PLACE, ALEX, make("do", "submit", ALEX.id, key=key), {"words": words})


def tap(answered: Answered, label: str, user: User = ALEX) -> Answered:
    shown = discord.Answer(answered.status, answered.json, 0.0)
    custom_id = dict(shown.buttons)[label]
    return send(discord.component(PLACE, user, custom_id, shown=shown.components))


def test_when_nobody_knows_the_answer_says_so_and_tries_again_under_the_first_key():
    payload = form("lost")
    lost = send(payload)
    assert lost.text == f"{repeats.UNKNOWN} {repeats.SAFE}\nYou typed:\n**Words:** `lost`"
    assert (lost.type, lost.is_private) == (4, True)
    again = tap(lost, "Try again")
    assert (again.type, again.text) == (7, lost.text)
    (button,) = discord.Answer(200, again.json, 0.0).buttons
    found = custom_ids.read(button[1])
    assert found is not None
    assert (found.key, found.action, found.owner) == (int(str(payload["id"])), "submit", ALEX.id)


def test_a_form_keeps_the_key_it_was_opened_with():
    key = discord.snowflake()
    custom_id = discord.Answer(200, send(form("lost", key)).json, 0.0).buttons[0][1]
    found = custom_ids.read(custom_id)
    assert found is not None
    assert found.key == key


def test_somebody_else_cannot_try_it_again():
    assert tap(send(form("lost")), "Try again", SAM).text.startswith("This belongs to the member who opened it.")


def test_a_command_is_run_again_with_the_same_options():
    lost = command("do", {"what": "ask", "times": 2, "loud": True, "friend": SAM})
    again = tap(lost, "Try again")
    assert again.text == lost.text
    assert again.text.endswith("**What:** `ask`\n**Times:** `2`\n**Loud:** `yes`\n**Friend:** <@102> `Sam`")


def test_a_refused_form_gives_back_what_was_typed_and_opens_with_it_again():
    refused = send(form("wrong"))
    assert refused.text == "Not these words.\nYou typed:\n**Words:** `wrong`"
    opened = tap(refused, "Correct it")
    assert opened.type == 9
    assert [part.get("value") for part in discord.Answer(200, opened.json, 0.0).parts() if part["type"] == 4] == [
        "wrong"
    ]


def test_what_is_a_day_old_is_not_done_again():
    old = discord.snowflake(made_at(discord.snowflake()).timestamp() - repeats.KEY_LASTS.total_seconds() - 60)
    answered = send(form("hello", old))
    assert answered.text == f"{dispatch.TOO_OLD.format(typed='do')}\nYou typed:\n**Words:** `hello`"


def test_an_id_holds_the_moment_it_was_made():
    assert made_at(discord.snowflake(1_500_000_000.123)) - EPOCH == timedelta(seconds=79_929_600, milliseconds=123)
