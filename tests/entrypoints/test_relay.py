"""The function relay as Lambda sees it: what is due goes to its queues, results are noted, and no token is seen."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, LiteralString, cast

import pytest
from pydantic import TypeAdapter

from devkit import discord_client as discord
from mastermind.discord import requests, tokens
from mastermind.discord.requests import Edit, HandOver, Outcome, Result
from mastermind.entrypoints import award as xp_award
from mastermind.entrypoints import interactions, relay, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.game.challenges import content
from mastermind.game.today.rules import Pools
from mastermind.game.today.table import put_pools
from mastermind.parsing import parse
from tests.discord.signing import signed_event
from tests.entrypoints.test_award import ALEX, AWS, DISCORD, PLACE, Environment, Invocation, answer, batch, command
from tests.entrypoints.test_award import failures as failed
from tests.gateways.aws_stand_in import aws
from tests.relay.post import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres
    from mastermind.entrypoints.invocation import LambdaHandler
    from tests.conftest import Connection
    from tests.gateways.aws_stand_in import Aws

RESULTS = "arn:aws:sqs:eu-central-1:000000000000:results.fifo"
PRIVATE = tokens.make_private_key()


@pytest.fixture
def queues() -> Iterator[Aws]:
    with aws() as server:
        yield server


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, queues: Aws) -> Environment:
    environment = Environment(monkeypatch)
    urls = dict.fromkeys(("HANDOVERS_QUEUE_URL", "EDITS_QUEUE_URL", "NOTICES_QUEUE_URL"), f"{queues.url}/queue")
    urls |= dict.fromkeys(("OUTBOX_DUE_QUEUE_URL", "XP_AWARDS_QUEUE_URL"), f"{queues.url}/queue")
    environment.set(**DISCORD, **AWS, **urls, AWS_ENDPOINT_URL=queues.url)
    environment.set(OUTBOX_RESULTS_QUEUE_ARN=RESULTS, TENSEY_APPLICATION_ID="42", ANNOUNCEMENTS_CHANNEL_ID="7")
    environment.set(TOKEN_PUBLIC_KEY=tokens.public_key_of(PRIVATE), XP_DELAY_SECONDS="0")
    return environment


class Game:
    """The functions, each entered under its own role."""

    def __init__(self, environment: Environment, database: Postgres, queues: Aws, owner: Connection) -> None:
        self._environment, self._database, self.queues, self.owner = environment, database, queues, owner

    def call(self, role: str, handler: LambdaHandler, event: dict[str, Any]) -> dict[str, Any]:
        self._environment.enter(self._database, role)
        return cast("dict[str, Any]", handler(event, Invocation()))

    def relay(self, event: dict[str, Any] | None = None) -> dict[str, Any]:
        with closing(Lazy(resources.database)) as database:
            return self.call("app_outbox", relay.handler(database), event or {"look": True})

    def award(self, *award_ids: str) -> dict[str, Any]:
        with closing(Lazy(resources.database)) as database:
            return self.call("app_award", xp_award.handler(database), batch(*award_ids))

    def tick(self) -> str:
        """Alex ticks the first challenge; the award's id."""
        self._environment.enter(self._database, "app_tensey")
        with closing(Lazy(resources.database)) as database:
            tensey = interactions.handler("tensey", database)
            shown = command(tensey, "tenseylist", "tensey")
            custom_id = next(custom_id for _, custom_id in shown.buttons if ":tick:" in custom_id)
            self.pressed = discord.component(PLACE, ALEX, custom_id)
            answer(tensey, signed_event(self.pressed, path="/interactions/tensey"))
        return self.sent()[0]

    def sent(self) -> list[str]:
        """What the queues have got since the last time."""
        sent, self.queues.sent = self.queues.sent, []
        return sent

    def switch(self, *, is_on: bool) -> None:
        self.owner.execute("UPDATE bot_status SET is_on = %s, asked_at = now()", [is_on])

    def all(self, query: LiteralString) -> list[tuple[Any, ...]]:
        return self.owner.execute(query).fetchall()


@pytest.fixture
def game(environment: Environment, database: Postgres, queues: Aws, owner: Connection) -> Game:
    game = Game(environment, database, queues, owner)
    game.switch(is_on=True)
    return game


