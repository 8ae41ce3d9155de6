"""What a deployer and AWS would provide: the parameters of the stack, and variables of its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devkit import command_ids
from local import endpoints
from local.aws import REGION, access_key
from simulator import personas

if TYPE_CHECKING:
    from devkit.json_types import Json
    from local.cloud import Settings
    from local.emulator import Emulator
    from local.execution import Deployment
    from mastermind.config import DatabaseSettings


def parameters(known: Json, settings: Settings) -> dict[str, str]:
    """Those of the template that differ from its defaults, for the applications that are `known`."""
    apps = known["apps"]
    return {
        "GuildId": known["guild_id"],
        "OwnerId": str(personas.OWNER_ID),
        "Protection": "on",  # the emulator's state is deleted whole, so nothing has to be taken back
        "ModeratorRoleId": str(personas.MODERATOR_ROLE_ID),
        "MainApplicationId": apps["main"]["application_id"],
        "MainPublicKey": apps["main"]["public_key"],
        **{f"{app.title()}CommandIds": command_ids.written(one["command_ids"]) for app, one in apps.items()},
        "TenseyApplicationId": apps["tensey"]["application_id"],
        "TenseyPublicKey": apps["tensey"]["public_key"],
        "MemberRoles": "on",
        "XpDelaySeconds": str(settings.xp_delay),
        "AnnouncementsChannel": str(settings.announcements_channel),
        "Moderation": "on",
        "HealthAlarmPeriod": str(settings.health_period),
        **settings.limits,
    }


def variables(
    deployment: Deployment, emulator: Emulator, discord_url: str, database: DatabaseSettings | None
) -> dict[str, str]:
    """Those that AWS would set, those that lead to a stand-in, and those for the local `database` if it has a role."""
    given = {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": access_key(deployment.name),
        "AWS_SECRET_ACCESS_KEY": emulator.secret,
        "AWS_ENDPOINT_URL": emulator.url,
    }
    if deployment.name.endswith("-pictures"):
        given["AVATARS_URL"] = discord_url
    if "BOT_TOKEN_PARAMETER" in deployment.environment:
        given["DISCORD_API_URL"] = discord_url
    if url := deployment.environment.get("API_URL"):
        given["API_URL"] = endpoints.emulated(url, emulator.origin)
    return given if database is None else given | _of_database(database)


def _of_database(database: DatabaseSettings) -> dict[str, str]:
    return {
        "DATABASE_HOST": database.host,
        "DATABASE_PORT": str(database.port),
        "DATABASE_PASSWORD": database.password or "",
        "DATABASE_SSLMODE": database.sslmode,
    }
