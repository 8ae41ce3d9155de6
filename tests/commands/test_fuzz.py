"""Anything at all, sent 10 000 times on each side of the signature and with secrets in every place.

The seed is the run's: `make prove SEED=n` draws others, and a failure prints it.
"""

from __future__ import annotations

import io
import json
import logging
import random
import secrets
import time
from collections import Counter
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from mastermind import observability
from mastermind.bot import custom_ids
from mastermind.bot import registry as catalogue
from mastermind.bot.call import Services
from mastermind.bot.dispatch import Dispatch
from mastermind.bot.moderators import Moderators
from mastermind.config import DiscordSettings, GameSettings, LogLevel, LogSettings
from mastermind.deadline import Deadline
from mastermind.entrypoints.endpoint import Endpoint
from mastermind.errors import BadRequest, Unavailable
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from tests.commands.crawl import lines
from tests.commands.moderating import ADA
from tests.commands.playing import ADMIN_ROLE, ALEX, KEY, MODERATOR_ROLE, OWNER, PLACE, SAM, UNHURRIED, Queue, Storage
from tests.commands.test_forged import ARGUMENTS, TYPED, WRITTEN, actions, value
from tests.discord.signing import rest_event
from tests.test_observability import AUTHORIZATION, BOT_TOKEN, INTERACTION_TOKEN, PASSWORD, SECRETS, SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.discord_client import User
    from devkit.json_types import Json
    from mastermind.bot.call import CommandDatabase
    from mastermind.postgres.connection import Connection as GameConnection
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

EACH = 10_000
GAME = GameSettings(60, "America/New_York", UNHURRIED)
STRANGER = discord.new_private_key()
APOLOGY = "Something went wrong"
REFUSED = {401, 404, 413}
CALM = {200, 400, 413}

ODD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, float("inf"), "", " ", "0", "-1", "9" * 25, "\0"),
    *(
        cast("list[object]", []),
        cast("Json", {}),
        [None],
        {"": None},
        [[[[7]]]],
        {"id": {"id": 7}},
        "x" * 5_000,
        "🦊" * 300,
        "\ud83e",
        "<@1>",
        "@everyone",
        "%s",
    ),
    *ARGUMENTS,
    *WRITTEN,
    *TYPED,
)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    seed = request.config.getoption("hypothesis_seed") or secrets.randbelow(10**9)
    print(f"seed {seed}")  # noqa: T201 # pytest shows it with a failure
    return random.Random(seed)  # noqa: S311 # repeatable, not secret


def endpoint(app: str, database: Callable[[], CommandDatabase]) -> Endpoint:
    key = discord.public_key(KEY)
    settings = DiscordSettings(PLACE.application_id, key, PLACE.guild_id or 0, ADMIN_ROLE, MODERATOR_ROLE, OWNER.id)

    def services(deadline: Deadline) -> Services:
        return Services(database, Queue, Queue, GAME, deadline, Storage, Queue, Queue)

    return Endpoint(Dispatch(app, Moderators(settings), partial(catalogue.find, app)), services)


def payload(app: str, chance: random.Random) -> Json:
    """What Discord could send: a line with its options, typing, a button, a select or a form."""
    user = chance.choice((ALEX, SAM, ADA))
    command = chance.choice(catalogue.commands(app))
    typed, options = chance.choice(list(lines(command)))
    given = {option.name: value(option, chance) for option in options if option.required or chance.random() < 0.5}
    pressed = [(path, action, form) for path, action, _, form in actions(command)]
    match chance.randrange(4 if pressed else 2):
        case 0:
            return discord.command(PLACE, user, typed, given)
        case 1:
            focused = next((option.name for option in options if option.autocomplete), "level")
            return discord.autocomplete(PLACE, user, typed, focused, {focused: str(chance.choice(ARGUMENTS))})
        case _:
            return _pressed(user, *chance.choice(pressed), chance)


def _pressed(user: User, path: str, action: str, form: bool, chance: random.Random) -> Json:
    arguments = chance.choices(ARGUMENTS, k=chance.randrange(4))
    made = custom_ids.make(path, action, chance.choice((0, user.id)))
    custom_id = ":".join((made, *arguments))[:100]
    if form:
        fields = {box: chance.choice(WRITTEN) for box in ("approaches", "word", "reason", "answer", "question")}
        return discord.modal(PLACE, user, custom_id, fields)
    return discord.component(PLACE, user, custom_id, chance.choice((None, [str(chance.choice(ARGUMENTS))])))


