"""`ops launch-check`: the launch checklist of docs/Deployment.md, each line as something that is looked at."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from devkit.discord_client import User, snowflake
from mastermind.commands.main.course.pages import EMPTY
from mastermind.operations.health.rules import HEALTHY
from ops import doctor, figures, smoke
from ops.discord import API, stop
from ops.register import TOKENS
from ops.world import AsJson, Missing, RegionName, StackName, World, asked, find, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

STABLE_HOURS = 24
"""Hours without a bad check before a launch."""

LONGEST_HISTORY = 120
"""Hours that CloudWatch gives in one answer at one figure every five minutes."""

GAP = timedelta(minutes=16)
"""Without a figure for so long nobody knows whether it was well: three periods of the health check, and a minute."""

CONCURRENCY = 100
"""Invocations at once that an account should have: a new one has 10 for everything in it."""

INVITE = "https://discord.com/oauth2/authorize?client_id={}&scope={}&guild_id={}"
SCOPES = {"main": "applications.commands", "tensey": "applications.commands+bot"}

ANNOUNCEMENT = """\
**The game begins.**
Do something brave in the world, note it here, and earn XP with everybody else.

- `/tenseylist` on the phone: small tasks in social courage, from warm-up to grandmaster. Tick one, and a minute later \
100 XP are yours. Until then an undo leaves no trace.
- `/submit-stats` in the evening: a streak begins with the first day. A freeze covers the day you miss.
- `/scorecard`, `/leaderboard`, `/faction-stats` show where you and your faction stand.
- `/help` explains it all, `/settings` sets your time zone, `/privacy` shows and deletes what is kept about you.

Something odd? Tell {owner}, with the number that the answer names.
"""


class State(StrEnum):
    """What a line of the list came to."""

    PASS = "pass"  # noqa: S105 (a word of the checklist)
    FAIL = "fail"
    BY_HAND = "confirm by hand"
    ONLY_ON_AWS = "only on AWS"


@dataclass(frozen=True, slots=True)
class Result:
    """How a line stands; `proof` is all that was seen, for the evidence."""

    state: State
    words: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What is to be launched, from which checkout, and for how many hours it shall have been well."""

    patient: doctor.Patient
    hours: int = STABLE_HOURS
    checkout: Path = figures.ROOT

    @property
    def world(self) -> World:
        return self.patient.world


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: its name, what must be true, and how it is looked at."""

    name: str
    sentence: str
    look: Callable[[Site], Result]


def launch_check(
    names: Annotated[list[str] | None, typer.Argument(help="Only these lines.", show_default=False)] = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    hours: Annotated[
        int, typer.Option(min=1, max=LONGEST_HISTORY, help="For how long the game shall have been well.")
    ] = STABLE_HOURS,
    evidence: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keep the proof of each line there.", show_default=False)
    ] = None,
    base_url: Annotated[str, typer.Option(help="Discord's API.")] = API,
    as_json: AsJson = False,
) -> None:
    """Go through the launch checklist; the exit status is 0 only when no line fails. Changes nothing."""
    chosen = _chosen(names or [])
    tokens = {app: os.environ.get(name, "").strip() for app, name in TOKENS.items()}
    with closing(find(stack, region)) as world:
        site = Site(doctor.Patient(world, tokens, base_url), hours)
        results = [(line, looked_at(line, site)) for line in chosen]
        if evidence:
            keep(evidence, results, str(world))
    _show(results, as_json=as_json)
    if any(result.state is State.FAIL for _, result in results):
        raise typer.Exit(1)


def _chosen(names: Sequence[str]) -> tuple[Line, ...]:
    known = {line.name for line in LINES}
    if unknown := [name for name in names if name not in known]:
        stop(f"There is no line {', '.join(unknown)}: there are {', '.join(line.name for line in LINES)}.")
    return tuple(line for line in LINES if line.name in names or not names)


def looked_at(line: Line, site: Site) -> Result:
    try:
        return line.look(site)
    except Missing as missing:
        return Result(State.FAIL, str(missing))


def _show(results: Sequence[tuple[Line, Result]], *, as_json: bool) -> None:
    if as_json:
        return say_json([{"line": line.name, "sentence": line.sentence, **asdict(result)} for line, result in results])
    console = Console(highlight=False, soft_wrap=True)
    colors = {State.PASS: "green", State.FAIL: "red", State.BY_HAND: "yellow", State.ONLY_ON_AWS: "dim"}
    for line, result in results:
        color = colors[result.state]
        console.print(f"[{color}]{result.state:15}[/] [bold]{line.name:13}[/] {line.sentence}: {escape(result.words)}")
        if len(results) == 1 and result.proof:
            console.print(escape(f"\n{result.proof}"))
    counts = {state: sum(result.state is state for _, result in results) for state in State}
    return console.print(", ".join(f"{count} {state}" for state, count in counts.items() if count))


def keep(folder: Path, results: Sequence[tuple[Line, Result]], where: str) -> None:
    """Write each line's proof to a file of its own, and all states to summary.json."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    for line, result in results:
        head = f"{line.name}: {result.state}\n{line.sentence}\n{at}, {where}\n\n{result.words}\n"
        (folder / f"{line.name}.txt").write_text(
            f"{head}\n{result.proof}\n" if result.proof else head, encoding="utf-8"
        )
    summary = {"at": at, "where": where, "lines": {line.name: result.state for line, result in results}}
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


