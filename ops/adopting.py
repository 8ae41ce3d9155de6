"""`ops settings`: the settings of a game that is live, from its stack: for a second operator, or a new laptop."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, cast

import typer

from ops import recovery, settings, template
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import fail
from ops.target import SERVING_STATUSES, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.settings import Settings
    from ops.target import Target

WRITTEN_BY_DEPLOYS = {"Protection", "MainCommandIds", "TenseyCommandIds"}
"""Parameters that are no settings of an operator's."""


def write_settings(
    context: typer.Context, *, stack: StackName = None, region: RegionName = None, yes: Yes = False
) -> None:
    """Write the settings file of a game that is live, as its stack has it: for a second operator, or a new laptop.

    The parameters are the stack's; the channels are kept beside the tokens. A file that says otherwise is only
    replaced when you confirm it.
    """
    file = settings.file_of(context)
    with closing(find_game(stack, region)) as target:
        if target.is_local:
            fail("A local game needs no settings. Name the stack: --stack, --region.")
        try:
            found = of_stack(target)
        except TargetError as error:
            fail(str(error))
    known = settings.read(file)
    if found == known:
        typer.echo(f"{file} says the same already.")
        return
    if known != settings.Settings():
        confirm(f"{file} differs from {target}. Replace what differs?", yes=yes)
    settings.write(file, found)
    typer.echo(f"{file} has {len(found.parameters)} parameters and {len(found.channels)} channels of {target}.")


def of_stack(target: Target) -> Settings:
    """The settings with which a stack was deployed; raises TargetError for one that does not serve."""
    status = recovery.status_of(target)
    if status not in SERVING_STATUSES:
        raise TargetError(f"{target} does not serve ({status or 'there is none'}): there is nothing to read.")
    declared = template.own().parameters
    differing = {
        name: value
        for name, value in target.parameters.items()
        if name in declared and name not in WRITTEN_BY_DEPLOYS and value != str(declared[name].get("Default"))
    }
    return settings.Settings(target.stack, target.region, differing, channels_of(target))


# --- the channels, which no parameter has ---


def _name(target: Target) -> str:
    return f"/{target.stack}/channels"


def keep_channels(target: Target, channels: Mapping[str, str]) -> None:
    """Keep the ids of the channels, by what they are for, with the stack. They are no secret. Raises TargetError."""
    ssm, text = target.client("ssm"), json.dumps(dict(channels), sort_keys=True)
    if channels and channels != channels_of(target):
        call_aws(lambda: ssm.put_parameter(Name=_name(target), Value=text, Type="String", Overwrite=True))


def channels_of(target: Target) -> dict[str, str]:
    """Those that were kept; empty if none were. Raises TargetError."""
    ssm = target.client("ssm")
    try:
        kept = call_aws(lambda: ssm.get_parameter(Name=_name(target)))["Parameter"]["Value"]
    except TargetError as error:
        if "ParameterNotFound" in str(error):
            return {}
        raise
    return cast("dict[str, str]", json.loads(kept))
