"""Logging days, looking at them, putting them right; and the history of what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from mastermind.game.catalogue import content as stats
from tests.commands import diary
from tests.commands.playing import ALEX, button, labels
from tests.gallery import past

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.gallery.stage import Act, Player

SUBMIT, PAST, DAYS, EDIT, DELETE, HISTORY = (
    "/submit-stats",
    "/submit-past-stats",
    "/stats-days",
    "/stats-edit",
    "/stats-delete",
    "/history",
)


def log(alex: Player, category: str, **fields: str) -> Answer:
    """Fill in a form of today's card."""
    return alex.fill(alex.tap(alex.command("submit-stats"), category), fields)


def edited(alex: Player, card: Answer, category: str, **fields: str) -> Answer:
    """Fill in a form over what it is filled with already."""
    form = alex.tap(alex.tap(card, "Edit more") if "Edit more" in labels(card) else card, category)
    return alex.fill(form, {key: str(value) for key, value in diary.values(form).items()} | fields)


def fill(act: Act, back: int) -> None:
    """As much as a day can hold."""
    every = {stat.key: stat.cap or 0 for category in stats.load().categories for stat in category.stats}
    diary.write(act.owner, back, every)


# --- today ---


def submitting(act: Act) -> None:
    show, alex = act.of(SUBMIT), act.main
    card = show("the first day", alex.command("submit-stats"))
    for category in stats.load().categories:
        show(f"the form “{category.title}”", alex.tap(card, category.title))
    form = alex.tap(card, "Core")
    payload = alex.filled(form, {"approaches": "3", "hellos_to_strangers": "5"})
    stored = show("stored: the first XP", alex.send(payload))
    show("the same form, delivered twice", alex.again(stored))
    card = show("to add more", alex.tap(stored, "Add more"))
    form = show("a form, with something logged before", alex.tap(card, "Core"))
    show("nothing filled in", alex.fill(form, {}))
    show("fields that do not fit", alex.fill(form, {"approaches": "many", "numbers": "-1", "hellos_to_strangers": "3"}))
    show("more than a day holds", alex.fill(form, {"approaches": "99"}))
    stored = show("a heavy day, which pays like any other", log(alex, "Daily", overall_state="2"))
    show("the state is asked once", alex.tap(alex.tap(stored, "Add more"), "Daily"))
    reached = show("stored: a level reached", log(alex, "Dating", dates_had="1"))
    act.of("/scorecard")("opened from what was logged", alex.tap(reached, "My card"))
    undone = show("undone", alex.tap(reached, "Undo"))
    show("undone, delivered twice", alex.again(undone))
    show("undone before", alex.press(button(reached, "Undo")))
    show("later the same day", alex.command("submit-stats"))
    show("opened by a posted button", alex.press(custom_ids.make("submit-stats", "open", 0)))
    show("yesterday", alex.command("submit-stats", {"day": "yesterday"}))


def with_every_bonus(act: Act) -> None:
    """The worked example of the rules."""
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 13)
    show, alex = act.of(SUBMIT), act.main
    show("a streak of 13 days", alex.command("submit-stats"))
    log(alex, "Core", approaches="7")
    log(alex, "Inner", grounding="1")
    show("a Templar day with every bonus", log(alex, "Daily", overall_state="4"))
    show("a bonus that is lost again takes nothing away", log(alex, "Inner", sbmm_meditation="1"))


def with_streaks(act: Act) -> None:
    past.meet(act.owner, ALEX)
    diary.write_run(act.owner, 14, last=2)
    show, alex = act.of(SUBMIT), act.main
    show("a streak that yesterday would go on with, and a freeze in hand", alex.command("submit-stats"))
    act.later(days=1)
    show("a freeze that has stood for a missed day", alex.command("submit-stats"))
    act.later(days=10)
    show("a streak that has ended", alex.command("submit-stats"))


