"""Old versions of functions, which a deploy leaves behind: each that SnapStart has a snapshot of costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ops.target import call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.target import Target

KEPT = 2
"""Versions of a function that has an alias: the one that serves, and the one before."""


def prune(target: Target) -> None:
    """Delete all versions of the stack's functions but the last two; of a function without an alias, all."""
    functions, deleted = target.client("lambda"), 0
    for name in sorted(target.resources("AWS::Lambda::Function")):
        for version in _surplus(target, name):
            call_aws(lambda name=name, version=version: functions.delete_function(FunctionName=name, Qualifier=version))
            typer.echo(f"{name}: version {version} is deleted.")
            deleted += 1
    if not deleted:
        typer.echo("No function has older versions than the last two.")


def _surplus(target: Target, name: str) -> Iterator[str]:
    """The numbers of versions that nothing calls any more, the oldest first."""
    found = target.all_of("lambda", "list_versions_by_function", "Versions", FunctionName=name)
    published = sorted((one["Version"] for one in found if one["Version"].isdigit()), key=int)
    if not published:
        return
    aliases = target.all_of("lambda", "list_aliases", "Aliases", FunctionName=name)
    called = {number for alias in aliases for number in (alias["FunctionVersion"], *_also(alias))}
    for number in published[: -KEPT if aliases else None]:
        if number not in called:
            yield number


def _also(alias: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    """Other versions that an operator has given a share of the calls."""
    yield from alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
