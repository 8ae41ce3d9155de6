"""The whole local cloud when a part of it is stopped, frozen or gone."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from devkit.discord_client import DiscordClient, User, command, component, snowflake
from local.demo import Award, BrokenError, Demo, button
from tests.cloud.playing import Game, announcements
from tests.cloud.running import PATIENCE, XP_DELAY
from tests.waiting import quickest, timed, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.discord_client import Place
    from devkit.json_types import Json
    from local.cloud import Cloud

KIND_LIMIT = 2.5 + 0.5  # seconds: our own deadline, and what a busy machine may add


@pytest.fixture(scope="module")
def game(cloud: Cloud) -> Iterator[Game]:
    with closing(Game(cloud)) as game:
        yield game


@pytest.fixture
def member(game: Game) -> User:
    return game.newcomer()


def test_the_tenth_challenge_is_announced_once_to_the_server(game: Game):
    member = User(snowflake(), "Robin of the Ten")
    for xp in (500, 1000):
        for _ in range(5):
            game.tick(member)
        wait_for(partial(game.has_swept_to, member, xp), PATIENCE)
    wait_for(lambda: bool(announcements(game, member)), PATIENCE)
    told = [(f"milestone:{member.id}:10", "sent")]
    of_theirs = "SELECT key, status FROM announcements WHERE user_id = %s"
    wait_for(lambda: game.rows(of_theirs, member.id) == told, PATIENCE)
    game.sweep()
    time.sleep(1)
    (announced,) = announcements(game, member)
    assert "10 challenges" in announced["message"]["content"]
    assert announced["message"]["allowed_mentions"] == {"parse": []}
    assert (announced["webhook"], announced["user_agent"].split()[0]) == ("announcements", "DiscordBot")
    assert game.cloud.endpoints["functions"]["notify"] == "mastermind-notify"
    assert game.rows(of_theirs, member.id) == told


class Unlucky(Demo):
    """A story in which the second delivery does count."""

    def _deliver_again(self, award: Award, xp: int) -> None:
        again = """INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
            SELECT user_id, xp, kind, source, gen_random_uuid()::text, day FROM xp_ledger WHERE source_id = %s"""
        with psycopg.connect(self._found["database_url"], autocommit=True) as conn:
            conn.execute(again, [str(award.id)])
        super()._deliver_again(award, xp)


def test_the_demo_notices_when_something_is_awarded_twice(game: Game):
    with (
        closing(Unlucky(game.cloud.endpoints)) as demo,
        pytest.raises(BrokenError, match="Nothing was awarded twice: 200"),
    ):
        demo.play()


def test_a_large_export_is_read_by_its_link_and_by_no_other(game: Game, member: User):
    game.tick(member)
    game.fill_ledger(member)
    answer = game.main.command("privacy export", user=member)
    link = answer.text.partition("(<")[2].partition(">)")[0]
    exported = httpx.get(link, trust_env=False, timeout=60)
    assert len(exported.json()["tables"]["xp_ledger"]["rows"]) == 3000
    assert "attachment" in exported.headers["content-disposition"]
    changed = link.replace("X-Amz-Expires=900", "X-Amz-Expires=9000")
    assert httpx.get(changed, trust_env=False, timeout=60).status_code == 403


def assert_kind(game: Game, member: User, tap: str) -> None:
    """A command and a tap are answered in time, kindly and privately."""

    def ask(app: str, payload: Callable[[Place], Json]) -> None:
        with DiscordClient.from_endpoints(game.cloud.endpoints, app) as client:
            answer = client.send(payload(client.place))
        assert (answer.status, answer.kind, answer.is_private) == (200, 4, True)
        assert "try again" in answer.text.lower(), answer.text

    tapping = partial(ask, "tensey", lambda place: component(place, member, tap))
    looking = partial(ask, "main", lambda place: command(place, member, "scorecard"))
    assert quickest(timed(tapping), KIND_LIMIT) < KIND_LIMIT
    assert quickest(timed(looking), KIND_LIMIT) < KIND_LIMIT


def test_a_stopped_database_gets_a_kind_answer_and_nothing_is_half_done(game: Game, member: User):
    tap = button(game.open_challenges(member), "tick")
    with game.cloud.postgres.stopped():
        assert_kind(game, member, tap)
        assert game.tensey.ping().body == {"type": 1}
        assert game.main.post(b"{}", {}).status == 401
    assert game.rows("SELECT count(*) FROM pending_xp_awards WHERE user_id = %s", member.id) == [(0,)]
    assert game.tensey.component(tap, user=member).kind == 7
    game.await_xp(member, 100)


def test_a_frozen_database_gets_a_kind_answer_and_nothing_is_half_done(game: Game, member: User):
    tap = button(game.open_challenges(member), "tick")
    game.xp(member)
    game.cloud.postgres.freeze()
    try:
        assert_kind(game, member, tap)
    finally:
        game.cloud.postgres.thaw()
    # The frozen server may have had the whole tick in its hands. Then it is done, and the sweep finds it; never half.
    assert game.tensey.component(tap, user=member).status == 200
    assert game.rows("SELECT count(*) FROM pending_xp_awards WHERE user_id = %s", member.id) == [(1,)]
    time.sleep(XP_DELAY + 0.5)
    game.sweep()
    game.await_xp(member, 100)


def test_a_queue_that_is_gone_is_success_for_the_member_and_an_award_by_the_sweep(game: Game, member: User):
    sqs, url = game.cloud.aws.sqs, game.cloud.endpoints["queues"]["xp_awards"]
    kept = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["DelaySeconds", "VisibilityTimeout", "RedrivePolicy", "Policy"]
    )
    tap = button(game.open_challenges(member), "tick")
    sqs.delete_queue(QueueUrl=url)
    try:
        ticked = game.tensey.component(tap, user=member)
        assert (ticked.status, ticked.kind) == (200, 7)
        assert "+100 XP" in ticked.text
        assert game.newest(member)[1:] == ("pending", False)
        time.sleep(XP_DELAY + 0.5)
        wait_for(partial(game.has_swept_to, member, 100), PATIENCE)  # another sweep may be at it
    finally:
        sqs.create_queue(QueueName=url.rpartition("/")[2], Attributes=kept["Attributes"])


def test_the_sweep_comes_by_itself(game: Game):
    """The schedule of the template fires; the emulator looks every ten seconds."""
    log = game.cloud.folder / "logs" / "mastermind-xp-award.log"
    before = log.read_text().count('"swept"')
    wait_for(lambda: log.read_text().count('"swept"') > before, PATIENCE)
