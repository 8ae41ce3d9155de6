"""Forged custom_ids and form values get an ordinary answer, and change nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.bot.custom_ids import to_base62
from mastermind.bot.dispatch import WHO
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.game.members.authority import Access
from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX, PLACE, SAM, Bot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from devkit.discord_client import Answer
    from mastermind.bot.commands import Command, Form, Handler, Option
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

SEED, TIMES = 20260803, 5
CALM = {200, 400}

ARGUMENTS = (
    *("", "0", "1", "2", "-1", "+1", " 1", "1.5", "٣", "²", "x", "null", "DROP TABLE users", "%s", "9" * 25),
    *(str(2**31), str(2**53), str(2**63 - 1), str(2**63), str(SAM.id), str(ALEX.id)),
    *("20260101", "00010101", "99991231", "20260230", "20261301", "2026-01-01"),
    *("public", "private", "xp", "tensey", "week", "all", "core", "inner_work", "stats.edit", "module", "open", "done"),
    *("01890000-0000-7000-8000-000000000000", "c001", "lesson-1", "🦊"),
)
WRITTEN = (
    "",
    "1",
    "-1",
    "1e9",
    "9" * 20,
    "RESET",
    "DELETE",
    "x" * 1000,
    "🦊" * 500,
    "@everyone <@1> [a](b)\n# c",
    "'; --",
)
TYPED = (
    "today",
    "0 days ago",
    "999 days ago",
    "31 2",
    "2/30",
    "29 feb",
    "Satur",
    "99.99.",
    "0000-00-00",
    "UTC+99:59",
    "/",
)

FIGURES: LiteralString = """
SELECT
    (SELECT count(*) FROM audit_log WHERE action !~ '^(stats|settings)[.]'),
    (SELECT count(*) FROM raid_events WHERE status = 'active'),
    (SELECT count(*) FROM user_warnings WHERE withdrawn_at IS NULL),
    (SELECT count(*) FROM user_moderation WHERE status = 'open'),
    (SELECT count(*) FROM content_flags WHERE status = 'open'),
    (SELECT count(*) FROM course_questions WHERE answer IS NOT NULL),
    (SELECT xp FROM users WHERE user_id = %(sam)s)
"""

# What admins and moderators could decide on, all with the number 1 or near it; and Sam, who has something to lose.
ROWS: LiteralString = """
SELECT nextval('course_questions_question_id_seq'), nextval('content_flags_id_seq'), nextval('user_warnings_id_seq'),
    nextval('user_moderation_id_seq'), nextval('raid_events_raid_id_seq');
INSERT INTO users (user_id, display_name, time_zone) VALUES (%(sam)s, 'Sam', 'UTC');
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
VALUES (%(sam)s, 700, 'award', 'tensey', 'a', 'today');
INSERT INTO raid_events (raid_id, type, target, tick_points, ends_at) OVERRIDING SYSTEM VALUE
VALUES (1, 'warrior', 900, 15, clock_timestamp() + interval '1 hour');
INSERT INTO user_warnings (id, user_id, display_name, strike, reason, given_by) OVERRIDING SYSTEM VALUE
VALUES (1, %(sam)s, 'Sam', 2, 'rude', 1);
INSERT INTO user_moderation (id, user_id, warning_id, proposal) OVERRIDING SYSTEM VALUE
VALUES (1, %(sam)s, 1, 'timeout');
INSERT INTO content_flags (id, user_id, interaction_id, source, source_id, categories, excerpt) OVERRIDING SYSTEM VALUE
VALUES (1, %(sam)s, 1, 'course.question', '1', '{insult}', 'words');
INSERT INTO course_questions (question_id, user_id, nonce, question) VALUES (1, %(sam)s, 1, 'How do I begin with it?')
"""


@pytest.fixture(params=catalogue.APPS)
def bot(request: pytest.FixtureRequest, enter_as: EnterAs, owner: Connection) -> Bot:
    app: str = request.param
    courses.seed(owner, course.load())
    for statement in ROWS.split(";\n"):
        owner.execute(statement.encode(), {"sam": SAM.id})
    return Bot(app, enter_as(f"app_{app}"))


def actions(command: Command) -> Iterator[tuple[str, str, Access, bool]]:
    """Every action word of a command with its path: who may use it, and whether it belongs to a form."""
    parts: list[tuple[str, Access, Mapping[str, Handler], Mapping[str, Form]]] = [
        (command.name, command.access, command.components, command.modals)
    ]
    for each in command.subcommands:
        access = command.access if each.access is None else each.access
        parts.append((custom_ids.path(command.name, each.name), access, each.components, each.modals))
    for path, access, components, modals in parts:
        yield from ((path, action, access, False) for action in components)
        yield from ((path, action, access, True) for action in modals)


def forged(bot: Bot, user: User, path: str, action: str, *, form: bool, chance: random.Random) -> Answer:
    """The action of somebody who writes its custom_id themselves, as their own or as nobody's."""
    arguments = chance.choices(ARGUMENTS, k=chance.randrange(5))
    owner, key = chance.choice(("0", to_base62(user.id))), chance.choice(("", "1", to_base62(discord.snowflake())))
    custom_id = ":".join(("1", path, action, owner, chance.choice(("", "zzzz")), key, *arguments))[:100]
    if form:
        boxes = ("approaches", "overall_state", "word", "reason", "answer", "question", "zone")
        fields = {box: chance.choice(WRITTEN) for box in boxes}
        return bot.as_user(user).send(discord.modal(PLACE, user, custom_id, fields))
    values = chance.choice((None, [chance.choice(ARGUMENTS) or "a"]))
    return bot.as_user(user).send(discord.component(PLACE, user, custom_id, values))


