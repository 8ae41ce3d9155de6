"""The report about a week on its way to the admins' channel."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.clock import Clock
from mastermind.deadline import Deadline
from mastermind.entrypoints.notify import NOTICE
from mastermind.errors import Unavailable
from mastermind.operations.report import notices
from mastermind.operations.report.notices import Told
from mastermind.parsing import parse
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Connection, Enter

MONDAY_EVENING = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
MET: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'Ann', 'UTC' FROM generate_series(1, 6) AS n
"""
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
SELECT user_id, 100, 'adjustment', 'admin', gen_random_uuid()::text, '2026-11-25', '{"reason": "for the test"}'
FROM users
"""


class Stage:
    def __init__(self, conn: Connection) -> None:
        self.conn, self.post = conn, Post()

    def relay(self, *, draws: bool = False, reports: bool = True) -> None:
        scene = Scene(0, (), draws=draws, reports=reports)
        Relay(kind.find_all(), scene, self.post, 42, 10, time.time).work(self.conn, Deadline.after(60))

    def told(self) -> Told:
        (notice,) = self.post.notices
        told = parse(NOTICE, notice)
        assert isinstance(told, Told)
        return told


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Iterator[Stage]:
    owner.execute(MET)
    owner.execute(EARNED)
    clock = Clock(owner)
    clock.set(MONDAY_EVENING)
    conn = as_role("app_outbox")
    conn.execute("SET search_path = clock, pg_catalog, public, pg_temp")
    yield Stage(conn)
    clock.remove()


def test_the_admins_get_it_once_whether_there_is_a_bot_or_not(stage: Stage):
    stage.relay()
    stage.relay()
    told = stage.told()
    assert told.words.startswith("## 📈 The week from 23 to 29 November 2026\n**Members:** ")
    assert "**Active:** 6" in told.words
    assert "`/admin report` has it too." in told.words
    assert told.picture == ""


def test_admins_turn_it_off_and_one_that_is_turned_on_again_in_time_comes(stage: Stage, owner: Connection):
    owner.execute("INSERT INTO game_settings (name, value) VALUES ('report', 'off')")
    stage.relay()
    assert stage.post.notices == []
    assert owner.execute("SELECT count(*) FROM weekly_reports").fetchone() == (1,)
    owner.execute("DELETE FROM game_settings")
    stage.relay()
    assert stage.told().words


def test_it_has_a_picture_if_pictures_are_drawn(stage: Stage):
    stage.relay(draws=True)
    assert json.loads(stage.told().picture)["picture"] == "report"


def test_what_the_queue_does_not_take_is_sent_the_next_minute(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise Unavailable("the queue is down")

    with monkeypatch.context() as patch:
        patch.setattr(stage.post, "notice", refuse)
        with pytest.raises(Unavailable):
            stage.relay()
    stage.relay()
    assert stage.told().words


def test_it_fits_into_a_message_and_an_e_mail_has_no_markup(stage: Stage):
    stage.relay()
    told = stage.told()
    said = str(notices.message(told)["content"])
    assert len(said) <= 2000
    assert "**" not in notices.mail(told)
