"""Checks of the account before a deploy: its plan, its region, its quotas, and API Gateway's role for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops import leftovers, template
from ops.checks.findings import fine, noted, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

UNRESERVED = 100
"""The concurrency that Lambda keeps unreserved (Lambda developer guide, Configuring reserved concurrency)."""

NEW_ACCOUNT = 10
"""The concurrency of a new account."""

RESERVING = 2
"""Functions that ReservedConcurrency is for: one for each bot."""

CONCURRENCY, VPCS, ADDRESSES = "L-B99A9384", "L-F678F1CE", "L-0263D0A3"
"""Service Quotas' codes for what runs at once, VPCs and elastic addresses in a region (AWS general reference)."""

KEPT = ("NightlySnapshots", "RequestedSnapshots")
"""The parameters that say how many snapshots a game keeps."""

INCREASE = "aws service-quotas request-service-quota-increase"

MADE = {"DBInstances": "database instances", "DBSubnetGroups": "subnet groups", "DBParameterGroups": "parameter groups"}
"""What a new stack makes one of, by RDS's name for the quota (RDS API reference, AccountQuota)."""


def plan(planned: Planned) -> Iterator[Finding]:
    """AWS's Free plan refuses backups of more than a day and every class above micro with a FreeTierRestrictionError.

    The plan: AWS Billing API reference, GetAccountPlanState. What it refuses, from the field:
    https://github.com/yc-software/qm/issues/352.
    """
    try:
        found = call_aws(lambda: planned.target.client("freetier").get_account_plan_state())
    except TargetError as error:
        if "(ResourceNotFoundException)" not in str(error):
            raise
        yield fine("account plan", "none: the account is older than AWS's plans")
        return
    kind = found.get("accountPlanType", "")
    if kind == "FREE":
        words = "Free: AWS refuses the database (FreeTierRestrictionError: its backups, and every class above micro)"
        fix = "Upgrade; credits stay: `aws freetier upgrade-account-plan --account-plan-type PAID`, or in Billing."
        yield wrong("account plan", words, fix)
    else:
        yield fine("account plan", kind.title() or "not named")


def region(planned: Planned) -> Iterator[Finding]:
    """Whether the functions can verify a database of that region."""
    here, known = planned.target.region, template.regions()
    if here in known:
        yield fine("region", f"{here} has its certificate authorities in the layer")
    else:
        fix = f"Choose one of {', '.join(known)}; or add them: `make -C layers/shared rds-ca`, and the rule's list."
        yield wrong("region", f"layers/shared/rds-ca has no certificate authorities for {here}", fix)


def concurrency(planned: Planned) -> Iterator[Finding]:
    """Whether ReservedConcurrency leaves Lambda what it keeps for functions without a reservation."""
    limits = call_aws(lambda: planned.target.client("lambda").get_account_settings())["AccountLimit"]
    quota = limits["ConcurrentExecutions"]
    more = f"`{INCREASE} --service-code lambda --quota-code {CONCURRENCY} --desired-value 1000`"
    free = limits["UnreservedConcurrentExecutions"] + RESERVING * max(0, int(planned.was("ReservedConcurrency") or 0))
    asked = RESERVING * max(0, planned.number("ReservedConcurrency"))
    if asked and free - asked < UNRESERVED:
        words = f"ReservedConcurrency takes {asked} of {free} that are free, and {UNRESERVED} must stay unreserved"
        yield wrong("concurrency", words, f"Deploy with ReservedConcurrency=-1, or ask for more: {more}.")
    elif planned.number("ReservedConcurrency") == 0:
        words = "ReservedConcurrency is 0: no interaction is answered"
        yield noted("concurrency", words, "Deploy with -1 for no reservation.")
    elif quota <= NEW_ACCOUNT:
        words = f"the account may run {quota} functions at once: the game serves a few people"
        yield noted("concurrency", words, f"Ask for more, it costs nothing: {more}.")
    else:
        yield fine("concurrency", f"{quota} functions may run at once, {free - asked} of them unreserved")


def networks(planned: Planned) -> Iterator[Finding]:
    """A new stack makes a VPC."""
    if planned.is_new:
        used = len(planned.target.all_of("ec2", "describe_vpcs", "Vpcs"))
        yield _room(planned, "VPCs", used, "vpc", VPCS)


def addresses(planned: Planned) -> Iterator[Finding]:
    """A new NAT gateway needs an elastic address."""
    if planned.parameters["EgressMode"] == "nat" and planned.was("EgressMode") != "nat":
        used = len(call_aws(planned.target.client("ec2").describe_addresses)["Addresses"])
        yield _room(planned, "elastic addresses", used, "ec2", ADDRESSES)


def _room(planned: Planned, what: str, used: int, service: str, code: str) -> Finding:
    quotas = planned.target.client("service-quotas")
    found = call_aws(lambda: quotas.get_service_quota(ServiceCode=service, QuotaCode=code))["Quota"]
    most = int(found["Value"])
    if used < most:
        return fine(what, f"{used} of {most} are used")
    ask = f"`{INCREASE} --service-code {service} --quota-code {code} --desired-value {most + 1}`"
    fix = f"Delete one that nobody needs, or {ask}."
    return wrong(what, f"all {most} of the region are used, and the stack needs one", fix)


def databases(planned: Planned) -> Iterator[Finding]:
    """What RDS allows the account in the region (RDS API reference, DescribeAccountAttributes)."""
    found = call_aws(lambda: planned.target.client("rds").describe_account_attributes())["AccountQuotas"]
    quotas = {one["AccountQuotaName"]: (one["Used"], one["Max"]) for one in found}
    if planned.is_new:
        for name, what in MADE.items():
            used, most = quotas.get(name, (0, 1))
            if used >= most:
                fix = "Delete one that nobody needs, or ask for more in Service Quotas, Amazon RDS."
                yield wrong("databases", f"all {most} {what} of the region are used, and the stack needs one", fix)
    yield _snapshots(planned, *quotas.get("ManualSnapshots", (0, 100)))


def _snapshots(planned: Planned, used: int, most: int) -> Finding:
    """100 in a region by default, for all games in it (RDS user guide, Quotas and constraints)."""
    what, more = "manual snapshots", sum(planned.more(name) for name in KEPT)
    if most - used > max(0, more):
        return fine(what, f"{used} of {most} are used")
    fix = "Delete old ones, or ask for more: Service Quotas, Amazon RDS, Manual DB instance snapshots."
    words = f"{used} of {most} are used, and this deploy may keep {max(0, more)} more: backups will fail"
    return noted(what, words, fix)


def logs_role(planned: Planned) -> Iterator[Finding]:
    """One role of the account and region writes API Gateway's logs.

    Without one a stage with an access log cannot be made (API Gateway developer guide, Set up CloudWatch logging).
    """
    if planned.parameters["AccessLog"] == "off":
        return
    name, what = leftovers.current_logs_role(planned.target), "API Gateway's role"
    mode = planned.parameters["ApiLogsRole"]
    if mode == "keep" and not name:
        words = "ApiLogsRole is keep, and the account has no role for API Gateway's logs in this region"
        yield wrong(what, words, "Deploy with ApiLogsRole=create.")
    elif mode == "create" and name and not name.startswith(f"{planned.target.stack}-ApiLogsAccountRole"):
        words = f"ApiLogsRole is create, and the account already has {name}: it would be replaced for every API"
        yield noted(what, words, "Deploy with ApiLogsRole=keep.")
    else:
        yield fine(what, name or "the stack makes it")
