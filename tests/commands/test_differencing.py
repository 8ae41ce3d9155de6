"""Who looks before and after an act of somebody who keeps it to themselves cannot say how much it was.

Each test plays one script twice, with other amounts of the act that is kept, and reads every public answer after each
step: what is read must be the same. So it is whatever else happens between two looks, and however often they look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.discord_client import User
from mastermind.game.catalogue import content as stats
from mastermind.game.standings.rules import TENSEY, XP, Reach
from tests.commands.playing import ALEX, SAM, Bot
from tests.commands.test_leaderboard import do_challenges, give, meet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Connection

SECRET = SAM
OTHERS = [User(2_000 + number, f"Member {number}") for number in range(4)]
LATER = [User(3_000 + number, f"Newcomer {number}") for number in range(3)]
BOARDS = (XP, TENSEY, "approaches", "dates_had", "journal")
FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])

WHEN = re.compile(r"<t:\d+:\w>|raid \d+")


@dataclass(frozen=True)
class Step:
    """What happens between two looks: the member's own act, which is kept, or what somebody else does."""

    what: str
    who: int = 0
    amount: int = 0


acts = st.sampled_from(["xp", "challenge", "approaches", "dates_had", "overall_state"])
others_do = st.builds(
    Step, st.sampled_from(["hide", "show", "xp", "join", "leave", "look"]), st.integers(0, 3), st.integers(1, 600)
)
amounts = st.integers(1, 5_000)
scripts = st.lists(st.one_of(st.builds(Step, acts.map("secret {}".format)), others_do), min_size=2, max_size=6)


def everything_public(watcher: Bot) -> list[str]:
    """Each answer that shows figures, as the watcher reads it."""
    answers = [
        watcher.command("faction-stats"),
        watcher.command("tenseyleaderboard"),
        watcher.command("scorecard", {"user": SECRET}),
        watcher.command("scorecard", {"user": SECRET, "compare": OTHERS[0]}),
        watcher.command("scorecard"),
        *(watcher.command("leaderboard", {"board": board, "range": reach}) for board in BOARDS for reach in Reach),
    ]
    return [answer.text for answer in answers]


def log(owner: Connection, user: User, stat: str, count: int) -> None:
    """Count it today; without XP, which a visible member's XP would show."""
    owner.execute(
        "INSERT INTO booked_days (user_id, day, streak_share)"
        " SELECT user_id, local_day(now(), 'America/New_York'), 0 FROM users WHERE user_id = %s"
        " ON CONFLICT DO NOTHING",
        [user.id],
    )
    owner.execute(
        "INSERT INTO daily_records AS kept (user_id, day, stat, count, logged_late, xp, warrior, mage)"
        " VALUES (%s, local_day(now(), 'America/New_York'), %s, %s, false, 0, 0, 0)"
        " ON CONFLICT (user_id, day, stat) DO UPDATE SET count = least(kept.count + EXCLUDED.count, 10000)",
        [user.id, stat, count],
    )


def hide(owner: Connection, user: User, *, hidden: bool) -> None:
    owner.execute("UPDATE users SET hidden = %s WHERE user_id = %s", [hidden, user.id])


def happen(owner: Connection, step: Step, amount: int) -> None:
    other = OTHERS[step.who]
    match step.what.split():
        case ["secret", "xp"]:
            give(owner, {SECRET: amount})
        case ["secret", "challenge"]:
            do_challenges(owner, {SECRET: amount % 3 + 1})
        case ["secret", stat]:
            log(owner, SECRET, stat, amount)
        case ["hide" | "show" as word]:
            hide(owner, other, hidden=word == "hide")
        case ["xp"]:
            give(owner, {other: step.amount})
        case ["join"]:
            meet(owner, LATER[step.who % len(LATER)])
        case ["leave"]:
            owner.execute("SELECT delete_member(%s)", [LATER[step.who % len(LATER)].id])
        case _:
            pass


def watched(main: Bot, owner: Connection, script: list[Step], amount: int) -> list[list[str]]:
    """What is read before the script and after each of its steps."""
    watcher = main.as_user(ALEX)
    seen = [everything_public(watcher)]
    for step in script:
        happen(owner, step, amount)
        seen.append(everything_public(watcher))
    return seen


def people(owner: Connection) -> None:
    """Everybody has figures; nobody hides."""
    give(owner, {ALEX: 700, SECRET: 1_250})
    give(owner, {user: 100 * number for number, user in enumerate(OTHERS, 1)})
    for user in (ALEX, SECRET, *OTHERS):
        log(owner, user, "approaches", 2)