# --- what the doctor looks at ---


def _by_doctor(*checks: str) -> Callable[[Site], Result]:
    """A line that holds when these looks of the doctor's find nothing wrong."""

    def look(site: Site) -> Result:
        return told([found for check in checks for found in doctor.looked(check, doctor.CHECKS[check], site.patient)])

    return look


def told(found: Sequence[doctor.Finding]) -> Result:
    """What the doctor's findings mean for a line: whatever nobody could look at, a person has to."""
    proof = "\n".join(f"{one.state}: {one.what}: {one.words}" for one in found)
    bad = [f"{one.what}: {one.words}" for one in found if one.state is doctor.State.WRONG]
    if bad:
        return Result(State.FAIL, "; ".join(bad), proof)
    if blind := [f"{one.what}: {one.words}" for one in found if one.state is doctor.State.UNSEEN]:
        return Result(State.BY_HAND, "; ".join(blind), proof)
    return Result(State.PASS, "; ".join(one.words for one in found), proof)


def _commands(site: Site) -> Result:
    if site.world.is_local and not any(site.patient.tokens.values()):
        return Result(State.ONLY_ON_AWS, "the local cloud is its own Discord")
    return _by_doctor("applications")(site)


def _smoke(site: Site) -> Result:
    tried = tuple(smoke.play(site.world, rehearse=True))
    proof = "\n".join(
        f"{'FAIL' if one.trouble else 'pass'} {one.what} {one.seconds:.2f} s {one.trouble}" for one in tried
    )
    bad = [f"{one.what}: {one.trouble}" for one in tried if one.trouble]
    slowest = max(one.seconds for one in tried)
    words = "; ".join(bad) or f"{len(tried)} steps, the slowest {slowest:.2f} s"
    return Result(State.FAIL if bad else State.PASS, words, proof)


def _course(site: Site) -> Result:
    step = smoke.Step("main", "course overview", ())
    answer = smoke.rehearsed(site.world, step, User(snowflake(), "Launch Check"))
    empty = "there is none in the database: `.venv/bin/ops seed-course`" if EMPTY in answer.text else ""
    problem = smoke.trouble(answer, step) or empty
    return Result(State.FAIL if problem else State.PASS, problem or "/course overview shows it", answer.text)


# --- backups and history ---


def _protection(site: Site) -> Result:
    instance = site.world.output("DatabaseIdentifier")
    client = site.world.client("rds")
    found = asked(lambda: client.describe_db_instances(DBInstanceIdentifier=instance))["DBInstances"][0]
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


def _stability(site: Site) -> Result:
    now = site.patient.now()
    points = _history(site.world, now, site.hours)
    since = stable_since(points, now)
    hours = (now - since) / timedelta(hours=1) if since else 0.0
    proof = "\n".join(f"{at:%Y-%m-%d %H:%M} {value:g}" for at, value in points)
    words = f"well for {hours:.1f} of {site.hours} h without a gap"
    # The first figure of the span lies a period after its beginning.
    enough = hours >= site.hours - GAP / timedelta(hours=1)
    if enough:
        return Result(State.PASS, words, proof)
    return Result(
        State.FAIL, f"{words}: ask again in {site.hours - hours:.0f} h, or for a shorter time (--hours)", proof
    )


