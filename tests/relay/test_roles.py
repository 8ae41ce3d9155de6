"""Roles: given and taken by what members have reached, one after the other, and never what the game did not give."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import AddRole, CheckRole, Outcome, RemoveRole, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.members.rules import Actor
from mastermind.game.roles import actions as roles
from mastermind.game.roles import table as records
from mastermind.postgres.exchange import exchange, transaction
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from mastermind.relay.kinds import role_sync
from tests.relay.post import Post

if TYPE_CHECKING:
    from mastermind.discord.requests import HandOver
    from tests.conftest import Enter

ANN, BEN, ADMIN = 1, 2, 9
FIVE, TEN, TWENTY = 105, 110, 120
XP = {1: 0, 5: 3000, 10: 11_000}


@dataclass
class Server:
    """The roles of members in Discord, and what it answers; `refuses` are the reasons why a role is not given."""

    roles: dict[int, set[int]] = field(default_factory=lambda: {ANN: set[int](), BEN: set[int]()})
    refuses: dict[int, str] = field(default_factory=dict[int, str])
    deleted: set[int] = field(default_factory=set[int])
    has_bot: bool = True
    asked: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])

    def answer(self, message: HandOver) -> Result:  # noqa: PLR0911 # one for each way it ends
        done = Result(message.id, Outcome.DONE, time.time(), status=204)
        match message.request:
            case AddRole() | RemoveRole() | CheckRole() if not self.has_bot:
                self.asked.append(("!", 0, 0))
                return replace(done, outcome=Outcome.REFUSED, status=403, code=50001, reason="Missing Access")
            case AddRole() | RemoveRole() | CheckRole() if message.request.role_id in self.deleted:
                self.asked.append(("!", 0, message.request.role_id))
                return replace(done, outcome=Outcome.GONE, status=404, code=10011, reason="it was deleted in Discord")
            case AddRole(user_id, role_id):
                self.asked.append(("+", user_id, role_id))
                if role_id in self.refuses:
                    return replace(done, outcome=Outcome.REFUSED, status=0, reason=self.refuses[role_id])
                if user_id not in self.roles:
                    return replace(done, outcome=Outcome.GONE, status=404, code=10007)
                if role_id in self.roles[user_id]:
                    return replace(done, roles=tuple(self.roles[user_id]))
                self.roles[user_id].add(role_id)
            case RemoveRole(user_id, role_id):
                self.asked.append(("-", user_id, role_id))
                self.roles[user_id].discard(role_id)
            case CheckRole(role_id):
                if role_id in self.refuses:
                    return replace(done, outcome=Outcome.REFUSED, status=0, reason=self.refuses[role_id])
            case _:
                return replace(done, outcome=Outcome.RETURNED)
        return done


class Stage:
    """relay under its own role with all of its kinds, and the owner who changes what members have."""

    def __init__(self, enter: Enter) -> None:
        self.conn, self.look, self.main = enter("app_outbox"), enter(OWNER), enter("app_main")
        self.post, self.server = Post(), Server()
        scene = Scene(0, frozenset(AnnouncementKind), gives_roles=True)
        self.relay = Relay(kind.find_all(), scene, self.post, 42, 2, time.time)
        self.look.execute("UPDATE bot_status SET is_on = true, asked_at = 'epoch'")
        for user_id in (ANN, BEN):
            self.look.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'A', 'UTC')", [user_id])

    def add(self, role_id: int, least: int, kind: str = "level", *, keeps_lower: bool = False) -> None:
        self.look.execute(
            "INSERT INTO game_roles (role_id, kind, least, keeps_lower, added_by) VALUES (%s, %s, %s, %s, %s)",
            [role_id, kind, least, keeps_lower, ADMIN],
        )

    def reach(self, level: int, user_id: int = ANN) -> None:
        self.look.execute("UPDATE users SET xp = %s WHERE user_id = %s", [XP[level], user_id])

    def see(self, user_id: int = ANN) -> None:
        """An interaction of that member."""
        with exchange(self.main), transaction(self.main):
            seen = sorted(self.server.roles.get(user_id, set()))
            self.main.execute("SELECT note_roles(%(user)s, %(seen)s::bigint[])", {"user": user_id, "seen": seen})

    def later(self) -> None:
        self.look.execute("UPDATE member_roles SET checked_at = checked_at - interval '2 minutes'")
        self.look.execute("UPDATE role_state SET changed_at = changed_at - interval '2 minutes'")

    def run(self) -> None:
        """Until nothing is left to do."""
        for _ in range(12):
            self.relay.work(self.conn, Deadline.after(60))
            waiting, self.post.waiting = self.post.waiting, []
            for message in waiting:
                self.relay.book(self.conn, self.server.answer(message), Deadline.after(60))

    def due(self) -> int:
        found = self.look.execute("SELECT count(*) FROM outbox WHERE state = 'due'").fetchone()
        return int(found[0]) if found else 0


@pytest.fixture
def stage(as_role: Enter) -> Stage:
    return Stage(as_role)


def test_a_level_gives_its_role_and_takes_the_one_below(stage: Stage):
    stage.add(FIVE, 5)
    stage.add(TEN, 10)
    stage.reach(5)
    stage.run()
    assert stage.server.roles[ANN] == {FIVE}
    stage.reach(10)
    stage.run()
    assert stage.server.roles[ANN] == {TEN}
    assert stage.server.asked == [("+", ANN, FIVE), ("+", ANN, TEN), ("-", ANN, FIVE)]


def test_a_level_that_is_lost_takes_its_role(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.reach(1)
    stage.run()
    assert stage.server.roles[ANN] == set()


@pytest.mark.parametrize(
    ("kind", "least", "name", "reached", "lost"),
    [
        ("class", 0, "Social Squire", "xp = 3000", "xp = 0"),
        ("faction", 0, "Noctivores", "faction = 'Noctivores'", "faction = 'Luminarchs'"),
        (
            "challenges",
            20,
            "",
            "social_freedom_exercises_tenseys = 20",
            "social_freedom_exercises_tenseys = 19",
        ),
    ],
)
def test_a_role_comes_and_goes_with_what_it_is_for(
    stage: Stage, kind: str, least: int, name: str, reached: str, lost: str
):
    stage.look.execute(
        "INSERT INTO game_roles (role_id, kind, least, name, added_by) VALUES (%s, %s, %s, %s, %s)",
        [FIVE, kind, least, name, ADMIN],
    )
    for change, roles_now in ((reached, {FIVE}), (lost, set[int]())):
        stage.look.execute(f"UPDATE users SET {change} WHERE user_id = {ANN}".encode())  # noqa: S608
        stage.run()
        assert stage.server.roles[ANN] == roles_now


def test_all_of_a_kind_are_kept_where_the_admins_say_so(stage: Stage):
    stage.add(FIVE, 5, keeps_lower=True)
    stage.add(TEN, 10, keeps_lower=True)
    stage.reach(10)
    stage.run()
    assert stage.server.roles[ANN] == {FIVE, TEN}


def test_without_roles_of_the_game_nothing_is_written(stage: Stage):
    stage.reach(5)
    stage.see()
    assert stage.due() == 0


def test_a_role_that_somebody_had_before_is_never_taken(stage: Stage):
    stage.server.roles[ANN].add(FIVE)
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.reach(1)
    stage.run()
    assert stage.server.roles[ANN] == {FIVE}
    assert stage.server.asked == [("+", ANN, FIVE)]


def test_who_left_and_came_back_has_theirs_at_the_first_tap(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.server.roles[ANN] = set()
    stage.later()
    stage.see()
    stage.run()
    assert stage.server.roles[ANN] == {FIVE}
    stage.reach(1)
    stage.run()
    assert stage.server.roles[ANN] == set(), "it is still the game's"


def test_who_is_not_in_the_server_costs_one_request(stage: Stage):
    stage.add(FIVE, 5)
    del stage.server.roles[ANN]
    stage.reach(5)
    stage.run()
    assert stage.server.asked == [("+", ANN, FIVE)]
    stage.server.roles[ANN] = set()
    stage.later()
    stage.see()
    stage.run()
    assert stage.server.roles[ANN] == {FIVE}


def test_an_interaction_that_differs_in_nothing_writes_nothing(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.later()
    stage.see()
    assert stage.due() == 0


def test_a_role_that_is_refused_says_why_and_is_asked_for_once(stage: Stage):
    stage.add(FIVE, 5)
    stage.add(TEN, 10)
    stage.server.refuses[TEN] = "it has rights over others: Manage Roles"
    stage.reach(10)
    stage.run()
    assert stage.server.asked == [("+", ANN, TEN), ("+", ANN, FIVE)]
    assert stage.look.execute("SELECT role_id, refused FROM game_roles WHERE refused <> ''").fetchall() == [
        (TEN, "it has rights over others: Manage Roles")
    ]


def test_a_role_that_is_no_longer_the_games_is_taken_from_who_got_it(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.look.execute("DELETE FROM game_roles")
    stage.later()
    stage.see()
    stage.run()
    assert stage.server.roles[ANN] == set()


def test_a_streak_gives_a_role_and_its_end_takes_it(stage: Stage):
    stage.add(TWENTY, 1, "streak")
    stage.look.execute(
        "INSERT INTO booked_days (user_id, day, streak_share) VALUES (1, (now() AT TIME ZONE 'UTC')::date, 0)"
    )
    stage.look.execute(
        "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
        " VALUES (1, (now() AT TIME ZONE 'UTC')::date, 'approaches', 1, false, 0, 0, 0)"
    )
    stage.run()
    assert stage.server.roles[ANN] == {TWENTY}
    stage.look.execute("DELETE FROM daily_records")
    stage.run()
    assert stage.server.roles[ANN] == set()


def test_a_sync_checks_everybody_part_by_part_and_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(role_sync, "PART", 1)
    stage.reach(5)
    stage.reach(5, BEN)
    stage.add(FIVE, 5)
    stage.look.execute("UPDATE role_state SET sync_id = 1, started_at = now(), members = 2")
    with exchange(stage.main), transaction(stage.main):
        roles.insert_part(stage.main, 1, 0)
    stage.relay.work(stage.conn, Deadline.after(60))
    found = stage.look.execute("SELECT done, differing, after_id, finished_at FROM role_state").fetchone()
    assert found == (1, 1, 1, None)
    stage.run()
    assert stage.server.roles == {ANN: {FIVE}, BEN: {FIVE}}
    done = stage.look.execute("SELECT done, differing, finished_at IS NOT NULL FROM role_state").fetchone()
    assert done == (2, 2, True)


# --- what may have happened in Discord meanwhile ---


def refusals(stage: Stage) -> list[tuple[int, str]]:
    return [(int(role), str(why)) for role, why in stage.look.execute(REFUSALS).fetchall()]


REFUSALS = "SELECT role_id, refused FROM game_roles WHERE refused <> '' ORDER BY role_id"


def test_a_role_that_was_deleted_in_discord_is_said_so_and_the_others_go_on(stage: Stage):
    stage.add(FIVE, 5)
    stage.add(TEN, 10)
    stage.server.deleted.add(TEN)
    stage.reach(10)
    stage.run()
    assert stage.server.roles[ANN] == {FIVE}
    assert refusals(stage) == [(TEN, "it was deleted in Discord")]


def test_a_deleted_role_that_somebody_had_is_let_go(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.run()
    stage.server.deleted.add(FIVE)
    stage.reach(1)
    stage.run()
    assert stage.server.asked == [("+", ANN, FIVE), ("!", 0, FIVE)]
    assert stage.look.execute("SELECT given FROM member_roles WHERE user_id = 1").fetchone() == ([],)


def test_a_bot_that_was_thrown_out_says_so_and_gives_all_once_it_is_back(stage: Stage):
    stage.add(FIVE, 5)
    stage.server.has_bot = False
    stage.reach(5)
    stage.reach(5, BEN)
    stage.run()
    assert refusals(stage) == [(FIVE, "the bot is not in the server")]
    assert len(stage.server.asked) <= 2, "it is not asked for in vain for each member"
    stage.server.has_bot = True
    begin_sync(stage, 1)
    stage.run()
    assert stage.server.roles == {ANN: {FIVE}, BEN: {FIVE}}


def begin_sync(stage: Stage, sync_id: int) -> None:
    with exchange(stage.main), transaction(stage.main):
        records.try_again(stage.main)
        records.begin_sync(stage.main, sync_id - 1)
        roles.insert_part(stage.main, sync_id, 0)


def test_who_is_deleted_while_a_role_is_on_its_way_leaves_nothing_behind(stage: Stage):
    stage.add(FIVE, 5)
    stage.reach(5)
    stage.reach(5, BEN)
    stage.relay.work(stage.conn, Deadline.after(60))
    stage.look.execute("DELETE FROM users WHERE user_id = %s", [ANN])
    waiting, stage.post.waiting = stage.post.waiting, []
    for message in waiting:
        stage.relay.book(stage.conn, stage.server.answer(message), Deadline.after(60))
    stage.run()
    assert stage.look.execute("SELECT user_id FROM member_roles").fetchall() == [(BEN,)]
    assert stage.server.roles[BEN] == {FIVE}


def test_a_sync_whose_next_part_was_lost_goes_on_when_it_is_asked_for_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(role_sync, "PART", 1)
    stage.reach(5)
    stage.reach(5, BEN)
    stage.add(FIVE, 5)
    begin_sync(stage, 1)
    stage.relay.work(stage.conn, Deadline.after(60))
    stage.look.execute("DELETE FROM outbox WHERE kind = 'role_sync'")
    stage.run()
    assert stage.server.roles == {ANN: {FIVE}, BEN: set()}
    roles.sync(stage.main, Actor(ADMIN, "Ada", 77, "UTC"))
    stage.run()
    assert stage.server.roles == {ANN: {FIVE}, BEN: {FIVE}}
    ended = stage.look.execute("SELECT sync_id, done, finished_at IS NOT NULL FROM role_state").fetchone()
    assert ended == (1, 3, True), "Ann and Ben, and Ada, who asked"
