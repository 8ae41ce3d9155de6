"""What strikes lead to in Discord: a kind message, and a time-out or a ban that somebody has confirmed who may."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.commands.main.security.warnings import OFF
from mastermind.deadline import Deadline
from mastermind.discord.permissions import BAN_MEMBERS
from mastermind.discord.requests import Ban, DirectMessage, Outcome, Result, TimeOut, Unban
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.moderation.actions import NO_BOT, NO_RIGHT, NO_RIGHT_TO_LIFT
from mastermind.game.sanctions.rules import Proposal
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.commands.moderating import ADA, BEN, MAX, MIA, log, meet
from tests.commands.playing import ALEX, PLACE, Bot, button, labels
from tests.relay.post import Post

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from mastermind.discord.requests import Request
    from tests.conftest import Connection, Enter

DAY = 86_400
BANNER = User(1_300_000_000_000_000_020, "Bea", BAN_MEMBERS)


@dataclass
class Way:
    """relay under its own role, and Discord as a test wants it."""

    conn: Connection
    post: Post
    relay: Relay

    def asked(self) -> Request | None:
        """What Discord is asked next."""
        self.relay.work(self.conn, Deadline.after(60))
        return self.post.waiting[-1].request if self.post.waiting else None

    def answer(self, outcome: Outcome = Outcome.DONE, code: int = 0, reason: str = "") -> None:
        status = 200 if outcome is Outcome.DONE else 403
        self.book(Result("", outcome, 0.0, status=status, code=code, reason=reason))

    def book(self, result: Result) -> None:
        """As the result of what was handed over last."""
        message = self.post.waiting.pop()
        self.relay.book(self.conn, replace(result, id=message.id, at=time.time()), Deadline.after(60))


@pytest.fixture
def way(as_role: Enter, owner: Connection) -> Way:
    owner.execute("UPDATE bot_status SET is_on = true")
    post = Post()
    relay = Relay(kind.find_all(), Scene(0, frozenset(AnnouncementKind)), post, 42, 5, time.time)
    return Way(as_role("app_outbox"), post, relay)


@pytest.fixture
def moderator(main: Bot) -> Bot:
    return main.as_user(MIA)


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def warned(bot: Bot, times: int, reason: str = "Pushed after a *no*") -> Answer:
    return [bot.command("security warn", {"user": ALEX, "reason": reason}) for _ in range(times)][-1]


def opened(bot: Bot) -> Answer:
    return bot.command("security warnings")


def content(message: object) -> str:
    return cast("dict[str, str]", message)["content"]


def offered(page: Answer) -> list[str]:
    """What the buttons of proposals offer, without their numbers."""
    offers = "Time out", "Ban", "✔", "Decide against"
    return [offer for label in labels(page) for offer in offers if label.startswith(offer)]


def confirming(user: User, owner: Connection) -> str:
    """The button to confirm the last proposal, as if it had been shown to them."""
    (number,) = owner.execute("SELECT max(id) FROM user_moderation").fetchone() or (0,)
    return custom_ids.make("security.warnings", "confirm", user.id, 0, 1, cast("int", number))


def stands(owner: Connection) -> tuple[object, ...] | None:
    return owner.execute("SELECT status, resolved_by FROM user_moderation ORDER BY id DESC LIMIT 1").fetchone()


# --- the first strike ---


@pytest.mark.parametrize("plays", [True, False])
def test_a_first_strike_is_written_kindly_with_its_reason(way: Way, moderator: Bot, owner: Connection, *, plays: bool):
    if plays:
        meet(owner, ALEX)
    assert "I write them the reason in a direct message" in warned(moderator, 1).text
    assert len(moderator.nudges.sent) == 1
    asked = way.asked()
    assert isinstance(asked, DirectMessage)
    assert asked.user_id == ALEX.id
    assert "> Pushed after a \\*no\\*" in content(asked.message)
    assert str(MIA.id) not in content(asked.message)
    way.answer()
    assert owner.execute("SELECT state FROM outbox").fetchall() == [("done",)]


def test_one_that_was_withdrawn_at_once_is_not_written(way: Way, moderator: Bot):
    warned(moderator, 1)
    moderator.tap(opened(moderator), "Withdraw")
    assert way.asked() is None


def test_without_a_bot_no_message_is_promised(moderator: Bot):
    assert "direct message" not in warned(moderator, 1).text
    assert moderator.nudges.sent == []


# --- confirming ---


def test_a_time_out_is_done_once_somebody_confirms_who_may(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 2)
    way.asked()
    way.answer()  # the first strike's message
    assert way.asked() is None
    page = opened(admin)
    answer = admin.tap(page, "Time out")
    assert "Confirmed." in answer.text
    assert "then Discord keeps them from writing" in answer.text
    assert offered(answer) == []
    asked = way.asked()
    assert isinstance(asked, TimeOut)
    assert (asked.user_id, asked.confirmer_id) == (ALEX.id, ADA.id)
    assert abs(asked.until - time.time() - DAY) < 60
    (warning_id,) = owner.execute("SELECT warning_id FROM user_moderation").fetchone() or (0,)
    assert asked.reason == f"Mastermind: strike 2, warning {warning_id}"
    assert "Pushed after a \\*no\\*" in content(asked.notice)
    way.answer()
    assert stands(owner) == ("done", ADA.id)
    assert "Discord keeps them from writing for 24 hours, set" in opened(admin).text
    assert [(actor, action) for actor, action, *_ in log(owner)][2:] == [
        (ADA.id, "moderation.confirm"),
        (ADA.id, "moderation.done"),
    ]
    assert "Nothing has changed" in admin.tap(page, "Time out").text
    assert way.asked() is None


def test_a_moderator_with_the_very_right_may_and_an_admin_by_role_may_not(way: Way, main: Bot, owner: Connection):
    moderator, banner = main.as_user(MIA), main.as_user(BANNER)
    warned(moderator, 2)
    assert offered(opened(moderator)) == ["Time out"]
    for user in (BEN, MAX, BANNER):
        bot = main.as_user(user)
        assert "Time out" not in offered(opened(bot))
        assert bot.press(confirming(user, owner)).text == NO_RIGHT[Proposal.TIMEOUT]
    assert stands(owner) == ("open", None)
    warned(moderator, 1)
    assert offered(opened(banner)) == ["Ban"]
    banner.tap(opened(banner), "Ban")
    assert stands(owner) == ("confirmed", BANNER.id)
    assert isinstance(_after_messages(way), Ban)


def test_two_taps_at_once_ban_once(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 3)
    page = opened(admin)
    tap = discord.component(PLACE, ADA, button(page, "Ban"))
    assert admin.send(tap).text == admin.send(tap).text
    assert "was confirmed before" in admin.tap(page, "Ban").text
    assert owner.execute("SELECT count(*) FROM outbox WHERE kind = 'sanction'").fetchone() == (1,)
    assert isinstance(_after_messages(way), Ban)


def test_without_a_bot_nothing_is_confirmed(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 2)
    page = opened(admin)
    owner.execute("UPDATE bot_status SET is_on = false")
    assert admin.tap(page, "Time out").text == NO_BOT
    assert offered(opened(admin)) == ["Decide against", "✔"]
    assert "you have done it" in admin.tap(page, "✔").text
    assert way.asked() is None


def test_where_it_is_switched_off_admins_decide_as_without_a_bot(way: Way, moderator: Bot, admin: Bot):
    warned(moderator, 2)
    page, here = opened(admin), replace(admin, moderation=False)
    assert offered(opened(here)) == ["Decide against", "✔"]
    assert here.tap(page, "Time out").text == OFF
    assert "you have done it" in here.tap(opened(here), "✔").text
    assert _after_messages(way) is None


@pytest.mark.usefixtures("way")
def test_nobody_confirms_what_is_about_themselves(main: Bot, owner: Connection):
    main.as_user(ADA).command("security warn", {"user": MIA, "reason": "Rude"})
    main.as_user(ADA).command("security warn", {"user": MIA, "reason": "Rude"})
    assert "this is about yourself" in main.as_user(MIA).press(confirming(MIA, owner)).text


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("reason", ["ж" * 300, "**[a](https://e.org)" * 15])
def test_the_fullest_page_fits(moderator: Bot, admin: Bot, owner: Connection, reason: str):
    warned(moderator, 6, reason)
    owner.execute("UPDATE user_moderation SET refusal = repeat('x', 300)")
    assert offered(opened(admin)).count("✔") == 3


# --- when it cannot be done ---


@pytest.mark.parametrize(
    ("outcome", "code", "reason", "words"),
    [
        (Outcome.REFUSED, 0, "the bot is not above that member in the list of roles", "the bot is not above that"),
        (Outcome.REFUSED, 50013, "Missing Permissions", "my role lacks *Ban Members*"),
        (Outcome.GONE, 10013, "Unknown User", "Discord knows no such member"),
        (Outcome.GONE, 10004, "Unknown Guild", "I am not in the server any more"),
    ],
)
def test_what_discord_refuses_is_open_again_with_the_reason(
    way: Way, moderator: Bot, admin: Bot, owner: Connection, outcome: Outcome, code: int, reason: str, words: str
):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    _after_messages(way)
    way.answer(outcome, code, reason)
    assert stands(owner) == ("open", None)
    page = opened(admin)
    assert f"Not done: {words}" in page.text
    assert log(owner)[-1][1] == "moderation.refused"
    admin.tap(page, "Ban")  # once that is fixed
    assert isinstance(way.asked(), Ban)


def test_a_confirmation_that_could_not_be_carried_out_within_an_hour_is_asked_for_again(
    way: Way, moderator: Bot, admin: Bot, owner: Connection
):
    warned(moderator, 2)
    admin.tap(opened(admin), "Time out")
    owner.execute("UPDATE outbox SET due_at = due_at - interval '2 hours' WHERE kind = 'sanction'")
    assert not isinstance(way.asked(), TimeOut)
    assert stands(owner) == ("open", None)
    assert "could not be done in time" in opened(admin).text


def test_who_has_closed_their_messages_gets_none(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    meet(owner, ALEX)
    owner.execute("INSERT INTO direct_channels (user_id, closed_at) VALUES (%s, now())", [ALEX.id])
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    asked = way.asked()
    assert isinstance(asked, Ban)
    assert asked.notice is None


def test_a_second_hand_over_writes_no_second_message(way: Way, moderator: Bot, admin: Bot):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    assert cast("Ban", _after_messages(way)).notice
    way.book(Result("", Outcome.RETURNED, 0.0, untried=True))
    assert cast("Ban", way.asked()).notice
    way.answer(Outcome.RETURNED)
    assert cast("Ban", way.asked()).notice is None
    way.book(Result("", Outcome.RETURNED, 0.0, untried=True))
    assert cast("Ban", way.asked()).notice is None


def test_who_turns_out_to_have_closed_their_messages_gets_no_others(
    way: Way, moderator: Bot, admin: Bot, owner: Connection
):
    meet(owner, ALEX)
    warned(moderator, 3)
    owner.execute("DELETE FROM outbox WHERE kind = 'warning'")
    admin.tap(opened(admin), "Ban")
    assert cast("Ban", way.asked()).channel_id == 0
    assert owner.execute("SELECT opened_at IS NOT NULL FROM direct_channels").fetchall() == [(True,)]
    way.book(Result("", Outcome.DONE, 0.0, status=200, closed=True))
    assert stands(owner) == ("done", ADA.id)
    assert owner.execute("SELECT closed_at IS NOT NULL FROM direct_channels").fetchall() == [(True,)]


def test_the_channel_of_somebody_who_never_played_is_not_kept(way: Way, moderator: Bot, owner: Connection):
    warned(moderator, 1)
    assert isinstance(way.asked(), DirectMessage)
    way.book(Result("", Outcome.DONE, 0.0, message_id=78, channel_id=77, status=200))
    assert owner.execute("SELECT state, channel_id, message_id FROM outbox").fetchall() == [("done", None, None)]
    assert owner.execute("SELECT FROM direct_channels").fetchall() == []


# --- withdrawing ---


def test_withdraw_ends_what_the_bot_has_set(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 2)
    admin.tap(opened(admin), "Time out")
    timed_out = cast("TimeOut", _after_messages(way))
    way.answer()
    assert "I end a time-out that I set" in moderator.tap(opened(moderator), "Withdraw").text
    lifted = way.asked()
    assert isinstance(lifted, TimeOut)
    assert (lifted.until, lifted.ours, lifted.confirmer_id) == (0, timed_out.until, MIA.id)
    way.answer()
    assert "and ended it" in opened(moderator).text
    assert log(owner)[-1][:2] == (MIA.id, "moderation.lift")


def test_who_may_not_ban_ends_no_ban(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    banned = cast("Ban", _after_messages(way))
    way.answer()
    assert moderator.tap(opened(moderator), "Withdraw").text == NO_RIGHT_TO_LIFT[Proposal.BAN]
    assert owner.execute("SELECT count(*) FROM user_warnings WHERE withdrawn_at IS NOT NULL").fetchone() == (0,)
    admin.tap(opened(admin), "Withdraw")
    lifted = way.asked()
    assert isinstance(lifted, Unban)
    assert (lifted.ours, lifted.confirmer_id) == (banned.reason, ADA.id)
    way.answer(Outcome.REFUSED, reason="that ban is another one than was set here")
    assert "which stays: that ban is another one" in opened(admin).text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (10026, "and ended it"),
        (10004, "which stays: I am not in the server any more"),
        (10007, "which stays: Discord knows no such member"),
    ],
)
def test_what_ended_before_is_over_and_what_cannot_be_ended_stays(
    way: Way, moderator: Bot, admin: Bot, code: int, words: str
):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    _after_messages(way)
    way.answer()
    admin.tap(opened(admin), "Withdraw")
    assert isinstance(way.asked(), Unban)
    way.answer(Outcome.GONE, code)
    assert words in opened(admin).text


def test_what_was_done_by_hand_is_not_touched(way: Way, moderator: Bot, admin: Bot):
    warned(moderator, 2)
    admin.tap(opened(admin), "✔")
    admin.tap(opened(admin), "Withdraw")
    _after_messages(way)
    assert [message.request for message in way.post.waiting] == []


def test_a_withdrawal_before_the_hand_over_leaves_nothing_to_do(way: Way, moderator: Bot, admin: Bot):
    warned(moderator, 2)
    admin.tap(opened(admin), "Time out")
    admin.tap(opened(admin), "Withdraw")
    assert _after_messages(way) is None


def test_a_withdrawal_during_the_hand_over_is_followed_by_its_end(
    way: Way, moderator: Bot, admin: Bot, owner: Connection
):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    _after_messages(way)
    admin.tap(opened(admin), "Withdraw")
    way.answer()
    assert stands(owner) == ("withdrawn", ADA.id)
    assert isinstance(way.asked(), Unban)


def test_nothing_is_done_to_who_had_their_data_deleted(way: Way, moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator, 3)
    admin.tap(opened(admin), "Ban")
    owner.execute("SELECT delete_member(%s)", [ALEX.id])
    assert _after_messages(way) is None


def _after_messages(way: Way) -> Request | None:
    """What Discord is asked beside the first strike's message."""
    way.asked()
    waiting = way.post.waiting
    for message in [one for one in waiting if isinstance(one.request, DirectMessage)]:
        waiting.remove(message)
        way.relay.book(way.conn, Result(message.id, Outcome.DONE, time.time(), status=200), Deadline.after(60))
    return waiting[-1].request if waiting else None
