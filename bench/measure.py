"""Measures the lines: plays events through the functions and their peers, under the counter and beside it."""

from __future__ import annotations

from compileall import compile_dir
from copy import replace
from functools import cached_property
from typing import TYPE_CHECKING

from bench import counter, pieces
from bench.stage import MEMBER, PEER_PACKAGES, PEERS, PLACE, bootstrap, size
from devkit import discord_client as discord
from mastermind.bot.custom_ids import make
from mastermind.discord import tokens
from mastermind.game.challenges import content as challenges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.counter import Counter, Counts
    from bench.stage import Stage
    from devkit.json_types import Json

MANY = counter.FEW + 20
CALLS = 20_000
MEGABYTE = 1024 * 1024

PEER_FOLDERS = {
    "bare": "bare",
    "tutorial": "tutorial",
    "official + Flask": "flask_official",
    "FastAPI": "fastapi_nacl",
    "hikari": "hikari_bot",
}
CHANNEL: Json = {"id": "700000000000000004", "type": 0, "name": "general", "permissions": "442368", "parent_id": None}

IN_LAMBDA = {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
"""With it the functions load the driver in INIT; the lines of PONG and /help count them without what they do not need.
"""


class Measurement:
    """Figures by their lines' keys, in the lines' units."""

    def __init__(self, stage: Stage, count: Counter) -> None:
        self._stage, self._count = stage, count
        compile_dir(PEERS, quiet=1)  # as what is installed is
        self.bare = self._peer("bare", self._pings)

    def guarded(self) -> dict[str, float]:
        """What `make prove` compares: no more than takes two minutes."""
        ping, help_, page = self._ping, self._help, self._page
        return {
            "bare": _millions(self.bare.first),
            "first-pong": _millions(ping.first),
            "first-help": _millions(help_.first),
            "first-page": _millions(self._plain_page.first),
            "first-page-inside": _millions(self._plain_page.answers[0]),
            "warm-ping": _millions(ping.warm),
            "warm-help": _millions(help_.warm),
            "warm-page": _millions(page.warm),
            "warm-tick": _millions(self._tick.warm),
            "award": _millions(self._awards.others[0] // pieces.AWARDS),
        }

    def all(self) -> dict[str, float]:
        """Every line."""
        card = self._played("main", "cards", self._cards)
        without_tls, without_queue_tls = self._stage.plain_database | IN_LAMBDA, self._stage.plain_queue | IN_LAMBDA
        plain_card = self._played("main", "cards", self._cards, without_tls, answers=1)
        compared = self._played("main", "cards-roles", self._cards_with_roles, IN_LAMBDA | {"MEMBER_ROLES": "on"})
        plain_tick = self._played("tensey", "ticks", self._ticks(1), without_queue_tls, answers=1)
        return {
            **self.guarded(),
            "first-page-tls": _millions(self._page.first - self._plain_page.first),
            "first-card": _millions(plain_card.first),
            "first-card-inside": _millions(plain_card.answers[0]),
            "first-tick": _millions(self._tick.first),
            "first-tick-tls": _millions(self._tick.first - plain_tick.first),
            "warm-card": _millions(card.warm),
            "warm-card-roles": _millions(compared.warm),
            **self._pieces(),
            **self._memory(),
            "layer": size(self._stage.layer) / MEGABYTE,
        }

    def splits(self) -> dict[str, Counts]:
        """First answers in parts, after Lambda's own bootstrap and with all that INIT loads."""
        return {
            "PONG": self._split("tensey", self._pings),
            "`/help`": self._split("main", self._helps),
            "`/tenseylist`": self._split("tensey", self._lists),
            "`/scorecard`": self._split("main", self._cards),
            "tick with its message": self._split("tensey", self._ticks(2)),
        }

    def peers(self) -> dict[str, dict[str, float]]:
        """The same lines of each peer, by its name."""
        return {name: self._lines_of_peer(folder) for name, folder in PEER_FOLDERS.items()}

    # --- what is played ---

    @property
    def _pings(self) -> list[Json]:
        return [discord.ping(PLACE)] * MANY

    @property
    def _helps(self) -> list[Json]:
        return [{**discord.command(PLACE, MEMBER, "help"), "channel": CHANNEL}] * MANY

    @property
    def _lists(self) -> list[Json]:
        return [discord.command(PLACE, MEMBER, "tenseylist") for _ in range(MANY)]

    @property
    def _cards(self) -> list[Json]:
        return [discord.command(PLACE, MEMBER, "scorecard") for _ in range(MANY)]

    @property
    def _cards_with_roles(self) -> list[Json]:
        """As in a server in which members have five roles."""
        user = replace(MEMBER, roles=tuple(MEMBER.id + number for number in range(1, 6)))
        return [discord.command(PLACE, user, "scorecard") for _ in range(MANY)]

    def _ticks(self, member: int) -> list[Json]:
        """Ticks of a member of their own: what is ticked stays so for the next process."""
        user = discord.User(id=MEMBER.id + member)
        ids = list(challenges.load().by_id)[:MANY]
        return [
            discord.component(PLACE, user, make("tenseylist", "tick", user.id, challenge, 1, 1, "open"))
            for challenge in ids
        ]

    @cached_property
    def _ping(self) -> Counts:
        return self._played("tensey", "pings", self._pings, {})

    @cached_property
    def _help(self) -> Counts:
        return self._played("main", "helps", self._helps, {})

    @cached_property
    def _page(self) -> Counts:
        return self._played("tensey", "lists", self._lists)

    @cached_property
    def _plain_page(self) -> Counts:
        return self._played("tensey", "lists", self._lists, self._stage.plain_database | IN_LAMBDA, answers=1)

    @cached_property
    def _tick(self) -> Counts:
        return self._played("tensey", "ticks", self._ticks(0))

    # --- how it is counted ---

    def _played(
        self,
        app: str,
        name: str,
        payloads: Sequence[Json],
        variables: Mapping[str, str] = IN_LAMBDA,
        *,
        answers: int = MANY,
    ) -> Counts:
        """All of them, or the first answers; in the environment of production, changed by `variables`."""
        play = [self._stage.written(app, name, payloads), str(answers)]
        return self._count.played(play, self._stage.environment(app) | dict(variables), self._stage.path(app))

    def _split(self, app: str, payloads: Sequence[Json]) -> Counts:
        play = [self._stage.written(app, "split", payloads), "1", "bootstrap"]
        path = [*self._stage.path(app), bootstrap(self._stage.folder)]
        return self._count.played(play, self._stage.environment(app) | IN_LAMBDA, path)

    def _pieces(self) -> dict[str, float]:
        environment, layer = self._stage.environment("tensey"), self._stage.layer / "python"
        extras = self._stage.builds["ExtrasLayer"] / "python"
        interpreter = self._count.piece("import os; os.getpgrp(); os._exit(0)", {}).first
        ours = self._count.piece(pieces.SEND, environment, [layer])
        sdk = self._count.piece(pieces.SEND_SDK, environment, [layer, extras])
        key = {"TOKEN_PUBLIC_KEY": tokens.public_key_of(tokens.make_private_key())}
        return {
            "message": _millions(ours.first - interpreter),
            "message-sdk": _millions(sdk.first - interpreter),
            "warm-message": _millions(ours.warm),
            "warm-message-sdk": _millions(sdk.warm),
            "warm-seal": _millions(self._count.piece(pieces.SEAL, environment | key, [layer]).warm),
            "award-of-ten": _millions(self._awards.others[1] // pieces.AWARDS),
        }

    @cached_property
    def _awards(self) -> counter.Piece:
        """The first is of a thousand awards one by one, the second of a thousand in batches."""
        ids = self._stage.folder / "awards.txt"
        ids.write_text("\n".join(pieces.due_awards(self._stage.owner_url)), encoding="utf-8")
        environment = self._stage.environment("award") | {"AWARD_IDS": str(ids)}
        return self._count.piece(pieces.AWARD, environment, self._stage.path("award"))

    def _memory(self) -> dict[str, float]:
        pong = self._remembered("pings", self._pings, 1)
        page = self._remembered("lists", self._lists, 1)
        mixed = self._remembered("mixed", [*self._pings[:4], self._lists[0]], CALLS)
        growth = (mixed.late - mixed.early) / 1024
        return {"memory-pong": pong.peak / 1024, "memory-page": page.peak / 1024, "memory-growth": growth}

    def _remembered(self, name: str, payloads: Sequence[Json], calls: int) -> counter.Memory:
        play = [self._stage.written("tensey", name, payloads), str(calls)]
        variables = {} if name == "pings" else IN_LAMBDA
        return counter.remembered(play, self._stage.environment("tensey") | variables, self._stage.path("tensey"))

    def _peer(self, folder: str, payloads: Sequence[Json]) -> Counts:
        play = [self._stage.written("main", "peer", payloads), str(len(payloads))]
        return self._count.played(play, self._stage.shared, [PEERS / folder, PEER_PACKAGES])

    def _lines_of_peer(self, folder: str) -> dict[str, float]:
        ping, help_ = self._peer(folder, self._pings), self._peer(folder, self._helps)
        play = [self._stage.written("main", "peer", self._pings), "1"]
        memory = counter.remembered(play, self._stage.shared, [PEERS / folder, PEER_PACKAGES])
        return {
            "first-pong": _millions(ping.first),
            "first-help": _millions(help_.first),
            "warm-ping": _millions(ping.warm),
            "warm-help": _millions(help_.warm),
            "memory-pong": memory.peak / 1024,
        }


def _millions(instructions: int) -> float:
    return round(instructions / 1e6, 3)
