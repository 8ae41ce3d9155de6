"""/admin corrects what members have: once, within bounds, and never without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.ledger.actions import MOST_XP, UNKNOWN
from mastermind.game.members.rules import Member
from tests.actors import by
from tests.commands.moderating import ADA, BEN, MAX, MESSAGE, MIA, MODAL, log, meet
from tests.commands.playing import ALEX, OWNER, PLACE, SAM, Bot, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

NOT_ADMINS = (ALEX, MIA, MAX)
ZONE = "UTC"


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


@pytest.fixture
def alex(owner: Connection) -> int:
    """A member who is there."""
    meet(owner, ALEX)
    return ALEX.id


def adjusted(admin: Bot, amount: int, reason: str = "a slip", user: User = ALEX) -> Answer:
    answer = admin.command("admin adjust-xp", {"user": user, "amount": amount, "reason": reason})
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def xp_of(owner: Connection, user: User = ALEX) -> tuple[object, ...]:
    """XP, their sum in the ledger, level, challenges."""
    row = owner.execute(
        "SELECT xp, (SELECT coalesce(sum(xp), 0) FROM xp_ledger WHERE user_id = users.user_id), level,"
        " social_freedom_exercises_tenseys FROM users WHERE user_id = %s",
        [user.id],
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
    return row[1:]


# --- adjust-xp ---


def test_given_xp_is_shown_with_before_and_after(admin: Bot, owner: Connection, alex: int):
    answer = adjusted(admin, 600, "Helped with the *event*")
    assert answer.text.splitlines() == [
        f"## 🧰 600 XP given to <@{alex}>",
        "**Before:** 0 XP, level 1",
        "**After:** 600 XP, level 2",
        "**Reason:** Helped with the \\*event\\*",
        "-# They read the reason in `/history`. Before and after are in `/security audit`.",
    ]
    assert xp_of(owner) == (600, 2, 0)
    assert log(owner) == [(ADA.id, "xp.adjust", alex, {"xp": 0}, {"xp": 600}, "Helped with the *event*")]
    rows = owner.execute("SELECT xp, kind, source, details, day = (now() AT TIME ZONE 'UTC')::date FROM xp_ledger")
    assert rows.fetchall() == [(600, "adjustment", "admin", {"reason": "Helped with the *event*"}, True)]


def test_xp_may_be_taken_below_zero_which_is_shown_as_zero(admin: Bot, main: Bot, owner: Connection, alex: int):
    adjusted(admin, 100)
    answer = adjusted(admin, -250)
    assert f"## 🧰 250 XP taken from <@{alex}>" in answer.text
    assert "**After:** \N{MINUS SIGN}150 XP, shown to everybody as 0, level 1" in answer.text
    assert xp_of(owner) == (-150, 1, 0)
    assert "-150" not in main.as_user(SAM).command("scorecard", {"user": ALEX}).text


def test_the_same_delivery_twice_changes_xp_once_and_says_the_same(admin: Bot, owner: Connection, alex: int):
    payload = discord.command(PLACE, ADA, "admin adjust-xp", {"user": ALEX, "amount": 600, "reason": "a slip of mine"})
    first, second = admin.send(payload), admin.send(payload)
    assert first.text == second.text
    assert xp_of(owner) == (600, 2, 0)
    assert len(log(owner)) == 1
    adjusted(admin, 600)
    assert xp_of(owner) == (1200, 3, 0), alex


@pytest.mark.parametrize("amount", [0, MOST_XP + 1, -MOST_XP - 1, 2**52])
def test_an_amount_out_of_bounds_changes_nothing(admin: Bot, owner: Connection, alex: int, amount: int):
    assert "`amount` can be" in adjusted(admin, amount).text
    assert (xp_of(owner), log(owner)) == ((0, 1, 0), []), alex


@pytest.mark.parametrize("amount", [1, -1, MOST_XP, -MOST_XP])
def test_the_bounds_themselves_are_fine(admin: Bot, owner: Connection, alex: int, amount: int):
    adjusted(admin, amount)
    assert xp_of(owner)[0] == amount, alex


@pytest.mark.parametrize("reason", ["  ", "   ", "ab", " ab ", "x" * 301])
def test_without_a_reason_nothing_is_changed(admin: Bot, owner: Connection, alex: int, reason: str):
    assert "`reason`" in adjusted(admin, 5, reason).text
    assert (xp_of(owner), log(owner)) == ((0, 1, 0), []), alex


@pytest.mark.parametrize("reason", ["x" * 300, "ä" * 300, "😀" * 300, "[a](https://e.org) <@1> **" * 11, "a\nb\n# c"])
@pytest.mark.usefixtures("alex")
def test_any_reason_fits_and_is_escaped(admin: Bot, reason: str):
    text = adjusted(admin, 5, reason).text
    assert "](https://" not in text
    assert "<@1>" not in text
    assert len(text.splitlines()) == 5


def test_somebody_who_never_played_has_nothing_to_correct(admin: Bot, owner: Connection):
    assert adjusted(admin, 5).text.startswith(UNKNOWN)
    assert admin.command("admin reset-stats", {"user": ALEX}).text == UNKNOWN
    assert log(owner) == []
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(ADA.id,)]


def test_the_owner_corrects_their_own_xp_and_it_is_audited(main: Bot, owner: Connection):
    meet(owner, OWNER)
    assert adjusted(main.as_user(OWNER), 5, user=OWNER).text.startswith("## 🧰 5 XP given")
    assert log(owner) == [(OWNER.id, "xp.adjust", OWNER.id, {"xp": 0}, {"xp": 5}, "a slip")]


# --- reset-stats ---


def tick(enter_as: EnterAs, challenge: str, delay: int = 0, *, award: bool = True) -> None:
    """Alex ticks a challenge, and it may be awarded at once."""
    member = Member(ALEX.id, ALEX.name)
    ticked = enter_as("app_tensey").run(
        lambda conn: challenges.tick(conn, by(member, discord.snowflake(), ZONE), challenge, delay=delay),
        Deadline.after(60),
    )
    if award:
        enter_as("app_award").run(lambda conn: challenges.apply(conn, ticked.award_id), Deadline.after(60))


def log_day(owner: Connection, day: str = "2026-01-05") -> None:
    """A day of Alex's with stats that were booked."""
    owner.execute("INSERT INTO booked_days (user_id, day, streak_share) VALUES (%s, %s, 5)", [ALEX.id, day])
    owner.execute(
        "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage) VALUES"
        " (%(user)s, %(day)s, 'approaches', 3, false, 300, 9, 0), (%(user)s, %(day)s, 'numbers', 1, true, 100, 1, 0)",
        {"user": ALEX.id, "day": day},
    )
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (%s, 420, 'submit', 'stats', %s, %s)",
        [ALEX.id, day, day],
    )


