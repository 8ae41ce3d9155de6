"""A game in a local cloud, and what the tests ask of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, override

import httpx
import psycopg

from devkit.discord_client import Answer, DiscordClient, User, snowflake
from local.demo import button
from mastermind.entrypoints.endpoint import UNAVAILABLE
from tests.cloud.running import PATIENCE
from tests.waiting import wait_for

if TYPE_CHECKING:
    from devkit.json_types import Json
    from local.cloud import Cloud


class Patient(DiscordClient):
    """Sends again what a stalled machine kept from being done in time, as a member would: it counts once."""

    @override
    def send(self, payload: Json) -> Answer:
        until = time.monotonic() + PATIENCE
        while UNAVAILABLE in (answer := super().send(payload)).text and time.monotonic() < until:
            pass
        return answer


class Game:
    """A running cloud and what the tests ask of it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.main = Patient.from_endpoints(cloud.endpoints, "main")
        self.tensey = Patient.from_endpoints(cloud.endpoints, "tensey")

    def close(self) -> None:
        self.main.close()
        self.tensey.close()

    def newcomer(self) -> User:
        return User(snowflake(), "Alex")

    def xp(self, member: User) -> int:
        card = self.main.command("scorecard", user=member)
        line = next(line for line in card.text.splitlines() if line.startswith("**XP:**"))
        return int("".join(letter for letter in line if letter.isdigit()))

    def tick(self, member: User) -> Answer:
        """Tick the first open challenge of that chapter; the answer is the changed list."""
        return self.tensey.component(button(self.open_challenges(member), "tick"), user=member)

    def open_challenges(self, member: User) -> Answer:
        """A chapter that no day chooses its challenge from, so that a tick is worth 100 XP on any date."""
        return self.tensey.command("tenseylist", {"level": "14", "show": "open"}, user=member)

    def await_xp(self, member: User, xp: int) -> None:
        wait_for(lambda: self.xp(member) == xp, PATIENCE)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.cloud.postgres.owner_url, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def fill_ledger(self, member: User) -> None:
        """Give the member so many rows that an export of them goes by a link."""
        self.rows(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " SELECT id, 1, 'adjustment', 'admin', id || ':' || n, '2026-11-01'"
            " FROM (SELECT %s::bigint AS id) AS member, generate_series(1, 3000) AS n RETURNING 1",
            member.id,
        )

    def newest(self, member: User) -> tuple[Any, ...]:
        """The id, the status and whether it was sent of the member's newest award."""
        query = "SELECT award_id, status, sent_at IS NOT NULL FROM pending_xp_awards WHERE user_id = %s"
        return self.rows(f"{query} ORDER BY created_at DESC LIMIT 1", member.id)[0]

    def sweep(self) -> dict[str, Any]:
        """What the schedule does each minute, now."""
        name = self.cloud.endpoints["functions"]["xp_award"]
        answer = self.cloud.aws.functions.invoke(FunctionName=name, Payload=json.dumps({"sweep": True}))
        return json.loads(answer["Payload"].read())

    def has_swept_to(self, member: User, xp: int) -> bool:
        """Whether the member has that XP after a sweep."""
        self.sweep()
        return self.xp(member) == xp

    def consistent(self) -> bool:
        """I1 of the award: what members have is the sum of their ledgers."""
        booked = "SELECT coalesce(sum(xp), 0) FROM xp_ledger WHERE user_id = u.user_id"
        return self.rows(f"SELECT count(*) FROM users u WHERE xp <> ({booked})") == [(0,)]  # noqa: S608 (our own words)


def announcements(game: Game, member: User) -> list[dict[str, Any]]:
    """What the stand-in for Discord's webhooks has received about the member."""
    received = httpx.get(game.cloud.endpoints["webhooks_received_url"], timeout=60).json()
    return [one for one in received if member.name in one["message"].get("content", "")]
