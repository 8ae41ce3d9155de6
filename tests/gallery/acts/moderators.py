"""What moderators see: warnings, and what members wrote that somebody should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.bot.custom_ids import to_base62
from mastermind.deadline import Deadline
from mastermind.game.flags import actions as flags
from mastermind.game.members.rules import Member
from mastermind.game.sanctions import letters
from mastermind.game.sanctions.rules import Proposal, ProposalStatus, Sanction
from mastermind.postgres.exchange import exchange, transaction
from tests.actors import by
from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX, SAM
from tests.gallery import past

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from mastermind.postgres.connection import Connection
    from tests.gallery.stage import Act

WARN, WARNINGS, FLAGS = "/security warn", "/security warnings", "/security flags"
DIRECT = "Direct messages"

DONE = (
    "UPDATE user_moderation SET status = 'done', resolved_at = now(), acted_at = now(), refusal = NULL"
    " WHERE proposal = %s"
)
REFUSED = (
    "UPDATE user_moderation SET refusal = 'the bot is not above that member in the list of roles' WHERE proposal = %s"
)
"""As relay books what became of it."""


def warn(act: Act, user: User = ALEX, reason: str = "Went on after a no") -> Answer:
    return act.main.as_user(MIA).command("security warn", {"user": user, "reason": reason})


def warning(act: Act) -> None:
    show, look = act.of(WARN), act.of(WARNINGS)
    mia, ada = act.main.as_user(MIA), act.main.as_user(ADA)
    look("none", mia.command("security warnings"))
    first = show("the first strike", warn(act))
    show("the first strike, delivered twice", mia.again(first))
    look("one", mia.command("security warnings"))
    act.later(days=2)
    show("the second strike", warn(act))
    show("the third strike", warn(act, reason="Wrote to somebody who had asked to be left alone"))
    show("a reason that says nothing", warn(act, reason="  x  "))
    act.of("/settings")("of who was warned", act.main.command("settings"))
    look("proposals, as a moderator sees them", mia.command("security warnings"))
    page = look("proposals, as an admin sees them", ada.command("security warnings"))
    done = look("the admin has done it", ada.tap(page, "✔"))
    look("the same button again", ada.press(_pressed(page, "✔")))
    look("the admin decides against it", ada.tap(done, "Decide against"))
    look(
        "a moderator taps what is for admins",
        mia.press(_pressed(page, "✔").replace(to_base62(ADA.id), to_base62(MIA.id))),
    )
    shown = look("of one member", mia.command("security warnings", {"user": ALEX}))
    withdrawn = look("withdrawn", mia.tap(shown, "Withdraw"))
    look("withdrawn, delivered twice", mia.again(withdrawn))
    look("withdrawn before", mia.press(_pressed(shown, "Withdraw")))
    look("of a member without any", mia.command("security warnings", {"user": SAM}))
    act.later(days=31)
    look("long ago", mia.command("security warnings"))


def carrying_out(act: Act) -> None:
    """With a bot: the words to who was warned, and what becomes of the proposals."""
    show, look = act.of(WARN), act.of(WARNINGS)
    mia, ada = act.main.as_user(MIA), act.main.as_user(ADA)
    act.owner.execute("UPDATE bot_status SET is_on = true")
    show("the first strike, with a bot", warn(act))
    warn(act, reason="Wrote to somebody who had asked to be left alone")
    warn(act, reason="Insulted *Sam*, then <@1>")
    page = look("proposals that the bot can do", ada.command("security warnings"))
    look("proposals, for a moderator who may time out", mia.command("security warnings"))
    look("a time-out is confirmed", ada.tap(page, "Time out"))
    look("confirmed before", ada.press(_pressed(page, "Time out")))
    ban = _pressed(page, "Ban").replace(to_base62(ADA.id), to_base62(MIA.id))
    look("somebody confirms a ban who may not ban", mia.press(ban))
    act.owner.execute(DONE, [Proposal.TIMEOUT])
    act.owner.execute(REFUSED, [Proposal.BAN])
    page = look("one is done, one was refused", ada.command("security warnings"))
    off = replace(ada, moderation=False)
    look("the bot does not ban here", off.press(_pressed(page, "Ban")))
    look("one was refused, and the bot does not ban here", off.command("security warnings"))
    act.owner.execute("UPDATE bot_status SET is_on = false")
    look("the bot is off", ada.press(_pressed(page, "Ban")))
    act.owner.execute("UPDATE bot_status SET is_on = true")
    act.owner.execute(DONE, [Proposal.BAN])
    page = look("all is done", ada.command("security warnings"))
    look(
        "who may not ban withdraws", mia.press(_pressed(page, "Withdraw").replace(to_base62(ADA.id), to_base62(MIA.id)))
    )
    look("withdrawn, and the ban ends", ada.tap(page, "Withdraw"))
    act.owner.execute("UPDATE user_moderation SET lifted_at = now() WHERE proposal = %s", [Proposal.BAN])
    look("the ban has ended", ada.command("security warnings"))


def letters_home(act: Act) -> None:
    """The direct messages, as relay composes them."""
    reason = "Went on after a *no*"
    act.posted(DIRECT, "a first warning", letters.first_warning(reason))
    for proposal, until in ((Proposal.TIMEOUT, act.now + timedelta(days=1)), (Proposal.BAN, None)):
        status = ProposalStatus.CONFIRMED
        sanction = Sanction(1, ALEX.id, proposal, status, ADA.id, until, None, None, 2, 2, reason, None)
        act.posted(DIRECT, f"before a {proposal}", letters.before(sanction))


def many_warnings(act: Act) -> None:
    look, ada = act.of(WARNINGS), act.main.as_user(ADA)
    for user in past.CROWD[:5]:
        warn(act, user)
        warn(act, user, "Words that hurt")
    first = look("many", ada.command("security warnings"))
    second = look("the second page", ada.tap(first, "Next"))
    look("back on the first", ada.tap(second, "Previous"))
    look("refreshed", ada.tap(first, "Refresh"))
    act.owner.execute("SELECT delete_member(%s)", [past.CROWD[4].id])
    look("a button of somebody whose data was deleted", ada.press(_pressed(first, "Withdraw")))


def flagging(act: Act) -> None:
    show, mia = act.of(FLAGS), act.main.as_user(MIA)
    past.meet(act.owner, ALEX, SAM)
    show("none", mia.command("security flags"))
    write(act, ALEX, "How do I go on when I feel better off dead?", 1)
    page = show("one", mia.command("security flags"))
    resolved = show("resolved", mia.tap(page, "Resolve"))
    show("resolved, delivered twice", mia.again(resolved))
    show("decided before", mia.press(_pressed(page, "Dismiss")))
    for number, words in enumerate(WORDS, start=2):
        write(act, SAM, words, number)
    first = show("many", mia.command("security flags"))
    show("dismissed", mia.tap(first, "Dismiss"))
    second = show("the second page", mia.tap(first, "Next"))
    show("back on the first", mia.tap(second, "Previous"))
    show("refreshed", mia.tap(first, "Refresh"))
    act.owner.execute("SELECT delete_member(%s)", [SAM.id])
    show("a button for somebody whose data was deleted", mia.press(_pressed(second, "Resolve")))


WORDS = (
    "He said he would find where you live",
    "What an idiot I was!",
    "My number is 555 0100, call me at night",
    "Join my server: discord.gg/abc",
    "I told her to shut up",
    "They said: you will pay for this",
    "KILL MYSELF, HURT YOU, IDIOT, MY NUMBER IS, WWW.E.ORG",
)


def write(act: Act, user: User, text: str, number: int) -> None:
    """Somebody asks something about the course."""

    def save(conn: Connection) -> None:
        with exchange(conn), transaction(conn):
            flags.look_at(conn, by(Member(user.id, user.name), number), "course.question", str(number), text)

    act.main.database.run(save, Deadline.after(10))


def _pressed(answer: Answer, label: str) -> str:
    return next(custom_id for shown, custom_id in answer.buttons if shown.startswith(label))


ACTS = (warning, carrying_out, letters_home, many_warnings, flagging)
