"""A stage for every message: the real game on a database of its own, whose clock stands still.

Each act begins with a clean game at NOON. What members do goes the whole signed way, and each answer is checked against
Discord's description and our own limits.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString, Protocol, cast, override

from devkit import discord_client as discord
from devkit.discord_api.schema import webhook_problems
from devkit.discord_client import Answer
from devkit.inspection import message_violations
from devkit.postgres import OWNER, SUPERUSER, Postgres
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.discord.commands import Commands
from mastermind.discord.limits import EPHEMERAL
from mastermind.game.challenges import actions as challenges
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.game.raids import actions as raids
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, COMMAND_IDS, Bot
from tests.conftest import MIGRATIONS, NO_OFFERS
from tests.connections import enter
from tests.gallery import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from devkit.discord_client import User
    from devkit.json_types import Json
    from tests.conftest import Connection

NOON = datetime(2026, 8, 13, 16, 0, tzinfo=UTC)
"""A Thursday in summer, noon in New York, where members live who have set no time zone."""

UPDATE = 7
KINDS = {4: "message", UPDATE: "message", 8: "choices", 9: "modal"}
CUSTOM_ID = re.compile(r'"custom_id": "([^"]+)"')
COMMANDS = Commands(COMMAND_IDS)
PATIENCE = 60.0  # seconds for an answer of a busy machine


@dataclass(frozen=True, slots=True)
class Recorded(Answer):
    """An answer, what it answers (the payload that was sent), and whether only one person sees it."""

    asked: Json = field(default_factory=dict[str, object])
    private: bool = False

    @property
    def by(self) -> str:
        """What was done to get it: "/scorecard", "/tenseylist, tick", "/submit-stats, form save"."""
        return action_of(self.asked)


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that people see: under which heading, in which state, by what it came, when, and whether all see it."""

    name: str
    state: str
    kind: str
    by: str
    at: datetime
    private: bool
    data: Mapping[str, object]


class Show(Protocol):
    """Keeps an answer as a scene, and hands it back: `show("the first day", bot.command("scorecard"))`."""

    def __call__(self, state: str, answer: Answer, /) -> Answer: ...


@dataclass
class Player(Bot):
    """Somebody in front of an application, who remembers what each answer was to, and where it stands."""

    answer_within: float = PATIENCE
    private: dict[str, bool] = field(default_factory=dict[str, bool])
    """Of each custom_id that was seen: whether it stands where only one person sees it."""

    @override
    def send(self, payload: Json) -> Answer:
        """Send it as something new that happens now: an id says when it was made."""
        return self._deliver({**payload, "id": str(discord.snowflake(self.clock().timestamp()))})

    def _deliver(self, payload: Json) -> Answer:
        answer = super().send(payload)
        assert answer.status == 200, payload
        private = self._is_private(payload, answer)
        self.private.update(dict.fromkeys(CUSTOM_ID.findall(json.dumps(answer.body)), private))
        return Recorded(answer.status, answer.body, answer.seconds, answer.files, payload, private)

    def _is_private(self, payload: Json, answer: Answer) -> bool:
        """An update stands where stood what it updates, a form where it was opened; a message says so itself."""
        data: Any = payload["data"]
        shown: Any = answer.body["data"]
        if KINDS[answer.kind] == "message" and answer.kind != UPDATE:
            return bool(shown.get("flags", 0) & EPHEMERAL)
        return self.private.get(data.get("custom_id", ""), True)

    def again(self, answer: Answer) -> Answer:
        """Discord delivers the same thing once more."""
        assert isinstance(answer, Recorded)
        return self._deliver(answer.asked)


