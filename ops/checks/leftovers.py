"""Checks of what has the stack's name already: what keeps a new one from being made, and what it would inherit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mastermind.config import SNAPSHOT_PREFIX
from ops import given
from ops.checks.findings import fine, noted, unseen, wrong
from ops.recovery import NEVER_SERVED, REVIEWED, STUCK
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

    type Part = Callable[[Planned], Iterator[tuple[str, str]]]

LONGEST = 64
"""Characters of a function's name (Lambda API reference, CreateFunction)."""


def name(planned: Planned) -> Iterator[Finding]:
    stack = planned.target.stack
    longest = max(len(one) for one in _functions(planned))
    if not SNAPSHOT_PREFIX.fullmatch(stack):
        words = f"{stack} cannot begin the names of snapshots"
        yield wrong("name", words, "Lower-case letters, digits and single hyphens, first a letter, last no hyphen.")
    elif longest > LONGEST:
        words = f"{stack} is too long: a function's name may have {LONGEST} characters"
        yield wrong("name", words, f"Choose one of at most {len(stack) - longest + LONGEST} characters.")
    else:
        yield fine("name", stack)


def stack(planned: Planned) -> Iterator[Finding]:
    """What state an earlier deploy left the stack in."""
    status = planned.status
    if status in {*NEVER_SERVED, STUCK}:
        words = f"an earlier deploy failed ({status})"
        yield noted("stack", words, "`.venv/bin/ops deploy` says what failed first, and offers the way on.")
    elif status.endswith("_IN_PROGRESS") and status != REVIEWED:
        yield wrong("stack", f"CloudFormation is still at work on it ({status})", "Wait until it is done.")
    else:
        yield fine("stack", "new" if planned.is_new else status)


def taken(planned: Planned) -> Iterator[Finding]:
    """Resources without a stack whose names a new one needs: CloudFormation makes nothing that exists already.

    Those of a deploy that failed are deleted with its stack.
    """
    if not planned.is_new or planned.status in NEVER_SERVED:
        return
    parts = (_functions_left, _logs_left, _schedules_left, _dashboards_left)
    found = list(_each(planned, "names", parts, _in_the_way))
    yield from found or [fine("names", "nothing has a name that the stack needs")]


def _in_the_way(what: str, delete: str) -> Finding:
    return wrong("names", f"{what} exists already", f"`{delete}`, or choose another name.")


def _functions(planned: Planned) -> set[str]:
    names = given.template().function_names().values()
    return {one.replace("${AWS::StackName}", planned.target.stack) for one in names}


def _functions_left(planned: Planned) -> Iterator[tuple[str, str]]:
    there = {one["FunctionName"] for one in planned.all_of("lambda", "list_functions", "Functions")}
    for one in sorted(there & _functions(planned)):
        yield f"the function {one}", f"aws lambda delete-function --function-name {one}"


def _logs_left(planned: Planned) -> Iterator[tuple[str, str]]:
    stack = planned.target.stack
    needed = {f"/aws/lambda/{one}" for one in _functions(planned)} | {f"/aws/apigateway/{stack}"}
    for prefix in (f"/aws/lambda/{stack}-", f"/aws/apigateway/{stack}"):
        groups = planned.all_of("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
        for one in sorted({group["logGroupName"] for group in groups} & needed):
            yield f"the log group {one}", f"aws logs delete-log-group --log-group-name {one}"


def _schedules_left(planned: Planned) -> Iterator[tuple[str, str]]:
    stack = planned.target.stack
    groups = planned.all_of("scheduler", "list_schedule_groups", "ScheduleGroups", NamePrefix=stack)
    if any(one["Name"] == stack for one in groups):
        yield f"the schedule group {stack}", f"aws scheduler delete-schedule-group --name {stack}"


def _dashboards_left(planned: Planned) -> Iterator[tuple[str, str]]:
    stack = planned.target.stack
    there = planned.all_of("cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix=stack)
    if any(one["DashboardName"] == stack for one in there):
        yield f"the dashboard {stack}", f"aws cloudwatch delete-dashboards --dashboard-names {stack}"


def inherited(planned: Planned) -> Iterator[Finding]:
    """What an earlier stack of that name left, which does not keep a new one from being made."""
    if not planned.is_new:
        return
    parts = (_snapshots_left, _buckets_left, _parameters_left, _secrets_left)
    found = list(_each(planned, "left over", parts, _left_over))
    yield from found or [fine("left over", "nothing of an earlier stack of that name")]


def _left_over(words: str, fix: str) -> Finding:
    return noted("left over", words, fix)


def _each(
    planned: Planned, what: str, parts: Iterable[Part], finding: Callable[[str, str], Finding]
) -> Iterator[Finding]:
    """The findings of each part; one that cannot be looked at does not hide the others."""
    for part in parts:
        try:
            yield from [finding(*one) for one in part(planned)]
        except TargetError as error:
            yield unseen(what, error)


def _snapshots_left(planned: Planned) -> Iterator[tuple[str, str]]:
    ours = re.compile(rf"{re.escape(planned.target.stack)}-(20[0-9]{{6}}|manual-20|snapshot-database-)")
    there = planned.all_of("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual")
    names = sorted(one["DBSnapshotIdentifier"] for one in there if ours.match(one["DBSnapshotIdentifier"]))
    if names:
        words = f"{len(names)} snapshots of an earlier game, the newest {names[-1]}: its backups share their names"
        yield words, "Keep what you may restore under another name (`aws rds copy-db-snapshot`), and delete the rest."


def _buckets_left(planned: Planned) -> Iterator[tuple[str, str]]:
    begins = f"{planned.target.stack}-exportbucket-"
    for one in call_aws(lambda: planned.target.client("s3").list_buckets())["Buckets"]:
        if one["Name"].startswith(begins):
            yield (
                f"the bucket {one['Name']}, with the deletion log of an earlier game",
                "Keep it as long as a snapshot or dump of that game is left. The new stack has a bucket of its own.",
            )


def _parameters_left(planned: Planned) -> Iterator[tuple[str, str]]:
    path = f"/{planned.target.stack}/"
    found = planned.all_of("ssm", "get_parameters_by_path", "Parameters", Path=path, Recursive=True)
    if names := sorted(one["Name"] for one in found):
        words = f"SSM parameters that the new game will use: {', '.join(names)}"
        yield (
            words,
            f"Right if you stored them for it. Otherwise `aws ssm delete-parameters --names {' '.join(names)}`.",
        )


def _secrets_left(planned: Planned) -> Iterator[tuple[str, str]]:
    """Their names have a random end, so that none is in the way, not even one that is scheduled for deletion."""
    about = f"Credentials of the database owner of {planned.target.stack}."
    found = planned.all_of("secretsmanager", "list_secrets", "SecretList", IncludePlannedDeletion=True)
    for one in found:
        if one.get("Description", "").startswith(about) and "DeletedDate" not in one:
            fix = f"`aws secretsmanager delete-secret --secret-id {one['Name']}` once no database needs it."
            yield f"the secret {one['Name']} of an earlier database", fix
