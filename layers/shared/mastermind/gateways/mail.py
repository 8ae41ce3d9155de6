"""E-mail, by the SNS topic whose subscribers are e-mail addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline

SUBJECT = 99  # characters; SNS takes fewer than 100, of ASCII, on one line


class Topics(Protocol):
    """SNS, as far as it is needed."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words


class Mail:
    """Sends e-mails to the subscribers of one topic."""

    def __init__(self, topic_arn: str, topics: Topics) -> None:
        self._topic_arn, self._topics = topic_arn, topics

    def send(self, subject: str, text: str, deadline: Deadline) -> None:
        """Send an e-mail; raises Unavailable. The subject is reduced to what SNS accepts."""
        plain = " ".join(subject.encode("ascii", "ignore").decode().split())[:SUBJECT] or "Mastermind"
        asked(
            "SNS",
            lambda: self._topics.publish(TopicArn=self._topic_arn, Subject=plain, Message=text),
            deadline,
        )


def mail(topic_arn: str) -> Mail:
    """`Mail` by the real SNS."""
    return Mail(topic_arn, client("sns"))
