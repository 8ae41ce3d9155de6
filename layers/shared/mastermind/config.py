"""The settings of a function: the only reader of the environment.

Every variable is declared once, in VARIABLES; docs/Environment.md is generated from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mastermind.errors import ConfigError
from mastermind.game.members.pace import LIMITS, Limit, Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.announcements.rules import Kind
    from mastermind.operations.backup.rules import Owner


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable: its name, what it means, and its default (None: it must be set)."""

    name: str
    meaning: str
    default: str | None = None


RUNBOOK = "docs/Troubleshooting.md"
"""As the descriptions of the alarms name it."""

DISCORD_APPLICATION_ID = Variable("DISCORD_APPLICATION_ID", "The Discord application this function answers for.")
DISCORD_PUBLIC_KEY = Variable("DISCORD_PUBLIC_KEY", "Its public key: 64 hexadecimal digits.")
DISCORD_GUILD_ID = Variable("DISCORD_GUILD_ID", "The one Discord server this deployment serves.")
ADMIN_ROLE_ID = Variable("ADMIN_ROLE_ID", "A role whose members are admins; 0 for none.", "0")
OWNER_ID = Variable("OWNER_ID", "The Discord user who may do everything; 0 for none.", "0")
DATABASE_HOST = Variable("DATABASE_HOST", "Where PostgreSQL listens.")
DATABASE_PORT = Variable("DATABASE_PORT", "Its port.", "5432")
DATABASE_NAME = Variable("DATABASE_NAME", "The database.", "mastermind")
DATABASE_USER = Variable("DATABASE_USER", "The role this function enters as; one per function.")
DATABASE_PASSWORD = Variable("DATABASE_PASSWORD", "Local only. Empty: an RDS IAM token is signed instead.", "")
DATABASE_SSLMODE = Variable("DATABASE_SSLMODE", "libpq's sslmode; `disable` locally.", "verify-full")
DATABASE_SSLROOTCERT = Variable("DATABASE_SSLROOTCERT", "The CA bundle that vouches for the database.", "")
AWS_REGION = Variable("AWS_REGION", "Set by Lambda itself.")
AWS_ACCESS_KEY_ID = Variable("AWS_ACCESS_KEY_ID", "Set by Lambda itself, as the next two.", "")
AWS_SECRET_ACCESS_KEY = Variable("AWS_SECRET_ACCESS_KEY", "What this function signs its calls to AWS with.", "")
AWS_SESSION_TOKEN = Variable("AWS_SESSION_TOKEN", "The proof that the two above are on loan to this function.", "")
AWS_ENDPOINT_URL = Variable("AWS_ENDPOINT_URL", "Local only: the emulator that stands in for AWS.", "")
XP_AWARDS_QUEUE_URL = Variable("XP_AWARDS_QUEUE_URL", "The delay queue of the XP awards.", "")
NOTICES_QUEUE_URL = Variable("NOTICES_QUEUE_URL", "The queue of what shall be announced in Discord.", "")
JOBS_QUEUE_URL = Variable("JOBS_QUEUE_URL", "The queue of what admins ask for and another function does.", "")
ANNOUNCE_MILESTONES = Variable(
    "ANNOUNCE_MILESTONES", "Whether the server hears of members' milestones: `on` or `off`.", "on"
)
ANNOUNCE_LEVEL_UPS = Variable(
    "ANNOUNCE_LEVEL_UPS", "Whether the server hears that members reach level 5, 10, 25 or 50: `on` or `off`.", "on"
)
ANNOUNCE_RAIDS = Variable("ANNOUNCE_RAIDS", "Whether the server hears of raids: `on` or `off`.", "on")
ANNOUNCEMENTS_PARAMETER = Variable(
    "ANNOUNCEMENTS_PARAMETER", "The SSM SecureString with the URL of the webhook that announcements go to.", ""
)
EXPORT_BUCKET = Variable("EXPORT_BUCKET", "The bucket of large exports, and of the log of deletions.", "")
ALARMS_QUEUE_ARN = Variable("ALARMS_QUEUE_ARN", "The queue of the alarms, whose messages become alerts.", "")
ALERTS_PARAMETER = Variable(
    "ALERTS_PARAMETER", "The SSM SecureString with the URL of the webhook that alerts go to.", ""
)
ALERTS_PATH = Variable("ALERTS_PATH", "Below it in SSM stands, for each alarm, what was told of it.", "")
HEALTH_STATE_PARAMETER = Variable(
    "HEALTH_STATE_PARAMETER", "The SSM parameter in which the health check keeps what fails, and since when.", ""
)
MAIL_TOPIC_ARN = Variable("MAIL_TOPIC_ARN", "The SNS topic whose subscribers read e-mail.", "")
HEALTH_ALARM_PERIOD = Variable(
    "HEALTH_ALARM_PERIOD", "Seconds of the alarm on the game's health; other alarms are held somewhat longer.", "300"
)
RUNBOOK_URL = Variable("RUNBOOK_URL", "Where the runbook can be read; alerts name its sections.", RUNBOOK)
API_URL = Variable("API_URL", "The public API up to its stage, as the health check calls it from outside.", "")
XP_AWARD_FUNCTION = Variable("XP_AWARD_FUNCTION", "The function that answers for the database.", "")
QUEUES_TO_EMPTY = Variable(
    "QUEUES_TO_EMPTY", "URLs of the queues whose messages somebody must take, with commas between them.", ""
)
DEAD_LETTER_QUEUES = Variable(
    "DEAD_LETTER_QUEUES", "URLs of the queues that must be empty, with commas between them.", ""
)
RDS_INSTANCE = Variable("RDS_INSTANCE", "The database's instance, as its snapshots name it.", "")
SNAPSHOT_PREFIX = Variable(
    "SNAPSHOT_PREFIX", "How the names of our snapshots begin: the stack's name, in lower case.", ""
)
MASTER_SECRET_ARN = Variable("MASTER_SECRET_ARN", "The secret with the database owner's password; the gate's alone.")
MIGRATE_FUNCTION = Variable("MIGRATE_FUNCTION", "The function inside the VPC that applies migrations.")
XP_DELAY_SECONDS = Variable(
    "XP_DELAY_SECONDS", "Seconds from a tick to its award; the queue's delay is the same.", "60"
)
DEFAULT_TIME_ZONE = Variable("DEFAULT_TIME_ZONE", "IANA time zone of members who have not set one.", "America/New_York")
LIMIT_STATS = Variable(
    "LIMIT_STATS", "Submissions of a member: `60/h:20` is 60 an hour, of them 20 at once.", "60/h:20"
)
LIMIT_TICKS = Variable("LIMIT_TICKS", "Ticks and undos of a member, together.", "120/min:30")
LIMIT_PAGING = Variable("LIMIT_PAGING", "What a member opens and leafs through.", "240/min:60")
LIMIT_LEADERBOARD = Variable("LIMIT_LEADERBOARD", "Leaderboards a member asks for.", "6/min:3")
LIMIT_OTHER = Variable("LIMIT_OTHER", "All other commands of a member, together.", "30/min:10")
LIMIT_ADMIN = Variable("LIMIT_ADMIN", "Commands of an admin or moderator, together.", "50/min:20")
POWERTOOLS_METRICS_NAMESPACE = Variable("POWERTOOLS_METRICS_NAMESPACE", "Under which our metrics stand.", "Mastermind")
POWERTOOLS_LOG_LEVEL = Variable("POWERTOOLS_LOG_LEVEL", "What is logged at least: DEBUG, INFO, WARNING ...", "INFO")

