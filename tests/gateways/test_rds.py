from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from unittest import mock

import boto3
import botocore.auth
from hypothesis import given
from hypothesis import strategies as st

from mastermind.config import AwsCredentials
from mastermind.gateways import rds

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient

NOW = datetime(2026, 7, 1, 12, 30, 5, tzinfo=UTC)


@given(
    st.from_regex(r"[a-z0-9-]{1,30}\.[a-z0-9]{6,12}\.eu-central-1\.rds\.amazonaws\.com", fullmatch=True),
    st.integers(1, 65535),
    st.from_regex(r"[a-z_]{1,30}", fullmatch=True),
    st.sampled_from([None, "short+/=", "aB3/" * 150]),
)
def test_our_token_is_the_one_that_the_sdk_makes(host: str, port: int, user: str, session_token: str | None) -> None:
    credentials = AwsCredentials("AKIAEXAMPLE", "not-a-real-secret", session_token)

    ours = rds.auth_token(host, port, user, "eu-central-1", credentials, now=NOW)

    assert parts(ours) == parts(token_of_the_sdk(host, port, user, credentials))


def token_of_the_sdk(host: str, port: int, user: str, credentials: AwsCredentials) -> str:
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        return client(credentials).generate_db_auth_token(host, port, user)


@cache
def client(credentials: AwsCredentials) -> RDSClient:
    return boto3.client(
        "rds",
        region_name="eu-central-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
    )


def parts(token: str) -> tuple[str, set[str]]:
    """The order of parameters in the URL means nothing: the signature is made over the sorted ones."""
    address, _, query = token.partition("?")
    return address, set(query.split("&"))


def test_a_token_is_made_without_asking_anybody() -> None:
    token = rds.auth_token("db.example", 5432, "app_main", "eu-central-1", AwsCredentials("AKIA", "hush", None))

    assert token.startswith("db.example:5432/?Action=connect&DBUser=app_main&")
    assert "hush" not in token
