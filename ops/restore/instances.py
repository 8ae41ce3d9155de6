"""The instances of RDS in a restore: the stack's own, the restored one, and the old one that is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops import progress, template
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.target import Target

POLL = 10.0  # seconds between two looks at an instance, at most: the first come sooner, for what RDS does at once

LONGEST = 63
"""Characters of an instance's name (RDS user guide, Naming constraints)."""

AVAILABLE = "available"
OF, SOURCE, KEEPS, STATE = "RestoreOf", "RestoredFrom", "RestoreKeeps", "RestoreState"
"""The tags of an instance that `ops restore` made: of which stack, of what, under which name the old one is kept, and
how far the restore is. They are how a restore that was broken off is found, from any machine."""

TAGS = (OF, SOURCE, KEEPS, STATE)

UNDER_WAY, DONE, TRIED = "under way", "done", "tried"
"""How far: one that is tried is never played on."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance as RDS describes it."""

    described: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.described["DBInstanceIdentifier"])

    @property
    def resource_id(self) -> str:
        return str(self.described["DbiResourceId"])

    @property
    def status(self) -> str:
        return str(self.described["DBInstanceStatus"])

    @property
    def tags(self) -> dict[str, str]:
        return {one["Key"]: one["Value"] for one in self.described.get("TagList", ())}

    @property
    def secret(self) -> str:
        """The ARN of the secret in which RDS keeps the owner's password; empty if it does not keep it."""
        return str(self.described.get("MasterUserSecret", {}).get("SecretArn", ""))


def every(target: Target) -> dict[str, Instance]:
    """All instances of the account in that region by name."""
    found = (Instance(one) for one in target.all_of("rds", "describe_db_instances", "DBInstances"))
    return {one.name: one for one in found}


def named(target: Target, name: str) -> Instance | None:
    return every(target).get(name)


def made(target: Target, state: str) -> Instance | None:
    """The instance that a restore of the stack's database made, and that is so far."""
    wanted = target.stack, state
    return next((one for one in every(target).values() if (one.tags.get(OF), one.tags.get(STATE)) == wanted), None)


def under_way(target: Target) -> Instance | None:
    """The instance of a restore that is not done."""
    return made(target, UNDER_WAY)


def lacking(target: Target, found: Instance) -> list[str]:
    """What an instance has not that the stack's database has, in words."""
    own, described = target.physical_ids(), found.described
    groups = [one["VpcSecurityGroupId"] for one in described.get("VpcSecurityGroups", ())]
    parameters = [one["DBParameterGroupName"].lower() for one in described.get("DBParameterGroups", ())]
    subnets = str(described.get("DBSubnetGroup", {}).get("DBSubnetGroupName", ""))
    held = {
        "its subnets": subnets.lower() == own["DatabaseSubnets"].lower(),
        "its firewall": groups == [own["DatabaseGroup"]],
        "its parameter group": parameters == [own["DatabaseParameters"].lower()],
        "log-in by IAM": bool(described.get("IAMDatabaseAuthenticationEnabled")),
        "no public address": not described.get("PubliclyAccessible"),
        "protection": bool(described.get("DeletionProtection")),
    }
    return [words for words, holds in held.items() if not holds]


def free_name(target: Target, instance: str, word: str) -> str:
    """A name like that of the instance with the word behind it, which no other instance has."""
    taken = every(target)
    numbered = (f"-{word}{number}" if number > 1 else f"-{word}" for number in range(1, len(taken) + 2))
    names = (f"{instance[: LONGEST - len(end)].rstrip('-')}{end}" for end in numbered)
    return next(name for name in names if name not in taken)


def wait(words: str, find: Callable[[], Instance | None], *, seen: bool = True) -> Instance:
    """The instance that `find` returns once it is available; `words` say what is waited for.

    With `seen` an instance that is not there, or that has failed, raises TargetError.
    """
    pause = min(1.0, POLL)
    with progress.waiting(words) as waiting:
        while (found := find()) is None or found.status != AVAILABLE or found.described.get("PendingModifiedValues"):
            if seen and found is None:
                raise TargetError("The instance is gone: somebody has deleted or renamed it")
            if found and found.status in FAILED:
                raise TargetError(f"{found.name} is {found.status}: {FAILED[found.status]}")
            waiting.see(found.status if found else "not there yet")
            time.sleep(pause)
            pause = min(POLL, 2 * pause)
    return found


FAILED = {
    "failed": "RDS could not make it; its events say why",
    "incompatible-restore": "RDS could not restore to that moment; choose another, or a snapshot",
    "incompatible-network": "RDS could not use the stack's subnets; see its events",
    "incompatible-parameters": "the stack's parameter group does not fit it",
    "storage-full": "raise DatabaseStorageLimit",
    "inaccessible-encryption-credentials": "the key that encrypts it may not be used",
}
"""The statuses in which an instance stays, and what they mean (RDS user guide, Viewing DB instance status)."""


def rename(target: Target, before: str, after: str) -> None:
    """Give an instance another name, and with it another address; it is protected from then on."""
    modify(target, before, NewDBInstanceIdentifier=after, DeletionProtection=True)
    wait_renamed(target, after)


def wait_renamed(target: Target, name: str) -> None:
    """Wait until the address of that name leads to its instance."""
    wait(f"RDS renames the instance to {name}", lambda: named(target, name), seen=False)


def modify(target: Target, instance: str, **wanted: object) -> None:
    rds, asked = target.client("rds"), {"DBInstanceIdentifier": instance, "ApplyImmediately": True, **wanted}
    call_aws(lambda: rds.modify_db_instance(**asked))


def declared(target: Target) -> dict[str, Any]:
    """The properties of the database in the template, with the stack's parameters in their places."""
    return {name: _resolved(target, value) for name, value in template.database().items()}


def _resolved(target: Target, value: Any) -> object:  # noqa: ANN401 # whatever a template may have
    match value:
        case {"Ref": str(name), **rest} if not rest:
            return target.parameters.get(name, "")
        case _:
            return value