VARIABLES = (
    DISCORD_APPLICATION_ID,
    DISCORD_PUBLIC_KEY,
    DISCORD_GUILD_ID,
    ADMIN_ROLE_ID,
    OWNER_ID,
    DATABASE_HOST,
    DATABASE_PORT,
    DATABASE_NAME,
    DATABASE_USER,
    DATABASE_PASSWORD,
    DATABASE_SSLMODE,
    DATABASE_SSLROOTCERT,
    AWS_REGION,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN,
    AWS_ENDPOINT_URL,
    XP_AWARDS_QUEUE_URL,
    NOTICES_QUEUE_URL,
    JOBS_QUEUE_URL,
    ANNOUNCE_MILESTONES,
    ANNOUNCE_LEVEL_UPS,
    ANNOUNCE_RAIDS,
    ANNOUNCEMENTS_PARAMETER,
    EXPORT_BUCKET,
    ALARMS_QUEUE_ARN,
    ALERTS_PARAMETER,
    ALERTS_PATH,
    HEALTH_STATE_PARAMETER,
    MAIL_TOPIC_ARN,
    HEALTH_ALARM_PERIOD,
    RUNBOOK_URL,
    API_URL,
    XP_AWARD_FUNCTION,
    QUEUES_TO_EMPTY,
    DEAD_LETTER_QUEUES,
    RDS_INSTANCE,
    SNAPSHOT_PREFIX,
    MASTER_SECRET_ARN,
    MIGRATE_FUNCTION,
    XP_DELAY_SECONDS,
    DEFAULT_TIME_ZONE,
    LIMIT_STATS,
    LIMIT_TICKS,
    LIMIT_PAGING,
    LIMIT_LEADERBOARD,
    LIMIT_OTHER,
    LIMIT_ADMIN,
    POWERTOOLS_METRICS_NAMESPACE,
    POWERTOOLS_LOG_LEVEL,
)


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """Which Discord application a function answers for, and in which server.

    `public_key` is 32 bytes; ids are snowflakes. `admin_role_id` and `owner_id` are 0 when not configured.
    """

    application_id: int
    public_key: bytes
    guild_id: int
    admin_role_id: int
    owner_id: int


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where PostgreSQL is and as whom to enter.

    Without a password the function signs an RDS IAM token (docs/rules/reach.md, Database login);
    with one, and `sslmode` "disable", it is the local database.
    """

    host: str
    port: int
    name: str
    user: str
    password: str | None = field(repr=False)
    sslmode: str
    sslrootcert: str | None


@dataclass(frozen=True, slots=True)
class AwsCredentials:
    """What a function signs its calls to AWS with; Lambda gives each process its own."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Region, the endpoint that stands in for AWS locally (None: the real one), and our credentials."""

    region: str
    endpoint_url: str | None
    credentials: AwsCredentials | None = None


