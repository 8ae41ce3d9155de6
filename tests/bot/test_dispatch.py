"""Which command, button, form or suggestion an interaction means, and who may use it."""

from __future__ import annotations

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import finding, stale
from mastermind.bot.custom_ids import make
from tests.bot.playground import (
    ADMIN,
    ALEX,
    BANNER,
    MANAGER,
    MODERATOR,
    OWNER,
    PLACE,
    SAM,
    WITH_ADMIN_ROLE,
    WITH_MODERATOR_ROLE,
    Answered,
    command,
    press,
    send,
)

FOR_MODERATORS = "This is for the moderators of this server."
FOR_ADMINS = "This is for the admins of this server."


DO_AGAIN, BAN_AGAIN = (stale.FRESH.format(typed=typed) for typed in ("do", "rule ban"))


@pytest.mark.parametrize("name", ["gone", "do now", "rule", "rule gone", "../do", "__init__", "rule warn warn"])
def test_an_unknown_command_is_answered_politely(name: str):
    answered = command(name, user=ADMIN)
    assert (answered.text, answered.is_private) == (finding.UNKNOWN_COMMAND, True)


@pytest.mark.parametrize(
    "custom_id", ["update", make("gone", "update", 101), "1::", "0:rule:update:101:1", "0:rule.gone:x"]
)
def test_a_stale_or_foreign_button_is_answered_politely(custom_id: str):
    answered = press(custom_id)
    assert (answered.type, answered.text, answered.is_private) == (4, stale.STALE, True)


@pytest.mark.parametrize(
    ("custom_id", "typed"),
    [
        ("0:do:update:101:1", "do"),
        ("2:do:update:101:1", "do"),
        (make("do", "gone", 101), "do"),
        (make("do", "submit", 101), "do"),
        ("0:shelf.read:leaf:0", "shelf read"),
    ],
)
def test_a_stale_button_of_a_command_that_there_is_says_where_there_is_a_fresh_one(custom_id: str, typed: str):
    answered = press(custom_id)
    assert (answered.type, answered.text, answered.is_private) == (4, stale.FRESH.format(typed=typed), True)


def test_a_button_updates_its_message():
    answered = press(make("do", "update", 101, 7))
    assert (answered.type, answered.text) == (7, "updated 7 ")


def test_a_select_passes_its_values():
    assert press(make("do", "update", 101, 7), ["a", "b"]).text == "updated 7 a,b"


def test_a_form_passes_its_fields():
    answered = send(discord.modal(PLACE, ALEX, make("do", "submit", 101), {"words": " hello "}))
    assert answered.text.startswith("got hello under ")


def test_a_forms_custom_id_does_not_press_a_button_and_what_was_typed_is_given_back():
    answered = send(discord.modal(PLACE, ALEX, make("do", "update", 101, 7), {"words": "x"}))
    assert answered.text == f"{DO_AGAIN}\nYou typed:\n**Words:** `x`"


def test_another_members_tap_is_refused_politely():
    answered = press(make("do", "update", 101, 7), user=SAM)
    assert (answered.type, answered.is_private) == (4, True)
    assert answered.text == "This belongs to the member who opened it. Type `/do` to get your own."


def test_anybody_may_use_a_shared_button():
    assert press(make("do", "update", 0, 7), user=SAM).type == 7


def test_suggestions_match_the_typed_text():
    answered = send(discord.autocomplete(PLACE, ALEX, "do", "what", {"what": "si"}))
    assert answered.json == {"type": 8, "data": {"choices": [{"name": "si!", "value": "si"}]}}


@pytest.mark.parametrize(("name", "option"), [("do", "kind"), ("do", "gone"), ("gone", "what"), ("rule", "what")])
def test_where_nothing_is_suggested_there_are_no_suggestions(name: str, option: str):
    answered = send(discord.autocomplete(PLACE, ALEX, name, option))
    assert answered.json == {"type": 8, "data": {"choices": []}}


@pytest.mark.parametrize("user", [MODERATOR, BANNER, WITH_MODERATOR_ROLE, ADMIN, MANAGER, WITH_ADMIN_ROLE, OWNER])
def test_moderators_and_admins_may_moderate(user: User):
    assert command("rule warn", user=user).text == "warned"
    assert press(make("rule.warn", "again", 0), user=user).text == "again"


