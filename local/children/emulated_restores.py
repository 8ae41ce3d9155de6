"""Restores, new names and passwords of RDS's instances, which the emulator lacks; its own parts do the rest.

RDS changes a name or a password some time after it was asked to. So does this: once it reads that PostgreSQL has it.
"""

# ruff: noqa: SLF001 # the emulator's version is pinned

import importlib
from typing import Any

databases = importlib.import_module("ministack.services.rds")
restore, modify = databases._restore_from_snapshot, databases._modify_db_instance

RENAMING = "renaming"
"""The status of an instance that has a new name, until its address leads to it (RDS user guide, DB instance status)."""

passwords: dict[str, str] = {}
"""What the master of an instance is to log in with, until PostgreSQL knows it."""

type Asked = dict[str, Any]
type Response = tuple[int, Any, Any]


def restore_snapshot(asked: Asked) -> Response:
    """Make an instance of a snapshot, with the firewall, parameters, protection and tags that were asked for."""
    answered = restore(asked)
    if made := databases._instances.get(first(asked, "DBInstanceIdentifier")):
        groups = databases._parse_member_list(asked, "VpcSecurityGroupIds")
        made["VpcSecurityGroups"] = [{"VpcSecurityGroupId": one, "Status": "active"} for one in groups]
        made["DBParameterGroups"] = [{"DBParameterGroupName": first(asked, "DBParameterGroupName")}]
        made["IAMDatabaseAuthenticationEnabled"] = first(asked, "EnableIAMDatabaseAuthentication") == "true"
        made["DeletionProtection"] = first(asked, "DeletionProtection") == "true"
        keep_tags(made, databases._parse_tags(asked))
    return answered


def restore_moment(asked: Asked) -> Response:
    """Of the database as it is now, whatever the moment: the emulator keeps no other."""
    source, name = first(asked, "SourceDBInstanceIdentifier"), first(asked, "TargetDBInstanceIdentifier")
    databases._create_snapshot_internal(name, databases._instances[source])
    try:
        restore_snapshot({**asked, "DBInstanceIdentifier": [name], "DBSnapshotIdentifier": [name]})
        said = "RestoreDBInstanceToPointInTimeResponse", "RestoreDBInstanceToPointInTimeResult"
        return databases._single_instance_response(*said, databases._instances[name])
    finally:
        del databases._snapshots[name]


def modify_instance(asked: Asked) -> Response:
    """The same, and the new name, by which the instance is known at once; it and a password are pending for a while."""
    answered, kept, old = modify(asked), databases._instances, first(asked, "DBInstanceIdentifier")
    if password := first(asked, "MasterUserPassword"):
        passwords[old] = password
        kept[old]["PendingModifiedValues"] = {"MasterUserPassword": "****"}
    if new := first(asked, "NewDBInstanceIdentifier"):
        kept[new] = one = kept.pop(old)
        one["DBInstanceIdentifier"], one["DBInstanceStatus"] = new, RENAMING
        one["DBInstanceArn"] = one["DBInstanceArn"].removesuffix(old) + new
        keep_tags(one, one["TagList"])
    return answered


def in_force(name: str) -> None:
    """PostgreSQL has the new password of that instance."""
    del passwords[name]
    databases._instances[name]["PendingModifiedValues"] = {}


def at_address(name: str) -> None:
    """The address of that name leads to this instance now."""
    databases._instances[name]["DBInstanceStatus"] = "available"


def keep_tags(instance: dict[str, Any], tags: list[Any]) -> None:
    instance["TagList"] = tags
    databases._tags[instance["DBInstanceArn"]] = list(tags)


def first(asked: Asked, name: str) -> str:
    return str(databases._p(asked, name))


ACTIONS = {
    "RestoreDBInstanceFromDBSnapshot": restore_snapshot,
    "RestoreDBInstanceToPointInTime": restore_moment,
    "ModifyDBInstance": modify_instance,
}
