"""/today: one card for the day, with its challenge, quick buttons for what one logs most, and what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command
from mastermind.commands.parts import day_cards, day_results, explanations, news, streak_lines
from mastermind.discord import limits
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import cut
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges.rules import CHALLENGE_XP
from mastermind.game.days import calendar as days
from mastermind.game.days.rules import digest
from mastermind.game.days.xp import STREAK_STEP, TEMPLAR_SHARE
from mastermind.game.members.pace import Pace
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.today import actions
from mastermind.game.today.rules import DAY_XP, Did, Goal, Near, deeds, most_used, nearest, pace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.challenges.rules import Challenge
    from mastermind.game.days.actions import Submitted
    from mastermind.game.today.actions import Logged, Today

OF_DAY, OTHER = "day", "other"
"""Which of the two challenges a card shows, as its buttons name it."""


# --- what the command and its buttons do ---


def _run(call: Call) -> Reply:
    call.welcomes()
    return Message((_card(call, call.run(actions.read), OF_DAY),), private=True)


def _another(call: Call) -> Reply:
    return Update((_card(call, call.run(actions.read), _shown(call, 0)),))


def _do(call: Call) -> Reply:
    done = call.run(actions.do, call.argument(0))
    if done.did is Did.AWARDED:
        news.tell_of_level(call, done.today.day.xp - DAY_XP, done.today.day.xp)
    return Update((_card(call, done.today, OF_DAY, _done(done.did, done.today)),))


def _undo(call: Call) -> Reply:
    undone = call.run(actions.undo, call.uuid_argument(0))
    return Update((_card(call, undone.today, OF_DAY, [TAKEN_BACK if undone.undone else GONE]),))


def _log(call: Call) -> Reply:
    """One more of a stat, for the day that the card shows."""
    stat = stats.load().by_key.get(call.argument(1))
    if stat is None or stat in stats.load().automatic or stat.once_a_day:
        raise MemberMistake(CHANGED)
    logged = call.run(actions.log, day_cards.day_of(call, 0), stat.key, catalogue=stats.load())
    news.tell_of_level(call, logged.done.xp - logged.done.booked_xp, logged.done.xp)
    said = [*_added(logged, stat.key), *explanations.lines(logged.done.explained)]
    return Update((_card(call, logged.today, _shown(call, 2), said, logged.done),))


def _take_back(call: Call) -> Reply:
    """Undo the one more that the button names."""
    day, submission, shown = day_cards.day_of(call, 0), call.whole_argument(1), call.whole_argument(2)
    undone = call.run(actions.take_back, day, submission, shown, catalogue=stats.load())
    said = f"**Undone:** {day_cards.signed(undone.done.booked_xp)} XP."
    return Update((_card(call, undone.today, _shown(call, 3), [said]),))


def _shown(call: Call, place: int) -> str:
    shown = call.argument(place)
    if shown not in {OF_DAY, OTHER}:
        raise BadArgument("there is no such challenge of the day")
    return shown


# --- the card ---


def _card(call: Call, now: Today, shown: str, notice: Sequence[str] = (), logged: Submitted | None = None) -> Container:
    """The day and the streak, its challenge, one more of what the member logs most, and what is near.

    `logged` is what was just logged by it, which can be taken back.
    """
    day = now.day
    head = [
        looks.TODAY.heading(f"Today, {days.named(day.today, day.today)}"),
        *notice,
        f"{looks.STREAK.emoji} {streak_lines.lines(day.streak, day.today)[0]}",
        *_rhythm(now),
    ]
    ahead = [*_near(now), *_raid(now)]
    return Container(
        (
            Text("\n".join(head)),
            Separator(),
            *_challenge(call, now, shown),
            Separator(),
            _quick(call, now, shown, logged),
            *([Text("\n".join(ahead))] if ahead else []),
        ),
        looks.TODAY.color,
    )


def _rhythm(now: Today) -> list[str]:
    """How far the member's own rhythm is, if they have chosen one."""
    rhythm = now.standing.rhythm
    if rhythm is None:
        return []
    own = pace(rhythm, deeds(stats.load(), now.day.counts, now.standing.done_today), now.active_days)
    done = f"{own.done} of {own.of} " + ("days this week" if rhythm is Rhythm.WEEKLY else "today")
    return [f"{rhythm.emoji} **Your rhythm:** {done}{' ✅' if own.done == own.of else ''}"]


def _challenge(call: Call, now: Today, shown: str) -> tuple[ContainerPart, ...]:
    """The challenge that is shown, with its buttons; or the one that was done, with an undo."""
    standing = now.standing
    if standing.award_id:
        undo = Button("Undo", call.custom_id("undo", standing.award_id.int), emoji="↩️")
        return Text(_of_done(now)), Row((undo,))
    both = [each for each in map(_known, (standing.of_day, standing.other)) if each]
    if not both:
        return (Text(NO_CHALLENGE),)
    challenge = both[-1] if shown == OTHER else both[0]
    buttons = [Button("Did it", call.custom_id("do", challenge.id), ButtonStyle.SUCCESS, "✅")]
    if len(both) > 1:
        next_one = OF_DAY if shown == OTHER else OTHER
        buttons.append(Button("Another", call.custom_id("another", next_one), emoji="🎲"))
    title = "Or this one instead" if challenge.id == standing.other else "Challenge of the day"
    return Text(_of_open(now, challenge, title)), Row(tuple(buttons))


def _of_open(now: Today, challenge: Challenge, title: str) -> str:
    lines = [f"{looks.CHALLENGES.emoji} **{title}, +{DAY_XP} XP**", challenge.text]
    if challenge.id in now.standing.coming:
        return "\n".join((*lines, f"-# You ticked it: {CHALLENGE_XP} XP and these {DAY_XP} come by itself."))
    if challenge.id in now.standing.listed:
        return "\n".join((*lines, "-# You have done this one before. Today it counts again."))
    return "\n".join(lines)