def places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every part of a JSON value."""
    if at:
        yield at
    found = cast("dict[str | int, object]", value) if isinstance(value, dict) else {}
    listed = enumerate(cast("list[object]", value)) if isinstance(value, list) else found.items()
    for key, inner in listed:
        yield from places(inner, (*at, key))


def mutated[T](value: T, chance: random.Random) -> T:
    """The value with one to four of its parts replaced, removed or repeated."""
    changed = deepcopy(value)
    for _ in range(chance.randrange(1, 5)):
        found = list(places(changed))
        if found:
            _mutate(changed, chance.choice(found), chance)
    return changed


def _mutate(value: object, path: tuple[str | int, ...], chance: random.Random) -> None:
    parent = value
    for key in path[:-1]:
        parent = cast("dict[str | int, object]", parent)[key]
    within, key = cast("dict[str | int, object]", parent), path[-1]
    match chance.randrange(4):
        case 0:
            del within[key]
        case 1 if isinstance(parent, list):
            cast("list[object]", parent).append(deepcopy(within[key]))
        case _:
            within[key] = deepcopy(chance.choice(ODD))


def event(body: str, headers: dict[str, str], app: str) -> dict[str, object]:
    return rest_event(f"/interactions/{app}", body, headers)


@pytest.mark.parametrize("app", catalogue.APPS)
def test_whatever_comes_without_a_valid_signature_is_refused_and_opens_no_connection(app: str, chance: random.Random):
    def database() -> CommandDatabase:
        raise AssertionError("a stranger reached the database")

    served = endpoint(app, database)
    for _ in range(EACH // len(catalogue.APPS)):
        body = json.dumps(mutated(payload(app, chance), chance) if chance.random() < 0.5 else payload(app, chance))
        key = STRANGER if chance.random() < 0.5 else KEY
        headers = discord.signed_headers(key, body.encode("utf-8", "replace"), time.time() - 400 * (key is KEY))
        sent: object = mutated(event(body, headers, app), chance)
        answered = served.serve(sent if chance.random() < 0.99 else chance.choice(ODD), Deadline.after(60))
        assert answered["statusCode"] in REFUSED, sent


@pytest.mark.parametrize("app", catalogue.APPS)
def test_whatever_discord_signs_gets_a_calm_answer(
    app: str, chance: random.Random, enter_as: EnterAs, owner: Connection
):
    courses.seed(owner, course.load())
    database = enter_as(f"app_{app}")
    served = endpoint(app, lambda: database)
    seen: Counter[object] = Counter()
    for _ in range(EACH // len(catalogue.APPS)):
        body = json.dumps(mutated(payload(app, chance), chance)).encode()
        headers = discord.signed_headers(KEY, body, time.time())
        answered = served.serve(event(body.decode(), headers, app), Deadline.after(60))
        assert answered["statusCode"] in CALM, body
        assert APOLOGY not in str(answered["body"]), body
        seen[answered["statusCode"]] += 1
    assert min(seen[200], seen[400]) > EACH // 50


# --- secrets ---

WHISPERED = "my dog is called Xerxes"
"""What a member typed: it may stand in their own answer, and in no log."""


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the functions log, as production does it."""
    before, stream = logging.root.handlers, io.StringIO()
    settings = LogSettings("Mastermind", LogLevel.DEBUG)
    observability.set_up("interactions_main", settings, secrets=[PASSWORD], stream=stream)
    yield stream
    logging.root.handlers = before


class Failing:
    """The database, or every other time an error that quotes a secret."""

    def __init__(self, database: CommandDatabase, chance: random.Random) -> None:
        self.database, self.chance = database, chance

    def run[T](self, work: Callable[[GameConnection], T], deadline: Deadline) -> T:
        if self.chance.random() < 0.5:
            words, _ = self.chance.choice(SECRETS)
            raise self.chance.choice((Unavailable, RuntimeError, BadRequest, LookupError))(words)
        return self.database.run(work, deadline)


def whispering(value: object) -> object:
    """The value with everything that was typed replaced by what was whispered."""
    if isinstance(value, dict):
        found = cast("Json", value)
        typed = {"value": WHISPERED} if isinstance(found.get("value"), str) else {}
        return {key: whispering(inner) for key, inner in found.items()} | typed
    return [whispering(one) for one in cast("list[object]", value)] if isinstance(value, list) else value


@pytest.mark.parametrize("app", catalogue.APPS)
def test_no_secret_comes_out_wherever_it_was_put_in(
    app: str,
    chance: random.Random,
    enter_as: EnterAs,
    owner: Connection,
    written: io.StringIO,
    capsys: pytest.CaptureFixture[str],
):
    courses.seed(owner, course.load())
    database = Failing(enter_as(f"app_{app}"), chance)
    served = endpoint(app, lambda: database)
    answers: list[object] = []
    for _ in range(EACH // len(catalogue.APPS)):
        plain = cast("Json", whispering(payload(app, chance)))
        sent: Json = plain | {"token": INTERACTION_TOKEN, "password": PASSWORD, "authorization": AUTHORIZATION}
        if chance.random() < 0.5:
            sent = mutated(sent, chance)
        body = json.dumps(sent).encode()
        headers = discord.signed_headers(chance.choice((KEY, KEY, STRANGER)), body, time.time())
        headers |= {"Authorization": AUTHORIZATION, "Cookie": f"token={BOT_TOKEN}"}
        asked = event(body.decode(), headers, app) | {"queryStringParameters": {"password": PASSWORD}}
        answers.append(served.serve(asked, Deadline.after(60)))
    logged = written.getvalue() + capsys.readouterr().out
    told = json.dumps(answers)
    assert min(map(logged.count, ("RuntimeError", "Unavailable"))) > EACH // 100  # errors were raised, and logged
    for secret in {INTERACTION_TOKEN, BOT_TOKEN, PASSWORD, SIGNATURE, *(secret for _, secret in SECRETS)}:
        assert secret not in logged, secret
        assert secret not in told, secret
    assert WHISPERED not in logged
    assert WHISPERED in told  # it is given back to who typed it
