"""/admin home: what waits, for admins and moderators; each line has the button that does the next thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.button_messages import HOME
from tests.commands.moderating import ADA, MESSAGE, MIA, UPDATE, meet
from tests.commands.playing import ALEX, SAM, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.commands.playing import Bot
    from tests.conftest import Connection

FLAG = (
    "INSERT INTO content_flags (user_id, interaction_id, source, source_id, categories, excerpt, in_need)"
    " VALUES (%s, 1, 'course.question', '1', %s, 'words', %s)"
)
QUESTION = "INSERT INTO course_questions (user_id, nonce, question) VALUES (%s, 1, 'How do I begin?')"
THIS_WEEK = (
    "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
    " SELECT %s, 100, 'award', 'tensey', gen_random_uuid()::text, first_day FROM period_now('week', 'America/New_York')"
)


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


@pytest.fixture
def moderator(main: Bot) -> Bot:
    return main.as_user(MIA)


def opened(bot: Bot) -> Answer:
    answer = bot.command("admin home")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def flag(owner: Connection, *, in_need: bool) -> None:
    owner.execute(FLAG, [ALEX.id, ["despair" if in_need else "insult"], in_need])


def test_nobody_waits_in_a_new_game(admin: Bot):
    page = opened(admin)
    assert "Nobody is waiting for you" in page.text
    assert "**This week so far:** quiet" in page.text
    assert labels(page) == ["Look closer", "Refresh"]


def test_somebody_in_need_stands_first_and_their_flag_is_one_tap_away(moderator: Bot, owner: Connection):
    meet(owner, ALEX)
    flag(owner, in_need=True)
    page = opened(moderator)
    assert page.text.index("Somebody needs a kind word") < page.text.index("This week")
    listed = moderator.tap(page, "Read flags")
    assert (listed.kind, listed.is_private) == (MESSAGE, True)
    assert any(label.startswith("Resolve") for label in labels(listed))


def test_a_moderator_sees_what_they_may_act_on_and_no_more(moderator: Bot, admin: Bot, owner: Connection):
    meet(owner, ALEX)
    flag(owner, in_need=False)
    owner.execute(QUESTION, [ALEX.id])
    assert labels(opened(moderator)) == ["Read flags", "Refresh"]
    assert labels(opened(admin)) == ["Read flags", "Answer", "Look closer", "Refresh"]


def test_what_was_done_is_gone_from_it(admin: Bot, owner: Connection):
    meet(owner, ALEX)
    flag(owner, in_need=False)
    page = opened(admin)
    admin.tap(admin.tap(page, "Read flags"), "Dismiss")
    fresh = admin.tap(page, "Refresh")
    assert fresh.kind == UPDATE
    assert "Nobody is waiting for you" in fresh.text


@pytest.mark.parametrize(("members", "shown"), [(4, "fewer than 5 members active"), (5, "5 members active, 500 XP")])
def test_so_few_members_are_no_figure(admin: Bot, owner: Connection, members: int, shown: str):
    for user_id in range(1, members + 1):
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Sam', 'UTC')", [user_id])
        owner.execute(THIS_WEEK, [user_id])
    assert f"**This week so far:** {shown}" in opened(admin).text


def test_hidden_members_are_not_counted(admin: Bot, owner: Connection):
    for user_id in range(1, 7):
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Sam', 'UTC')", [user_id])
        owner.execute(THIS_WEEK, [user_id])
    owner.execute("UPDATE users SET hidden = true WHERE user_id = 1")
    assert "5 members active, 500 XP" in opened(admin).text


def test_the_posted_button_opens_it_for_the_team_alone(main: Bot, moderator: Bot):
    answer = moderator.press(HOME.custom_id)
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    assert "What waits for you" in answer.text
    assert "for the moderators" in main.as_user(SAM).press(HOME.custom_id).text
