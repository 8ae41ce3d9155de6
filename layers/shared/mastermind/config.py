"""The settings of the functions: each is declared once, on a field, and read from the environment by `read` alone.

docs/Environment.md is generated from these classes and those of `operations.config`, and a test compares the template
with them. Not pydantic: its import alone would cost a cold start more than everything here.
"""

# Annotations are real types here, because `read` converts by them.

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

from mastermind.errors import ConfigError
from mastermind.game.members.pace import LIMITS, LONGEST, Limit, Pace
from mastermind.patterns import late

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KEY = late("[0-9a-fA-F]{64}")
LIMIT = late(r"([1-9][0-9]{0,5})/(s|min|h):([1-9][0-9]{0,5})")

COMMAND_ID = late(r"([a-z][a-z0-9-]{0,31}):([0-9]{15,20})")

SECRETS = ("PASSWORD", "SECRET", "TOKEN")
"""What the names of secret variables have in them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment: its name, help, and default (None: it must be set)."""

    name: str
    help: str
    default: str | None = None


def _limit_setting(pace: Pace, help: str) -> Setting:  # noqa: A002
    return Setting(f"LIMIT_{pace.name}", help, _written(LIMITS[pace]))


def _written(limit: Limit) -> str:
    unit = {seconds: unit for unit, seconds in UNITS.items()}[limit.seconds]
    return f"{limit.uses}/{unit}:{limit.burst}"


UNITS = {"s": 1, "min": 60, "h": 3600}

# Settings of several functions.
TIME_ZONE = Setting(
    "DEFAULT_TIME_ZONE",
    "IANA time zone: of members who have not set one, of the nights of backup and health check, of Mondays.",
    "America/New_York",
)
ADMIN_ROLE = Setting("ADMIN_ROLE_ID", "A role whose members are admins; 0 for none.", "0")
MEMBER_ROLES = Setting(
    "MEMBER_ROLES", "Whether members get roles in Discord for what they reach: `on` or `off`.", "off"
)
MODERATOR_ROLE = Setting("MODERATOR_ROLE_ID", "A role whose members are moderators; 0 for none.", "0")
MILESTONES = Setting("ANNOUNCE_MILESTONES", "Whether milestones are announced: `on` or `off`.", "on")
LEVEL_UPS = Setting("ANNOUNCE_LEVEL_UPS", "Whether levels 5, 10, 25 and 50 are announced: `on` or `off`.", "on")
RAIDS = Setting("ANNOUNCE_RAIDS", "Whether raids are announced: `on` or `off`.", "on")
WEEKS = Setting("ANNOUNCE_WEEKS", "Whether each week is announced on Monday: `on` or `off`.", "off")
ANNOUNCEMENTS_CHANNEL = Setting(
    "ANNOUNCEMENTS_CHANNEL_ID", "The channel in which the bot announces; 0: the webhook does.", "0"
)
AWS_CA_BUNDLE = Setting("AWS_CA_BUNDLE", "Local only: the certificate authorities of that emulator.", "")


