"""Reminders and the words about the week, as a member sets them in /settings and below such a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Select, SelectOption, Text
from mastermind.discord.replies import Update
from mastermind.game.days.calendar import WEEKDAYS
from mastermind.game.reminders.rules import EVENING, EVERY_DAY, HOURS, Off, checked_hour, checked_weekdays
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.bot.commands import Handler
    from mastermind.discord.replies import Reply
    from mastermind.game.settings.actions import Settings


# --- what the buttons and selects do ---


def _open(call: Call) -> Reply:
    return Update((_page(call, call.run(settings.read)),))


def _save(call: Call, change: SettingsChange) -> Reply:
    return Update((_page(call, call.run(settings.change, change), "Saved."),))


def _set(change: SettingsChange) -> Handler:
    return lambda call: _save(call, change)


def _remind_at(call: Call) -> Reply:
    return _save(call, SettingsChange(remind_hour=checked_hour("".join(call.interaction.values))))


def _remind_on_days(call: Call) -> Reply:
    return _save(call, SettingsChange(remind_weekdays=checked_weekdays(call.interaction.values)))


def _week_at(call: Call) -> Reply:
    return _save(call, SettingsChange(week_hour=checked_hour("".join(call.interaction.values), EVENING)))


def _not_today(call: Call) -> Reply:
    """Below a reminder: there is no other one today anyway. It counts as a sign of the member."""
    call.run(settings.read)
    return Update((Text(ENOUGH),))


def _stop(change: SettingsChange, words: str, resume: str) -> Handler:
    """Below a direct message."""

    def press(call: Call) -> Reply:
        call.run(settings.change, change)
        return Update((Text(words), Row((Button("Turn on", call.custom_id(resume)),))))

    return press


def _resume(change: SettingsChange, stop: str) -> Handler:
    """Below the last message, and where they were stopped."""

    def press(call: Call) -> Reply:
        now = call.run(settings.change, change)
        again = f"remind you again: {_reminded(now)}" if change.reminders else f"write to you again {_week(now)}"
        return Update((Text(f"I will {again}"), Row((Button("Stop", call.custom_id(stop)),))))

    return press


COMPONENTS: Mapping[str, Handler] = {
    "reminders": _open,
    "remind-at": _remind_at,
    "remind-days": _remind_on_days,
    "remind-on": _set(SettingsChange(reminders=True)),
    "remind-off": _set(SettingsChange(reminders=False)),
    "week-at": _week_at,
    "week-on": _set(SettingsChange(week=True)),
    "week-off": _set(SettingsChange(week=False)),
    "not-today": _not_today,
    "stop": _stop(
        SettingsChange(reminders=False),
        "I won't remind you any more. You can turn reminders on again at any time, here or in your settings.",
        "resume",
    ),
    "resume": _resume(SettingsChange(reminders=True), "stop"),
    "stop-week": _stop(
        SettingsChange(week=False),
        "I won't write about your weeks any more. You can turn it on again at any time, here or in your settings.",
        "resume-week",
    ),
    "resume-week": _resume(SettingsChange(week=True), "stop-week"),
}

DIRECT = frozenset({"not-today", "stop", "resume", "stop-week", "resume-week"})
"""What can be tapped in a direct message."""


# --- what is shown ---


def lines(call: Call, now: Settings) -> tuple[Section, ...]:
    """Whether the member is written to, and when, among all settings; nothing where nobody can be."""
    if not now.has_bot:
        return ()
    words = f"**Reminders:** {_reminded(now)}\n**Your week:** {_week(now)}"
    return (Section((Text(words),), Button("Reminders", call.custom_id("reminders"))),)


def _reminded(now: Settings) -> str:
    if now.reminders:
        return f"at {now.remind_hour}:00 {_named_days(now.remind_weekdays)}, if you have logged nothing by then."
    return STOPPED.get(now.reminders_off, NOT_REMINDED)


def _week(now: Settings) -> str:
    return f"on {_week_hour(now)}." if now.week else STOPPED.get(now.week_off, NO_WEEK)


def _week_hour(now: Settings) -> str:
    return f"Sunday at {now.week_hour}:00"


def _named_days(weekdays: str) -> str:
    if weekdays == EVERY_DAY:
        return "each day"
    return "on " + ", ".join(WEEKDAYS[int(day) - 1] for day in weekdays)


def _page(call: Call, now: Settings, notice: str = "") -> Container:
    """The hours and the weekdays, and buttons to turn both on or off."""
    weekdays = tuple(
        SelectOption(WEEKDAYS[int(day) - 1], day, "On this day, if nothing is logged", day in now.remind_weekdays)
        for day in EVERY_DAY
    )
    hour, evening = now.remind_hour if now.reminders else None, now.week_hour if now.week else None
    state = f"on, at {now.remind_hour}:00 {_named_days(now.remind_weekdays)}" if now.reminders else "off"
    return Container(
        (
            Text(f"## {looks.SETTINGS.emoji} Reminders"),
            *((Text(notice),) if notice else ()),
            Section(
                (Text(f"**They are {state}.** {ABOUT_REMINDERS}"),),
                _switch(call, "remind", ("Turn on", "Turn off"), on=now.reminders),
            ),
            Row((Select(call.custom_id("remind-at"), _hours(HOURS, hour), placeholder="At which hour?"),)),
            Row((Select(call.custom_id("remind-days"), weekdays, "On which days?", max_values=len(EVERY_DAY)),)),
            Section(
                (Text(f"**Your week: {f'on, {_week_hour(now)}' if now.week else 'off'}.** {ABOUT_WEEK}"),),
                _switch(call, "week", ("Send it", "Stop it"), on=now.week),
            ),
            Row((Select(call.custom_id("week-at"), _hours(EVENING, evening), placeholder="At which hour?"),)),
            Row((Button("All settings", call.custom_id("all")),)),
        ),
        looks.SETTINGS.color,
    )


def _switch(call: Call, of: str, labels: tuple[str, str], *, on: bool) -> Button:
    """The button that turns it on, or off; `labels` in this order."""
    if on:
        return Button(labels[1], call.custom_id(f"{of}-off"))
    return Button(labels[0], call.custom_id(f"{of}-on"), ButtonStyle.PRIMARY)


def _hours(hours: range, chosen: int | None) -> tuple[SelectOption, ...]:
    return tuple(SelectOption(f"{hour}:00", str(hour), "By your own clock", default=hour == chosen) for hour in hours)


NOT_REMINDED = "off."
NO_WEEK = "off."
STOPPED: Mapping[Off | None, str] = {
    Off.SILENCE: "off. I had not heard from you for two weeks.",
    Off.LEFT: "off. You had left the server.",
}
ABOUT_REMINDERS = (
    "One direct message at your hour, on days without an entry or a pause. After two quiet weeks they stop."
)
ABOUT_WEEK = "On Sunday evening: how it was, and one small step."
ENOUGH = "All right, not today. Nothing to do. See you whenever you like. 👋"
