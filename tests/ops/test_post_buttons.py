"""`ops post-buttons` posts each message once, keeps it up to date, and never shows the bot token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest
from typer.testing import CliRunner, Result

from mastermind.bot import custom_ids
from ops.button_messages import LEADERBOARD, LIST, START, TODAY
from ops.commands import app
from ops.discord import Discord
from tests.ops.discord_stand_in import BOT, TOKEN, StandIn, discord
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.ops.discord_stand_in import Json

LOBBY, HALL = "501", "502"
BANNER = "https://example.org/banner.png?size=900"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        stand_in.channels.messages = {LOBBY: {}, HALL: {}}
        yield stand_in


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "buttons.json"


@pytest.fixture
def ops(stand_in: StandIn, state: Path) -> Ops:
    return Ops(stand_in, state)


class Ops:
    """An operator in front of `ops post-buttons`."""

    def __init__(self, stand_in: StandIn, state: Path) -> None:
        self._stand_in, self._state = stand_in, state
        self.environment = {"LIST_CHANNEL_ID": LOBBY, "LEADERBOARD_CHANNEL_ID": HALL, "DISCORD_BOT_TOKEN_TENSEY": TOKEN}

    def says(self, *arguments: str, answer: str = "") -> Result:
        command = ["post-buttons", "--application-id", "11", "--base-url", self._stand_in.url]
        environment: dict[str, str | None] = {**self.environment, "COLUMNS": "200"}
        self._stand_in.asked.clear()
        result = CliRunner().invoke(
            app, [*command, "--state", str(self._state), *arguments], input=answer, env=environment
        )
        assert TOKEN not in result.output
        return result

    def posts(self, *arguments: str) -> str:
        result = self.says("--yes", *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def fails(self, *arguments: str) -> str:
        result = self.says("--yes", *arguments)
        assert result.exit_code == 1, result.output
        return result.output

    @property
    def writes(self) -> list[str]:
        return [asked for asked in self._stand_in.asked if not asked.startswith("GET")]


def parts(message: Json) -> list[Json]:
    """The parts of the message's container."""
    (container,) = cast("list[Json]", message["components"])
    return cast("list[Json]", container["components"])


def button(message: Json) -> Json:
    (button,) = cast("list[Json]", parts(message)[-1]["components"])
    return button


def test_both_messages_are_posted_and_pinned_each_in_its_channel(ops: Ops, stand_in: StandIn):
    output = ops.posts()
    assert f"+ “My list” in channel {LOBBY} is posted and pinned" in output
    for channel, post in ((LOBBY, LIST), (HALL, LEADERBOARD)):
        message = stand_in.channels.only(channel)
        assert message["pinned"] is True
        assert message["flags"] == 1 << 15
        assert message["allowed_mentions"] == {"parse": []}
        assert button(message)["label"] == post.label
        read = custom_ids.read(cast("str", button(message)["custom_id"]))
        assert read == custom_ids.CustomId(post.command, "open")


def test_a_second_run_writes_nothing(ops: Ops):
    ops.posts("--list-banner", BANNER)
    assert "up to date" in ops.posts("--list-banner", BANNER)
    assert ops.writes == []


def test_the_ids_are_kept(ops: Ops, stand_in: StandIn, state: Path):
    ops.posts()
    kept = {"list": LOBBY, "leaderboard": HALL}
    assert json.loads(state.read_text()) == {
        "11": {name: {"channel": at, "message": stand_in.channels.only(at)["id"]} for name, at in kept.items()}
    }


def test_another_deployments_ids_are_left_alone(ops: Ops, state: Path):
    other = {"list": {"channel": "9", "message": "8"}}
    state.write_text(json.dumps({"99": other}))
    ops.posts()
    assert json.loads(state.read_text())["99"] == other


def test_a_changed_message_is_refreshed_in_its_place(ops: Ops, stand_in: StandIn):
    ops.posts()
    before = stand_in.channels.only(LOBBY)["id"]
    assert f"~ “My list” in channel {LOBBY} is updated" in ops.posts("--list-banner", BANNER)
    assert ops.writes == [f"PATCH /channels/{LOBBY}/messages/{before}"]
    assert [part["type"] for part in parts(stand_in.channels.only(LOBBY))] == [12, 10, 1]
    ops.posts()
    assert [part["type"] for part in parts(stand_in.channels.only(LOBBY))] == [10, 1]


