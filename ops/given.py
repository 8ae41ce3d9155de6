"""Operators' input, checked before any call: one parser for each kind of option.

A parser gets what was typed, or the default, and raises typer.BadParameter with words for the operator. None of them
shows a value that may be a secret.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import typer
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from mastermind.bot.registry import APPS
from mastermind.discord.limits import MEDIA_URL
from mastermind.discord.wire import BIGGEST_ID
from mastermind.game.audit.rules import ACTIONS
from mastermind.typed import bare, fold, is_visible, meant, whole_number
from ops import template
from ops.databases import NO_URL
from ops.dlqs import DLQS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

LOCAL = "local"
"""What stands for the local cloud in place of a stack's name."""

HERE = {"127.0.0.1", "localhost", "::1"}
"""This machine, which a bot token may be sent to without TLS."""

_ID = re.compile(r"(?:<[@#][!&]?)?([0-9]{1,19})>?")
_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SSM_NAME = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9_./-]{0,1010}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REF = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._/+^~-]{0,249}")
_MESSAGE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}")
_SNAPSHOT = re.compile(r"(rds:)?[a-z][a-z0-9-]{0,254}")
_SPAN = re.compile("([0-9]{1,4}) ?([smhd])[a-z]*")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


# --- ids, numbers, times ---


def discord_id(typed: object) -> int:
    """The id of a user, server, channel or application; a mention is one, too."""
    found = _ID.fullmatch(fold(str(typed)))
    if found is None or not 0 < int(found[1]) <= BIGGEST_ID:
        _refuse(typed, "is no Discord id; Discord shows it in Developer Mode (right-click, Copy ID)")
    return int(found[1])


def whole(least: int, most: int) -> Callable[[object], int]:
    """A whole number of that range."""

    def number(typed: object) -> int:
        found = whole_number(str(typed))
        if found is None or not least <= found <= most:
            _refuse(typed, f"is no whole number from {least} to {most}")
        return found

    return number


