"""Checks of the parameters of a deploy that has not begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

from mastermind.game.settings import content as time_zones
from ops import template
from ops.checks.findings import fine, noted, skipped, wrong
from ops.checks.stack import contradictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

MICRO = {"db.t3.micro", "db.t4g.micro"}
"""The classes for which the template's parameter group allows 40 connections."""

MICRO_CONNECTIONS = 40

SHORTEST, LONGEST = timedelta(minutes=30), timedelta(days=1)
"""How long a window of RDS is (RDS API reference, CreateDBInstance)."""

NIGHT = range(1, 7)
"""The hours, by the operator's clock, in which a restart of the database is met by few."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUMMER, WINTER = datetime(2026, 7, 6, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)  # Mondays


def parameters(planned: Planned) -> Iterator[Finding]:
    """Parameters that contradict each other, or what is deployed."""
    declared = template.own().parameters
    bad = [*contradictions(planned.parameters), *_network(planned), *_storage(planned), *_windows(planned)]
    odd = [*_without_effect(planned), *_by_day(planned)]
    yield from (wrong("parameters", words, fix) for words, fix in bad)
    yield from (noted("parameters", words, fix) for words, fix in odd)
    if missing := [name for name in declared if name not in planned.parameters]:
        words = f"{', '.join(missing)} have no value yet, so they were not looked at"
        yield skipped("parameters", f"{words}: `.venv/bin/ops init` asks for them, or give them with -p")
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


def _windows(planned: Planned) -> Iterator[tuple[str, str]]:
    """RDS refuses windows that overlap, and such as are too short (RDS API reference, CreateDBInstance)."""
    (starts, length), (at, lasts) = _backup_window(planned), _maintenance_window(planned)
    for name, one in (("BackupWindow", length), ("MaintenanceWindow", lasts)):
        if not SHORTEST <= one < LONGEST:
            yield f"{name} has {one.seconds // 60} minutes, and RDS wants at least 30", "Deploy with a longer one."
    between = (starts - at) % LONGEST
    if between < lasts or LONGEST - between < length:
        yield "BackupWindow and MaintenanceWindow overlap", "Deploy with one that ends before the other begins."


def _by_day(planned: Planned) -> Iterator[tuple[str, str]]:
    if planned.parameters["TimeZone"] not in time_zones.known():
        return
    zone = time_zones.zone(planned.parameters["TimeZone"])
    for name, (starts, _) in (
        ("BackupWindow", _backup_window(planned)),
        ("MaintenanceWindow", _maintenance_window(planned)),
    ):
        for monday in (SUMMER, WINTER):
            there = (monday + starts).astimezone(zone)
            if there.hour not in NIGHT:
                words = f"{name} is in UTC and begins at {there:%H:%M} in {zone}: members may be asked to try again"
                yield words, "Deploy with one in your night, after 04:30, when the game's own snapshot is made."
                break


def _backup_window(planned: Planned) -> tuple[timedelta, timedelta]:
    """When it begins, since midnight, and how long it is."""
    begin, end = map(_since_midnight, planned.parameters["BackupWindow"].split("-"))
    return begin, (end - begin) % LONGEST


def _maintenance_window(planned: Planned) -> tuple[timedelta, timedelta]:
    """When it begins, since midnight on Monday, and how long it is."""
    begin, end = map(_since_monday, planned.parameters["MaintenanceWindow"].split("-"))
    return begin, (end - begin) % timedelta(weeks=1)


def _since_monday(written: str) -> timedelta:
    day, _, time = written.partition(":")
    return timedelta(days=DAYS.index(day)) + _since_midnight(time)


def _since_midnight(written: str) -> timedelta:
    hours, minutes = map(int, written.split(":"))
    return timedelta(hours=hours, minutes=minutes)