def test_a_banner_is_above_the_text_and_has_a_description(ops: Ops, stand_in: StandIn):
    ops.environment["LEADERBOARD_BANNER_URL"] = BANNER
    ops.posts()
    (item,) = cast("list[Json]", parts(stand_in.channels.only(HALL))[0]["items"])
    assert cast("Json", item["media"])["url"] == BANNER
    assert item["description"] == LEADERBOARD.picture


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.png",
        "example.org/a.png",
        "https://",
        "https:///a.png",
        "https://me:secret@example.org/a.png",
        "https://example.org/a b.png",
        "https://example.org/ä.png",
        "https://[::1/a.png",
        "javascript:alert(1)",
        f"https://example.org/{'x' * 2048}",
    ],
)
def test_only_an_https_url_can_be_a_banner(ops: Ops, stand_in: StandIn, url: str):
    result = ops.says("--list-banner", url)
    assert (result.exit_code, "it must be an https URL" in words(result)) == (2, True)
    assert "secret" not in result.output
    assert stand_in.asked == []


def test_a_deleted_message_is_posted_again(ops: Ops, stand_in: StandIn):
    ops.posts()
    stand_in.channels.messages[LOBBY].clear()
    assert f"+ “My list” in channel {LOBBY} is posted" in ops.posts()
    assert stand_in.channels.only(LOBBY)["pinned"] is True
    assert "up to date" in ops.posts()


def test_a_message_that_somebody_unpinned_is_pinned_again(ops: Ops, stand_in: StandIn):
    ops.posts()
    message = stand_in.channels.only(LOBBY)
    message["pinned"] = False
    assert f"~ “My list” in channel {LOBBY} is pinned again" in ops.posts()
    assert ops.writes == [f"PUT /channels/{LOBBY}/messages/pins/{message['id']}"]


@pytest.mark.parametrize("on_a_page", [1, 50])
def test_without_the_file_the_pinned_message_is_found_again(ops: Ops, stand_in: StandIn, state: Path, on_a_page: int):
    ops.posts()
    ours = stand_in.channels.only(LOBBY)
    for n, author in enumerate((BOT, "77"), 9500):
        message: Json = {**ours, "id": str(n), "author": {"id": author}}
        if author == BOT:
            message["components"] = []
        stand_in.channels.messages[LOBBY][str(n)] = message
    stand_in.channels.on_a_page = on_a_page
    kept = state.read_text()
    state.unlink()
    assert "up to date" in ops.posts()
    assert ops.writes == []
    assert state.read_text() == kept


def test_an_answer_that_was_lost_leaves_one_message_all_the_same(ops: Ops, stand_in: StandIn, state: Path):
    ops.posts()
    state.unlink()
    stand_in.channels.only(LOBBY)["pinned"] = False
    ops.posts()
    assert stand_in.channels.only(LOBBY)["pinned"] is True


def test_a_message_moves_with_its_channel(ops: Ops, stand_in: StandIn):
    ops.posts()
    stand_in.channels.messages["503"] = {}
    ops.environment["LIST_CHANNEL_ID"] = "503"
    assert f"- the one in channel {LOBBY} is deleted" in ops.posts()
    assert stand_in.channels.messages[LOBBY] == {}
    assert stand_in.channels.only("503")["pinned"] is True
    assert "up to date" in ops.posts()


@pytest.mark.parametrize("how", ["the channel is gone", "it may not be deleted"])
def test_a_message_that_cannot_be_taken_along_is_left_behind(ops: Ops, stand_in: StandIn, how: str):
    ops.posts()
    ops.environment["LIST_CHANNEL_ID"] = "503"
    stand_in.channels.messages["503"] = {}
    if how == "the channel is gone":
        del stand_in.channels.messages[LOBBY]
    else:
        stand_in.channels.forbidden = {("DELETE", "message")}
    output = ops.posts()
    assert ("please delete it by hand" in output) == (how != "the channel is gone")
    assert stand_in.channels.only("503")["pinned"] is True


def test_one_channel_alone_will_do(ops: Ops, stand_in: StandIn):
    ops.environment["LEADERBOARD_CHANNEL_ID"] = ""
    ops.posts()
    assert stand_in.channels.only(LOBBY)
    assert stand_in.channels.messages[HALL] == {}


def test_both_may_stand_in_one_channel(ops: Ops, stand_in: StandIn, state: Path):
    ops.environment["LEADERBOARD_CHANNEL_ID"] = LOBBY
    ops.posts()
    assert len(stand_in.channels.messages[LOBBY]) == 2
    state.unlink()
    assert "up to date" in ops.posts()


def test_without_a_channel_it_says_how_to_name_one(ops: Ops):
    ops.environment |= {"LIST_CHANNEL_ID": "", "LEADERBOARD_CHANNEL_ID": ""}
    assert "--list-channel" in ops.fails()


