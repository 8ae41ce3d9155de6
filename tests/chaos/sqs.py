"""A queue with the semantics of SQS and its bad sides in full, and the HTTP endpoint by which functions send to it.

It delays, hides what was received, delivers at least once and in any order, brings back what nobody acknowledged, and
puts aside what was received too often. The endpoint loses sends: with an error, without an answer, or with a lie.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Lock
from typing import TYPE_CHECKING, cast, override
from uuid import uuid4

from devkit.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

BATCH = 10  # messages one call is given (template.yaml)
MOST_RECEIVES = 10  # then the dead letters (docs/rules/awards.md, Queue)
COPIES = {1: 40, 2: 25, 3: 15, 4: 10, 5: 10}  # of 100 messages so many are delivered so often when nobody fails
DELAYS = 0.7, 2.0  # the queue's delay, times this: its clock is not the database's, and order is not kept
LOST = 0.1  # of the sends; half of them with a lie, the others with an error or a silence
TAKEN_TWICE = 0.03  # of the sends: taken, but answered by an error, so that the sender sends again

ACCOUNT = "000000000000"


@dataclass(slots=True, eq=False)
class Message:
    """One delivery that is to be; a message that will be delivered three times is three of these with one id."""

    id: str
    body: str
    visible_at: float  # time.monotonic()
    receives: int = 0


class Queue:
    """Shared by all threads. `delay` and `visibility` are seconds."""

    def __init__(self, chance: Random, *, delay: float, visibility: float) -> None:
        self._chance, self._delay, self._visibility = chance, delay, visibility
        self._lock = Lock()
        self._messages: list[Message] = []
        self._deliveries: Counter[str] = Counter()
        self.dead: list[Message] = []
        self.sent = 0

    def send(self, body: str) -> str:
        """Take a message; returns its id."""
        message_id = str(uuid4())
        with self._lock:
            self.sent += 1
            (copies,) = self._chance.choices(list(COPIES), list(COPIES.values()))
            self._messages += [Message(message_id, body, self._moment()) for _ in range(copies)]
        return message_id

    def receive(self, most: int = BATCH) -> list[Message]:
        """Some visible messages in any order, never two of one id; they are hidden until the visibility time-out."""
        now = time.monotonic()
        with self._lock:
            visible = [message for message in self._messages if message.visible_at <= now]
            for message in [each for each in visible if each.receives >= MOST_RECEIVES]:
                visible.remove(message)
                self._messages.remove(message)
                self.dead.append(message)
            self._chance.shuffle(visible)
            batch = list({message.id: message for message in visible}.values())[: self._chance.randint(1, most)]
            for message in batch:
                message.receives += 1
                message.visible_at = now + self._visibility
            self._deliveries.update(message.id for message in batch)
        return batch

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Delete them; what is not acknowledged comes back by itself."""
        with self._lock:
            for message in messages:
                if message in self._messages:  # a late acknowledgement of what is among the dead letters by now
                    self._messages.remove(message)

    @property
    def left(self) -> int:
        """What is still to be delivered, hidden or not."""
        return len(self._messages)

    @property
    def backlog(self) -> int:
        """What could be delivered at once."""
        now = time.monotonic()
        with self._lock:
            return sum(message.visible_at <= now for message in self._messages)

    @property
    def delivered(self) -> int:
        with self._lock:
            return self._deliveries.total()

    @property
    def duplicates(self) -> int:
        """Deliveries of a message beyond its first."""
        with self._lock:
            return self._deliveries.total() - len(self._deliveries)

    def _moment(self) -> float:
        return time.monotonic() + self._delay * self._chance.uniform(*DELAYS)


class Fate(Enum):
    """What becomes of the sends of one award."""

    TAKEN = auto()
    TAKEN_TWICE = auto()
    LIED_ABOUT = auto()
    REFUSED = auto()
    UNANSWERED = auto()

    @property
    def is_loss(self) -> bool:
        return self in {Fate.LIED_ABOUT, Fate.REFUSED, Fate.UNANSWERED}


