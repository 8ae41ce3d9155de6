"""`ops smoke`: what every release must do. A forged signature is refused, and the smoke set is answered correctly.

In the local cloud we stand in for Discord: each command is signed and sent through the API. On AWS only Discord can
sign, so the functions are invoked directly, which IAM protects, to rehearse the command: it runs in full and is
rolled back.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httpx
import typer
from rich.markup import escape
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
from mastermind.bot.dispatch import WRONG_APPLICATION, WRONG_SERVER
from mastermind.bot.finding import UNKNOWN_COMMAND
from mastermind.bot.registry import APPS
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.entrypoints.endpoint import UNAVAILABLE
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devkit.discord_client import Value

WITHIN = 3.0
"""Seconds that Discord waits for an answer."""

TRIES = 4
"""How often a command is played whose answer is right and only late: after a deploy the first one starts a process."""

SORRY = "Something went wrong on our side"
NO_ANSWER = (TargetError, httpx.HTTPError, ValueError, KeyError)
"""What may keep a command from being answered, or its answer from being one."""

BAD_WORDS = (UNAVAILABLE, SORRY, UNKNOWN_COMMAND, WRONG_APPLICATION, WRONG_SERVER)
"""Texts of a command that failed, in an answer that is valid to Discord."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the smoke set, and texts that its answer contains in any state of the game."""

    app: str
    name: str
    says: tuple[str, ...]
    options: Mapping[str, Value] = field(default_factory=dict[str, "Value"])


SMOKE_SET = (
    Step("main", "submit-stats", ("today",)),
    Step("main", "scorecard", ("XP",)),
    Step("main", "leaderboard", ("XP this week",)),
    Step("main", "help", ("/submit-stats",)),
    Step("main", "start-raid", ("raid",), {"type": "warrior", "duration": 15, "target": 100}),
    Step("main", "security health", ("Health:",)),
    Step("tensey", "tenseylist", ("Chapter",)),
    Step("tensey", "tenseyleaderboard", ("challenge",)),
)
"""The smoke set: every release passes it."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a step: an empty `problem` is a pass. `answer` is the text for the member."""

    what: str
    seconds: float
    problem: str
    answer: str = ""


def smoke(
    *,
    stack: StackName = None,
    region: RegionName = None,
    rehearse: bool = typer.Option(False, "--rehearse", help="Leave nothing behind in the local cloud either."),
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Check that a forged signature is refused, then play the smoke set. On AWS it is rolled back."""
    target = find_game(stack, region)
    if target.is_local and not rehearse:
        confirm("This plays as a made-up member of the local game, and starts a raid if none runs. Go on?", yes=yes)
    with closing(target):
        results = tuple(play(target, rehearse=rehearse or not target.is_local))
    show(results, as_json=as_json)
    if any(one.problem for one in results):
        raise typer.Exit(1)


def show(results: tuple[StepResult, ...], *, as_json: bool) -> None:
    if as_json:
        return print_json([{"step": one.what, "seconds": one.seconds, "problem": one.problem} for one in results])
    table = Table("", "step", "seconds", "", box=None)
    for one in results:
        table.add_row(
            "[red]✗[/]" if one.problem else "[green]✓[/]", one.what, f"{one.seconds:.2f}", escape(one.problem)
        )
    return Console(highlight=False).print(table)


def play(target: Target, *, rehearse: bool) -> Iterator[StepResult]:
    """The result of every step; all are run even if some fail."""
    yield from (forged(target, app) for app in APPS)
    admin = User(snowflake(), "Smoke Test", permissions=ADMINISTRATOR)
    for step in SMOKE_SET:
        ask = _player(target, step, admin, rehearse=rehearse)
        yield _tried(f"/{step.name}", lambda ask=ask, s=step: in_time(ask, s), lambda one, s=step: problem_with(one, s))


def _player(target: Target, step: Step, user: User, *, rehearse: bool) -> Callable[[], Answer]:
    return (lambda: rehearsed(target, step, user)) if rehearse else (lambda: _signed(target, step, user))


def in_time(ask: Callable[[], Answer], step: Step) -> Answer:
    """The first answer that is wrong or in time; the last of TRIES if each is right and late."""
    for _ in range(TRIES - 1):
        answer = ask()
        if answer.seconds <= WITHIN or wrong_with(answer, step):
            return answer
    return ask()


def _tried(what: str, ask: Callable[[], Answer], check: Callable[[Answer], str]) -> StepResult:
    began = time.perf_counter()
    try:
        answer = ask()
    except NO_ANSWER as error:
        return StepResult(what, time.perf_counter() - began, f"{error}" or type(error).__name__)
    return StepResult(what, answer.seconds, check(answer), answer.text)


def place(target: Target, app: str) -> Place:
    """The application and server of its commands; raises TargetError if the stack does not have them."""
    try:
        known = target.parameters
        return Place(int(known[f"{app.title()}ApplicationId"]), int(known["GuildId"]))
    except (KeyError, ValueError):
        raise TargetError(f"{target} does not say which application {app} is") from None


def forged(target: Target, app: str) -> StepResult:
    """A PING with a valid signature by a key that is not Discord's."""

    def ask() -> Answer:
        body = json.dumps(ping(place(target, app))).encode()
        headers = signed_headers(new_private_key(), body, time.time())
        began = time.perf_counter()
        response = httpx.post(
            target.url(f"{app.title()}InteractionsUrl"),
            content=body,
            headers=headers,
            timeout=15,
            trust_env=not target.endpoint_url,
        )
        return Answer(response.status_code, {}, time.perf_counter() - began)

    def check(answer: Answer) -> str:
        return "" if answer.status == 401 else f"answers {answer.status} to a forged signature instead of 401"

    return _tried(f"a forged signature, {app}", ask, check)


def _signed(target: Target, step: Step, user: User) -> Answer:
    assert target.endpoints is not None
    with DiscordClient.from_endpoints(target.endpoints, step.app) as discord:
        return discord.command(step.name, step.options, user=user)


def rehearsed(target: Target, step: Step, user: User) -> Answer:
    """The answer of the function itself, which rolls everything back."""
    payload = command(place(target, step.app), user, step.name, step.options)
    began = time.perf_counter()
    response = target.invoke(f"interactions-{step.app}", {"operator": {"rehearsal": payload}})
    seconds = time.perf_counter() - began
    headers = cast("dict[str, str]", response.get("headers", {}))
    shown, files = read_answer(headers.get("content-type", ""), _bytes(response))
    return Answer(int(response.get("statusCode", 0)), shown, seconds, files)


def _bytes(response: Mapping[str, object]) -> bytes:
    from base64 import b64decode

    body = str(response.get("body", ""))
    return b64decode(body) if response.get("isBase64Encoded") else body.encode()


def problem_with(answer: Answer, step: Step) -> str:
    """What is wrong with an answer, or that it is too late; empty if nothing is."""
    late = f"took {answer.seconds:.1f} s; Discord waits {WITHIN:.0f}" if answer.seconds > WITHIN else ""
    return wrong_with(answer, step) or late


def wrong_with(answer: Answer, step: Step) -> str:
    """What is wrong with an answer, whenever it came; empty if nothing is."""
    if answer.status != 200 or answer.kind != 4:
        return f"answers {answer.status}, type {answer.kind}: no message"
    if bad := next((words for words in BAD_WORDS if words in answer.text), ""):
        return f"says: {bad}"
    if missing := [words for words in step.says if words.lower() not in answer.text.lower()]:
        return f"does not say {', '.join(missing)}"
    broken = violations(answer.body)
    return f"breaks Discord's limits: {'; '.join(broken)}" if broken else ""
