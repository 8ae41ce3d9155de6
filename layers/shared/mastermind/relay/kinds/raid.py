"""The bot's post about a raid, edited as the raid goes: half, nearly, over (docs/rules/raids.md, The post)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from mastermind.commands.parts import announcement_cards
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import EditMessage
from mastermind.game.announcements import table as announcements
from mastermind.game.announcements.actions import RAID_KIND
from mastermind.game.raids import table as raids
from mastermind.postgres.exchange import only
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.commands import Commands
    from mastermind.discord.requests import Message as Sent
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, scene: Scene) -> EditMessage | None:
    """How the raid stands now, whatever stage the row is about."""
    raid_id = int(entry.refs["raid_id"])
    post = announcements.raid_posts(conn, raid_id).fetchone()
    if post is None:
        return None
    raid = only(raids.find(conn, raid_id))
    return EditMessage(post.channel_id, post.message_id, message(raid, scene.commands))


def message(raid: Raid, commands: Commands) -> Sent:
    shown = Message((announcement_cards.of_raid(raid),), private=False)
    return cast("Sent", render(shown, commands)["data"])


KIND = Kind(RAID_KIND, Priority.NEWS, timedelta(minutes=30), _compose)
