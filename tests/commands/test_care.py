"""Words of despair in any text: a kind answer comes first, whatever becomes of the command."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import care
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.bot.dispatch import DIRECT_MESSAGE, WHO, WRONG_APPLICATION, WRONG_SERVER
from mastermind.discord.components import Text
from mastermind.discord.interactions import parse
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.discord.replies import Message, Modal, Update, render
from mastermind.entrypoints.endpoint import UNAVAILABLE
from mastermind.game.flags.rules import LONGEST_EXCERPT
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Limit, Pace
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, PLACE, Bot, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from mastermind.bot.commands import Command, Subcommand
    from mastermind.discord.replies import Reply
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

DESPAIR = "I feel better off dead"
KIND = "Thank you for writing that. You matter here."
HELPLINE = {"type": 2, "style": 5, "label": "Find a helpline", "url": "https://findahelpline.com"}
ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)


@pytest.fixture(params=catalogue.APPS)
def bot(request: pytest.FixtureRequest, enter_as: EnterAs) -> Bot:
    app: str = request.param
    return Bot(app, enter_as(f"app_{app}"))


@pytest.fixture
def away(main: Bot, postgres: Postgres) -> Bot:
    """The main application without its database."""
    return replace(main, database=Database(replace(postgres.settings("app_main"), port=9)))


def is_kind(answer: Answer) -> bool:
    return (answer.status, answer.kind, answer.is_private) == (200, 4, True) and (
        KIND in answer.text and HELPLINE in answer.parts() and "I am safe for now" in labels(answer)
    )


def with_a_text(bot: Bot) -> Iterator[tuple[str, Command | Subcommand, str]]:
    """Every option of the application in which a text can be typed."""
    for command in catalogue.commands(bot.app):
        for line, part in (
            (command.name, command),
            *((f"{command.name} {one.name}", one) for one in command.subcommands),
        ):
            yield from ((line, part, one.name) for one in part.options if one.type is OptionType.STRING)


def test_every_text_option_and_every_form_of_both_applications_is_looked_at(bot: Bot):
    for line, _, option in with_a_text(bot):
        assert is_kind(bot.command(line, {option: DESPAIR})), line
    for command in catalogue.commands(bot.app):
        forms = [
            (command.name, command.modals),
            *((f"{command.name}.{it.name}", it.modals) for it in command.subcommands),
        ]
        for path, action in ((path, action) for path, modals in forms for action in modals):
            answer = bot.send(discord.modal(PLACE, ALEX, f"1:{path}:{action}:0::", {"words": "hello", "box": DESPAIR}))
            assert is_kind(answer), path


def test_words_that_are_not_sent_yet_and_other_words_are_left_alone(bot: Bot):
    assert bot.typing("help" if bot.app == "main" else "tenseyleaderboard", "period", DESPAIR).kind == 8
    assert bot.notices.sent == []


def test_the_moderators_are_told_at_once_by_the_queue(bot: Bot):
    line, _, option = next(with_a_text(bot))
    payload = discord.command(PLACE, ALEX, line, {option: f"{DESPAIR}. {'x' * 2000}"})
    assert "A moderator of this server will read this." in bot.send(payload).text
    [said] = map(json.loads, bot.notices.sent)
    assert said == {
        "kind": "need",
        "interaction_id": int(str(payload["id"])),
        "user_id": ALEX.id,
        "place": f"/{line}",
        "categories": ["self_harm"],
        "excerpt": f"{DESPAIR}. {'x' * 2000}"[:LONGEST_EXCERPT],
    }


# --- whatever becomes of the command ---


def test_what_was_asked_is_asked_all_the_same(main: Bot, owner: Connection):
    form = main.command("course ask")
    answer = main.fill(form, {"question": f"{DESPAIR}. What can I do?"})
    assert is_kind(answer)
    assert answer.text.index(KIND) < answer.text.index("Question")
    flag = owner.execute("SELECT question, categories, in_need FROM course_questions, content_flags").fetchone()
    assert flag == (f"{DESPAIR}. What can I do?", ["self_harm"], True)


def test_a_form_that_is_refused_says_why_below(main: Bot, owner: Connection):
    form = main.tap(main.command("submit-stats"), "Core")
    answer = main.fill(form, {"approaches": DESPAIR})
    assert is_kind(answer)
    assert answer.text.index(KIND) < answer.text.index("This was not stored") < answer.text.index("I feel better off")
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (0,)


def test_without_its_database_it_is_just_as_kind(away: Bot):
    answer = away.command("course ask", {"question": DESPAIR})
    assert is_kind(answer)
    assert UNAVAILABLE in answer.text
    assert len(away.notices.sent) == 1


def test_no_limit_stands_in_its_way(main: Bot):
    hasty = replace(main, limits=dict.fromkeys(Pace, Limit(1, 3600, 1)))
    answers = [hasty.command("course ask", {"question": DESPAIR}) for _ in range(2)]
    assert all(map(is_kind, answers))
    assert "Too fast!" in answers[1].text


def test_a_command_for_admins_is_refused_kindly(main: Bot):
    answer = main.command("security warn", {"user": ALEX, "reason": DESPAIR})
    assert is_kind(answer)
    assert WHO[Access.MODERATOR] in answer.text


@pytest.mark.parametrize(
    ("place", "words", "told"),
    [
        (replace(PLACE, guild_id=None), DIRECT_MESSAGE, 0),
        (replace(PLACE, guild_id=7), WRONG_SERVER, 0),
        (replace(PLACE, application_id=7), WRONG_APPLICATION, 1),
    ],
)
def test_elsewhere_it_is_kind_too_and_our_moderators_hear_of_our_members(
    bot: Bot, place: discord.Place, words: str, told: int
):
    answer = bot.send(discord.command(place, ALEX, "gone", {"what": DESPAIR}))
    assert is_kind(answer)
    assert words in answer.text
    assert (len(bot.notices.sent), "A moderator of this server" in answer.text) == (told, bool(told))


def test_an_old_form_and_one_that_cannot_be_read_are_answered(main: Bot):
    old = main.send(discord.modal(PLACE, ALEX, "1:gone:away:0::", {"words": DESPAIR}))
    broken = main.send(discord.modal(PLACE, ALEX, "1:stats-edit:save:0::", {"words": DESPAIR}))
    assert is_kind(old)
    assert is_kind(broken)
    assert "This message is from an older version" in old.text
    assert care.UNREADABLE in broken.text


def test_an_answer_for_everybody_becomes_private(tensey: Bot):
    assert is_kind(tensey.command("tenseyleaderboard", {"period": DESPAIR}))


@pytest.mark.parametrize(
    ("reply", "below"),
    [
        (Message((Text("x" * 2000), Text("y" * 1999)), private=False), care.TOO_LONG),
        (Message(tuple(Text(f"{n}") for n in range(40))), care.TOO_LONG),
        (Update((Text("changed"),)), "changed"),
        (Modal("form", "Form", (Text("box"),)), care.A_FORM),
    ],
)
def test_whatever_a_command_answers_fits_below(reply: Reply, below: str):
    shown = discord.command(PLACE, ALEX, "course ask", {"question": DESPAIR})
    whole = json.dumps(render(care.Care(parse(json.dumps(shown).encode()), told=True).answer(reply)))
    assert KIND in whole
    assert below in whole


def test_when_the_moderators_cannot_be_told_it_promises_nothing(main: Bot):
    main.notices.down = True
    answer = main.command("course ask", {"question": DESPAIR})
    assert is_kind(answer)
    assert "A moderator" not in answer.text


def test_it_stays_on_top_when_the_command_is_tried_again(main: Bot, away: Bot, owner: Connection):
    failed = away.command("course ask", {"question": DESPAIR})
    done = main.tap(failed, "Try again")
    assert done.kind == 7
    assert (KIND in done.text, "Question" in done.text) == (True, True)
    assert owner.execute("SELECT question FROM course_questions").fetchall() == [(DESPAIR,)]
    assert len(main.notices.sent) == 1


# --- I am safe for now ---


def test_i_am_safe_is_answered_without_a_database_and_closes_nothing(main: Bot, away: Bot, owner: Connection):
    answer = main.command("course ask", {"question": DESPAIR})
    safe = away.tap(answer, "I am safe")
    assert (safe.kind, safe.is_private) == (4, True)
    assert "I'm glad you are here" in safe.text
    assert "A moderator will still read what you wrote." in safe.text
    assert owner.execute("SELECT status FROM content_flags").fetchone() == ("open",)


def test_in_the_other_application_it_is_answered_too(tensey: Bot):
    line, _, option = next(with_a_text(tensey))
    assert "I'm glad you are here" in tensey.tap(tensey.command(line, {option: DESPAIR}), "I am safe").text


def test_no_command_has_the_name_of_its_button():
    assert not [app for app in catalogue.APPS if care.PATH in catalogue.names(app)]