def with_a_full_day(act: Act) -> None:
    show, alex = act.of(SUBMIT), act.main
    past.give(act.owner, {ALEX: 260_000})
    fill(act, 0)
    card = show("as much as a day can hold, at the highest level", alex.command("submit-stats"))
    show("nothing more fits in", alex.fill(alex.tap(card, "Core"), {"approaches": "1"}))


def during_a_raid(act: Act) -> None:
    from tests.commands.moderating import ADA

    act.main.as_user(ADA).command("start-raid", {"type": "warrior"})
    act.of(SUBMIT)("stored during a raid", log(act.main, "Core", approaches="4"))
    form = act.main.tap(act.main.command("submit-stats"), "Core")
    act.main.fill(form, {"approaches": "1"})
    act.of(SUBMIT)("the same form with other numbers", act.main.fill(form, {"approaches": "2"}))
    act.of(EDIT)(
        "edited during a raid",
        edited(act.main, act.main.command("stats-edit", {"date": "today"}), "Core", approaches="1"),
    )
    question = act.main.command("stats-delete", {"date": "today"})
    act.of(DELETE)("deleted during a raid", act.main.tap(question, "Delete day"))


# --- days past ---


def submitting_a_past_day(act: Act) -> None:
    show, alex = act.of(PAST), act.main
    card = show("a day of last week", alex.command("submit-past-stats", {"date": "last Friday"}))
    form, late = show("its form", alex.tap(card, "Inner")), alex.tap(card, "Inner")
    stored = show("stored: XP, but no streak", alex.fill(form, {"grounding": "2", "sbmm_meditation": "1"}))
    show("undone", alex.tap(stored, "Undo"))
    show("to add more", alex.tap(stored, "Add more"))
    show(
        "yesterday: XP and a streak",
        alex.fill(alex.tap(alex.command("submit-past-stats", {"date": "yesterday"}), "Inner"), {"grounding": "1"}),
    )
    show("a day too long ago", alex.command("submit-past-stats", {"date": "2026-06-01"}))
    show("words that are no day", alex.command("submit-past-stats", {"date": "when it rained"}))
    act.later(days=26)
    show("its form sent off when it had become too old", alex.fill(late, {"grounding": "1"}))
    show("words that could be two days", alex.command("submit-past-stats", {"date": "8/9"}))
    show("typing nothing yet", alex.typing("submit-past-stats", "date", ""))
    show("typing a day", alex.typing("submit-past-stats", "date", "3 days ago"))
    show("typing a weekday", alex.typing("submit-past-stats", "date", "mon"))


def a_week(act: Act) -> None:
    show, alex = act.of(DAYS), act.main
    show("nothing logged", alex.command("stats-days"))
    act.of(EDIT)("typing the day, nothing logged", alex.typing("stats-edit", "date", ""))
    log(alex, "Core", approaches="4", numbers="1")
    log(alex, "Daily", overall_state="9")
    diary.write(act.owner, 1, {"grounding": 2, "sbmm_meditation": 1})
    diary.write(act.owner, 3, {"dates_had": 1, "wins_shared": 2})
    days = show("some days", alex.command("stats-days"))
    act.of(EDIT)("opened from the list of days", alex.tap(days, "Edit"))
    show("back in the list", alex.tap(alex.tap(days, "Edit"), "Last days"))
    act.of(EDIT)("typing the day", alex.typing("stats-edit", "date", ""))
    act.of(DELETE)("typing the day", alex.typing("stats-delete", "date", "yes"))
    for back in range(8):
        act.owner.execute("DELETE FROM daily_records WHERE day = %s", [diary.today(act.owner) - timedelta(days=back)])
        act.owner.execute("DELETE FROM booked_days WHERE day = %s", [diary.today(act.owner) - timedelta(days=back)])
        fill(act, back)
    show("the fullest week there can be", alex.command("stats-days"))