def duration(typed: object) -> timedelta:
    """A stretch of time, at least a second."""
    if isinstance(typed, timedelta):
        return typed
    found = _SPAN.fullmatch(fold(str(typed)))
    if found is None or not int(found[1]):
        _refuse(typed, "is no duration: write 90s, 15m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def words(most: int) -> Callable[[object], str]:
    """What is written down for others to read: 1 to `most` characters."""

    def written(typed: object) -> str:
        found = str(typed).strip()
        if not is_visible(found) or len(found) > most:
            _fail(f"write 1 to {most:,} characters")
        return found

    return written


def moment(typed: object) -> datetime:
    """A date and a time, in UTC unless it names another zone."""
    if isinstance(typed, datetime):
        return typed
    words = "is no moment, like 2026-11-23 02:55 or 2026-11-23T02:55:00Z"
    if not _MOMENT.match(written := bare(str(typed)).removesuffix("UTC").strip().upper()):
        _refuse(typed, words)
    try:
        found = datetime.fromisoformat(written)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(typed, words)


# --- names ---


def stack(typed: object) -> str:
    """The name of a stack; empty for `local`, the local cloud."""
    name = _matching(_STACK, typed, "is no name of a stack: letters, digits and hyphens, first a letter")
    return "" if name == LOCAL else name


def region(typed: object) -> str:
    return _matching(_REGION, typed, "is no region of AWS, like eu-central-1")


def bucket(typed: object) -> str:
    return _matching(_BUCKET, typed, "is no name of a bucket: 3 to 63 small letters, digits, points and hyphens")


def snapshot(typed: object) -> str:
    return _matching(_SNAPSHOT, str(typed).lower(), "is no name of a snapshot, like mastermind-20261123")


def ref(typed: object) -> str:
    """A tag or commit, and nothing that git takes for an option."""
    return _matching(_REF, typed, "is no name of a tag or commit")


def variable(typed: object) -> str:
    """The name of an environment variable; what was typed instead may be the token itself."""
    name = bare(str(typed))
    return name if _VARIABLE.fullmatch(name) else _fail("this is no name of a variable: letters, digits and _")


def ssm_parameter(typed: object) -> str:
    """The name of an SSM parameter; what was typed instead may be the token itself."""
    name = bare(str(typed))
    return name if _SSM_NAME.fullmatch(name) else _fail("this is no name of a parameter, like /mastermind/bot-token")


def function(typed: object) -> str:
    """A function by the end of its deployed name, or by its folder."""
    return _one_of(template.functions(), fold(str(typed)).replace("_", "-"), "is no function")


def app(typed: object) -> str:
    return _one_of(APPS, typed, "is no application")


def one_of(known: Collection[str], problem: str) -> Callable[[object], str]:
    """One of these words; `problem` is what any other is."""

    def word(typed: object) -> str:
        return _one_of(known, typed, problem)

    return word


def action(typed: object) -> str:
    """An action of the audit log, by its name or its title."""
    names = [(action, name) for action, title in ACTIONS.items() for name in (action, title)]
    return meant(str(typed), names) or _one_of(ACTIONS, typed, "is no action")


def dead_letter_queue(typed: object) -> str:
    """A dead-letter queue by its name in the template; the name of its source means it as well."""
    names = [(name, each) for name in DLQS for each in (name, name.removesuffix("Dlq"))]
    return meant(str(typed), names) or _one_of(DLQS, typed, "is no dead-letter queue")


def message_id(typed: object) -> str:
    """The id of a message, as SQS gives it."""
    return _matching(_MESSAGE, typed, "is no id of a message; `.venv/bin/ops queue-look` shows them")


# --- files ---


def file(typed: object) -> Path:
    """A file that is there."""
    path = _path(typed)
    return path if path.is_file() else _refuse(path, "is no file")


def folder(typed: object) -> Path:
    """A folder that is there."""
    path = _path(typed)
    return path if path.is_dir() else _refuse(path, "is no folder")


def new_file(typed: object) -> Path:
    """A file that is written, in a folder that is there."""
    path = _path(typed)
    if path.is_dir():
        _refuse(path, "is a folder")
    return path if path.absolute().parent.is_dir() else _fail(f"there is no folder for {str(path)!r}")


def new_folder(typed: object) -> Path:
    """A folder that is created if it is not there."""
    path = _path(typed)
    return path if path.is_dir() or not path.exists() else _refuse(path, "is no folder")


def _path(typed: object) -> Path:
    """A path; nothing at all, from an empty variable of a shell for example, would be the folder one is in."""
    name = str(typed)
    return Path(name) if is_visible(name) and "\0" not in name else _fail("the name is missing")


# --- URLs ---


def api(typed: object) -> str:
    """The URL of an API that is sent a bot token: over TLS, or on this machine."""
    url = bare(str(typed))
    parts = _parts(url)
    if not parts or not (parts[0] == "https" or (parts[0] == "http" and parts[1] in HERE)):
        _fail("this is no https URL, and the bot token is only sent over https")
    return url


def picture(typed: object) -> str:
    """The URL of a picture that Discord will fetch."""
    url = bare(str(typed))
    parts = _parts(url)
    if not parts or parts[0] != "https" or len(url) > MEDIA_URL:
        _fail(f"this cannot be a banner: it must be an https URL of at most {MEDIA_URL} characters")
    return url


def database_url(typed: object) -> str:
    url = bare(str(typed))
    try:
        conninfo_to_dict(url)
    except (ProgrammingError, UnicodeError):
        _fail(NO_URL)
    return url or _fail(NO_URL)


# --- shared ---


def _one_of(known: Collection[str], typed: object, problem: str) -> str:
    found = next((name for name in known if fold(name) == fold(str(typed))), None)
    return found or _refuse(typed, f"{problem}: it is one of {', '.join(known)}")


def _matching(pattern: re.Pattern[str], typed: object, problem: str) -> str:
    name = bare(str(typed))
    return name if pattern.fullmatch(name) else _refuse(typed, problem)


def _parts(url: str) -> tuple[str, str] | None:
    """Scheme and host of a URL; None for what cannot be one, or holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return None
    is_sound = url.isascii() and url.isprintable() and " " not in url and not (parts.username or parts.password)
    return (parts.scheme, parts.hostname) if is_sound and parts.hostname and port else None


def _refuse(typed: object, problem: str) -> NoReturn:
    _fail(f"{str(typed)!r} {problem}.")


def _fail(words: str) -> NoReturn:
    raise typer.BadParameter(words)