class LogLevel(StrEnum):
    """Minimum log level; an unknown name is INFO."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"

    @classmethod
    def _missing_(cls, value: object) -> "LogLevel":
        return cls.__members__.get(str(value).upper(), cls.INFO)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How logs and metrics are written."""

    namespace: Annotated[str, Setting("POWERTOOLS_METRICS_NAMESPACE", "The namespace of the metrics.", "Mastermind")]
    level: Annotated[LogLevel, Setting("POWERTOOLS_LOG_LEVEL", "Minimum log level: DEBUG, INFO, WARNING ...", "INFO")]


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """The Discord application that a function answers for. `public_key` is 32 bytes; ids are snowflakes, 0 for none."""

    application_id: Annotated[
        int, Setting("DISCORD_APPLICATION_ID", "The Discord application this function answers for.")
    ]
    public_key: Annotated[bytes, Setting("DISCORD_PUBLIC_KEY", "Its public key: 64 hexadecimal digits.")]
    guild_id: Annotated[int, Setting("DISCORD_GUILD_ID", "The one Discord server this deployment serves.")]
    admin_role_id: Annotated[int, ADMIN_ROLE]
    moderator_role_id: Annotated[int, MODERATOR_ROLE]
    owner_id: Annotated[int, Setting("OWNER_ID", "The Discord user who may do everything; 0 for none.", "0")]


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """Under which ids Discord knows our commands, of both applications."""

    ids: Annotated[
        dict[str, int],
        Setting("COMMAND_IDS", "`help:123,tenseylist:456`: ids for commands that messages name; empty: no links.", ""),
    ]


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where PostgreSQL is, and the role to log in as.

    Without a password the function signs an RDS IAM token (docs/rules/reach.md, Database login);
    with one, and `sslmode` "disable", it is the local database.
    """

    host: Annotated[str, Setting("DATABASE_HOST", "Where PostgreSQL listens.")]
    port: Annotated[int, Setting("DATABASE_PORT", "Its port.", "5432")]
    name: Annotated[str, Setting("DATABASE_NAME", "The database.", "mastermind")]
    user: Annotated[str, Setting("DATABASE_USER", "The role this function logs in as; one per function.")]
    password: Annotated[
        str | None, Setting("DATABASE_PASSWORD", "Local only. Empty: an RDS IAM token is signed instead.", "")
    ] = field(repr=False)
    sslmode: Annotated[str, Setting("DATABASE_SSLMODE", "libpq's sslmode; `disable` locally.", "verify-full")]
    sslrootcert: Annotated[
        str | None, Setting("DATABASE_SSLROOTCERT", "The CA bundle for the database's certificate.", "")
    ]


@dataclass(frozen=True, slots=True)
class AwsCredentials:
    """What a function signs its calls to AWS with; Lambda gives each process its own, but under SnapStart none."""

    access_key_id: Annotated[str, Setting("AWS_ACCESS_KEY_ID", "Set by Lambda itself, as the next two.", "")]
    secret_access_key: Annotated[
        str, Setting("AWS_SECRET_ACCESS_KEY", "What this function signs its calls to AWS with.", "")
    ] = field(repr=False)
    session_token: Annotated[
        str | None, Setting("AWS_SESSION_TOKEN", "The session token of these temporary credentials.", "")
    ] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CredentialsEndpoint:
    """Where a process asks for credentials that was restored from a snapshot, because the snapshot holds none."""

    url: Annotated[
        str, Setting("AWS_CONTAINER_CREDENTIALS_FULL_URI", "Set by Lambda itself under SnapStart, as the next.", "")
    ]
    token: Annotated[
        str,
        Setting("AWS_CONTAINER_AUTHORIZATION_TOKEN", "The token that this address requires to return credentials.", ""),
    ] = field(repr=False)

    def credentials(self, answer: Mapping[str, str]) -> AwsCredentials:
        """Those in its answer; raises KeyError for any other."""
        return AwsCredentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])


AWS_REGION = Setting("AWS_REGION", "Set by Lambda itself.")


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Region, what replaces AWS and its certificate authorities locally (None: the real ones), and credentials."""

    region: Annotated[str, AWS_REGION]
    endpoint_url: Annotated[str | None, Setting("AWS_ENDPOINT_URL", "Local only: the emulator of AWS.", "")]
    credentials: AwsCredentials | None = None
    ca_bundle: Annotated[str | None, AWS_CA_BUNDLE] = None
    lender: CredentialsEndpoint | None = None