@pytest.fixture
def busy(enter_as: EnterAs, owner: Connection, alex: int) -> int:
    """A member with a bit of everything: 420 XP of stats, 200 of challenges, 50 of an admin; one tick on its way."""
    log_day(owner)
    tick(enter_as, "a")
    tick(enter_as, "b")
    tick(enter_as, "c", delay=60, award=False)
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, 50, 'adjustment', 'admin', 'x', '2026-01-06')",
        [alex],
    )
    return alex


def form(admin: Bot) -> Answer:
    answer = admin.command("admin reset-stats", {"user": ALEX})
    assert answer.kind == MODAL
    return answer


def typed(word: str = "RESET", reason: str = "asked for it") -> dict[str, discord.Written]:
    return {"word": word, "reason": reason}


@pytest.mark.usefixtures("busy")
def test_the_form_says_what_would_go(admin: Bot):
    text = form(admin).text
    assert text.startswith(
        "Alex has now:\n- XP: 670\n- completed challenges: 2\n- challenges pending: 1\n- days with stats: 1\n"
    )
    assert "Stays: what was announced" in text


def test_a_reset_takes_a_member_back_to_the_start(admin: Bot, owner: Connection, busy: int):
    answer = admin.fill(form(admin), typed())
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    assert f"## 🧰 Reset: <@{busy}>" in answer.text
    assert "- XP: 670\n- completed challenges: 2" in answer.text
    assert xp_of(owner) == (0, 1, 0)
    left = (
        "SELECT (SELECT count(*) FROM booked_days) + (SELECT count(*) FROM daily_records)"
        " + (SELECT count(*) FROM users_stats) + (SELECT count(*) FROM tensey_completions)"
    )
    assert owner.execute(left).fetchone() == (0,)
    states = "SELECT status, count(*) FROM pending_xp_awards GROUP BY status ORDER BY 1"
    assert owner.execute(states).fetchall() == [("cancelled", 1), ("reversed", 2)]


