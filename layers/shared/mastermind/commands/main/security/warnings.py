"""/security warnings: who was warned for what, and the proposals that wait for somebody's decision.

Without a member it lists everybody's warnings. Who may time out or ban in Discord has the bot do it here; admins also
write down that they did it themselves, or decide against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.bot.dispatch import WHO
from mastermind.commands.parts import paging
from mastermind.commands.parts.people import LONGEST_REASON, counted, moment, named, who, words
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Separator, Text
from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MODERATE_MEMBERS
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import cut
from mastermind.discord.wire import BIGGEST_ID
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace
from mastermind.game.moderation import actions as moderation
from mastermind.game.moderation.rules import STANDS_FOR
from mastermind.game.sanctions.rules import TIMED_OUT_FOR, Proposal, ProposalStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.moderation.actions import Decision, OpenProposal, Overview, Settled, Warned

PROPOSED = {Proposal.TIMEOUT: "a time-out", Proposal.BAN: "a ban"}

CONFIRM = {Proposal.TIMEOUT: "Time out", Proposal.BAN: "Ban"}
DONE = {Proposal.TIMEOUT: "Timed out", Proposal.BAN: "Banned"}
"""What the buttons say that have the bot do it, and that somebody has done it themselves."""

DOES = {
    Proposal.TIMEOUT: f"keeps them from writing for {TIMED_OUT_FOR.days * 24} hours",
    Proposal.BAN: "keeps them out of the server",
}
"""What Discord does for it."""

RIGHTS = {Proposal.TIMEOUT: MODERATE_MEMBERS, Proposal.BAN: BAN_MEMBERS}
"""What a member needs in Discord, in this very interaction, to have the bot do it."""

OFF = (
    "Nothing was done: time-outs and bans by the bot are switched off here. Do it in Discord yourself, then tap "
    "*✔ Timed out* or *✔ Banned*."
)

LONGEST_REFUSAL = 150
"""Characters of why it could not be done."""

SETTLED = {
    ProposalStatus.OPEN: "open",
    ProposalStatus.CONFIRMED: "confirmed",
    ProposalStatus.DONE: "done",
    ProposalStatus.DISMISSED: "decided against",
    ProposalStatus.WITHDRAWN: "withdrawn with its warning",
}


# --- what the subcommand and its buttons do ---


def _open(call: Call) -> Reply:
    return Message((_page(_read(call, call.user("user"), 1)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next and refresh: each names its target page."""
    return Update((_page(_read(call, *_place(call))),))


def _look(call: Call) -> Reply:
    """The warnings of somebody whom another list names, beside that list."""
    chosen = "".join(call.interaction.values)
    if not (chosen.isascii() and chosen.isdecimal() and 0 < int(chosen) <= BIGGEST_ID):
        raise BadArgument("no member was chosen")
    return Message((_page(_read(call, int(chosen), 1)),), private=True)


def _withdraw(call: Call) -> Reply:
    place, warning_id = _place(call), call.whole_argument(2)
    settled = call.run(moderation.withdraw, warning_id, *place, rights=_rights(call), now=call.now)
    if settled.fresh:
        notice = f"Withdrawn: the warning of {who(settled.user_id)}. It stays visible but no longer counts."
        if settled.lifts:
            call.nudge()
            notice += f" I end {PROPOSED[settled.lifts]} that I set for it; *Refresh* shows when that is done."
    else:
        notice = "This warning was withdrawn before. Nothing has changed."
    return Update((_page(WarningsView(call, place[0], settled.overview, notice)),))


def _confirm(call: Call) -> Reply:
    """Who may do it in Discord has it done: a moderator too."""
    if not call.services.game.moderation:
        raise MemberMistake(OFF)
    place, proposal_id = _place(call), call.whole_argument(2)
    settled = call.run(moderation.confirm, proposal_id, *place, rights=_rights(call))
    if settled.fresh:
        call.nudge()
    return Update((_page(WarningsView(call, place[0], settled.overview, _confirmation(settled))),))


