"""What admins and operators do to members' data is told to all admins, once, without what was read or written there."""

from __future__ import annotations

import time
from copy import replace
from typing import TYPE_CHECKING

import pytest

from mastermind.deadline import Deadline
from mastermind.discord.commands import PLAIN
from mastermind.entrypoints.notify import NOTICE
from mastermind.game.audit import notices
from mastermind.game.audit.rules import MANY_XP, Act, Operator
from mastermind.game.exports import actions as exports
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.authority import Access
from mastermind.game.members.rules import Member, Subject
from mastermind.game.privacy import actions as privacy
from mastermind.parsing import parse
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.actors import by as member_by
from tests.relay.post import Post

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from tests.conftest import Connection, Enter

ADA, SAM = Member(7, "Ada"), Member(8, "Sam")
ADMIN = Access.ADMIN


def by(member: Member, interaction_id: int, access: Access = Access.EVERYONE) -> Actor:
    return replace(member_by(member, interaction_id), access=access)


class Stage:
    def __init__(self, owner: Connection, as_role: Enter) -> None:
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (8, 'Sam', 'UTC')")
        self.owner, self.main, self.conn, self.post = owner, as_role("app_main"), as_role("app_outbox"), Post()
        self.interaction = 0

    def told(self) -> list[Act]:
        """What the queue Notices got, after relay has looked twice."""
        for _ in range(2):
            Relay(kind.find_all(), Scene(0, ()), self.post, 42, 10, time.time).work(self.conn, Deadline.after(60))
        found = [parse(NOTICE, notice) for notice in self.post.notices]
        return [one for one in found if isinstance(one, Act)]

    def adjust(self, amount: int) -> None:
        self.interaction += 1
        ledger.adjust(self.main, by(ADA, self.interaction, access=ADMIN), Subject(8), amount, "for a reason")


@pytest.fixture(params=[False, True], ids=["without a bot", "with a bot"])
def stage(owner: Connection, as_role: Enter, request: pytest.FixtureRequest) -> Stage:
    owner.execute("UPDATE bot_status SET is_on = %s", [request.param])
    return Stage(owner, as_role)


def test_an_export_of_somebody_elses_data_is_told_once_however_often_it_is_delivered(stage: Stage):
    for _ in range(2):
        exports.export(stage.main, by(ADA, 1, access=ADMIN), Subject(8))
    exports.export(stage.main, by(SAM, 2))
    assert stage.told() == [Act("privacy.export", 7, "", 8)]


def test_an_operators_export_is_told_with_their_arn(stage: Stage):
    exports.export_for_operator(stage.main, Operator("arn:aws:iam::123456789012:user/kim", "request"), 8)
    (act,) = stage.told()
    assert act == Act("privacy.export", 0, "arn:aws:iam::123456789012:user/kim", 8)
    assert "The operator `arn:aws:iam::123456789012:user/kim` exported all data of <@8>." in notices.words(act)


def test_a_reset_is_told(stage: Stage):
    ledger.reset(stage.main, by(ADA, 1, access=ADMIN), Subject(8), "a reason that is theirs")
    assert stage.told() == [Act("stats.reset", 7, "", 8)]
    assert "reason" not in stage.post.notices[0]


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ([MANY_XP - 1], []),
        ([MANY_XP], [MANY_XP]),
        ([-MANY_XP], [-MANY_XP]),
        ([3_000, -1_999], []),
        ([3_000, 2_000, 1], [2_000, 1]),
    ],
    ids=str,
)
def test_a_large_sum_is_told_in_one_act_or_in_several_within_a_day(stage: Stage, amounts: list[int], told: list[int]):
    for amount in amounts:
        stage.adjust(amount)
    assert [act.xp for act in stage.told()] == told


def test_who_was_forgotten_meanwhile_is_not_named(stage: Stage):
    stage.adjust(MANY_XP)
    privacy.delete(stage.main, by(SAM, 99))
    (act,) = stage.told()
    assert "gave 5,000 XP to somebody who has left." in notices.words(act)


def test_that_an_admin_had_themselves_deleted_is_told_without_their_name(stage: Stage):
    privacy.delete(stage.main, by(SAM, 99))
    privacy.delete(stage.main, by(ADA, 100, access=ADMIN))
    assert stage.told() == [notices.FORGOTTEN]
    assert "An admin had their data deleted" in notices.words(notices.FORGOTTEN)
    assert str(ADA.user_id) not in notices.words(notices.FORGOTTEN).replace("400", "")


def test_nobody_is_pinged():
    assert notices.message(Act("stats.reset", 7, "", 8), PLAIN)["allowed_mentions"] == {"parse": []}
