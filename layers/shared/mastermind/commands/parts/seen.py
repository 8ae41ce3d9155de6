"""The parts of a member's card that the caller may see."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from mastermind.game.catalogue import archetypes
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import TENSEY

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.game.catalogue.archetypes import Points
    from mastermind.game.standings.actions import Scorecard


def is_own(call: Call, card: Scorecard) -> bool:
    return card.user_id == call.caller.user_id


def is_private(call: Call, card: Scorecard) -> bool:
    """Whether the caller may not see the card's figures."""
    return card.hidden and not is_own(call, card)


def public(card: Scorecard) -> Scorecard:
    """The card without what its member keeps to themselves, so that nothing is computed from it."""
    theirs = kept(card)
    known = stats.load().known(card.counts)
    return replace(card, counts={stat.key: count for stat, count in known if stat.key not in theirs})


def kept(card: Scorecard) -> frozenset[str]:
    return stats.load().kept(card.shown)


def points(card: Scorecard) -> Points:
    """The all-time archetype points: from logged stats and completed challenges."""
    units = {key: card.checked_in.get(key, total) for key, total in card.counts.items()}
    return archetypes.points(stats.load(), {**units, TENSEY: card.challenges_done})
