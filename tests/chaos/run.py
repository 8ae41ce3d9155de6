"""The run: members, consumers, a bad queue and a database that crashes, until all is drained; then the verdict."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from random import Random
from typing import TYPE_CHECKING

from devkit.discord_client import User
from devkit.postgres import OWNER, Postgres, PostgresError
from devkit.processes import Watchdog
from mastermind.deadline import Deadline
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres.errors import DatabaseError
from tests.chaos import verdict
from tests.chaos.breaking import BREAKS, NOTHING
from tests.chaos.consumers import SWEEP, Consumers
from tests.chaos.members import DISCORD, Agenda, Client, Members, Model, SecondClient, plan, shown
from tests.chaos.processes import ROOT, KillPlan, Plant, Trouble
from tests.chaos.report import Figure, Screen, exactly, least
from tests.chaos.sqs import BATCH, Endpoint, Queue
from tests.chaos.stalls import Stalls
from tests.chaos.verdict import Memory, Verdict
from tests.connections import enter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from tests.award.game import Connection
    from tests.chaos.breaking import Break

CONSUMERS, CLIENTS = 3, 2  # threads, each with a process; one more client is for what happens at the same time
SPARE_KILLS = 10  # some processes live longer than the run
POISONS = 100  # one message of nonsense for so many awards
MOST_WAITING = 40  # messages that could be delivered: above it the sweep would bring what is the queue's to bring
FEW_LEFT = 20  # messages: then members go on, however few consumers were killed
LOOK = 0.05  # seconds between two looks at how far it is
SWEEP_EVERY = 4  # delays: seldom enough that most awards are the queue's to bring
REMEMBER = 4.0  # seconds between two looks at the ledger
UNHURRIED = "1000/s:1000"  # so that nobody is too fast for the game's limits
SWEEPS_AFTERWARDS = 300  # at most; one is enough unless a backend of a killed process still holds a member


@dataclass(frozen=True, slots=True)
class Settings:
    """How much of what. `kills` are of consumers, `kills_after_commit` those of them before the acknowledgement."""

    awards: int = 2000
    kills: int = 200
    kills_after_commit: int = 60
    crashes: int = 5
    holds: int = 10  # locks that somebody else holds
    freezes: int = 30  # sessions that stand still
    delay: int = 2  # seconds from a tick to its award
    seed: int = 0
    broken: str = ""
    limit: float = 600.0  # seconds
    record: bool = False  # write the figures to docs/benchmarks

    def chance(self, of: str) -> Random:
        """Chance of its own for each part, so that one does not disturb the other."""
        return Random(f"{self.seed} {of}")  # noqa: S311 # nothing here is a secret

    @property
    def taken_away(self) -> Break:
        return BREAKS.get(self.broken, NOTHING)


class Server:
    """PostgreSQL for one run, fully durable, with every migration; it does not outlive us."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(folder, durable=True)
        self._watchdog: Watchdog | None = None

    def start(self, schema: str) -> None:
        self.postgres.start()
        self._watch()
        migrations.apply(self.postgres.settings(OWNER), ROOT / "migrations", Deadline.after(60))
        self.postgres.set_role_passwords()
        if schema:
            with closing(self.look()) as conn:
                conn.run_script(schema)

    def crash(self, seconds: float) -> None:
        """Fall over, stay down for so long, and recover on the same port."""
        self.postgres.crash()
        self._let_go()
        time.sleep(seconds)
        try:
            self.postgres.start(self.postgres.port)
        except PostgresError:  # somebody passing by may hold the port for a moment
            time.sleep(1)
            self.postgres.start(self.postgres.port)
        self._watch()

    def close(self) -> None:
        self.postgres.destroy()
        self._let_go()

    def look(self) -> Connection:
        """The owner's connection, which no function ever has."""
        return enter(self.postgres.owner_url)

    def environment(self, role: str) -> dict[str, str]:
        settings = self.postgres.settings(role)
        return {
            "DATABASE_HOST": settings.host,
            "DATABASE_PORT": str(settings.port),
            "DATABASE_NAME": settings.name,
            "DATABASE_USER": role,
            "DATABASE_PASSWORD": settings.password or "",
            "DATABASE_SSLMODE": "disable",
        }

    def _watch(self) -> None:
        self._watchdog = Watchdog(self.postgres.pid, signal.SIGQUIT)

    def _let_go(self) -> None:
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.close()


