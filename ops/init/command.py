"""`ops init`: asks at most ten things beside two bot tokens, and makes a live game of the answers."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from mastermind.bot.registry import APPS
from ops import adopting, deploy, doctor, given, recovery, settings
from ops.asking import Asking, Nobody, Refused, Terminal
from ops.checklist import by_hand
from ops.checks.findings import Context, State
from ops.checks.report import show
from ops.command_line import RegionName, StackName, Yes, find_target, own_region
from ops.discord import API, ApiUrl, fail
from ops.init import guesses, joining, questions
from ops.init.draft import Draft, Setup
from ops.init.making import Making
from ops.target import SERVING_STATUSES, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.init.discord_side import Account, Server
    from ops.target import Target

USUAL_NAME = "mastermind"
REPLACED = (
    "Remove the old application's bot from the server (Server Settings, Integrations), and delete the pinned messages"
    " with its buttons: nobody answers them any more."
)
KNOWN_LATER = {"snapshot", "health check", "alarms"}
"""Checks of the doctor that a game of a few minutes may fail."""


def init(
    context: typer.Context,
    *,
    stack: StackName = None,
    region: RegionName = None,
    again: Annotated[bool, typer.Option("--again", help="Ask what is answered already, too.")] = False,
    replace: Annotated[
        str | None, typer.Option(parser=given.app, help=f"Give that bot another application: {' or '.join(APPS)}.")
    ] = None,
    build_dir: Annotated[Path, typer.Option(parser=given.new_folder, help="Where the build goes.")] = deploy.BUILD,
    built: Annotated[bool, typer.Option("--built", help="Deploy the existing build.")] = False,
    base_url: ApiUrl = API,
    yes: Yes = False,
) -> None:
    """Make a live game of AWS credentials and two bot tokens, asking at most ten things beside these.

    Safe to run again at any time: what is answered is not asked, and what is done is not done twice. The tokens may
    also be in DISCORD_BOT_TOKEN_MAIN and DISCORD_BOT_TOKEN_TENSEY. With --yes every guess is taken.
    """
    console = Console(highlight=False, soft_wrap=True)
    file = settings.file_of(context)
    asking = Asking(Nobody() if yes else Terminal(console), console)
    setup = Setup(asking, Draft(file, settings.read(file), again=again), base_url, replace or "")
    options = Options(stack or USUAL_NAME, region, build_dir, built=built, yes=yes)
    try:
        run(setup, options)
    except KeyboardInterrupt:
        fail(f"\nStopped. Nothing is lost: `{_line(file)}` goes on here.")
    except (Refused, TargetError) as trouble:
        fail(f"{trouble}\nNothing is lost: `{_line(file)}` goes on here.")


def _line(file: Path) -> str:
    """How to go on."""
    return ".venv/bin/ops init" if file == settings.FILE else f".venv/bin/ops --settings {file} init"


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed behind `ops init`."""

    stack: str
    region: str | None
    build_dir: Path
    built: bool = False
    yes: bool = False


def run(setup: Setup, options: Options) -> None:
    """Raises Refused or TargetError if it cannot go on, and typer.Exit if a step has failed and said so."""
    asking, draft = setup.asking, setup.draft
    asking.say("[bold]From nothing to a live game.[/] Enter takes what stands in \\[brackets]. Ctrl-C loses nothing.")
    place = options.region or own_region() or questions.region(asking)
    with closing(find_target(options.stack, place)) as target:
        who = target.caller
        asking.fine(f"AWS: {who}, in {target.region}; the game is called {target.stack}.")
        draft.place(target.stack, target.region)
        _adopt(setup, target)
        accounts = joining.accounts(setup, target)
        answer(setup, accounts, who)
        make(setup, options, target, accounts)


def _adopt(setup: Setup, target: Target) -> None:
    """A game that was deployed from elsewhere keeps what it has; nothing of it is asked."""
    draft = setup.draft
    if draft.settings.parameters or recovery.status_of(target) not in SERVING_STATUSES:
        return
    draft.take(adopting.of_stack(target))
    setup.asking.fine(f"{target} is there: its settings are in {draft.file.name} now.")


# --- the answers ---