class Act:
    """A clean game at noon, two applications to play it with, and the scenes that were seen."""

    def __init__(self, postgres: Postgres, superuser: Connection, open_: ExitStack) -> None:
        self.scenes: list[Scene] = []
        self.now = NOON
        self.postgres = postgres
        self._superuser = superuser
        self._open = open_
        self.owner = open_.enter_context(closing(enter(postgres.url(OWNER))))
        self.awards, self.relay = self.database("app_award"), self.database("app_outbox")
        self.main = self.player("main", self.database("app_main"))
        self.tensey = self.player("tensey", self.database("app_tensey"))
        clock.set_to(superuser, NOON)

    def player(self, app: str, database: Any, user: User = ALEX) -> Player:  # noqa: ANN401 (a database, or what refuses)
        # Half a second past what the database says, so that nothing is due a little later than in a whole second.
        return Player(app, database, user=user, clock=lambda: self.now + timedelta(seconds=0.5), commands=COMMANDS)

    def database(self, role: str) -> Database:
        return self._open.enter_context(closing(Database(self.postgres.settings(role))))

    def of(self, name: str) -> Show:
        """Keeps answers under this heading."""
        return partial(self._keep, name)

    def posted(self, name: str, state: str, message: Mapping[str, object]) -> None:
        """Keep a message that no interaction led to; everybody sees what its buttons make of it."""
        assert (message_violations(message), webhook_problems(message)) == ([], [])
        self.main.private.update(dict.fromkeys(CUSTOM_ID.findall(json.dumps(message)), False))
        self.scenes.append(Scene(name, state, "message", "", self.now, private=False, data=message))

    def later(self, **by: float) -> None:
        """Let time pass: `later(minutes=5)`."""
        self.now += timedelta(**by)
        clock.set_to(self._superuser, self.now)

    def sweep(self, *, told: bool = True) -> None:
        """What xp_award does each minute: award what is due, end raids whose time is over, reward who was in them.

        Unless `told` is False, members have been told of their awards.
        """
        for work in (challenges.sweep, raids.sweep):
            self.awards.run(partial(_with_time, work), Deadline.after(PATIENCE))
        if told:
            self.owner.execute("DELETE FROM for_you WHERE kind = 'award'")

    def award(self) -> None:
        """A minute passes, and what was ticked is awarded."""
        self.later(minutes=1)
        self.sweep()

    def _keep(self, name: str, state: str, answer: Answer) -> Answer:
        assert isinstance(answer, Recorded)
        data = cast("Json", answer.body["data"])
        self.scenes.append(Scene(name, state, KINDS[answer.kind], answer.by, self.now, answer.private, data))
        return answer


def _with_time(work: Callable[[Any, Deadline], object], conn: object) -> None:
    work(conn, Deadline.after(PATIENCE))


class Stage:
    """A PostgreSQL of its own. `act()` gives a clean game as often as one likes."""

    def __init__(self, folder: Path) -> None:
        self._postgres = Postgres(folder, durable=False)
        self._postgres.start()
        migrations.apply(self._postgres.settings(OWNER), MIGRATIONS, Deadline.after(60))
        self._postgres.set_role_passwords()
        with closing(enter(self._postgres.url(SUPERUSER))) as superuser:
            courses.seed(superuser, course.load())
            for statement in NO_OFFERS:
                superuser.execute(statement)
            clock.install(superuser)
        self._as_superuser("ALTER DATABASE mastermind RENAME TO stage")

    def close(self) -> None:
        self._postgres.destroy()

    @contextmanager
    def act(self) -> Generator[Act]:
        self._as_superuser("DROP DATABASE IF EXISTS mastermind WITH (FORCE)")
        self._as_superuser("CREATE DATABASE mastermind OWNER mastermind_owner TEMPLATE stage")
        with ExitStack() as open_:
            superuser = open_.enter_context(closing(enter(self._postgres.url(SUPERUSER))))
            yield Act(self._postgres, superuser, open_)

    def _as_superuser(self, statement: LiteralString) -> None:
        with closing(self._postgres.as_superuser("postgres")) as conn:
            conn.execute(statement)


def action_of(payload: Json) -> str:
    """What a payload is, named as the declarations are: see `tests.commands.crawl.declared`."""
    data: Any = payload["data"]
    if payload["type"] in {2, 4}:
        line, focused = _typed(data)
        return f"/{line}, typing {focused}" if payload["type"] == 4 else f"/{line}"
    found = custom_ids.read(data["custom_id"])
    if found is None:
        return ""
    return f"/{found.path.replace('.', ' ')}, {'form ' if payload['type'] == 5 else ''}{found.action}"


def _typed(data: Any) -> tuple[str, str]:  # noqa: ANN401 (Discord's JSON)
    """The line with its subcommand, and the option that is being typed."""
    line, options = data["name"], data.get("options", [])
    while options and options[0]["type"] in {1, 2}:
        line, options = f"{line} {options[0]['name']}", options[0].get("options", [])
    return line, next((option["name"] for option in options if option.get("focused")), "")
