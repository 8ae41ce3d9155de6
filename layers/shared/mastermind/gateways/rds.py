"""Logging in to RDS without a password: with a token that we sign ourselves, without a call to AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.gateways import sigv4

if TYPE_CHECKING:
    from mastermind.config import AwsCredentials

LIFETIME = 900  # seconds; RDS accepts no longer one


def auth_token(
    host: str, port: int, user: str, region: str, credentials: AwsCredentials, *, now: datetime | None = None
) -> str:
    """The password with which `user` may connect to `host` during the next 15 minutes (`now` is in UTC)."""
    address = f"{host}:{port}"
    query = sigv4.presigned_query(
        "GET",
        address,
        "/",
        {"Action": "connect", "DBUser": user},
        service="rds-db",
        region=region,
        credentials=credentials,
        now=now or datetime.now(UTC),
        expires=LIFETIME,
    )
    return f"{address}/?{query}"
