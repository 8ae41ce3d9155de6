"""Advice for AWS's refusals during a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.target import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS_ON = {
    "AccessDenied": "The credentials lack that right: have it granted, or sign in as somebody else (AWS_PROFILE).",
    "UnauthorizedOperation": "The credentials lack that right: have it granted, or sign in as somebody else.",
    "ExpiredToken": "Sign in again.",
    "InstanceQuotaExceeded": "The region has all its instances: delete one that nobody needs, or raise the quota.",
    "StorageQuotaExceeded": "The account has its storage of RDS: delete an instance, or raise the quota.",
    "InsufficientDBInstanceCapacity": "AWS has none of that class free: wait, or deploy another DatabaseClass first.",
    "InvalidDBInstanceState": "RDS is still at work on the instance: wait some minutes.",
    "DBInstanceAlreadyExists": "An instance has that name: rename or delete it.",
    "KMSKeyNotAccessible": "The key that encrypts the snapshot may not be used by these credentials.",
}
"""By the code of AWS's error."""


def explained[Result](work: Callable[[], Result]) -> Result:
    """The same; what AWS refuses is raised with the way on."""
    try:
        return work()
    except TargetError as error:
        way = next((words for code, words in WAYS_ON.items() if f"({code}" in str(error)), "")
        raise TargetError(f"{error}\n{way}".strip()) from None
