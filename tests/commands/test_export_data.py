"""/security export-data: an admin gets what a member could have asked for themselves, and it is written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from devkit import discord_client as discord
from mastermind.game.exports.actions import NOTHING_KEPT
from tests.commands.moderating import ADA, MESSAGE, MIA, log, meet
from tests.commands.playing import ALEX, PLACE, SAM, Bot

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from tests.conftest import Connection


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def exported(bot: Bot, user: User = ALEX) -> Answer:
    answer = bot.command("security export-data", {"user": user})
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def tables(answer: Answer) -> dict[str, Any]:
    [(name, body)] = answer.files.items()
    assert name.startswith("mastermind-")
    return json.loads(body)["tables"]


def test_it_is_the_members_own_export_as_a_file(admin: Bot, main: Bot, owner: Connection):
    meet(owner, ALEX, SAM)
    main.as_user(MIA).command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    answer = exported(admin)
    assert answer.text.startswith(f"## 🔒 The data of <@{ALEX.id}>\nThis file is everything that the game keeps")
    content = tables(answer)
    assert content["users"]["rows"][0]["display_name"] == "Alex"
    assert content["user_warnings"]["rows"][0]["reason"] == "Pushed after a no"
    (body,) = answer.files.values()
    assert not any(str(other.id).encode() in body for other in (SAM, MIA, ADA))


def test_it_is_in_the_audit_log_once_however_often_it_is_delivered(admin: Bot, owner: Connection):
    meet(owner, ALEX)
    payload = discord.command(PLACE, ADA, "security export-data", {"user": ALEX})
    assert admin.send(payload).files
    assert admin.send(payload).files
    assert log(owner) == [(ADA.id, "privacy.export", ALEX.id, None, None, "")]
    content = tables(exported(admin))
    assert [row["action"] for row in content["audit_log"]["rows"]] == ["privacy.export"]


def test_an_export_too_large_for_a_message_is_linked(admin: Bot, owner: Connection):
    meet(owner, ALEX)
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " SELECT %s, 0, 'adjustment', 'admin', n::text, '2026-01-05' FROM generate_series(1, 2000) AS n",
        [ALEX.id],
    )
    answer = exported(admin)
    assert answer.files == {}
    assert f"## 🔒 The data of <@{ALEX.id}>\nThe data is too large for a message" in answer.text
    assert len(admin.storage.kept) == 1


def test_a_person_without_data_has_nothing_to_export(admin: Bot, owner: Connection):
    assert exported(admin).text == NOTHING_KEPT
    assert log(owner) == []


def test_a_warned_person_who_never_played_has_data_too(admin: Bot):
    admin.command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    content = tables(exported(admin))
    assert (len(content["user_warnings"]["rows"]), content["users"]["rows"]) == (1, [])


def test_admins_may_export_their_own(admin: Bot, owner: Connection):
    assert tables(exported(admin, ADA))["users"]["rows"][0]["display_name"] == "Ada"
    assert log(owner) == [(ADA.id, "privacy.export", ADA.id, None, None, "")]
