"""What moderators see: warnings, and what members wrote that somebody should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.custom_ids import to_base62
from mastermind.deadline import Deadline
from mastermind.game.flags import actions as flags
from mastermind.game.members.rules import Member
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
    done = look("the admin has done it", ada.tap(page, "I have done"))
    look("the same button again", ada.press(_pressed(page, "I have done")))
    look("the admin decides against it", ada.tap(done, "Decide against"))
    look(
        "a moderator taps what is for admins",
        mia.press(_pressed(page, "I have done").replace(to_base62(ADA.id), to_base62(MIA.id))),
    )
    shown = look("of one member", mia.command("security warnings", {"user": ALEX}))
    withdrawn = look("withdrawn", mia.tap(shown, "Withdraw"))
    look("withdrawn, delivered twice", mia.again(withdrawn))
    look("withdrawn before", mia.press(_pressed(shown, "Withdraw")))
    look("of a member without any", mia.command("security warnings", {"user": SAM}))
    act.later(days=31)
    look("long ago", mia.command("security warnings"))


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


ACTS = (warning, many_warnings, flagging)