FATES = {
    Fate.LIED_ABOUT: LOST / 2,
    Fate.REFUSED: LOST / 4,
    Fate.UNANSWERED: LOST / 4,
    Fate.TAKEN_TWICE: TAKEN_TWICE,
    Fate.TAKEN: 1 - LOST - TAKEN_TWICE,
}


@dataclass
class Endpoint:
    """SQS's SendMessage over HTTP on 127.0.0.1, from the moment it is made until `close`.

    The queue of awards meets the fates; what is sent to the other one, of nudges, is taken and counted.
    """

    queue: Queue
    chance: Random
    nudges: int = 0
    _lock: Lock = field(default_factory=Lock)
    _fates: dict[str, Fate] = field(default_factory=dict[str, Fate])
    _drawn: Counter[Fate] = field(default_factory=Counter[Fate])

    def __post_init__(self) -> None:
        self._listener = Listener(_SendMessage, self)

    @property
    def url(self) -> str:
        return self._listener.url

    @property
    def awards_url(self) -> str:
        return f"{self.url}/{ACCOUNT}/XpAwards"

    @property
    def nudges_url(self) -> str:
        return f"{self.url}/{ACCOUNT}/Notices"

    @property
    def lost(self) -> int:
        """Awards of which no message ever arrives."""
        return sum(count for fate, count in self._drawn.items() if fate.is_loss)

    @property
    def lied_about(self) -> int:
        """Those of the lost whose sender got a success."""
        return self._drawn[Fate.LIED_ABOUT]

    def draw(self, body: str) -> Fate:
        """What becomes of this send; a retry meets the same fate, so that a loss is a loss."""
        with self._lock:
            fate = self._fates.get(body)
            if fate is None:
                (fate,) = self.chance.choices(list(FATES), list(FATES.values()))
                self._drawn[fate] += 1
            self._fates[body] = Fate.TAKEN if fate is Fate.TAKEN_TWICE else fate
        return fate

    def close(self) -> None:
        self._listener.stop()


class _SendMessage(Request):
    """A request that the gateway's Queue makes."""

    @property
    def owner(self) -> Endpoint:
        owner = super().owner
        assert isinstance(owner, Endpoint)
        return owner

    @override
    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender was killed between two requests
            super().handle()

    def do_POST(self) -> None:  # noqa: N802 (the base class's name)
        self.close_connection = True  # unless we come to an end
        with suppress(OSError, ValueError):  # the sender was killed: the request is a half, or nobody listens
            self._take(cast("dict[str, str]", json.loads(self.body())))

    def _take(self, asked: dict[str, str]) -> None:
        self.close_connection = False
        url, message = asked.get("QueueUrl"), asked.get("MessageBody")
        if message is None or not self._is_understood():
            self.answer(400, b'{"__type":"com.amazonaws.sqs#UnsupportedOperation"}')
        elif url == self.owner.awards_url:
            self._meet_fate(message)
        elif url == self.owner.nudges_url:
            self.owner.nudges += 1
            self._accept(str(uuid4()), message)
        else:
            self.answer(400, b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}')

    def _meet_fate(self, message: str) -> None:
        match self.owner.draw(message):
            case Fate.TAKEN:
                self._accept(self.owner.queue.send(message), message)
            case Fate.LIED_ABOUT:
                self._accept(str(uuid4()), message)
            case Fate.TAKEN_TWICE:
                self.owner.queue.send(message)
                self._fail()
            case Fate.REFUSED:
                self._fail()
            case Fate.UNANSWERED:
                self.close_connection = True

    def _is_understood(self) -> bool:
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=")
        return signed and self.headers.get("X-Amz-Target") == "AmazonSQS.SendMessage"

    def _accept(self, message_id: str, body: str) -> None:
        checksum = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
        self.answer(200, json.dumps({"MessageId": message_id, "MD5OfMessageBody": checksum}).encode())

    def _fail(self) -> None:
        self.answer(500, b'{"__type":"com.amazonaws.sqs#InternalFailure","message":"chaos"}')