@FEW
@given(script=scripts, one=amounts, another=amounts)
def test_no_act_of_a_hidden_member_changes_what_others_see(
    main: Bot, owner: Connection, clean: Callable[[], None], script: list[Step], one: int, another: int
):
    def play(amount: int) -> list[list[str]]:
        clean()
        people(owner)
        for hidden in (True, False, True):  # what they had before is no secret
            hide(owner, SECRET, hidden=hidden)
        return watched(main, owner, script, amount)

    assert play(one) == play(another)


@FEW
@given(
    script=st.lists(
        st.one_of(st.sampled_from(sorted(stats.load().kept(()))).map("secret {}".format).map(Step), others_do),
        min_size=2,
        max_size=6,
    ),
    one=amounts,
    another=amounts,
)
def test_no_count_that_a_visible_member_keeps_changes_what_others_see(
    main: Bot, owner: Connection, clean: Callable[[], None], script: list[Step], one: int, another: int
):
    def play(amount: int) -> list[list[str]]:
        clean()
        people(owner)
        log(owner, SECRET, "dates_had", 1)  # that there is something logged is no secret either
        owner.execute("INSERT INTO shown_categories (user_id, category) VALUES (%s, 'dating')", [SECRET.id])
        owner.execute("DELETE FROM shown_categories")
        return watched(main, owner, script, amount)

    assert play(one) == play(another)


# --- raids: a part is known to a step, and never better ---

TARGET, STEP = 1_000, 50


def contribute(owner: Connection, user: User, points: int) -> None:
    owner.execute(
        "INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, day, change, points)"
        " SELECT raid_id, %s, 'stats', gen_random_uuid()::text, 'approaches', current_date, %s, %s FROM raid_events",
        [user.id, points, points],
    )


def start_raid(owner: Connection) -> None:
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, started_by, started_at, ends_at)"
        " VALUES ('warrior', %s, 15, 1, now(), now() + interval '4 hours')",
        [TARGET],
    )


def raid_status(watcher: Bot) -> str:
    """It, without times and the raid's number."""
    return WHEN.sub("", watcher.command("raid-status").text)


probes = st.lists(
    st.tuples(st.sampled_from(["watcher", "puppet", "hide", "show", "leave"]), st.integers(1, 24)), max_size=8
)


@FEW
@given(
    before=st.integers(1, 3), after=st.integers(0, 3), within=st.tuples(*[st.integers(0, STEP - 1)] * 4), probes=probes
)
def test_what_a_hidden_member_gave_to_a_raid_is_known_to_a_step_and_not_better(
    main: Bot,
    owner: Connection,
    clean: Callable[[], None],
    before: int,
    after: int,
    within: tuple[int, ...],
    probes: list[tuple[str, int]],
):
    """Whatever small parts of their own, shown or hidden, the watchers add between two looks."""

    def probe(watcher: Bot) -> list[str]:
        seen = [raid_status(watcher)]
        for what, amount in probes:
            puppet = OTHERS[1]
            if what == "watcher":
                contribute(owner, ALEX, amount)
            elif what == "puppet":
                contribute(owner, puppet, amount)
            elif what == "leave":
                owner.execute("SELECT delete_member(%s)", [OTHERS[2].id])
            else:
                hide(owner, puppet, hidden=what == "hide")
            seen.append(raid_status(watcher))
        return seen

    def play(first: int, then: int) -> list[str]:
        clean()
        people(owner)
        start_raid(owner)
        contribute(owner, OTHERS[2], 7)
        hide(owner, SECRET, hidden=True)
        contribute(owner, SECRET, first)
        seen = probe(main.as_user(ALEX))
        if then != first:
            contribute(owner, SECRET, then - first)
        return [*seen, *probe(main.as_user(ALEX))]

    low, high = before * STEP, (before + after) * STEP
    first, other = sorted(within[:2]), sorted(within[2:])
    assert play(low + first[0], high + first[1]) == play(low + other[0], high + other[1])


def test_the_watchers_own_part_is_exact_and_moves_by_what_they_give(main: Bot, owner: Connection):
    people(owner)
    start_raid(owner)
    hide(owner, SECRET, hidden=True)
    contribute(owner, SECRET, 123)
    for so_far in (13, 26, 39):
        contribute(owner, ALEX, 13)
        answer = main.as_user(ALEX).command("raid-status").text
        assert f"Alex has contributed **{so_far}** points." in answer
        assert "100 of 1,000 points" in answer


@pytest.mark.parametrize("board", sorted(stats.load().kept(()).difference(stats.load().values)))
def test_a_private_board_lists_who_shows_it_and_nobody_else(main: Bot, owner: Connection, board: str):
    people(owner)
    for user in (ALEX, SECRET):
        log(owner, user, board, 3)
    category = stats.load().stat(board).category
    owner.execute("INSERT INTO shown_categories (user_id, category) VALUES (%s, %s)", [ALEX.id, category])
    seen = main.as_user(ALEX).command("leaderboard", {"board": board})
    assert "1 member" in seen.text
    assert "Sam" not in seen.text
