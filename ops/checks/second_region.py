"""Checks of the region to which RDS copies its own backups, where the operator wants one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.checks.findings import fine, wrong
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding
    from ops.checks.planned import Planned

WHAT = "second region"
REGION, KEY = "SecondRegion", "SecondRegionKey"


def key(planned: Planned) -> Iterator[Finding]:
    """Whether the key by which the copies are encrypted is there, and can be used."""
    region, arn = planned.parameters[REGION], planned.parameters[KEY]
    if not region:
        return
    make = f"`aws kms create-key --region {region}` makes one, and prints its ARN."
    if not arn:
        yield wrong(WHAT, f"{KEY} is empty: the database is encrypted, and so must its copies be", make)
        return
    if arn.split(":")[3] != region:
        yield wrong(WHAT, f"{KEY} is of {arn.split(':')[3]}, and the copies go to {region}", make)
        return
    kms = planned.target.client("kms", region=region)
    try:
        state = call_aws(lambda: kms.describe_key(KeyId=arn))["KeyMetadata"]["KeyState"]
    except TargetError as error:
        if "NotFound" not in str(error):
            raise
        yield wrong(WHAT, f"there is no key {arn}", make)
        return
    if state == "Enabled":
        yield fine(WHAT, f"RDS copies its backups to {region}")
    else:
        yield wrong(WHAT, f"the key is {state}", "Enable it in KMS, or name another.")


def copies(context: Context) -> Iterator[Finding]:
    """Whether RDS copies the backups of the database that the game uses."""
    region = context.target.parameters.get(REGION, "")
    if not region:
        return
    rds, name = context.target.client("rds"), context.target.output("DatabaseIdentifier")
    (shown,) = call_aws(lambda: rds.describe_db_instances(DBInstanceIdentifier=name))["DBInstances"]
    arns = [one["DBInstanceAutomatedBackupsArn"] for one in shown.get("DBInstanceAutomatedBackupsReplications", [])]
    if any(arn.split(":")[3] == region for arn in arns):
        yield fine(WHAT, f"RDS copies its backups to {region}")
    else:
        words = f"RDS copies no backup of {name} to {region}"
        yield wrong(WHAT, words, "A new copy takes an hour to begin. After that: RDS console, Automated backups.")
