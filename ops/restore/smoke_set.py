"""Plays the smoke set on a restored database with the functions of this checkout."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from devkit.discord_client import Place, User, command, new_private_key, ping, public_key, snowflake
from local.cloud import ROOT
from mastermind.bot.registry import APPS
from mastermind.discord.permissions import ADMINISTRATOR
from ops.function_process import FunctionProcess, database_variables
from ops.restore.patience import played
from ops.smoke import SMOKE_SET, Step

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from ops.restore.report import Drill

PLACE = Place(application_id=1_100_000_000_000_000_001, guild_id=1_200_000_000_000_000_002)

NO_AWS = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "OUTBOX_DUE_QUEUE_URL": "http://127.0.0.1:9/due",
}
"""There is no queue: a drill must not send the game's own messages."""


def play(drill: Drill, server: Postgres, database: str) -> None:
    """Check what each interactions function answers, in its own process and database role; FunctionEndedError."""
    key = new_private_key()
    for app in APPS:
        settings = replace(server.settings(f"app_{app}"), name=database)
        environment = {**_discord_variables(key), **database_variables(settings), **NO_AWS}
        log = server.folder / f"{app}.log"
        with FunctionProcess(ROOT, f"interactions_{app}", environment, log) as function:
            _refuse(drill, function, app)
            for step in (step for step in SMOKE_SET if step.app == app):
                _play_step(drill, function, step, key)


def _discord_variables(key: bytes) -> dict[str, str]:
    return {
        "DISCORD_APPLICATION_ID": str(PLACE.application_id),
        "DISCORD_PUBLIC_KEY": public_key(key).hex(),
        "DISCORD_GUILD_ID": str(PLACE.guild_id),
    }


def _refuse(drill: Drill, function: FunctionProcess, app: str) -> None:
    answer = function.interact(app, json.dumps(ping(PLACE)).encode(), new_private_key())
    words = f"answers {answer.status} to a forged signature"
    drill.check(f"a forged signature, {app}", words, passed=answer.status == 401)


def _play_step(drill: Drill, function: FunctionProcess, step: Step, key: bytes) -> None:
    def ask() -> Answer:
        admin = User(snowflake(), "Restore Drill", permissions=ADMINISTRATOR)  # another each time: commands have limits
        return function.interact(step.app, json.dumps(command(PLACE, admin, step.name, step.options)).encode(), key)

    found = played(ask, step)
    drill.check(f"/{step.name}", found.words, passed=not found.wrong, is_slow=found.is_slow)
