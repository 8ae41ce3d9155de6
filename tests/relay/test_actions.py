"""What the game says by itself: once, true at hand-over, and never guessed, whatever fails in between."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import (
    AddRole,
    CreateMessage,
    DirectMessage,
    GetMember,
    HandOver,
    Outcome,
    Request,
    Result,
)
from mastermind.errors import Unavailable
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.outbox import table as outbox
from mastermind.game.outbox.rules import PATIENCE
from mastermind.game.outreach import lacking
from mastermind.game.outreach import table as outreach
from mastermind.game.outreach.rights import Needed, Right
from mastermind.postgres.exchange import exchange, transaction
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Entry, Kind, Line, Priority, Scene
from tests.relay.post import Discord, Post

if TYPE_CHECKING:
    from mastermind.game.outbox.rules import Ref
    from tests.conftest import Connection, Enter

ANN, BEN = 1, 2
MESSAGE: dict[str, object] = {"content": "Hello", "allowed_mentions": {"parse": []}}
ALL = frozenset(AnnouncementKind)


class Stage:
    """relay under its own role, with kinds that say what a test wants."""

    def __init__(self, enter: Enter) -> None:
        self.conn, self.look, self.main = enter("app_outbox"), enter(OWNER), enter("app_main")
        self.post = Post()
        self.discord = Discord(self.post, time.time)
        self.true, self.settled = True, list[tuple[str, Result | None]]()
        kinds = (
            Kind("ban", Priority.MODERATION, timedelta(hours=1), self.role, settled=self.note),
            Kind("greeting", Priority.NEWS, timedelta(hours=1), self.say, settled=self.note),
            Kind("line", Priority.NEWS, timedelta(minutes=5), self.line, is_edit=True),
            Kind("reminder", Priority.REMINDERS, timedelta(hours=1), self.direct, is_direct=True),
        )
        self.relay = Relay({kind.name: kind for kind in kinds}, Scene(0, ALL), self.post, 42, 2, time.time)
        self.switch(is_on=True)

    def switch(self, *, is_on: bool) -> None:
        self.look.execute("UPDATE bot_status SET is_on = %s, asked_at = 'epoch'", [is_on])

    def role(self, _conn: object, entry: Entry, _scene: Scene) -> Request | None:
        return AddRole(entry.user_id or 0, 9, 7, "a test") if self.true else None

    def say(self, _conn: object, _entry: Entry, _scene: Scene) -> Request | None:
        return CreateMessage(5, MESSAGE) if self.true else None

    def line(self, _conn: object, _entry: Entry, _scene: Scene) -> Line | None:
        return Line("+100 XP") if self.true else None

    def direct(self, _conn: object, entry: Entry, _scene: Scene) -> Request | None:
        return DirectMessage(entry.user_id or 0, 0, MESSAGE)

    def note(self, _conn: object, entry: Entry, result: Result | None) -> None:
        self.settled.append((entry.key, result))

    def want(self, kind: str, key: str, user_id: int | None = ANN, **refs: Ref) -> int:
        with exchange(self.main), transaction(self.main):
            inserted = outbox.insert(self.main, kind, key, user_id=user_id, refs=refs)
        return inserted.rowcount

    def work(self) -> None:
        self.relay.work(self.conn, Deadline.after(60))

    def book(self, *results: Result) -> None:
        for result in results:
            self.relay.book(self.conn, result, Deadline.after(60))

    def round(self) -> None:
        """One minute of everything."""
        self.work()
        self.book(*self.discord.answer_all())

    def pass_time(self, time: timedelta) -> None:
        """As if it were that much later, for the database and for Discord."""
        query: LiteralString = """
            UPDATE outbox SET due_at = due_at - %(t)s, handed_at = handed_at - %(t)s, deadline = deadline - %(t)s,
                asked_at = asked_at - %(t)s, retry_at = retry_at - %(t)s;
        """
        self.look.execute(query, {"t": time})
        self.look.execute("UPDATE direct_channels SET opened_at = opened_at - %(t)s", {"t": time})
        for place, message in enumerate(self.post.waiting):
            self.post.waiting[place] = replace(message, deadline=message.deadline - int(time.total_seconds()))

    def states(self) -> dict[str, str]:
        return dict(self.look.execute("SELECT key, state FROM outbox").fetchall())

    def value(self, query: LiteralString, *values: object) -> object:
        row = self.look.execute(query, values).fetchone()
        assert row
        return row[0]


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')")
    return Stage(as_role)


def test_what_is_wanted_is_said_once_and_its_message_is_known(stage: Stage):
    assert stage.want("greeting", "hello") == 1
    assert stage.want("greeting", "hello") == 0
    stage.round()
    stage.round()
    assert stage.discord.done == [CreateMessage(5, MESSAGE)]
    assert stage.states() == {"hello": "done"}
    assert stage.value("SELECT message_id FROM outbox") == 1
    assert [key for key, _ in stage.settled] == ["hello"]


def test_what_is_no_longer_true_at_hand_over_is_never_said(stage: Stage):
    stage.want("greeting", "hello")
    stage.true = False
    stage.round()
    assert (stage.states(), stage.post.waiting, stage.settled) == ({"hello": "lapsed"}, [], [("hello", None)])


def test_what_is_not_due_yet_waits(stage: Stage):
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    with exchange(stage.main), transaction(stage.main):
        outbox.insert(stage.main, "greeting", "later", due_at=in_an_hour)
    stage.round()
    assert stage.states() == {"later": "due"}
    stage.pass_time(timedelta(minutes=61))
    stage.round()
    assert stage.states() == {"later": "done"}


def test_what_is_of_no_interest_any_more_lapses(stage: Stage):
    stage.want("greeting", "hello")
    stage.pass_time(timedelta(hours=2))
    stage.round()
    assert (stage.states(), stage.settled) == ({"hello": "lapsed"}, [("hello", None)])


def test_nobody_gets_a_row_who_has_left_and_a_row_goes_with_its_member(stage: Stage):
    assert stage.want("greeting", "nobody", user_id=99) == 0
    stage.want("greeting", "hello")
    stage.look.execute("SELECT delete_member(1)")
    stage.round()
    assert (stage.states(), stage.discord.done) == ({}, [])


def test_moderation_goes_first_and_reminders_last(stage: Stage):
    stage.look.execute("INSERT INTO direct_channels (user_id, channel_id) VALUES (1, 5)")
    for kind in ("reminder", "greeting", "ban"):
        stage.want(kind, kind)
    stage.work()
    assert [message.key for message in stage.post.waiting] == ["ban", "greeting", "reminder"]


def test_at_most_fifty_wait_for_their_answer(stage: Stage):
    for number in range(60):
        stage.want("greeting", f"hello {number}", user_id=None)
    stage.work()
    stage.work()
    assert len(stage.post.waiting) == 50
    stage.book(*stage.discord.answer_all())
    stage.round()
    assert len(stage.discord.done) == 60


# --- a hand-over that is lost, doubled or late ---


@pytest.mark.parametrize("arrived", [True, False])
def test_a_hand_over_whose_answer_is_lost_is_found_by_a_question_and_said_once(stage: Stage, arrived: bool):
    stage.want("greeting", "hello")
    stage.post.refuses, stage.post.loses_answer = not arrived, arrived
    with pytest.raises(Unavailable):
        stage.work()
    stage.post.refuses = stage.post.loses_answer = False
    stage.work()
    assert stage.states() == {"hello": "handed"}
    for _ in range(3):
        stage.pass_time(timedelta(minutes=3))
        stage.round()
    assert stage.discord.done == [CreateMessage(5, MESSAGE)]
    assert stage.states() == {"hello": "done"}


def test_a_process_that_dies_between_row_and_queue_loses_nothing(stage: Stage):
    stage.want("greeting", "hello")
    dying = replace(stage.relay, ways=Dying())
    with pytest.raises(KeyboardInterrupt):
        dying.work(stage.conn, Deadline.after(60))
    stage.pass_time(timedelta(minutes=3))
    stage.round()
    stage.round()
    assert (len(stage.discord.done), stage.states()) == (1, {"hello": "done"})


class Dying(Post):
    def hand_over(self, message: HandOver, once: str, deadline: Deadline) -> None:
        del message, once, deadline
        raise KeyboardInterrupt


def test_a_question_waits_until_nothing_can_be_on_its_way(stage: Stage):
    stage.want("greeting", "hello")
    stage.work()
    stage.post.waiting.clear()
    stage.pass_time(timedelta(minutes=2, seconds=20))
    stage.work()
    assert stage.post.waiting == []
    stage.pass_time(timedelta(seconds=20))
    stage.work()
    (question,) = stage.post.waiting
    assert question.request is None
    stage.work()
    assert stage.post.waiting == [question], "it is not asked again at once"


def test_a_result_that_is_delivered_again_changes_nothing(stage: Stage):
    stage.want("greeting", "hello")
    stage.work()
    results = stage.discord.answer_all()
    stage.book(*results, *results)
    late = replace(results[0], outcome=Outcome.RETURNED)
    stage.book(late)
    assert (stage.states(), len(stage.settled)) == ({"hello": "done"}, 1)


def test_no_edit_says_what_became_of_another_request(stage: Stage):
    """interactions_main sends edits too: under the id of a time-out, one would have it taken for done."""
    stage.want("greeting", "hello")
    stage.work()
    message = stage.post.waiting.pop()
    stage.book(*(Result(message.id, outcome, 0.0, of_edit=True) for outcome in Outcome))
    assert (stage.states(), stage.settled) == ({"hello": "handed"}, [])
    stage.book(Result(message.id, Outcome.DONE, 0.0))
    assert stage.states() == {"hello": "done"}


def test_a_result_of_an_earlier_hand_over_says_nothing_of_the_present_one(stage: Stage):
    stage.want("greeting", "hello")
    stage.work()
    first = stage.post.waiting.pop()
    stage.book(Result(first.id, Outcome.RETURNED, 0.0))
    stage.work()
    assert stage.post.waiting[0].id != first.id
    assert stage.post.waiting[0].nonce == first.nonce
    stage.book(Result(first.id, Outcome.REFUSED, 0.0))
    assert stage.states() == {"hello": "handed"}


def test_what_is_unknown_is_listed_and_never_said_again(stage: Stage):
    stage.want("greeting", "hello")
    stage.work()
    message = stage.post.waiting.pop()
    stage.book(Result(message.id, Outcome.UNKNOWN, 0.0, reason="the answer was lost"))
    stage.pass_time(timedelta(minutes=30))
    stage.round()
    assert (stage.states(), stage.discord.done) == ({"hello": "unknown"}, [])
    (listed,) = outbox.trouble(stage.main, 10).fetchall()
    assert (listed.newest, listed.times, listed.state) == ("hello", 1, "unknown")
    assert listed.reason == "the answer was lost"
    stage.book(Result(message.id, Outcome.RETURNED, 0.0))
    assert stage.states() == {"hello": "unknown"}
    stage.book(Result(message.id, Outcome.DONE, 0.0))
    assert stage.states() == {"hello": "done"}


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.GONE])
def test_what_discord_refuses_is_over(stage: Stage, outcome: Outcome):
    stage.want("greeting", "hello")
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, outcome, 0.0, status=403, code=50013))
    assert stage.states() == {"hello": str(outcome)}
    assert stage.value("SELECT status || ' ' || code FROM outbox") == "403 50013"


def test_what_has_a_stopped_route_waits(stage: Stage):
    stage.want("greeting", "hello")
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.STOPPED, 0.0))
    stage.work()
    assert (stage.states(), stage.post.waiting) == ({"hello": "due"}, [])
    stage.pass_time(timedelta(minutes=11))
    stage.round()
    assert stage.states() == {"hello": "done"}


@pytest.mark.parametrize("name", ["", "x", "1", "1-", "-1", "1-1-1", "²-1", "999-1"])
def test_a_result_that_names_no_row_is_left_out(stage: Stage, name: str):
    stage.book(Result(name, Outcome.DONE, 0.0))


def test_two_processes_hand_nothing_over_twice(stage: Stage, as_role: Enter):
    stage.want("greeting", "hello")
    first, second = as_role("app_outbox"), as_role("app_outbox")
    with exchange(first):
        seen = outbox.due(first, ["greeting"], 10)
    (entry,) = seen.fetchall()
    assert outbox.hand_over(second, entry, PATIENCE).fetchone() is not None
    assert outbox.hand_over(first, entry, PATIENCE).fetchone() is None


def test_many_processes_hand_everything_over_once(stage: Stage, as_role: Enter):
    for number in range(30):
        stage.want("greeting", f"hello {number}", user_id=None)
    others = [as_role("app_outbox") for _ in range(4)]

    def work(conn: Connection) -> None:
        stage.relay.work(conn, Deadline.after(60))

    with ThreadPoolExecutor() as threads:
        list(threads.map(work, others))
    assert sorted(message.id for message in stage.post.waiting) == sorted({each.id for each in stage.post.waiting})
    stage.book(*stage.discord.answer_all())
    assert len(stage.discord.done) == 30


def test_a_member_who_is_being_changed_is_left_to_the_next_time(stage: Stage):
    stage.want("greeting", "hello")
    with stage.look.transaction():
        stage.look.execute("SELECT FROM users WHERE user_id = 1 FOR UPDATE")
        stage.work()
        assert stage.post.waiting == []
    stage.round()
    assert stage.states() == {"hello": "done"}


def test_a_kind_that_has_a_bug_holds_nobody_up(stage: Stage):
    def broken(_conn: object, _entry: Entry, _scene: Scene) -> Request | None:
        raise KeyError("of")

    stage.relay = replace(
        stage.relay,
        kinds={**stage.relay.kinds, "broken": Kind("broken", Priority.MODERATION, timedelta(hours=1), broken)},
    )
    stage.want("broken", "broken")
    stage.want("greeting", "hello")
    stage.round()
    assert stage.states() == {"broken": "due", "hello": "done"}


# --- the bot ---


def test_without_a_bot_nothing_waits_in_a_queue_and_it_is_asked_for_now_and_then(stage: Stage):
    stage.switch(is_on=False)
    stage.discord.has_token = False
    stage.want("greeting", "hello")
    stage.work()
    assert [(message.id, message.request) for message in stage.post.waiting] == [("0-0", None)]
    stage.round()
    assert (stage.states(), stage.post.waiting) == ({"hello": "due"}, [])
    stage.discord.has_token = True
    stage.look.execute("UPDATE bot_status SET asked_at = 'epoch'")
    stage.round()
    stage.round()
    assert stage.states() == {"hello": "done"}


def test_a_token_that_goes_in_the_middle_loses_nothing(stage: Stage):
    stage.want("greeting", "hello")
    stage.discord.has_token = False
    stage.round()
    assert stage.value("SELECT is_on FROM bot_status") is False
    assert stage.states() == {"hello": "due"}
    stage.discord.has_token = True
    stage.look.execute("UPDATE bot_status SET asked_at = 'epoch'")
    stage.round()
    stage.round()
    assert (stage.states(), len(stage.discord.done)) == ({"hello": "done"}, 1)


# --- direct messages ---


def test_the_channel_of_direct_messages_is_opened_once(stage: Stage):
    stage.want("reminder", "first")
    stage.round()
    stage.want("reminder", "second")
    stage.round()
    assert stage.discord.done == [DirectMessage(ANN, 0, MESSAGE), DirectMessage(ANN, 77, MESSAGE)]


def test_few_channels_are_opened_in_a_minute(stage: Stage):
    stage.look.execute(
        "INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'x', 'UTC' FROM generate_series(3, 5) n"
    )
    for member in range(1, 6):
        stage.want("reminder", f"to {member}", user_id=member)
    stage.round()
    assert len(stage.discord.done) == 2
    stage.pass_time(timedelta(minutes=2))
    stage.round()
    assert len(stage.discord.done) == 4


def test_who_has_closed_their_direct_messages_is_left_alone_until_they_say_otherwise(stage: Stage):
    stage.want("reminder", "first")
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.REFUSED, 0.0, status=403, code=50007))
    stage.want("reminder", "second")
    stage.round()
    assert (stage.states(), stage.discord.done) == ({"first": "refused", "second": "lapsed"}, [])
    with exchange(stage.main), transaction(stage.main):
        outreach.reopen(stage.main, ANN)
    stage.want("reminder", "third")
    stage.round()
    assert stage.states()["third"] == "done"


def test_a_channel_that_is_gone_is_opened_again_the_next_time(stage: Stage):
    stage.look.execute("INSERT INTO direct_channels (user_id, channel_id) VALUES (1, 5)")
    stage.want("reminder", "first")
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.GONE, 0.0, status=404, code=10003))
    stage.want("reminder", "second")
    stage.round()
    assert stage.discord.done == [DirectMessage(ANN, 0, MESSAGE)]


# --- rights that the bot lacks ---


def refuse(stage: Stage, key: str, code: int = 50013, kind: str = "greeting") -> None:
    stage.want(kind, key)
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.REFUSED, 0.0, status=403, code=code))


def lacked(stage: Stage) -> list[Needed]:
    return [one.needed for one in outreach.missing(stage.main, 10)]


def test_the_admins_are_notified_once_when_a_right_is_missing_and_again_after_it_was_mended(stage: Stage):
    refuse(stage, "first")
    assert lacked(stage) == [Needed(Right.POST, 5)]
    refuse(stage, "second")
    stage.work()
    assert stage.post.notices == [lacking.write(Needed(Right.POST, 5), 50013)]
    stage.want("greeting", "third")
    stage.round()
    assert lacked(stage) == []
    refuse(stage, "fourth")
    stage.work()
    assert len(stage.post.notices) == 2


def test_each_right_is_a_matter_of_its_own(stage: Stage):
    refuse(stage, "first", code=50001)
    refuse(stage, "role", kind="ban")
    stage.want("greeting", "second")
    stage.round()
    assert lacked(stage) == [Needed(Right.ROLES, 9)]
    assert len(stage.post.notices) == 2


def test_a_notice_that_the_queue_does_not_take_is_said_the_next_time(stage: Stage):
    refuse(stage, "first")
    notice, stage.post.notice = stage.post.notice, down
    with pytest.raises(Unavailable):
        stage.work()
    stage.post.notice = notice
    stage.work()
    stage.work()
    assert len(stage.post.notices) == 1


def down(message: str, deadline: Deadline) -> None:
    del message, deadline
    raise Unavailable("the queue is down")


@pytest.mark.parametrize("code", [50007, 50278, 0])
def test_other_refusals_lack_no_right(stage: Stage, code: int):
    refuse(stage, "first", code)
    stage.work()
    assert (lacked(stage), stage.post.notices) == ([], [])


def test_what_went_wrong_is_listed_by_what_it_was_and_closed_direct_messages_are_not(stage: Stage):
    for key in ("first", "second"):
        refuse(stage, key)
    refuse(stage, "third", code=50007, kind="reminder")
    (listed,) = outbox.trouble(stage.main, 10).fetchall()
    assert (listed.kind, listed.times, listed.newest, listed.code) == ("greeting", 2, "second", 50013)


# --- edits ---

KEEP: LiteralString = "INSERT INTO interaction_tokens (user_id, sealed, revision) VALUES (1, 'sealed', 'aB09')"


def test_an_edit_needs_no_bot_and_goes_to_the_answer_that_the_member_got_last(stage: Stage):
    stage.switch(is_on=False)
    stage.look.execute(KEEP)
    stage.want("line", "award")
    stage.work()
    (edit,) = stage.post.edits
    assert (edit.revision, edit.line, edit.application_id, edit.token) == ("aB09", "+100 XP", 42, "c2VhbGVk")
    stage.book(Result(edit.id, Outcome.DONE, 0.0, of_edit=True))
    assert stage.states() == {"award": "done"}
    assert stage.value("SELECT is_on FROM bot_status") is False


@pytest.mark.parametrize("expires", ["-1 second", None])
def test_an_edit_without_a_token_lapses(stage: Stage, expires: str | None):
    if expires:
        stage.look.execute(KEEP)
        stage.look.execute("UPDATE interaction_tokens SET expires_at = now() + %s::interval", [expires])
    stage.want("line", "award")
    stage.work()
    assert (stage.states(), stage.post.edits) == ({"award": "lapsed"}, [])


def test_an_edit_that_nobody_answers_is_sent_again_and_then_let_go(stage: Stage):
    stage.look.execute(KEEP)
    stage.want("line", "award")
    stage.work()
    stage.pass_time(timedelta(minutes=3))
    stage.work()
    assert len(stage.post.edits) == 2
    stage.pass_time(timedelta(minutes=3))
    stage.work()
    assert (len(stage.post.edits), stage.states()) == (2, {"award": "lapsed"})


def test_what_nobody_of_ours_can_compose_waits_for_a_version_that_can(stage: Stage):
    stage.want("of_another_version", "x")
    stage.round()
    assert stage.states() == {"x": "due"}


def test_a_question_about_a_member_comes_with_its_roles(stage: Stage):
    def ask(_conn: object, entry: Entry, _scene: Scene) -> Request:
        return GetMember(entry.user_id or 0)

    kind = Kind("member", Priority.NEWS, timedelta(hours=1), ask, settled=stage.note)
    stage.relay = replace(stage.relay, kinds={"member": kind})
    stage.want("member", "ann")
    stage.work()
    result = Result(stage.post.waiting.pop().id, Outcome.DONE, 0.0, roles=(5, 6))
    stage.book(result)
    assert stage.settled == [("ann", result)]
