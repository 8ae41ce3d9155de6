"""/scorecard: one member's figures, or two members side by side, visible to everybody.

A hidden member's figures are private: others see only their faction, and the member's own card is shown to them alone.
What a member keeps to themselves (dating and moods, unless they show them) is on no card that others see, and neither
is anything that is computed from it; a button shows everybody their own whole card.
"""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import bars, challenge_progress, comparison, day_cards, seen
from mastermind.commands.parts.people import counted
from mastermind.discord import avatars
from mastermind.discord.components import Button, Container, Row, Section, Separator, Text
from mastermind.discord.replies import Message, Reply
from mastermind.discord.text import name
from mastermind.errors import Forgotten, MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.archetypes import BALANCED, Archetype, archetype, missing
from mastermind.game.challenges import content as challenges
from mastermind.game.days.calendar import named
from mastermind.game.days.xp import TEMPLAR_SHARE
from mastermind.game.factions import emblems
from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import LEVELS, LevelProgress, progress
from mastermind.game.members.pace import Pace
from mastermind.game.standings import actions as standings
from mastermind.game.standings.rules import conversions
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mastermind.bot.call import Call
    from mastermind.game.catalogue.archetypes import Points
    from mastermind.game.catalogue.rules import Category
    from mastermind.game.days.streaks import Streak
    from mastermind.game.standings.actions import Scorecard


def _run(call: Call) -> Reply:
    first, second = call.user("user") or call.caller.user_id, call.user("compare")
    if second == first:
        raise MemberMistake("That is the same member twice. Choose somebody else to compare with.")
    wanted = (first,) if second is None else (first, second)
    cards = call.run(standings.read_scorecards, *wanted, catalogue=stats.load(), to_draw=call.draws)
    known = [_as_named_now(call, card) for card in cards if card]
    if len(known) < len(cards):
        missing = (_unknown(call, user_id) for user_id, card in zip(wanted, cards, strict=True) if not card)
        return Message((Container((Text("\n".join(missing)),), looks.FIGURES.color),), private=False)
    private = any(card.hidden and seen.is_own(call, card) for card in known)
    shown = _card(call, known[0], private=private) if len(known) == 1 else comparison.compared(call, *known)
    return Message((shown,), private=private, picture=_picture(call, known, private=private))


def _own(call: Call) -> Reply:
    """The whole card of the member who presses, for them alone."""
    (card,) = call.run(standings.read_scorecards, call.caller.user_id, catalogue=stats.load(), to_draw=call.draws)
    if card is None:
        raise Forgotten
    call.welcomes()
    card = _as_named_now(call, card)
    picture = _picture(call, [card], private=True)
    return Message((_card(call, card, private=True),), private=True, picture=picture)


def _cheer(call: Call) -> Reply:
    """The button of a post about a member: it has no owner, and stands below no card of this command."""
    from mastermind.commands.parts import cheering  # no card needs it

    return cheering.press(call)


def _picture(call: Call, cards: Sequence[Scorecard], *, private: bool) -> Callable[[], str] | None:
    """The picture of what the words say; None where none is drawn, or where somebody hides."""
    if not call.draws or any(seen.is_private(call, card) for card in cards):
        return None
    return lambda: _drawn(cards, private=private)


def _drawn(cards: Sequence[Scorecard], *, private: bool) -> str:
    from mastermind.commands.parts import pictures  # many games draw none

    if len(cards) == 1:
        shown = cards[0] if private else seen.public(cards[0])
        return pictures.of_card(shown, seen.points(shown))
    left, right = map(seen.public, cards)
    return pictures.of_two((left, seen.points(left)), (right, seen.points(right)))


def _as_named_now(call: Call, card: Scorecard) -> Scorecard:
    """The card under the name and the avatar that Discord sent with this use; both may be newer than those stored."""
    person = call.interaction.users.get(card.user_id)
    if person is None:
        return card
    portrait = card.portrait and replace(card.portrait, avatar=person.avatar)
    shown = person.display_name if is_visible(person.display_name) else card.display_name
    return replace(card, display_name=shown, portrait=portrait)


def _unknown(call: Call, user_id: int) -> str:
    """The text about a user who has not joined the game."""
    person = call.interaction.users.get(user_id)
    who = name(person.display_name) if person and is_visible(person.display_name) else "This member"
    said = f"{who} has not joined the game yet. The first command they use opens their card; `/help` shows them how."
    return f"{looks.FIGURES.emoji} {said}"


# --- one member ---


def _card(call: Call, card: Scorecard, *, private: bool) -> Container:
    """One member's card, whole for them alone (`private`)."""
    if seen.is_private(call, card):
        return Container((_heading(call, card, _hidden_card(card)),), looks.FIGURES.color)
    now = progress(card.xp)
    reached = levels.of_level(now.level)
    shown = card if private else seen.public(card)
    return Container(
        (
            _heading(call, card, f"Level {now.level} of {LEVELS}: {reached.title}\n{emblems.shown(card.faction)}"),
            Text("\n".join((*_xp(shown, now), *_game(shown)))),
            Separator(),
            Text("\n".join((*_streak(shown.streak), *_balance(shown)))),
            Separator(),
            Text("\n".join((*_logged(shown, private=private), *(() if private else (NEXT,))))),
            _alone(card) if private else Row((Button("My card", call.shared_custom_id("own"), emoji="🔒"),)),
        ),
        reached.color,
    )


KEPT = "-# This member keeps their figures to themselves. `/leaderboard` shows the others."
NEXT = "-# `/leaderboard`: who is near. `/faction-stats`: whom you gather XP for."


