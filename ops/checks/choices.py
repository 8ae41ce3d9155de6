"""Checks of the parameters of a deploy that has not begun."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from ops import given
from ops.checks.findings import fine, noted, skipped, wrong
from ops.checks.stack import contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

MICRO = {"db.t3.micro", "db.t4g.micro"}
"""The classes for which the template's parameter group allows 40 connections."""

MICRO_CONNECTIONS = 40


def parameters(planned: Planned) -> Iterator[Finding]:
    """Parameters that contradict each other, or what is deployed."""
    declared = given.template().parameters
    bad = [*contradictions(planned.parameters), *_network(planned), *_storage(planned)]
    odd = list(_without_effect(planned))
    yield from (wrong("parameters", words, fix) for words, fix in bad)
    yield from (noted("parameters", words, fix) for words, fix in odd)
    if missing := [name for name in declared if name not in planned.parameters]:
        words = f"{', '.join(missing)} have no value yet, so they were not looked at"
        yield skipped("parameters", f"{words}: `--guided` asks for them, or give them with -p")
    elif not bad and not odd:
        yield fine("parameters", "none contradicts another")


def _network(planned: Planned) -> Iterator[tuple[str, str]]:
    try:
        ip_network(planned.parameters["VpcCidr"])
    except ValueError as error:
        yield f"VpcCidr: {error}", "Deploy with a network like 10.80.0.0/16."
    for name in ("VpcCidr", "Zones"):
        here = planned.was(name)
        if here is not None and here != planned.parameters[name]:
            words = f"{name} is {here or 'empty'} and cannot change: the database's network would have to be replaced"
            yield words, f"Deploy with {name}={here}."


def _storage(planned: Planned) -> Iterator[tuple[str, str]]:
    """RDS storage grows only (RDS user guide, Increasing DB instance storage capacity)."""
    here = int(planned.was("DatabaseStorage") or 0)
    if planned.number("DatabaseStorage") < here:
        yield f"DatabaseStorage is {here} GiB and cannot shrink", f"Deploy with DatabaseStorage={here}."


def _without_effect(planned: Planned) -> Iterator[tuple[str, str]]:
    known = planned.parameters
    if known["EgressMode"] == "nat" and known["EndpointZones"] == "2":
        yield "EndpointZones is 2, but with EgressMode nat there is no endpoint", "Leave it at 1."
    if planned.number("HealthAlarmPeriod") < planned.number("HealthPeriod"):
        words = "HealthAlarmPeriod is shorter than HealthPeriod: it is raised between two checks"
        yield words, "Make it at least as long."
    most = planned.number("DatabaseConnectionsAlarmAt")
    if known["DatabaseClass"] in MICRO and most >= MICRO_CONNECTIONS:
        words = f"DatabaseConnectionsAlarmAt is {most}, but a micro class has {MICRO_CONNECTIONS} connections"
        yield words, "Deploy with DatabaseConnectionsAlarmAt=26."
