"""`ops deploy`: from a checkout to a running game: preflight, validate, build, deploy, migrate, register, smoke."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import closing
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from devkit import command_ids
from mastermind.bot.registry import APPS
from ops import changes, given, preflight, protection, queries, recovery, smoke, versions
from ops import migrate as migrations
from ops.discord import API, ApiUrl, fail
from ops.parameters import SAMCONFIG, Config, Parameters, in_force
from ops.register import TOKENS, Registry, bring_up_to_date, ids_parameter, register_line, wanted
from ops.target import RegionName, StackName, Target, TargetError, Yes, call_aws, find_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SAM = queries.ROOT / ".tools" / "sam" / "bin" / "sam"
LOGS_KEPT = 30
"""Days, as in the template."""

MAKES = ("MAKE", "MFLAGS")
"""Prefixes of the variables that a surrounding make would pass on to the makefiles of the build."""


def deploy(
    *,
    stack: StackName = None,
    region: RegionName = None,
    parameters: Parameters = None,
    config: Config = SAMCONFIG,
    build_dir: Annotated[Path, typer.Option(parser=given.new_folder, help="Where the build goes.")] = queries.ROOT
    / ".aws-sam"
    / "build",
    built: Annotated[bool, typer.Option("--built", help="Deploy the existing build.")] = False,
    guided: Annotated[bool, typer.Option("--guided", help="Have the SAM CLI ask for every parameter.")] = False,
    base_url: ApiUrl = API,
    yes: Yes = False,
) -> None:
    """Look at the account, build, deploy, migrate, protect, register, play the smoke set; ends at the first failure.

    Commands are registered with the bot tokens in DISCORD_BOT_TOKEN_MAIN and DISCORD_BOT_TOKEN_TENSEY. If the deploy
    fails, CloudFormation has rolled back to the previous version by the time this ends.
    """
    if not stack:
        fail("Name the stack and its region: --stack, --region. The local cloud deploys itself: `make run`.")
    if not SAM.exists():
        fail("The SAM CLI is missing: `make setup` installs it into the project.")
    overrides = list(parameters or ())
    chosen = in_force(overrides, config)
    with closing(find_target(stack, region)) as target:
        processor = _architecture(target, overrides)
        build = ("--build-dir", str(build_dir), "--parameter-overrides", f"Architecture={processor}")
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("look", lambda: recovery.clear_the_way(target, yes=yes)),
            ("preflight", lambda: preflight.before_deploy(target, chosen, yes=yes)),
            ("validate", lambda: _sam(target, "validate", "--lint")),
            ("build", lambda: _sam(target, "build", *build, ARCHITECTURE=processor)),
            (
                "deploy",
                lambda: _deploy(target, _deploying(target, build_dir, config, overrides, guided=guided), yes=yes),
            ),
            ("migrate", lambda: _migrated(target)),
            ("protect", lambda: protection.turn_on(target)),
            ("logs", lambda: keep_logs(target)),
            ("versions", lambda: versions.prune(target)),
            ("register", lambda: register(target, base_url, yes=yes)),
            ("smoke", lambda: _smoke(target)),
        )
        for name, step in steps:
            if not (built and name in {"validate", "build"}):
                done(name, step)
    typer.echo(f"\nThe game is running in {target}. `.venv/bin/ops doctor` checks every part of it.")


def done(name: str, step: Callable[[], None]) -> None:
    """Run a step and print its result; raises typer.Exit or typer.Abort if the next steps must not run."""
    console, began = Console(highlight=False), time.monotonic()
    console.print(f"\n[bold]{name}[/]")
    try:
        step()
    except TargetError as missing:
        fail(f"{name}: {missing}\n{_so_far(name)}")
    except KeyboardInterrupt:
        fail(f"\nStopped at {name}. {_so_far(name)}")
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


def _architecture(target: Target, given: Sequence[str]) -> str:
    """The processor to build for: as given, that of the stack, or the template's default."""
    named = next((one.partition("=")[2] for one in given if one.startswith("Architecture=")), "")
    try:
        return named or target.parameters.get("Architecture", "arm64")
    except TargetError:
        return "arm64"  # the stack is new


def _deploy(target: Target, arguments: Sequence[str], *, yes: bool) -> None:
    """Make a change set, show it, and carry it out; raises typer.Exit or typer.Abort if that was not done."""
    _sam(target, *arguments)
    change_set = changes.pending(target)
    if change_set is None:
        typer.echo("Nothing differs from what is deployed.")
        return
    changes.refuse_losses(target, change_set)
    if not (yes or typer.confirm("Deploy this changeset?")):
        changes.discard(target, change_set)
        typer.echo(f"\nThe changes were not confirmed: nothing was deployed.{_of_review(target)}", err=True)
        raise typer.Exit(1)
    try:
        changes.carry_out(target, change_set)
    except typer.Exit:
        recovery.explain(target)
        raise


def _of_review(target: Target) -> str:
    """What a change set leaves of a stack that it would have made."""
    if recovery.status_of(target) != recovery.REVIEWED:
        return ""
    return f" An empty stack without resources is left, which costs nothing: `{recovery.removal_line(target)}`."


def _deploying(target: Target, build_dir: Path, config: Path, given: Sequence[str], *, guided: bool) -> tuple[str, ...]:
    """How the SAM CLI is asked for a change set, which it does not carry out."""
    overrides = ("--parameter-overrides", *given) if given else ()
    asking = ("--guided",) if guided else ()
    place = ("--template-file", str(build_dir / "template.yaml"), "--stack-name", target.stack)
    return ("deploy", "--no-execute-changeset", *place, "--config-file", str(config.absolute()), *asking, *overrides)


def _sam(target: Target, *arguments: str, **variables: str) -> None:
    """Run the SAM CLI in this terminal; raises typer.Exit if it fails.

    `variables` are for its child processes: the makefiles read ARCHITECTURE, which it does not pass on.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(MAKES)}
    environment |= {
        "SAM_CLI_TELEMETRY": "0",
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        **variables,
    }
    done = subprocess.run([str(SAM), *arguments], cwd=queries.ROOT, env=environment, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
    target.refresh()


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
        token = os.environ.get(TOKENS[app], "").strip()
        if not token:
            typer.echo(
                f"{app}: skipped, {TOKENS[app]} is not set. If its commands changed: `{register_line(here, app)}`."
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


def _smoke(target: Target) -> None:
    results = tuple(smoke.play(target, rehearse=True))
    smoke.show(results, as_json=False)
    if any(one.problem for one in results):
        raise typer.Exit(1)