def value(option: Option, chance: random.Random) -> discord.Value:
    """What no client of Discord's would let anybody type."""
    match option.type:
        case OptionType.STRING:
            return chance.choice(ARGUMENTS + WRITTEN + TYPED)
        case OptionType.BOOLEAN:
            return True
        case OptionType.USER:
            return chance.choice((ALEX, SAM, User(2**63 - 1, "\u3164"), User(1, "@everyone\n# x")))
        case OptionType.ROLE:
            return discord.NamedRole(chance.choice((1, 2**63 - 1)), "@everyone", chance.getrandbits(50))
        case OptionType.INTEGER:
            return chance.choice((0, 1, -1, 2**31, -(2**31), 2**53, -(2**53), chance.randrange(10_000)))


def lines(command: Command) -> Iterator[tuple[str, Sequence[Option]]]:
    if command.run:
        yield command.name, command.options
    yield from ((f"{command.name} {each.name}", each.options) for each in command.subcommands)


def test_any_typed_input_gets_a_proper_answer(bot: Bot):
    chance = random.Random(SEED)  # noqa: S311 # repeatable, not secret
    admin = bot.as_user(ADA)
    for typed, options in (line for command in catalogue.commands(bot.app) for line in lines(command)):
        for option in options:
            if option.autocomplete:
                answers = [admin.typing(typed, option.name, chance.choice(ARGUMENTS + TYPED)) for _ in range(TIMES)]
                assert {answer.status for answer in answers} == {200}
        for _ in range(TIMES * len(options)):
            chosen = [option for option in options if option.required or chance.random() < 0.5]
            given = {option.name: value(option, chance) for option in chosen}
            answer = admin.command(typed, given)
            assert answer.status in CALM, (typed, given)
            assert "Something went wrong" not in answer.text, (typed, given)


@pytest.mark.parametrize("user", [ALEX, MIA, ADA], ids=["member", "moderator", "admin"])
def test_any_custom_id_or_form_gets_a_proper_answer(bot: Bot, user: User):
    chance = random.Random(SEED)  # noqa: S311 # repeatable, not secret
    for command in catalogue.commands(bot.app):
        for path, action, _, form in actions(command):
            for _ in range(TIMES):
                answer = forged(bot, user, path, action, form=form, chance=chance)
                assert answer.status in CALM
                assert "Something went wrong" not in answer.text, (path, action)


def test_forged_custom_ids_give_no_access_to_a_command(bot: Bot, owner: Connection):
    chance = random.Random(SEED)  # noqa: S311 # repeatable, not secret
    before = owner.execute(FIGURES, {"sam": SAM.id}).fetchone()
    for command in catalogue.commands(bot.app):
        for path, action, access, form in actions(command):
            for user in (ALEX, MIA)[: 1 + (access > Access.MODERATOR)] if access else ():
                for _ in range(TIMES):
                    answer = forged(bot, user, path, action, form=form, chance=chance)
                    assert answer.text == WHO[access], (path, action, user.name)
                    assert answer.is_private
    assert owner.execute(FIGURES, {"sam": SAM.id}).fetchone() == before
