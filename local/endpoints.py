"""`.local/endpoints.json`: the addresses of a running local cloud, for tests, scripts and people."""

from __future__ import annotations

import fcntl
import json
import secrets
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from devkit import command_ids
from mastermind import strict_json
from mastermind.bot import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import TextIO

    from devkit.json_types import Json

FILE = "endpoints.json"
LOCK = "lock"
QUEUES = {
    "xp_awards": "XpAwardsUrl",
    "xp_awards_dlq": "XpAwardsDlqUrl",
    "notices": "NoticesUrl",
    "jobs": "JobsUrl",
    "outbox_due": "OutboxDueUrl",
    "hand_overs": "HandOversUrl",
    "edits": "EditsUrl",
    "outbox_results": "OutboxResultsUrl",
}
FUNCTIONS = ("healthcheck", "backup", "xp_award", "relay", "notify", "outbox", "pictures", "migrate")


def discord(folder: Path) -> Json:
    """The made-up Discord server and applications of this folder, with the ids of the commands that they have now.

    It is stored as long as its data.
    """
    file = folder / "discord.json"
    if not file.exists():
        from devkit.discord_client import snowflake

        apps = {app: _new_application() for app in registry.APPS}
        file.touch(mode=0o600)
        file.write_text(json.dumps({"guild_id": str(snowflake()), "apps": apps}, indent=2), encoding="utf-8")
    known = cast("Json", strict_json.loads(file.read_bytes()))
    return with_commands(known, {app: registry.names(app) for app in known["apps"]})


def with_commands(known: Json, names: Mapping[str, Iterable[str]]) -> Json:
    """The same, with the ids of these commands of each application."""

    def ids(app: str) -> dict[str, int]:
        return command_ids.made_up(int(known["apps"][app]["application_id"]), names[app])

    return {**known, "apps": {app: {**one, "command_ids": ids(app)} for app, one in known["apps"].items()}}


def _new_application() -> Json:
    from devkit.discord_client import new_private_key, public_key, snowflake

    private = new_private_key()
    application_id = str(snowflake() - secrets.randbits(40))
    return {"application_id": application_id, "public_key": public_key(private).hex(), "private_key": private.hex()}


def describe(
    known: Json,
    outputs: Mapping[str, str],
    functions: tuple[str, ...],
    *,
    stack: str,
    page: str,
    database: str,
    aws: str,
    apis: str,
    webhooks: str,
    discord: str,
) -> Json:
    """The endpoints of a deployed stack: `known` is from `discord`, `outputs` and `functions` are the stack's."""

    def url(app: str) -> str:
        return outputs[f"{app.title()}InteractionsUrl"]

    deployed = {name: f"{stack}-{name.replace('_', '-')}" for name in FUNCTIONS}
    return {
        "page_url": page,
        "database_url": database,
        "aws_endpoint_url": aws,
        "guild_id": known["guild_id"],
        "apps": {app: {"interactions_url": emulated(url(app), apis), **known["apps"][app]} for app in registry.APPS},
        "queues": {name: outputs[output] for name, output in QUEUES.items()},
        "functions": {name: deployed[name] for name in FUNCTIONS if deployed[name] in functions},
        "webhooks_received_url": webhooks,
        "discord_api_url": discord,
    }


def emulated(url: str, emulator: str) -> str:
    """The emulator's address for a URL of API Gateway's: https://<api>.execute-api.<region>.<suffix>/<stage>/<path>.

    The APIs need no secret: of `emulator`, an address of the emulator, only the host counts.
    """
    place = urlsplit(url)
    api, (stage, slash, path) = (place.hostname or "").partition(".")[0], place.path.lstrip("/").partition("/")
    return f"http://{urlsplit(emulator).netloc}/restapis/{api}/{stage}/_user_request_{slash}{path}"


def write(folder: Path, endpoints: Json) -> None:
    """Write them readable by the owner only: the file has keys and the password of the local database."""
    fresh = folder / f"{FILE}.new"
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(endpoints, indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder / FILE)


def take(lock: TextIO) -> bool:
    """Lock the folder whose file this is; False if a local cloud has it. `is_taken` elsewhere holds it for a moment."""
    while not _is_locked(lock, fcntl.LOCK_EX):
        if not _is_locked(lock, fcntl.LOCK_SH):
            return False
        fcntl.flock(lock, fcntl.LOCK_UN)
        time.sleep(0.01)
    return True


def _is_locked(lock: TextIO, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_taken(folder: Path) -> bool:
    """Whether a local cloud holds the lock of this folder; files left by an earlier one do not count."""
    try:
        with (folder / LOCK).open(encoding="ascii") as lock:
            return not _is_locked(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def read(folder: Path) -> Json | None:
    """The endpoints of the local cloud that is running in this folder; None if there is none."""
    if not is_taken(folder):
        return None
    try:
        endpoints = cast("Json", strict_json.loads((folder / FILE).read_bytes()))
        with urllib.request.urlopen(endpoints["page_url"], timeout=30):  # noqa: S310 (our own page)
            return endpoints
    except (OSError, ValueError, KeyError, urllib.error.URLError):
        return None
