"""`ops deploy`: from a checkout to a running game: preflight, validate, build, deploy, migrate, register, smoke."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from devkit import command_ids
from local.cloud import ROOT
from mastermind.bot.registry import APPS
from ops import (
    changes,
    costs,
    given,
    preflight,
    protection,
    queries,
    recovery,
    sam,
    settings,
    smoke,
    throttle,
    tokens,
    versions,
)
from ops import migrate as migrations
from ops.command_line import RegionName, StackName, Yes, find_target
from ops.discord import API, ApiUrl, fail
from ops.parameters import Parameters, in_force
from ops.register import Registry, bring_up_to_date, ids_parameter, register_line, wanted
from ops.target import SERVING_STATUSES, Target, TargetError, call_aws
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    type Step = tuple[str, Callable[[], None]]

LOGS_KEPT = 30
"""Days, as in the template."""

BUILD = ROOT / ".aws-sam" / "build"


def deploy(
    context: typer.Context,
    *,
    stack: StackName = None,
    region: RegionName = None,
    parameters: Parameters = None,
    build_dir: Annotated[Path, typer.Option(parser=given.new_folder, help="Where the build goes.")] = BUILD,
    built: Annotated[bool, typer.Option("--built", help="Deploy the existing build.")] = False,
    base_url: ApiUrl = API,
    yes: Yes = False,
) -> None:
    """Look at the account, build, deploy, migrate, protect, register, play the smoke set; ends at the first failure.

    Commands are registered with the bot tokens, which are stored with the stack, or in DISCORD_BOT_TOKEN_MAIN and
    DISCORD_BOT_TOKEN_TENSEY. If the deploy fails, CloudFormation has rolled back to the previous version by the time
    this ends.
    """
    if not stack:
        fail(
            "Name the stack and its region: --stack, --region. A first one is made by `.venv/bin/ops init`."
            " The local cloud deploys itself: `make run`."
        )
    chosen = in_force(parameters, settings.of(context))
    with closing(find_target(stack, region)) as target:
        release = Release(target, chosen, build_dir, yes=yes)
        for name, step in (*release.making(built=built), *release.finishing(base_url)):
            done(name, step)
    typer.echo(f"\nThe game is running in {target}. `.venv/bin/ops doctor` checks every part of it.")


@dataclass(frozen=True, slots=True)
class Release:
    """A deploy of this checkout: where to, with which parameters (each as Name=Value), and where its build goes.

    `brief` shows of the account only what is not fine.
    """

    target: Target
    parameters: Sequence[str]
    build_dir: Path
    yes: bool = False
    brief: bool = False

    def making(self, *, built: bool = False) -> Iterator[Step]:
        """From the account to the stack with this checkout's code; `built` takes the build that is there."""
        yield "look", self._look
        yield self.preflight
        yield from self.releasing(built=built)

    def _look(self) -> None:
        recovery.clear_the_way(self.target, yes=self.yes)
        if recovery.status_of(self.target) in SERVING_STATUSES:
            throttle.refuse_if_closed(self.target)

    @property
    def preflight(self) -> Step:
        asked = {"yes": self.yes, "brief": self.brief}
        return "preflight", lambda: preflight.before_deploy(self.target, self.parameters, **asked)

    def releasing(self, *, built: bool = False) -> Iterator[Step]:
        """From this checkout to the stack."""
        if not built:
            yield "validate", lambda: self._sam("validate", "--lint")
            yield "build", self._build
        yield "deploy", self._deploy

    def finishing(self, base_url: str) -> Iterator[Step]:
        """What comes after each deploy, by hand or by `init`."""
        yield from self.settling()
        yield "register", lambda: register(self.target, base_url, yes=self.yes)
        yield "smoke", lambda: play(self.target)

    def settling(self) -> Iterator[Step]:
        """What the stack needs before anybody plays, and no deploy by CloudFormation does."""
        yield "migrate", lambda: _migrated(self.target)
        yield "protect", lambda: protection.turn_on(self.target)
        yield "logs", lambda: keep_logs(self.target)
        yield "throttle", lambda: throttle.report(self.target)
        yield "versions", lambda: versions.prune(self.target)

    def _build(self) -> None:
        processor = self._architecture()
        overrides = ("--parameter-overrides", f"Architecture={processor}")
        self._sam("build", "--build-dir", str(self.build_dir), *overrides, ARCHITECTURE=processor)

    def _architecture(self) -> str:
        """The processor to build for: as given, that of the stack, or the template's default."""
        named = next((one.partition("=")[2] for one in self.parameters if one.startswith("Architecture=")), "")
        try:
            return named or self.target.parameters.get("Architecture", "arm64")
        except TargetError:
            return "arm64"  # the stack is new

    def _deploy(self) -> None:
        """Make a change set, show it, and carry it out; raises typer.Exit or typer.Abort if that was not done."""
        quoted = (one if one.partition("=")[2] else f'{one}""' for one in self.parameters)  # SAM wants a value
        overrides = ("--parameter-overrides", *quoted) if self.parameters else ()
        place = ("--template-file", str(self.build_dir / "template.yaml"), "--stack-name", self.target.stack)
        tags = ("--tags", f"{costs.TAG}={self.target.stack}")
        self._sam("deploy", "--no-execute-changeset", *place, "--config-file", str(sam.CONFIG), *tags, *overrides)
        change_set = changes.pending(self.target)
        if change_set is None:
            typer.echo("Nothing differs from what is deployed.")
            return
        changes.refuse_losses(self.target, change_set)
        total = changes.show(self.target, change_set)
        if not (self.yes or typer.confirm("Deploy this changeset?")):
            changes.discard(self.target, change_set)
            typer.echo(f"\nThe changes were not confirmed: nothing was deployed.{_of_review(self.target)}", err=True)
            raise typer.Exit(1)
        try:
            changes.carry_out(self.target, change_set, total)
        except typer.Exit:
            recovery.explain(self.target)
            raise

    def _sam(self, *arguments: str, **variables: str) -> None:
        sam.fetch()
        sam.run(self.target, self.build_dir.parent, *arguments, **variables)