def _rights(call: Call) -> frozenset[Proposal]:
    """What the caller may do in Discord themselves, as this interaction says."""
    held = call.caller.permissions
    return frozenset(proposal for proposal, bit in RIGHTS.items() if held & (bit | ADMINISTRATOR))


def _done(call: Call) -> Reply:
    return _settle(call, ProposalStatus.DONE)


def _dismiss(call: Call) -> Reply:
    return _settle(call, ProposalStatus.DISMISSED)


def _settle(call: Call, status: Decision) -> Reply:
    """Only admins decide; others can see the page but not use these buttons."""
    if call.access < Access.ADMIN:
        raise MemberMistake(WHO[Access.ADMIN])
    place, proposal_id = _place(call), call.whole_argument(2)
    settled = call.run(moderation.settle, proposal_id, status, *place)
    return Update((_page(WarningsView(call, place[0], settled.overview, _confirmation(settled))),))


def _confirmation(settled: Settled) -> str:
    if not settled.fresh:
        return f"This proposal was {SETTLED[settled.status]} before. Nothing has changed."
    if settled.status is ProposalStatus.CONFIRMED:
        whom = who(settled.user_id)
        return (
            f"Confirmed. {whom} gets the reason in a direct message, if they accept any; then Discord does what was "
            "proposed. *Refresh* shows how it went."
        )
    if settled.status is ProposalStatus.DONE:
        return f"Written down: you have done it. I have done nothing to {who(settled.user_id)} in Discord."
    return f"Written down: you have decided against it. The warnings of {who(settled.user_id)} stay."


# --- reading ---


@dataclass(frozen=True, slots=True)
class WarningsView:
    """A page of warnings, of one member or everybody (None), ready to render."""

    call: Call
    subject: int | None
    overview: Overview
    notice: str = ""

    def custom_id(self, action: str, page: int, *arguments: int) -> str:
        """A custom_id that names whose warnings are shown, and the page."""
        return self.call.custom_id(action, self.subject or 0, page, *arguments)


def _place(call: Call) -> tuple[int | None, int]:
    """Whose warnings (None: everybody's), and which page of them."""
    return call.whole_argument(0) or None, call.whole_argument(1)


def _read(call: Call, subject_id: int | None, page: int) -> WarningsView:
    return WarningsView(call, subject_id, call.run(moderation.read, subject_id, page))


# --- a page ---


def _page(view: WarningsView) -> Container:
    """At most 40 of the 40 components: 3 proposals of 5 with a line above, 5 warnings of 3, 7 around them."""
    row = paging.buttons(view.overview.page, view.custom_id)
    return Container((Text(_heading(view)), *_waiting(view), *_lines(view), row), looks.MODERATION.color)


def _heading(view: WarningsView) -> str:
    overview = view.overview
    whose = f" of {who(view.subject)}" if view.subject else ""
    lines = [f"## {looks.MODERATION.emoji} Warnings"]
    if overview.page.count:
        figures = f"{counted(overview.page.count, 'warning')}{whose}, {overview.standing:,} active"
        lines.append(f"{figures}; page {overview.page.number:,} of {overview.page.pages:,}")
    else:
        lines.append(f"There are no warnings{whose}. `/security warn` writes one down.")
    if overview.kept:
        lines.append(f"{counted(overview.kept, 'warning')} from before they had their data deleted, active too.")
    lines.append(f"-# A warning counts for {STANDS_FOR.days} days, unless it is withdrawn.")
    return "\n".join(lines + [f"**{view.notice}**"] * bool(view.notice))


