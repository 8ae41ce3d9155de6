"""`ops audit-verify`: compares the audit log with its seals, and with the ends that are stored outside the database."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast

import typer
from pydantic import TypeAdapter

from mastermind.errors import BadMessage
from mastermind.game.sealing.rules import HEADS, START, Head
from mastermind.parsing import parse
from ops.command_line import RegionName, StackName, find_game
from ops.deletions import content, in_bucket, keys
from ops.discord import fail
from ops.target import Target, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.json_types import Json

WRITTEN_DOWN = TypeAdapter(Head)
NAMED = re.compile(rf"{re.escape(HEADS)}(\d{{4}}-\d\d-\d\d)\.json")

LATE = timedelta(days=2)
"""The end of the chain is written down each day; after so long somebody has to look why it is not."""

CLOCKS_DIFFER = timedelta(days=1)
"""So far may the clock here be behind."""


RECENT = 7
"""The ends of so many days are compared by the doctor, which is run often."""

FIRST = Head(0, START)
"""What the first link comes after."""

UNKNOWN = 2**63 - 1
"""In place of the entry of a link that only the bucket has: whether one was added right behind it is not looked at."""


class Differs(Exception):
    """The audit log is not as it was sealed; the message says what differs first."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How many links hold, and how many ends of days agree with them."""

    links: int
    days: int


def audit_verify(
    *,
    stack: StackName = None,
    region: RegionName = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only ends of days from this day on: after a restore, the day of it."),
    ] = None,
) -> None:
    """Verify that no entry of the audit log was changed, removed, added or moved since it was sealed."""
    with closing(find_game(stack, region)) as target:
        try:
            ends = written_down(target, since.date() if since else date.min)
            checked = check(target, ends)
        except Differs as error:
            fail(f"The audit log is not as it was sealed: {error}. {WHAT_TO_DO}")
        except TargetError as error:
            fail(str(error))
    typer.echo(f"{checked.links} entries are as they were sealed; the ends of {checked.days} days agree with them.")
    if words := late(ends):
        typer.echo(f"{words}: the sweep does it each day.")


WHAT_TO_DO = "docs/Troubleshooting.md, The audit log does not verify, says what that means"


def written_down(target: Target, since: date) -> Mapping[date, Head]:
    """The ends that the bucket has, by day; raises Differs for one that is none, and TargetError."""
    bucket, s3 = target.output("ExportBucketName"), target.client("s3")
    found = {_day(key): _head(key, entry) for key, entry in call_aws(lambda: list(in_bucket(bucket, s3, HEADS)))}
    return {day: head for day, head in sorted(found.items()) if day >= since}


def newest(target: Target) -> tuple[Head, Mapping[date, Head]]:
    """The newest ends, and the one to begin at so that all of them are looked for in the chain; raises as above.

    The log may not have grown for days: then the ends of more days are read, perhaps of all.
    """
    bucket, s3 = target.output("ExportBucketName"), target.client("s3")
    days = {_day(key): key for key in call_aws(lambda: list(keys(bucket, s3, HEADS)))}
    found: dict[date, Head] = {}
    for day in sorted(days, reverse=True):
        head = _head(days[day], call_aws(lambda day=day: content(bucket, s3, days[day])))
        if len(found) >= RECENT and head.position < max(one.position for one in found.values()):
            return head, found
        found[day] = head
    return FIRST, found


def _day(key: str) -> date:
    """A day that has not come would hide that no end was written down since."""
    named = NAMED.fullmatch(key)
    try:
        day = date.fromisoformat(named[1] if named else "")
    except ValueError:
        raise Differs(f"{key} in the bucket is no end of a day") from None
    if day > datetime.now(UTC).date() + CLOCKS_DIFFER:
        raise Differs(f"{key} in the bucket is the end of a day that has not come")
    return day


def _head(key: str, entry: bytes) -> Head:
    try:
        return parse(WRITTEN_DOWN, entry)
    except BadMessage as error:
        raise Differs(f"{key} in the bucket is no end of a day: {error}") from None


def check(target: Target, ends: Mapping[date, Head], begin: Head = FIRST) -> Checked:
    """Walk through the chain behind `begin`; raises Differs at the first entry that differs, and TargetError."""
    known, links = {begin.position: begin.link}, 0
    for page in _pages(target, begin):
        for one in page["links"]:
            known[one["position"]] = one["link"]
            links += 1
        _compare(ends, known)
        if page["differs"]:
            raise Differs(page["differs"])
    for day, head in ends.items():
        if head.position not in known:
            left = begin.position + links
            raise Differs(
                f"on {day} the log had {head.position} entries, and now it has {left}: entry {left + 1} and"
                " those after it are gone"
            )
    return Checked(links, len(ends))


def _compare(ends: Mapping[date, Head], known: Mapping[int, str]) -> None:
    for day, head in ends.items():
        if known.get(head.position, head.link) != head.link:
            raise Differs(f"link {head.position} is another than was written down on {day}: the chain was made again")


def _pages(target: Target, begin: Head) -> Iterator[Json]:
    entry = UNKNOWN if begin.position else 0
    last: Json = {"position": begin.position, "link": begin.link, "entry_id": entry}
    while True:
        page = target.invoke("interactions-main", {"operator": {"chain": last}})
        yield page
        links = cast("list[Json]", page["links"])
        if not links or page["differs"]:
            return
        last = {**links[-1], "entry_id": int(links[-1]["entry_id"])}


def late(ends: Mapping[date, Head]) -> str:
    """Since when no end was written down, if that is long ago."""
    day = max(ends, default=None)
    if day and day >= datetime.now(UTC).date() - LATE:
        return ""
    return f"The end of the chain was last written down on {day or 'no day'}"