@dataclass(frozen=True, slots=True)
class GameSettings:
    """What an operator may tune. `xp_delay` is in seconds (docs/rules/awards.md, Queue), `time_zone` an IANA name."""

    xp_delay: int
    time_zone: str
    limits: Mapping[Pace, Limit] = field(default_factory=lambda: LIMITS)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The namespace of the metrics, and the least level of the logs."""

    namespace: str
    level: str


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go (`webhook` names an SSM parameter), what is remembered of them, and where their runbook is.

    `health_period` is that of the alarm on the game's health, in seconds.
    """

    webhook: str
    path: str
    health_state: str
    mail_topic_arn: str
    runbook: str
    health_period: int


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What the health check asks, where it keeps its state, and the IANA zone of the operator's nights."""

    api_url: str
    award_function: str
    queues_to_empty: tuple[str, ...]
    dead_letter_queues: tuple[str, ...]
    rds_instance: str
    state_parameter: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Whose snapshots are made, and the IANA zone of the operator's nights."""

    owner: Owner
    time_zone: str


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Which secret the migrations' gate reads, and which function it hands that to."""

    master_secret_arn: str
    migrate_function: str


def read_discord(environ: Mapping[str, str]) -> DiscordSettings:
    """Read the Discord application's settings; raises ConfigError naming the variable."""
    return DiscordSettings(
        application_id=_whole(environ, DISCORD_APPLICATION_ID),
        public_key=_hex(environ, DISCORD_PUBLIC_KEY, 32),
        guild_id=_whole(environ, DISCORD_GUILD_ID),
        admin_role_id=_whole(environ, ADMIN_ROLE_ID),
        owner_id=_whole(environ, OWNER_ID),
    )


