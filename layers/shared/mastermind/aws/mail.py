"""The topic whose subscribers read e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBJECT = 99  # characters; SNS takes fewer than 100, of ASCII, on one line


class Topics(Protocol):
    """SNS, as far as it is needed."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words


class Mail:
    """Sends e-mails to whoever subscribed to one topic."""

    def __init__(self, topic_arn: str, topics: Topics) -> None:
        self._topic_arn, self._topics = topic_arn, topics

    def send(self, subject: str, text: str) -> None:
        """Send one; raises Unavailable. Of the subject only what SNS takes is left."""
        from botocore.exceptions import BotoCoreError, ClientError

        plain = " ".join(subject.encode("ascii", "ignore").decode().split())[:SUBJECT]
        try:
            self._topics.publish(TopicArn=self._topic_arn, Subject=plain or "Mastermind", Message=text)
        except ClientError as error:
            raise Unavailable(f"SNS does not take the mail: {error.response.get('Error', {}).get('Code')}") from None
        except BotoCoreError as error:
            raise Unavailable(f"SNS cannot be reached: {type(error).__name__}") from None


def mail(topic_arn: str) -> Mail:
    """The real one."""
    import boto3
    from botocore.config import Config

    return Mail(
        topic_arn,
        boto3.client("sns", config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})),
    )
