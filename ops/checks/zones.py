"""Checks of the zones before a deploy: that the database, the functions and the queues' endpoint can be there."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ops import template
from ops.checks.findings import fine, noted, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

USED = 2

WITHOUT_LAMBDA = {"use1-az3"}
"""Zones, by id, whose subnets Lambda refuses ("availability zone Lambda doesn't support").

https://github.com/keboola/developer-portal/issues/81 met it; the id is the same in every account, the name is not.
"""


def zones(planned: Planned) -> Iterator[Finding]:
    """The zones in which a new stack makes its subnets: those of `Zones`, otherwise the first two."""
    if not planned.is_new:
        return
    there = _there(planned)
    chosen = _chosen(planned, there)
    good = [name for name, zone_id in there.items() if zone_id not in WITHOUT_LAMBDA]
    if problem := _problem(planned, there, chosen):
        yield wrong("zones", problem, _other_zones(good))
    elif refused := [name for name in chosen if name not in good]:
        yield wrong("zones", f"Lambda runs nothing in {', '.join(refused)}", _other_zones(good))
    else:
        yield fine("zones", f"the stack uses {' and '.join(chosen)}")
        yield from _endpoints(planned, chosen, good)


def _problem(planned: Planned, there: Collection[str], chosen: Sequence[str]) -> str:
    if unknown := [name for name in chosen if name not in there]:
        return f"the account cannot use {', '.join(unknown)}"
    if len(set(chosen)) < USED:
        return f"the stack needs {USED} zones of {planned.target.region}, and has {len(set(chosen))}"
    return ""


def _other_zones(good: Sequence[str]) -> str:
    return f"Deploy with Zones={','.join(good[:USED])}." if len(good) >= USED else "Choose another region."


def _endpoints(planned: Planned, chosen: Sequence[str], good: Sequence[str]) -> Iterator[Finding]:
    """An interface endpoint can be made only in a zone that its service supports (AWS PrivateLink guide)."""
    if planned.parameters["EgressMode"] != "endpoint":
        return
    needed, offered = chosen[: planned.number("EndpointZones")], _zones_of(planned, "sqs")
    if lacking := [zone for zone in needed if zone not in offered]:
        other = _other_zones([name for name in good if name in offered])
        yield wrong("queue endpoint", f"SQS has no endpoint in {', '.join(lacking)}", f"{other} Or: EgressMode=nat.")
    else:
        yield fine("queue endpoint", f"SQS offers it in {' and '.join(needed)}")


def _zones_of(planned: Planned, service: str) -> list[str]:
    name = f"com.amazonaws.{planned.target.region}.{service}"
    ec2 = planned.target.client("ec2")
    found = call_aws(lambda: ec2.describe_vpc_endpoint_services(ServiceNames=[name]))["ServiceDetails"]
    if not found:
        raise TargetError(f"EC2 does not describe the endpoint service {name}")
    return found[0]["AvailabilityZones"]


def _there(planned: Planned) -> Mapping[str, str]:
    """The zones that the account can use, in alphabetical order: their ids by name."""
    ec2 = planned.target.client("ec2")
    kinds = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
    found = call_aws(lambda: ec2.describe_availability_zones(Filters=kinds))["AvailabilityZones"]
    return {one["ZoneName"]: one["ZoneId"] for one in sorted(found, key=itemgetter("ZoneName"))}


def _chosen(planned: Planned, there: Collection[str]) -> list[str]:
    """The zones that the template takes.

    `Fn::GetAZs` gives those with a default subnet in alphabetical order, or all if none has one (CloudFormation's
    template reference).
    """
    if named := planned.parameters.get("Zones"):
        return named.split(",")
    ec2 = planned.target.client("ec2")
    defaults = [{"Name": "default-for-az", "Values": ["true"]}]
    subnets = call_aws(lambda: ec2.describe_subnets(Filters=defaults))["Subnets"]
    with_default = {one["AvailabilityZone"] for one in subnets}
    return [name for name in there if not with_default or name in with_default][:USED]


def database(planned: Planned) -> Iterator[Finding]:
    """Whether RDS offers our version of PostgreSQL on the class in both zones.

    RDS API reference, DescribeOrderableDBInstanceOptions.
    """
    if planned.target.endpoint_url:
        raise TargetError("only AWS itself knows what RDS offers")
    kind = planned.parameters["DatabaseClass"]
    if planned.was("DatabaseClass") == kind:
        return
    version, chosen = _version(), set(_chosen(planned, _there(planned)))
    offered = _offered(planned, kind, version)
    lacking = sorted(chosen - offered)
    what = f"{kind} with PostgreSQL {version}"
    if lacking and (len(lacking) == len(chosen) or planned.parameters["DatabaseMultiAz"] == "true"):
        words = f"RDS does not offer {what} in {' and '.join(lacking)}"
        yield wrong("database class", words, "Deploy with another DatabaseClass, or with other Zones.")
    elif lacking:
        words = f"RDS offers {what} in one of the zones only, not in {lacking[0]}"
        yield noted("database class", words, "DatabaseMultiAz cannot be turned on; another class may be in both.")
    else:
        yield fine("database class", f"RDS offers {what} in {' and '.join(sorted(chosen))}")


def _version() -> str:
    return str(template.database()["EngineVersion"])


def _offered(planned: Planned, kind: str, version: str) -> set[str]:
    """The zones in which an instance like ours can be made."""
    asked = {"Engine": "postgres", "DBInstanceClass": kind, "Vpc": True}
    options = planned.target.all_of(
        "rds", "describe_orderable_db_instance_options", "OrderableDBInstanceOptions", **asked
    )
    return {zone["Name"] for one in options if _is_ours(one, version) for zone in one["AvailabilityZones"]}


def _is_ours(option: Mapping[str, Any], version: str) -> bool:
    return (
        option["EngineVersion"].partition(".")[0] == version
        and option.get("StorageType") == "gp3"
        and option.get("SupportsIAMDatabaseAuthentication", True)
        and option.get("SupportsStorageEncryption", True)
    )