def test_every_row_of_a_reset_is_in_the_ledger_and_the_sum_is_zero(admin: Bot, owner: Connection, busy: int):
    admin.fill(form(admin), typed())
    rows = owner.execute("SELECT xp, kind, source FROM xp_ledger WHERE user_id = %s ORDER BY id", [busy]).fetchall()
    assert rows[4:] == [(-100, "reversal", "tensey"), (-100, "reversal", "tensey"), (-470, "reset", "admin")]
    reason = "SELECT details FROM xp_ledger WHERE kind = 'reset'"
    assert owner.execute(reason).fetchone() == ({"reason": "asked for it"},)


def test_a_reset_takes_challenges_out_of_their_weeks(admin: Bot, owner: Connection, busy: int):
    admin.fill(form(admin), typed())
    query = "SELECT total FROM xp_totals WHERE board = 'tensey' AND user_id = %s"
    assert {total for (total,) in owner.execute(query, [busy])} == {0}


def test_the_state_before_a_reset_is_in_the_audit_log(admin: Bot, owner: Connection, busy: int):
    admin.fill(form(admin), typed())
    ((actor, action, subject, before, after, reason),) = log(owner)
    assert (actor, action, subject, reason) == (ADA.id, "stats.reset", busy, "asked for it")
    assert after == {"xp": 0, "level": 1, "challenges": 0}
    assert sorted(before.pop("awards").values()) == ["a", "b", "c"]
    assert before == {
        "xp": 670,
        "level": 2,
        "challenges": 2,
        "challenges_of_days": {},
        "stats": {"approaches": 3, "numbers": 1},
        "days": {"2026-01-05": {"xp": 420, "streak_share": 5, "counts": {"approaches": 3, "numbers": 1}}},
    }


def test_a_form_that_is_sent_twice_resets_once(admin: Bot, owner: Connection, busy: int):
    opened = form(admin)
    payload = admin.filled(opened, typed())
    first, second = admin.send(payload), admin.send(payload)
    again = admin.fill(opened, typed())
    assert first.text == second.text == again.text
    assert len(log(owner)) == 1
    resets = "SELECT count(*) FROM xp_ledger WHERE kind = 'reset' AND user_id = %s"
    assert owner.execute(resets, [busy]).fetchone() == (1,)


def test_a_member_without_xp_can_be_reset_too(admin: Bot, owner: Connection, alex: int):
    assert "- XP: 0" in admin.fill(form(admin), typed()).text
    assert xp_of(owner) == (0, 1, 0)
    assert owner.execute("SELECT xp, kind FROM xp_ledger WHERE user_id = %s", [alex]).fetchall() == [(0, "reset")]


def test_a_reset_brings_negative_xp_back_to_zero(admin: Bot, owner: Connection, alex: int):
    adjusted(admin, -500)
    assert "- XP: \N{MINUS SIGN}500" in admin.fill(form(admin), typed()).text
    assert xp_of(owner) == (0, 1, 0), alex