def of_results(*results: Result) -> dict[str, Any]:
    event = batch(*map(requests.write, results))
    for record in cast("list[dict[str, Any]]", event["Records"]):
        record["eventSourceARN"] = RESULTS
        record["attributes"] = {"MessageGroupId": "one", "ApproximateReceiveCount": "1"}
    return event


def test_an_award_that_arrives_is_shown_in_the_list_that_its_member_looks_at(game: Game):
    award_id = game.tick()
    assert failed(game.award(award_id)) == []
    assert game.sent() == ["due"], "relay is nudged"
    game.relay(batch("due"))
    (sent,) = game.sent()
    edit = parse(TypeAdapter(Edit), sent)
    assert edit.line.startswith("🎉 **+100 XP** for *")
    assert edit.line.endswith("400 XP to level 2.")
    assert (edit.key, edit.application_id) == (f"award:{award_id}", 42)
    assert tokens.unseal(base64.b64decode(edit.token), PRIVATE) == game.pressed["token"]
    game.relay(of_results(Result(edit.id, Outcome.DONE, 0.0)))
    assert game.all("SELECT state FROM outbox") == [("done",)]


def test_an_award_says_so_when_it_was_the_challenge_of_the_day(game: Game):
    first = next(iter(content.load().by_id))
    put_pools(game.owner, Pools((first,), ()))
    game.award(game.tick())
    game.sent()
    game.relay()
    (sent,) = game.sent()
    line = parse(TypeAdapter(Edit), sent).line
    assert line.endswith(", and **+50 XP** because it is the challenge of the day. 350 XP to level 2.")


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.REFUSED])
def test_an_award_that_its_list_was_not_told_is_left_to_the_next_answer(game: Game, outcome: Outcome):
    game.award(game.tick())
    game.sent()
    game.relay()
    (sent,) = game.sent()
    assert game.all("SELECT * FROM for_you") == []
    game.relay(of_results(Result(parse(TypeAdapter(Edit), sent).id, outcome, 0.0)))
    assert game.all("SELECT user_id, kind, details FROM for_you") == [(ALEX.id, "award", {"xp": 100, "total": 100})]


def test_an_award_whose_edit_comes_too_late_is_left_to_the_next_answer(game: Game):
    game.award(game.tick())
    game.owner.execute("UPDATE outbox SET due_at = now() - interval '6 minutes'")
    game.relay()
    assert game.all("SELECT state FROM outbox") == [("lapsed",)]
    assert game.all("SELECT kind, details FROM for_you") == [("award", {"xp": 100, "total": 100})]


def test_an_award_that_was_taken_back_in_between_is_not_shown(game: Game):
    award_id = game.tick()
    game.award(award_id)
    game.sent()
    game.owner.execute("SELECT reverse_award(%s, %s)", [award_id, ALEX.id])
    game.relay()
    assert (game.sent(), game.all("SELECT state FROM outbox")) == ([], [("lapsed",)])


def test_no_token_is_stored_logged_or_sent_as_it_is(game: Game, capsys: pytest.CaptureFixture[str]):
    game.award(game.tick())
    game.relay()
    token = str(game.pressed["token"])
    (stored,) = game.all("SELECT encode(sealed, 'escape') FROM interaction_tokens")
    seen = [*stored, *game.sent(), *capsys.readouterr()]
    assert len(token) > 20
    assert [text for text in seen if token in text] == []


def test_an_announcement_goes_to_the_channel_as_the_bot_and_is_known_afterwards(game: Game):
    game.award(game.tick())
    game.owner.execute("DELETE FROM outbox")
    game.owner.execute("UPDATE users SET xp = 3000 WHERE user_id = %s", [ALEX.id])
    game.sent()
    game.relay()
    (sent,) = game.sent()
    hand_over = parse(TypeAdapter(HandOver), sent)
    request = json.loads(sent)["request"]
    assert "**Alex**: **level 5: Social Squire**!" in words(request["message"])
    assert request == {
        "channel_id": 7,
        "message": {**request["message"], "allowed_mentions": {"parse": []}},
        "operation": "create_message",
        "picture": "",
    }
    game.relay(of_results(Result(hand_over.id, Outcome.DONE, 0.0, message_id=9, channel_id=7)))
    assert game.all("SELECT state, message_id FROM outbox") == [("done", 9)]
    assert game.all("SELECT status FROM announcements") == [("sent",)]


