"""Checks of the zones before a deploy: that the database, the functions and the queues' endpoint can be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops import given
from ops.checks.findings import fine, noted, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

USED = 2

WITHOUT_LAMBDA = {"use1-az3"}
"""Zones, by id, whose subnets Lambda refuses ("availability zone Lambda doesn't support").

https://github.com/keboola/developer-portal/issues/81 met it; the id is the same in every account, the name is not.
"""


def zones(planned: Planned) -> Iterator[Finding]:
    """The first two zones of the region, in which a new stack makes its subnets."""
    if not planned.is_new:
        return
    found = _chosen(planned)
    refused = [name for name, zone_id in found.items() if zone_id in WITHOUT_LAMBDA]
    if len(found) < USED:
        words = f"the account can use {len(found)} zones of {planned.target.region}, and the stack needs {USED}"
        yield wrong("zones", words, "Choose another region.")
    elif refused:
        yield wrong("zones", f"Lambda runs nothing in {', '.join(refused)}, one of the first two", _elsewhere(refused))
    else:
        yield fine("zones", f"the stack uses {' and '.join(found)}")
    yield from _endpoints(planned, list(found))


def _elsewhere(zones: list[str]) -> str:
    """CloudFormation counts only the zones with a default subnet, if there are any (its user guide, Fn::GetAZs)."""
    return f"Delete the default subnet of {', '.join(zones)} if nothing uses it, or choose another region."


def _endpoints(planned: Planned, zones: list[str]) -> Iterator[Finding]:
    """An interface endpoint can be made only in a zone that its service supports (AWS PrivateLink guide)."""
    if planned.parameters["EgressMode"] != "endpoint":
        return
    needed, offered = zones[: planned.number("EndpointZones")], _zones_of(planned, "sqs")
    if lacking := [zone for zone in needed if zone not in offered]:
        words = f"SQS has no endpoint in {', '.join(lacking)}"
        yield wrong("queue endpoint", words, f"Deploy with EgressMode=nat. Or: {_elsewhere(lacking)}")
    else:
        yield fine("queue endpoint", f"SQS offers it in {' and '.join(needed)}")


def _zones_of(planned: Planned, service: str) -> list[str]:
    name = f"com.amazonaws.{planned.target.region}.{service}"
    ec2 = planned.target.client("ec2")
    found = call_aws(lambda: ec2.describe_vpc_endpoint_services(ServiceNames=[name]))["ServiceDetails"]
    if not found:
        raise TargetError(f"EC2 does not describe the endpoint service {name}")
    return found[0]["AvailabilityZones"]


def _chosen(planned: Planned) -> Mapping[str, str]:
    """The ids of the zones that `Fn::GetAZs` gives first, by name: of those with a default subnet, if there are any."""
    ec2 = planned.target.client("ec2")
    kinds = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
    found = call_aws(lambda: ec2.describe_availability_zones(Filters=kinds))["AvailabilityZones"]
    defaults = [{"Name": "default-for-az", "Values": ["true"]}]
    subnets = call_aws(lambda: ec2.describe_subnets(Filters=defaults))["Subnets"]
    with_default = {one["AvailabilityZone"] for one in subnets}
    ids = {one["ZoneName"]: one["ZoneId"] for one in found if not with_default or one["ZoneName"] in with_default}
    return {name: ids[name] for name in sorted(ids)[:USED]}


def database(planned: Planned) -> Iterator[Finding]:
    """Whether RDS offers our version of PostgreSQL on the class in both zones.

    RDS API reference, DescribeOrderableDBInstanceOptions.
    """
    if planned.target.endpoint_url:
        raise TargetError("only AWS itself knows what RDS offers")
    kind = planned.parameters["DatabaseClass"]
    if planned.was("DatabaseClass") == kind:
        return
    version, chosen = _version(), set(_chosen(planned))
    offered = _offered(planned, kind, version)
    lacking = sorted(chosen - offered)
    what = f"{kind} with PostgreSQL {version}"
    if lacking and (len(lacking) == len(chosen) or planned.parameters["DatabaseMultiAz"] == "true"):
        words = f"RDS does not offer {what} in {' and '.join(lacking)}"
        yield wrong("database class", words, "Deploy with another DatabaseClass, or in another region.")
    elif lacking:
        words = f"RDS offers {what} in one of the zones only, not in {lacking[0]}"
        yield noted("database class", words, "DatabaseMultiAz cannot be turned on; another class may be in both.")
    else:
        yield fine("database class", f"RDS offers {what} in {' and '.join(sorted(chosen))}")


def _version() -> str:
    ((_, database),) = given.template().resources("AWS::RDS::DBInstance")
    return str(database["Properties"]["EngineVersion"])


def _offered(planned: Planned, kind: str, version: str) -> set[str]:
    """The zones in which an instance like ours can be made."""
    asked = {"Engine": "postgres", "DBInstanceClass": kind, "Vpc": True}
    options = planned.all_of("rds", "describe_orderable_db_instance_options", "OrderableDBInstanceOptions", **asked)
    return {zone["Name"] for one in options if _is_ours(one, version) for zone in one["AvailabilityZones"]}


def _is_ours(option: Mapping[str, Any], version: str) -> bool:
    return (
        option["EngineVersion"].partition(".")[0] == version
        and option.get("StorageType") == "gp3"
        and option.get("SupportsIAMDatabaseAuthentication", True)
        and option.get("SupportsStorageEncryption", True)
    )
