"""Any history of two members, after which one of them is deleted: the data of the other stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.privacy import actions as privacy
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from tests.actors import by
from tests.award.game import BEN
from tests.award.game import MISCOUNTED as BOARDS_MISCOUNTED
from tests.game.privacy.test_table import AS_ACTOR, ME, traces
from tests.stories.play import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stories.play import Play

ZEB = Member(ME, "Zebulon")

# What is Ben's, and what is everybody's, but for who gave it.
BENS: tuple[LiteralString, ...] = (
    "SELECT * FROM users WHERE user_id = 2",
    "SELECT * FROM xp_ledger WHERE user_id = 2 ORDER BY id",
    "SELECT * FROM xp_totals WHERE user_id = 2 ORDER BY period, board",
    "SELECT * FROM pending_xp_awards WHERE user_id = 2 ORDER BY award_id",
    "SELECT * FROM daily_records WHERE user_id = 2 ORDER BY day, stat",
    "SELECT * FROM users_stats WHERE user_id = 2 ORDER BY stat",
    "SELECT * FROM announcements WHERE user_id IS DISTINCT FROM 987654321987654321 ORDER BY key",
    "SELECT raid_id, status, target, total, rewarded_at FROM raid_events ORDER BY raid_id",
    "SELECT raid_id, source, stat, change, points FROM raid_contributions ORDER BY id",
)

# Each part gives a row for a counter that is not what a recount gives.
MISCOUNTED: LiteralString = (
    """
SELECT 'a faction''s total', concat_ws(' ', period, faction)
FROM (
    SELECT period, faction, sum(total) AS xp, count(*) FILTER (WHERE total > 0) AS active
    FROM xp_totals JOIN users USING (user_id)
    WHERE board = 'xp' AND (period = 'all' OR period LIKE '%-W%') AND NOT users.hidden GROUP BY 1, 2
) AS counted
FULL JOIN (
    SELECT period, faction, sum(xp) AS xp, sum(active) AS active FROM faction_totals GROUP BY 1, 2
) AS kept USING (period, faction)
WHERE coalesce(counted.xp, 0) <> coalesce(kept.xp, 0) OR coalesce(counted.active, 0) <> coalesce(kept.active, 0)
UNION ALL
"""  # noqa: S608 # both parts are written out here
    + BOARDS_MISCOUNTED
)


def tick(play: Play, member: Member, number: int) -> None:
    play.tick(member, f"challenge {number}")


def undo(play: Play, member: Member, _: int) -> None:
    query = "SELECT award_id FROM tensey_completions WHERE user_id = %s ORDER BY created_at DESC LIMIT 1"
    for (award_id,) in play.look.execute(query, [member.user_id]).fetchall():
        play.undo(award_id, member)


def submit(play: Play, member: Member, number: int) -> None:
    play.submit({"approaches": number}, member=member)


def edit(play: Play, member: Member, number: int) -> None:
    play.edit(play.card(member=member).today, {"approaches": number}, member=member)


def begin_raid(play: Play, member: Member, number: int) -> None:
    actor = by(member, next(play.interactions), ZONE)
    raids.start(play.main, actor, RaidType.WARRIOR, minutes=60, target=40 * number, tick_points=15)


def hide_or_show(play: Play, member: Member, number: int) -> None:
    settings.change(play.main, by(member, next(play.interactions), ZONE), SettingsChange(hidden=number % 2 == 0))


def move(play: Play, member: Member, number: int) -> None:
    zone = ("Asia/Tokyo", "Europe/Berlin", "UTC", "Pacific/Kiritimati", ZONE)[number % 5]
    settings.change(play.main, by(member, next(play.interactions), ZONE), SettingsChange(time_zone=zone))


def wait(play: Play, _: Member, __: int) -> None:
    play.a_minute_later()
    challenges.sweep(play.award, Deadline.after(60))
    raids.sweep(play.award, Deadline.after(60))


ACTIONS: tuple[Callable[[Play, Member, int], None], ...] = (
    tick,
    undo,
    submit,
    edit,
    begin_raid,
    hide_or_show,
    move,
    wait,
)
histories = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from((ZEB, ZEB, BEN)), st.integers(1, 6)), min_size=5, max_size=30
)


@pytest.mark.prove
@configured(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_deleting_a_member_leaves_the_others_unchanged(
    play: Play, history: list[tuple[Callable[[Play, Member, int], None], Member, int]]
):
    play.clean()
    play.tick(BEN, "first")
    for action, member, number in history:
        try:
            action(play, member, number)
        except MemberMistake:
            continue
    before = [play.look.execute(query).fetchall() for query in BENS]
    privacy.delete(play.main, by(Member(ME, ""), next(play.interactions)))
    assert [play.look.execute(query).fetchall() for query in BENS] == before
    assert [one for one in traces(play.look) if one not in AS_ACTOR] == []
    assert play.look.execute(MISCOUNTED).fetchall() == []
    assert play.broken() == []
    play.check()
    wait(play, BEN, 0)
    assert [one for one in traces(play.look) if one not in AS_ACTOR] == []
    play.check()
