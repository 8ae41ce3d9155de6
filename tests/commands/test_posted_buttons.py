"""The buttons that `ops post-buttons` pins in a channel open a private copy for each member who taps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mastermind.bot.stale import FRESH
from ops.button_messages import LEADERBOARD, LIST, START, Post
from tests.commands.playing import ALEX, SAM, labels, unrevised

if TYPE_CHECKING:
    from tests.commands.playing import Bot
    from tests.conftest import Connection

MESSAGE = 4


@pytest.mark.parametrize("post", [LIST, LEADERBOARD], ids=lambda post: post.name)
def test_a_tap_opens_a_message_for_its_member_alone_and_leaves_the_posted_one(tensey: Bot, post: Post):
    for member in (ALEX, SAM):
        answer = tensey.as_user(member).press(post.custom_id)
        assert (answer.status, answer.kind, answer.is_private) == (200, MESSAGE, True)
        assert answer.text != FRESH.format(typed=post.command)


def test_the_list_that_opens_is_the_members_own(tensey: Bot, owner: Connection):
    page = tensey.press(LIST.custom_id)
    assert unrevised(page)["data"] == unrevised(tensey.command("tenseylist"))["data"]
    tensey.tap(page, "Did it")
    assert "Undo it" in labels(tensey.press(LIST.custom_id))
    theirs = tensey.as_user(SAM).press(LIST.custom_id)
    assert "Undo it" not in labels(theirs)
    assert "/tenseylist" in tensey.as_user(SAM).tap(page, "Did it", 2).text
    assert owner.execute("SELECT count(*) FROM pending_xp_awards").fetchone() == (1,)


def test_who_taps_begin_gets_their_own_first_steps(main: Bot):
    page = main.press(START.custom_id)
    assert (page.kind, page.is_private) == (MESSAGE, True)
    assert page.text.startswith("## Welcome, Alex!")
    assert main.as_user(SAM).press(START.custom_id).text.startswith("## Welcome, Sam!")