def _of_done(now: Today) -> str:
    challenge = _known(now.standing.done)
    lines = [f"{looks.CHALLENGES.emoji} **Challenge of the day: done, +{DAY_XP} XP** ✅"]
    if challenge:
        lines.append(challenge.text)
        if challenge.id not in now.standing.listed:
            lines.append(f"-# Tick it in `/tenseylist` too: another {CHALLENGE_XP} XP.")
    return "\n".join(lines)


def _known(challenge_id: str) -> Challenge | None:
    """The challenge, if this version has it; while a release is deployed the database may name one of another."""
    return challenges.load().by_id.get(challenge_id)


def _quick(call: Call, now: Today, shown: str, logged: Submitted | None) -> Row:
    """One more of what the member logs most, the form for everything, and last what takes back the one just logged."""
    day = day_cards.written(now.day.today)
    often = most_used(stats.load(), now.standing.totals, now.day.counts)
    more = (
        Button(cut(f"+1 {stat.name}", limits.BUTTON_LABEL_READS_WELL), call.custom_id("log", day, stat.key, shown))
        for stat in often
    )
    every = Button("Log more", call.custom_id("log", path="submit-stats"), emoji=looks.DAYS.emoji)
    return Row((*more, every, *([_undo_of(call, logged, shown)] if logged else [])))


def _undo_of(call: Call, logged: Submitted, shown: str) -> Button:
    day, counts = day_cards.written(logged.day), digest(logged.counts)
    return Button("Undo +1", call.custom_id("take-back", day, call.key, counts, shown), emoji="↩️")


def _near(now: Today) -> list[str]:
    near = nearest(
        now.day.streak, now.day.today, now.standing.challenges, challenges.load().count, now.points, now.day.xp
    )
    return [_said(near, now)] if near else []


def _said(near: Near, now: Today) -> str:
    match near.goal:
        case Goal.STREAK:
            when = "tomorrow is" if now.day.streak.last == now.day.today else "log something and today is"
            return f"{looks.STREAK.emoji} **Near:** {when} day {near.of}, and every XP counts +{STREAK_STEP} % more"
        case Goal.MILESTONE:
            few = _count(near.missing, "challenge")
            return f"{looks.CHALLENGES.emoji} **Near:** {few} to your milestone of {near.of:,}"
        case Goal.TEMPLAR:
            side, emoji = ("mage", looks.MAGE.emoji) if near.of else ("warrior", looks.WARRIOR.emoji)
            points = _count(near.missing, f"{side} point")
            return f"{emoji} **Near:** {points} to a Templar day (both sides in balance), +{TEMPLAR_SHARE} %"
        case Goal.LEVEL:
            return f"⭐ **Near:** {near.missing:,} XP to level {near.of}"


def _raid(now: Today) -> list[str]:
    if now.raid is None:
        return []
    raid, part = now.raid, f"{now.part:,} from you" if now.part else "and yours still to come"
    title = f"{looks.RAIDS[raid.type].emoji} **{raid.type.capitalize()} raid:**"
    ends = f"Ends <t:{int(raid.ends_at.timestamp())}:R>"
    return [f"{title} {raid.total:,} of {raid.target:,} points, {part}. {ends}"]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


# --- what has just happened ---


def _done(did: Did, now: Today) -> list[str]:
    match did:
        case Did.AWARDED:
            return [f"**+{DAY_XP} XP** {looks.WON.emoji}", *day_cards.reached(now.day.xp, DAY_XP)]
        case Did.HAD:
            return [HAD]
        case Did.OTHER_DAY:
            return [OTHER_DAY]


def _added(logged: Logged, key: str) -> list[str]:
    """The XP of it and how many the day has now."""
    done = logged.done
    count = f"{stats.load().stat(key).name}: {done.counts.get(key, 0):,} {_when(logged)}"
    raid = [f"Raid: +{done.raid:,} points"] if done.raid and not done.finished else []
    won = [day_results.to_raid(done.raid or 0, done.raid_now, finished=True)] if done.finished else []
    gained = f"**+{done.booked_xp:,} XP** for {count}" if done.booked_xp else f"**Noted.** {count}"
    return [". ".join((gained, *raid)), *won, *day_cards.reached(done.xp, done.booked_xp)]


def _when(logged: Logged) -> str:
    if logged.done.day == logged.today.day.today:
        return "today"
    return f"on {days.named(logged.done.day, logged.today.day.today)}"


HAD = f"Today has brought its {DAY_XP} XP already."
OTHER_DAY = "**That was the challenge of another day, so nothing was stored.** This is today's."
TAKEN_BACK = f"**Taken back**, and the {DAY_XP} XP with it."
GONE = "That was taken back before. Nothing has changed."
NO_CHALLENGE = f"{looks.CHALLENGES.emoji} Today has no challenge of its own: choose one in `/tenseylist`."
CHANGED = "What can be logged has changed since this card was opened. Please type `/today` again."

COMMAND = Command(
    name="today",
    description="Your day on one card: its challenge, quick logging, what is near",
    run=_run,
    private=True,
    components={"open": _run, "another": _another, "do": _do, "undo": _undo, "log": _log, "take-back": _take_back},
    help=(
        "One card for the day: your streak, a challenge that is the same for everybody (+50 XP, once a day), and a "
        "button for one more of what you log most. *Another* shows a challenge of your own instead. Below it stands "
        "what is near, and the raid if one runs."
    ),
    pace=Pace.PAGING,
    paces={"log": Pace.STATS, "take-back": Pace.STATS, "do": Pace.TICKS, "undo": Pace.TICKS},
)
