"""The parameters that a deploy gives a stack: where they come from, and which one wins."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from ops import template
from ops.discord import fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.settings import Settings

Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        parser=template.parameter,
        help="Name=Value, repeatable, for this deploy alone; the next takes what the settings have.",
    ),
]


def in_force(typed: Sequence[str] | None, settings: Settings) -> list[str]:
    """What the operator gives, each as Name=Value: what was typed, else what the settings have.

    Raises typer.Exit for a parameter that is given twice.
    """
    check_names(typed or ())
    return _written({**settings.parameters, **_read(typed or ())})


def _read(overrides: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (one.partition("=") for one in overrides)}


def _written(parameters: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in parameters.items()]


def check_names(parameters: Sequence[str]) -> None:
    """Of a parameter that is given twice the SAM CLI takes the last; raises typer.Exit for one."""
    names = Counter(one.partition("=")[0] for one in parameters)
    if twice := [name for name, count in names.items() if count > 1]:
        fail(f"{', '.join(twice)} stands twice in --parameter: leave one.")


def effective(deployed: Mapping[str, str], overrides: Sequence[str]) -> dict[str, str]:
    """The value of each parameter after a deploy: as given, as the stack has it, or the template's default.

    Those that have no value yet are missing: `.venv/bin/ops init` asks for them.
    """
    declared = template.own().parameters
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    kept = {name: value for name, value in deployed.items() if name in declared}
    return defaults | kept | _read(overrides)
