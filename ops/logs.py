"""`ops logs`: what a function logged, newest last, from CloudWatch or from the files of the local cloud."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from devkit.terminal import printable
from local.cloud import folder
from ops import given
from ops.command_line import RegionName, StackName, find_game
from ops.discord import fail
from ops.target import Target, TargetError, call_aws
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST = 10_000
"""Lines that are read at most."""

LOUD = {"WARNING", "ERROR", "CRITICAL"}
LOUD_WORDS = ("Traceback", "Error", "Task timed out", "Runtime exited", "Status: error", "Status: timeout")
STAMPED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00 ")
OF_LAMBDA = re.compile(r"(START|END|REPORT|INIT_START|INIT_REPORT|EXTENSION|TELEMETRY|LOGS)\s")
"""How Lambda's own lines begin where it logs as text (Lambda developer guide, Log formats)."""

KNOWN = {"level", "timestamp", "time", "message", "service", "location", "exception", "exception_name"}
"""What stands elsewhere in a line for people, or does not help them."""


def logs(
    function: Annotated[
        str,
        typer.Argument(
            parser=given.function,
            help="For example interactions-main, xp-award, healthcheck, notify, migrate.",
        ),
    ],
    *,
    stack: StackName = None,
    region: RegionName = None,
    since: Annotated[
        timedelta,
        typer.Option(parser=given.duration, help="How far back: 90s, 15m, 2h, 1d.", show_default="15m"),
    ] = timedelta(minutes=15),
    containing: Annotated[str, typer.Option("--grep", help="Only lines that contain this text.")] = "",
    loud: Annotated[bool, typer.Option("--errors", help="Only warnings and errors.")] = False,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Every line as it was written: stack traces, metrics, Lambda's own lines."),
    ] = False,
) -> None:
    """Show what a function logged: one line for each event, without what Lambda itself reports."""
    with closing(find_game(stack, region)) as target:
        try:
            found = list(wanted(target, function, datetime.now(UTC) - since, containing, loud=loud))
        except TargetError as error:
            fail(f"{error}. Has {function} run yet?")
    lines = found if raw else [line for line in found if not is_noise(line)]
    for line in lines:
        typer.echo(printable(line)) if raw else show(line)
    if not lines:
        typer.echo(f"{function} has logged no such line since then; --since goes further back.", err=True)
    if hidden := len(found) - len(lines):
        typer.echo(f"{hidden} more are metrics and lines of Lambda itself: --raw shows them.", err=True)


def wanted(target: Target, function: str, begin: datetime, containing: str, *, loud: bool) -> Iterator[str]:
    """The lines of a function since then that contain the text; with `loud` only warnings and errors."""
    read = _from_file if target.is_local else _from_cloudwatch
    for line in read(target, function, begin):
        if containing in line and (not loud or _is_loud(line)):
            yield line


def _from_cloudwatch(target: Target, function: str, begin: datetime) -> Iterator[str]:
    pages = (
        target.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=f"/aws/lambda/{target.function(function)}", startTime=int(begin.timestamp() * 1000))
    )
    found = call_aws(lambda: list(islice((event for page in pages for event in page["events"]), MOST)))
    yield from (event["message"].rstrip() for event in found)


def _from_file(target: Target, function: str, begin: datetime) -> Iterator[str]:
    path = folder() / "logs" / f"{target.function(function)}.log"
    if not path.exists():
        raise TargetError(f"{path} is not there")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-MOST:]
    for line in lines:
        said = line.partition(" ")[2] if STAMPED.match(line) else line  # the log reader adds a time
        if (at := _at(said) or _received_at(line)) is None or at >= begin:
            yield said


def _received_at(line: str) -> datetime | None:
    return datetime.fromisoformat(line.partition(" ")[0]) if STAMPED.match(line) else None


def _entry(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _at(line: str) -> datetime | None:
    """The time in the line, if it has one."""
    try:
        moment = datetime.fromisoformat(_stamp(_entry(line)))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stamp(entry: Mapping[str, Any]) -> str:
    """When it was written: ours and the runtime's name that differently from Lambda itself."""
    return str(entry.get("timestamp") or entry.get("time") or "")


def _is_loud(line: str) -> bool:
    """Whether it is a warning or an error: of ours, of the runtime or of Lambda itself."""
    entry = _entry(line)
    if not entry:
        return any(word in line for word in LOUD_WORDS)
    if _is_of_lambda(entry):
        return _failure(entry) != ""
    return str(entry.get("level") or entry.get("log_level") or "") in LOUD


def is_noise(line: str) -> bool:
    """Whether it is a metric, or Lambda's own report on an invocation that ended well."""
    entry = _entry(line)
    if entry:
        return "_aws" in entry or (_is_of_lambda(entry) and not _failure(entry))
    return OF_LAMBDA.match(line) is not None and not _is_loud(line)


def _is_of_lambda(entry: Mapping[str, Any]) -> bool:
    """Whether Lambda itself reports on an invocation, in the shape of its Telemetry API."""
    return str(entry.get("type", "")).startswith("platform.")


def _failure(entry: Mapping[str, Any]) -> str:
    """What Lambda says went wrong, such as "timeout" or "error Runtime.OutOfMemory"; empty if nothing did."""
    record = entry.get("record")
    if not isinstance(record, dict):
        return str(record) if entry.get("type") == "platform.fault" else ""
    said = cast("dict[str, Any]", record)
    status = str(said.get("status", "success"))
    return "" if status == "success" else f"{status} {said.get('errorType', '')}".rstrip()


def show(line: str) -> None:
    """Print a line for people: its time, its level, what it says, all on one line."""
    entry, console = _entry(line), Console(highlight=False, soft_wrap=True)
    if _is_of_lambda(entry):
        entry = {"level": "ERROR" if _failure(entry) else "INFO", "message": _failure(entry), **entry}
    if "message" not in entry:
        console.print(_in_one_line(line), markup=False)
        return
    level = str(entry.get("level", ""))
    color = {"INFO": "dim", "WARNING": "yellow"}.get(level, "red")
    console.print(f"{_in_one_line(f'{_stamp(entry)[:23]} {level}')} ", style=color, markup=False, end="")
    rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in KNOWN)
    console.print(_in_one_line(f"{entry['message']}{_error(entry)} {rest}".rstrip()), markup=False)


def _error(entry: Mapping[str, Any]) -> str:
    """What went wrong, the last line of its stack trace; --raw shows all of that."""
    trace = str(entry.get("exception") or "").strip()
    return f": {trace.splitlines()[-1]}" if trace else ""


def _in_one_line(words: str) -> str:
    return " ".join(words.split("\n"))
