"""/security backup: an admin asks for a snapshot, the answer claims no more than is true, and the audit log has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.discord.snowflakes import made_at
from mastermind.entrypoints.endpoint import UNAVAILABLE
from mastermind.operations.backup.rules import asked_name
from mastermind.operations.jobs import messages
from mastermind.operations.jobs.messages import BackupJob
from tests.commands.moderating import ADA, BEN, MESSAGE
from tests.commands.playing import PLACE, Bot

if TYPE_CHECKING:
    from devkit.json_types import Json
    from tests.conftest import Connection


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def asking(user: discord.User = ADA) -> Json:
    return discord.command(PLACE, user, "security backup")


def job(payload: Json) -> BackupJob:
    return BackupJob(int(str(payload["id"])))


def message(payload: Json) -> str:
    return messages.write(job(payload))


def written(owner: Connection) -> list[tuple[int, str]]:
    return owner.execute("SELECT actor_id, action FROM audit_log ORDER BY id").fetchall()


def test_a_job_is_put_on_the_queue_and_the_answer_says_started_and_not_done(admin: Bot):
    before, payload, after = datetime.now(UTC), asking(), datetime.now(UTC)
    answer = admin.send(payload)
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    assert admin.jobs.sent == [message(payload)]
    at = made_at(job(payload).interaction_id)
    assert answer.text.startswith(f"## 🧰 Backup started\nAsked for <t:{int(at.timestamp())}:f>.")
    assert f"ends in `{asked_name(at)}`" in answer.text
    assert "**`/security health` shows whether it worked:**" in answer.text
    assert before - timedelta(milliseconds=1) < at <= after


def test_a_repeated_delivery_is_one_job_one_entry_and_the_same_answer(admin: Bot, owner: Connection):
    payload = asking()
    first, second = admin.send(payload), admin.send(payload)
    assert first.body == second.body
    assert admin.jobs.sent == [message(payload)]
    assert written(owner) == [(ADA.id, "backup.start")]


def test_a_second_request_makes_another_backup(admin: Bot, main: Bot, owner: Connection):
    payloads = [asking(), asking(BEN)]
    admin.send(payloads[0])
    main.as_user(BEN).send(payloads[1])
    assert admin.jobs.sent == [message(payload) for payload in payloads]
    assert written(owner) == [(ADA.id, "backup.start"), (BEN.id, "backup.start")]


def test_a_backup_that_the_queue_refused_is_not_called_started(admin: Bot, owner: Connection):
    payload = asking()
    admin.jobs.down = True
    assert admin.send(payload).text == UNAVAILABLE
    assert written(owner) == []
    admin.jobs.down = False
    assert admin.send(payload).text.startswith("## 🧰 Backup started"), "its repeat may still do it"
    assert (admin.jobs.sent, written(owner)) == ([message(payload)], [(ADA.id, "backup.start")])
