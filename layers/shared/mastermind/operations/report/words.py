"""The report about a week in words, a titled line for each thing that there is to say. Kind, and without a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.text import cut
from mastermind.game.catalogue import content as catalogue
from mastermind.game.challenges import content as challenges
from mastermind.game.weeks.rules import FEW
from mastermind.game.weeks.words import dates, raid_ended
from mastermind.operations import durations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mastermind.operations.home.table import Weeks
    from mastermind.operations.report.rules import Deed, Report

LONGEST_CHALLENGE = 40
"""Characters of a challenge in a line with others."""

NONE_YET = (
    "There is no report yet. The first one comes on the Monday after a week in which somebody was there, at 18:00, "
    "here and in the admins' channel."
)

RULES = f"Left out: what fewer than {FEW} did, what is hidden or private."


@dataclass(frozen=True, slots=True)
class Line:
    """What is told, under a title of one or two words; neither has markup."""

    title: str
    text: str


def title(report: Report) -> str:
    """As in "The week from 16 to 22 November 2026"."""
    return f"The week from {dates(report.monday)}"


def of(report: Report) -> tuple[Line, ...]:
    """A line for each; what there is nothing to say of is left out."""
    lines = (
        Line("Members", _members(report)),
        Line("Active", _active(report)),
        Line("Came back", _kept(report)),
        Line("Logged most", _logged(report.logged)),
        Line("Never logged", _unlogged(report)),
        Line("Ticked most", _ticked(report.ticked)),
        Line("Never ticked", _unticked(report)),
        Line("Raids", _raids(report)),
        Line("Outages", _outages(report)),
    )
    return tuple(line for line in lines if line.text)


def now(weeks: Weeks) -> Line:
    """How the week goes that is not over."""
    many = "quiet so far" if not weeks.active else f"{_some(weeks.active)} active, the week before {_before(weeks)}"
    return Line("This week", many)


def _before(weeks: Weeks) -> str:
    return _some(weeks.active_before) if weeks.active_before else "nobody"


def _some(members: int) -> str:
    return f"{members:,}" if members >= FEW else f"fewer than {FEW}"


def _members(report: Report) -> str:
    if not report.newcomers:
        return f"{report.members:,}, nobody new"
    return f"{report.members:,}, {_some(report.newcomers)} of them new"


def _active(report: Report) -> str:
    before = f", the week before {_some(report.active_before)}" if report.active_before else ""
    if report.active:
        return f"{_some(report.active)}{before}"
    return f"nobody{before}. A quiet week happens: one hello in the chat often begins the next"


def tells_kept(report: Report) -> bool:
    """Whether both parts of those who were active the week before are large enough for a figure."""
    return report.kept is not None and min(report.kept, report.active_before - report.kept) >= FEW


def _kept(report: Report) -> str:
    """How many of the week before were there again; a part that is smaller than FEW is in no figure."""
    before, kept = report.active_before, report.kept
    if kept is None or before < FEW:
        return ""
    if tells_kept(report):
        return f"{kept:,} of the {before:,}; {before - kept:,} did not"
    many = "nearly all" if kept > before - FEW else "hardly anybody"
    return f"{many} of the {before:,}"


@dataclass(frozen=True, slots=True)
class Named:
    """A stat by its name, and how many members logged it."""

    name: str
    members: int


def named(deeds: Sequence[Deed]) -> tuple[Named, ...]:
    """The stats that the catalogue still has."""
    known = catalogue.load().by_key
    return tuple(Named(known[each.key].name, each.members) for each in deeds if each.key in known)


def _logged(deeds: Sequence[Deed]) -> str:
    return _counted((each.name, each.members) for each in named(deeds))


def _counted(deeds: Iterable[tuple[str, int]]) -> str:
    """As in "Approaches (12 members), Numbers (9)"."""
    named = [f"{name} ({members:,}{'' if place else ' members'})" for place, (name, members) in enumerate(deeds)]
    return ", ".join(named)


def _unlogged(report: Report) -> str:
    """Some of what nobody logged; where few logged anything, it is no news."""
    known = catalogue.load().by_key
    names = ", ".join(known[key].name for key in report.unlogged if key in known)
    return f"{names}, …" if names and report.logged else ""


def _ticked(deeds: Sequence[Deed]) -> str:
    return _counted((_quoted(each.key), each.members) for each in deeds if each.key in challenges.load().by_id)


def _unticked(report: Report) -> str:
    known, one = challenges.load(), report.unticked_one
    if not report.unticked or not report.ticked:
        return ""
    such_as = f", such as {_quoted(one)}" if one in known.by_id else ""
    return f"{report.unticked:,} of {known.count:,} challenges{such_as}"


def _quoted(challenge_id: str) -> str:
    return f"“{cut(challenges.load().by_id[challenge_id].text.rstrip('.'), LONGEST_CHALLENGE)}”"


def _raids(report: Report) -> str:
    ended = [raid_ended(each) for each in report.raids]
    return ". ".join((*ended, *_more(report.more_raids)))


def _more(raids: int) -> Iterator[str]:
    if raids:
        yield f"And {raids:,} more"


def _outages(report: Report) -> str:
    if not report.outages:
        return ""
    often = "once" if report.outages == 1 else f"{report.outages:,} times"
    return f"down {often}, for {durations.in_words(report.outage_seconds)}"