def editing(act: Act) -> None:
    show, alex = act.of(EDIT), act.main
    show("a day with nothing logged", alex.command("stats-edit", {"date": "yesterday"}))
    log(alex, "Core", approaches="4", numbers="1")
    log(alex, "Daily", overall_state="9")
    card = show("a day", alex.command("stats-edit", {"date": "today"}))
    form, late = show("a form, filled with what is logged", alex.tap(card, "Core")), alex.tap(card, "Core")
    fewer = show("fewer than before", alex.fill(form, {"approaches": "2", "numbers": "1"}))
    show("the same form, delivered twice", alex.again(fewer))
    show("more than before", edited(alex, card, "Core", approaches="6"))
    show("nothing has changed", edited(alex, card, "Daily"))
    show("fields that do not fit", edited(alex, card, "Core", approaches="1000", numbers="one"))
    show(
        "emptied until nothing is left",
        edited(alex, edited(alex, card, "Core", approaches="", numbers=""), "Daily", overall_state=""),
    )
    show("a day too long ago", alex.command("stats-edit", {"date": "2026-08-01"}))
    act.later(days=9)
    show("its form sent off when it had become too old", alex.fill(late, {"approaches": "2", "numbers": "1"}))


def deleting(act: Act) -> None:
    show, alex = act.of(DELETE), act.main
    show("nothing logged", alex.command("stats-delete", {"date": "today"}))
    log(alex, "Core", approaches="4", numbers="1")
    question = show("asking first", alex.command("stats-delete", {"date": "today"}))
    show("asked from the card of the day", alex.tap(alex.command("stats-edit", {"date": "today"}), "Delete day"))
    show("kept", alex.tap(question, "Keep"))
    deleted = show("deleted", alex.tap(question, "Delete day"))
    show("deleted, delivered twice", alex.again(deleted))
    show("a day too long ago", alex.command("stats-delete", {"date": "2026-08-01"}))


# --- history ---


def history(act: Act) -> None:
    show, alex = act.of(HISTORY), act.main
    show("nothing booked", alex.command("history"))
    log(alex, "Core", approaches="4", numbers="1")
    log(alex, "Daily", overall_state="9")
    edited(alex, alex.command("stats-edit", {"date": "today"}), "Core", approaches="2")
    alex.tap(alex.command("stats-delete", {"date": "today"}), "Delete day")
    log(alex, "Inner", grounding="2")
    act.tensey.tap(act.tensey.command("tenseylist"), "Did it")
    act.award()
    act.later(minutes=1)
    act.tensey.tap(act.tensey.command("tenseylist"), "Undo last")
    act.tensey.tap(act.tensey.command("tenseylist"), "Did it", 3)
    act.award()
    show("some rows of every kind that a member makes", alex.command("history"))


def history_of_others(act: Act) -> None:
    """What raids, the course and admins have booked, in more than a page."""
    show, alex = act.of(HISTORY), act.main
    for number in range(9):
        past.give(act.owner, {ALEX: 100 * (number + 1)}, back=9 - number)
    act.owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " SELECT %s, xp, kind, source, source_id, %s, details FROM (VALUES"
        " (250, 'reward', 'raid', '1:reward', '{\"raid_id\": 1, \"type\": \"warrior\", \"points\": 195}'::jsonb),"
        " (250, 'top', 'raid', '1:top', '{\"raid_id\": 1, \"type\": \"warrior\", \"points\": 195}'),"
        " (500, 'module', 'course', 'x:y', '{}')) AS rows (xp, kind, source, source_id, details)",
        [ALEX.id, diary.today(act.owner)],
    )
    first = show("raids, the course and corrections; the first of two pages", alex.command("history"))
    older = show("the older page", alex.tap(first, "Older"))
    show("back on the newer one", alex.tap(older, "Newer"))


ACTS = (
    submitting,
    with_every_bonus,
    with_streaks,
    with_a_full_day,
    submitting_a_past_day,
    a_week,
    editing,
    deleting,
    during_a_raid,
    history,
    history_of_others,
)