def _heading(call: Call, card: Scorecard, below: str) -> Text | Section:
    """The name, what stands below it, and the picture that Discord sent with this use."""
    text = Text(f"{looks.FIGURES.heading(name(card.display_name))}\n{below}")
    person = call.caller if seen.is_own(call, card) else call.interaction.users.get(card.user_id)
    face = avatars.thumbnail(card.user_id, card.display_name, person.avatar) if person else None
    return Section((text,), face) if face else text


def _hidden_card(card: Scorecard) -> str:
    return f"{emblems.shown(card.faction)}\n{KEPT}"


def _alone(card: Scorecard) -> Text:
    """That nobody else sees this card, and what of it is on no other."""
    kept = [category.title for category in stats.load().private if category.key not in card.shown]
    left_out = f" Others see no {' and '.join(kept)}: `/settings`." if kept else ""
    return Text(f"-# Only you see this card.{left_out}")


def _xp(card: Scorecard, now: LevelProgress) -> Iterator[str]:
    """The XP, and how much is missing to the next level."""
    yield f"**XP:** {card.xp:,}"
    if now.next_level is None:
        yield "The highest level is reached."
        return
    yield f"**To level {now.next_level}:** {bars.with_figures(now.gained, now.span, 'XP', more=_to_go(now))}"


def _to_go(now: LevelProgress) -> str:
    return f", {now.missing:,} to go"


def _game(card: Scorecard) -> list[str]:
    rank = f"{card.rank:,} (not on the leaderboard)" if card.hidden else f"{card.rank:,}"
    return [f"**Rank:** {rank}", *challenge_progress.to_milestone("**Challenges:**", challenges.load(), card.completed)]


def _balance(card: Scorecard) -> Iterator[str]:
    """The archetype as one balance, and what it means, with what is missing for it."""
    points = seen.points(card)
    kind = archetype(points.warrior, points.mage)
    if kind is Archetype.INITIATE:
        yield f"**{kind}:** what is logged and done will make a warrior {WARRIOR}, a mage {MAGE}, or both in balance."
        return
    yield f"**{kind}** {bars.balance((WARRIOR, MAGE), points.warrior, points.mage)}"
    yield f"-# Warrior to mage points{_to_templar(points)}. {TEMPLAR_MEANS}"


def _to_templar(points: Points) -> str:
    fewer = "warrior" if points.warrior < points.mage else "mage"
    more = missing(points)
    return f"; {counted(more, f'more {fewer} point')} to a Templar" if more else ", in balance"


WARRIOR, MAGE = looks.WARRIOR.emoji, looks.MAGE.emoji

TEMPLAR_MEANS = f"A Templar day ({BALANCED} % or more of each) pays +{TEMPLAR_SHARE} %."


def _streak(streak: Streak) -> Iterator[str]:
    """The streak, the freezes, and whether a pause or a rest day holds it."""
    if not streak.length:
        longest = f"; the longest was {_days(streak.longest)}" if streak.longest else ""
        yield f"**Streak:** begins with the next day that counts{longest}"
    else:
        longest = f"the longest was {_days(streak.longest)}" if streak.longest > streak.length else "the longest so far"
        yield f"**Streak:** {_days(streak.length)}, {longest}"
    if streak.pause:
        yield f"**Paused** through {named(streak.pause.last, streak.pause.first)}"
    if streak.rests:
        yield "**Rest day** today"
    if streak.length and streak.freezes:
        yield f"**Freezes:** {streak.freezes}"
        yield "-# A freeze covers a missed day, automatically."


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def _logged(card: Scorecard, *, private: bool) -> Iterator[str]:
    """The totals, one line per category, and the conversion ratios."""
    if not card.counts:
        nothing = "Nothing is logged yet" if private else "Nothing is logged yet that everybody sees"
        yield f"{nothing}: `/submit-stats` takes the first entry."
    for category in stats.load().categories:
        if listed := _listed(category, card):
            yield f"**{category.title}:** {listed}"
    yield from day_cards.retired(card.counts)
    yield from (f"-# {stat.name}: {stat.about}." for stat, _ in stats.load().known(card.counts) if stat.about)
    if came := conversions(card.counts, () if private else seen.kept(card)):
        yield f"**On average:** {', '.join(came)}"


def _listed(category: Category, card: Scorecard) -> str:
    """The totals of a category; of a value of the day, which is not an amount, the average."""
    return ", ".join(
        f"{stat.name} {_average(total, card.checked_in.get(stat.key, 1))}"
        if stat.once_a_day
        else f"{stat.name} {total:,}"
        for stat in category.stats
        if (total := card.counts.get(stat.key, 0))
    )


def _average(total: int, number: int) -> str:
    tenths = (20 * total + number) // (2 * number)
    return f"{tenths // 10}.{tenths % 10} on average of {_days(number)}"


COMMAND = Command(
    name="scorecard",
    description="See level, XP, rank, streak and totals of a member, or of two side by side",
    run=_run,
    options=(
        Option("user", "Whose card (default: your own)", type=OptionType.USER),
        Option("compare", "Somebody to compare with", type=OptionType.USER),
    ),
    private=False,
    components={"own": _own, "cheer": _cheer},
    paces={"cheer": Pace.PAGING},
    help=(
        "Shows a member's level and class, XP and progress to the next level, rank, faction, challenges, archetype, "
        "streak with its freezes, and what they logged in all with what came of it. `compare` puts two members side by "
        "side. Everybody in the channel sees the answer, so it leaves out what a member keeps to themselves (dating "
        "and moods, unless `/settings` says otherwise); the button below it shows you your own whole card. A hidden "
        "member's own card is private, and others see no figure of theirs."
    ),
)
