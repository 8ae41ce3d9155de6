"""/security flags: moderators read what a rule has found, and say what they make of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.deadline import Deadline
from mastermind.discord.permissions import MODERATE_MEMBERS
from mastermind.game.flags import actions as flags
from mastermind.game.members.rules import Member
from mastermind.postgres.exchange import exchange, transaction
from tests.actors import by
from tests.commands.moderating import ADA, MAX, MESSAGE, MIA, UPDATE, log, meet
from tests.commands.playing import ALEX, PLACE, Bot, button, labels

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_client import Answer, User
    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection

    type Write = Callable[..., None]


@pytest.fixture
def moderator(main: Bot) -> Bot:
    return main.as_user(MIA)


@pytest.fixture
def write(main: Bot, owner: Connection) -> Write:
    """Alex writes something somewhere."""
    meet(owner, ALEX)
    numbers, interactions = count(), count(1)

    def store(text: str, source_id: str | None = None, source: str = "course.question") -> None:
        place = str(next(numbers)) if source_id is None else source_id

        def save(conn: Entered) -> None:
            with exchange(conn), transaction(conn):
                flags.look_at(conn, by(Member(ALEX.id, ALEX.name), next(interactions)), source, place, text)

        main.database.run(save, Deadline.after(60))

    return store


def opened(bot: Bot) -> Answer:
    answer = bot.command("security flags")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def stored(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT categories, excerpt, status, resolved_by FROM content_flags ORDER BY id").fetchall()


# --- making them ---


def test_text_that_matches_a_rule_is_flagged_with_it(write: Write, owner: Connection):
    write("How do I say hello?")
    write("I will hurt you, see https://e.org")
    assert stored(owner) == [(["threat", "link"], "I will hurt you, see https://e.org", "open", None)]


def test_the_same_place_is_flagged_once(write: Write, owner: Connection):
    write("I will hurt you", "7")
    write("I will hurt you", "7")
    assert len(stored(owner)) == 1


def test_a_long_text_is_cut_at_its_end(write: Write, owner: Connection):
    write("kill myself " * 300)
    assert len(str(stored(owner)[0][1])) == 1000


# --- looking ---


def test_without_flags_it_says_so(moderator: Bot):
    page = opened(moderator)
    assert "Nothing is waiting to be looked at." in page.text
    assert labels(page) == ["Refresh"]


def test_a_flag_shows_author_text_place_reason_and_buttons(moderator: Bot, write: Write):
    write("I will hurt you, *see* https://e.org")
    page = opened(moderator)
    assert "1 flag to look at, page 1 of 1" in page.text
    assert f"Threat, Link or invite**: <@{ALEX.id}> (Alex) in a question about the course" in page.text
    assert "> I will hurt you, \\*see\\* https\\://e.org" in page.text
    assert "-# Take it seriously" in page.text


def test_a_text_in_many_categories_names_three(moderator: Bot, write: Write):
    write("KILL MYSELF, HURT YOU, IDIOT, MY NUMBER IS, WWW.E.ORG")
    assert "💙 Worry about somebody, Threat, Disrespect and more**" in opened(moderator).text


def test_a_category_and_a_place_of_an_older_version_have_a_name_too(moderator: Bot, owner: Connection, write: Write):
    write("hurt you", source="old_place")
    owner.execute("UPDATE content_flags SET categories = '{old_kind}'")
    assert f"Old kind**: <@{ALEX.id}> (Alex) in old\\_place" in opened(moderator).text


def test_many_flags_are_paged_oldest_first(moderator: Bot, write: Write):
    for number in range(5):
        write(f"hurt you number {number}.")
    page = opened(moderator)
    assert "5 flags to look at, page 1 of 3" in page.text
    assert "number 0." in page.text
    page = moderator.tap(moderator.tap(page, "Next"), "Next")
    assert (page.kind, "number 4." in page.text, "Next" in labels(page)) == (UPDATE, True, False)
    assert "page 2 of 3" in moderator.tap(page, "Previous").text
    moderator.tap(page, "Dismiss")
    assert "page 2 of 2" in moderator.tap(page, "Refresh").text


def test_people_in_need_come_first(moderator: Bot, write: Write):
    for text in ("I will hurt you", "I want to die", 'He said "I want to die"'):
        write(text)
    page = opened(moderator)
    shown = f"{page.text}\n{moderator.tap(page, 'Next').text}".splitlines()
    assert [line.split(". ")[1][:5] for line in shown if line.startswith("**")] == ["💙 Wor", "Threa", "Worry"]


@pytest.mark.parametrize("words", ["x" * 600, "ä" * 600, "😀" * 600, "[a](https://e.org) <@1> **" * 30, "\n# a" * 9])
def test_a_full_page_of_any_text_fits_and_is_escaped(moderator: Bot, write: Write, words: str):
    for _ in range(5):
        write(f"hurt you {words}")
    page = opened(moderator)
    assert "](https://" not in page.text
    assert "<@1>" not in page.text
    assert "\n# " not in page.text


# --- deciding ---


@pytest.mark.parametrize(
    ("label", "status", "action"), [("Resolve", "resolved", "flag.resolve"), ("Dismiss", "dismissed", "flag.dismiss")]
)
def test_a_decision_removes_the_flag_from_the_list_and_is_audited(
    moderator: Bot, owner: Connection, write: Write, label: str, status: str, action: str
):
    write("I will hurt you")
    answer = moderator.tap(opened(moderator), label)
    assert answer.kind == UPDATE
    assert f": {status}.**" in answer.text
    assert "Nothing is waiting to be looked at." in answer.text
    assert stored(owner)[0][2:] == (status, MIA.id)
    assert log(owner) == [(MIA.id, action, ALEX.id, {"flag": "open"}, {"flag": status}, "threat")]


def test_a_second_tap_says_it_is_already_decided(moderator: Bot, main: Bot, owner: Connection, write: Write):
    write("I will hurt you")
    page, others = opened(moderator), opened(main.as_user(MAX))
    moderator.tap(page, "Resolve")
    for again in (moderator.tap(page, "Resolve"), main.as_user(MAX).tap(others, "Dismiss")):
        assert "was resolved before. Nothing has changed." in again.text
    assert (stored(owner)[0][2:], len(log(owner))) == (("resolved", MIA.id), 1)


def test_a_redelivered_decision_gets_the_same_answer(moderator: Bot, owner: Connection, write: Write):
    write("I will hurt you")
    tap = discord.component(PLACE, moderator.user, button(opened(moderator), "Resolve"))
    assert moderator.send(tap).text == moderator.send(tap).text
    assert len(log(owner)) == 1


def test_a_flag_goes_with_its_author(moderator: Bot, owner: Connection, write: Write):
    write("I will hurt you")
    page = opened(moderator)
    owner.execute("SELECT delete_member(%s)", [ALEX.id])
    assert moderator.tap(page, "Resolve").text == flags.GONE


# --- who may, and trouble ---


def test_an_own_flag_is_for_somebody_else_to_decide(main: Bot, moderator: Bot, write: Write):
    write("I will hurt you")
    page = opened(main.as_user(replace(ALEX, permissions=MODERATE_MEMBERS)))
    assert labels(page) == ["Refresh"]
    assert "another moderator or admin decides" in page.text
    assert button(opened(moderator), "Dismiss")


@pytest.mark.parametrize("user", [MIA, MAX, ADA])
def test_moderators_and_admins_may_see_flags(main: Bot, user: User):
    opened(main.as_user(user))