def test_a_dry_run_says_what_differs_and_writes_nothing(ops: Ops, state: Path):
    result = ops.says("--dry-run")
    assert "+ “My list”" in result.output
    assert "Nothing was written." in result.output
    assert (result.exit_code, ops.writes, state.exists()) == (0, [], False)


def test_it_asks_before_it_writes(ops: Ops, stand_in: StandIn):
    assert ops.says(answer="n\n").exit_code == 1
    assert ops.writes == []
    assert ops.says(answer="y\n").exit_code == 0
    assert stand_in.channels.only(LOBBY)


@pytest.mark.parametrize(
    ("method", "place", "permission"),
    [("GET", "pins", "Read Message History"), ("POST", "", "Send Messages"), ("PUT", "pins", "Pin Messages")],
)
def test_a_missing_permission_is_named_and_the_next_run_goes_on(
    ops: Ops, stand_in: StandIn, method: str, place: str, permission: str
):
    stand_in.channels.forbidden = {(method, place)}
    assert permission in ops.fails()
    stand_in.channels.forbidden = set()
    ops.posts()
    assert stand_in.channels.only(LOBBY)["pinned"] is True
    assert stand_in.channels.only(HALL)["pinned"] is True


def test_a_kept_message_that_may_not_be_read_is_not_posted_twice(ops: Ops, stand_in: StandIn):
    ops.posts()
    stand_in.channels.forbidden = {("GET", "message")}
    assert "View Channel" in ops.fails()
    assert ops.writes == []


def test_a_missing_channel_is_reported(ops: Ops, stand_in: StandIn):
    ops.posts()
    del stand_in.channels.messages[HALL]
    assert f"the bot sees no channel {HALL}" in ops.fails()
    assert ops.writes == []


def test_it_waits_when_discord_asks_for_patience(ops: Ops, stand_in: StandIn):
    stand_in.refusals = [(429, {"Retry-After": "0"})] * 3
    ops.posts()
    assert stand_in.asked.count("GET /applications/@me") == 4


def test_it_waits_as_long_as_discord_says(stand_in: StandIn):
    waited: list[float] = []
    stand_in.refusals = [(429, {"Retry-After": "0.75"})]
    with Discord(stand_in.url, 11, TOKEN, waited.append) as asked:
        assert asked.ask("GET", "/applications/@me").is_success
    assert waited == [0.75]


@pytest.mark.parametrize("endpoint", [None, "https://example.org/prod/interactions/other"])
def test_an_application_whose_taps_do_not_reach_us_is_refused(ops: Ops, stand_in: StandIn, endpoint: str | None):
    stand_in.endpoint = endpoint
    assert "Taps would not arrive" in ops.fails()
    assert ops.writes == []


def test_a_button_of_the_other_application_is_left_alone(ops: Ops, stand_in: StandIn):
    stand_in.endpoint = "https://example.org/prod/interactions/main"
    assert "Name at least one channel for a button of main" in ops.fails()
    assert ops.writes == []


def test_main_posts_where_to_begin(ops: Ops, stand_in: StandIn):
    stand_in.endpoint = "https://example.org/prod/interactions/main"
    assert f"+ “Begin” in channel {HALL} is posted and pinned" in ops.posts("--start-channel", HALL)
    assert button(stand_in.channels.only(HALL))["label"] == START.label
    assert stand_in.channels.messages[LOBBY] == {}


def test_main_posts_the_button_of_the_day(ops: Ops, stand_in: StandIn):
    stand_in.endpoint = "https://example.org/prod/interactions/main"
    assert f"+ “My day” in channel {HALL} is posted and pinned" in ops.posts("--today-channel", HALL)
    assert button(stand_in.channels.only(HALL))["label"] == TODAY.label
    assert stand_in.channels.messages[LOBBY] == {}


def test_a_token_of_another_application_is_refused(ops: Ops):
    assert "The token is that of Game (11), not of 7." in ops.fails("--application-id", "7")
    ops.environment["DISCORD_BOT_TOKEN_TENSEY"] = "wrong"
    assert "the bot token is not valid" in ops.fails()


@pytest.mark.parametrize(
    "written",
    ["no JSON", "[]", '{"11": []}', '{"11": {"list": {"channel": "x", "message": 1}}}', '{"11": {}, "11": {}}'],
)
def test_a_file_that_is_not_ours_is_reported_and_left_alone(ops: Ops, state: Path, written: str):
    state.write_text(written)
    assert "This tool did not write" in ops.fails()
    assert (state.read_text(), ops.writes) == (written, [])


def test_a_place_for_the_file_must_be_there_before_anything_is_posted(ops: Ops, state: Path):
    assert "there is no folder for" in words(ops.says("--state", str(state / "deeper" / "buttons.json")))
    assert ops.writes == []