@dataclass(frozen=True, slots=True)
class GameSettings:
    """What an operator may tune. `xp_delay` is in seconds (docs/rules/awards.md, Queue), `time_zone` an IANA name."""

    xp_delay: Annotated[
        int, Setting("XP_DELAY_SECONDS", "Seconds from a tick to its award; the queue's delay is the same.", "60")
    ]
    time_zone: Annotated[str, TIME_ZONE]
    limits: Annotated[
        Mapping[Pace, Limit],
        _limit_setting(Pace.STATS, "Submissions of a member: `60/h:20` is 60 an hour, of them 20 at once."),
        _limit_setting(Pace.TICKS, "Ticks and undos of a member, together."),
        _limit_setting(Pace.PAGING, "Pages that a member opens or turns."),
        _limit_setting(Pace.LEADERBOARD, "Leaderboards that a member opens."),
        _limit_setting(Pace.OTHER, "All other commands of a member, together."),
        _limit_setting(Pace.DIRECT, "What a member taps in direct messages."),
        _limit_setting(Pace.ADMIN, "Commands of an admin or moderator, together."),
    ] = field(default_factory=lambda: LIMITS)
    moderation: Annotated[
        bool, Setting("MODERATION", "Whether the bot does time-outs and bans that are confirmed: `on` or `off`.", "off")
    ] = False
    gives_roles: Annotated[bool, MEMBER_ROLES] = False


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Which deploy an answer comes from."""

    release: Annotated[
        str,
        Setting(
            "RELEASE", "Changes with each deploy of other code; what the deploy's check asks for answers with it.", ""
        ),
    ]


@dataclass(frozen=True, slots=True)
class MainSettings:
    """What only interactions_main uses."""

    jobs_queue_url: Annotated[
        str, Setting("JOBS_QUEUE_URL", "The queue of work that admins request and another function does.")
    ]


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where files are kept; read apart from the rest, so that no award fails for want of it."""

    export_bucket: Annotated[str, Setting("EXPORT_BUCKET", "The bucket of large exports, and of the log of deletions.")]


@dataclass(frozen=True, slots=True)
class TenseySettings:
    """What only interactions_tensey uses."""

    xp_awards_queue_url: Annotated[str, Setting("XP_AWARDS_QUEUE_URL", "The delay queue of the XP awards.")]


@dataclass(frozen=True, slots=True)
class SealSettings:
    """With what interaction tokens are sealed; read apart from the rest: without it no answer is changed later."""

    token_key: Annotated[
        bytes | None,
        Setting(
            "TOKEN_PUBLIC_KEY",
            "The key that seals interaction tokens: 64 hexadecimal digits. Empty: none are kept.",
            "",
        ),
    ]


@dataclass(frozen=True, slots=True)
class PictureQueueSettings:
    """How an answer gets its picture; read apart from the rest: without it there are words alone."""

    queue_url: Annotated[
        str, Setting("PICTURES_QUEUE_URL", "The queue of edits, which pictures of answers go to; empty for none.", "")
    ]


@dataclass(frozen=True, slots=True)
class NoticesSettings:
    """Where announcements and people in need go; read apart from the rest, so that nothing fails for want of it."""

    notices_queue_url: Annotated[str, Setting("NOTICES_QUEUE_URL", "The queue of what will be posted in Discord.")]


@dataclass(frozen=True, slots=True)
class NudgeSettings:
    """How relay is told that something is due; read apart from the rest, so that nothing fails for want of it."""

    outbox_due_queue_url: Annotated[str, Setting("OUTBOX_DUE_QUEUE_URL", "The queue that has relay run at once.")]


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Where relay hands over, and what it knows of Discord. `direct_channels` are opened in a minute at most."""

    handovers_queue_url: Annotated[str, Setting("HANDOVERS_QUEUE_URL", "The queue of what needs the bot token.")]
    edits_queue_url: Annotated[str, Setting("EDITS_QUEUE_URL", "The queue of edits of answers.")]
    results_queue_arn: Annotated[
        str, Setting("OUTBOX_RESULTS_QUEUE_ARN", "The queue of the outcomes of requests to Discord.")
    ]
    tensey_application_id: Annotated[int, Setting("TENSEY_APPLICATION_ID", "The application whose answers are edited.")]
    announcements_channel_id: Annotated[int, ANNOUNCEMENTS_CHANNEL]
    direct_channels: Annotated[
        int, Setting("DIRECT_CHANNELS", "Channels of direct messages that are opened in a minute at most.", "10")
    ]
    time_zone: Annotated[str, TIME_ZONE]
    gives_roles: Annotated[bool, MEMBER_ROLES]
    draws: Annotated[bool, Setting("DRAW_PICTURES", "Whether messages bring pictures along: `on` or `off`.", "off")]


@dataclass(frozen=True, slots=True)
class AnnouncedSettings:
    """Which announcements are made."""

    milestones: Annotated[bool, MILESTONES]
    level_ups: Annotated[bool, LEVEL_UPS]
    raids: Annotated[bool, RAIDS]
    weeks: Annotated[bool, WEEKS]


@dataclass(frozen=True, slots=True)
class DeployedSettings:
    """The defaults of what admins may choose themselves; read only where they are shown (docs/rules/settings.md)."""

    milestones: Annotated[bool, MILESTONES]
    level_ups: Annotated[bool, LEVEL_UPS]
    raids: Annotated[bool, RAIDS]
    weeks: Annotated[bool, WEEKS]
    announcements_channel_id: Annotated[int, ANNOUNCEMENTS_CHANNEL]
    moderator_role_id: Annotated[int, MODERATOR_ROLE]


def read[T: DataclassInstance](kind: type[T], environ: Mapping[str, str]) -> T:
    """The settings of a class; raises ConfigError that names the variable."""
    values = {name: _value(hint, environ) for name, hint in kind.__annotations__.items()}
    return cast("Callable[..., T]", kind)(**values)


def settings(*kinds: "type[DataclassInstance]") -> Iterator[Setting]:
    """What these classes declare, in order."""
    for kind in kinds:
        for hint in kind.__annotations__.values():
            yield from hint.__metadata__ if _is_setting(hint) else settings(_group(hint))


def read_owner_database(environ: Mapping[str, str], connection: Mapping[str, object]) -> DatabaseSettings:
    """The migration runner's settings: what the gate read from the secret, unless the environment has its own."""
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "username": "USER", "password": "PASSWORD"}
    passed = {f"DATABASE_{name}": str(connection[key]) for key, name in names.items() if key in connection}
    return read(DatabaseSettings, passed | {name: value for name, value in environ.items() if value})