@pytest.mark.parametrize("user", [ALEX, User(200, permissions=1 << 13 | 1 << 28), User(201, roles=(57,))])
def test_members_may_not_moderate(user: User):
    assert command("rule warn", user=user).text == FOR_MODERATORS
    assert press(make("rule.warn", "again", 0), user=user).text == FOR_MODERATORS


@pytest.mark.parametrize("user", [ADMIN, MANAGER, WITH_ADMIN_ROLE, OWNER])
def test_admins_may_use_a_subcommand_that_needs_more_access(user: User):
    assert command("rule ban", user=user).text == "banned"


@pytest.mark.parametrize("user", [ALEX, MODERATOR])
def test_moderators_may_not_use_admin_subcommands(user: User):
    assert command("rule ban", user=user).text == FOR_ADMINS


@pytest.mark.parametrize("user", [ADMIN, MANAGER, WITH_ADMIN_ROLE, OWNER])
def test_admins_may_use_the_buttons_of_an_admin_subcommand(user: User):
    assert press(make("rule.ban", "lift", 0), user=user).text == "lifted"
    assert reason(make("rule.ban", "reason", 0), user).text == "because loud"


@pytest.mark.parametrize("user", [ALEX, MODERATOR])
def test_a_button_or_form_needs_the_access_of_its_subcommand(user: User):
    for answered in (press(make("rule.ban", "lift", 0), user=user), reason(make("rule.ban", "reason", 0), user)):
        assert (answered.text, answered.is_private) == (FOR_ADMINS, True)


def test_a_subcommand_and_its_buttons_may_need_less_access_than_the_command():
    assert command("shelf read").text == "read"
    assert press(make("shelf.read", "leaf", 0)).text == "leafed"


def test_a_button_of_a_subcommand_without_access_needs_the_access_of_its_command():
    assert press(make("shelf.count", "recount", 0)).text == FOR_MODERATORS
    assert press(make("shelf.count", "recount", 0), user=MODERATOR).text == "recounted"


def test_a_form_of_a_subcommand_cannot_be_used_as_a_button():
    assert press(make("rule.ban", "reason", 0), user=ADMIN).text == BAN_AGAIN
    assert reason(make("rule.ban", "lift", 0), ADMIN).text.startswith(BAN_AGAIN)


def test_the_refusal_of_anothers_button_says_how_to_get_ones_own():
    answered = press(make("rule.ban", "lift", ADMIN.id), user=MANAGER)
    assert answered.text == "This belongs to the member who opened it. Type `/rule ban` to get your own."


def test_no_refusal_suggests_a_command_without_access():
    assert press(make("rule.ban", "lift", ADMIN.id), user=ALEX).text == FOR_ADMINS


def reason(custom_id: str, user: User) -> Answered:
    return send(discord.modal(PLACE, user, custom_id, {"words": "loud"}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"times": 0}, "`times` can be 1 to 3."),
        ({"times": 4}, "`times` can be 1 to 3."),
        ({"times": "3"}, "`times` has changed"),
        ({"loud": 1}, "`loud` has changed"),
        ({"what": 1.5}, "`what` has changed"),
        ({"what": "x" * 9}, "`what` can be at most 8 characters long."),
        ({"kind": "c"}, "`kind` can be one of these: a, b."),
        ({"gone": "x"}, "This command has changed"),
    ],
)
def test_options_that_do_not_match_their_declaration_are_refused(options: dict[str, discord.Value], words: str):
    answered = command("do", options)
    assert answered.text.startswith(words)
    assert answered.is_private


def test_a_user_whom_discord_could_not_find_is_refused_politely():
    payload = discord.command(PLACE, ALEX, "do", {"friend": SAM})
    assert send(payload).text == f"speak 1 False {SAM.id}"
    del payload["data"]["resolved"]
    answered = send(payload)
    assert answered.text == "Discord could not find the `friend`. Please choose a member whom Discord suggests."
    assert answered.is_private


def test_a_required_option_is_required():
    assert command("needs").text.startswith("This command has changed")