def done(name: str, step: Callable[[], None], so_far: Callable[[str], str] | None = None) -> None:
    """Run a step and print its result; raises typer.Exit or typer.Abort if the next steps must not run.

    `so_far` says what exists when it ends at a step, and how to go on; without it, of a deploy.
    """
    so_far = so_far or _so_far
    console, began = Console(highlight=False), time.monotonic()
    console.print(f"\n[bold]{name}[/]")
    try:
        step()
    except TargetError as missing:
        fail(f"{name}: {missing}\n{so_far(name)}")
    except KeyboardInterrupt:
        fail(f"\nStopped at {name}. {so_far(name)}")
    except (typer.Abort, typer.Exit) as end:
        outcome = "was declined" if isinstance(end, typer.Abort) else "failed"
        console.print(f"[red]✗[/] {name} {outcome}; the steps after it were not run.")
        raise
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - began:.1f} s[/]")


def _so_far(name: str) -> str:
    """What exists when a deploy ends at that step, what it costs, and how to go on."""
    match name:
        case "look":
            exists = "What CloudFormation was asked for it goes on with; nothing else was changed."
        case "preflight" | "validate" | "build":
            exists = "Nothing was changed, and nothing new costs anything."
        case "deploy":
            exists = (
                "If CloudFormation has begun, it goes on without this command, and what it makes costs from then on;"
                " otherwise nothing was changed."
            )
        case _:
            exists = "The new version serves, and costs what a game costs."
    return f"{exists} The same command goes on."


def _of_review(target: Target) -> str:
    """What a change set leaves of a stack that it would have made."""
    if recovery.status_of(target) != recovery.REVIEWED:
        return ""
    return f" An empty stack without resources is left, which costs nothing: `{recovery.removal_line(target)}`."


def _migrated(target: Target) -> None:
    """Check that the custom resource applied the migrations before the new code ran."""
    typer.echo(migrations.summary(target))
    facts = queries.facts(target)
    if facts.migration < max(facts.needed, queries.newest_migration()):
        typer.echo("The deploy did not apply every migration: `.venv/bin/ops logs migrate` shows why.", err=True)
        raise typer.Exit(1)


def keep_logs(target: Target) -> None:
    """PostgreSQL's log is kept as long as the functions' own: RDS makes its group, and would keep it for ever."""
    group, logs = f"/aws/rds/instance/{target.output('DatabaseIdentifier')}/postgresql", target.client("logs")
    there = call_aws(lambda: logs.describe_log_groups(logGroupNamePrefix=group))["logGroups"]
    if not any(one["logGroupName"] == group for one in there):
        call_aws(lambda: logs.create_log_group(logGroupName=group))
    call_aws(lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=LOGS_KEPT))
    typer.echo(f"{group} is kept for {LOGS_KEPT} days.")


def register(target: Target, base_url: str, *, yes: bool) -> None:
    """Register the commands of each application whose bot token is set, and have messages link to them."""
    ids: dict[str, str] = {}
    for app in APPS:
        here = smoke.place(target, app)
        token = tokens.find(target, app)
        if not token:
            typer.echo(
                f"{app}: skipped, its bot token is not known: `.venv/bin/ops token {app}` stores it."
                f" If its commands changed: `{register_line(target, app)}`."
            )
            continue
        typer.echo(f"{app}:")
        with Registry(base_url, here.application_id, here.guild_id, token) as registry:
            bring_up_to_date(registry, wanted(app, everywhere=False), dry_run=False, yes=yes)
            ids[ids_parameter(app)] = command_ids.written(registry.ids())
    _link(target, ids)


def _link(target: Target, ids: Mapping[str, str]) -> None:
    """Give the stack the ids that differ from those it has; they change with a new command only."""
    changed = {name: written for name, written in ids.items() if target.parameters.get(name, "") != written}
    if changed:
        typer.echo("Messages get links to the commands: the stack is updated with their ids.")
        target.set_parameters(changed)


def play(target: Target) -> None:
    results = tuple(smoke.play(target, rehearse=True))
    smoke.show(results, as_json=False)
    if any(one.problem for one in results):
        raise typer.Exit(1)
