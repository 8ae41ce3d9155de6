"""What `ops load` makes of what it measured; tests/cloud/test_ops.py plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import typer

from bench import curves, load, saturation
from bench.load import Step
from bench.saturation import DATABASE, EMULATOR, FUNCTIONS, Busy
from devkit.discord_client import Answer
from ops.load import refuse_others

if TYPE_CHECKING:
    from collections.abc import Mapping

CORES = 4
IDLE = Busy({FUNCTIONS: 0.5, EMULATOR: 0.2}, 0.8)


def step(players: int, rate: int, failures: Mapping[str, int] | None = None, busy: Busy = IDLE) -> Step:
    return Step(players, 1.0, [0.01 * number for number in range(rate)], failures or {}, busy)


def test_percentiles_are_of_the_good_answers():
    measured = step(1, 100, {"HTTP 429": 100})
    assert (measured.percentile(0.5), measured.percentile(0.99)) == (0.5, 0.99)
    assert (measured.rate, measured.failed) == (100, 0.5)


def test_where_no_answer_was_good_there_is_no_percentile():
    assert step(1, 0, {"HTTP 502": 3}).percentile(0.99) == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(200, {"type": 4}, 0.1), ""),
        (Answer(429, {}, 0.1), "HTTP 429"),
        (
            Answer(200, {"data": {"components": [{"type": 10, "content": "We can't reach its database"}]}}, 0.1),
            load.UNAVAILABLE,
        ),
    ],
)
def test_an_answer_that_no_member_wants_is_a_failure(answer: Answer, words: str):
    assert load.wrong(answer) == words


def test_nothing_is_at_its_limit_while_twice_as_many_get_nearly_twice_as_much():
    assert saturation.limit([step(1, 10), step(2, 19), step(4, 36)], CORES) == ""


@pytest.mark.parametrize(
    ("busy", "words"),
    [
        (Busy({FUNCTIONS: 2.5, EMULATOR: 0.9, DATABASE: 0.4}, 3.9), "all 4 processors are busy; the most are used by"),
        (Busy({FUNCTIONS: 0.5, EMULATOR: 0.97}, 1.6), "emulator of AWS can use one processor only"),
        (Busy({FUNCTIONS: 0.5, DATABASE: 0.2}, 0.8), "0.8 of 4 processors are busy, so something waits"),
        (Busy({FUNCTIONS: 0.5, DATABASE: 0.2}, 3.9), "something else has 3.2 of 4 processors"),
    ],
)
def test_where_more_players_bring_hardly_more_the_processors_say_why(busy: Busy, words: str):
    said = saturation.limit([step(1, 10), step(2, 20), step(4, 40, busy=busy), step(8, 41)], CORES)
    assert said.startswith("From 4 players on")
    assert words in said


@pytest.mark.parametrize(
    ("failure", "words"),
    [("HTTP 502", "ten processes"), ("HTTP 429", "`ThrottleRate`"), (load.UNAVAILABLE, "too slow")],
)
def test_where_answers_fail_the_failure_says_why(failure: str, words: str):
    said = saturation.limit([step(1, 10), step(2, 95, {failure: 5})], CORES)
    assert said.startswith("With 2 players 5% of the answers fail")
    assert words in said


def test_the_picture_is_one_and_has_a_place_for_each_number_of_players():
    drawn = ET.fromstring(curves.drawn([step(1, 10), step(2, 20), step(4, 22, {"HTTP 429": 9})]))  # noqa: S314
    lines = [one.attrib["points"].split() for one in drawn.iter() if one.tag.endswith("polyline")]
    assert [len(points) for points in lines] == [3, 3, 3, 3]


def endpoints(**other: str) -> dict[str, object]:
    urls = {
        "aws_endpoint_url": "http://127.0.0.1:1/x",
        "database_url": "postgresql://me@127.0.0.1:2/mastermind",
        "interactions_url": "http://127.0.0.1:3/live/interactions/main",
    } | other
    return {**urls, "apps": {"main": {"interactions_url": urls["interactions_url"]}}}


def test_this_machine_may_be_loaded():
    refuse_others(endpoints())


@pytest.mark.parametrize("name", ["aws_endpoint_url", "database_url", "interactions_url"])
@pytest.mark.parametrize(
    "host", ["localhost", "10.0.0.1", "127.0.0.1.example.org", "abc.execute-api.eu-central-1.amazonaws.com"]
)
def test_nothing_else_may_be_loaded(name: str, host: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit):
        refuse_others(endpoints(**{name: f"https://{host}/x"}))
    assert f"Refused: {host} is not 127.0.0.1" in capsys.readouterr().err