def read_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of the environment that must never be seen anywhere."""
    return tuple(value for name, value in environ.items() if value and any(word in name for word in SECRETS))


def _value(hint: Any, environ: Mapping[str, str]) -> object:  # noqa: ANN401 # what a class is annotated with
    if not _is_setting(hint):
        group = _group(hint)
        return read(group, environ) if environ.get(next(settings(group)).name) else None
    declared: tuple[Setting, ...] = hint.__metadata__
    if hint.__origin__ == Mapping[Pace, Limit]:
        return {Pace[each.name.removeprefix("LIMIT_")]: _converted(each, Limit, environ) for each in declared}
    return _converted(declared[0], hint.__origin__, environ)


def _is_setting(hint: object) -> bool:
    """Whether a field is read from variables; otherwise it is a group of its own, or None."""
    return hasattr(hint, "__metadata__")


def _group(hint: Any) -> "type[DataclassInstance]":  # noqa: ANN401 # a union of a class and None
    return hint.__args__[0]


def _converted(declared: Setting, kind: object, environ: Mapping[str, str]) -> object:
    text = environ.get(declared.name) or declared.default
    if text is None:
        raise ConfigError(declared.name, "is not set")
    try:
        return CONVERSIONS[kind](text)
    except ValueError as error:
        raise ConfigError(declared.name, str(error)) from error


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("must be a whole number")
    return int(text)


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("must be on or off")
    return text == "on"


def _key(text: str) -> bytes:
    if not KEY.fullmatch(text):
        raise ValueError("must be 32 bytes in hexadecimal")
    return bytes.fromhex(text)


def _ids(text: str) -> dict[str, int]:
    found = [COMMAND_ID.fullmatch(each) for each in text.split(",") if each]
    if None in found:
        raise ValueError("must look like help:1234567890123456,tenseylist:1234567890123457")
    return {match[1]: int(match[2]) for match in found if match}


def _limit(text: str) -> Limit:
    match = LIMIT.fullmatch(text)
    if match is None:
        raise ValueError("must look like 30/min:10")
    uses, unit, burst = match.groups()
    limit = Limit(int(uses), UNITS[unit], int(burst))
    if limit.spacing * limit.burst > LONGEST:
        raise ValueError("must allow so many at once again within a day")
    return limit


CONVERSIONS: Mapping[object, Callable[[str], object]] = {
    str: str,
    str | None: lambda text: text or None,
    int: _whole,
    bool: _switch,
    bytes: _key,
    bytes | None: lambda text: _key(text) if text else None,
    tuple[str, ...]: lambda text: tuple(text.split(",")),
    dict[str, int]: _ids,
    Limit: _limit,
    LogLevel: LogLevel,
}
