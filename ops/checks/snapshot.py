"""Checks of the snapshot that a stack's database is made of: whether it can be, and that it never changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mastermind.game.privacy.rules import DELETIONS_KEPT
from ops import template
from ops.checks.findings import fine, noted, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

PARAMETER = "DatabaseSnapshot"


def snapshot(planned: Planned) -> Iterator[Finding]:
    named = planned.parameters[PARAMETER]
    if not planned.is_new:
        yield from _unchanged(planned.was(PARAMETER) or "", named)
    elif named:
        yield from _usable(planned, named)


def _unchanged(here: str, named: str) -> Iterator[Finding]:
    """Whatever is done to the parameter later makes CloudFormation replace the database.

    CloudFormation reference, AWS::RDS::DBInstance, DBSnapshotIdentifier.
    """
    if here == named:
        if here:
            yield fine("snapshot", f"the database was made of {here}, and that stays with the stack")
        return
    new = f"one that is made of {named}" if named else "an empty one"
    words = f"{PARAMETER} is {here or 'empty'} and cannot change: the database would be replaced by {new}"
    yield wrong("snapshot", words, f"Deploy with {PARAMETER}={here}. To go back in data: {RESTORE}")


RESTORE = "`.venv/bin/ops restore`."


def _usable(planned: Planned, named: str) -> Iterator[Finding]:
    try:
        found = _described(planned, named)
    except TargetError as error:
        if "NotFound" not in str(error):
            raise
        fix = "`aws rds describe-db-snapshots` lists those of this account and region."
        yield wrong("snapshot", f"there is no snapshot {named}", fix)
        return
    found_wrong = list(problems(found, planned.number("DatabaseStorage")))
    yield from (wrong("snapshot", f"{named} {words}", fix) for words, fix in found_wrong)
    if not found_wrong:
        words = f"the database is made of {named}: members who deleted themselves since then are in it"
        fix = f"After the deploy, before anybody plays: repeat the deletions of the earlier game's log. {NEW_STACK}"
        yield noted("snapshot", words, fix)


NEW_STACK = "docs/Deployment.md, From a snapshot to a new stack."


def _described(planned: Planned, named: str) -> Mapping[str, Any]:
    rds, asked = planned.target.client("rds"), {"DBSnapshotIdentifier": named}
    asked |= {"IncludeShared": True} if named.startswith("arn:") else {}
    return call_aws(lambda: rds.describe_db_snapshots(**asked))["DBSnapshots"][0]


def problems(found: Mapping[str, Any], storage: int) -> Iterator[tuple[str, str]]:
    """Why RDS would refuse to make our database of it, with that storage, or the functions could not use that."""
    database = template.database()
    engine, version = database["Engine"], database["EngineVersion"]
    owner, other = database["MasterUsername"]["Fn::If"][1], "Name a snapshot of this game."
    if found["Status"] != "available":
        yield f"is {found['Status']}", "Wait until it is available."
    if found["Engine"] != engine or found["EngineVersion"].partition(".")[0] != version:
        yield f"is of {found['Engine']} {found['EngineVersion']}, and the stack's database is {engine} {version}", other
    if found["MasterUsername"] != owner:
        yield f"belongs to {found['MasterUsername']}, and the game's database to {owner}", other
    if not found["Encrypted"]:
        yield "is not encrypted", "Copy it with a key: `aws rds copy-db-snapshot --kms-key-id alias/aws/rds`."
    if found["AllocatedStorage"] > storage:
        size = found["AllocatedStorage"]
        yield f"is of a database of {size} GiB, and storage cannot shrink", f"Deploy with DatabaseStorage={size}."
    if datetime.now(UTC) - found.get("SnapshotCreateTime", datetime.now(UTC)) > DELETIONS_KEPT:
        words = f"is older than the {DELETIONS_KEPT.days} days for which the deletion log is kept"
        yield words, "Do not use it: members who have deleted themselves would be back for good."
