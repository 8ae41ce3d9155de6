"""A text names commands as code; where their ids are known, members see links that open them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from devkit.inspection import violations
from mastermind.discord import limits
from mastermind.discord.commands import PLAIN, Commands
from mastermind.discord.components import Container, Section, Text, Thumbnail
from mastermind.discord.replies import Message, Update, render, say
from mastermind.discord.text import escape, prose

if TYPE_CHECKING:
    from mastermind.discord.replies import Reply

ID = 1_400_000_000_000_000_001
LINK = f"</help:{ID}>"
COMMANDS = Commands({"help": ID, "course": ID + 1})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Type `/help`.", f"Type {LINK}."),
        ("`/course overview` and `/help`", f"</course overview:{ID + 1}> and {LINK}"),
        ("**`/help`**", f"**{LINK}**"),
        ("`/roles list all`", "`/roles list all`"),  # no id is known
        ("Type `/` to see all", "Type `/` to see all"),
        ("`/help topic:` `/Help` `help` /help", "`/help topic:` `/Help` `help` /help"),
        ("```\n/help\n```", "```\n/help\n```"),
    ],
)
def test_a_named_command_becomes_a_link_with_its_whole_path(text: str, shown: str):
    assert COMMANDS.linked(text) == shown
    assert PLAIN.linked(text) == text


@pytest.mark.parametrize("words", ["`/help`", "`/course overview`", "see `/help` and\n`/help`"])
def test_what_a_member_writes_is_no_link(words: str):
    assert COMMANDS.linked(escape(words)) == escape(words)
    assert COMMANDS.linked(prose(words)) == prose(words)


@pytest.mark.parametrize("reply", [say("See `/help`."), Update((Text("See `/help`."),))])
def test_an_answer_links_to_the_commands_that_it_names(reply: Reply):
    assert contents(reply, COMMANDS) == [f"See {LINK}."]
    assert contents(reply, PLAIN) == ["See `/help`."]


def test_texts_inside_other_parts_link_too():
    picture = Thumbnail("https://example.org/a.png", "`/help`")
    shown = render(Message((Container((Section((Text("`/help`"),), picture),)),)), COMMANDS)
    assert json.dumps(shown).count(LINK) == 1  # a description is no markdown
    assert violations(shown) == []


def test_what_a_member_typed_is_given_back_to_the_letter():
    given_back = "You typed:\n**Words:** `/help`"
    assert contents(Message((Text("See `/help`."), Text(given_back, verbatim=True))), COMMANDS) == [
        f"See {LINK}.",
        given_back,
    ]


@pytest.mark.parametrize("filling", ["x", "界"])
@pytest.mark.parametrize("spare", range(0, 60, 5))
def test_a_message_without_room_for_all_links_has_as_many_as_fit(filling: str, spare: int):
    most = limits.TEXT if filling == "x" else (limits.MESSAGE_BYTES - 1) // 3
    words = [Text("`/help`"), Text("`/help`"), Text(filling * (most - 14 - spare))]
    message = Message(tuple(words))
    assert violations(render(message, COMMANDS)) == []
    room = spare if filling == "x" else (limits.MESSAGE_BYTES - 1) - 14 - 3 * (most - 14 - spare)
    assert contents(message, COMMANDS).count(LINK) == min(2, room // (len(LINK) - len("`/help`")))


def contents(reply: Reply, commands: Commands) -> list[str]:
    data: Any = render(reply, commands)["data"]
    return [part["content"] for part in data["components"]]
