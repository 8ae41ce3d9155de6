"""The messages between relay and outbox: what one writes the other reads, and nothing else is a request."""

from __future__ import annotations

import json

import pytest
from pydantic import TypeAdapter

from mastermind.discord import requests
from mastermind.discord.requests import (
    AddRole,
    Ban,
    CheckRole,
    CreateMessage,
    DeleteMessage,
    DirectMessage,
    Edit,
    EditMessage,
    GetMember,
    HandOver,
    Operation,
    Outcome,
    RemoveRole,
    Request,
    Result,
    TimeOut,
    Unban,
)
from mastermind.errors import BadMessage
from mastermind.parsing import parse
from mastermind.pictures.figures import write
from tests.pictures.samples import CARD

HAND_OVER, EDIT, RESULT = TypeAdapter(HandOver), TypeAdapter(Edit), TypeAdapter(Result)

MESSAGE: requests.Message = {"content": "Hello", "allowed_mentions": {"parse": []}}
ID = 1_312_345_678_901_234_567

REQUESTS: list[Request] = [
    CreateMessage(ID, MESSAGE),
    EditMessage(ID, ID, MESSAGE),
    DeleteMessage(ID, ID),
    DirectMessage(ID, 0, MESSAGE),
    AddRole(ID, ID, ID, "level 5"),
    CheckRole(ID, ID),
    RemoveRole(ID, ID, "level 5"),
    GetMember(ID),
    TimeOut(ID, 1_790_000_000, ID, "warning 7", {"content": "Take a day"}, ID),
    TimeOut(ID, 0, ID, "warning 7", ours=1_790_000_000),
    Ban(ID, ID, "warning 8", {"content": "Goodbye"}),
    Unban(ID, ID, "withdrawn", "warning 8"),
]


def test_every_operation_has_a_request():
    assert {one.operation for one in REQUESTS} == set(Operation)


@pytest.mark.parametrize("request_", [*REQUESTS, None])
def test_a_hand_over_is_read_as_it_was_written(request_: Request | None):
    sent = HandOver("7-1", "milestone:1:10", 1_790_000_000, 1_790_000_120, request_, "mm7")
    assert parse(HAND_OVER, requests.write(sent)) == sent


def test_an_edit_and_a_result_are_read_as_they_were_written():
    edit = Edit("8-1", "award:1", "c2VhbGVk", ID, "0aZ9", "**+100 XP**", 1_790_000_120)
    result = Result("8-1", Outcome.DONE, 1_790_000_001.5, ID, ID, (ID,), 200, 0, "")
    assert parse(EDIT, requests.write(edit)) == edit
    assert parse(RESULT, requests.write(result)) == result


def test_what_a_message_shows_travels_with_it():
    edit = Edit("", "", "c2VhbGVk", ID, "0aZ9", "", 1_790_000_120, write(CARD))
    assert parse(EDIT, requests.write(edit)) == edit
    sent = HandOver("7-1", "week:1", 1_790_000_000, 1_790_000_120, CreateMessage(ID, MESSAGE, picture=write(CARD)))
    assert parse(HAND_OVER, requests.write(sent)) == sent


def test_what_is_no_operation_is_refused():
    sent = json.loads(requests.write(HandOver("7-1", "key", 0, 0, GetMember(ID))))
    sent["request"]["operation"] = "delete_guild"
    with pytest.raises(BadMessage):
        parse(HAND_OVER, json.dumps(sent))
