"""The parameters that a deploy gives a stack: where they come from, and which one wins."""

from __future__ import annotations

import shlex
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops import given, queries
from ops.discord import fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        parser=given.parameter,
        help="Name=Value, repeatable; the other parameters stay as they are.",
    ),
]
Config = Annotated[Path, typer.Option(parser=given.file, help="Your copy of samconfig.toml.")]
SAMCONFIG = queries.ROOT / "samconfig.toml"


def in_force(typed: Sequence[str] | None, config: Path) -> list[str]:
    """What the operator gives, each as Name=Value: what was typed, else what the file has, as the SAM CLI does it.

    Raises typer.Exit for a file that is no TOML and for a parameter that is given twice.
    """
    kept = configured(config)
    check_names(typed or (), "--parameter")
    check_names(kept, str(config))
    return list(typed or kept)


def configured(config: Path) -> list[str]:
    """The parameters in a samconfig.toml, each as Name=Value; raises typer.Exit for what is no TOML."""
    try:
        found = tomllib.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        fail(f"{config} is not valid: {error}")
    given = found.get("default", {}).get("deploy", {}).get("parameters", {}).get("parameter_overrides", [])
    return shlex.split(given) if isinstance(given, str) else [str(one) for one in given]


def check_names(parameters: Sequence[str], place: str) -> None:
    """Of a parameter that is given twice the SAM CLI takes the last; raises typer.Exit for one."""
    names = Counter(one.partition("=")[0] for one in parameters)
    if twice := [name for name, count in names.items() if count > 1]:
        fail(f"{', '.join(twice)} stands twice in {place}: leave one.")


def effective(deployed: Mapping[str, str], overrides: Sequence[str]) -> dict[str, str]:
    """The value of each parameter after a deploy: as given, as the stack has it, or the template's default.

    Those that have no value yet are missing: `sam deploy --guided` asks for them.
    """
    declared = given.template().parameters
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    kept = {name: value for name, value in deployed.items() if name in declared}
    return defaults | kept | {name: value for name, _, value in (one.partition("=") for one in overrides)}
