"""Every act on somebody, tried by everybody on everybody: who may do it, and who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MANAGE_GUILD, MODERATE_MEMBERS
from mastermind.game.audit.rules import ACTIONS
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.game.members.authority import ABOUT_YOU, ACTS, BOT, YOUR_OWN, Access
from tests.commands.moderating import meet
from tests.commands.playing import ADMIN_ROLE, MODERATOR_ROLE, OWNER, PLACE, Bot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devkit.discord_client import Answer
    from tests.conftest import Connection

    type Do = Callable[[Bot, User, int], Answer]
    """The act of a bot's user on somebody; the number is that of the row it is about."""

IN_ONE_CHANNEL = 1 << 13 | 1 << 28
"""MANAGE_MESSAGES and MANAGE_ROLES, which a channel's overwrite can give."""

MEMBERS = (User(1_500_000_000_000_000_001, "Alex"), User(1_500_000_000_000_000_002, "Sam", IN_ONE_CHANNEL))
MODERATORS = (
    User(1_500_000_000_000_000_003, "Mia", MODERATE_MEMBERS),
    User(1_500_000_000_000_000_004, "Ben", BAN_MEMBERS),
    User(1_500_000_000_000_000_005, "Max", IN_ONE_CHANNEL, roles=(MODERATOR_ROLE,)),
)
ADMINS = (
    User(1_500_000_000_000_000_006, "Ada", ADMINISTRATOR),
    User(1_500_000_000_000_000_007, "Kim", MANAGE_GUILD, roles=(MODERATOR_ROLE,)),
    User(1_500_000_000_000_000_008, "Jo", roles=(ADMIN_ROLE,)),
)
ROBOT = User(1_500_000_000_000_000_009, "Robot", ADMINISTRATOR, bot=True)
RANKS: Mapping[Access, tuple[User, ...]] = {
    Access.EVERYONE: MEMBERS,
    Access.MODERATOR: MODERATORS,
    Access.ADMIN: ADMINS,
    Access.OWNER: (OWNER,),
}
PEOPLE = tuple(user for users in RANKS.values() for user in users)
RANK = {user: rank for rank, users in RANKS.items() for user in users}


def warn(bot: Bot, subject: User, _: int) -> Answer:
    return bot.command("security warn", {"user": subject, "reason": "for a test"})


def adjust(bot: Bot, subject: User, _: int) -> Answer:
    return bot.command("admin adjust-xp", {"user": subject, "amount": 5, "reason": "for a test"})


def reset(bot: Bot, subject: User, _: int) -> Answer:
    form = bot.command("admin reset-stats", {"user": subject})
    return bot.fill(form, {"word": "RESET", "reason": "for a test"}) if form.kind == 9 else form


def export(bot: Bot, subject: User, _: int) -> Answer:
    return bot.command("security export-data", {"user": subject})


def answer(bot: Bot, _: User, number: int) -> Answer:
    return bot.command("admin course-answer", {"id": number, "text": f"By {bot.user.name}, for a test"})


def tap(path: str, action: str, *arguments: int) -> Do:
    """A button, whether or not the page shows it: its custom_id comes from the client."""
    return lambda bot, _, number: bot.press(custom_ids.make(path, action, bot.user.id, *arguments, number))


WAYS: Mapping[str, tuple[Access, Do]] = {
    "course.answer": (Access.ADMIN, answer),
    "flag.dismiss": (Access.MODERATOR, tap("security.flags", "dismiss", 1)),
    "flag.resolve": (Access.MODERATOR, tap("security.flags", "resolve", 1)),
    "moderation.confirm": (Access.MODERATOR, tap("security.warnings", "confirm", 0, 1)),
    "moderation.dismiss": (Access.ADMIN, tap("security.warnings", "dismiss", 0, 1)),
    "moderation.done": (Access.ADMIN, tap("security.warnings", "done", 0, 1)),
    "privacy.export": (Access.ADMIN, export),
    "stats.reset": (Access.ADMIN, reset),
    "warn.add": (Access.MODERATOR, warn),
    "warn.withdraw": (Access.MODERATOR, tap("security.warnings", "withdraw", 0, 1)),
    "xp.adjust": (Access.ADMIN, adjust),
}
"""Every act that can be done to somebody else: who may at all, and how."""

OWN = {
    "settings.announcements",
    "settings.direct_messages",
    "settings.reminders",
    "settings.rhythm",
    "settings.time_zone",
    "settings.visibility",
    "stats.delete",
    "stats.edit",
    "stats.undo",
}
"""What members do to themselves alone: no command takes anybody else for it."""

ON_NOBODY = {
    "backup.start",
    "outage.decide",
    "raid.cancel",
    "raid.start",
    "role.add",
    "role.remove",
    "role.sync",
    "server.change",
    "privacy.delete",
}
BY_THE_BOT = {"moderation.lift", "moderation.refused", "server.fall_back", "server.take_effect"}
"""What becomes later of an act of somebody's."""

BY_OPERATORS = {
    "awards.sweep",
    "database.give_up",
    "database.large_objects",
    "database.migrate",
    "database.restore",
    "database.try",
    "ledger.repair",
    "privacy.repeat",
    "queue.drop",
    "queue.redrive",
}
"""What is done outside of Discord alone (tests/ops/test_booked.py)."""

LOOKS = {"/security audit", "/security warnings", "/scorecard"}
"""Lines with a user that change nothing."""

