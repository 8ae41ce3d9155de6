"""The first step of the first run in the Tensey application: a challenge that can be done now, one screen each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import first_steps, ticking
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Text
from mastermind.discord.replies import Message, Update
from mastermind.errors import BadArgument
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges.rules import CHALLENGE_XP, Show
from mastermind.game.first_run import actions as first_run
from mastermind.game.first_run import content, rules
from mastermind.game.first_run.rules import Step
from mastermind.game.for_you.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.bot.call import Call
    from mastermind.bot.commands import Handler
    from mastermind.discord.replies import Reply
    from mastermind.game.challenges.actions import LiveAward
    from mastermind.game.challenges.rules import Challenge
    from mastermind.game.first_run.actions import Newcomer


def _begin(call: Call) -> Reply:
    """A message of its own, beside the answer that the line stands on."""
    for kind in (Kind.START, Kind.GO_ON):
        call.shows(kind)
    newcomer = _met(call)
    return Message((_done(call, None) if newcomer.has_ticked else _step(call, newcomer, 0),))


def _other(call: Call) -> Reply:
    return Update((_step(call, _met(call), call.whole_argument(0)),))


def _did(call: Call) -> Reply:
    challenge = challenges.load().by_id.get(call.argument(0))
    if challenge is None:
        raise BadArgument("there is no such challenge")
    delay = call.services.game.xp_delay
    ticked = call.run(first_run.tick, challenge.id, delay=delay, token=call.token)
    award = ticking.award_of(ticked)
    if award and ticked.fresh:
        ticking.send(call, award)
    return Update((_done(call, award),))


def _not_now(call: Call) -> Reply:
    call.run(first_run.decline)
    return Update((first_steps.declined(),))


def _met(call: Call) -> Newcomer:
    return call.run(first_run.meet)


# --- the pages ---


def _step(call: Call, newcomer: Newcomer, place: int) -> Container:
    offered = _offered()
    place = rules.turned(offered, place)
    deed = offered[place]
    done = Button("Did it", call.custom_id("first", deed.id), ButtonStyle.SUCCESS, emoji="✅")
    another = Button("Another", call.custom_id("another", place + 1), emoji="🎲")
    return Container(
        (
            Text(first_steps.welcome(call, newcomer.faction)),
            Section((Text(f"**{deed.text}**"),), done),
            Row((another, first_steps.not_now(call))),
            first_steps.dots(Step.DEED),
        ),
        looks.GUIDE.color,
    )


def _offered() -> Sequence[Challenge]:
    return rules.first_challenges(challenges.load(), content.challenges())


def _done(call: Call, award: LiveAward | None) -> Container:
    """What comes next; `award` is what was ticked here, if it stands."""
    said = _said(award) if award else "## Your first deed is done 🎯"
    buttons = [Button("See all", call.custom_id("back", 1, 0, Show.OPEN), ButtonStyle.PRIMARY)]
    if award:
        buttons.append(Button("Undo it", call.custom_id("untick", award.award_id.int, 1, 0, Show.OPEN)))
    words = Text(f"{said}\n`/start` has the rest.")
    return Container((words, Row(tuple(buttons)), first_steps.dots(Step.TODAY)), looks.GUIDE.color)


def _said(award: LiveAward) -> str:
    return f"{first_steps.first_done(CHALLENGE_XP)} The XP comes <t:{round(award.due_at.timestamp())}:R>."


ACTIONS: Mapping[str, Handler] = {"begin": _begin, "first": _did, "another": _other, "not-now": _not_now}
