"""What admins chose in Discord is in force once Discord was asked, and the deploy's again when it is gone."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import AddRole, CheckRole, CreateMessage, Outcome, Result
from mastermind.errors import MemberMistake, Unavailable
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.members.rules import Actor
from mastermind.game.roles import actions as roles
from mastermind.game.roles.rules import GameRole, RoleKind
from mastermind.game.server_settings import actions as server_settings
from mastermind.game.server_settings.rules import CHANNEL, MODERATORS
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Post, words

if TYPE_CHECKING:
    from mastermind.discord.requests import HandOver, Request
    from tests.conftest import Enter

ADMIN = 9
DEPLOYED, CHOSEN, OTHER = 5, 6, 7
ROLE = 7_000

DONE = Result("", Outcome.DONE, 0, message_id=1)


class Stage:
    """relay under its own role with all of its kinds, between an admin and Discord."""

    def __init__(self, enter: Enter, deployed: int = DEPLOYED) -> None:
        self.conn, self.look, self.main = enter("app_outbox"), enter(OWNER), enter("app_main")
        self.post, self.number = Post(), 100
        scene = Scene(deployed, frozenset(AnnouncementKind) - {AnnouncementKind.WEEK}, gives_roles=True)
        self.relay = Relay(kind.find_all(), scene, self.post, 42, 2, time.time)

    def actor(self) -> Actor:
        self.number += 1
        return Actor(ADMIN, "Ada", self.number, "UTC")

    def choose(self, name: str, target: int) -> None:
        server_settings.ask(self.main, self.actor(), name, target)

    def work(self) -> None:
        self.relay.work(self.conn, Deadline.after(60))

    def round(self, *answers: Result) -> list[Request]:
        """One minute of everything; what was asked of Discord in it. Without an answer of the test all goes well."""
        self.work()
        said, asked = list(answers), list["Request"]()
        waiting, self.post.waiting = self.post.waiting, []
        for message in waiting:
            if message.request:
                asked.append(message.request)
            self.relay.book(self.conn, _named(message, said.pop(0) if said else DONE), Deadline.after(60))
        return asked

    def rows(self) -> list[tuple[object, ...]]:
        return self.look.execute("SELECT name, value, asked, refused FROM game_settings ORDER BY name").fetchall()

    def notices(self) -> list[dict[str, object]]:
        """What the admins were told of settings."""
        told = map(json.loads, self.post.notices)
        return [each for each in told if each.get("kind") == "unusable"]

    def milestone(self, done: int) -> None:
        """Ann has done so many challenges, which is announced."""
        self.look.execute("UPDATE users SET social_freedom_exercises_tenseys = %s WHERE user_id = 1", [done])
        self.look.execute(
            "INSERT INTO announcements (key, kind, user_id, details) VALUES (%s, 'milestone', 1, %s)",
            [f"milestone:1:{done}", json.dumps({"challenges": done, "listed": 303})],
        )

    def audited(self) -> tuple[object, ...] | None:
        """The last entry of the audit log."""
        return self.look.execute(
            "SELECT actor_id, action, before ->> 'value', after ->> 'value' FROM audit_log ORDER BY id DESC LIMIT 1"
        ).fetchone()


def _named(message: HandOver, result: Result) -> Result:
    return replace(result, id=message.id, at=time.time())


def refused(code: int = 0, reason: str = "") -> Result:
    return Result("", Outcome.REFUSED, 0, status=403 if code else 0, code=code, reason=reason)


def gone(code: int) -> Result:
    return Result("", Outcome.GONE, 0, status=404, code=code, reason="it was deleted in Discord")


def channels(asked: list[Request]) -> list[int]:
    return [request.channel_id for request in asked if isinstance(request, CreateMessage)]


@pytest.fixture
def stage(as_role: Enter) -> Stage:
    stage = Stage(as_role)
    stage.look.execute(
        "INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (9, 'Ada', 'UTC')"
    )
    stage.look.execute("UPDATE bot_status SET is_on = true, asked_at = 'epoch'")
    return stage


# --- the channel ---


def test_a_channel_gets_a_first_post_and_is_in_force_once_that_has_worked(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.milestone(10)
    asked = stage.round()
    assert sorted(channels(asked)) == [DEPLOYED, CHOSEN], "until then it is where it was"
    [first] = [one for one in asked if isinstance(one, CreateMessage) and one.channel_id == CHOSEN]
    assert "The game announces here from now on" in words(first.message)
    assert stage.rows() == [("channel", "6", None, None)]
    assert stage.audited() == (ADMIN, "server.take_effect", "default", "6")
    stage.milestone(50)
    assert channels(stage.round()) == [CHOSEN]


@pytest.mark.parametrize(("code", "right"), [(50001, "View Channel"), (50013, "Send Messages")])
def test_a_channel_in_which_the_bot_may_not_write_is_refused_with_the_permission_named(
    stage: Stage, code: int, right: str
):
    stage.choose(CHANNEL, CHOSEN)
    stage.round(refused(code))
    reason = f"my role lacks *{right}* in <#6>"
    assert stage.rows() == [("channel", None, "6", reason)]
    stage.round()
    stage.round()
    told = {"setting": "channel", "target_id": 6, "reason": reason, "is_kept": False, "kind": "unusable"}
    assert stage.notices() == [told]
    stage.milestone(10)
    assert channels(stage.round()) == [DEPLOYED]
    assert stage.look.execute("SELECT count(*) FROM missing_rights").fetchone() == (0,), "nothing needs that right"


def test_what_was_chosen_before_stays_when_another_channel_is_refused(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.round()
    stage.choose(CHANNEL, OTHER)
    stage.round(refused(50013))
    stage.milestone(10)
    assert channels(stage.round()) == [CHOSEN]
    assert [each["is_kept"] for each in stage.notices()] == [True]


def test_a_channel_that_is_deleted_falls_back_to_the_default_and_the_admins_are_notified_once(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.round()
    stage.milestone(10)
    assert channels(stage.round(gone(10003))) == [CHOSEN]
    assert stage.rows() == [("channel", None, "6", "it was deleted in Discord")]
    assert stage.audited() == (None, "server.fall_back", "6", "default")
    stage.milestone(50)
    assert channels(stage.round()) == [DEPLOYED]
    stage.round()
    assert len(stage.notices()) == 1


def test_what_the_queue_does_not_take_is_told_the_next_minute(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.round(refused(50013))
    notice = stage.post.notice

    def down(message: str, deadline: Deadline) -> None:
        del message, deadline
        raise Unavailable("the queue is down")

    stage.post.notice = down
    with pytest.raises(Unavailable):
        stage.work()
    stage.post.notice = notice
    stage.work()
    stage.work()
    assert len(stage.notices()) == 1


def test_a_message_that_is_deleted_is_no_channel_that_is(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.round()
    stage.milestone(10)
    stage.round(gone(10008))
    assert stage.rows() == [("channel", "6", None, None)]


def test_another_choice_in_between_is_not_overwritten_by_a_late_answer(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.work()
    stage.choose(CHANNEL, OTHER)
    assert channels(stage.round()) == [CHOSEN, OTHER]
    assert stage.rows() == [("channel", "7", None, None)]
    stage.choose(CHANNEL, CHOSEN)
    stage.work()
    server_settings.back_to_default(stage.main, stage.actor(), [CHANNEL])
    stage.round()
    assert stage.rows() == []


def test_a_check_that_is_never_answered_is_refused_after_an_hour(stage: Stage):
    stage.choose(CHANNEL, CHOSEN)
    stage.look.execute("UPDATE bot_status SET is_on = false")
    stage.look.execute("UPDATE outbox SET due_at = due_at - interval '2 hours'")
    stage.work()
    assert stage.rows() == [("channel", None, "6", "Discord could not be asked within an hour")]


def test_a_chosen_channel_announces_also_where_the_deploy_has_only_a_webhook(as_role: Enter, stage: Stage):
    bare = Stage(as_role, deployed=0)
    bare.choose(CHANNEL, CHOSEN)
    bare.round()
    bare.milestone(10)
    assert channels(bare.round()) == [CHOSEN]
    assert stage.post.notices == bare.post.notices == []


# --- what is announced ---


def test_what_is_turned_off_is_announced_no_more_and_what_is_on_is(stage: Stage):
    stage.look.execute("INSERT INTO game_settings (name, value) VALUES ('milestones', 'off')")
    stage.milestone(10)
    assert stage.round() == []
    assert stage.look.execute("SELECT status FROM announcements").fetchall() == [("silent",)]
    stage.look.execute("DELETE FROM game_settings")
    stage.milestone(50)
    assert channels(stage.round()) == [DEPLOYED]


def test_what_is_turned_off_after_it_was_put_into_the_outbox_is_not_said(stage: Stage):
    stage.milestone(10)
    stage.look.execute("UPDATE announcements SET status = 'sent', resolved_at = now()")
    stage.look.execute(
        "INSERT INTO outbox (key, kind, refs) VALUES ('milestone:1:10:x', 'announcement', %s)",
        [json.dumps({"of": "milestone:1:10"})],
    )
    stage.look.execute("INSERT INTO game_settings (name, value) VALUES ('milestones', 'off')")
    assert stage.round() == []
    assert stage.look.execute("SELECT state FROM outbox").fetchall() == [("lapsed",)]


# --- the moderators' role ---


def test_the_moderators_role_is_in_force_once_discord_has_nothing_against_it(stage: Stage):
    stage.choose(MODERATORS, ROLE)
    assert stage.round() == [CheckRole(ROLE, ADMIN, for_moderators=True)]
    assert stage.rows() == [("moderators", "7000", None, None)]
    assert stage.audited() == (ADMIN, "server.take_effect", "default", "7000")


def test_a_role_that_discord_objects_to_makes_nobody_a_moderator(stage: Stage):
    stage.choose(MODERATORS, ROLE)
    stage.round(refused(reason="it is not below the highest role of the admin who added it"))
    [(_, value, asked, reason)] = stage.rows()
    assert (value, asked) == (None, "7000")
    assert reason == "it is not below the highest role of the admin who chose it"


def test_a_role_that_is_deleted_is_noticed_within_a_day_and_the_admins_are_notified_once(stage: Stage):
    stage.choose(MODERATORS, ROLE)
    stage.round()
    assert stage.round(gone(10011)) == [CheckRole(ROLE, 0, for_moderators=True)]
    assert stage.rows() == [("moderators", None, "7000", "it was deleted in Discord")]
    assert stage.audited() == (None, "server.fall_back", "7000", "default")
    assert [stage.round(), stage.round()] == [[], []]
    assert [each["setting"] for each in stage.notices()] == ["moderators"]


def test_the_role_is_asked_about_once_a_day(stage: Stage):
    stage.choose(MODERATORS, ROLE)
    stage.round()
    assert [len(stage.round()), len(stage.round()), len(stage.round())] == [1, 0, 0]


def test_the_game_gives_nobody_the_moderators_role(stage: Stage):
    role = GameRole(ROLE, RoleKind.LEVEL, 1, "", keeps_lower=False, added_by=ADMIN)
    stage.choose(MODERATORS, ROLE)
    with pytest.raises(MemberMistake, match="nobody becomes one by playing"):
        roles.add(stage.main, stage.actor(), role)
    # Somebody else has added it at the same moment.
    stage.look.execute("INSERT INTO game_roles (role_id, kind, least, added_by) VALUES (7000, 'level', 1, 9)")
    stage.round()
    stage.look.execute("SELECT check_roles(1)")
    assert [one for one in stage.round() + stage.round() if isinstance(one, AddRole)] == []
    refusals = stage.look.execute("SELECT refused FROM game_roles").fetchall()
    assert refusals == [("it makes members moderators of the game",)]
