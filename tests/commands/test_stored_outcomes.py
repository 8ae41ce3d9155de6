"""An outcome that another version has stored is read all the same: fields may be missing, or be new."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, override

from mastermind.bot import registry as catalogue
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from tests.commands.crawl import BROKEN, Crawl
from tests.commands.playing import SAM, Bot
from tests.commands.test_every_command import ADA, ROWS, WORDS
from tests.round_trips import Traced

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

KEPT_FOR_EACH = {"did"}
"""The name of the kind of change, by which an outcome is found."""


@dataclass
class Upgrading(Crawl):
    """Who tries everything, and sends it again after each deploy that adds or takes away a field of its outcome."""

    owner: Connection | None = None
    kinds: set[str] = field(default_factory=set[str])
    known: set[int] = field(default_factory=set[int])

    @override
    def _do(self, what: str, payload: Json) -> Answer:
        answer = super()._do(what, payload)
        for outcome in self._new():
            self.kinds.add(str(outcome.get("did", "")))
            self._set({**outcome, "of_a_later_version": [1]})
            assert self.bot.send(payload).text == answer.text, what
            for name in outcome.keys() - KEPT_FOR_EACH:
                self._set({key: value for key, value in outcome.items() if key != name})
                again = self.bot.send(payload)
                assert not any(words in again.text for words in BROKEN), f"{what} without {name}: {again.text}"
            self._set(outcome)
        return answer

    def _new(self) -> list[dict[str, Any]]:
        """The outcome that the last thing has stored, if it has."""
        assert self.owner is not None
        stored = dict(self.owner.execute("SELECT interaction_id, outcome FROM interactions_done").fetchall())
        self.last = sorted(stored.keys() - self.known)
        self.known |= stored.keys()
        return [stored[self.last[0]]] if self.last else []

    def _set(self, outcome: dict[str, Any]) -> None:
        assert self.owner is not None
        change = "UPDATE interactions_done SET outcome = %s WHERE interaction_id = ANY (%s)"
        self.owner.execute(change, [json.dumps(outcome), self.last])


def test_every_outcome_survives_a_deploy_that_adds_a_field_and_one_that_takes_it_back(
    enter_as: EnterAs, owner: Connection
):
    courses.seed(owner, course.load())
    for statement in ROWS.split(";\n"):
        owner.execute(statement.encode(), {"ada": ADA.id, "sam": SAM.id})
    kinds = set[str]()
    for app in catalogue.APPS:
        database, now = Traced(enter_as(f"app_{app}")), datetime.now(UTC)  # answers that show the time are compared
        crawl = Upgrading(Bot(app, database, user=ADA, clock=lambda now=now: now), database, WORDS, owner=owner)
        crawl.everything()
        crawl.everything()
        kinds |= crawl.kinds
    assert kinds >= {"stats.submit", "stats.edit", "stats.delete", "xp.adjust", "stats.reset", "warn.add", "course.ask"}
