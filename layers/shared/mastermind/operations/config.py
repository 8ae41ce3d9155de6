"""The settings of the functions that operate the game and send its messages; declared as those of `mastermind.config`.

No function that answers members loads them.
"""

# Annotations are real types here, because `config.read` converts by them.

from dataclasses import dataclass
from typing import Annotated

from mastermind.config import (
    ADMIN_ROLE,
    AWS_REGION,
    MODERATOR_ROLE,
    TIME_ZONE,
    Setting,
)
from mastermind.errors import ConfigError
from mastermind.patterns import late

SNAPSHOT_PREFIX = late(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""What RDS takes as the beginning of a snapshot's name."""

LINK = late(r"https://[^\s#]{1,300}")
"""Where the runbook may be read: a page that opens with a click, without a section."""

AWARD_FUNCTION = Setting("XP_AWARD_FUNCTION", "The function that reports on the database, and stores flags.")
PICTURES_FUNCTION = Setting("PICTURES_FUNCTION", "The function that draws pictures; empty: messages go without.", "")
RDS_INSTANCE = Setting("RDS_INSTANCE", "The database's instance, as its snapshots name it.")


@dataclass(frozen=True, slots=True)
class AnnouncerSettings:
    """Where announcements go; read apart from the rest, so that no alert fails for want of it."""

    webhook: Annotated[
        str,
        Setting(
            "ANNOUNCEMENTS_PARAMETER", "The SSM SecureString with the URL of the webhook that announcements go to."
        ),
    ]


@dataclass(frozen=True, slots=True)
class NeedSettings:
    """Where moderators are mentioned for somebody in need; read apart from the rest, so that no alert fails for it."""

    webhook: Annotated[
        str, Setting("ADMINS_PARAMETER", "The SSM SecureString with the URL of the webhook of the admins' channel.")
    ]
    moderator_role_id: Annotated[int, MODERATOR_ROLE]
    award_function: Annotated[str, AWARD_FUNCTION]


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What the report to the admins needs beside their channel."""

    pictures_function: Annotated[str, PICTURES_FUNCTION]


@dataclass(frozen=True, slots=True)
class AlarmsSettings:
    """The queue whose messages become alerts; others become announcements."""

    queue_arn: Annotated[str, Setting("ALARMS_QUEUE_ARN", "The queue of the alarms, whose messages become alerts.", "")]


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go, and where it is stored which of them were sent. `health_period` is in seconds."""

    webhook: Annotated[
        str, Setting("ALERTS_PARAMETER", "The SSM SecureString with the URL of the webhook that alerts go to.")
    ]
    bucket: Annotated[
        str, Setting("ALERTS_BUCKET", "The bucket with the record of the alerts and mentions that were sent.")
    ]
    health_period: Annotated[
        int,
        Setting(
            "HEALTH_ALARM_PERIOD",
            "Seconds of the alarm on the game's health; without a status for a bit longer the health check is silent.",
            "300",
        ),
    ]
    mail_topic_arn: Annotated[str, Setting("MAIL_TOPIC_ARN", "The SNS topic whose subscribers get e-mail.")]
    runbook: Annotated[
        str | None,
        Setting(
            "RUNBOOK_URL",
            "The https link to docs/Troubleshooting.md; alerts link to its sections. Empty: no links.",
            "",
        ),
    ]

    def __post_init__(self) -> None:
        if self.runbook and not LINK.fullmatch(self.runbook):
            raise ConfigError("RUNBOOK_URL", "must be an https link without a section")


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Whose requests the outbox sends to Discord, with what, and from where to where."""

    application_id: Annotated[
        int, Setting("DISCORD_APPLICATION_ID", "The Discord application this function answers for.")
    ]
    guild_id: Annotated[int, Setting("DISCORD_GUILD_ID", "The one Discord server this deployment serves.")]
    admin_role_id: Annotated[int, ADMIN_ROLE]
    moderator_role_id: Annotated[int, MODERATOR_ROLE]
    bot_token: Annotated[
        str, Setting("BOT_TOKEN_PARAMETER", "The SSM SecureString with the main application's bot token.")
    ]
    token_key: Annotated[
        str, Setting("TOKEN_KEY_PARAMETER", "The SSM SecureString with the key that opens sealed interaction tokens.")
    ]
    bucket: Annotated[str, Setting("OUTBOX_BUCKET", "The bucket with the record of how long Discord wants us to wait.")]
    handovers_queue_url: Annotated[str, Setting("HANDOVERS_QUEUE_URL", "The queue of what needs the bot token.")]
    edits_queue_url: Annotated[str, Setting("EDITS_QUEUE_URL", "The queue of edits of answers.")]
    edits_queue_arn: Annotated[str, Setting("EDITS_QUEUE_ARN", "The same queue, as its messages name it.")]
    results_queue_url: Annotated[
        str, Setting("OUTBOX_RESULTS_QUEUE_URL", "The queue of the outcomes of requests to Discord.")
    ]
    pictures_function: Annotated[str, PICTURES_FUNCTION]
    api_url: Annotated[
        str, Setting("DISCORD_API_URL", "Local only: the stand-in for Discord.", "https://discord.com/api/v10")
    ]

    @property
    def own_roles(self) -> frozenset[int]:
        """The roles that make admins and moderators of the game."""
        return frozenset({self.admin_role_id, self.moderator_role_id} - {0})


@dataclass(frozen=True, slots=True)
class PicturesSettings:
    """From where the function that draws fetches members' pictures."""

    avatars_url: Annotated[
        str, Setting("AVATARS_URL", "Local only: the stand-in for Discord's CDN.", "https://cdn.discordapp.com")
    ]


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What the health check calls, where it keeps its state, and the IANA zone of the operator's nights."""

    api_url: Annotated[
        str, Setting("API_URL", "The public API up to its stage, as the health check calls it from outside.")
    ]
    award_function: Annotated[str, AWARD_FUNCTION]
    queues_to_empty: Annotated[
        tuple[str, ...],
        Setting("QUEUES_TO_EMPTY", "URLs of the queues whose messages must be consumed, with commas between them."),
    ]
    dead_letter_queues: Annotated[
        tuple[str, ...],
        Setting("DEAD_LETTER_QUEUES", "URLs of the queues that must be empty, with commas between them."),
    ]
    alarms_queue_url: Annotated[
        str, Setting("ALARMS_QUEUE_URL", "The queue of the alarms, to which the health check sends its status.")
    ]
    rds_instance: Annotated[str, RDS_INSTANCE]
    state_parameter: Annotated[
        str,
        Setting(
            "HEALTH_STATE_PARAMETER", "The SSM parameter in which the health check keeps what fails, and since when."
        ),
    ]
    time_zone: Annotated[str, TIME_ZONE]


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Whose snapshots are made, how many are kept, and the IANA zone of the operator's nights."""

    snapshot_prefix: Annotated[
        str, Setting("SNAPSHOT_PREFIX", "The prefix of the names of our snapshots: the stack's name, in lower case.")
    ]
    rds_instance: Annotated[str, RDS_INSTANCE]
    nights_kept: Annotated[int, Setting("NIGHTS_KEPT", "How many nightly snapshots are kept.")]
    requests_kept: Annotated[int, Setting("REQUESTS_KEPT", "How many snapshots are kept that were asked for.")]
    time_zone: Annotated[str, TIME_ZONE]

    def __post_init__(self) -> None:
        if min(self.nights_kept, self.requests_kept) < 1:
            raise ConfigError("NIGHTS_KEPT, REQUESTS_KEPT", "at least one snapshot of each kind is kept")
        if not SNAPSHOT_PREFIX.fullmatch(self.snapshot_prefix):
            problem = "RDS takes lower case, digits and single hyphens: rename the stack"
            raise ConfigError("SNAPSHOT_PREFIX", problem)


@dataclass(frozen=True, slots=True)
class CustomResourceSettings:
    """In which region CloudFormation waits for answers."""

    region: Annotated[str, AWS_REGION]


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Which secret the gate of the migrations reads, which function it passes that to, and where its keys are."""

    master_secret_arn: Annotated[
        str, Setting("MASTER_SECRET_ARN", "The secret with the database owner's password; only the gate reads it.")
    ]
    migrate_function: Annotated[
        str, Setting("MIGRATE_FUNCTION", "The function inside the VPC that applies migrations.")
    ]
    token_key: Annotated[
        str, Setting("TOKEN_KEY_PARAMETER", "The SSM SecureString with the key that opens sealed interaction tokens.")
    ]
    token_public_key: Annotated[
        str, Setting("TOKEN_PUBLIC_KEY_PARAMETER", "The SSM parameter with the key that seals interaction tokens.")
    ]
