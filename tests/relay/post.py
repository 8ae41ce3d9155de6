"""The queues of relay as it meets them, and the function outbox in a few lines: FIFO, once for each name, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from mastermind.discord.requests import HandOver, Outcome, Result
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mastermind.deadline import Deadline
    from mastermind.discord.requests import Edit, Message, Request


def parts(message: Message) -> Iterator[dict[str, Any]]:
    """Every component of a message, from top to bottom."""
    waiting = cast("list[dict[str, Any]]", list(cast("list[object]", message["components"])))
    while waiting:
        part = waiting.pop(0)
        waiting[:0] = [*part.get("components", ()), *([part["accessory"]] if "accessory" in part else [])]
        yield part


def words(message: Message) -> str:
    """All that a message says."""
    return "\n".join(part["content"] for part in parts(message) if "content" in part)


@dataclass
class Post:
    """What was sent; `fails` makes the next sends fail, after the queue took them or before."""

    waiting: list[HandOver] = field(default_factory=list[HandOver])
    edits: list[Edit] = field(default_factory=list["Edit"])
    notices: list[str] = field(default_factory=list[str])
    names: set[str] = field(default_factory=set[str])
    refuses: bool = False
    loses_answer: bool = False

    def hand_over(self, message: HandOver, once: str, deadline: Deadline) -> None:
        del deadline
        if self.refuses:
            raise Unavailable("the queue is down")
        if once not in self.names:
            self.names.add(once)
            self.waiting.append(message)
        if self.loses_answer:
            raise Unavailable("the queue did not answer")

    def edit(self, message: Edit, deadline: Deadline) -> None:
        del deadline
        self.edits.append(message)

    def notice(self, message: str, deadline: Deadline) -> None:
        del deadline
        self.notices.append(message)


@dataclass
class Discord:
    """What the bot has done there, and what it answers to whom."""

    post: Post
    clock: Callable[[], float]
    done: list[Request] = field(default_factory=list["Request"])
    nonces: set[str] = field(default_factory=set[str])
    known: dict[str, Result] = field(default_factory=dict[str, Result])
    has_token: bool = True

    def answer_all(self) -> list[Result]:
        """Handle everything that waits, in its order."""
        waiting, self.post.waiting = self.post.waiting, []
        results = [self.answer(message) for message in waiting]
        self.known |= {result.id: result for result in results}
        return results

    def answer(self, message: HandOver) -> Result:
        at = self.clock()
        if not self.has_token:
            return Result(message.id, Outcome.OFF, at)
        if message.request is None or at > message.deadline:
            return Result(message.id, Outcome.RETURNED, at)
        assert message.nonce not in self.nonces, "said twice"
        self.nonces.add(message.nonce)
        self.done.append(message.request)
        return Result(message.id, Outcome.DONE, at, message_id=len(self.done), channel_id=77, status=200)
