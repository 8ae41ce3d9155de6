"""The template of this version: what it declares, and which parameters it allows."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

import typer

from devkit.template import Template
from local.cloud import ROOT
from mastermind.discord.wire import BIGGEST_ID

if TYPE_CHECKING:
    from devkit.json_types import Json


@cache
def own() -> Template:
    return Template.read(ROOT / "template.yaml")


def functions() -> list[str]:
    """The ends of the functions' names, "xp-award" for example."""
    return sorted(name.rpartition("}-")[2] for name in own().function_names().values())


def regions() -> list[str]:
    """Those in which a game can be: the layer has the certificate authorities of their databases."""
    (assertion,) = own().body["Rules"]["RegionHasCertificateAuthorities"]["Assertions"]
    return assertion["Assert"]["Fn::Contains"][0]


def database() -> Json:
    """The properties of the database."""
    ((_, instance),) = own().resources("AWS::RDS::DBInstance")
    return instance["Properties"]


def parameter(typed: object) -> str:
    """Name=Value, as the template allows it; raises typer.BadParameter, which does not show the value."""
    name, equals, value = str(typed).partition("=")
    declared = own().parameters
    if not equals:
        raise typer.BadParameter("write it as Name=Value")
    if name not in declared:
        near = "".join(f"; do you mean {each}?" for each in get_close_matches(name, declared, 1))
        raise typer.BadParameter(f"the template has no parameter {name!r}{near}")
    if problem := _problem(declared[name], value):
        raise typer.BadParameter(f"{name} {problem}")
    return f"{name}={value}"


def _problem(declared: Json, value: str) -> str:
    """What the template does not allow about a value; "" for a sound one."""
    if (allowed := declared.get("AllowedValues")) and value not in map(str, allowed):
        return f"is one of {', '.join(map(str, allowed))}"
    if (pattern := declared.get("AllowedPattern")) and not re.fullmatch(str(pattern), value):
        return f"must be {declared.get('ConstraintDescription', f'like {pattern}')}"
    return _problem_of_number(declared, value) if declared["Type"] == "Number" else ""


def _problem_of_number(declared: Json, value: str) -> str:
    least, most = int(declared.get("MinValue", -BIGGEST_ID)), int(declared.get("MaxValue", BIGGEST_ID))
    is_whole = re.fullmatch("-?[0-9]{1,19}", value)
    return "" if is_whole and least <= int(value) <= most else f"is a whole number from {least} to {most}"