def answer(setup: Setup, accounts: Mapping[str, Account], who: str) -> None:
    """Ask what is not answered yet; each answer is in the settings file before the next question."""
    asking, draft = setup.asking, setup.draft
    servers = joining.servers(setup, accounts)
    main, leads, mods = servers["main"], ("^admin|owner|lead",), ("mod",)
    if not draft.has("OwnerId"):
        draft.put(OwnerId=str(accounts["main"].owner_id))
    if not draft.has("AdminRoleId"):
        words = "Which role do the admins have?"
        chosen = questions.role(asking, "AdminRoleId", words, main, leads, questions.LEADS, draft)
        draft.put(AdminRoleId=str(chosen))
    if not draft.has("ModeratorRoleId"):
        words = "Which role do the moderators have? It is mentioned when somebody is in need."
        chosen = questions.role(asking, "ModeratorRoleId", words, main, mods, 1 << 40, draft)
        draft.put(ModeratorRoleId=str(chosen))
    _answer_channels(setup, servers)
    if not draft.has("TimeZone"):
        zone = questions.time_zone(asking, draft.get("TimeZone"))
        draft.put(TimeZone=zone, **guesses.windows(zone))
    if not draft.has("AlertAddress"):
        draft.put(AlertAddress=questions.mail(asking, draft.get("AlertAddress") or guesses.mail(who)))
    if not draft.has("DatabaseClass"):
        _summary(setup, accounts)
        draft.put(**questions.size(asking, draft))


def _answer_channels(setup: Setup, servers: Mapping[str, Server]) -> None:
    asking, draft = setup.asking, setup.draft
    kept = draft.settings.channels
    if not draft.has("AnnouncementsChannel") or "announcements" not in kept:
        chosen = questions.announcements(asking, servers["main"], kept.get("announcements", ""))
        draft.put_channel("announcements", chosen.id)
        draft.put(AnnouncementsChannel=str(chosen.id))
    if draft.again or "admins" not in kept:
        draft.put_channel("admins", questions.admins(asking, servers["main"], kept.get("admins", "")).id)
    if draft.again or "posts" not in kept:
        draft.put_channel("posts", questions.posts(asking, list(servers.values()), kept.get("posts", "")).id)


def _summary(setup: Setup, accounts: Mapping[str, Account]) -> None:
    owner = accounts["main"].owner_id
    setup.asking.say(
        f"\nYour answers are in {setup.draft.file.name}. The user {owner} owns the game."
        " Making it takes AWS about 20 minutes."
    )


# --- making it ---


def make(setup: Setup, options: Options, target: Target, accounts: Mapping[str, Account]) -> None:
    """From the answers to a game that serves; raises typer.Exit at the first failure, which is said."""
    draft = setup.draft
    release = deploy.Release(target, draft.settings.overrides, options.build_dir, yes=True, brief=True)
    making = Making(
        target,
        accounts,
        release,
        draft.settings.channels,
        setup.base_url,
        settings.buttons_file(draft.file),
        built=options.built,
    )
    began = time.monotonic()
    for name, step in making.steps():
        deploy.done(name, step)
    _end(setup, target, accounts, (time.monotonic() - began) / 60)


def _end(setup: Setup, target: Target, accounts: Mapping[str, Account], minutes: float) -> None:
    """The doctor, and what to say to the server."""
    asking = setup.asking
    asking.say("\n[bold]doctor[/]")
    held = {app: account.token for app, account in accounts.items()}
    found = tuple(doctor.run_checks(Context(target, held, setup.base_url)))
    show(found, as_json=False, brief=True)
    asking.say(f"\n[bold green]The game is live[/] ({minutes:.0f} min). Say to your server, in your own words:\n")
    asking.console.print(by_hand.draft(target), markup=False)
    if address := setup.draft.get("AlertAddress"):
        asking.say(f"Open the mail of AWS to {address} once, and confirm: until then no alarm comes by e-mail.")
    if setup.replaced:
        asking.say(REPLACED)
    asking.say("Then `.venv/bin/ops launch-check`, before you invite anybody. `.venv/bin/ops doctor` at any time.")
    if any(one.state is State.WRONG and one.what not in KNOWN_LATER for one in found):
        raise typer.Exit(1)
