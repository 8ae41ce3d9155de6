"""Lines about the game itself: the doctor's checks, the smoke set, the course, protection, stability, the release."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING

from devkit.discord_client import User, snowflake
from mastermind.commands.main.course.pages import NO_COURSE
from mastermind.operations.health.rules import HEALTHY
from ops import doctor, smoke
from ops.target import Target, call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ops.checks.findings import Finding

from ops.checklist.lines import Result, Site, State
from ops.checks.findings import State as Outcome

GAP = timedelta(minutes=16)
"""Without a data point for so long the health is unknown: three periods of the health check and a minute."""


def by_doctor(*checks: str) -> Callable[[Site], Result]:
    """A line that passes if these checks of the doctor find nothing wrong."""

    def check(site: Site) -> Result:
        return result_of(
            [found for name in checks for found in doctor.run_check(name, doctor.CHECKS[name], site.context)]
        )

    return check


def result_of(found: Sequence[Finding]) -> Result:
    """The result that the doctor's findings give a line: what was skipped, a person must check."""
    proof = "\n".join(f"{one.state}: {one.what}: {one.words}" for one in found)
    bad = [f"{one.what}: {one.words}" for one in found if one.state is Outcome.WRONG]
    if bad:
        return Result(State.FAIL, "; ".join(bad), proof)
    if skipped := [f"{one.what}: {one.words}" for one in found if one.state is Outcome.SKIPPED]:
        return Result(State.BY_HAND, "; ".join(skipped), proof)
    return Result(State.PASS, "; ".join(one.words for one in found), proof)


def commands(site: Site) -> Result:
    if site.target.is_local and not any(site.context.tokens.values()):
        return Result(State.ONLY_ON_AWS, "the local cloud stands in for Discord")
    return by_doctor("applications")(site)


def smoke_set(site: Site) -> Result:
    results = tuple(smoke.play(site.target, rehearse=True))
    proof = "\n".join(
        f"{'FAIL' if one.problem else 'pass'} {one.what} {one.seconds:.2f} s {one.problem}" for one in results
    )
    bad = [f"{one.what}: {one.problem}" for one in results if one.problem]
    slowest = max(one.seconds for one in results)
    words = "; ".join(bad) or f"{len(results)} steps, the slowest {slowest:.2f} s"
    return Result(State.FAIL if bad else State.PASS, words, proof)


def course(site: Site) -> Result:
    step = smoke.Step("main", "course overview", ())
    answer = smoke.in_time(lambda: smoke.rehearsed(site.target, step, User(snowflake(), "Launch Check")), step)
    empty = "there is none in the database: `.venv/bin/ops seed-course`" if NO_COURSE in answer.text else ""
    problem = smoke.problem_with(answer, step) or empty
    return Result(State.FAIL if problem else State.PASS, problem or "/course overview shows it", answer.text)


def protection(site: Site) -> Result:
    instance = site.target.output("DatabaseIdentifier")
    client = site.target.client("rds")
    found = call_aws(lambda: client.describe_db_instances(DBInstanceIdentifier=instance))["DBInstances"][0]
    lacks = [
        words
        for words, holds in (
            ("deletion protection", found.get("DeletionProtection") is True),
            ("encryption", found.get("StorageEncrypted") is True),
            ("point-in-time recovery of a week", found.get("BackupRetentionPeriod", 0) >= 7),
            ("privacy", found.get("PubliclyAccessible") is False),
        )
        if not holds
    ]
    proof = json.dumps({key: value for key, value in found.items() if isinstance(value, str | int | bool)}, indent=2)
    if lacks:
        return Result(State.FAIL, f"the instance lacks {', '.join(lacks)}", proof)
    days = found["BackupRetentionPeriod"]
    words = f"protected from deletion, encrypted, private, recoverable to any minute of {days} days"
    return Result(State.PASS, words, proof)


def stability(site: Site) -> Result:
    now = site.context.now()
    points = _history(site.target, now, site.hours)
    since = stable_since(points, now)
    hours = (now - since) / timedelta(hours=1) if since else 0.0
    proof = "\n".join(f"{at:%Y-%m-%d %H:%M} {value:g}" for at, value in points)
    words = f"healthy for {hours:.1f} of {site.hours} h without a gap"
    # The first data point comes one period after the beginning of the span.
    enough = hours >= site.hours - GAP / timedelta(hours=1)
    if enough:
        return Result(State.PASS, words, proof)
    return Result(State.FAIL, f"{words}: run it again in {site.hours - hours:.0f} h, or ask for less (--hours)", proof)


def _history(target: Target, now: datetime, hours: int) -> list[tuple[datetime, float]]:
    """The minimum of `Healthy` in each five minutes, oldest first."""
    found = call_aws(
        lambda: target.client("cloudwatch").get_metric_statistics(
            Namespace=target.stack,
            MetricName=HEALTHY,
            Dimensions=[{"Name": "service", "Value": "healthcheck"}],
            StartTime=now - timedelta(hours=hours),
            EndTime=now + timedelta(minutes=1),
            Period=300,
            Statistics=["Minimum"],
        )
    )["Datapoints"]
    return sorted((point["Timestamp"].astimezone(UTC), float(point["Minimum"])) for point in found)


def stable_since(points: Iterable[tuple[datetime, float]], now: datetime) -> datetime | None:
    """Since when every data point until now was good and none was missing; None if it is unhealthy now.

    A data point covers the five minutes that begin at its time.
    """
    since: datetime | None = None
    later = now
    for at, value in sorted(points, reverse=True):
        if value < 1 or later - at > GAP:
            break
        since = later = at
    return since


def release(site: Site) -> Result:
    """The deployed version must have a name: a rollback deploys the previous one by its tag."""
    dirty = _git(site.checkout, "status", "--porcelain")
    tag = _git(site.checkout, "describe", "--tags", "--exact-match")
    head = _git(site.checkout, "log", "-1", "--format=%H %cI %s")
    if dirty is None or head is None:
        return Result(State.BY_HAND, "this is not a git checkout: note which version is deployed")
    if dirty or not tag:
        words = "the checkout has changes that are not committed" if dirty else "this commit has no tag"
        return Result(State.FAIL, f"{words}; deploy what you have tagged (`git tag v...`)", f"{head}\n{dirty}")
    return Result(State.PASS, f"{tag.strip()}, without changes", head)


def _git(checkout: Path, *arguments: str) -> str | None:
    """The output of git; None if it fails or is not installed."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