def read_database(environ: Mapping[str, str]) -> DatabaseSettings:
    """Read the database's settings; raises ConfigError naming the variable."""
    return DatabaseSettings(
        host=_text(environ, DATABASE_HOST),
        port=_whole(environ, DATABASE_PORT),
        name=_text(environ, DATABASE_NAME),
        user=_text(environ, DATABASE_USER),
        password=_text(environ, DATABASE_PASSWORD) or None,
        sslmode=_text(environ, DATABASE_SSLMODE),
        sslrootcert=_text(environ, DATABASE_SSLROOTCERT) or None,
    )


def read_aws(environ: Mapping[str, str]) -> AwsSettings:
    """Read the AWS settings that Lambda and the template provide; raises ConfigError naming the variable."""
    return AwsSettings(
        region=_text(environ, AWS_REGION),
        endpoint_url=_text(environ, AWS_ENDPOINT_URL) or None,
        credentials=_credentials(environ),
    )


def read_queue_url(environ: Mapping[str, str], variable: Variable) -> str:
    """Read where a queue is; raises ConfigError naming the variable."""
    return _set(environ, variable)


def read_export_bucket(environ: Mapping[str, str]) -> str:
    """Read the bucket's name; raises ConfigError naming the variable."""
    return _set(environ, EXPORT_BUCKET)


def read_announcements_parameter(environ: Mapping[str, str]) -> str:
    """Read which parameter holds the webhook's URL; raises ConfigError naming the variable."""
    return _set(environ, ANNOUNCEMENTS_PARAMETER)


def read_alerts(environ: Mapping[str, str]) -> AlertSettings:
    """Read what alerts need; raises ConfigError naming the variable."""
    return AlertSettings(
        webhook=_set(environ, ALERTS_PARAMETER),
        path=_set(environ, ALERTS_PATH),
        health_state=_set(environ, HEALTH_STATE_PARAMETER),
        mail_topic_arn=_set(environ, MAIL_TOPIC_ARN),
        runbook=_text(environ, RUNBOOK_URL),
        health_period=_whole(environ, HEALTH_ALARM_PERIOD),
    )


def read_alarms_queue(environ: Mapping[str, str]) -> str:
    """Read the ARN of the queue of the alarms; empty where none is."""
    return _text(environ, ALARMS_QUEUE_ARN)


def read_announced(environ: Mapping[str, str]) -> frozenset[Kind]:
    """The kinds of announcements that the server hears of; raises ConfigError naming the variable."""
    from mastermind.game.announcements.rules import RAIDS, Kind

    milestones = {Kind.MILESTONE} if _is_on(environ, ANNOUNCE_MILESTONES) else frozenset[Kind]()
    level_ups = {Kind.LEVEL_UP} if _is_on(environ, ANNOUNCE_LEVEL_UPS) else frozenset[Kind]()
    raids = RAIDS if _is_on(environ, ANNOUNCE_RAIDS) else frozenset[Kind]()
    return raids | milestones | level_ups


def _is_on(environ: Mapping[str, str], switch: Variable) -> bool:
    value = _text(environ, switch)
    if value not in {"on", "off"}:
        raise ConfigError(switch.name, "must be on or off")
    return value == "on"


def read_owner_database(environ: Mapping[str, str], connection: Mapping[str, object]) -> DatabaseSettings:
    """The migration runner's settings: what the gate took from the master secret, overlaid by the environment."""
    names = {"host": DATABASE_HOST, "port": DATABASE_PORT, "dbname": DATABASE_NAME}
    names |= {"username": DATABASE_USER, "password": DATABASE_PASSWORD}
    handed = {variable.name: str(connection[key]) for key, variable in names.items() if key in connection}
    return read_database(handed | {name: value for name, value in environ.items() if value})


def read_health(environ: Mapping[str, str]) -> HealthSettings:
    """Read what the health check needs; raises ConfigError naming the variable."""
    return HealthSettings(
        api_url=_set(environ, API_URL),
        award_function=_set(environ, XP_AWARD_FUNCTION),
        queues_to_empty=_several(environ, QUEUES_TO_EMPTY),
        dead_letter_queues=_several(environ, DEAD_LETTER_QUEUES),
        rds_instance=_set(environ, RDS_INSTANCE),
        state_parameter=_set(environ, HEALTH_STATE_PARAMETER),
        time_zone=_text(environ, DEFAULT_TIME_ZONE),
    )


