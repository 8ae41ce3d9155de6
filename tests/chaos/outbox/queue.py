"""A FIFO queue of SQS with one message group: order, one batch on its way, hidden messages, dead letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from mastermind.operations.outbox.rules import RECEIVES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

BATCH = 10
HIDDEN = 30.0  # seconds (template.yaml, HandOvers)


@dataclass(eq=False)
class Message:
    body: str
    sent: float
    id: str = field(default_factory=lambda: str(uuid4()))
    receipt: str = ""
    first: float = 0.0
    deliveries: int = 0
    visible_at: float = 0.0


class FifoQueue:
    """`clock` gives seconds since 1970. What was received is delivered again, unless it is deleted."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.messages: list[Message] = []
        self.dead: list[Message] = []
        self.delivered = self.again = 0

    def send(self, body: str) -> None:
        self.messages.append(Message(body, self._clock()))

    def receive(self) -> list[Message]:
        """The next batch; none while any message that was received is hidden."""
        now = self._clock()
        self._bury(now)
        if any(one.deliveries and one.visible_at > now for one in self.messages):
            return []
        batch = self.messages[:BATCH]
        for one in batch:
            one.deliveries, one.first = one.deliveries + 1, one.first or now
            one.receipt, one.visible_at = str(uuid4()), now + HIDDEN
        self.delivered += len(batch)
        self.again += sum(one.deliveries > 1 for one in batch)
        return batch

    def hide(self, receipts: Collection[str], seconds: float) -> None:
        for one in self.messages:
            if one.receipt in receipts:
                one.visible_at = self._clock() + seconds

    def delete(self, ids: Collection[str]) -> None:
        self.messages = [one for one in self.messages if one.id not in ids]

    def _bury(self, now: float) -> None:
        buried = [one for one in self.messages if one.deliveries >= RECEIVES and one.visible_at <= now]
        self.dead += buried
        self.delete({one.id for one in buried})