@pytest.mark.parametrize("draws", ["on", "off"])
def test_the_end_of_a_raid_brings_its_picture_along_where_pictures_are_drawn(
    game: Game, environment: Environment, draws: str
):
    environment.set(DRAW_PICTURES=draws)
    game.tick()
    game.sent()
    game.owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, started_at, ends_at)"
        " VALUES ('warrior', 100, 15, now() - interval '2 hours', now() - interval '1 hour')"
    )
    game.owner.execute(
        "INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)"
        " SELECT raid_id, %s, 'stats', '1', 'approaches', 30, 30 FROM raid_events",
        [ALEX.id],
    )
    game.owner.execute("UPDATE raid_events SET status = 'failed', ended_at = ends_at")
    game.relay()
    (request,) = (one["request"] for one in map(json.loads, game.sent()) if "request" in one)
    assert "**30 of 100 points** by 1 member" in words(request["message"])
    drawn = {"picture": "raid", "total": 30, "target": 100, "members": 1}
    assert request["picture"] == "" if draws == "off" else json.loads(request["picture"]).items() >= drawn.items()


def test_without_a_bot_an_announcement_goes_by_the_webhook(game: Game):
    game.award(game.tick())
    game.owner.execute("DELETE FROM outbox")
    game.owner.execute("UPDATE users SET xp = 3000 WHERE user_id = %s", [ALEX.id])
    game.switch(is_on=False)
    game.sent()
    game.relay()
    (sent,) = game.sent()
    assert json.loads(sent)["announcement"]["kind"] == "level_up"


def handed_over_level(game: Game) -> HandOver:
    """Alex has reached a level, and its announcement is handed over."""
    game.award(game.tick())
    game.owner.execute("DELETE FROM outbox")
    game.owner.execute("UPDATE users SET xp = 3000 WHERE user_id = %s", [ALEX.id])
    game.sent()
    game.relay()
    return parse(TypeAdapter(HandOver), game.sent()[0])


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.REFUSED, 1), (Outcome.GONE, 1), (Outcome.STOPPED, 1), (Outcome.UNKNOWN, 0)]
)
def test_an_announcement_that_the_bot_may_not_make_goes_by_the_webhook(game: Game, outcome: Outcome, said: int):
    hand_over = handed_over_level(game)
    for _ in range(2):
        game.relay(of_results(Result(hand_over.id, outcome, 0.0, status=403, code=50013)))
    announced = [one["announcement"]["kind"] for one in map(json.loads, game.sent()) if "announcement" in one]
    assert announced == ["level_up"] * said


def test_an_announcement_that_waits_when_the_bot_goes_is_made_by_the_webhook_once(game: Game):
    hand_over = handed_over_level(game)
    game.relay(of_results(Result(hand_over.id, Outcome.OFF, 0.0)))
    game.relay()
    assert [json.loads(one).get("announcement", {}).get("kind") for one in game.sent()][:1] == ["level_up"]
    assert game.all("SELECT state FROM outbox") == [("lapsed",)]


def test_a_level_that_is_lost_before_it_is_announced_is_announced_when_it_is_reached_again(game: Game):
    hand_over = handed_over_level(game)
    game.owner.execute("UPDATE users SET xp = 100 WHERE user_id = %s", [ALEX.id])
    game.relay(of_results(Result(hand_over.id, Outcome.RETURNED, 0.0)))
    assert game.sent() == []
    assert game.all("SELECT status FROM announcements") == [("lapsed",)]
    game.owner.execute("UPDATE users SET xp = 3000 WHERE user_id = %s", [ALEX.id])
    game.relay()
    assert len(game.sent()) == 1


def test_a_result_that_cannot_be_read_comes_back_alone_with_what_follows_it_in_its_group(game: Game):
    event = of_results(Result("1-1", Outcome.DONE, 0.0), Result("2-1", Outcome.DONE, 0.0))
    event["Records"][0]["body"] = "nonsense"
    assert failed(game.relay(event)) == ["m0", "m1"]
    event["Records"][1]["attributes"]["MessageGroupId"] = "another"
    assert failed(game.relay(event)) == ["m0"]


def test_a_nudge_is_settled_even_when_the_database_is_away(environment: Environment, database: Postgres):
    environment.enter(database, "app_outbox")
    environment.set(DATABASE_PORT="1")
    with closing(Lazy(resources.database)) as entered:
        assert relay.handler(entered)(batch("due"), Invocation()) == {"batchItemFailures": []}