def _history(world: World, now: datetime, hours: int) -> list[tuple[datetime, float]]:
    """The least `Healthy` of each five minutes, oldest first."""
    found = asked(
        lambda: world.client("cloudwatch").get_metric_statistics(
            Namespace=world.stack,
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
    """From when on every figure until now was good and none was missing; None when it is not well now.

    A figure stands for the five minutes that begin at its time.
    """
    since: datetime | None = None
    later = now
    for at, value in sorted(points, reverse=True):
        if value < 1 or later - at > GAP:
            break
        since = later = at
    return since


def _release(site: Site) -> Result:
    """What is deployed must be found again: from here the version before comes back, too."""
    dirty = _git(site.checkout, "status", "--porcelain")
    tag = _git(site.checkout, "describe", "--tags", "--exact-match")
    head = _git(site.checkout, "log", "-1", "--format=%H %cI %s")
    if dirty is None or head is None:
        return Result(State.BY_HAND, "this is no checkout of git: note which version is deployed")
    if dirty or not tag:
        words = "the checkout has changes that are not committed" if dirty else "this commit has no tag"
        return Result(State.FAIL, f"{words}; deploy what you have tagged (`git tag v...`)", f"{head}\n{dirty}")
    return Result(State.PASS, f"{tag.strip()}, without changes", head)


def _git(checkout: Path, *arguments: str) -> str | None:
    """What git says; None when it has nothing to say of that."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


# --- what only AWS has ---


def _only_on_aws(look: Callable[[Site], Result]) -> Callable[[Site], Result]:
    def guarded(site: Site) -> Result:
        if site.world.is_local:
            return Result(State.ONLY_ON_AWS, "name the stack: --stack, --region")
        return look(site)

    return guarded


def _mail(site: Site) -> Result:
    topic = site.world.output("MailTopicArn")
    found = asked(lambda: site.world.client("sns").list_subscriptions_by_topic(TopicArn=topic))["Subscriptions"]
    confirmed = [one for one in found if one["SubscriptionArn"].startswith("arn:")]
    proof = json.dumps([{"protocol": one["Protocol"], "arn": one["SubscriptionArn"]} for one in found], indent=2)
    if not confirmed:
        words = "somebody must open the mail of SNS and confirm" if found else "AlertAddress is empty: nobody gets mail"
        return Result(State.FAIL, words, proof)
    return Result(State.PASS, f"{len(confirmed)} confirmed", proof)


def _quota(site: Site) -> Result:
    limit = asked(lambda: site.world.client("lambda").get_account_settings())["AccountLimit"]["ConcurrentExecutions"]
    if limit < CONCURRENCY:
        words = (
            f"the account runs {limit} functions at once: ask for more (Service Quotas, Concurrent executions; free)"
        )
        return Result(State.FAIL, words)
    return Result(State.PASS, f"the account runs {limit} functions at once")


def _budget(site: Site) -> Result:
    account = asked(lambda: site.world.client("sts").get_caller_identity())["Account"]
    budgets = site.world.client("budgets")
    found = asked(lambda: budgets.describe_budgets(AccountId=account)).get("Budgets", [])
    told_of = [
        one["BudgetName"]
        for one in found
        if asked(
            lambda name=one["BudgetName"]: budgets.describe_notifications_for_budget(AccountId=account, BudgetName=name)
        ).get("Notifications")
    ]
    if not told_of:
        return Result(State.FAIL, "no budget tells anybody: docs/Deployment.md, Costs, says how to set one")
    return Result(State.PASS, f"told of: {', '.join(told_of)}")


# --- what a person does ---


def _by_hand(words: str) -> Callable[[Site], Result]:
    return lambda _: Result(State.BY_HAND, words)


def _announcement(site: Site) -> Result:
    owner = site.world.parameters.get("OwnerId", "0")
    draft = ANNOUNCEMENT.format(owner=f"<@{owner}>" if owner != "0" else "an admin")
    return Result(State.BY_HAND, "make this draft your own, and post it when no line fails", draft)


def _invites(site: Site) -> Result:
    return Result(
        State.BY_HAND, "an admin opens each link once; then invite the first ten", "\n".join(_links(site.world))
    )


def _links(world: World) -> Iterator[str]:
    for app, scope in SCOPES.items():
        here = smoke.place(world, app)
        yield f"{app}: {INVITE.format(here.application_id, scope, here.guild_id)}"
    yield "Members need no link: they type / in a channel of the server."


LINES = (
    Line("tests", "Every check passed for this version", _by_hand("`make test` on a quiet machine, or its run in CI")),
    Line("release", "What is deployed has a name, and can be deployed again", _only_on_aws(_release)),
    Line("parameters", "Parameters and settings make sense", _by_doctor("parameters", "settings")),
    Line("endpoints", "Both endpoints refuse forged signatures", _by_doctor("endpoints")),
    Line("commands", "Discord knows our URLs, our keys and every command", _commands),
    Line("smoke", "The smoke set is answered", _smoke),
    Line("course", "The course is seeded", _course),
    Line("database", "The database is migrated, its awards and its ledger are right", _by_doctor("database")),
    Line("protection", "The database is protected, encrypted and recoverable", _protection),
    Line("backup", "There is a snapshot of the last 26 hours", _by_doctor("snapshot")),
    Line("restore-drill", "A restore has been tried", _by_hand(
        "`.venv/bin/ops restore-drill`, and keep what it prints")),
    Line("queues", "Queues are taken from, nothing was set aside, schedules run",
         _by_doctor("queues", "dead letters", "schedules")),
    Line("webhooks", "Announcements and alerts have their webhooks", _by_doctor("webhooks")),
    Line("mail", "Somebody gets every alarm by e-mail", _only_on_aws(_mail)),
    Line("alerts", "An alert has arrived where you look", _by_hand(
        "docs/Troubleshooting.md, Alerts do not arrive, says how to try one")),
    Line("health", "The health check is content, and no alarm rings", _by_doctor("health check")),
    Line("stability", "The game has been well for long enough", _stability),
    Line("clock", "The clocks agree", _by_doctor("clock")),
    Line("quota", "The account may run enough functions at once", _only_on_aws(_quota)),
    Line("budget", "A budget tells you when it gets expensive", _only_on_aws(_budget)),
    Line("phone", "You have played it yourself, on a phone", _by_hand(
        "/help, /tenseylist, a tick, a minute, /scorecard, /submit-stats")),
    Line("privacy", "You have had yourself exported and deleted", _by_hand("/privacy export, then /privacy delete")),
    Line("announcement", "The announcement is drafted", _announcement),
    Line("invites", "The invitations are prepared", _invites),
)  # fmt: skip
"""The launch checklist; docs/Deployment.md has the same lines in the same order."""