def read_backup(environ: Mapping[str, str]) -> BackupSettings:
    """Read what backups need; raises ConfigError naming the variable."""
    from mastermind.operations.backup.rules import STACK, Owner

    stack = _set(environ, SNAPSHOT_PREFIX)
    if not STACK.fullmatch(stack):
        raise ConfigError(SNAPSHOT_PREFIX.name, "RDS takes lower case, digits and single hyphens: rename the stack")
    return BackupSettings(Owner(stack, _set(environ, RDS_INSTANCE)), _text(environ, DEFAULT_TIME_ZONE))


def read_gate(environ: Mapping[str, str]) -> GateSettings:
    """Read what the migrations' gate needs; raises ConfigError naming the variable."""
    return GateSettings(_text(environ, MASTER_SECRET_ARN), _text(environ, MIGRATE_FUNCTION))


def read_game(environ: Mapping[str, str]) -> GameSettings:
    """Read what operators tune; raises ConfigError naming the variable."""
    return GameSettings(
        xp_delay=_whole(environ, XP_DELAY_SECONDS),
        time_zone=_text(environ, DEFAULT_TIME_ZONE),
        limits=_limits(environ),
    )


def read_log(environ: Mapping[str, str]) -> LogSettings:
    """Read how logs and metrics are written; needs nothing to be set."""
    level = _text(environ, POWERTOOLS_LOG_LEVEL).upper()
    known = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
    return LogSettings(_text(environ, POWERTOOLS_METRICS_NAMESPACE), level if level in known else "INFO")


def read_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of the environment that must never be seen anywhere."""
    secret = re.compile("PASSWORD|SECRET|TOKEN")
    return tuple(value for name, value in environ.items() if value and secret.search(name))


def _limits(environ: Mapping[str, str]) -> Mapping[Pace, Limit]:
    return {
        Pace.STATS: _limit(environ, LIMIT_STATS),
        Pace.TICKS: _limit(environ, LIMIT_TICKS),
        Pace.PAGING: _limit(environ, LIMIT_PAGING),
        Pace.LEADERBOARD: _limit(environ, LIMIT_LEADERBOARD),
        Pace.OTHER: _limit(environ, LIMIT_OTHER),
        Pace.ADMIN: _limit(environ, LIMIT_ADMIN),
    }


def _limit(environ: Mapping[str, str], variable: Variable) -> Limit:
    match = re.fullmatch(r"([1-9][0-9]{0,5})/(s|min|h):([1-9][0-9]{0,5})", _text(environ, variable))
    if match is None:
        raise ConfigError(variable.name, "must look like 30/min:10")
    uses, unit, burst = match.groups()
    return Limit(int(uses), {"s": 1, "min": 60, "h": 3600}[unit], int(burst))


def _credentials(environ: Mapping[str, str]) -> AwsCredentials | None:
    access_key_id = _text(environ, AWS_ACCESS_KEY_ID)
    if not access_key_id:
        return None
    return AwsCredentials(
        access_key_id, _text(environ, AWS_SECRET_ACCESS_KEY), _text(environ, AWS_SESSION_TOKEN) or None
    )


def _text(environ: Mapping[str, str], variable: Variable) -> str:
    value = environ.get(variable.name) or variable.default
    if value is None:
        raise ConfigError(variable.name, "is not set")
    return value


def _set(environ: Mapping[str, str], variable: Variable) -> str:
    """A variable that its readers cannot do without, though other functions do."""
    value = _text(environ, variable)
    if not value:
        raise ConfigError(variable.name, "is not set")
    return value


def _several(environ: Mapping[str, str], variable: Variable) -> tuple[str, ...]:
    return tuple(_set(environ, variable).split(","))


def _whole(environ: Mapping[str, str], variable: Variable) -> int:
    value = _text(environ, variable)
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(variable.name, "must be a whole number")
    return int(value)


def _hex(environ: Mapping[str, str], variable: Variable, size: int) -> bytes:
    try:
        value = bytes.fromhex(_text(environ, variable))
    except ValueError:
        value = b""
    if len(value) != size:
        raise ConfigError(variable.name, f"must be {size} bytes in hexadecimal")
    return value
