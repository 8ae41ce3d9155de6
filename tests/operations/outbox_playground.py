"""The outbox between a queue that tests play and a stand-in of Discord, on one clock that tests move."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from devkit.discord_server.community import Community
from devkit.discord_server.records import Member, Role
from devkit.discord_server.server import DiscordServer
from mastermind.deadline import Deadline
from mastermind.discord import requests
from mastermind.discord.permissions import BAN_MEMBERS, MANAGE_ROLES, MODERATE_MEMBERS
from mastermind.discord.requests import CreateMessage, HandOver
from mastermind.errors import Unavailable
from mastermind.gateways.discord_api import DiscordApi, Limits
from mastermind.operations.outbox import asking, edits, session
from mastermind.operations.outbox.asking import Bot
from mastermind.operations.outbox.rules import Delivery, State
from mastermind.operations.outbox.sender import Sender
from mastermind.operations.outbox.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from mastermind.discord.requests import Request, Result
    from mastermind.pictures.figures import Figures

TOKEN = "bot-token.of-the.main-application"
GUILD, BOT, OWNER, ALEX, KIM = 1_000, 2_000, 3_000, 4_000, 5_000
CHANNEL = 6_000
GIVEN, LOW, BOTS, TOP = 7_000, 7_001, 7_002, 7_003
RIGHTS = MODERATE_MEMBERS | BAN_MEMBERS | MANAGE_ROLES
NOW = 1_790_000_000.0
PATIENCE = 600.0


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """No answer is late because this machine is busy: the stand-in is real, and the clock that tests move is not."""
    for module, limit in ((session, "ONE_TRY"), (edits, "ONE_TRY"), (asking, "NOTICE_TAKES")):
        patch.setattr(module, limit, PATIENCE)


class Clock:
    """A clock that tests move; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.now += seconds


@dataclass
class Memory:
    """Where the state is kept between two processes."""

    state: State = field(default_factory=State)
    writes: int = 0
    is_down: bool = False

    def read(self, deadline: Deadline) -> State:
        del deadline
        return self.state

    def change(self, rule: Callable[[State], State], deadline: Deadline) -> None:
        del deadline
        if self.is_down:
            raise Unavailable("S3 cannot be reached")
        self.state, self.writes = rule(self.state), self.writes + 1


@dataclass
class Queue:
    """What the outbox does to its queue and says to relay."""

    results: list[Result] = field(default_factory=list["Result"])
    hidden: list[tuple[tuple[str, ...], int]] = field(default_factory=list[tuple[tuple[str, ...], int]])
    is_down: bool = False
    breaks: int = 0

    def hide(self, receipts: Sequence[str], seconds: int, deadline: Deadline) -> None:
        del deadline
        self.hidden.append((tuple(receipts), seconds))

    def report(self, result: Result, deadline: Deadline) -> None:
        del deadline
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a bug of ours")
        if self.is_down:
            raise Unavailable("SQS cannot be reached")
        self.results.append(result)


PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC")
"""One black pixel."""


@dataclass
class Pencil:
    """The function pictures, as far as the outbox sees it."""

    drawn: list[Figures] = field(default_factory=list["Figures"])
    trouble: str = ""

    def draw(self, figures: Figures, deadline: Deadline) -> bytes:
        assert deadline.remaining() > 0
        if self.trouble:
            raise Unavailable(self.trouble)
        self.drawn.append(figures)
        return PNG


class Playground:
    """One process of the outbox; `restart` begins another one, which knows what is stored and nothing else."""

    def __init__(self) -> None:
        self.clock, self.memory, self.queue, self.pencil = Clock(), Memory(), Queue(), Pencil()
        self.community = Community(GUILD, BOT, OWNER, self.clock)
        self.community.add_channel(CHANNEL, "announcements")
        for role in (
            Role(GIVEN, "Explorer", 1),
            Role(LOW, "Low", 2),
            Role(BOTS, "Bot", 5, RIGHTS),
            Role(TOP, "Top", 9),
        ):
            self.community.add_role(role)
        self.community.members[BOT].roles.add(BOTS)
        for member in (Member(ALEX, "Alex"), Member(KIM, "Kim", {TOP}), Member(OWNER, "Olga")):
            self.community.join(member)
        self.server = DiscordServer(self.community, TOKEN)
        self.token: str | None = TOKEN
        self.stored: str | None = TOKEN
        self._api = DiscordApi(self.server.url)
        self.restart()

    def restart(self) -> None:
        self._api.close()
        self._api, limits = DiscordApi(self.server.url), Limits(self.clock)
        api = self._api
        self.sender = Sender(
            Bot(BOT, GUILD, frozenset({7_777})),
            lambda state, deadline: Session(api, limits, self._token, state, deadline, self.clock, self.clock.sleep),
            self.memory,
            self.queue.hide,
            self.queue.report,
            self.clock,
            self.clock.sleep,
            self.pencil.draw,
        )

    def _token(self, deadline: Deadline, *, fresh: bool = False) -> str | None:
        del deadline
        if fresh:
            self.token = self.stored
        return self.token

    def delivery(self, request: Request | None, *, number: int = 1, patience: float = 120) -> Delivery:
        """A request as it comes from the queue for the first time."""
        asked = HandOver(
            f"id-{number}", f"key-{number}", self.clock(), int(self.clock() + patience), request, f"nonce-{number}"
        )
        body = requests.write(asked)
        return Delivery(f"message-{number}", f"receipt-{number}", body, 1, self.clock(), self.clock())

    def serve(self, *deliveries: Delivery, seconds: float = PATIENCE) -> list[str]:
        return self.sender.serve(deliveries, Deadline.after(seconds))

    @property
    def last(self) -> Result:
        return self.queue.results[-1]

    def close(self) -> None:
        self._api.close()
        self.server.stop()


def again(delivery: Delivery) -> Delivery:
    """The same message, delivered once more."""
    return replace(delivery, deliveries=delivery.deliveries + 1)


def said(content: str = "Alex reached level 5") -> CreateMessage:
    return CreateMessage(CHANNEL, {"content": content})
