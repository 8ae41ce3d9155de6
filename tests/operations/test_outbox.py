"""The outbox against a stand-in of Discord that forgets nonces and counts what people have seen."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from devkit.discord_server.records import Role
from devkit.discord_server.server import Limit
from devkit.discord_server.trouble import blocked, error, limited, lost
from mastermind.deadline import Deadline
from mastermind.discord import permissions
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.discord.requests import (
    AddRole,
    Ban,
    CheckRole,
    CreateMessage,
    DeleteMessage,
    DirectMessage,
    EditMessage,
    GetMember,
    Message,
    Outcome,
    RemoveRole,
    Request,
    TimeOut,
    Unban,
)
from mastermind.gateways.documents import Kept
from mastermind.operations.outbox import rules
from mastermind.operations.outbox.calls import call
from mastermind.operations.outbox.pictures import MUST_BE_LEFT
from mastermind.operations.outbox.session import RESERVE
from mastermind.operations.outbox.state import STATE, state
from mastermind.pictures.alt_texts import alt_text
from mastermind.pictures.figures import write
from tests.operations.outbox_playground import (
    ALEX,
    BOTS,
    CHANNEL,
    GIVEN,
    GUILD,
    KIM,
    LOW,
    NOW,
    OWNER,
    PATIENCE,
    PNG,
    TOKEN,
    TOP,
    Playground,
    again,
    be_patient,
    said,
)
from tests.pictures.samples import CARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_server.trouble import Trouble
    from mastermind.operations.outbox.rules import Delivery


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    be_patient(monkeypatch)
    playground = Playground()
    yield playground
    playground.close()


# --- what is done ---


def test_a_message_is_written_once_and_its_id_comes_back(play: Playground):
    assert play.serve(play.delivery(said())) == []
    [posted] = play.community.messages
    assert posted.message == {"content": "Alex reached level 5", "allowed_mentions": {"parse": []}}
    assert (play.last.outcome, play.last.message_id, play.last.channel_id) == (Outcome.DONE, posted.id, CHANNEL)


def test_direct_messages_open_a_channel_once_and_its_id_comes_back(play: Playground):
    play.serve(play.delivery(DirectMessage(ALEX, 0, {"content": "Log now?"})))
    channel = play.last.channel_id
    play.serve(play.delivery(DirectMessage(ALEX, channel, {"content": "And today?"}), number=2))
    assert [one.message["content"] for one in play.community.direct_messages(ALEX)] == ["Log now?", "And today?"]
    assert play.server.asked("POST", "/users/@me/channels") == 1


LOUD: dict[str, object] = {"content": "@everyone", "allowed_mentions": {"parse": ["everyone", "roles", "users"]}}


def test_nobody_is_notified_whatever_is_in_the_queue(play: Playground):
    play.serve(play.delivery(CreateMessage(CHANNEL, LOUD)))
    play.serve(play.delivery(EditMessage(CHANNEL, play.last.message_id, LOUD), number=2))
    play.serve(play.delivery(DirectMessage(ALEX, 0, LOUD), number=3))
    sent = [*play.community.messages, *play.community.direct_messages(ALEX)]
    assert [one.message["allowed_mentions"] for one in sent] == [{"parse": []}] * len(sent)
    assert len(sent) >= 2


def test_messages_are_edited_and_deleted(play: Playground):
    play.serve(play.delivery(said()))
    written = play.last.message_id
    play.serve(play.delivery(EditMessage(CHANNEL, written, {"content": "undone"}), number=2))
    assert play.community.messages[0].message["content"] == "undone"
    play.serve(play.delivery(DeleteMessage(CHANNEL, written), number=3))
    assert play.community.messages[0].gone


def test_a_message_brings_its_picture_along(play: Playground):
    components = [{"type": 10, "content": "Alex reached level 5"}]
    play.serve(play.delivery(CreateMessage(CHANNEL, {"flags": 1 << 15, "components": components}, picture=write(CARD))))
    [posted] = play.community.messages
    gallery, words = posted.message["components"]
    [attachment] = posted.message["attachments"]
    assert gallery["items"][0]["media"]["url"] == attachment["url"]
    assert gallery["items"][0]["description"] == attachment["description"] == alt_text(CARD)
    assert play.community.files.read(attachment["id"], "card.png").content == PNG
    assert words == components[0]
    play.serve(play.delivery(DirectMessage(ALEX, 0, {"content": "Your week"}, picture=write(CARD)), number=2))
    [written] = play.community.direct_messages(ALEX)
    assert (written.message["content"], len(written.message["attachments"])) == ("Your week", 1)


def test_words_go_alone_when_their_picture_cannot_be_drawn(play: Playground, caplog: pytest.LogCaptureFixture):
    play.pencil.trouble = "pictures does not answer in time"
    play.serve(play.delivery(CreateMessage(CHANNEL, {"content": "Alex reached level 5"}, picture=write(CARD))))
    [posted] = play.community.messages
    assert "attachments" not in posted.message
    assert play.last.outcome is Outcome.DONE
    assert [record.message for record in caplog.records] == ["a picture is missing"]


def test_words_go_alone_when_no_time_is_left_to_draw(play: Playground):
    play.serve(
        play.delivery(CreateMessage(CHANNEL, {"content": "Alex reached level 5"}, picture=write(CARD))),
        seconds=MUST_BE_LEFT,
    )
    assert len(play.community.messages) == 1
    assert play.pencil.drawn == []


def test_roles_are_given_taken_and_read(play: Playground):
    play.serve(play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5")))
    play.serve(play.delivery(GetMember(ALEX), number=2))
    assert play.last.roles == (GIVEN,)
    play.serve(play.delivery(RemoveRole(ALEX, GIVEN, "undone"), number=3))
    assert play.community.members[ALEX].roles == set()
    assert [one["reason"] for one in play.community.audit] == ["level 5", "undone"]


def test_a_question_comes_back_unsent(play: Playground):
    play.serve(play.delivery(None))
    assert (play.last.outcome, list(play.server.requests)) == (Outcome.RETURNED, [])


def test_a_question_waits_behind_a_message_whose_result_could_not_be_sent(play: Playground):
    play.queue.breaks = 1
    asked, question = play.delivery(said()), play.delivery(None, number=2)
    assert play.serve(asked, question) == [asked.message_id, question.message_id]
    assert play.queue.results == [], "or relay would hand the message over again"
    assert play.serve(asked, question) == []
    assert [result.outcome for result in play.queue.results] == [Outcome.DONE, Outcome.RETURNED]


def test_what_is_past_its_deadline_comes_back_unsent(play: Playground):
    late = play.delivery(said(), patience=120)
    play.clock.now += 121
    play.serve(late)
    assert (play.last.outcome, list(play.server.requests)) == (Outcome.RETURNED, [])


def test_a_request_of_no_known_kind_is_refused(play: Playground):
    good = play.delivery(GetMember(ALEX))
    body = json.loads(good.body)
    body["request"]["operation"] = "DELETE /guilds/1000"
    play.serve(rules.Delivery("m", "r", json.dumps(body), 1, NOW, NOW))
    assert (play.last.id, play.last.outcome, list(play.server.requests)) == ("id-1", Outcome.REFUSED, [])


def test_what_is_no_message_becomes_a_dead_letter_soon_and_the_rest_is_done(play: Playground):
    bad = rules.Delivery("bad", "receipt", "no JSON", 1, NOW, NOW)
    assert play.serve(bad, play.delivery(said())) == ["bad"]
    assert play.queue.hidden == [(("receipt",), 0)]
    assert play.last.outcome is Outcome.DONE


# --- moderation ---


def test_moderation_is_done_by_who_stands_above(play: Playground):
    play.serve(play.delivery(TimeOut(ALEX, TOMORROW, KIM, "warning 7")))
    assert play.community.members[ALEX].until is not None
    play.serve(play.delivery(TimeOut(ALEX, 0, KIM, "withdrawn", ours=TOMORROW), number=2))
    assert play.community.members[ALEX].until is None
    play.serve(play.delivery(Ban(ALEX, KIM, "warning 8"), number=3))
    assert play.community.bans == {ALEX: "warning 8"}
    play.serve(play.delivery(Unban(ALEX, KIM, "withdrawn", "warning 8"), number=4))
    assert play.community.bans == {}


TOMORROW = int(NOW) + 86_400
NOTICE: Message = {"content": "A word before"}
BAN = Ban(ALEX, KIM, "warning 8", NOTICE)


def test_what_somebody_else_set_is_not_lifted(play: Playground):
    play.community.members[ALEX].until = "2030-01-01T00:00:00.000000+00:00"
    play.serve(play.delivery(TimeOut(ALEX, 0, KIM, "withdrawn", ours=TOMORROW)))
    assert "or somebody has changed it" in play.last.reason
    assert play.community.members[ALEX].until is not None
    play.community.bans[99] = "spam"
    play.serve(play.delivery(Unban(99, KIM, "withdrawn", "warning 8"), number=2))
    assert (play.last.outcome, play.last.reason) == (Outcome.REFUSED, "that ban is another one than was set here")
    assert play.community.bans == {99: "spam"}


@pytest.mark.parametrize("request_", [BAN, TimeOut(ALEX, TOMORROW, KIM, "warning 7", NOTICE)])
def test_they_are_written_to_before(play: Playground, request_: Request):
    play.serve(play.delivery(request_))
    assert play.last.outcome is Outcome.DONE
    assert [one.message["content"] for one in play.community.direct_messages(ALEX)] == ["A word before"]
    written, acted = [f"{method} {path}" for method, path in play.server.requests][-2:]
    assert written.endswith("/messages")
    assert acted.startswith(("PUT", "PATCH"))


def test_who_may_not_be_touched_is_not_written_to(play: Playground):
    play.serve(play.delivery(Ban(KIM, OWNER, "warning 8", NOTICE)))
    assert play.last.outcome is Outcome.REFUSED
    assert play.community.direct_messages(KIM) == []


@pytest.mark.parametrize("trouble", [lost(), lost(done=False), error(500), error(403, 50007), error(400)])
def test_a_direct_message_that_fails_delays_nothing(play: Playground, trouble: Trouble):
    play.server.script.add(trouble, of="/messages")
    play.serve(play.delivery(BAN))
    assert play.community.bans == {ALEX: "warning 8"}
    assert play.clock.now - NOW <= 4


@pytest.mark.parametrize("code", [50007, 50013])
def test_it_is_said_that_they_accept_no_direct_messages(play: Playground, code: int):
    play.server.script.add(error(403, code), of="/messages")
    play.serve(play.delivery(BAN))
    assert (play.last.outcome, play.last.closed) == (Outcome.DONE, code == 50007)


def test_what_was_given_back_by_a_process_that_died_then_is_not_sent(play: Playground):
    late = play.delivery(said())
    play.clock.now += 121
    play.serve(late)
    assert play.last.outcome is Outcome.RETURNED  # and it is handed over again
    play.restart()
    play.serve(again(late))
    assert (play.last.outcome, play.community.messages) == (Outcome.UNKNOWN, [])


def test_what_comes_back_says_whether_it_was_tried(play: Playground):
    late, tried = play.delivery(BAN), play.delivery(BAN, number=2)
    play.clock.now += 121
    play.serve(late)
    assert (play.last.outcome, play.last.untried) == (Outcome.RETURNED, True)
    play.serve(again(tried))  # the process that got it first has died
    assert (play.last.outcome, play.last.untried) == (Outcome.RETURNED, False)


@pytest.mark.parametrize(("of", "untried"), [("/guilds", True), ("/bans", False)])
def test_a_token_that_is_rotated_between_the_message_and_the_ban_is_no_second_message(
    play: Playground, of: str, *, untried: bool
):
    play.server.script.add(error(401), of=of)
    play.serve(play.delivery(BAN))
    assert (play.last.outcome, play.last.untried) == (Outcome.OFF, untried)
    assert play.community.seen("nonce-1") == (0 if untried else 1)


def test_a_ban_deletes_no_messages():
    assert call(BAN, "", GUILD).body == {"delete_message_seconds": 0}


def test_a_ban_that_is_delivered_again_writes_once(play: Playground):
    delivery = play.delivery(BAN)
    play.serve(delivery)
    play.restart()
    play.community.bans.clear()
    play.clock.now += 90
    play.serve(again(delivery))
    assert play.community.seen("nonce-1") == 1


def test_a_bot_without_the_permission_writes_nothing_and_says_what_it_lacks(play: Playground):
    play.community.roles[BOTS].permissions = 0
    play.serve(play.delivery(BAN))
    assert (play.last.outcome, play.last.code) == (Outcome.REFUSED, 50013)
    assert play.community.direct_messages(ALEX) == []


def test_an_administrator_cannot_be_timed_out(play: Playground):
    play.community.roles[LOW].permissions = ADMINISTRATOR
    play.community.members[ALEX].roles.add(LOW)
    play.serve(play.delivery(TimeOut(ALEX, TOMORROW, KIM, "warning 7")))
    assert "administrator" in play.last.reason


@pytest.mark.parametrize(
    ("target", "confirmer", "words"),
    [
        (KIM, OWNER, "the bot is not above"),
        (KIM, KIM, "the one who confirmed it is not above"),
        (OWNER, KIM, "the one who confirmed it is not above"),
        (ALEX, 99, "the one who confirmed it is not in the server"),
    ],
)
def test_nobody_at_or_above_the_confirmer_or_the_bot_is_touched(
    play: Playground, target: int, confirmer: int, words: str
):
    play.serve(play.delivery(Ban(target, confirmer, "warning 8")))
    assert play.last.outcome is Outcome.REFUSED
    assert words in play.last.reason
    assert play.community.bans == {}


# --- 429 of every kind ---


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
def test_a_429_is_the_patience_of_everybody(play: Playground, scope: str):
    play.server.script.add(limited(7.5, scope))
    first, second = play.delivery(said()), play.delivery(said("second"), number=2)
    assert play.serve(first, second) == ["message-1", "message-2"]
    assert play.queue.hidden == [(("receipt-1", "receipt-2"), 8)]
    assert len(play.server.requests) == 1
    assert play.memory.state.invalid == (0 if scope == "shared" else 1)
    play.restart()  # the pause is remembered outside the process
    assert play.serve(again(first)) == ["message-1"]
    assert len(play.server.requests) == 1
    play.clock.now += 8
    assert play.serve(again(again(first)), again(second)) == []
    assert [one.message["content"] for one in play.community.messages] == ["Alex reached level 5", "second"]


@pytest.mark.parametrize(("seconds", "wait"), [(None, 60), (10, 60), (90, 90)])
def test_cloudflares_html_blocks_the_address_for_at_least_a_minute(play: Playground, seconds: int | None, wait: int):
    play.server.script.add(blocked(seconds))
    assert play.serve(play.delivery(said())) == ["message-1"]
    assert play.memory.state.blocked == play.clock() + wait
    assert play.queue.hidden == [(("receipt-1",), wait)]


def test_a_pause_beyond_the_deadline_gives_the_request_back_then(play: Playground):
    play.server.script.add(limited(3600))
    waiting = play.delivery(said(), patience=120)
    assert play.serve(waiting) == ["message-1"]
    assert play.queue.hidden == [(("receipt-1",), 120)]
    play.clock.now += 121
    assert play.serve(again(waiting)) == []
    assert play.last.outcome is Outcome.RETURNED
    assert len(play.server.requests) == 1


def test_what_waited_for_minutes_is_still_sent_since_it_was_never_tried(play: Playground):
    play.server.script.add(limited(100))
    waiting = play.delivery(said(), patience=3600)
    play.serve(waiting)
    play.restart()
    play.clock.now += 101
    assert play.serve(again(waiting)) == []
    assert play.last.outcome is Outcome.DONE


def test_a_crash_after_a_long_pause_counts_from_the_end_of_the_pause(play: Playground):
    play.server.script.add(limited(100))
    waiting = play.delivery(said(), patience=3600)
    play.serve(waiting)
    play.clock.now += 101
    crashed = again(waiting)
    sent_before_the_crash(play, crashed)
    play.restart()
    play.clock.now += 30
    assert play.serve(again(crashed)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


def sent_before_the_crash(play: Playground, delivery: Delivery) -> None:
    """Discord takes the message, and the process dies before it says so to anybody."""
    play.queue.is_down = True
    play.serve(delivery)
    play.queue.is_down = False


def test_waiting_never_makes_a_dead_letter(play: Playground):
    waiting = play.delivery(said(), patience=7200)
    for _ in range(rules.RECEIVES):
        play.server.script.add(limited(1))
        play.clock.now += 1
        if not play.serve(waiting):
            break
        waiting = again(waiting)
    assert play.last.outcome is Outcome.RETURNED
    assert waiting.deliveries < rules.RECEIVES


def test_the_headers_of_answers_are_obeyed_before_a_429_comes(play: Playground):
    play.server.limit = Limit(1, 5.0)
    play.serve(play.delivery(said()))
    assert play.serve(play.delivery(said("second"), number=2)) == ["message-2"]
    assert play.server.invalid == 0
    assert len(play.server.requests) == 1


# --- lost answers, errors of Discord's own, crashes ---


@pytest.mark.parametrize("trouble", [lost(), lost(done=False), error(500), error(503)])
def test_a_lost_answer_is_asked_for_again_with_the_same_nonce(play: Playground, trouble: Trouble):
    play.server.script.add(trouble)
    assert play.serve(play.delivery(said())) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


def test_after_three_lost_answers_the_message_comes_back_and_is_tried_again(play: Playground):
    play.server.script.add(*[lost()] * 3)
    first = play.delivery(said())
    assert play.serve(first) == ["message-1"]
    assert play.queue.hidden == [(("receipt-1",), 5)]
    play.restart()
    play.clock.now += 5
    assert play.serve(again(first)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


def test_a_minute_after_a_lost_answer_it_is_unknown_and_never_repeated(play: Playground):
    play.server.script.add(*[lost()] * 3)
    first = play.delivery(said())
    play.serve(first)
    play.restart()
    play.clock.now += 61
    assert play.serve(again(first)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.UNKNOWN, 1)
    assert play.server.asked("POST") == 3


def test_a_crash_after_discords_200_is_made_good_by_the_nonce(play: Playground):
    first = play.delivery(said())
    sent_before_the_crash(play, first)
    play.restart()
    play.clock.now += 30
    assert play.serve(again(first)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)
    assert play.last.message_id == play.community.messages[0].id


def test_a_result_that_could_not_be_sent_is_sent_again_without_asking_discord(play: Playground):
    first = play.delivery(said())
    sent_before_the_crash(play, first)
    play.clock.now += 300
    assert play.serve(again(first)) == []
    assert play.last.outcome is Outcome.DONE
    assert len(play.server.requests) == 1


def test_a_redrive_repeats_no_message(play: Playground):
    first = play.delivery(said(), patience=3600)
    sent_before_the_crash(play, first)
    play.restart()
    play.clock.now += 300
    redriven = rules.Delivery("another-id", "receipt", first.body, 1, play.clock(), play.clock())
    assert play.serve(redriven) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.UNKNOWN, 1)


def test_roles_are_repeated_until_the_deadline_for_twice_is_as_once(play: Playground):
    play.server.script.add(*[lost()] * 3, of="/roles/")
    giving = play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"))
    assert play.serve(giving) == ["message-1"]
    play.restart()
    play.clock.now += 100
    assert play.serve(again(giving)) == []
    assert play.last.outcome is Outcome.DONE


def test_a_429_after_a_lost_answer_does_not_forget_that_it_may_have_been_seen(play: Playground):
    play.server.script.add(lost(), limited(70))
    first = play.delivery(said())
    assert play.serve(first) == ["message-1"]
    play.restart()
    play.clock.now += 71
    assert play.serve(again(first)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.UNKNOWN, 1)


def test_the_rest_of_a_batch_comes_back_when_the_time_is_up(play: Playground):
    first = play.delivery(said(), patience=3600)
    assert play.serve(first, seconds=3) == ["message-1"]
    assert list(play.server.requests) == []
    play.restart()
    play.clock.now += 300
    assert play.serve(again(first)) == []
    assert play.last.outcome is Outcome.DONE


def test_a_time_out_is_a_lost_answer(play: Playground):
    play.server.script.add(lost(silence=3))
    first = play.delivery(said())
    assert play.serve(first, seconds=RESERVE + 1.2) == ["message-1"]
    play.restart()
    play.clock.now += 5
    assert play.serve(again(first)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


def test_what_fails_again_and_again_is_answered_before_it_is_a_dead_letter(play: Playground):
    wrong = play.delivery(said())
    play.queue.breaks = 2
    assert play.serve(wrong) == ["message-1"]
    assert play.queue.hidden == [(("receipt-1",), 0)]
    play.restart()
    often = replace(wrong, deliveries=rules.HELD_AT_MOST)
    assert play.serve(often) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


# --- 401, 403, 404 ---


def test_a_rotated_token_is_read_again_at_once(play: Playground):
    play.token = "old.token.of-the-bot"
    assert play.serve(play.delivery(said())) == []
    assert play.last.outcome is Outcome.DONE


def test_a_token_that_is_rotated_after_a_lost_answer_leads_to_no_second_message(play: Playground):
    play.server.script.add(lost())
    play.server.script.add(error(401))
    message = play.delivery(said())
    assert play.serve(message) == ["message-1"]
    assert play.queue.results == [], "or it would be handed over again, when nobody knows its nonce any more"
    play.token = play.stored = TOKEN
    play.restart()
    play.memory.state = rules.State()
    assert play.serve(again(message)) == []
    assert (play.last.outcome, play.community.seen("nonce-1")) == (Outcome.DONE, 1)


def test_a_token_that_discord_does_not_accept_is_off_until_another_one_is_stored(play: Playground):
    play.token = play.stored = "wrong.token.of-the-bot"
    play.serve(play.delivery(said()))
    assert play.last.outcome is Outcome.OFF
    play.restart()
    play.serve(play.delivery(said(), number=2), play.delivery(None, number=3))
    assert [one.outcome for one in play.queue.results[1:]] == [Outcome.OFF, Outcome.OFF]
    assert len(play.server.requests) == 1
    play.token = play.stored = TOKEN
    play.serve(play.delivery(said(), number=4))
    assert play.last.outcome is Outcome.DONE


def test_without_a_token_everything_says_so(play: Playground):
    play.token = None
    assert play.serve(play.delivery(said()), play.delivery(None, number=2)) == []
    assert [one.outcome for one in play.queue.results] == [Outcome.OFF, Outcome.OFF]
    assert list(play.server.requests) == []


def test_closed_direct_messages_are_refused_with_discords_code(play: Playground):
    play.community.members[ALEX].takes_messages = False
    play.serve(play.delivery(DirectMessage(ALEX, 0, {"content": "Log now?"})))
    assert (play.last.outcome, play.last.status, play.last.code) == (Outcome.REFUSED, 403, 50007)


MODS = 7_777


@pytest.mark.parametrize(
    ("role", "admin", "words"),
    [
        (Role(8_000, "Boss", 1, permissions.MANAGE_ROLES), OWNER, "rights over others: Manage Roles"),
        (Role(8_000, "Other bot", 1, managed=True), OWNER, "gives it to a bot"),
        (Role(GUILD, "@everyone", 0), OWNER, "@everyone"),
        (Role(MODS, "Mods", 1), OWNER, "admins or moderators of the game"),
        (Role(8_000, "High", 9), KIM, "the admin who added it"),
        (Role(8_000, "Low", 1), 99, "is no longer in the server"),
        (Role(8_000, "High", 5), OWNER, "the bot"),
    ],
)
def test_a_role_is_looked_at_each_time_that_it_is_given(play: Playground, role: Role, admin: int, words: str):
    play.community.roles[role.id] = role
    for number, request in enumerate((AddRole(ALEX, role.id, admin, "level 5"), CheckRole(role.id, admin)), 1):
        play.serve(play.delivery(request, number=number))
        assert play.last.outcome is Outcome.REFUSED
        assert words in play.last.reason
    assert play.community.members[ALEX].roles == set()


@pytest.mark.parametrize(
    ("role", "admin", "outcome", "words"),
    [
        (Role(8_000, "Helpers", 6, permissions.BAN_MEMBERS), KIM, Outcome.DONE, ""),
        (Role(8_000, "High", 9), KIM, Outcome.REFUSED, "not below the highest role of the admin"),
        (Role(8_000, "High", 9), OWNER, Outcome.DONE, ""),
        (Role(8_000, "High", 9), 0, Outcome.DONE, ""),
        (Role(8_000, "Low", 1), 99, Outcome.REFUSED, "is no longer in the server"),
        (Role(8_000, "Other bot", 1, managed=True), OWNER, Outcome.REFUSED, "gives it to a bot"),
        (Role(GUILD, "@everyone", 0), OWNER, Outcome.REFUSED, "@everyone"),
        (Role(8_001, "Another", 1), OWNER, Outcome.GONE, "deleted"),
    ],
)
def test_a_role_for_moderators_may_have_rights_and_stands_below_the_admin_who_chose_it(
    play: Playground, role: Role, admin: int, outcome: Outcome, words: str
):
    play.community.roles[role.id] = role
    asked = GUILD if role.id == GUILD else 8_000
    play.serve(play.delivery(CheckRole(asked, admin, for_moderators=True)))
    assert play.last.outcome is outcome
    assert words in play.last.reason


def test_a_bot_that_may_not_manage_roles_is_found_out_when_one_is_added(play: Playground):
    play.community.roles[BOTS] = Role(BOTS, "Bot", 5, permissions.BAN_MEMBERS)
    play.serve(play.delivery(CheckRole(GIVEN, OWNER)))
    assert (play.last.outcome, play.last.code) == (Outcome.REFUSED, 50013)
    assert play.last.reason == "the bot lacks the permission Manage Roles"


def test_a_role_may_be_given_that_stands_below_admin_and_bot(play: Playground):
    play.serve(play.delivery(CheckRole(GIVEN, KIM)))
    assert (play.last.outcome, play.last.reason) == (Outcome.DONE, "")
    assert play.community.members[ALEX].roles == set(), "nobody gets it by that"


def test_who_has_the_role_already_keeps_it_as_theirs(play: Playground):
    play.community.members[ALEX].roles.add(GIVEN)
    play.serve(play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5")))
    assert (play.last.outcome, play.last.roles) == (Outcome.DONE, (GIVEN,))
    assert play.community.audit == []


def test_a_role_of_their_own_stays_theirs_when_the_outbox_dies_before_it_has_said_so(play: Playground):
    play.community.members[ALEX].roles.add(GIVEN)
    giving = play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"))
    play.queue.is_down = True
    assert play.serve(giving) == ["message-1"]
    play.restart()
    play.queue.is_down = False
    assert play.serve(again(giving)) == []
    assert (play.last.outcome, play.last.roles) == (Outcome.DONE, (GIVEN,))


def test_a_role_that_was_given_is_the_games_when_the_outbox_dies_before_it_has_said_so(play: Playground):
    giving = play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"))
    play.queue.is_down = True
    assert play.serve(giving) == ["message-1"]
    assert play.community.members[ALEX].roles == {GIVEN}
    play.restart()
    play.queue.is_down = False
    assert play.serve(again(giving)) == []
    assert (play.last.outcome, play.last.roles) == (Outcome.DONE, ())


def test_it_is_known_whose_a_role_is_when_the_request_is_handed_over_anew_after_a_lost_answer(play: Playground):
    play.server.script.add(*[lost()] * 3, of="/roles/")
    giving = play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"), patience=10)
    assert play.serve(giving) == ["message-1"]
    play.clock.now += 60
    assert play.serve(again(giving)) == []
    assert play.last.outcome is Outcome.RETURNED
    play.community.members[ALEX].roles.add(GIVEN)  # by the request whose answer was lost
    repeated = play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"))
    assert play.serve(replace(repeated, message_id="message-2")) == []
    assert (play.last.outcome, play.last.roles) == (Outcome.DONE, ())


def test_nothing_is_given_while_it_cannot_be_stored_that_it_was_not_there(play: Playground):
    play.memory.is_down = True
    assert play.serve(play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"))) == ["message-1"]
    assert play.community.members[ALEX].roles == set()


def test_members_who_have_left_do_not_stop_a_role_for_the_others(play: Playground):
    for number in range(5):
        play.serve(play.delivery(AddRole(99, GIVEN, OWNER, "level 5"), number=number))
        assert (play.last.outcome, play.last.code) == (Outcome.GONE, 10007)
    play.serve(play.delivery(AddRole(ALEX, GIVEN, OWNER, "level 5"), number=9))
    assert play.community.members[ALEX].roles == {GIVEN}


def test_a_role_above_the_bot_is_refused_with_discords_code(play: Playground):
    play.serve(play.delivery(AddRole(ALEX, TOP, OWNER, "level 5")))
    assert (play.last.outcome, play.last.code) == (Outcome.REFUSED, 50013)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (CreateMessage(1, {"content": "Hello"}), 10003),
        (EditMessage(CHANNEL, 1, {"content": "Hello"}), 10008),
        (AddRole(99, GIVEN, OWNER, "level 5"), 10007),
        (AddRole(ALEX, 99, OWNER, "level 5"), 10011),
        (DirectMessage(99, 0, {"content": "Hello"}), 10013),
        (Unban(ALEX, KIM, "withdrawn", "warning 8"), 10026),
    ],
)
def test_what_is_not_there_is_gone(play: Playground, asked: AddRole | CreateMessage, code: int):
    play.serve(play.delivery(asked))
    assert (play.last.outcome, play.last.status, play.last.code) == (Outcome.GONE, 404, code)


def test_a_route_that_answers_404_again_and_again_is_stopped(play: Playground):
    for number in range(6):
        play.serve(play.delivery(CreateMessage(1, {"content": "Hello"}), number=number))
        play.restart()
    outcomes = [one.outcome for one in play.queue.results]
    assert outcomes == [Outcome.GONE] * 3 + [Outcome.STOPPED] * 3
    assert len(play.server.requests) == 3
    play.serve(play.delivery(said(), number=7))
    assert play.last.outcome is Outcome.DONE
    play.community.add_channel(1, "made again")
    play.clock.now += 601
    play.serve(play.delivery(CreateMessage(1, {"content": "Hello"}), number=8))
    assert play.last.outcome is Outcome.DONE


def test_too_many_bad_answers_pause_everything_long_before_discord_blocks_the_address(play: Playground):
    state = rules.State()
    for number in range(rules.INVALID_BUDGET):
        state = rules.refused(state, f"add_role:{number}", NOW + number / 10)
    assert state.blocked == NOW + rules.INVALID_WINDOW
    assert rules.INVALID_BUDGET * 10 <= 10_000
    play.memory.state = state
    assert play.serve(play.delivery(said())) == ["message-1"]
    assert list(play.server.requests) == []


# --- secrets ---


def test_the_bot_token_stands_in_no_log_result_and_state(play: Playground, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for number, trouble in enumerate([limited(1), blocked(), lost(), error(500), error(400), error(403), error(401)]):
        play.server.script.add(trouble)
        play.serve(play.delivery(said(), number=number))
        play.clock.now += 700
    written = repr([vars(record) for record in caplog.records]) + repr(play.queue.results) + repr(play.memory.state)
    assert TOKEN not in written
    assert len(play.queue.results) > 2


# --- what is stored ---


@dataclass
class Text:
    """A text that somebody else may have written in between."""

    kept: Kept = field(default_factory=lambda: Kept(None, None))
    between: list[str] = field(default_factory=list[str])

    def read(self, deadline: Deadline) -> Kept:
        del deadline
        return self.kept

    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None:
        del deadline
        if self.between:
            self.kept = Kept(self.between.pop(), f"{over}'")
            return None
        self.kept = Kept(text, f"{over}''")
        return self.kept.version


def test_the_state_is_read_as_it_was_written_and_no_change_of_others_is_lost():
    text = Text()
    store, soon = state(text), Deadline.after(PATIENCE)
    assert store.read(soon) == rules.State()
    store.change(lambda state: rules.refused(state, "create_message:1", NOW), soon)
    waiting = rules.Delivery("m", "r", "", 2, NOW, NOW)
    store.change(lambda state: rules.untried(state, [waiting], NOW + 9, NOW), soon)
    others = STATE.dump_json(rules.paused(store.read(soon), 60, of_address=True, counts=True, now=NOW)).decode()
    text.between = [others]
    store.change(lambda state: rules.turned_off(state, "fingerprint", NOW), soon)
    kept = store.read(soon)
    assert (kept.blocked, kept.off_token, kept.invalid) == (NOW + 60, "fingerprint", 3)
    assert kept.untried == {"m": rules.Untried(2, NOW + 9)}


def test_a_state_that_cannot_be_read_is_an_empty_one():
    assert state(Text(Kept('{"paused": "long"}', "1"))).read(Deadline.after(PATIENCE)) == rules.State()
