"""The whole local cloud, as a member and a stranger meet it: real runtime, queue, database and migrations."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest

from devkit.discord_client import User, command, component, signed_headers
from devkit.json_types import Json
from local.cloud import Cloud
from local.demo import Demo, button
from simulator.personas import MODERATOR_ROLE_ID
from tests.cloud.playing import Game
from tests.cloud.running import PATIENCE, XP_DELAY
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def game(cloud: Cloud) -> Iterator[Game]:
    with closing(Game(cloud)) as game:
        yield game


@pytest.fixture
def member(game: Game) -> User:
    return game.newcomer()


# --- the story ---


def test_a_tick_becomes_100_xp_once_and_an_undo_takes_them_back(game: Game):
    with closing(Demo(game.cloud.endpoints)) as demo:
        demo.play()


def test_the_deploy_has_brought_the_course_and_a_complete_module_is_500_xp_at_once(game: Game):
    member = game.newcomer()
    page = game.main.command("course module", user=member)
    for number in (1, 2, 3):
        page = game.main.component(button(page, "watched"), user=member)
        assert f"{number} of 3 done" in page.text
    assert "**Module complete: Steady Ground. +500 XP**" in page.text
    assert game.xp(member) == 500


def mentions(game: Game) -> list[dict[str, Any]]:
    return [one for one in game.cloud.webhooks.received if one["webhook"] == "admins"]


def test_words_of_despair_in_the_other_application_bring_the_moderators_and_a_flag(game: Game):
    member = game.newcomer()
    answer = game.tensey.command("tenseyleaderboard", {"period": "i want to die"}, user=member)
    assert (answer.is_private, "You matter here" in answer.text) == (True, True)
    assert "I'm glad you are here" in game.tensey.component(button(answer, "safe"), user=member).text
    wait_for(lambda: bool(mentions(game)), PATIENCE)
    [mention] = mentions(game)
    assert mention["message"]["content"].startswith(f"<@&{MODERATOR_ROLE_ID}> 💙 Somebody needs a kind word now")
    flag = "SELECT in_need, status, excerpt FROM content_flags WHERE user_id = %s"
    wait_for(lambda: game.rows(flag, member.id) == [(True, "open", "i want to die")], PATIENCE)


def undone_in_time(game: Game) -> User:
    """Somebody who has undone a tick before its award was due; a stalled machine is too late, and another one tries."""
    while True:
        member, began = game.newcomer(), time.monotonic()
        undone = game.tensey.component(button(game.tick(member), "untick"), user=member)
        assert undone.kind == 7
        if time.monotonic() - began < XP_DELAY:
            return member


def test_an_undo_in_time_leaves_no_trace(game: Game):
    member = undone_in_time(game)
    time.sleep(XP_DELAY + 1.5)
    game.sweep()
    assert game.xp(member) == 0
    assert game.newest(member)[1] == "cancelled"
    assert game.rows("SELECT count(*) FROM xp_ledger WHERE user_id = %s", member.id) == [(0,)]


def test_the_same_tap_delivered_twice_counts_once(game: Game, member: User):
    tap = component(game.tensey.place, member, button(game.open_challenges(member), "tick"))
    first, second = game.tensey.send(tap), game.tensey.send(tap)
    assert (first.status, first.kind, second.status, second.kind) == (200, 7, 200, 7)
    assert game.rows("SELECT count(*) FROM pending_xp_awards WHERE user_id = %s", member.id) == [(1,)]


def test_another_members_tap_is_refused_politely(game: Game, member: User):
    refused = game.tensey.component(button(game.open_challenges(member), "tick"), user=game.newcomer())
    assert (refused.status, refused.kind, refused.is_private) == (200, 4, True)
    assert game.rows("SELECT count(*) FROM pending_xp_awards WHERE user_id = %s", member.id) == [(0,)]


# --- a member's own data ---


def test_an_export_comes_as_a_file_through_the_api(game: Game, member: User):
    game.tick(member)
    [(name, body)] = game.main.command("privacy export", user=member).files.items()
    assert name.endswith(".json")
    tables = json.loads(body)["tables"]
    assert tables["users"]["rows"][0]["user_id"] == str(member.id)
    assert len(tables["pending_xp_awards"]["rows"]) == 1


def test_a_member_who_deletes_themselves_is_gone_and_in_the_deletion_log(game: Game, member: User):
    game.tick(member)
    award_id = game.newest(member)[0]
    form = game.main.component(button(game.main.command("privacy delete", user=member), "delete"), user=member)
    data = cast("Json", form.body["data"])
    gone = game.main.modal(cast("str", data["custom_id"]), {"word": "DELETE"}, user=member)
    assert "Your data is deleted" in gone.text
    assert game.rows("SELECT count(*) FROM users WHERE user_id = %s", member.id) == [(0,)]
    bucket = game.cloud.deployer.outputs(game.cloud.aws)["ExportBucketName"]
    s3: Any = game.cloud.aws.s3
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="deletions/")["Contents"]]
    log = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    [began] = [entry for entry in log if entry.get("user_id") == str(member.id)]
    assert [entry for entry in log if entry["interaction_id"] == began["interaction_id"] and "ended" in entry]
    time.sleep(XP_DELAY + 1)  # the queue brings the award that is no more
    game.sweep()
    assert game.rows("SELECT count(*) FROM pending_xp_awards WHERE award_id = %s", award_id) == [(0,)]
    assert game.rows("SELECT count(*) FROM users WHERE user_id = %s", member.id) == [(0,)]


# --- bad input ---


def forge(headers: dict[str, str]) -> dict[str, str]:
    signature = headers["X-Signature-Ed25519"]
    return headers | {"X-Signature-Ed25519": ("1" if signature[0] == "0" else "0") + signature[1:]}


FORGERIES: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "forged": forge,
    "unsigned": lambda headers: {"Content-Type": headers["Content-Type"]},
}


@pytest.mark.parametrize("app", ["main", "tensey"])
@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_a_request_that_discord_did_not_sign_is_unauthorised(
    game: Game, app: str, change: Callable[[dict[str, str]], dict[str, str]]
):
    client = game.main if app == "main" else game.tensey
    body = json.dumps(command(client.place, game.newcomer(), "help")).encode()
    headers = signed_headers(client.private_key, body, time.time())
    assert client.post(body, change(headers)).status == 401
    assert client.post(body, headers).status == 200


def test_the_other_applications_key_opens_nothing(game: Game):
    body = json.dumps(command(game.main.place, game.newcomer(), "help")).encode()
    assert game.main.post(body, signed_headers(game.tensey.private_key, body, time.time())).status == 401


def test_an_old_request_is_unauthorised(game: Game):
    body = json.dumps(command(game.main.place, game.newcomer(), "help")).encode()
    assert game.main.post(body, signed_headers(game.main.private_key, body, time.time() - 301)).status == 401


def test_a_huge_request_is_too_large(game: Game):
    body = b'{"type": 1, "padding": "' + b"x" * 70_000 + b'"}'
    assert game.main.post(body, signed_headers(game.main.private_key, body, time.time())).status == 413


@pytest.mark.parametrize("body", [b"", b'{"type": 2, "data": 7}'])
def test_signed_nonsense_gets_a_calm_400(game: Game, body: bytes):
    assert game.main.post(body, signed_headers(game.main.private_key, body, time.time())).status == 400


def test_bytes_that_are_no_text_never_pass(game: Game):
    """API Gateway hands bodies on as text, so what arrives is not what was signed."""
    body = b"\xff\xfe"
    assert game.main.post(body, signed_headers(game.main.private_key, body, time.time())).status == 401


@pytest.mark.parametrize("guild_id", [None, 1234567890123456789])
def test_another_server_or_a_direct_message_is_refused_politely(game: Game, member: User, guild_id: int | None):
    elsewhere = replace(game.main.place, guild_id=guild_id)
    answer = game.main.send(command(elsewhere, member, "scorecard"))
    assert (answer.status, answer.kind, answer.is_private) == (200, 4, True)
    assert game.rows("SELECT count(*) FROM users WHERE user_id = %s", member.id) == [(0,)]


@pytest.mark.parametrize(
    "of",
    [
        partial(command, name="no-such-command"),
        partial(component, custom_id="0:tenseylist:tick:0:what-was-once"),
        partial(component, custom_id="something entirely else"),
    ],
    ids=["unknown command", "stale button", "foreign button"],
)
def test_what_we_do_not_know_gets_a_polite_answer(game: Game, member: User, of: Callable[..., Json]):
    answer = game.tensey.send(of(game.tensey.place, member))
    assert (answer.status, answer.kind, answer.is_private) == (200, 4, True)
