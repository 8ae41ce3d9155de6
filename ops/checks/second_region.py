"""Checks of the region to which RDS copies its own backups, where the operator wants one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ops.checks.findings import fine, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding
    from ops.checks.planned import Planned

WHAT = "second region"
REGION, KEY = "SecondRegion", "SecondRegionKey"

LATE = timedelta(days=1)
"""RDS copies a log minutes after it was written, and each day's backup once it is made."""


def planned_copies(planned: Planned) -> Iterator[Finding]:
    """Whether that region takes copies of this one, and the key by which they are encrypted can be used."""
    if not planned.parameters[REGION]:
        return
    refused = tuple(_refused(planned))
    yield from refused or (fine(WHAT, f"RDS copies its backups to {planned.parameters[REGION]}"),)


def _refused(planned: Planned) -> Iterator[Finding]:
    region, arn = planned.parameters[REGION], planned.parameters[KEY]
    make = f"`aws kms create-key --region {region}` makes one, and prints its ARN."
    if not arn:
        yield wrong(WHAT, f"{KEY} is empty: the database is encrypted, and so must its copies be", make)
    elif arn.split(":")[3] != region:
        yield wrong(WHAT, f"{KEY} is of {arn.split(':')[3]}, and the copies go to {region}", make)
    elif state := _unusable(planned, make):
        yield state
    if not _takes_copies(planned):
        yield wrong(
            WHAT,
            f"RDS copies no backups from {planned.target.region} to {region}",
            f"Name another one: `aws rds describe-source-regions --region {region}` says from where it takes them.",
        )


def _unusable(planned: Planned, make: str) -> Finding | None:
    kms, arn = planned.target.client("kms", region=planned.parameters[REGION]), planned.parameters[KEY]
    try:
        state = call_aws(lambda: kms.describe_key(KeyId=arn))["KeyMetadata"]["KeyState"]
    except TargetError as error:
        if "NotFound" not in str(error):
            raise
        return wrong(WHAT, f"there is no key {arn}", make)
    return None if state == "Enabled" else wrong(WHAT, f"the key is {state}", "Enable it in KMS, or name another.")


def _takes_copies(planned: Planned) -> bool:
    """Not every region does of every other (RDS user guide, Finding information about replicated backups)."""
    rds, here = planned.target.client("rds", region=planned.parameters[REGION]), planned.target.region
    known = call_aws(lambda: rds.describe_source_regions(RegionName=here))["SourceRegions"]
    return any(one.get("SupportsDBInstanceAutomatedBackupsReplication") for one in known)


def copies(context: Context) -> Iterator[Finding]:
    """Whether RDS copies the backups of the database that the game uses, and how far the copies are."""
    region = context.target.parameters.get(REGION, "")
    if not region:
        return
    rds, name = context.target.client("rds"), context.target.output("DatabaseIdentifier")
    (shown,) = call_aws(lambda: rds.describe_db_instances(DBInstanceIdentifier=name))["DBInstances"]
    arns = [one["DBInstanceAutomatedBackupsArn"] for one in shown.get("DBInstanceAutomatedBackupsReplications", [])]
    here = [arn for arn in arns if arn.split(":")[3] == region]
    if here:
        yield _how_far(context, region, here[0])
    else:
        words = f"RDS copies no backup of {name} to {region}"
        yield wrong(WHAT, words, "A new copy takes an hour to begin. After that: RDS console, Automated backups.")


def _how_far(context: Context, region: str, arn: str) -> Finding:
    rds, asked = context.target.client("rds", region=region), {"DBInstanceAutomatedBackupsArn": arn}
    found = call_aws(lambda: rds.describe_db_instance_automated_backups(**asked))["DBInstanceAutomatedBackups"]
    latest = max((one["RestoreWindow"]["LatestTime"] for one in found if "RestoreWindow" in one), default=None)
    fix = "Can the key be used? A new copy takes hours. After that: RDS console of that region, Automated backups."
    if latest is None:
        return wrong(WHAT, f"nothing can be restored in {region} yet", fix)
    words = f"what was played until {latest:%Y-%m-%d %H:%M} UTC can be restored in {region}"
    return fine(WHAT, words) if context.now() - latest < LATE else wrong(WHAT, words, fix)
