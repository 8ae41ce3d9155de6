"""Clients for the emulator's AWS, each created on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_rds import RDSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient
    from types_boto3_ssm import SSMClient

REGION = "us-east-1"
ACCOUNT = "000000000000"
ACCESS_KEY = "LOCALEMULATOR"


def access_key(function: str) -> str:
    """The access key id of a function, by which the emulator knows who asks."""
    return f"{ACCESS_KEY}-{function}"


def session(endpoint_url: str) -> boto3.Session:
    """A session for the emulator at this address; no developer's profile is used.

    The secret in the address is the secret key as well: the emulator checks the signatures of links.
    """
    import boto3  # takes half a second, which would delay the start

    return boto3.Session(ACCESS_KEY, urlsplit(endpoint_url).path.strip("/"), region_name=REGION)


class Aws:
    """Clients of one emulator."""

    def __init__(self, endpoint_url: str) -> None:
        """`endpoint_url` is the address with the secret, as `endpoints.json` has it."""
        self._url = endpoint_url

    def close(self) -> None:
        """Close the connections of every client that was created."""
        for client in [made for name, made in vars(self).items() if not name.startswith("_")]:
            client.close()

    @cached_property
    def _session(self) -> boto3.Session:
        return session(self._url)

    @cached_property
    def _patience(self) -> Config:
        from botocore.config import Config

        return Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 2}, s3={"addressing_style": "path"})

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return self._session.client("cloudformation", endpoint_url=self._url, config=self._patience)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", endpoint_url=self._url, config=self._patience)

    @cached_property
    def functions(self) -> LambdaClient:
        return self._session.client("lambda", endpoint_url=self._url, config=self._patience)

    @cached_property
    def rds(self) -> RDSClient:
        return self._session.client("rds", endpoint_url=self._url, config=self._patience)

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self._url, config=self._patience)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return self._session.client("secretsmanager", endpoint_url=self._url, config=self._patience)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", endpoint_url=self._url, config=self._patience)

    @cached_property
    def sqs(self) -> SQSClient:
        return self._session.client("sqs", endpoint_url=self._url, config=self._patience)

    @cached_property
    def ssm(self) -> SSMClient:
        return self._session.client("ssm", endpoint_url=self._url, config=self._patience)
