"""`ops smoke`: what every release must do. A forged signature is refused, and the smoke set is answered well.

In the local cloud Discord is us: each command is signed and travels through the API. On AWS nobody but Discord can
sign, so the functions themselves are asked, by a way that IAM guards, to rehearse the command: all of it happens, and
nothing of it stays.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httpx
import typer
from rich.console import Console
from rich.table import Table

from devkit.discord_client import (
    Answer,
    DiscordClient,
    Place,
    User,
    command,
    new_private_key,
    ping,
    read_answer,
    signed_headers,
    snowflake,
)
from devkit.inspection import violations
from mastermind.bot.dispatch import UNKNOWN_COMMAND, WRONG_APPLICATION, WRONG_SERVER
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.entrypoints.endpoint import UNAVAILABLE
from ops.world import AsJson, Missing, RegionName, StackName, World, Yes, find, say_json, sure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devkit.discord_client import Json, Value

APPS = ("main", "tensey")
WITHIN = 3.0
"""Seconds that Discord waits for an answer."""

SORRY = "Something went wrong on our side"
BAD_WORDS = (UNAVAILABLE, SORRY, UNKNOWN_COMMAND, WRONG_APPLICATION, WRONG_SERVER)
"""What a member is told when a command did not do its work, though the answer is a good one to Discord."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the smoke set, and words that stand in its answer whatever the state of the game."""

    app: str
    name: str
    says: tuple[str, ...]
    options: Mapping[str, Value] = field(default_factory=dict[str, "Value"])


SMOKE_SET = (
    Step("main", "submit-stats", ("today",)),
    Step("main", "scorecard", ("XP",)),
    Step("main", "leaderboard", ("XP", "Page")),
    Step("main", "help", ("/submit-stats",)),
    Step("main", "start-raid", ("raid",), {"type": "warrior", "duration": 15, "target": 100}),
    Step("main", "security health", ("Health:",)),
    Step("tensey", "tenseylist", ("Level",)),
    Step("tensey", "tenseyleaderboard", ("challenge",)),
)
"""The smoke set: every release passes it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a step came to: empty `trouble` is a pass. `answer` is what a person would have read."""

    what: str
    seconds: float
    trouble: str
    answer: str = ""


def smoke(
    *,
    stack: StackName = None,
    region: RegionName = None,
    rehearse: bool = typer.Option(False, "--rehearse", help="Leave nothing behind in the local cloud either."),
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Refuse a forged signature, then play the smoke set; nothing of it stays on AWS."""
    world = find(stack, region)
    if world.is_local and not rehearse:
        sure("This plays as a made-up member of the local game, and starts a raid if none runs. Go on?", yes=yes)
    with closing(world):
        tried = tuple(play(world, rehearse=rehearse or not world.is_local))
    show(tried, as_json=as_json)
    if any(one.trouble for one in tried):
        raise typer.Exit(1)


def show(tried: tuple[Tried, ...], *, as_json: bool) -> None:
    if as_json:
        return say_json([{"step": one.what, "seconds": one.seconds, "trouble": one.trouble} for one in tried])
    table = Table("", "step", "seconds", "", box=None)
    for one in tried:
        table.add_row("[red]✗[/]" if one.trouble else "[green]✓[/]", one.what, f"{one.seconds:.2f}", one.trouble)
    return Console(highlight=False).print(table)


def play(world: World, *, rehearse: bool) -> Iterator[Tried]:
    """Every step as it was tried; one that fails keeps none from being tried."""
    yield from (forged(world, app) for app in APPS)
    admin = User(snowflake(), "Smoke Test", permissions=ADMINISTRATOR)
    for step in SMOKE_SET:
        yield _tried(
            f"/{step.name}", _player(world, step, admin, rehearse=rehearse), lambda one, s=step: trouble(one, s)
        )


def _player(world: World, step: Step, user: User, *, rehearse: bool) -> Callable[[], Answer]:
    return (lambda: rehearsed(world, step, user)) if rehearse else (lambda: _signed(world, step, user))


def _tried(what: str, ask: Callable[[], Answer], judge: Callable[[Answer], str]) -> Tried:
    began = time.perf_counter()
    try:
        answer = ask()
    except (Missing, httpx.HTTPError, ValueError, KeyError) as error:
        return Tried(what, time.perf_counter() - began, f"{error}" or type(error).__name__)
    return Tried(what, answer.seconds, judge(answer), answer.text)


def place(world: World, app: str) -> Place:
    """Where its commands are used; raises Missing when the stack does not say."""
    try:
        known = world.parameters
        return Place(int(known[f"{app.title()}ApplicationId"]), int(known["GuildId"]))
    except (KeyError, ValueError):
        raise Missing(f"{world} does not say which application {app} is") from None


def forged(world: World, app: str) -> Tried:
    """A PING that is well signed, by somebody who is not Discord."""

    def ask() -> Answer:
        body = json.dumps(ping(place(world, app))).encode()
        headers = signed_headers(new_private_key(), body, time.time())
        began = time.perf_counter()
        response = httpx.post(
            world.url(f"{app.title()}InteractionsUrl"),
            content=body,
            headers=headers,
            timeout=15,
            trust_env=not world.endpoint_url,
        )
        return Answer(response.status_code, {}, time.perf_counter() - began)

    def judge(answer: Answer) -> str:
        return "" if answer.status == 401 else f"answers {answer.status} to a forged signature instead of 401"

    return _tried(f"a forged signature, {app}", ask, judge)


def _signed(world: World, step: Step, user: User) -> Answer:
    assert world.known is not None
    with DiscordClient.from_endpoints(world.known, step.app) as discord:
        return discord.command(step.name, step.options, user=user)


def rehearsed(world: World, step: Step, user: User) -> Answer:
    """The answer of the function itself, which keeps nothing of it."""
    return operate(world, step.app, command(place(world, step.app), user, step.name, step.options), rehearsal=True)


def operate(world: World, app: str, payload: Json, *, rehearsal: bool) -> Answer:
    """What the function answers to an interaction for which this operator vouches in Discord's place."""
    began = time.perf_counter()
    response = world.ask(f"interactions-{app}", {"operator": {"interaction": payload, "rehearsal": rehearsal}})
    seconds = time.perf_counter() - began
    headers = cast("dict[str, str]", response.get("headers", {}))
    shown, files = read_answer(headers.get("content-type", ""), _bytes(response))
    return Answer(int(response.get("statusCode", 0)), shown, seconds, files)


def _bytes(response: Mapping[str, object]) -> bytes:
    from base64 import b64decode

    body = str(response.get("body", ""))
    return b64decode(body) if response.get("isBase64Encoded") else body.encode()


def trouble(answer: Answer, step: Step) -> str:
    """What is wrong with an answer, empty when nothing is."""
    if answer.status != 200 or answer.kind != 4:
        return f"answers {answer.status}, type {answer.kind}: no message"
    if bad := next((words for words in BAD_WORDS if words in answer.text), ""):
        return f"says: {bad}"
    if missing := [words for words in step.says if words.lower() not in answer.text.lower()]:
        return f"does not say {', '.join(missing)}"
    if broken := violations(answer.body):
        return f"breaks Discord's limits: {'; '.join(broken)}"
    return f"took {answer.seconds:.1f} s; Discord waits {WITHIN:.0f}" if answer.seconds > WITHIN else ""