NAMED = {"privacy.export", "stats.reset", "warn.add", "xp.adjust"}
"""Acts whose line names the subject, so that Discord says who that is."""

BY_RIGHT = {"moderation.confirm": ADMINISTRATOR | MODERATE_MEMBERS}
"""Acts that also take one of these permissions in Discord."""

TO_ONESELF = {"privacy.export": Access.ADMIN} | dict.fromkeys(
    ("course.answer", "stats.reset", "xp.adjust"), Access.OWNER
)
"""The least access that may do it to themselves; the others nobody may."""


def test_every_act_on_somebody_is_tried_here():
    assert set(ACTIONS) == WAYS.keys() | OWN | ON_NOBODY | BY_THE_BOT | BY_OPERATORS
    assert ACTS.keys() == WAYS.keys() | OWN
    lines = {"/security warn", "/admin adjust-xp", "/admin reset-stats", "/security export-data"}
    assert {line for line, type_ in options() if type_ is OptionType.USER} == lines | LOOKS


def options() -> Iterator[tuple[str, OptionType]]:
    for app in catalogue.APPS:
        for command in catalogue.commands(app):
            yield from ((f"/{command.name}", option.type) for option in command.options)
            for each in command.subcommands:
                yield from ((f"/{command.name} {each.name}", option.type) for option in each.options)


@pytest.fixture
def known(owner: Connection) -> None:
    owner.execute("UPDATE bot_status SET is_on = true")
    courses.seed(owner, course.load())
    meet(owner, *PEOPLE)


def rows_about(owner: Connection, subject: User, number: int) -> None:
    """A warning, a proposal, a flag and a question of somebody, all with that number."""
    row = {"user_id": subject.id, "name": subject.name, "number": number}
    owner.execute(
        "INSERT INTO user_warnings (id, user_id, display_name, strike, reason, given_by) OVERRIDING SYSTEM VALUE"
        " VALUES (%(number)s, %(user_id)s, %(name)s, 2, 'for a test', 1)",
        row,
    )
    owner.execute(
        "INSERT INTO user_moderation (id, user_id, warning_id, proposal) OVERRIDING SYSTEM VALUE"
        " VALUES (%(number)s, %(user_id)s, %(number)s, 'timeout')",
        row,
    )
    owner.execute(
        "INSERT INTO content_flags (id, user_id, interaction_id, source, source_id, categories, excerpt)"
        " OVERRIDING SYSTEM VALUE VALUES "
        "(%(number)s, %(user_id)s, %(number)s, 'course.question', %(number)s::text, '{threat}', 'for a test')",
        row,
    )
    owner.execute(
        "INSERT INTO course_questions (question_id, user_id, nonce, question)"
        " VALUES (%(number)s, %(user_id)s, %(number)s, 'Is it for a test?')",
        row,
    )


def may(action: str, actor: User, subject: User) -> bool:
    needed, _ = WAYS[action]
    if subject is actor:
        return RANK[actor] >= TO_ONESELF.get(action, 9)
    if RANK[actor] < needed or subject.bot:
        return False
    if action in BY_RIGHT and not actor.permissions & BY_RIGHT[action]:
        return False
    return action not in NAMED or RANK[subject] <= RANK[actor]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("action", WAYS)
def test_who_may_do_what_to_whom(main: Bot, owner: Connection, action: str):
    _, do = WAYS[action]
    subjects = (*PEOPLE, ROBOT) if action in NAMED else PEOPLE
    done = "SELECT count(*) FROM audit_log WHERE actor_id = %s AND action = %s AND subject_id = %s"
    for number, (actor, subject) in enumerate(((actor, each) for actor in PEOPLE for each in subjects), start=1):
        if action not in NAMED:
            rows_about(owner, subject, number)
        answered = do(main.as_user(actor), subject, number)
        found = owner.execute(done, [actor.id, action, subject.id]).fetchone()
        assert found == (may(action, actor, subject),), (actor.name, subject.name, answered.text)
        if not may(action, actor, subject):
            assert "Nothing was done" in answered.text or RANK[actor] < WAYS[action][0], answered.text


def test_a_refusal_says_whose_turn_it_is(main: Bot):
    mia, ada, olga = main.as_user(MODERATORS[0]), main.as_user(ADMINS[0]), OWNER
    assert warn(mia, ADMINS[0], 0).text.startswith(
        f"Nothing was done: <@{ADMINS[0].id}> is an admin, which is above you. It takes an admin."
    )
    assert "nobody is above the owner" in warn(ada, olga, 0).text
    assert warn(mia, mia.user, 0).text.startswith(ABOUT_YOU)
    assert warn(mia, ROBOT, 0).text.startswith(BOT)
    assert adjust(ada, ada.user, 0).text.startswith(YOUR_OWN)
    assert reset(ada, ada.user, 0).text.startswith(YOUR_OWN)


@pytest.mark.usefixtures("known")
def test_a_forged_form_resets_neither_the_owner_nor_oneself(main: Bot):
    ada = main.as_user(ADMINS[0])
    for subject in (OWNER, ada.user):
        forged = custom_ids.make("admin.reset-stats", "reset", ada.user.id, subject.id)
        answered = ada.send(discord.modal(PLACE, ada.user, forged, {"word": "RESET", "reason": "for a test"}))
        assert "Nothing was done" in answered.text
