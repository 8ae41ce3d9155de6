"""Checks of resources with the stack's name: those that prevent a new stack, and those that it would inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.operations.config import SNAPSHOT_PREFIX
from ops import leftovers
from ops.checks.findings import fine, noted, unseen, wrong
from ops.recovery import (
    FINISH_IMPORT,
    HALF_IMPORTED,
    HALF_REMOVED,
    NEVER_SERVED,
    REVIEWED,
    STUCK,
    removal_line,
)
from ops.target import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

    type Part = Callable[[Planned], Iterator[tuple[str, str]]]

LONGEST = 64
"""Characters of a function's name (Lambda API reference, CreateFunction)."""


def name(planned: Planned) -> Iterator[Finding]:
    stack = planned.target.stack
    longest = max(len(one) for one in leftovers.expected_functions(planned.target))
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
    elif status == HALF_IMPORTED:
        yield wrong("stack", f"an import could not be taken back ({status})", FINISH_IMPORT)
    elif status == HALF_REMOVED:
        yield wrong("stack", f"it could not be removed completely ({status})", _removed(planned))
    elif status.endswith("_IN_PROGRESS") and status != REVIEWED:
        yield wrong("stack", f"CloudFormation is still at work on it ({status})", "Wait until it is done.")
    else:
        yield fine("stack", "new" if planned.is_new else status)


def taken(planned: Planned) -> Iterator[Finding]:
    """Resources without a stack whose names a new one needs: CloudFormation makes nothing that exists already.

    Those of a stack that is there are its own, and are deleted with it.
    """
    if not planned.is_new or planned.status not in {"", REVIEWED}:
        return
    parts = (_functions_left, _logs_left, _schedules_left, _dashboards_left)
    found = list(_each(planned, "names", parts, _in_the_way))
    yield from found or [fine("names", "nothing has a name that the stack needs")]


def _in_the_way(what: str, delete: str) -> Finding:
    return wrong("names", f"{what} exists already", f"`{delete}`, or choose another name.")


def _functions_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.functions(planned.target):
        yield f"the function {one}", f"aws lambda delete-function --function-name {one}"


def _logs_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.log_groups(planned.target):
        yield f"the log group {one}", f"aws logs delete-log-group --log-group-name {one}"


def _schedules_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.schedule_groups(planned.target):
        yield f"the schedule group {one}", f"aws scheduler delete-schedule-group --name {one}"


def _dashboards_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.dashboards(planned.target):
        yield f"the dashboard {one}", f"aws cloudwatch delete-dashboards --dashboard-names {one}"


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
    if names := leftovers.snapshots(planned.target):
        words = f"{len(names)} snapshots of an earlier game, the newest {names[-1]}: its backups share their names"
        yield words, f"Keep what you may restore under another name (`aws rds copy-db-snapshot`). {_removed(planned)}"


def _buckets_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.buckets(planned.target):
        yield (
            f"the bucket {one}, with the deletion log of an earlier game",
            "Keep it as long as a snapshot or dump of that game is left. The new stack has a bucket of its own.",
        )


def _parameters_left(planned: Planned) -> Iterator[tuple[str, str]]:
    if names := leftovers.parameters(planned.target):
        words = f"SSM parameters that the new game will use: {', '.join(names)}"
        yield words, f"Right if you stored them for it. {_removed(planned)}"


def _secrets_left(planned: Planned) -> Iterator[tuple[str, str]]:
    for one in leftovers.secrets(planned.target):
        yield f"the secret {one} of an earlier database", _removed(planned)


def _removed(planned: Planned) -> str:
    """How to remove what is left over: each kind is a question of its own."""
    return f"`{removal_line(planned.target)}` asks about each kind of what is left, and removes it."
