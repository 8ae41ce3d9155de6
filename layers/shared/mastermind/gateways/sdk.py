"""The AWS SDK for functions that may wait for it: clients that try once and soon give up, and errors in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mastermind.deadline import within
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline

CONNECT = 2.0  # seconds
READ = 5.0  # seconds; who asks has a deadline besides


def client(service: str, *, read: float = READ) -> Any:  # noqa: ANN401 # each service's is a class that boto3 makes up
    """A client of that service; who asks tries again, not the SDK."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT, read_timeout=read, retries={"total_max_attempts": 1})
    return boto3.client(cast("Any", service), config=config)


def asked[T](what: str, question: Callable[[], T], deadline: Deadline) -> T:
    """The answer to one question. Raises Unavailable, in words about `what`, when there is none before `deadline`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return within(deadline, question)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "an error")
        raise Unavailable(f"{what} answers {code}") from None
    except BotoCoreError as error:
        raise Unavailable(f"{what} cannot be reached: {type(error).__name__}") from None
    except TimeoutError:
        raise Unavailable(f"{what} does not answer in time") from None