def _waiting(view: WarningsView) -> Iterator[ContainerPart]:
    """What strikes have proposed to the admins, with buttons for admins whom it is not about."""
    overview = view.overview
    if overview.proposals:
        more = overview.waiting - len(overview.proposals)
        yield Separator()
        yield Text("### For the admins to decide" + (f"\n{counted(more, 'more proposal')} after these" if more else ""))
    for proposal in overview.proposals:
        yield Text(
            f"**{proposal.proposal_id}. {PROPOSED[proposal.proposal].capitalize()}** for "
            f"{named(proposal.user_id, proposal.display_name)}, proposed {moment(proposal.at)}{_progress(proposal)}"
        )
        if buttons := tuple(_decisions(view, proposal)):
            yield Row(buttons)


def _progress(proposal: OpenProposal) -> str:
    if proposal.status is ProposalStatus.CONFIRMED:
        return f"\n-# Confirmed: the reason goes to them first, then Discord {DOES[proposal.proposal]}."
    return f"\n-# Not done: {cut(proposal.refusal, LONGEST_REFUSAL)}." if proposal.refusal else ""


def _decisions(view: WarningsView, proposal: OpenProposal) -> Iterator[Button]:
    """What the caller may decide: nothing about themselves, nor what is on its way."""
    page, number, call = view.overview.page.number, proposal.proposal_id, view.call
    if proposal.status is ProposalStatus.CONFIRMED or proposal.user_id == call.caller.user_id:
        return
    if call.access >= Access.ADMIN:
        yield Button(f"Decide against {number}", view.custom_id("dismiss", page, number))
        yield Button(f"✔ {DONE[proposal.proposal]} {number}", view.custom_id("done", page, number))
    if call.services.game.moderation and view.overview.by_bot and proposal.proposal in _rights(call):
        label = f"{CONFIRM[proposal.proposal]} {number}"
        yield Button(label, view.custom_id("confirm", page, number), ButtonStyle.DANGER)


def _lines(view: WarningsView) -> Iterator[ContainerPart]:
    if view.overview.page.lines:
        yield Separator()
    for warning in view.overview.page.lines:
        text = Text(_line(warning))
        if warning.withdrawn_at or warning.user_id == view.call.caller.user_id:
            yield text
        else:
            label = f"Withdraw {warning.warning_id}"
            yield Section(
                (text,), Button(label, view.custom_id("withdraw", view.overview.page.number, warning.warning_id))
            )


def _line(warning: Warned) -> str:
    return (
        f"**{warning.warning_id}. Strike {warning.strike}**, {_standing(warning)}: "
        f"{named(warning.user_id, warning.display_name)}\n"
        f"{words(warning.reason, LONGEST_REASON)}\n-# {moment(warning.at)} by {who(warning.given_by)}{_became(warning)}"
    )


def _became(warning: Warned) -> str:
    """What the bot has done for it in Discord."""
    if not warning.proposal or not warning.acted_at:
        return ""
    what = PROPOSED[Proposal(warning.proposal)]
    if warning.lifted_at:
        return f"; I set {what}, and ended it {moment(warning.lifted_at)}"
    stays = f", which stays: {cut(warning.refusal, LONGEST_REFUSAL)}" if warning.refusal else ""
    return f"; Discord {DOES[Proposal(warning.proposal)]}, set {moment(warning.acted_at)}{stays}"


def _standing(warning: Warned) -> str:
    if warning.withdrawn_at:
        return f"withdrawn by {who(warning.withdrawn_by)}"
    return "active" if warning.stands else "expired"


SUBCOMMAND = Subcommand(
    "warnings",
    "Who was warned, and what is to be decided",
    _open,
    options=(Option("user", "Whose (default: everybody's)", type=OptionType.USER),),
    access=Access.MODERATOR,
    components={
        "open": _open,
        **paging.turned_by(_turn),
        "look": _look,
        "withdraw": _withdraw,
        "confirm": _confirm,
        "done": _done,
        "dismiss": _dismiss,
    },
    paces=dict.fromkeys((*paging.ACTIONS, "look"), Pace.PAGING),
)
