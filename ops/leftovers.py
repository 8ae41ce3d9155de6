"""What a deleted stack leaves in the account and region: found by names that no other stack's resources have.

CloudFormation ends the names that it makes up with letters and digits, so that those of `game` are told from those of
`game-staging`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mastermind.operations.backup.rules import TAG
from ops import template
from ops.target import call_aws

if TYPE_CHECKING:
    from ops.target import Target

RANDOM = "[a-z0-9]+"
"""How CloudFormation ends a name in lower case."""


def functions(target: Target) -> list[str]:
    there = {one["FunctionName"] for one in target.all_of("lambda", "list_functions", "Functions")}
    return sorted(there & expected_functions(target))


def expected_functions(target: Target) -> set[str]:
    """The names of all functions of the template."""
    names = template.own().function_names().values()
    return {one.replace("${AWS::StackName}", target.stack) for one in names}


def log_groups(target: Target) -> list[str]:
    """Those that the template names."""
    stack = target.stack
    expected = {f"/aws/lambda/{one}" for one in expected_functions(target)} | {f"/aws/apigateway/{stack}"}
    prefixes = (f"/aws/lambda/{stack}-", f"/aws/apigateway/{stack}")
    return [name for prefix in prefixes for name in _log_groups(target, prefix) if name in expected]


def database_logs(target: Target) -> list[str]:
    """Those that RDS makes by itself when it exports the database's log; they are not the stack's."""
    prefix = f"/aws/rds/instance/{target.stack}-database-"
    ours = re.compile(rf"{re.escape(prefix)}{RANDOM}(-old|-drill)?/{RANDOM}")
    return [name for name in _log_groups(target, prefix) if ours.fullmatch(name)]


def _log_groups(target: Target, prefix: str) -> list[str]:
    found = target.all_of("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
    return sorted(one["logGroupName"] for one in found)


def schedule_groups(target: Target) -> list[str]:
    found = target.all_of("scheduler", "list_schedule_groups", "ScheduleGroups", NamePrefix=target.stack)
    return [target.stack] if any(one["Name"] == target.stack for one in found) else []


def dashboards(target: Target) -> list[str]:
    found = target.all_of("cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix=target.stack)
    return [target.stack] if any(one["DashboardName"] == target.stack for one in found) else []


def snapshots(target: Target) -> list[str]:
    """Those with names of ours, the newest of each kind last: nightly, asked for, and the last ones of databases."""
    stack = re.escape(target.stack)
    last = rf"snapshot-database-{RANDOM}|database-{RANDOM}-old-last"
    ours = re.compile(rf"{stack}-(20[0-9]{{6}}|manual-[0-9]{{12}}|{last})")
    found = (one for one in manual_snapshots(target) if _may_be_of(target.stack, one))
    return sorted(one["DBSnapshotIdentifier"] for one in found if ours.fullmatch(one["DBSnapshotIdentifier"]))


def copies(target: Target) -> list[str]:
    """Other snapshots of the stack's database: somebody made or copied them under another name."""
    ours, instance = set(snapshots(target)), re.compile(rf"{re.escape(target.stack)}-database-{RANDOM}(-old)?")
    found = (one for one in manual_snapshots(target) if instance.fullmatch(one.get("DBInstanceIdentifier", "")))
    return sorted({one["DBSnapshotIdentifier"] for one in found} - ours)


def manual_snapshots(target: Target) -> list[Any]:
    """All that somebody made, and that therefore stay without their database."""
    return target.all_of("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual")


def _may_be_of(stack: str, snapshot: Any) -> bool:  # noqa: ANN401 # as boto3 returns it
    """Whether no tag names another stack. A nightly one names it in BackupOf, a database's last one in Name."""
    tags = {one["Key"]: one["Value"] for one in snapshot.get("TagList", ())}
    return {tags[key] for key in (TAG, "Name") if key in tags} <= {stack}


def buckets(target: Target) -> list[str]:
    """Those with a deletion log. A bucket of another region may be of a stack that exists there."""
    asked = {"BucketRegion": target.region}
    found = call_aws(lambda: target.client("s3").list_buckets(**asked))["Buckets"]
    here = (one["Name"] for one in found if one.get("BucketRegion", target.region) == target.region)
    ours = re.compile(rf"{re.escape(target.stack)}-exportbucket-{RANDOM}")
    return sorted(filter(ours.fullmatch, here))


def parameters(target: Target) -> list[str]:
    """SSM's: the URLs of webhooks, the bot token, the key for tokens, and the state of the health check."""
    asked = {"Path": f"/{target.stack}/", "Recursive": True}
    return sorted(one["Name"] for one in target.all_of("ssm", "get_parameters_by_path", "Parameters", **asked))


def secrets(target: Target) -> list[str]:
    """Of the databases' owners. Their names have a random end, so none is in the way of a new one."""
    about = f"Credentials of the database owner of {target.stack}."
    found = target.all_of("secretsmanager", "list_secrets", "SecretList", IncludePlannedDeletion=True)
    ours = (one for one in found if one.get("Description", "").startswith(about) and "DeletedDate" not in one)
    return sorted(one["Name"] for one in ours)


def logs_role(target: Target) -> list[str]:
    """The role with which API Gateway writes logs in this region, if a stack of this name made it."""
    name = current_logs_role(target)
    return [name] if name.startswith(f"{target.stack}-ApiLogsAccountRole-") else []


def current_logs_role(target: Target) -> str:
    """The name of the region's role, of any stack; empty if there is none."""
    account = call_aws(lambda: target.client("apigateway").get_account())
    return account.get("cloudwatchRoleArn", "").rpartition("/")[2]