class Run:
    """One run in `folder`. `play` it, then ask for `figures`; `close` it whatever happened."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self._folder = settings, folder
        self._endings = ExitStack()
        self._stop, self._troubles = threading.Event(), list[BaseException]()
        self._threads: list[threading.Thread] = []
        self._limit = time.monotonic() + settings.limit
        self._began = time.monotonic()
        self.crashes, self.poisons = 0, 0
        self.model, self.memory = Model(), Memory()

    # --- the parts ---

    @cached_property
    def server(self) -> Server:
        server = Server(self._folder / "postgres")
        self._endings.callback(server.close)
        return server

    @cached_property
    def queue(self) -> Queue:
        delay, share = self.settings.delay, self.settings.taken_away.share
        return Queue(self.settings.chance("queue"), delay=delay * share, visibility=max(1.0, delay))

    @cached_property
    def endpoint(self) -> Endpoint:
        endpoint = Endpoint(self.queue, self.settings.chance("endpoint"))
        self._endings.callback(endpoint.close)
        return endpoint

    @cached_property
    def consumers(self) -> Consumers:
        settings = self.settings
        after_commit = settings.kills_after_commit
        kill_plan = KillPlan(
            settings.chance("kills"),
            after_commit=after_commit + SPARE_KILLS if after_commit else 0,
            at_random=settings.kills - after_commit + SPARE_KILLS if settings.kills else 0,
        )
        return Consumers(
            plant=self._plant("xp_award", "app_award"),
            queue=self.queue,
            kill_plan=kill_plan,
            chance=settings.chance("consumers"),
            stop=self._stop,
            every=SWEEP_EVERY * settings.delay,
            most=self._most,
            sweeps=settings.taken_away.sweeps,
        )

    @cached_property
    def stalls(self) -> Stalls:
        stalls = Stalls(self.server.look, self.settings.chance("stalls"))
        self._endings.callback(stalls.end_all)
        return stalls

    @cached_property
    def agenda(self) -> Agenda:
        settings = self.settings
        stories = plan(settings.chance("stories"), settings.awards, settings.delay, settings.taken_away.undone)
        return Agenda(stories, self._may_begin)

    def _plant(self, function: str, role: str) -> Plant:
        aws = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none-either"}
        environment = {
            **self.server.environment(role),
            **aws,
            **DISCORD,
            "AWS_ENDPOINT_URL": self.endpoint.url,
            "XP_AWARDS_QUEUE_URL": self.endpoint.awards_url,
            "OUTBOX_DUE_QUEUE_URL": self.endpoint.nudges_url,
            "XP_DELAY_SECONDS": str(self.settings.delay),
            "LIMIT_TICKS": UNHURRIED,
            "LIMIT_PAGING": UNHURRIED,
        }
        return Plant(function, environment, self._folder)

    def _client(self, name: str, stop: threading.Event, kills: int = 0) -> Client:
        kill_plan = KillPlan(self.settings.chance(f"kills of {name}"), after_commit=0, at_random=kills)
        plant = self._plant("interactions_tensey", "app_tensey")
        return Client(plant, kill_plan, self.settings.chance(name), self.model, stop)

    def _may_begin(self) -> bool:
        """Members wait while the queue is behind, and while the kills are and there is something to die for."""
        return self.queue.backlog <= MOST_WAITING and not (self._is_behind() and self.queue.left > FEW_LEFT)

    def _is_behind(self) -> bool:
        """Whether fewer consumers were killed than there should be by now."""
        settings, tally = self.settings, self.consumers.tally
        share = len(self.model.awards) / settings.awards
        return tally.kills < share * settings.kills or tally.kills_after_commit < share * settings.kills_after_commit

    def _most(self) -> int:
        """In the end, while kills are missing, a message is all there is to die for."""
        return 1 if self.agenda.has_begun and self._is_behind() else BATCH

    # --- the way of it ---

    def play(self, screen: Screen) -> None:
        """Everything under fire until all members are content and the queue is empty. Raises Trouble."""
        self.server.start(self.settings.taken_away.schema)
        self._start_threads()
        while not (self.agenda.is_empty and not self.queue.left and self._has_seen_all()):
            self._look_after_itself()
            self._show(screen)
            self._stall()
            if self._is_due(self.crashes, self.settings.crashes):
                self._crash()
            elif self._is_poison_due():
                self.queue.send(f"poison {self.poisons}")
                self.poisons += 1
            self._remember(REMEMBER)
            time.sleep(LOOK)
        self.stalls.end_all()
        self._end_threads()

    def settle(self) -> Verdict:
        """Sweep past every due time, look at every list, and compare."""
        with closing(self.server.look()) as conn:
            if self.settings.taken_away.sweeps:
                self._sweep(conn)
            return verdict.compare(conn, self.model, self.memory, self._lists())

    def close(self) -> None:
        self._end_threads()
        self._endings.close()

    def _start_threads(self) -> None:
        second = SecondClient(self._client("second client", self._stop, self.settings.kills // 20))
        members = Members(self.agenda, self.model, second, self.settings.chance("members"), self.settings.delay)
        self._start("second client", second.serve)
        for number in range(CLIENTS):
            client = self._client(f"client {number}", self._stop, self.settings.kills // 10)
            self._start(f"client {number}", partial(members.act, client))
        for number in range(CONSUMERS):
            self._start(f"consumer {number}", self.consumers.consume)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 # raised again by the main thread
                self._troubles.append(error)

        self._threads.append(threading.Thread(target=guarded, name=name, daemon=True))
        self._threads[-1].start()

    def _end_threads(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        self._threads.clear()

    def _look_after_itself(self) -> None:
        if self._troubles:
            raise self._troubles[0]
        if time.monotonic() > self._limit:
            raise Trouble(f"not done within {self.settings.limit:.0f} s: {self.queue.left} messages are left")

    def _has_seen_all(self) -> bool:
        """Whether everything happened that this thread does, however late it came to it."""
        settings, stalls = self.settings, self.stalls
        planned = settings.crashes, settings.holds, settings.freezes
        return (self.crashes, stalls.holds, stalls.freezes) == planned

    def _is_due(self, done: int, of: int) -> bool:
        """Whether the next of so many is due, evenly over the run."""
        return done < of and len(self.model.awards) * (of + 1) >= self.settings.awards * (done + 1)

    def _stall(self) -> None:
        stalls, settings = self.stalls, self.settings
        stalls.end_due()
        if self._is_due(stalls.holds, settings.holds):
            stalls.hold()
        if self._is_due(stalls.freezes, settings.freezes):
            stalls.freeze()

    def _crash(self) -> None:
        self.stalls.end_all()
        confirmed = self.model.acknowledged()
        self.server.crash(self.settings.chance(f"crash {self.crashes}").uniform(0.0, 0.8))
        self.crashes += 1
        with closing(self.server.look()) as conn:
            self.memory.look(conn, confirmed)

    def _is_poison_due(self) -> bool:
        return self.poisons * POISONS < len(self.model.awards)

    _remembered_at = 0.0

    def _remember(self, every: float) -> None:
        if time.monotonic() - self._remembered_at < every:
            return
        self._remembered_at = time.monotonic()
        confirmed = self.model.acknowledged()
        with suppress(DatabaseError), closing(self.server.look()) as conn:
            self.memory.look(conn, confirmed)

    # --- the end ---

    def _sweep(self, conn: Connection) -> None:
        """Once everything is due by the database's clock, sweep until a sweep finds nothing."""
        row = conn.execute(
            "SELECT extract(epoch FROM max(due_at) - clock_timestamp()) FROM pending_xp_awards"
        ).fetchone()
        time.sleep(max(0.0, float(row[0] if row and row[0] else 0)))
        with closing(self.consumers.plant.start()) as process:
            for _ in range(SWEEPS_AFTERWARDS):
                called = process.call(SWEEP)
                self.consumers.tally.note(called, is_sweep=True)
                answer = called.answer or {}
                if answer.get("finished") and not answer.get("busy") and not answer.get("applied"):
                    return
                time.sleep(0.1)

    def _lists(self) -> dict[int, set[UUID]]:
        """What each member's list shows, through the shipped handler."""
        users = {each.user_id for each in self.model.acknowledged()}
        with closing(self._client("the end", threading.Event())) as client:
            return {user_id: shown(client, User(user_id, "Member")) for user_id in users}

    def logged_errors(self) -> list[str]:
        """What the functions logged as a bug."""
        lines = [line for log in self._folder.glob("*.log") for line in log.read_text(errors="replace").splitlines()]
        return [line for line in lines if '"level":"ERROR"' in line]

    def last_words(self) -> list[str]:
        """The last line of each function's log."""
        logs = [log.read_text(errors="replace").splitlines() for log in sorted(self._folder.glob("*.log"))]
        return [lines[-1] for lines in logs if lines]

    def figures(self) -> list[Figure]:
        settings, tally, seen, undos = self.settings, self.consumers.tally, self.model.seen, self.model.undos()
        return [
            exactly("awards: ticks acknowledged", len(self.model.awards), settings.awards),
            Figure("undone before the award", undos["cancelled"]),
            Figure("undone after the award", undos["reversed"]),
            Figure("interactions delivered twice", seen["interactions delivered twice"]),
            Figure("double taps", seen["double taps"]),
            Figure("answers lost, delivered again until answered", seen["unanswered"]),
            Figure("messages sent", self.queue.sent),
            Figure("messages delivered", self.queue.delivered),
            Figure("of these duplicates", self.queue.duplicates),
            Figure("lost sends", self.endpoint.lost),
            Figure("of these lied about", self.endpoint.lied_about),
            exactly("poison among the dead letters", self._dead_poison, self.poisons),
            Figure("other dead letters", len({message.id for message in self.queue.dead}) - self._dead_poison),
            Figure("awarded by a message", tally.by_queue),
            Figure("awarded by a sweep", tally.by_sweep),
            Figure("sweeps", tally.sweeps),
            least("kills of consumers (exit code -9)", tally.kills, settings.kills),
            least("of these between commit and acknowledgement", tally.kills_after_commit, settings.kills_after_commit),
            Figure("of these in a sweep", tally.kills_of_sweeps),
            Figure("kills of interactions_tensey", seen["kills of interactions_tensey"]),
            exactly("crashes of PostgreSQL", self.crashes, settings.crashes),
            exactly("locks held by somebody else", self.stalls.holds, settings.holds),
            exactly("sessions that stood still", self.stalls.freezes, settings.freezes),
            Figure("told that nothing was stored", seen["told: nothing"]),
            Figure("told that it may be stored", seen["told: unknown"]),
            Figure("messages left undelivered", self.queue.left),
            exactly("contradicting answers", len(self.model.contradictions), 0),
            exactly("bugs logged", len(self.logged_errors()), 0),
            Figure("seconds", int(time.monotonic() - self._began)),
        ]

    @property
    def _dead_poison(self) -> int:
        """Messages, not their copies."""
        return len({message.id for message in self.queue.dead if message.body.startswith("poison")})

    def _show(self, screen: Screen) -> None:
        settings, tally = self.settings, self.consumers.tally
        screen.show("awards", len(self.model.awards), settings.awards)
        screen.show("kills of consumers", tally.kills, settings.kills)
        screen.show("between commit and acknowledgement", tally.kills_after_commit, settings.kills_after_commit)
        screen.show("crashes of PostgreSQL", self.crashes, settings.crashes)
        screen.show("messages still to be delivered", self.queue.left, max(1, self.queue.sent))
