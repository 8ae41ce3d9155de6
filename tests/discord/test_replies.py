"""Our answers: always what Discord's schema and the second look allow, or a LimitError before Discord sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_api.schema import response_problems
from devkit.inspection import violations
from mastermind.discord import limits
from mastermind.discord.components import (
    Button,
    ButtonStyle,
    ChannelPicker,
    Container,
    File,
    Gallery,
    LinkButton,
    RolePicker,
    Row,
    Section,
    Select,
    SelectOption,
    Separator,
    Text,
    Thumbnail,
)
from mastermind.discord.fields import Checkbox, CheckboxGroup, Label, RadioGroup, TextInput
from mastermind.discord.replies import (
    Attachment,
    Choice,
    Choices,
    Message,
    Modal,
    Pong,
    Update,
    attachments,
    fits,
    render,
    say,
)
from mastermind.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.discord.components import MessagePart
    from mastermind.discord.fields import Field
    from mastermind.discord.replies import Reply

PICTURE = Thumbnail("https://example.com/a.png", "A fox")


def options(count: int) -> tuple[SelectOption, ...]:
    return tuple(SelectOption(f"Option {n}", str(n), "about it") for n in range(count))


def buttons(count: int) -> tuple[Button, ...]:
    return tuple(Button(f"Button {n}", f"id:{n}") for n in range(count))


def sections(count: int) -> tuple[Section, ...]:
    return tuple(Section((Text(f"Line {n}"),), Button("Tick", f"tick:{n}")) for n in range(count))


EVERYTHING: tuple[MessagePart, ...] = (
    Text("# Title"),
    Section((Text("one"), Text("two"), Text("three")), PICTURE),
    Section((Text("read on"),), LinkButton("Open", "https://example.com")),
    Separator(),
    Separator(divider=False, large=True),
    Gallery((PICTURE, PICTURE)),
    Container(
        (
            Text("inside"),
            Row((Button("Go", "go", ButtonStyle.PRIMARY, "✅"), Button("", "emoji", emoji="↩️", disabled=True))),
            Row((Select("level", options(25), "Jump to a level", disabled=True),)),
        ),
        accent_color=0x5865F2,
    ),
)
FORM = Modal(
    "form",
    "Tell us",
    (
        Label("Words", TextInput("words", long=True, min_length=1, value="so far", placeholder="Write"), "As you like"),
        Label("One", RadioGroup("one", (*options(2), SelectOption("Usual", "usual", default=True)))),
        Label("Several", CheckboxGroup("several", options(10), 1, 10, required=True)),
        Label("Yes", Checkbox("yes", default=True)),
        Label("Pick", Select("pick", options(3), min_values=0, max_values=3, required=False)),
    ),
)
REPLIES: dict[str, Reply] = {
    "pong": Pong(),
    "say": say("Hello"),
    "public": say("Hello", private=False),
    "everything": Message(EVERYTHING),
    "update": Update(EVERYTHING),
    "form": FORM,
    "form with text": Modal("m", "t", (Text("Be kind."), Label("Words", TextInput("words")))),
    "choices": Choices((Choice("Level 1", 1), Choice("Half", 0.5), Choice("Words", "words"))),
    "no choices": Choices(()),
    "lists of roles and channels": Message((Row((RolePicker("a", "Who"),)), Row((ChannelPicker("b", "Where"),)))),
    "eight challenges": Message((Text("# Level"), *sections(8), Row(buttons(5)), Row((Select("s", options(25)),)))),
    "a file": Message((Text("Here:"), File("all.json")), attachments=(Attachment("all.json", "{}"),)),
    "two files": Message(
        (Container((File("a.json"), File("b.json"))),),
        attachments=(Attachment("a.json", "{}"), Attachment("b.json", "x" * (limits.INLINE_FILES - 2))),
    ),
    "forty components": Message(tuple(Text("x") for _ in range(40))),
}


def data(reply: Reply) -> dict[str, object]:
    return cast("dict[str, object]", render(reply)["data"])


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_discord_accepts_it(reply: Reply):
    shown = render(reply)
    if not isinstance(reply, Choices):  # their schema takes one kind of value in a list, ours are mixed on purpose
        assert response_problems(shown) == []
    assert violations(shown) == []


@pytest.mark.parametrize("value", [1, 0.5, "words"])
def test_discord_accepts_choices_of_one_kind(value: float | str):
    assert response_problems(render(Choices((Choice("x", value), Choice("y", value))))) == []


@pytest.mark.parametrize("reply", [say("hello"), say("hello", private=False), Update((Text("hello"),))])
def test_nobody_is_ever_pinged(reply: Reply):
    assert data(reply)["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("reply", [Message((Text("x"),), attachments=(Attachment("a", ""),)), Message((File("a"),))])
def test_a_file_that_no_part_shows_is_found_and_a_part_whose_file_does_not_come(reply: Reply):
    assert violations(render(reply))


def test_the_files_of_a_reply_travel_beside_its_json():
    file = Attachment("a", "b")
    assert attachments(Message((File("a"),), attachments=(file,))) == (file,)
    assert attachments(Update((Text("x"),))) == ()
    assert fits("x" * limits.INLINE_FILES)
    assert not fits("ö" * (limits.INLINE_FILES // 2 + 1))


def test_a_message_is_private_unless_said_otherwise():
    assert data(say("x"))["flags"] == limits.EPHEMERAL | limits.COMPONENTS_V2
    assert data(say("x", private=False))["flags"] == limits.COMPONENTS_V2


def test_an_update_does_not_speak_of_privacy_which_cannot_change():
    assert data(Update((Text("x"),)))["flags"] == limits.COMPONENTS_V2


def label(part: Field) -> Label:
    return Label("Label", part)


BREACHES: dict[str, Callable[[], Reply]] = {
    "a large file": lambda: Message((File("a"),), attachments=(Attachment("a", "ö" * (limits.INLINE_FILES // 2 + 1)),)),
    "a file that leaves its folder": lambda: Message((File("a"),), attachments=(Attachment("../a", ""),)),
    "no parts": lambda: Message(()),
    "an empty text": lambda: say(""),
    "a blank text": lambda: say(" \n"),
    "a long text": lambda: say("x" * 4001),
    "long texts together": lambda: Message((Text("x" * 2001), Text("x" * 2000))),
    "too many bytes": lambda: say("🦊" * 2250),
    "too many bytes in options": lambda: Message(
        (Row((Select("s", tuple(SelectOption("🦊" * 100, str(n)) for n in range(25))),)),)
    ),
    "41 components": lambda: Message(tuple(Text("x") for _ in range(41))),
    "41 nested": lambda: Message((Container(sections(13)), Text("x"))),
    "a custom_id twice": lambda: Message((Row((Button("a", "x"), Button("b", "x"))),)),
    "a custom_id twice, far apart": lambda: Message(
        (Section((Text("x"),), Button("a", "x")), Container((Row((Button("b", "x"),)),)))
    ),
    "no custom_id": lambda: Message((Row((Button("a", ""),)),)),
    "a long custom_id": lambda: Message((Row((Button("a", "x" * 101),)),)),
    "a button without words": lambda: Message((Row((Button("", "x"),)),)),
    "a long button": lambda: Message((Row((Button("x" * 81, "x"),)),)),
    "a link to nowhere": lambda: Message((Row((LinkButton("x", "javascript:alert()"),)),)),
    "a long link": lambda: Message((Row((LinkButton("x", "https://" + "x" * 505),)),)),
    "an empty row": lambda: Message((Row(()),)),
    "six buttons": lambda: Message((Row(buttons(6)),)),
    "a select beside a button": lambda: Message((Row((Button("a", "x"), Select("s", options(1)))),)),
    "a picker beside a button": lambda: Message((Row((Button("a", "x"), RolePicker("s", "Who"))),)),
    "a picker without words": lambda: Message((Row((ChannelPicker("s", ""),)),)),
    "no options": lambda: Message((Row((Select("s", ()),)),)),
    "26 options": lambda: Message((Row((Select("s", options(26)),)),)),
    "an option twice": lambda: Message((Row((Select("s", options(1) + options(1)),)),)),
    "an empty option": lambda: Message((Row((Select("s", (SelectOption("", "x"),)),)),)),
    "a long option": lambda: Message((Row((Select("s", (SelectOption("x" * 101, "x"),)),)),)),
    "a long option's value": lambda: Message((Row((Select("s", (SelectOption("x", "x" * 101),)),)),)),
    "a long option's description": lambda: Message((Row((Select("s", (SelectOption("x", "x", "x" * 101),)),)),)),
    "a long placeholder": lambda: Message((Row((Select("s", options(1), "x" * 151),)),)),
    "more values than options": lambda: Message((Row((Select("s", options(1), max_values=2),)),)),
    "least above most": lambda: Message((Row((Select("s", options(3), min_values=2),)),)),
    "two defaults": lambda: Message(
        (Row((Select("s", (SelectOption("a", "a", default=True), SelectOption("b", "b", default=True))),)),)
    ),
    "a section without text": lambda: Message((Section((), PICTURE),)),
    "a section of four": lambda: Message((Section((Text("x"),) * 4, PICTURE),)),
    "an empty gallery": lambda: Message((Gallery(()),)),
    "eleven pictures": lambda: Message((Gallery((PICTURE,) * 11),)),
    "a picture without words": lambda: Message((Gallery((Thumbnail("https://example.com", ""),)),)),
    "an empty container": lambda: Message((Container(()),)),
    "no colour": lambda: Message((Container((Text("x"),), 0x1000000),)),
    "a form without parts": lambda: Modal("m", "t", ()),
    "six fields": lambda: Modal("m", "t", tuple(label(TextInput(f"f{n}")) for n in range(6))),
    "a field twice": lambda: Modal("m", "t", (label(TextInput("f")), label(TextInput("f")))),
    "a form without title": lambda: Modal("m", "", (label(TextInput("f")),)),
    "a long title": lambda: Modal("m", "x" * 46, (label(TextInput("f")),)),
    "a form without custom_id": lambda: Modal("", "t", (label(TextInput("f")),)),
    "a form's long custom_id": lambda: Modal("x" * 101, "t", (label(TextInput("f")),)),
    "a long label": lambda: Modal("m", "t", (Label("x" * 46, TextInput("f")),)),
    "a long explanation": lambda: Modal("m", "t", (Label("x", TextInput("f"), "x" * 101),)),
    "a long value": lambda: Modal("m", "t", (label(TextInput("f", max_length=3, value="four")),)),
    "a length of nothing": lambda: Modal("m", "t", (label(TextInput("f", max_length=0)),)),
    "a length of 4001": lambda: Modal("m", "t", (label(TextInput("f", max_length=4001)),)),
    "lengths crossed": lambda: Modal("m", "t", (label(TextInput("f", min_length=9, max_length=8)),)),
    "a field's long placeholder": lambda: Modal("m", "t", (label(TextInput("f", placeholder="x" * 101)),)),
    "one radio": lambda: Modal("m", "t", (label(RadioGroup("f", options(1))),)),
    "eleven radios": lambda: Modal("m", "t", (label(RadioGroup("f", options(11))),)),
    "two radios on": lambda: Modal(
        "m",
        "t",
        (label(RadioGroup("f", tuple(SelectOption(x, x, default=True) for x in "ab"))),),
    ),
    "eleven boxes": lambda: Modal("m", "t", (label(CheckboxGroup("f", options(11))),)),
    "required, but none needed": lambda: Modal("m", "t", (label(CheckboxGroup("f", options(2), required=True)),)),
    "26 choices": lambda: Choices(tuple(Choice(str(n), n) for n in range(26))),
    "a choice without name": lambda: Choices((Choice("", 1),)),
    "a long choice": lambda: Choices((Choice("x" * 101, 1),)),
    "a choice's long value": lambda: Choices((Choice("x", "x" * 101),)),
}


@pytest.mark.parametrize("make", BREACHES.values(), ids=BREACHES)
def test_a_reply_that_breaks_a_limit_is_never_sent(make: Callable[[], Reply]):
    with pytest.raises(LimitError):
        render(make())


@given(
    texts=st.lists(st.text(min_size=1, max_size=1500), max_size=12),
    labels=st.lists(st.text(max_size=90), max_size=30),
    custom_ids=st.lists(st.text(max_size=101), min_size=30, max_size=30),
    accent=st.none() | st.integers(-1, 0x1000000),
)
def test_whatever_is_rendered_passes_the_second_look(
    texts: list[str], labels: list[str], custom_ids: list[str], accent: int | None
):
    try:
        sides = [
            Section((Text(label or "-"),), Button(label, name)) for label, name in zip(labels, custom_ids, strict=False)
        ]
        shown = render(Message((*map(Text, texts), *sides, Container((Text("end"),), accent))))
    except LimitError:
        return
    assert violations(shown) == []
    assert response_problems(shown) == []