def test_a_queue_message_after_a_reset_awards_nothing(admin: Bot, owner: Connection, enter_as: EnterAs, busy: int):
    award = "SELECT award_id FROM pending_xp_awards WHERE status = 'pending' AND user_id = %s"
    ((award_id,),) = owner.execute(award, [busy]).fetchall()
    admin.fill(form(admin), typed())
    enter_as("app_award").run(lambda conn: challenges.apply(conn, award_id), Deadline.after(60))
    assert xp_of(owner) == (0, 1, 0)


def test_after_a_reset_a_challenge_counts_again(admin: Bot, owner: Connection, enter_as: EnterAs, busy: int):
    admin.fill(form(admin), typed())
    tick(enter_as, "a")
    log_day(owner, "2026-01-07")
    assert xp_of(owner) == (520, 2, 1), busy


def test_points_given_to_raids_stay_without_the_name(admin: Bot, owner: Connection, enter_as: EnterAs, alex: int):
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at) VALUES ('warrior', 1000, 15, now() + '1 hour')"
    )
    tick(enter_as, "a")
    tick(enter_as, "b", delay=60, award=False)
    admin.fill(form(admin), typed())
    given = "SELECT user_id, sum(points) FROM raid_contributions GROUP BY user_id"
    assert owner.execute(given).fetchall() == [(None, 30)], alex
    assert owner.execute("SELECT total FROM raid_events").fetchone() == (30,)


@pytest.mark.parametrize("word", ["", "reset me", "RESE", "yes"])
def test_without_the_word_nothing_happens(admin: Bot, owner: Connection, busy: int, word: str):
    answer = admin.fill(form(admin), typed(word))
    assert answer.text.startswith("This reset nobody")
    assert (xp_of(owner), log(owner)) == ((670, 2, 2), []), busy


@pytest.mark.parametrize("word", [" Reset ", "reset.", "“RESET”", "reset\u200b"])
def test_the_word_may_be_typed_as_a_phone_writes_it(admin: Bot, owner: Connection, busy: int, word: str):
    admin.fill(form(admin), typed(word))
    assert xp_of(owner) == (0, 1, 0), busy


def test_a_reset_that_is_sent_again_for_another_reason_keeps_the_first(admin: Bot, owner: Connection, busy: int):
    opened = form(admin)
    first = admin.fill(opened, typed())
    again = admin.fill(opened, typed() | {"reason": "changed my mind"})
    assert first.text in again.text
    assert "**This form was sent before, and what you sent first counts.**" in again.text
    assert "**Reason:** `changed my mind`" in again.text
    assert len(log(owner)) == 1, busy


@pytest.mark.parametrize("reason", ["", "ab", "x" * 301])
def test_a_reset_needs_a_reason_too(admin: Bot, owner: Connection, busy: int, reason: str):
    assert "`reason`" in admin.fill(form(admin), typed(reason=reason)).text
    assert xp_of(owner) == (670, 2, 2), busy


@pytest.mark.parametrize("display_name", ["", "*" * 32, "😀" * 32, "[a](https://e.org)"])
def test_the_form_fits_with_any_display_name(admin: Bot, owner: Connection, alex: int, display_name: str):
    owner.execute("UPDATE users SET display_name = %s WHERE user_id = %s", [display_name, alex])
    assert "](https://" not in form(admin).text


# --- who may, and trouble ---


@pytest.mark.usefixtures("alex")
def test_a_form_belongs_to_the_admin_who_opened_it(admin: Bot):
    opened = form(admin)
    answer = admin.as_user(BEN).fill(opened, typed())
    assert answer.text == "This belongs to the member who opened it. Type `/admin reset-stats` to get your own."


def test_corrections_are_in_the_help_of_admins_alone(main: Bot):
    admin = main.as_user(ADA)
    assert "/admin adjust-xp" in admin.tap(admin.command("help"), "The team").text
    for bot in map(main.as_user, NOT_ADMINS):
        opened = bot.command("help")
        shown = bot.tap(opened, "The team") if "The team" in labels(opened) else opened
        assert "/admin adjust-xp" not in shown.text
