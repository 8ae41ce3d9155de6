"""One run: what relay does, what SQS does, what Discord does, and who kills the processes in between."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from copy import replace
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from devkit.discord_server.community import Community
from devkit.discord_server.records import Member, Role
from devkit.discord_server.server import DiscordServer
from devkit.discord_server.trouble import Trouble, blocked, error, limited, lost
from devkit.processes import DIE_WITH_PARENT
from mastermind.discord import requests
from mastermind.discord.permissions import MANAGE_ROLES, MODERATE_MEMBERS
from mastermind.discord.requests import AddRole, CreateMessage, DirectMessage, HandOver, Outcome, TimeOut
from tests.chaos.outbox.clock import FastClock
from tests.chaos.outbox.queue import FifoQueue, Message

if TYPE_CHECKING:
    from mastermind.discord.requests import Request

ROOT = Path(__file__).parents[3]
GUILD, BOT, OWNER, CHANNEL, ROLE = 1_000, 2_000, 3_000, 6_000, 7_000
TOKEN = "bot-token.of-the.run"
MEMBERS = range(100_000, 100_050)

TIMED_OUT = 86_400 * 365  # seconds

UNANSWERED = 50  # hand-overs without an answer (docs/rules/relay.md)
LATE = 30  # seconds after a deadline when relay asks

FATES: tuple[tuple[float, Trouble], ...] = (
    (0.03, lost()),
    (0.01, lost(done=False)),
    (0.02, error(502)),
    (0.01, Trouble(500, b"{}", done=True)),
    (0.005, limited(2.0)),
    (0.003, limited(3.0, "global")),
    (0.003, limited(1.0, "shared")),
    (0.001, blocked()),
)
"""What becomes of requests, and how often."""

FINAL = {Outcome.DONE, Outcome.UNKNOWN, Outcome.REFUSED, Outcome.GONE}


@dataclass(frozen=True, slots=True)
class Settings:
    """`speed` is how fast the clock of everybody runs, `limit` is in real seconds, what else is a time in fast ones.

    `patience` is from a hand-over to its deadline. An outage takes half of `longest_outage` at least.
    """

    seed: int
    messages: int = 2_000
    kills: int = 60
    outages: int = 4
    longest_outage: float = 100.0
    patience: float = 120.0
    speed: float = 20.0
    limit: float = 600.0
    broken: str = ""


@dataclass
class Row:
    """What relay knows of one request."""

    number: int
    request: Request
    tries: int = 0
    deadline: float = 0.0
    asked_at: float = 0.0
    tried: bool = False
    is_handed: bool = False
    outcome: Outcome | None = None

    @property
    def nonce(self) -> str:
        return f"mastermind-{self.number}"

    def composed(self) -> Request:
        """As relay composes it: what comes before a time-out may have been said by an earlier hand-over."""
        if isinstance(self.request, TimeOut) and self.tried:
            return replace(self.request, notice=None)
        return self.request


@dataclass
class Process:
    """One process of the outbox."""

    settings: str
    popen: subprocess.Popen[bytes] = field(init=False)
    received: bytes = b""

    def __post_init__(self) -> None:
        worker = Path(__file__).with_name("worker.py")
        self.popen = subprocess.Popen(
            [sys.executable, str(DIE_WITH_PARENT), str(os.getpid()), str(worker), self.settings],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "layers" / "shared")))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.listen(60) is not None, "a process did not start"

    def say(self, value: object) -> None:
        assert self.popen.stdin is not None
        try:
            self.popen.stdin.write(json.dumps(value).encode() + b"\n")
            self.popen.stdin.flush()
        except BrokenPipeError:
            pass  # it is dead, which `listen` finds out

    def listen(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None when it is dead, or silent for so long."""
        assert self.popen.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self.received:
            if not select.select([self.popen.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            said = os.read(self.popen.stdout.fileno(), 1 << 16)
            if not said:
                return None
            self.received += said
        line, _, self.received = self.received.partition(b"\n")
        return json.loads(line)

    def kill(self) -> None:
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()
        self.close()

    def close(self) -> None:
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream is not None:
                stream.close()
        self.popen.wait()


class Run:
    """Plays until every request has an end."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.chance = settings, Random(settings.seed)  # noqa: S311 (no secret)
        self.clock = FastClock(settings.speed)
        self.community = Community(GUILD, BOT, OWNER, clock=self.clock)
        self.community.add_channel(CHANNEL, "announcements")
        self.community.add_role(Role(ROLE, "Explorer", 1))
        self.community.add_role(Role(ROLE + 1, "Bot", 9, MANAGE_ROLES | MODERATE_MEMBERS))
        self.community.members[BOT].roles.add(ROLE + 1)
        self.community.join(Member(OWNER, "Olga"))
        for user_id in MEMBERS:
            self.community.join(Member(user_id, f"Member {user_id}"))
        self.server = DiscordServer(self.community, TOKEN)
        self.server.script.chance = self._fate
        self.queue = FifoQueue(self.clock)
        self.rows = [Row(number, self._request(number)) for number in range(settings.messages)]
        self.state: tuple[str | None, int] = (None, 0)
        self.counted: Counter[str] = Counter()
        self.outage_until = 0.0
        every = max(1, settings.messages // 10 // max(1, settings.kills))
        self._kill_every = every
        self._outages = 0
        self._spare: Process | None = None
        self._process = self._start()

    def close(self) -> None:
        for process in (self._process, self._spare):
            if process is not None:
                process.kill()
        self.server.stop()
        self.clock.close()

    # --- the run ---

    def play(self) -> None:
        end = time.monotonic() + self.settings.limit
        while any(row.outcome is None for row in self.rows):
            assert time.monotonic() < end, f"not done within {self.settings.limit} s: {self.figures()}"
            self._relay()
            batch = self.queue.receive()
            if batch:
                self._serve(batch)
            else:
                time.sleep(0.2 / self.settings.speed)

    def _serve(self, batch: list[Message]) -> None:
        self.counted["batches"] += 1
        self._begin_outage()
        kills = self.counted["kills"]  # one that came too late is made up for by the next batch
        dies = kills < self.settings.kills and self.counted["batches"] >= (kills + 1) * self._kill_every
        dies_at = time.monotonic() + (self.chance.uniform(0, 0.05) if dies else 60)
        process = self._process
        process.say({"batch": [_delivery(one) for one in batch]})
        while (said := process.listen(max(0.0, dies_at - time.monotonic()))) is not None:
            if "stay" in said:
                self._delete({one.id for one in batch} - set(said["stay"]))
                return
            process.say(self._aws(said))
        process.kill()
        self.counted["kills"] += 1
        self._process = self._start()

    def _begin_outage(self) -> None:
        """The next outage when it is due, evenly over the requests; one does not begin in another."""
        count, longest = self.settings.outages, self.settings.longest_outage
        ended = sum(row.outcome is not None for row in self.rows)
        is_due = self._outages < count and ended * (count + 1) >= len(self.rows) * (self._outages + 1)
        if is_due and self.clock() >= self.outage_until:
            self._outages += 1
            self.outage_until = self.clock() + self.chance.uniform(longest / 2, longest)

    def _delete(self, ids: set[str]) -> None:
        """What SQS is told to delete comes again now and then all the same."""
        if self.chance.random() < 0.03 and ids:
            self.counted["doubled"] += 1
            ids = set(list(ids)[1:])
        self.queue.delete(ids)

    def _aws(self, said: dict[str, Any]) -> dict[str, Any]:
        """AWS's answer to what a process asks."""
        assert "ask" in said, said
        if said["ask"] in {"hide", "report"} and self.chance.random() < 0.01:
            self.counted["failures of AWS"] += 1
            if self.chance.random() < 0.5:
                self._take(said)
            return {"fails": True}
        return self._take(said)

    def _take(self, said: dict[str, Any]) -> dict[str, Any]:
        match said["ask"]:
            case "hide":
                self.queue.hide(said["receipts"], said["seconds"])
            case "report":
                self._book(said["result"])
            case "read":
                return {"text": self.state[0], "version": str(self.state[1]) if self.state[0] else None}
            case "write":
                if said["over"] != (str(self.state[1]) if self.state[0] else None):
                    return {"version": None}
                self.state = (said["text"], self.state[1] + 1)
                return {"version": str(self.state[1])}
            case what:
                raise AssertionError(what)
        return {}

    def _start(self) -> Process:
        """A process, and another one in reserve: to start takes half a minute of the fast clock."""
        given = {
            "clock": str(self.clock.path),
            "speed": self.settings.speed,
            "url": self.server.url,
            "token": TOKEN,
            "bot_id": BOT,
            "guild_id": GUILD,
            "broken": self.settings.broken,
        }
        process, self._spare = self._spare or Process(json.dumps(given)), None
        self._spare = Process(json.dumps(given))
        return process

    # --- relay ---

    def _request(self, number: int) -> Request:
        member = self.chance.choice(MEMBERS)
        kind = self.chance.random()
        if kind < 0.7:
            return CreateMessage(CHANNEL, {"content": f"number {number}"})
        if kind < 0.86:
            return DirectMessage(member, 0, {"content": f"number {number}"})
        if kind < 0.94:
            until = int(self.clock.began) + TIMED_OUT + number
            return TimeOut(member, until, OWNER, f"number {number}", {"content": f"before number {number}"})
        return AddRole(member, ROLE, OWNER, f"number {number}")

    def _relay(self) -> None:
        """Hand over what is due, and ask about what nobody answered."""
        now, waiting = self.clock(), [row for row in self.rows if row.is_handed]
        for row in waiting:
            if now > row.deadline + LATE and now > row.asked_at + 300:
                row.asked_at = now
                self.queue.send(requests.write(HandOver(f"{row.number}-{row.tries}", "", now, 0)))
                self.counted["questions"] += 1
        due = [row for row in self.rows if row.outcome is None and not row.is_handed]
        for row in due[: max(0, UNANSWERED - len(waiting))]:
            row.tries, row.deadline, row.is_handed = row.tries + 1, now + self.settings.patience, True
            name = f"{row.number}-{row.tries}"
            self.queue.send(
                requests.write(HandOver(name, "run", self.clock(), int(row.deadline), row.composed(), row.nonce))
            )

    def _book(self, result: dict[str, Any]) -> None:
        number, _, tries = str(result["id"]).partition("-")
        row, outcome = self.rows[int(number)], Outcome(result["outcome"])
        self.counted[outcome.value] += 1
        if not row.is_handed or row.tries != int(tries):
            return
        row.is_handed, row.tried = False, row.tried or not result["untried"]
        if outcome in FINAL:
            row.outcome = outcome

    # --- Discord ---

    def _fate(self, method: str, path: str) -> Trouble | None:
        del method, path
        if self.clock() < self.outage_until:
            self.counted["troubles"] += 1
            return lost(done=self.chance.random() < 0.5)
        drawn = self.chance.random()
        for share, trouble in FATES:
            if drawn < share:
                self.counted["troubles"] += 1
                return trouble
            drawn -= share
        return None

    # --- the verdict ---

    def unknown(self) -> list[str]:
        return [row.nonce for row in self.rows if row.outcome is Outcome.UNKNOWN]

    def figures(self) -> list[tuple[str, int, bool]]:
        seen = {row.nonce: self.community.seen(row.nonce) for row in self.rows}
        said = [row for row in self.rows if isinstance(row.request, CreateMessage | DirectMessage)]
        acts = [row for row in self.rows if isinstance(row.request, TimeOut)]
        acted = {one["reason"] for one in self.community.audit}
        done = [row for row in said if row.outcome is Outcome.DONE]
        held = {row.request.user_id for row in self.rows if isinstance(row.request, AddRole)}
        lost_rows = [row for row in self.rows if row.outcome is None]
        lies = [row for row in done if not seen[row.nonce]]
        twice = [nonce for nonce, times in seen.items() if times > 1]
        refused = [row for row in self.rows if row.outcome in {Outcome.REFUSED, Outcome.GONE}]
        without = [user for user in held if ROLE not in self.community.members[user].roles]
        without += [row.number for row in acts if f"number {row.number}" not in acted]
        return [
            ("requests", len(self.rows), True),
            ("done", sum(row.outcome is Outcome.DONE for row in self.rows), True),
            ("unknown, listed", len(self.unknown()), True),
            ("of these seen all the same", sum(seen[nonce] for nonce in self.unknown()), True),
            ("time-outs", len(acts), True),
            ("with a message before", sum(seen[row.nonce] for row in acts), True),
            ("kills (SIGKILL)", self.counted["kills"], True),
            ("troubles of Discord", self.counted["troubles"], True),
            ("deliveries again", self.queue.again, True),
            ("not deleted by SQS", self.counted["doubled"], True),
            ("failures of AWS", self.counted["failures of AWS"], True),
            ("questions", self.counted["questions"], True),
            ("lost", len(lost_rows) + len(lies) + len(without), not lost_rows + lies and not without),
            ("seen twice", len(twice), not twice),
            ("refused", len(refused), not refused),
            ("dead letters", len(self.queue.dead), not self.queue.dead),
        ]


def _delivery(one: Message) -> dict[str, object]:
    return {
        "message_id": one.id,
        "receipt": one.receipt,
        "body": one.body,
        "deliveries": one.deliveries,
        "first": one.first,
        "sent": one.sent,
    }
