"""An object in S3 with concurrent writers: it is written only if nobody else has written it since it was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline

ABSENT = {"NoSuchKey", "404", "AccessDenied"}
"""Without the right to list a bucket, what is not there is forbidden. A text that cannot be read is not overwritten."""

OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


class S3(Protocol):
    """S3, as far as it is needed."""

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words
    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **condition: str) -> Mapping[str, Any]: ...  # noqa: N803


@dataclass(frozen=True, slots=True)
class Kept:
    """A text and its version; both None when there is none yet."""

    text: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """The text at one key; every method raises Unavailable when S3 does not answer as it should."""

    bucket: str
    key: str
    s3: S3

    def read(self, deadline: Deadline) -> Kept:
        return asked("S3", self._get, deadline)

    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None:
        """Write it in place of the version `over` (None: of nothing); the new version, None if another one is there."""
        return asked("S3", partial(self._put, text, over), deadline)

    def _get(self) -> Kept:
        from botocore.exceptions import ClientError

        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            if _code(error) in ABSENT:
                return Kept(None, None)
            raise
        return Kept(found["Body"].read().decode(), str(found["ETag"]))

    def _put(self, text: str, over: str | None) -> str | None:
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        try:
            return str(self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=text.encode(), **condition)["ETag"])
        except ClientError as error:
            if _code(error) in OVERTAKEN:
                return None
            raise


def document(bucket: str, key: str) -> Document:
    """The real one."""
    return Document(bucket, key, client("s3"))


def _code(error: Exception) -> str:
    response = cast("Mapping[str, Any]", getattr(error, "response", {}))
    return str(response.get("Error", {}).get("Code", ""))
