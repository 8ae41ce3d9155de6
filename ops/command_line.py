"""What the commands of the tool share on their command lines: options, the game they name, a question, JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.terminal import printable
from local import endpoints
from local.cloud import folder
from ops import given, settings
from ops.discord import fail
from ops.target import SIGN_IN, NoStackError, Target, TargetError, local_target

if TYPE_CHECKING:
    from pathlib import Path

    import boto3

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="OPS_STACK",
        parser=given.stack,
        help="The stack on AWS, or `local`. Default: that of the settings, else the local cloud.",
        show_default=False,
    ),
]
RegionName = Annotated[
    str | None,
    typer.Option(
        "--region",
        envvar="AWS_REGION",
        parser=given.region,
        callback=settings.region_of_the_stack,
        help="The region of the stack. Default: that of the settings.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what differs and write nothing.")]


def find_target(stack: str | None, region: str | None, where: Path | None = None) -> Target:
    """The named stack, otherwise the local cloud that is running in `where`; raises typer.Exit if there is neither."""
    if stack:
        session = _session(region)
        return Target(stack, session.region_name, session, os.environ.get("AWS_ENDPOINT_URL"), None)
    known = endpoints.read(where or folder())
    if known is None:
        fail(
            "No local cloud is running here (`make run` starts one), and no stack is named (--stack, --region)."
            f" `.venv/bin/ops init` makes one on AWS, and {settings.FILE.name} then names it."
        )
    return local_target(known)


def find_game(stack: str | None, region: str | None) -> Target:
    """The same for what needs a game that is there; raises typer.Exit if there is no such stack."""
    target = find_target(stack, region)
    try:
        if not target.is_local:
            _ = target.description
    except NoStackError as error:
        target.close()
        fail(str(error))
    except TargetError:
        pass  # who may not look at the stack may still ask its functions
    return target


def own_region() -> str | None:
    """The region of the AWS CLI's own configuration; raises typer.Exit if the credentials are missing."""
    session, has_credentials = _configured(None)
    if not has_credentials:
        fail(NO_CREDENTIALS)
    return session.region_name


def _session(region: str | None) -> boto3.Session:
    """A session like that of the AWS CLI; raises typer.Exit if the region or the credentials are missing."""
    session, has_credentials = _configured(region)
    if not session.region_name:
        fail("Name the region as well: --region, or AWS_REGION.")
    if not has_credentials:
        fail(NO_CREDENTIALS)
    return session


NO_CREDENTIALS = f"There are no AWS credentials. {SIGN_IN}"


def _configured(region: str | None) -> tuple[boto3.Session, bool]:
    """What variables and files say, and whether there are credentials among that; raises typer.Exit for a mistake."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(region_name=region)
        return session, session.get_credentials() is not None
    except BotoCoreError as error:
        fail(f"The AWS session cannot be set up: {error}. `aws configure list` shows what is set.")


def confirm(question: str, *, yes: bool) -> None:
    """Continue only if `yes` was given or the operator confirms; raises typer.Abort otherwise."""
    if not yes:
        typer.confirm(question, abort=True)


def print_json(value: object) -> None:
    """Print one JSON document to stdout, for scripts."""
    typer.echo(printable(json.dumps(value, indent=2, ensure_ascii=False, default=str)))
